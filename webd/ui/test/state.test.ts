// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../src/api/client";
import { asAlarm, asDevice, asSummary } from "../src/api/shape";
import type { Alarm } from "../src/api/types";
import { drawable } from "../src/charts/data";
import { alarms, alarmVersion, compareAlarms } from "../src/state/alarms";
import { judge, type LivePoint } from "../src/state/device";
import { summary } from "../src/state/fleet";
import { held } from "../src/state/held";
import { sounding } from "../src/state/sound";
import { Synced } from "../src/state/synced";
import { span } from "../src/table/virtual";
import { powerPath } from "../src/ui/mimic";

const later = () => new Promise((r) => setTimeout(r, 0));

test("deltas that arrive while the snapshot is on its way are laid over it once", async () => {
	let answer: (a: { body: string[]; seq: string }) => void = () => {};
	let rows: string[] = [];
	const s = new Synced<string[], string>(
		() => new Promise((r) => (answer = r)),
		(body) => (rows = [...body]),
		(d) => rows.push(d),
	);
	const done = s.load();
	s.delta("e-3", "in the snapshot");
	s.delta("e-5", "after it");
	answer({ body: ["in the snapshot"], seq: "e-4" });
	await done;
	s.delta("e-4", "late copy");
	s.delta("e-6", "next");
	assert.deepEqual(rows, ["in the snapshot", "after it", "next"]);
});

test("a failed reload keeps the old data and a failed first load is an error", async () => {
	let fail = true;
	let rows: string[] = [];
	const s = new Synced<string[], string>(
		async () => {
			if (fail)
				throw new ApiError({ type: "/problems/unreachable", title: "unreachable", status: 0 });
			return { body: ["a"], seq: "e-1" };
		},
		(body) => (rows = body),
		(d) => rows.push(d),
	);
	await s.load();
	assert.equal(s.phase.value, "error");
	fail = false;
	await s.load();
	fail = true;
	const again = s.load();
	s.delta("e-2", "b");
	await again;
	assert.equal(s.phase.value, "ready");
	assert.deepEqual(rows, ["a", "b"], "what came meanwhile is not lost");
});

test("an answer that cannot be understood is a problem that ends by itself, not the end of the list", async () => {
	let answers = 0;
	let rows: string[] = [];
	const s = new Synced<string[], string>(
		async () => {
			if (answers++ === 1) throw new SyntaxError("cut off");
			return { body: [String(answers)], seq: "e-1" };
		},
		(body) => (rows = body),
		(d) => rows.push(d),
	);
	await s.load();
	await s.load();
	assert.equal(s.problem.value?.type, "/problems/unreadable");
	assert.ok(s.staleSince.value > 0, "what is shown may be old");
	s.delta("e-2", "live");
	assert.deepEqual(rows, ["1", "live"]);
	while (s.staleSince.value) await new Promise((r) => setTimeout(r, 20));
	assert.deepEqual(rows, ["3"], "read again without being asked");
});

test("a reload asked for during a load is done after it", async () => {
	let calls = 0;
	const s = new Synced<null, null>(
		async () => {
			calls++;
			await later();
			return { body: null, seq: "" };
		},
		() => {},
		() => {},
	);
	const first = s.load();
	void s.load();
	await first;
	assert.equal(calls, 2);
});

const alarm = (id: string, state: string, severity: string, raised_at: string): Alarm =>
	asAlarm({ id, state, severity, raised_at });

test("alarms stand unacknowledged first, then worst, then newest", () => {
	const list = [
		alarm("acked-critical", "active_ack", "critical", "2026-01-01T00:00:09Z"),
		alarm("minor", "active_unack", "minor", "2026-01-01T00:00:08Z"),
		alarm("major-old", "active_unack", "major", "2026-01-01T00:00:01Z"),
		alarm("major-new", "active_unack", "major", "2026-01-01T00:00:02Z"),
		alarm("unknown", "active_unack", "unknown", "2026-01-01T00:00:03Z"),
	];
	const order = list.sort(compareAlarms).map((a) => a.id);
	assert.deepEqual(order, ["major-new", "major-old", "unknown", "minor", "acked-critical"]);
});

