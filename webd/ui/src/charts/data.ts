// SPDX-License-Identifier: Apache-2.0
// From the server's columns to what the chart draws: seconds, and a hole wherever samples are missing, so that a gap is never
// bridged by a line.
import type { Series } from "../api/types";

type Column = (number | null)[];

export interface Drawable {
	t: number[]; // Unix s
	min: Column;
	avg: Column;
	max: Column;
}

const GAP_FACTOR = 3;

function usualStep(t: readonly number[]): number {
	const steps: number[] = [];
	for (let i = 1; i < t.length; i++) steps.push((t[i] as number) - (t[i - 1] as number));
	steps.sort((a, b) => a - b);
	return steps[steps.length >> 1] ?? 0;
}

export function drawable(s: Series): Drawable {
	const out: Drawable = { t: [], min: [], avg: [], max: [] };
	const limit = usualStep(s.t) * GAP_FACTOR;
	s.t.forEach((at, i) => {
		const before = s.t[i - 1];
		if (before !== undefined && limit > 0 && at - before > limit) {
			out.t.push((before + limit / GAP_FACTOR) / 1000);
			out.min.push(null);
			out.avg.push(null);
			out.max.push(null);
		}
		out.t.push(at / 1000);
		const avg = s.avg[i] ?? null;
		out.avg.push(avg);
		out.min.push(s.min[i] ?? avg);
		out.max.push(s.max[i] ?? avg);
	});
	return out;
}

/** Room above and below the values; a flat line stands in the middle of a sensible range. */
export function range(min: number | null, max: number | null, unit: string): [number, number] {
	if (unit === "%") return [0, Math.max(100, max ?? 0)];
	if (min === null || max === null) return [0, 1];
	const span = Math.max(max - min, Math.abs(max) * 0.02, 1e-3);
	const low = min - span * 0.15;
	return [min >= 0 && low < 0 ? 0 : low, max + span * 0.15];
}
