// SPDX-License-Identifier: Apache-2.0
// A headless Chromium for the tests, signing in, and waiting for what can be seen.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SWITCHES = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

export const SCREENS = [
	...["/map/", "/devices", "/devices/add", "/alarms", "/findings", "/log", "/kpis", "/groups", "/groups?tab=devices", "/rules", "/rules/edit", "/maintenance"],
	...["/discovery", "/traps", "/system", "/system/history", "/me"],
];
export const DEADLINE_MS = 60_000;

export function launch() {
	const executablePath = process.env.BUSBAR_CHROMIUM ?? "/usr/bin/chromium";
	return chromium.launch({ executablePath, args: SWITCHES });
}

/** Signs in over the API, without a gesture in the page; a one-time password is changed first. */
export async function signIn(context, world) {
	const post = (path, data, csrf) =>
		context.request.post(`${world.url}/api/v1${path}`, {
			data,
			headers: { "x-busbar-csrf": csrf ?? "", origin: world.url, "sec-fetch-site": "same-origin" },
		});
	let res = await post("/login", { user: world.user, password: world.password });
	if (!res.ok()) throw new Error(`login answered ${res.status()}: ${await res.text()}`);
	const me = await res.json();
	if (!me.must_change) return me;
	res = await post("/me/password", { old: world.password, new: world.newPassword }, me.csrf);
	if (!res.ok()) throw new Error(`password change answered ${res.status()}: ${await res.text()}`);
	world.password = world.newPassword;
	return res.json();
}

/** A browser of its own: own cookies, storage and worker. `problems` collects errors of pages and policy violations. */
export async function newBrowser(browser, world, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options.context });
	const problems = [];
	context.on("weberror", (e) => problems.push(String(e.error())));
	context.on("console", (m) => {
		if (/Content Security Policy|TrustedScript|Trusted Type/i.test(m.text())) problems.push(m.text());
	});
	const store = { theme: options.theme ?? "light", language: options.language ?? "en" };
	await context.addInitScript((s) => {
		if (location.origin === "null") return; // about:blank has no storage
		for (const [k, v] of Object.entries(s)) if (!localStorage.getItem(`busbar.${k}`)) localStorage.setItem(`busbar.${k}`, JSON.stringify(v));
	}, store);
	if (options.signedIn !== false) await signIn(context, world);
	const page = await context.newPage();
	page.setDefaultTimeout(DEADLINE_MS);
	return { context, page, problems };
}

export async function open(page, world, path) {
	await page.goto(world.url + path);
	await page.locator('[data-testid="live"][data-state="live"]').waitFor();
	await page.locator("main h1").waitFor();
}

/** Milliseconds until the page shows it. */
export async function seen(page, since, expression, arg, timeout = DEADLINE_MS) {
	await page.waitForFunction(expression, arg, { polling: "raf", timeout });
	return Date.now() - since;
}

/** The rules that can be broken in one theme and kept in another. */
export const COLOURS = ["color-contrast", "link-in-text-block"];

/** All rules, or only those named. */
export async function axe(page, rules) {
	// evaluated as a whole through the protocol: the page's own policy stays in force for the page
	await page.evaluate(AXE);
	const runOnly = rules ? { type: "rule", values: rules } : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
	const result = await page.evaluate((only) => globalThis.axe.run(document, { runOnly: only }), runOnly);
	return result.violations.map((v) => `${v.id}: ${v.help} at ${v.nodes.map((n) => n.target.join(" ")).slice(0, 4).join(" | ")}`);
}
