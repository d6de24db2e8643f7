// SPDX-License-Identifier: Apache-2.0
// Both catalogues must hold the same keys, placeholders and plural forms, and every key named in the source must exist.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { germanSentences, LANGUAGES } from "./catalogues.mjs";
import { pointCatalogues } from "./points.mjs";

const placeholders = (entry) => {
	const text = typeof entry === "string" ? entry : Object.values(entry).join(" ");
	return [...new Set(text.match(/\{[a-z_]+\}/g) ?? [])].sort().join(" ");
};

const sources = (dir) =>
	readdirSync(dir).flatMap((n) => {
		const p = join(dir, n);
		if (statSync(p).isDirectory()) return sources(p);
		return /\.tsx?$/.test(n) ? [p] : [];
	});

function compare(reference, other, lang, problems) {
	for (const [key, entry] of Object.entries(reference)) {
		const theirs = other[key];
		if (theirs === undefined) problems.push(`${lang}: "${key}" is missing`);
		else if (typeof theirs !== typeof entry)
			problems.push(`${lang}: "${key}" has plural forms in one language only`);
		else if (!key.startsWith("point.") && placeholders(entry) !== placeholders(theirs))
			problems.push(`${lang}: "${key}" has other placeholders`);
	}
	for (const key of Object.keys(other)) {
		if (reference[key] === undefined) problems.push(`${lang}: "${key}" is not in the reference`);
	}
}

function plurals(catalogue, lang, problems) {
	const forms = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
	for (const [key, entry] of Object.entries(catalogue)) {
		if (typeof entry === "string") {
			if (!entry.trim()) problems.push(`${lang}: "${key}" is empty`);
			continue;
		}
		for (const f of forms) if (!entry[f]) problems.push(`${lang}: "${key}" lacks the form "${f}"`);
	}
}

/** `withPoints`: labels of points count, too. A new point must not stop the build, only the check: it shows its English label. */
export function checkMessages(root, withPoints = true) {
	const problems = [];
	const file = (name) => JSON.parse(readFileSync(join(root, `src/i18n/${name}.json`), "utf8"));
	const points = pointCatalogues(root, withPoints ? problems : []);
	const load = (lang) => ({ ...file(lang), ...file(`more_${lang}`), ...points[lang] });
	const reference = load(LANGUAGES[0]);
	for (const lang of LANGUAGES) {
		const catalogue = load(lang);
		compare(reference, catalogue, lang, problems);
		plurals(catalogue, lang, problems);
	}
	if (withPoints) {
		for (const [key, entry] of Object.entries(germanSentences(root, problems)))
			if (placeholders(key) !== placeholders(entry))
				problems.push(`de: "${key}" has other placeholders`);
	}
	for (const file of sources(join(root, "src"))) {
		const text = readFileSync(file, "utf8");
		for (const m of text.matchAll(/\bt\(\s*"([^"]+)"/g)) {
			if (reference[m[1]] === undefined)
				problems.push(`${file.slice(root.length)}: "${m[1]}" is in no catalogue`);
		}
	}
	return problems;
}

if (process.argv[1]?.endsWith("check_messages.mjs")) {
	const problems = checkMessages(fileURLToPath(new URL(".", import.meta.url)));
	for (const p of problems) console.error(p);
	process.exit(problems.length ? 1 : 0);
}
