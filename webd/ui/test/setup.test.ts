// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { texts } from "../catalogues.mjs";
import type { Hit } from "../src/api/admin_types";
import { collect, extreme, heat } from "../src/device/battery";
import { clashes, moveTo, nameOf, slug, suggest } from "../src/discover/hits";
import { accessBody, accessTroubles, NO_ACCESS } from "../src/forms/access";
import { troublesOf } from "../src/forms/field";
import { hexDump } from "../src/forms/test_result";
import { register } from "../src/i18n";
import { pointLabel } from "../src/i18n/terms";
import type { LivePoint } from "../src/state/device";

declare const BUSBAR_UI_ROOT: string;
register("en", texts(BUSBAR_UI_ROOT, "more", "en"));

const point = (what: string, index: string, value: number, quality: LivePoint["quality"] = "good"): LivePoint => ({
	name: `battery.block.${what}`,
	index,
	value,
	unit: "V",
	quality,
	age_s: 1,
	readAt: 0,
});
const asTold = (p: LivePoint) => ({ quality: p.quality, age: p.age_s });

test("blocks are gathered by string, in the order people count them", () => {
	const all = collect(
		[point("voltage", "s1.b10", 13.5), point("voltage", "s1.b9", 13.4), point("voltage", "s2.b1", 13)],
		asTold,
	);
	assert.deepEqual(
		all.blocks.map((b) => b.id),
		["s1.b9", "s1.b10", "s2.b1"],
	);
	assert.deepEqual(
		all.strings.map((s) => s.id),
		["s1", "s2"],
	);
});

test("a value of unknown quality is no extreme of its string", () => {
	const blocks = [
		point("voltage", "s1.b1", 13.5),
		point("voltage", "s1.b2", 0, "unknown"),
		point("voltage", "s1.b3", 13.7),
	];
	const all = collect(blocks, asTold);
	const stats = all.stats.get("1 voltage");
	assert.equal(stats?.min, 13.5);
	assert.equal(stats?.n, 2);
	assert.equal(all.blocks[1]?.readings.voltage?.value, null);
	assert.equal(extreme(13.7, stats), "max");
});

test("heat tells how far a block is from the mean of its string", () => {
	const stats = { n: 100, min: 12.9, max: 13.6, mean: 13.5, spread: 0.7 };
	assert.equal(heat("voltage", 13.45, stats), 0);
	assert.equal(heat("voltage", 13.3, stats), -1);
	assert.equal(heat("voltage", 12.9, stats), -2);
	assert.equal(heat("voltage", 12.9, { ...stats, n: 2 }), 0, "two blocks have no mean worth the name");
});

const hit = (seq: number, more: Partial<Hit> = {}): Hit => ({
	...{
		seq,
		address: `10.0.0.${seq}`,
		port: 161,
		credential_id: "1",
		ms: 1,
		mfr: "",
		model: "9PX 3000",
		serial: "",
		mac: "",
	},
	...{ engine_id: "", sysdescr: "", sysname: "", profile: "", profile_title: "", known: null },
	...more,
});

test("a hit is named by itself, else by model and address, as a key may be spelt", () => {
	assert.equal(nameOf(hit(7, { sysname: "USV Küche.1" })), "usv-kueche-1");
	assert.equal(nameOf(hit(7, { sysname: "localhost" })), "9px-3000-0-7");
	assert.equal(slug("  Ärger / Größe "), "aerger-groesse");
});

test("no name is suggested twice, nor one that a device has", () => {
	const keys = suggest(
		[hit(1, { sysname: "ups" }), hit(2, { sysname: "a" }), hit(3, { sysname: "a" })],
		"de/x",
		new Map(),
		new Set(["de/x/a"]),
	);
	assert.equal(keys.get(2), "de/x/a-2");
	assert.equal(keys.get(3), "de/x/a-3");
	assert.equal(moveTo("de/x/a-2", "/fr/y/"), "fr/y/a-2");
	const wanted = new Map([
		[1, "a"],
		[2, "a"],
		[3, "b"],
		[4, ""],
	]);
	assert.deepEqual([...clashes([1, 2, 3, 4], wanted, new Set(["b"]))].sort(), [1, 2, 3, 4]);
});

test("a change sends no empty secret, and no field of another version", () => {
	assert.deepEqual(accessBody(NO_ACCESS), { version: "2c" });
	const v3 = accessBody({
		...NO_ACCESS,
		version: "3",
		community: "x",
		v3_user: " ops ",
		v3_auth: "",
		v3_priv: "AES-128",
	});
	assert.equal(v3.v3_user, "ops");
	assert.equal(v3.v3_priv, "", "no encryption without authentication");
	assert.ok(!("community" in v3) && !("v3_auth_password" in v3));
});

test("short or single passwords are told before anything is sent", () => {
	const v3 = { ...NO_ACCESS, version: "3", v3_user: "ops" };
	assert.ok(
		accessTroubles({ ...v3, v3_auth_password: "short", v3_priv_password: "long enough" }, false)
			.v3_auth_password,
	);
	assert.ok(accessTroubles({ ...v3, v3_auth_password: "long enough" }, true).v3_priv_password, "both or none");
	assert.deepEqual(accessTroubles(v3, true), {}, "what is stored may stay");
});

test("errors of the API go to their fields, the rest to the form", () => {
	const p = {
		type: "/problems/validation",
		title: "x",
		status: 400,
		errors: [
			{ pointer: "/port", detail: "too big" },
			{ pointer: "/odd", detail: "no" },
		],
	};
	assert.deepEqual(troublesOf(p, ["port"]), { port: "too big", "": "odd: no" });
	assert.match(
		troublesOf({ type: "about:blank", title: "Conflict", status: 409, detail: "taken" }, [])[""] ?? "",
		/taken/,
	);
});

test("bytes are dumped with offset and text", () => {
	assert.equal(hexDump("3002 4142"), `0000  30 02 41 42${" ".repeat(38)}0.AB`);
});

test("labels of points come from the registry, with phase, number and index in their place", () => {
	assert.equal(pointLabel("input.L2-N.voltage", ""), "Input voltage L2-N");
	assert.equal(pointLabel("ambient.3.temperature", ""), "Temperature at sensor 3");
	assert.equal(pointLabel("battery.block.voltage", "s1.b17"), "Voltage of block s1.b17");
	assert.equal(pointLabel("nobody.knows", ""), "Knows");
});
