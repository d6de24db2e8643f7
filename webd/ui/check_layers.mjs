// SPDX-License-Identifier: Apache-2.0
// Who may import whom. A screen never imports another screen; lower layers never import higher ones.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MAY = {
	api: ["api"],
	i18n: ["i18n", "api"],
	state: ["api", "state", "i18n"],
	map: ["map", "state", "ui", "i18n", "api"],
	charts: ["charts", "state", "i18n", "api"],
	table: ["table", "state", "i18n"],
	ui: ["ui", "state", "i18n", "api"],
	forms: ["forms", "ui", "state", "i18n", "api"],
	rule: ["rule", "forms", "ui", "state", "i18n", "api"],
	quiet: ["quiet", "rule", "forms", "ui", "state", "i18n", "api"],
	group: ["group", "forms", "ui", "state", "i18n", "api"],
	views: ["views", "forms", "ui", "state", "i18n", "api"],
	alarm: ["alarm", "forms", "table", "ui", "state", "i18n", "api"],
	log: ["log", "ui", "state", "i18n", "api"],
	device: ["charts", "device", "rule", "quiet", "forms", "table", "ui", "state", "i18n", "api"],
	discover: ["discover", "forms", "table", "ui", "state", "i18n", "api"],
	screens: [
		"device",
		"discover",
		"rule",
		"quiet",
		"group",
		"alarm",
		"log",
		"views",
		"forms",
		"api",
		"state",
		"map",
		"charts",
		"table",
		"ui",
		"i18n",
	],
};

const src = fileURLToPath(new URL("src", import.meta.url));
const files = (dir) =>
	readdirSync(dir).flatMap((n) => {
		const p = join(dir, n);
		return statSync(p).isDirectory() ? files(p) : [p];
	});

let bad = 0;
for (const file of files(src).filter((f) => /\.tsx?$/.test(f))) {
	const layer = relative(src, file).split("/")[0];
	const allowed = MAY[layer];
	if (!allowed) continue; // main.tsx ties everything together
	for (const m of readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
		const target = relative(src, resolve(dirname(file), m[1])).split("/")[0];
		if (!allowed.includes(target)) {
			console.error(`${relative(src, file)}: ${layer} must not import ${target}`);
			bad++;
		}
	}
}
process.exit(bad ? 1 : 0);
