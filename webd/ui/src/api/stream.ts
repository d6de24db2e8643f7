// SPDX-License-Identifier: Apache-2.0
// The one EventSource of this browser: opens it, notices silence, retries with jitter, hands events on.
// Owned by Hub. Runs in a SharedWorker or, as fallback, in the leading tab. All times are milliseconds.
import type { Connection } from "./protocol";

export const SILENCE_MS = 10_000;
const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 30_000;
const EVENTS = [
	"hello",
	"reset",
	"ping",
	"bye",
	"summary",
	"alarm",
	"event",
	"state",
	"group",
	"device_group",
	"redundancy",
	"value",
	"system",
];

export interface StreamHandler {
	connection(state: Connection, since: number, retryAt: number): void;
	event(name: string, id: string, data: Record<string, unknown>): void;
	resync(): void;
	ready(): void;
	loginEnded(): void;
}

/** Everything of the outside world, so that tests can own it. */
export interface World {
	now(): number;
	random(): number;
	open(url: string): EventSource;
	fetch(url: string, init: RequestInit): Promise<Response>;
}

export class Stream {
	private source: EventSource | null = null;
	private id = "";
	private lastId = "";
	private heard: number;
	private opened = 0;
	private retryAt = 0;
	private retryMs = RETRY_FIRST_MS;
	private state: Connection = "connecting";
	private before = false; // there was a connection before this one
	private topics: string[] = [];
	private csrf = "";
	private putting = false;
	private dirty = false;

	constructor(
		private readonly handler: StreamHandler,
		private readonly world: World,
	) {
		this.heard = world.now();
	}

	get live(): boolean {
		return this.state === "live";
	}

	report(): [Connection, number, number] {
		return [this.state, this.heard, this.retryAt];
	}

	setTopics(topics: string[], csrf: string): void {
		const same = topics.length === this.topics.length && topics.every((t, i) => t === this.topics[i]);
		this.topics = topics;
		this.csrf = csrf;
		if (!topics.length) this.stop();
		else if (!this.source && !this.retryAt) {
			this.heard = this.world.now();
			this.open();
		} else if (!this.id)
			return; // the coming hello brings ready
		else if (same) this.handler.ready();
		else void this.put();
	}

	/** Called once a second by the owner. */
	tick(): void {
		const now = this.world.now();
		if (!this.topics.length) return;
		if (now - this.heard > SILENCE_MS && this.state !== "lost") {
			this.close();
			this.change("lost");
			this.later();
		} else if (this.source && this.state !== "live" && now - this.opened > SILENCE_MS) {
			this.close();
			this.later();
		}
		if (this.retryAt && now >= this.retryAt) this.open();
	}

	retryNow(): void {
		if (this.topics.length && !this.live) this.open();
	}

	stop(): void {
		this.close();
		this.retryAt = 0;
		this.lastId = "";
		this.before = false;
		this.state = "connecting";
		this.heard = this.world.now();
	}

	private change(state: Connection): void {
		if (state === this.state && state !== "lost") return;
		this.state = state;
		this.handler.connection(state, this.heard, this.retryAt);
	}

	private open(): void {
		this.close();
		this.retryAt = 0;
		this.opened = this.world.now();
		let url = `/api/v1/stream?topics=${encodeURIComponent(this.topics.join(","))}`;
		if (this.lastId) url += `&last_id=${encodeURIComponent(this.lastId)}`;
		const source = this.world.open(url);
		this.source = source;
		for (const name of EVENTS) {
			source.addEventListener(name, (e) => {
				if (this.source === source) this.take(name, e as MessageEvent<string>);
			});
		}
		source.onerror = () => {
			if (this.source === source) void this.failed();
		};
	}

	private close(): void {
		this.source?.close();
		this.source = null;
		this.id = "";
	}

	/** Next attempt after 1 to 30 s, half of it random, so that many browsers do not return at one instant. */
	private later(): void {
		const wait = this.retryMs * (0.5 + this.world.random() / 2);
		this.retryMs = Math.min(this.retryMs * 2, RETRY_MOST_MS);
		this.retryAt = this.world.now() + wait;
		if (this.state === "lost") this.handler.connection("lost", this.heard, this.retryAt);
	}

	private async failed(): Promise<void> {
		this.close();
		if (this.state === "live") this.change("connecting");
		this.later();
		// EventSource hides the status: ask whether the login is still good
		try {
			const res = await this.world.fetch("/api/v1/me", {
				credentials: "same-origin",
				cache: "no-store",
			});
			if (res.status === 401) this.handler.loginEnded();
		} catch {
			// the server is away; the retry goes on
		}
	}

	private take(name: string, e: MessageEvent<string>): void {
		let data: Record<string, unknown>;
		try {
			data = JSON.parse(e.data);
		} catch {
			return;
		}
		this.heard = this.world.now();
		if (name === "hello") this.hello(data);
		else if (name === "reset") this.handler.resync();
		else if (name === "bye") this.bye(String(data.reason));
		else if (name !== "ping") this.handler.event(name, e.lastEventId, data);
		if (e.lastEventId) this.lastId = e.lastEventId;
	}

	private hello(data: Record<string, unknown>): void {
		this.id = String(data.stream_id);
		if (!this.lastId) this.lastId = String(data.seq ?? "");
		const resumed = data.resumed === true;
		this.retryMs = RETRY_FIRST_MS;
		this.change("live");
		this.handler.event("hello", "", data);
		if (this.before && !resumed) {
			this.lastId = String(data.seq ?? "");
			this.handler.resync();
		}
		this.before = true;
		const now = Array.isArray(data.topics) ? data.topics.map(String) : this.topics;
		if (this.topics.every((t) => now.includes(t))) this.handler.ready();
		else void this.put();
	}

	private bye(reason: string): void {
		if (reason === "login-ended") this.handler.loginEnded();
		if (reason === "overflow") this.lastId = "";
		this.close();
		if (this.state === "live") this.change("connecting");
		this.later();
	}

	private async put(): Promise<void> {
		if (this.putting) {
			this.dirty = true;
			return;
		}
		this.putting = true;
		do {
			this.dirty = false;
			const id = this.id;
			try {
				const res = await this.world.fetch(`/api/v1/stream/${encodeURIComponent(id)}/topics`, {
					method: "PUT",
					credentials: "same-origin",
					headers: { "content-type": "application/json", "x-busbar-csrf": this.csrf },
					body: JSON.stringify({ topics: this.topics }),
				});
				if (id !== this.id) break;
				if (res.ok) this.handler.ready();
				else this.open(); // the stream is unknown there: begin a new one with all topics
			} catch {
				break; // the silence is noticed by tick
			}
		} while (this.dirty);
		this.putting = false;
	}
}