test("where alarms flood only critical ones are heard", () => {
	const at = (device: string, severity: string) =>
		asAlarm({ id: device, device, state: "active_unack", severity, raised_at: "2026-01-01T00:00:01Z" });
	const show = (...list: Alarm[]) => {
		alarms.clear();
		for (const a of list) alarms.set(a.id, a);
		alarmVersion.value++;
	};
	const flood = (...sites: string[]) => {
		summary.value = asSummary({
			flood: sites.map((site) => ({ site, since: "2026-01-01T00:00:00Z", count: 12 })),
		});
	};
	show(at("de/a", "major"), at("at/b", "minor"));
	flood();
	assert.equal(sounding.value, "major");
	flood("de");
	assert.equal(sounding.value, "minor", "the other site is heard");
	flood("", "de");
	assert.equal(sounding.value, null);
	show(at("de/a", "major"), at("de/c", "critical"));
	assert.equal(sounding.value, "critical");
	show();
	summary.value = null;
});

test("held rows stay where they are, ended ones are kept and new ones counted", () => {
	const row = (id: string, n = 0) => ({ id, n });
	const r = held(
		[row("a"), row("b")],
		[row("new"), row("b", 5)],
		true,
		(x) => x.id,
		(x) => ({ ...x, n: -1 }),
	);
	assert.deepEqual(r, { rows: [row("a", -1), row("b", 5)], fresh: 1 });
	const free = held(
		[row("a")],
		[row("new")],
		false,
		(x) => x.id,
		(x) => x,
	);
	assert.deepEqual(free.rows, [row("new")]);
});

test("values age to stale and unknown when the device falls silent, and never get better than the server said", () => {
	const p = { name: "x", index: "", value: 1, unit: "V", quality: "good", age_s: 1, readAt: 0 } as LivePoint;
	assert.equal(judge(p, 15, 10, 15_000).quality, "good");
	assert.equal(judge(p, 21, 10, 21_000).quality, "stale");
	assert.equal(judge(p, 51, 10, 51_000).quality, "unknown");
	assert.equal(judge({ ...p, quality: "bad" }, 1, 10, 1000).quality, "bad");
	assert.equal(judge(p, 15, 10, 15_000).age, 16);
});

test("an unknown severity or a missing number never looks normal", () => {
	const d = asDevice({ id: 1, key: "a/b/ups", severity: "catastrophic" });
	assert.equal(d.severity, "unknown");
	assert.equal(d.comm, "never");
	assert.equal(d.site, "a/b");
	assert.equal(asSummary({}).devices.total, 0);
});

test("the power path follows status words and is unknown without contact", () => {
	assert.equal(powerPath("OB LB", "battery", true).discharge, "on");
	assert.equal(powerPath("OB LB", "battery", true).mains, "off");
	assert.equal(powerPath("OL BYPASS", "bypass", true).bypass, "on");
	assert.equal(powerPath("OL BYPASS", "bypass", true).inverter, "off");
	assert.equal(powerPath("OL", "normal", false).load, "unknown");
	assert.equal(powerPath("", "", true).load, "unknown");
});

test("missing samples leave a hole in the line", () => {
	const t = [0, 10_000, 20_000, 90_000, 100_000];
	const v = [1, 1, 1, 2, 2];
	const d = drawable({ device: "", point: "", index: "", unit: "V", raw: true, t, min: v, avg: v, max: v });
	assert.deepEqual(d.avg, [1, 1, 1, null, 2, 2]);
	assert.equal(d.t.length, 6);
});

test("only the rows around the view are drawn, at both ends and before the size is known", () => {
	assert.deepEqual(span(1000, 40, 0, 400), { first: 0, last: 22 });
	assert.deepEqual(span(1000, 40, 20_000, 400), { first: 488, last: 522 });
	assert.deepEqual(span(1000, 40, 99_999_999, 400), { first: 978, last: 1000 });
	assert.deepEqual(span(3, 40, 0, 0), { first: 0, last: 3 });
});
