// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMessages } from "../check_messages.mjs";
import { age, duration, register, stopwatch, translate, wantedLanguage } from "../src/i18n";
import de from "../src/i18n/de.json";
import en from "../src/i18n/en.json";

declare const BUSBAR_UI_ROOT: string;
register("en", en);
register("de", de);

test("both catalogues are complete and every key in the source exists", () => {
	assert.deepEqual(checkMessages(BUSBAR_UI_ROOT), []);
});

test("plural forms follow the rules of the language", () => {
	assert.equal(translate("de", "devices.n", { n: 1 }), "1 Gerät");
	assert.equal(translate("de", "devices.n", { n: 12 }), "12 Geräte");
	assert.equal(translate("en", "ack.title", { n: 1 }), "Acknowledge 1 alarm");
});

test("the pseudo-locale is marked, longer and keeps its placeholders", () => {
	const text = translate("qps", "offline.title", { time: "12:00" }) ?? "";
	assert.match(text, /^\[.*12:00.*~+\]$/);
	assert.ok(text.length >= "Connection lost since 12:00.".length * 1.3);
});

test("the language follows the choice, then the browser, then English", () => {
	assert.equal(wantedLanguage("", ["fr-FR", "de-AT"]), "de");
	assert.equal(wantedLanguage("en", ["de"]), "en");
	assert.equal(wantedLanguage("", ["fr"]), "en");
});

test("times are told in at most two units", () => {
	assert.equal(duration(45), "45 s");
	assert.equal(duration(250), "4 min 10 s");
	assert.equal(duration(7500), "2 h 05 min");
	assert.equal(age(190), "3 min");
	assert.equal(stopwatch(33), "00:33");
	assert.equal(stopwatch(3725), "1:02:05");
});
