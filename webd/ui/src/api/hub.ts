// SPDX-License-Identifier: Apache-2.0
// Fans one Stream out to many tabs. A tab that does not answer ticks for 30 s is forgotten (closed, crashed, frozen);
// it announces itself again when it wakes.
import type { Notice, Wish } from "./protocol";
import { Stream, type World } from "./stream";

const FORGET_MS = 30_000;

interface Client {
	topics: string[];
	waiting: boolean; // wants "ready" for its newest topics
	seen: number;
}

export class Hub<Id> {
	private readonly clients = new Map<Id, Client>();
	private readonly stream: Stream;
	private csrf = "";

	constructor(
		private readonly send: (to: Id, notice: Notice) => void,
		private readonly world: World,
	) {
		this.stream = new Stream(
			{
				connection: (state, since, retry_at) =>
					this.all({ k: "connection", state, since, retry_at }),
				event: (name, id, data) => this.event(name, id, data),
				resync: () => this.all({ k: "resync" }),
				ready: () => this.ready(),
				loginEnded: () => this.all({ k: "login-ended" }),
			},
			world,
		);
	}

	take(from: Id, wish: Wish): void {
		if (wish.k === "bye") {
			if (this.clients.delete(from)) this.apply();
			return;
		}
		const client = this.clients.get(from);
		if (client) client.seen = this.world.now();
		if (wish.k === "retry") this.stream.retryNow();
		if (wish.k !== "topics") return;
		this.clients.set(from, { topics: wish.topics, waiting: true, seen: this.world.now() });
		this.csrf = wish.csrf;
		const [state, since, retry_at] = this.stream.report();
		this.send(from, { k: "connection", state, since, retry_at });
		this.apply();
	}

	tick(): void {
		const old = this.world.now() - FORGET_MS;
		let gone = false;
		for (const [id, c] of this.clients) {
			if (c.seen < old) gone = this.clients.delete(id) || gone;
		}
		if (gone) this.apply();
		this.stream.tick();
		this.all({ k: "tick" });
	}

	private apply(): void {
		const union = new Set<string>();
		for (const c of this.clients.values()) for (const t of c.topics) union.add(t);
		this.stream.setTopics([...union].sort(), this.csrf);
	}

	private ready(): void {
		for (const [id, c] of this.clients) {
			if (!c.waiting) continue;
			c.waiting = false;
			this.send(id, { k: "ready" });
		}
	}

	private event(name: string, id: string, data: Record<string, unknown>): void {
		const topic = name === "value" ? `device:${String(data.dev)}` : "";
		for (const [to, c] of this.clients) {
			if (!topic || c.topics.includes(topic)) this.send(to, { k: "event", name, id, data });
		}
	}

	private all(notice: Notice): void {
		for (const id of this.clients.keys()) this.send(id, notice);
	}
}
