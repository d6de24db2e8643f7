// SPDX-License-Identifier: Apache-2.0
// Compiles tests/*.test.ts for node and runs them with node:test.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const names = readdirSync(join(root, "tests")).filter((n) => n.endsWith(".test.ts"));
const out = mkdtempSync(join(tmpdir(), "busbar-ui-test-"));
try {
	await build({
		absWorkingDir: root,
		entryPoints: names.map((n) => `tests/${n}`),
		outdir: out,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		platform: "node",
		format: "esm",
		target: "node18",
		logLevel: "warning",
		define: { BUSBAR_WORKER_URL: '""', BUSBAR_UI_ROOT: JSON.stringify(root) },
		jsx: "automatic",
		jsxImportSource: "preact",
	});
	const files = names.map((n) => join(out, n.replace(/\.ts$/, ".mjs")));
	process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
	rmSync(out, { recursive: true, force: true });
}
