// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { germanSentences } from "../catalogues.mjs";
import { checkMessages } from "../check_messages.mjs";
import { age, duration, language, register, stopwatch, translate, wantedLanguage } from "../src/i18n";
import de from "../src/i18n/de.json";
import en from "../src/i18n/en.json";
import { said } from "../src/i18n/said";

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

test("what the program says by itself is told in the language of the screen, what people wrote stays", () => {
	register("de", germanSentences(BUSBAR_UI_ROOT));
	language.value = "de";
	const pairs = [
		["the UPS runs on battery", "die USV läuft auf Batterie"],
		["ups.load 95 % is above 90 %", "ups.load 95 % liegt über 90 %"],
		["the device does not answer: no route", "das Gerät antwortet nicht: no route"],
		["battery temperature 41.5 °C is above 40 °C", "Batterietemperatur 41.5 °C liegt über 40 °C"],
		["2 of 3 must work, only 1 do: a/b (OFF)", "2 von 3 müssen arbeiten, nur 1 tun es: a/b (OFF)"],
		["Room 3 is set", "Room 3 is set"],
		["Call Jim: the UPS runs on battery", "Call Jim: the UPS runs on battery"],
		["", ""],
	];
	for (const [text, other] of pairs) assert.equal(said(text as string), other);
	language.value = "en";
	assert.equal(said("the UPS runs on battery"), "the UPS runs on battery");
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
