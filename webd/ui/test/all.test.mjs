// SPDX-License-Identifier: Apache-2.0
// Compiles *.test.ts beside it for node and runs them here.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { cataloguePlugin } from "../catalogues.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const names = readdirSync(here).filter((n) => n.endsWith(".test.ts"));
const out = mkdtempSync(join(tmpdir(), "busbar-ui-test-"));
process.on("exit", () => rmSync(out, { recursive: true, force: true }));
await build({
	absWorkingDir: here,
	entryPoints: names,
	outdir: out,
	outExtension: { ".js": ".mjs" },
	bundle: true,
	platform: "node",
	format: "esm",
	target: "node18",
	logLevel: "warning",
	define: { BUSBAR_WORKER_URL: '""', BUSBAR_UI_ROOT: JSON.stringify(join(here, "..")) },
	plugins: [cataloguePlugin(join(here, ".."))],
	jsx: "automatic",
	jsxImportSource: "preact",
});
for (const name of names) await import(pathToFileURL(join(out, name.replace(/\.ts$/, ".mjs"))).href);
