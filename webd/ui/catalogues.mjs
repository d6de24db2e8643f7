// SPDX-License-Identifier: Apache-2.0
// The texts as files of their own, beside the script: a language is read, not run, and only the one in use. "shell" is what the
// first screen needs; "more" the other screens, the labels of points and, in German, the sentences of built-in rules.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pointCatalogues } from "./points.mjs";

export const LANGUAGES = ["en", "de"];

const json = (root, name) => JSON.parse(readFileSync(join(root, `src/i18n/${name}.json`), "utf8"));

const STRING = String.raw`"((?:[^"\\]|\\.)*)"`;

/** What alarmd says in English by itself: every sentence of its built-in rules and of alarms that are no rules. */
export function ruleSentences(root) {
	const found = new Set();
	const source = (name) => readFileSync(join(root, `../../${name}`), "utf8");
	const texts = source("common/rulewords.c");
	for (const row of texts.matchAll(new RegExp(String.raw`\{\s*"\w+",\s*\{((?:\s*${STRING},?)+)\s*\}\s*\}`, "g")))
		for (const s of row[1].matchAll(new RegExp(STRING, "g"))) found.add(s[1]);
	const pack = source("alarmd/pack.c");
	for (const s of pack.matchAll(/(?:WORD|FLAG)\([^,]+,\s*"([^"]+)"\)|\.text = "([^"]+)"/g))
		found.add(s[1] ?? s[2]);
	return found;
}

/** English sentence to German one; keys of the catalogue begin with "say.". Only a check reads what alarmd says. */
export function germanSentences(root, problems = null) {
	const german = json(root, "rule_texts_de");
	for (const s of problems ? ruleSentences(root) : [])
		if (!german[s])
			problems.push(
				`de: alarmd's sentence "${s}" (alarmd/pack.c, common/rulewords.c) is not in src/i18n/rule_texts_de.json`,
			);
	return Object.fromEntries(Object.entries(german).map(([k, v]) => [`say.${k}`, v]));
}

export function texts(root, part, lang) {
	if (part === "shell") return json(root, lang);
	return {
		...json(root, `more_${lang}`),
		...pointCatalogues(root)[lang],
		...(lang === "de" ? germanSentences(root) : {}),
	};
}

/** For esbuild: "busbar:catalogue/shell-en" is the address of a hashed file. */
export const cataloguePlugin = (root) => ({
	name: "catalogues",
	setup(build) {
		build.onResolve({ filter: /^busbar:catalogue\// }, (a) => ({
			path: `${a.path.slice("busbar:catalogue/".length)}.json`,
			namespace: "catalogue",
		}));
		build.onLoad({ filter: /.*/, namespace: "catalogue" }, (a) => {
			const [part, lang] = a.path.replace(".json", "").split("-");
			return { contents: JSON.stringify(texts(root, part, lang)), loader: "file" };
		});
	},
});
