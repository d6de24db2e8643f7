// SPDX-License-Identifier: Apache-2.0
// A snapshot kept current by deltas. Deltas that come while a snapshot is on its way are kept and laid over it; those the
// snapshot already holds are dropped. So the order in which both arrive does not matter.
import { type Signal, signal } from "@preact/signals";
import { type Answer, ApiError } from "../api/client";
import { alreadyIn } from "../api/protocol";
import type { Problem } from "../api/types";

export type Phase = "loading" | "ready" | "error";

const MOST_PENDING = 20_000;

export class Synced<Body, Delta> {
	readonly phase: Signal<Phase> = signal("loading");
	readonly problem: Signal<Problem | null> = signal(null);
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
		if (this.phase.peek() === "error") this.phase.value = "loading";
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
		} catch (e) {
			if (!(e instanceof ApiError)) throw e;
			this.problem.value = e.problem;
			// old data stay on the screen: the offline bar and their ages say what they are worth
			if (this.phase.peek() === "ready") this.flush();
			else this.phase.value = "error";
		}
	}

	private flush(): void {
		const pending = this.pending;
		this.pending = [];
		for (const p of pending) if (!alreadyIn(p.id, this.at)) this.apply(p.delta);
	}

	forget(): void {
		this.pending = [];
		this.at = "";
		this.phase.value = "loading";
	}
}
