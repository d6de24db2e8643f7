// SPDX-License-Identifier: Apache-2.0
// What the holder of the stream (a SharedWorker, or the leading tab) and the tabs say to each other.

export type Connection = "connecting" | "live" | "lost";

/** Holder -> tab. */
export type Notice =
	| { k: "connection"; state: Connection; since: number; retry_at: number }
	| { k: "ready" } // the tab's topics are in force: now a snapshot and the deltas meet without a gap
	| { k: "resync" } // deltas were lost: fetch every snapshot again
	| { k: "event"; name: string; id: string; data: Record<string, unknown> }
	| { k: "tick" } // once a second; not throttled in hidden tabs
	| { k: "login-ended" };

/** Tab -> holder. */
export type Wish = { k: "topics"; topics: string[]; csrf: string } | { k: "here" } | { k: "retry" } | { k: "bye" };

/** Events that carry their own id and are compared with snapshots; all others are "latest wins". */
export const LOGGED: readonly string[] = ["alarm", "event", "state", "group"];

export interface Sequence {
	epoch: string;
	seq: number;
}

export function parseSequence(id: string): Sequence | null {
	const cut = id.lastIndexOf("-");
	const seq = Number(id.slice(cut + 1));
	if (cut <= 0 || !Number.isSafeInteger(seq)) return null;
	return { epoch: id.slice(0, cut), seq };
}

/** True when the delta `id` is already in the snapshot taken at `snapshot`. Unknown ids are applied: deltas are idempotent. */
export function alreadyIn(id: string, snapshot: string): boolean {
	const d = parseSequence(id);
	const s = parseSequence(snapshot);
	return d !== null && s !== null && d.epoch === s.epoch && d.seq <= s.seq;
}
