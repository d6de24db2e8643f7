// SPDX-License-Identifier: Apache-2.0
// The tab's end of the stream. Uses the SharedWorker; where there is none, the tab that gets the lock holds the stream and
// serves the others over a BroadcastChannel.
import { Hub } from "./hub";
import type { Notice, Wish } from "./protocol";

declare const BUSBAR_WORKER_URL: string;

interface TrustedTypes {
	createPolicy(
		name: string,
		rules: { createScriptURL(url: string): string },
	): { createScriptURL(url: string): string };
}

export interface Live {
	send(wish: Wish): void;
}

/** Worker constructors take only trusted URLs where trusted types are enforced; this is the one URL there is. */
function workerUrl(): string {
	const tt = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
	if (!tt) return BUSBAR_WORKER_URL;
	const policy = tt.createPolicy("busbar", {
		createScriptURL: (url) => {
			if (url !== BUSBAR_WORKER_URL) throw new TypeError("only the stream worker may be loaded");
			return url;
		},
	});
	return policy.createScriptURL(BUSBAR_WORKER_URL);
}

function byWorker(take: (n: Notice) => void): Live {
	const port = new SharedWorker(workerUrl(), { name: "busbar" }).port;
	port.onmessage = (e: MessageEvent<Notice>) => take(e.data);
	return { send: (wish) => port.postMessage(wish) };
}

type Letter = { to: string; notice: Notice } | { from: string; wish: Wish } | { call: true };

function byLeader(take: (n: Notice) => void): Live {
	const me = Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36)).join("");
	const channel = new BroadcastChannel("busbar");
	let hub: Hub<string> | null = null;
	let last: Wish | null = null;
	channel.onmessage = (e: MessageEvent<Letter>) => {
		const m = e.data;
		if ("to" in m && m.to === me) take(m.notice);
		else if ("wish" in m) hub?.take(m.from, m.wish);
		else if ("call" in m && last) channel.postMessage({ from: me, wish: last });
	};
	void navigator.locks.request("busbar-stream", () => {
		hub = new Hub<string>(
			(to, notice) => (to === me ? take(notice) : channel.postMessage({ to, notice })),
			{
				now: () => Date.now(),
				random: () => Math.random(),
				open: (url) => new EventSource(url),
				fetch: (url, init) => fetch(url, init),
			},
		);
		setInterval(() => hub?.tick(), 1000);
		channel.postMessage({ call: true });
		if (last) hub.take(me, last);
		return new Promise(() => {}); // held until this tab closes
	});
	return {
		send: (wish) => {
			if (wish.k === "topics") last = wish;
			if (wish.k === "bye") last = null;
			if (hub) hub.take(me, wish);
			else channel.postMessage({ from: me, wish });
		},
	};
}

export function connectLive(take: (n: Notice) => void): Live {
	return typeof SharedWorker === "function" ? byWorker(take) : byLeader(take);
}
