// SPDX-License-Identifier: Apache-2.0
// A snapshot kept current by deltas. Deltas that come while a snapshot is on its way are kept and laid over it; those the
// snapshot already holds are dropped. So the order in which both arrive does not matter. What could not be read is tried again by
// itself, and until then `staleSince` says that what is shown may be old.
import { type Signal, signal } from "@preact/signals";
import { type Answer, ApiError } from "../api/client";
import { alreadyIn } from "../api/protocol";
import type { Problem } from "../api/types";

export type Phase = "loading" | "ready" | "error";

const MOST_PENDING = 20_000;
const RETRY_MS = 2000;
const RETRY_MOST_MS = 30_000;

export class Synced<Body, Delta> {
	readonly phase: Signal<Phase> = signal("loading");
	readonly problem: Signal<Problem | null> = signal(null);
	/** Unix ms of the first try in vain since the last that worked; 0: in step. */
	readonly staleSince: Signal<number> = signal(0);
	private tries = 0;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private at = "";
	private busy = false;
	private again = false;
	private pending: { id: string; delta: Delta }[] = [];

	constructor(
		private readonly fetch: () => Promise<Answer<Body>>,
		private readonly replace: (body: Body) => void,
		private readonly apply: (delta: Delta) => void,
	) {}

	delta(id: string, delta: Delta): void {
		if (this.busy || this.phase.peek() !== "ready") {
			this.pending.push({ id, delta });
			if (this.pending.length > MOST_PENDING) {
				this.pending = [];
				this.again = true;
			}
		} else if (!alreadyIn(id, this.at)) this.apply(delta);
	}

	async load(): Promise<void> {
		if (this.busy) {
			this.again = true;
			return;
		}
		this.busy = true;
		clearTimeout(this.timer);
		if (this.phase.peek() === "error" && !this.tries) this.phase.value = "loading";
		do {
			this.again = false;
			await this.once();
		} while (this.again && this.phase.peek() === "ready");
		this.busy = false;
	}

	private async once(): Promise<void> {
		try {
			const answer = await this.fetch();
			this.at = answer.seq;
			this.replace(answer.body);
			this.flush();
			this.problem.value = null;
			this.phase.value = "ready";
			this.staleSince.value = 0;
			this.tries = 0;
		} catch (e) {
			// whatever it is: who gives up here holds the list for ever
			const known = e instanceof ApiError;
			this.problem.value = known
				? e.problem
				: { type: "/problems/unreadable", title: String(e), status: 0 };
			if (!known) console.error(e);
			this.staleSince.value ||= Date.now();
			// old data stay on the screen: a bar and their ages say what they are worth
			if (this.phase.peek() === "ready") this.flush();
			else this.phase.value = "error";
			if (!known || e.status !== 401) this.later();
		}
	}

	private later(): void {
		const wait = Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** this.tries++);
		this.timer = setTimeout(() => void this.load(), wait);
		// in node a timer holds the process
		(this.timer as { unref?: () => void }).unref?.();
	}

	private flush(): void {
		const pending = this.pending;
		this.pending = [];
		for (const p of pending) if (!alreadyIn(p.id, this.at)) this.apply(p.delta);
	}

	forget(): void {
		clearTimeout(this.timer);
		this.tries = 0;
		this.staleSince.value = 0;
		this.pending = [];
		this.at = "";
		this.phase.value = "loading";
	}
}
