// SPDX-License-Identifier: Apache-2.0
// Words for things the server names by code: severities, rules, states, status words, points.
import type { AlarmState, PointValue, Severity } from "../api/types";
import { quantity, region, t, tryT } from "./index";

const pretty = (code: string): string => {
	const words = code.replace(/[_.]/g, " ");
	return words.charAt(0).toUpperCase() + words.slice(1);
};

export const severityWord = (s: Severity): string => tryT(`severity.${s}`, s);
export const stateWord = (s: AlarmState): string => tryT(`state.${s}`, s);
export const ruleWord = (rule: string): string => tryT(`rule.${rule}`, pretty(rule));
export const kindWord = (kind: string): string => tryT(`kind.${kind}`, pretty(kind));

/** "OB LB" as "On battery, battery low". */
export function statusWords(status: string, comm: string): string {
	if (comm === "lost") return t("status.lost");
	if (comm === "never") return t("status.never");
	const words = status.split(" ").filter(Boolean);
	if (!words.length) return t("status.none");
	return words.map((w) => tryT(`status.${w}`, w)).join(", ");
}

/** Site keys are paths; people write the last part with capitals, and a country code at the top as the country. */
export function siteName(key: string): string {
	const last = key.slice(key.lastIndexOf("/") + 1);
	if (last === "unsorted") return t("site.unsorted");
	if (/^[a-z]{2}$/.test(last)) return (key === last && region(last.toUpperCase())) || last.toUpperCase();
	const words = last.split(/[-_]+/).filter(Boolean);
	// what has no vowel is an abbreviation: "dc-1" is DC 1
	return words
		.map((w) => (/[aeiouyäöü]/.test(w) ? w.charAt(0).toUpperCase() + w.slice(1) : w.toUpperCase()))
		.join(" ");
}

const PHASE = /\b(L[123](?:-N|-L[123])?)\b/;

/** The name of a point as people call it; the labels are in the catalogue under the patterns of the registry. */
export function pointLabel(name: string, index: string): string {
	const phase = PHASE.exec(name)?.[1] ?? "";
	const numbers = name.split(".").filter((s) => /^\d+$/.test(s));
	let seen = 0;
	const pattern = name.replace(PHASE, "{phase}").replace(/(?<=\.)\d+(?=\.|$)/g, () => (seen++ ? "{x}" : "{n}"));
	const template = tryT(`point.${pattern}`, pretty(name.slice(name.indexOf(".") + 1)));
	const place: Record<string, string> = { phase, index, n: numbers[0] ?? "", x: numbers[1] ?? "" };
	let rest = [phase, ...numbers, index].filter(Boolean);
	const label = template.replace(/\{(\w+)\}/g, (_, key: string) => {
		const v = place[key] ?? "";
		rest = rest.filter((r) => r !== v);
		return v;
	});
	// what the label has no place for comes behind it
	return [label.trim(), ...rest].join(" ");
}

const GROUPS = [
	...[
		"ups",
		"battery",
		"input",
		"bypass",
		"output",
		"rectifier",
		"module",
		"converter",
		"charger",
		"switch",
		"generator",
	],
	...["transformer", "feed", "breaker", "lvd", "cooling", "fan", "alarm", "device"],
];
/** In the order of the screen. */
export const POINT_GROUPS: readonly string[] = [...GROUPS, "other"];

export function pointGroup(name: string): string {
	const first = name.startsWith("input.bypass") ? "bypass" : (name.split(".")[0] ?? "");
	return GROUPS.includes(first) ? first : "other";
}

/** States of contacts, outlets and blocks come as single words. */
export const wordText = (word: string): string => word && tryT(`word.${word}`, word);

export function valueText(p: PointValue): { text: string; unit: string } {
	if (p.value === null || p.value === "") return { text: "–", unit: "" };
	if (typeof p.value === "boolean") return { text: p.value ? t("yes") : t("no"), unit: "" };
	if (typeof p.value === "number") return quantity(p.value, p.unit);
	if (p.name === "ups.status") return { text: statusWords(p.value, "ok"), unit: "" };
	if (/\.(status|source|mode|result)$/.test(p.name)) return { text: wordText(p.value), unit: "" };
	return { text: p.value, unit: "" };
}
