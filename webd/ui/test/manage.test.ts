// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { texts } from "../catalogues.mjs";
import { consequencesOf } from "../src/alarm/detail";
import { eventTerms, type LogPage } from "../src/api/log";
import { asRule, ruleBody } from "../src/api/rules";
import { asAlarm, asEvent, asSeries } from "../src/api/shape";
import { merged } from "../src/charts/bands";
import { chartRows } from "../src/device/history";
import { troublesOf } from "../src/forms/field";
import { severityOf } from "../src/group/redundancy";
import { register } from "../src/i18n";
import { heights } from "../src/log/histogram";
import { addLive, addNewer, addOlder, fits, type Held } from "../src/log/use_log";
import { NEW_RULE, ruleTroubles } from "../src/rule/words";
import { costOf, daysOf } from "../src/screens/retention";
import { lineOf, spanOfLine } from "../src/screens/rules_text";
import { isActive, isQuiet, isUnack } from "../src/state/alarms";
import { span } from "../src/table/virtual";
import { csv } from "../src/ui/csv";

declare const BUSBAR_UI_ROOT: string;
register("en", texts(BUSBAR_UI_ROOT, "more", "en"));

const event = (jseq: number, over: Record<string, unknown> = {}) =>
	asEvent({
		jseq,
		at: `2026-11-21T00:00:${String(jseq % 60).padStart(2, "0")}.000Z`,
		device: "a/b/ups",
		...over,
	});
const page = (...jseqs: number[]): LogPage => ({
	items: jseqs.map((n) => event(n)),
	next: "n",
	prev: null,
	searched_to: "",
});
const numbers = (h: Held) => h.pages.flatMap((p) => p.items.map((e) => Number(e.jseq)));

test("what history costs a day is only told when months of it are there", () => {
	const kept = (oldest: string) => ({
		what: "events" as const,
		keep_days: null,
		oldest,
		bytes: 6e6,
		dropped: [],
	});
	const now = Date.parse("2026-11-21T00:00:00Z");
	assert.deepEqual(costOf(kept("2026-11-01"), now), { days: 20, perDay: null });
	assert.equal(costOf(kept("2026-07-24"), now).perDay, 50_000);
	assert.deepEqual(["", " 31 ", "30", "1e3", "-40", "36501"].map(daysOf), [
		null,
		31,
		...[0, 0, 0, 0].map(() => undefined),
	]);
});

test("a chart as a file has one row for each time, and holes where a curve has none", () => {
	const s = (point: string, t: number[], v: number[]) => ({
		...asSeries({ point, unit: "%" }),
		t,
		min: v,
		avg: v,
		max: v,
	});
	const rows = chartRows([s("a", [1000, 3000], [1, 3]), s("b", [2000, 3000], [7, 8])]);
	assert.deepEqual(
		rows.map((r) => [r[0], r[2], r[5]]),
		[
			["1970-01-01T00:00:01.000Z", 1, null],
			["1970-01-01T00:00:02.000Z", null, 7],
			["1970-01-01T00:00:03.000Z", 3, 8],
		],
	);
});

test("pages of the log join at both ends without a row twice, and the far end is let go", () => {
	let h: Held = { pages: [page(9, 8, 7)], atHead: false };
	h = addOlder(h, page(7, 6, 5));
	h = addNewer(h, page(11, 10, 9), true);
	assert.deepEqual(numbers(h), [11, 10, 9, 8, 7, 6, 5]);
	assert.ok(h.atHead);
	for (let i = 0; i < 12; i++) h = addOlder(h, page(-i * 2, -i * 2 - 1));
	assert.equal(h.pages.length, 8);
	assert.equal(h.atHead, false, "the newest rows were let go");
	h = addLive({ pages: [page(3)], atHead: true }, [event(4), event(3)]);
	assert.deepEqual(numbers(h), [4, 3]);
});

test("what happens now is shown only where it fits the filter", () => {
	const e = event(1, { kind: "ack", severity: "major", to: "active_ack", user: "eva", test: false });
	assert.equal(fits(e, {}), true);
	assert.equal(fits(e, { site: "a/b", kind: ["ack"], user: "eva", test: "no" }), true);
	assert.equal(fits(e, { site: "a/bb" }), false);
	assert.equal(fits(e, { severity: ["minor"] }), false);
	assert.equal(fits(e, { until: "2026-11-22T00:00:00Z" }), false);
	assert.equal(fits(e, { text: "mains" }), "unsure");
	assert.equal(fits(e, { text: "mains", user: "adam" }), false);
});

test("a filter's text keeps its commas, and cannot make a second filter", () => {
	assert.equal(eventTerms({ text: 'a, "b c"', kind: ["raise", "clear"] }), 'text:a, "b c";kind:raise,clear');
	assert.equal(eventTerms({ text: "x;user:root", user: "" }), "text:x user:root");
});

