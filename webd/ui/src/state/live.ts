// SPDX-License-Identifier: Apache-2.0
// Connection state and topics of this tab. Screens take topics while they are shown; stores listen to events by name.
import { batch, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { connectLive, type Live } from "../api/live";
import type { Connection, Notice } from "../api/protocol";
import { tick } from "./clock";
import { leave, me } from "./session";

export interface ConnectionState {
	state: Connection;
	since: number; // last sign of life, Unix ms
	retryAt: number; // Unix ms, 0: none planned
}

export const connection = signal<ConnectionState>({ state: "connecting", since: Date.now(), retryAt: 0 });
/** Build of the running server; another one than the page's means: reload when convenient. */
export const serverBuild = signal("");
/** Frozen data: nothing on the screen can be trusted to be of now, and nothing may be done on its ground. */
export const offline = (): boolean => connection.value.state === "lost";

type Listener = (data: Record<string, unknown>, id: string) => void;
const listeners = new Map<string, Set<Listener>>();
const readyListeners = new Set<() => void>();
const tickListeners = new Set<() => void>();
const topics = new Map<string, number>();
let live: Live | null = null;
let planned = false;
let waiting = 0; // timer: the stream is late, screens get their data without it

const WITHOUT_STREAM_MS = 3000;

function wantSnapshots(): void {
	clearTimeout(waiting);
	waiting = 0;
	for (const f of [...readyListeners]) f();
}

export function onEvent(name: string, listener: Listener): () => void {
	const set = listeners.get(name) ?? new Set();
	listeners.set(name, set);
	set.add(listener);
	return () => set.delete(listener);
}

/** Called when snapshots have to be fetched: topics came into force, or deltas were lost. */
export function onSnapshotsWanted(listener: () => void): () => void {
	readyListeners.add(listener);
	return () => readyListeners.delete(listener);
}

/** Once a second also in hidden tabs. */
export function onHeartbeat(listener: () => void): () => void {
	tickListeners.add(listener);
	return () => tickListeners.delete(listener);
}

function take(n: Notice): void {
	switch (n.k) {
		case "connection":
			connection.value = { state: n.state, since: n.since, retryAt: n.retry_at };
			return;
		case "ready":
		case "resync":
			wantSnapshots();
			return;
		case "tick":
			live?.send({ k: "here" });
			for (const f of [...tickListeners]) f();
			if (document.hidden) tick.value++;
			return;
		case "login-ended":
			leave(true);
			return;
		case "event":
			if (n.name === "hello") serverBuild.value = String(n.data.build ?? "");
			batch(() => {
				for (const f of listeners.get(n.name) ?? []) f(n.data, n.id);
			});
	}
}

function announce(): void {
	planned = false;
	const who = me.peek();
	if (!live || !who || who.must_change) return;
	if (!waiting) waiting = window.setTimeout(wantSnapshots, WITHOUT_STREAM_MS);
	live.send({ k: "topics", topics: [...topics.keys()], csrf: who.csrf });
}

function plan(): void {
	if (planned) return;
	planned = true;
	queueMicrotask(announce);
}

export function takeTopic(topic: string): () => void {
	topics.set(topic, (topics.get(topic) ?? 0) + 1);
	if (topics.get(topic) === 1) plan();
	return () => {
		const n = (topics.get(topic) ?? 1) - 1;
		if (n > 0) topics.set(topic, n);
		else {
			topics.delete(topic);
			plan();
		}
	};
}

export function useTopic(topic: string): void {
	useEffect(() => takeTopic(topic), [topic]);
}

export function retryNow(): void {
	live?.send({ k: "retry" });
}

export function startLive(): void {
	live ??= connectLive(take);
	announce();
	addEventListener("pagehide", stopLive);
	addEventListener("pageshow", announce);
}

export function stopLive(): void {
	clearTimeout(waiting);
	waiting = 0;
	live?.send({ k: "bye" });
}
