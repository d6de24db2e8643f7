// SPDX-License-Identifier: Apache-2.0
// Labels of points, made from the registry common/point.def: the English label is the beginning of the meaning, or the shorter one in
// src/i18n/points_en.json; the German one comes from points_de.json, or is put together from the words of the pattern in
// point_words_de.json, where every word has to be. {phase}, {n}, {x} and {index} are filled in by the screens.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const LINE = /^POINT\("([^"]+)", BB_(?:NUMBER|TEXT|FLAG), "[^"]*", [^,]+, [^,]+, "([^"]+)"\)$/;
const WHICH = { phase: "{phase}", contact: "{n}.{x}", block: "{index}", string: "{index}" };

/** "Input voltage of a phase" is "Input voltage {phase}", "Temperature at a sensor" is "Temperature at sensor {n}". */
export function labelOf(pattern, meaning) {
	const start = meaning.replace(/ \[\+\]$/, "").split(/[:;,]/)[0];
	if (pattern.includes("{x}") && /^Contact of a sensor$/.test(start)) return "Contact {n}.{x}";
	return start
		.replace(/ of a phase$/, " {phase}")
		.replace(
			/\ban? ((?:input |bypass )?(phase|contact|block|string|outlet|sensor|rectifier|source|feed|relay))\b/,
			(_, what, kind) => `${what} ${WHICH[kind] ?? "{n}"}`,
		);
}

export function readPoints(root) {
	const labels = {};
	for (const line of readFileSync(join(root, "../../common/point.def"), "utf8").split("\n")) {
		if (!line.startsWith("POINT(")) continue;
		const m = LINE.exec(line);
		if (!m) throw new Error(`common/point.def: cannot read the line ${line}`);
		labels[m[1]] = labelOf(m[1], m[2]);
	}
	return labels;
}

/** "cooling.{n}.fan.{x}.speed" is "Kühlung {n}: Lüfter {x}, Drehzahl"; null when a word is not known. */
export function composed(pattern, words) {
	const parts = [];
	for (const s of pattern.split(".")) {
		if (s.startsWith("{")) parts.push(`${parts.pop() ?? ""} ${s}`.trim());
		else if (words[s]) parts.push(words[s]);
		else return null;
	}
	return parts.length > 1 ? `${parts[0]}: ${parts.slice(1).join(", ")}` : parts[0];
}

/** Both languages, as catalogue entries. `problems` takes what is missing or left over. */
export function pointCatalogues(root, problems = []) {
	const load = (name) => JSON.parse(readFileSync(join(root, `src/i18n/${name}.json`), "utf8"));
	const en = readPoints(root);
	const own = load("points_de");
	const words = load("point_words_de");
	const short = load("points_en");
	const de = {};
	for (const pattern of Object.keys(en)) {
		de[pattern] = own[pattern] ?? composed(pattern, words);
		if (!de[pattern])
			problems.push(
				`de: a word of the point "${pattern}" of common/point.def is not in src/i18n/point_words_de.json; add it, or a label to points_de.json`,
			);
	}
	for (const pattern of Object.keys({ ...own, ...short }))
		if (!en[pattern]) problems.push(`"${pattern}" in src/i18n/points_*.json is not in common/point.def`);
	const entries = (labels) => Object.fromEntries(Object.entries(labels).map(([k, v]) => [`point.${k}`, v]));
	return {
		en: entries({ ...en, ...short }),
		de: entries(Object.fromEntries(Object.keys(en).map((k) => [k, de[k] ?? en[k]]))),
	};
}
