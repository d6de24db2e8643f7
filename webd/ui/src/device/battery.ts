// SPDX-License-Identifier: Apache-2.0
// Strings and blocks of a battery out of the points of a device: index "s2" is a string, "s2.b17" a block of it.
import type { Quality } from "../api/types";
import type { LivePoint } from "../state/device";

export interface Reading {
	value: number | null; // null: not there, or too old to be trusted
	text: string; // for what is no number
	quality: Quality;
	age: number | null;
}

export interface Unit {
	id: string; // "s2.b17", "s2"
	string: number;
	block: number; // 0: the string itself
	readings: Record<string, Reading>;
}

export interface Stats {
	n: number;
	min: number;
	max: number;
	mean: number;
	spread: number;
}

export interface Batteries {
	strings: Unit[];
	blocks: Unit[];
	stats: Map<string, Stats>; // "2 voltage": of the blocks of string 2
}

const INDEX = /^s(\d+)(?:\.b(\d+))?$/;
const NAME = /^battery\.(?:string|block)\.(.+)$/;

export const isBatteryPart = (name: string): boolean => NAME.test(name);

function statsOf(values: number[]): Stats | null {
	if (!values.length) return null;
	let min = Number.POSITIVE_INFINITY;
	let max = Number.NEGATIVE_INFINITY;
	let sum = 0;
	for (const v of values) {
		min = Math.min(min, v);
		max = Math.max(max, v);
		sum += v;
	}
	return { n: values.length, min, max, mean: sum / values.length, spread: max - min };
}

/** Values of unknown quality count for nothing: neither least nor greatest nor mean. */
export function collect(
	points: Iterable<LivePoint>,
	judge: (p: LivePoint) => { quality: Quality; age: number | null },
): Batteries {
	const units = new Map<string, Unit>();
	for (const p of points) {
		const what = NAME.exec(p.name)?.[1];
		const at = INDEX.exec(p.index);
		if (!what || !at) continue;
		const id = p.index;
		let u = units.get(id);
		if (!u) {
			u = { id, string: Number(at[1]), block: Number(at[2] ?? 0), readings: {} };
			units.set(id, u);
		}
		const j = judge(p);
		const trusted = j.quality !== "unknown" && j.quality !== "bad";
		u.readings[what] = {
			value: trusted && typeof p.value === "number" ? p.value : null,
			text: typeof p.value === "string" ? p.value : "",
			...j,
		};
	}
	const all = [...units.values()].sort((a, b) => a.string - b.string || a.block - b.block);
	const blocks = all.filter((u) => u.block > 0);
	const columns = new Map<string, number[]>();
	for (const b of blocks)
		for (const [what, r] of Object.entries(b.readings)) {
			if (r.value === null) continue;
			const key = `${b.string} ${what}`;
			const list = columns.get(key);
			if (list) list.push(r.value);
			else columns.set(key, [r.value]);
		}
	const stats = new Map<string, Stats>();
	for (const [key, values] of columns) {
		const s = statsOf(values);
		if (s) stats.set(key, s);
	}
	return { strings: addMissing(all, blocks), blocks, stats };
}

/** A string whose blocks are known is listed, even when nothing is measured of the string itself. */
function addMissing(all: Unit[], blocks: Unit[]): Unit[] {
	const strings = all.filter((u) => u.block === 0);
	const known = new Set(strings.map((s) => s.string));
	for (const b of blocks) {
		if (known.has(b.string)) continue;
		known.add(b.string);
		strings.push({ id: `s${b.string}`, string: b.string, block: 0, readings: {} });
	}
	return strings.sort((a, b) => a.string - b.string);
}

/** Steps of the heat colours: deviations from the mean of the string that are worth a look, and worth a visit. */
const STEPS: Record<string, { near: number; far: number; relative: boolean }> = {
	voltage: { near: 0.01, far: 0.025, relative: true },
	resistance: { near: 0.1, far: 0.25, relative: true },
	temperature: { near: 2, far: 4, relative: false },
};

/** -2 (far below the mean of its string) to 2 (far above); 0 also for what has no steps. */
export function heat(what: string, value: number, stats: Stats | undefined): number {
	const step = STEPS[what];
	if (!step || !stats || stats.n < 3) return 0;
	const off = value - stats.mean;
	const by = step.relative ? off / (Math.abs(stats.mean) || 1) : off;
	const size = Math.abs(by) >= step.far ? 2 : Math.abs(by) >= step.near ? 1 : 0;
	return by < 0 && size > 0 ? -size : size;
}

/** "min" or "max" when the block is the extreme of its string and the string has any spread. */
export function extreme(value: number, stats: Stats | undefined): "min" | "max" | "" {
	if (!stats || stats.n < 2 || stats.spread <= 0) return "";
	if (value === stats.min) return "min";
	return value === stats.max ? "max" : "";
}
