// SPDX-License-Identifier: Apache-2.0
// Keeps rows where they are while somebody points at them. Held rows are updated in place; those that ended stay, marked;
// new ones wait and are counted.
export interface HeldRows<T> {
	rows: T[];
	fresh: number;
}

export function held<T>(
	shown: readonly T[],
	current: readonly T[],
	hold: boolean,
	id: (row: T) => string,
	ended: (row: T) => T,
): HeldRows<T> {
	if (!hold || shown.length === 0) return { rows: [...current], fresh: 0 };
	const now = new Map(current.map((row) => [id(row), row]));
	const rows = shown.map((row) => now.get(id(row)) ?? ended(row));
	for (const row of shown) now.delete(id(row));
	return { rows, fresh: now.size };
}