test("a single event is seen beside a thousand, and nothing stays nothing", () => {
	const [one, many, none, unknown] = heights([1, 1000, 0, null]);
	assert.ok((one as number) >= 3 && (many as number) > 40);
	assert.equal(none, 0);
	assert.equal(unknown, 0);
});

test("quiet alarms count nowhere, whatever keeps them quiet", () => {
	for (const why of [{ suppressed_by: "a" }, { maintenance: "m" }, { out_of_service: "w" }, { quiet: true }]) {
		const a = asAlarm({ id: "1", state: "active_unack", severity: "major", ...why });
		assert.ok(isQuiet(a) && !isUnack(a) && !isActive(a), JSON.stringify(why));
	}
	assert.ok(isUnack(asAlarm({ id: "1", state: "active_unack" })));
});

test("consequences stand at the lost device, not at its other alarms", () => {
	const under = asAlarm({ id: "2", device: "a/ups", rule: "comm_lost", suppressed_by: "a/switch" });
	const lost = asAlarm({ id: "1", device: "a/switch", rule: "comm_lost" });
	assert.deepEqual(consequencesOf(lost, [under, lost]), [under]);
	assert.deepEqual(consequencesOf(asAlarm({ id: "3", device: "a/switch", rule: "door_open" }), [under]), []);
});

test("a rule keeps what was said and says nothing else", () => {
	const said = {
		id: "x",
		enabled: true,
		scope: { site: "a" },
		kind: "limit",
		point: "ups.load",
		limits: { high: { raise: 80, clear: 70, severity: "minor" } },
		action: "look",
	};
	assert.deepEqual(ruleBody(asRule({ entry: "1", builtin: false, ...said })), said);
	const off = { id: "temperature", scope: {}, enabled: false };
	assert.deepEqual(ruleBody(asRule({ entry: "2", ...off })), off);
});

test("a rule that cannot be right is told before it is sent", () => {
	const high = { raise: 80, clear: 90, severity: "minor" as const };
	const bad = ruleTroubles({ ...NEW_RULE, id: "Bad Id", point: "ups.load", limits: { high } });
	assert.deepEqual(Object.keys(bad).sort(), ["action", "id", "limits/high/clear"]);
	assert.deepEqual(ruleTroubles({ ...NEW_RULE, id: "x", enabled: false, kind: "builtin" }), {});
});

test("an error of the server stands at its field, or at the nearest that holds it", () => {
	const told = (pointer: string) =>
		troublesOf({ type: "", title: "", status: 400, errors: [{ pointer, detail: "no" }] }, [
			"limits",
			"limits/high/raise",
			"scope",
		]);
	assert.deepEqual(told("/limits/high/raise"), { "limits/high/raise": "no" });
	assert.deepEqual(told("/limits/high/severity"), { limits: "no" });
	assert.deepEqual(told("/rule/scope/device"), { scope: "no" });
});

test("the line a text is refused for is found in it", () => {
	assert.equal(lineOf("line 3: there is no point x"), 3);
	assert.equal(lineOf("refused"), null);
	const text = "one\ntwo\nthree\n";
	assert.equal(text.slice(...spanOfLine(text, 3)), "three");
});

test("a redundancy group is as grave as what it may still lose", () => {
	assert.equal(severityOf({ state: "works", failed: 0 }, "critical"), "normal");
	assert.equal(severityOf({ state: "works", failed: 1 }, "critical"), "minor");
	assert.equal(severityOf({ state: "fails", failed: 2 }, "major"), "major");
	assert.equal(severityOf({ state: "unknown", failed: 0 }, "critical"), "unknown");
});

test("bands are cut to what is shown and joined where nothing changes", () => {
	const bands = [
		{ from: 0, to: 10, state: "mains" as const },
		{ from: 10, to: 20, state: "mains" as const },
		{ from: 20, to: 40, state: "battery" as const },
	];
	assert.deepEqual(merged(bands, 5, 30), [
		{ from: 5, to: 20, state: "mains" },
		{ from: 20, to: 30, state: "battery" },
	]);
});

test("one taller row never leaves a hole in what is drawn", () => {
	for (const top of [0, 500, 1000, 5000, 39_000]) {
		const s = span(1000, 40, top, 600, 300);
		assert.ok(s.first * 40 <= top, `${s.first} at ${top}`);
		assert.ok(s.last * 40 + 300 >= Math.min(top + 600, 40_000), `${s.last} at ${top}`);
	}
});

test("a file takes no cell for a formula", () => {
	assert.equal(csv([["=1+1", 'a "b"', 2, null]]), `'=1+1,"a ""b""",2,\r\n`);
});
