// SPDX-License-Identifier: Apache-2.0
// How many findings wait for somebody's judgement: the number in the navigation. Read now and then; the list itself belongs to its
// screen.
import { effect, signal } from "@preact/signals";
import { onSnapshotsWanted } from "./live";
import { me } from "./session";

export const openFindings = signal<number | null>(null);

const AGAIN_MS = 30_000;

export async function countFindings(): Promise<void> {
	try {
		const { getFindings } = await import("../api/admin");
		openFindings.value = (await getFindings()).total;
	} catch {
		openFindings.value = null; // not known: no number, rather than a wrong one
	}
}

export function startFindings(): void {
	const wanted = () => me.peek() && !me.peek()?.must_change && !document.hidden;
	setInterval(() => wanted() && void countFindings(), AGAIN_MS);
	onSnapshotsWanted(() => void countFindings());
	effect(() => {
		if (!me.value) openFindings.value = null;
	});
}
