// SPDX-License-Identifier: Apache-2.0
// What the server says in English by itself (texts of built-in rules, of floods, groups, lost devices), in the language on the
// screen. Recognised by its wording: what somebody wrote himself stays as it is written.
import { computed } from "@preact/signals";
import { keysOf, tryT } from "./index";

/** What can stand in the place of a word in braces; the name of a point has a dot, so that no free text looks like one. */
const PLACE: Record<string, string> = {
	point: "[\\w-]+(?:\\.[\\w#-]+)+",
	unit: "\\S*",
	rule: "[a-z0-9_]+",
	...Object.fromEntries(["reason", "which", "site", "daemon"].map((n) => [n, ".+"])),
};
const NUMBER = "-?[\\d.]+(?:e[+-]?\\d+)?";
const HOLE = /\{([a-z]+)\}/g;

interface Pattern {
	key: string;
	shape: RegExp;
	names: string[];
}

const patterns = computed<Pattern[]>(() =>
	keysOf("say.")
		.filter((key) => key.includes("{"))
		.map((key) => {
			const parts = key.slice(4).split(HOLE);
			const names = parts.filter((_, i) => i % 2);
			const shape = parts.map((p, i) =>
				i % 2 ? `(${PLACE[p] ?? NUMBER})` : p.replace(/[.*+?^$()|[\]\\]/g, "\\$&"),
			);
			return { key, shape: new RegExp(`^${shape.join("")}$`, "s"), names };
		}),
);

export function said(text: string): string {
	const plain = tryT(`say.${text}`, "");
	if (plain) return plain;
	for (const p of patterns.value) {
		const m = p.shape.exec(text);
		if (!m) continue;
		// a word that stands twice has the same value both times
		const values = Object.fromEntries(p.names.map((n, i) => [n, m[i + 1] as string]));
		return tryT(p.key, text, values);
	}
	return text;
}
