// SPDX-License-Identifier: Apache-2.0
// What was found, what of it is ticked, and under which key it would be added.
import type { Hit } from "../api/admin_types";

export type Kind = "new" | "known" | "moved";

export const kindOf = (h: Hit): Kind => (h.known === null ? "new" : h.known.moved ? "moved" : "known");

const UMLAUTS: Record<string, string> = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };

/** The last part of a key: small letters, digits, hyphens. */
export function slug(text: string): string {
	return text
		.toLowerCase()
		.replace(/[äöüß]/g, (c) => UMLAUTS[c] ?? c)
		.normalize("NFD")
		.replace(/\p{M}/gu, "")
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "")
		.slice(0, 48);
}

/** How a device would be called when nobody says otherwise: by its own name, else by model and the end of the address. */
export function nameOf(h: Hit): string {
	const own = slug(h.sysname);
	if (own && !/^(unknown|localhost|ups|snmp|default|noname)$/.test(own)) return own;
	const tail = h.address.split(/[.:]/).slice(-2).join("-");
	return `${slug(h.model) || own || "device"}-${tail}`;
}

export const joinKey = (site: string, name: string): string => {
	const s = site.trim().replace(/^\/+|\/+$/g, "");
	return s ? `${s}/${name}` : name;
};

/** Keys for hits that have none yet; never one that is taken by a device or by another hit. */
export function suggest(
	hits: readonly Hit[],
	site: string,
	keys: ReadonlyMap<number, string>,
	taken: ReadonlySet<string>,
): Map<number, string> {
	const out = new Map(keys);
	const used = new Set([...taken, ...keys.values()]);
	for (const h of hits) {
		if (out.has(h.seq)) continue;
		const base = joinKey(site, nameOf(h));
		let key = base;
		for (let n = 2; used.has(key); n++) key = `${base}-${n}`;
		used.add(key);
		out.set(h.seq, key);
	}
	return out;
}

/** The same name under another site. */
export const moveTo = (key: string, site: string): string => joinKey(site, key.slice(key.lastIndexOf("/") + 1));

/** Keys that several ticked rows want, or that a device has already. */
export function clashes(
	ticked: Iterable<number>,
	keys: ReadonlyMap<number, string>,
	taken: ReadonlySet<string>,
): Set<number> {
	const first = new Map<string, number>();
	const bad = new Set<number>();
	for (const seq of ticked) {
		const key = (keys.get(seq) ?? "").trim();
		const other = first.get(key);
		if (other !== undefined) {
			bad.add(other);
			bad.add(seq);
		} else first.set(key, seq);
		if (!key || taken.has(key)) bad.add(seq);
	}
	return bad;
}

/** Addresses in the order people count them. */
export function byAddress(a: Hit, b: Hit): number {
	return a.address.localeCompare(b.address, "en", { numeric: true }) || a.port - b.port;
}

export function fits(h: Hit, words: readonly string[]): boolean {
	const hay =
		`${h.address} ${h.mfr} ${h.model} ${h.serial} ${h.sysname} ${h.profile_title} ${h.mac} ${h.known?.key ?? ""}`.toLowerCase();
	return words.every((w) => hay.includes(w));
}
