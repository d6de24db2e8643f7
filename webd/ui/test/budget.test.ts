// SPDX-License-Identifier: Apache-2.0
// The size budgets of the built files. Shell and overview = the entry with all it imports statically, one language, the worker.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

declare const BUSBAR_UI_ROOT: string;
const dist = join(BUSBAR_UI_ROOT, "dist");
const assets = join(dist, "assets");
const KB = 1000;

const packed = (name: string) => statSync(join(assets, `${name}.gz`)).size;
const names = () => readdirSync(assets).filter((n) => !n.endsWith(".gz"));
const one = (start: string, end: string) => names().find((n) => n.startsWith(start) && n.endsWith(end)) as string;

function withStatic(entry: string): Set<string> {
	const all = new Set<string>();
	const visit = (name: string) => {
		if (all.has(name)) return;
		all.add(name);
		const text = readFileSync(join(assets, name), "utf8");
		for (const m of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) visit(m[1] as string);
	};
	visit(entry);
	return all;
}

const skip = existsSync(dist) ? false : "not built: run npm run build";

test("shell and overview stay below 60 kB", { skip }, () => {
	const files = withStatic(one("main-", ".js"));
	files.add(one("shell-de-", ".json"));
	files.add(one("worker-", ".js"));
	const sum = [...files].reduce((n, f) => n + packed(f), 0);
	console.log(`shell and overview: ${sum} bytes gzip in ${files.size} files`);
	assert.ok(sum <= 60 * KB, `${sum} bytes`);
});

test("the style sheet stays below 15 kB, the chart below 30 kB, all script below 200 kB", { skip }, () => {
	assert.ok(packed(one("index-", ".css")) <= 15 * KB);
	assert.ok(packed(one("pane-", ".js")) <= 30 * KB);
	const all = names().filter((n) => n.endsWith(".js"));
	const sum = all.reduce((n, f) => n + packed(f), 0);
	console.log(`all script: ${sum} bytes gzip in ${all.length} files`);
	assert.ok(sum <= 200 * KB);
});

test("the texts of a language stay below 40 kB", { skip }, () => {
	for (const lang of ["en", "de"]) {
		const sum = packed(one(`shell-${lang}-`, ".json")) + packed(one(`more-${lang}-`, ".json"));
		assert.ok(sum <= 40 * KB, `${lang}: ${sum} bytes`);
	}
});

test("names carry the hash of their content and the page names only files that exist", { skip }, () => {
	const html = readFileSync(join(dist, "index.html"), "utf8");
	for (const m of html.matchAll(/(?:src|href)="(\/[^"]+)"/g))
		assert.ok(existsSync(join(dist, m[1] as string)), m[1]);
	for (const n of names()) assert.match(n, /-[A-Z0-9]{8}\.(js|css|json)$/);
	assert.ok(!/<style|style=|<script>|onclick=/.test(html));
});
