// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hub } from "../src/api/hub";
import { alreadyIn, type Notice } from "../src/api/protocol";
import { SILENCE_MS } from "../src/api/stream";

class FakeSource {
	static all: FakeSource[] = [];
	onerror: (() => void) | null = null;
	closed = false;
	private readonly handlers = new Map<string, (e: unknown) => void>();
	constructor(readonly url: string) {
		FakeSource.all.push(this);
	}
	addEventListener(name: string, f: (e: unknown) => void): void {
		this.handlers.set(name, f);
	}
	close(): void {
		this.closed = true;
	}
	emit(name: string, data: unknown, lastEventId = ""): void {
		this.handlers.get(name)?.({ data: JSON.stringify(data), lastEventId });
	}
}

function setup() {
	FakeSource.all = [];
	const notices: { to: string; n: Notice }[] = [];
	const puts: string[][] = [];
	const clock = { now: 1_000_000 };
	let me = 200;
	const hub = new Hub<string>((to, n) => notices.push({ to, n }), {
		now: () => clock.now,
		random: () => 1,
		open: (url) => new FakeSource(url) as unknown as EventSource,
		fetch: async (url, init) => {
			if (url.endsWith("/me")) return { status: me, ok: me === 200 } as Response;
			puts.push((JSON.parse(String(init.body)) as { topics: string[] }).topics);
			return { ok: true, status: 204 } as Response;
		},
	});
	const of = (to: string, k: Notice["k"]) => notices.filter((x) => x.to === to && x.n.k === k).map((x) => x.n);
	const last = () => FakeSource.all[FakeSource.all.length - 1] as FakeSource;
	const pass = (ms: number) => {
		for (let t = 0; t < ms; t += 1000) {
			clock.now += 1000;
			hub.tick();
		}
	};
	const later = () => new Promise((r) => setTimeout(r, 0));
	return { hub, notices, puts, of, last, pass, clock, later, signOut: () => (me = 401) };
}

const HELLO = { stream_id: "s1", seq: "e-5", resumed: false };

test("two tabs share one stream and each hears when its topics are in force", async () => {
	const s = setup();
	s.hub.take("a", { k: "topics", topics: ["alarms"], csrf: "x" });
	s.last().emit("hello", { ...HELLO, topics: ["alarms"] });
	assert.equal(s.of("a", "ready").length, 1);
	s.hub.take("b", { k: "topics", topics: ["alarms", "device:7"], csrf: "x" });
	await s.later();
	assert.equal(FakeSource.all.length, 1);
	assert.deepEqual(s.puts, [["alarms", "device:7"]]);
	assert.equal(s.of("b", "ready").length, 1);
});

test("values of a device go only to the tabs that show it", () => {
	const s = setup();
	s.hub.take("a", { k: "topics", topics: ["alarms"], csrf: "" });
	s.hub.take("b", { k: "topics", topics: ["device:7"], csrf: "" });
	s.last().emit("hello", { ...HELLO, topics: ["alarms", "device:7"] });
	s.last().emit("value", { dev: "7", pt: [] });
	const values = (to: string) => s.of(to, "event").filter((n) => n.k === "event" && n.name === "value");
	assert.equal(values("a").length, 0);
	assert.equal(values("b").length, 1);
});

test("silence of ten seconds is announced as lost with the time of the last sign of life", () => {
	const s = setup();
	s.hub.take("a", { k: "topics", topics: ["alarms"], csrf: "" });
	s.last().emit("hello", { ...HELLO, topics: ["alarms"] });
	const heard = s.clock.now;
	s.pass(SILENCE_MS);
	assert.ok(!s.of("a", "connection").some((n) => n.k === "connection" && n.state === "lost"));
	s.pass(1000);
	const lost = s.of("a", "connection").filter((n) => n.k === "connection" && n.state === "lost");
	assert.ok(lost.length > 0);
	assert.equal((lost[0] as { since: number }).since, heard);
	assert.ok(s.last().closed);
});

test("a lost stream is tried again, asks to resume, and resyncs when the server cannot", () => {
	const s = setup();
	s.hub.take("a", { k: "topics", topics: ["alarms"], csrf: "" });
	s.last().emit("hello", { ...HELLO, topics: ["alarms"] });
	s.last().emit("alarm", { op: "put" }, "e-9");
	s.pass(SILENCE_MS + 4000);
	assert.equal(FakeSource.all.length, 2);
	assert.match(s.last().url, /last_id=e-9/);
	s.last().emit("hello", { stream_id: "s2", seq: "f-1", resumed: false, topics: ["alarms"] });
	assert.equal(s.of("a", "resync").length, 1);
});

test("a resumed stream needs no resync", () => {
	const s = setup();
	s.hub.take("a", { k: "topics", topics: ["alarms"], csrf: "" });
	s.last().emit("hello", { ...HELLO, topics: ["alarms"] });
	s.pass(SILENCE_MS + 4000);
	s.last().emit("hello", { stream_id: "s2", seq: "e-9", resumed: true, topics: ["alarms"] });
	assert.equal(s.of("a", "resync").length, 0);
});

test("an ended login is told apart from a server that is away", async () => {
	const s = setup();
	s.hub.take("a", { k: "topics", topics: ["alarms"], csrf: "" });
	s.last().onerror?.();
	await s.later();
	assert.equal(s.of("a", "login-ended").length, 0);
	s.signOut();
	s.pass(2000);
	s.last().onerror?.();
	await s.later();
	assert.equal(s.of("a", "login-ended").length, 1);
});

test("a tab that stops answering is forgotten and the last one closes the stream", () => {
	const s = setup();
	s.hub.take("a", { k: "topics", topics: ["alarms"], csrf: "" });
	s.last().emit("hello", { ...HELLO, topics: ["alarms"] });
	s.hub.take("a", { k: "bye" });
	assert.ok(s.last().closed);
});

test("a delta that the snapshot holds is recognised, one of another epoch is not", () => {
	assert.equal(alreadyIn("e-7", "e-7"), true);
	assert.equal(alreadyIn("e-8", "e-7"), false);
	assert.equal(alreadyIn("f-1", "e-7"), false);
	assert.equal(alreadyIn("", "e-7"), false);
});
