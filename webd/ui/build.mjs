// SPDX-License-Identifier: Apache-2.0
// Builds dist/: content-hashed files under assets/, index.html, and a .gz beside every file. No network, no clock in the output.
// Two passes: the worker first, because the page has to know the worker's hashed name.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { cataloguePlugin } from "./catalogues.mjs";
import { checkMessages } from "./check_messages.mjs";

const root = fileURLToPath(new URL(".", import.meta.url));
const dist = join(root, "dist");
const common = {
	absWorkingDir: root,
	bundle: true,
	minify: true,
	target: "es2022",
	format: "esm",
	legalComments: "none",
	metafile: true,
	logLevel: "warning",
	jsx: "automatic",
	jsxImportSource: "preact",
	outdir: "dist/assets",
	entryNames: "[name]-[hash]",
	chunkNames: "[name]-[hash]",
	assetNames: "[name]-[hash]",
};

const problems = checkMessages(root, false);
if (problems.length) {
	for (const p of problems) console.error(`messages: ${p}`);
	process.exit(1);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "assets"), { recursive: true });

const output = (result, entry) => Object.entries(result.metafile.outputs).find(([, o]) => o.entryPoint === entry);

const worker = await build({ ...common, format: "iife", entryPoints: ["src/api/worker.ts"] });
const workerUrl = `/assets/${basename(output(worker, "src/api/worker.ts")[0])}`;

const page = await build({
	...common,
	splitting: true,
	entryPoints: ["src/main.tsx", "styles/index.css"],
	define: { BUSBAR_WORKER_URL: JSON.stringify(workerUrl) },
	plugins: [cataloguePlugin(root)],
});
const js = `/assets/${basename(output(page, "src/main.tsx")[0])}`;
const css = `/assets/${basename(output(page, "styles/index.css")[0])}`;

for (const name of readdirSync(join(root, "public"))) {
	if (name !== "index.html") writeFileSync(join(dist, name), readFileSync(join(root, "public", name)));
}
const buildId = createHash("sha256")
	.update(js + css + workerUrl)
	.digest("hex")
	.slice(0, 12);
const html = readFileSync(join(root, "public/index.html"), "utf8")
	.replaceAll("%JS%", js)
	.replaceAll("%CSS%", css)
	.replaceAll("%BUILD%", buildId);
writeFileSync(join(dist, "index.html"), html);

const files = (dir) =>
	readdirSync(dir).flatMap((n) => {
		const p = join(dir, n);
		return statSync(p).isDirectory() ? files(p) : [p];
	});
for (const file of files(dist)) {
	const raw = readFileSync(file);
	const packed = gzipSync(raw, { level: 9 });
	packed[9] = 255; // operating system: unknown, so that every machine writes the same bytes
	writeFileSync(`${file}.gz`, packed);
	console.log(
		`${relative(root, file).padEnd(40)} ${String(raw.length).padStart(8)} ${String(packed.length).padStart(8)} gz`,
	);
}
