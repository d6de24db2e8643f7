// SPDX-License-Identifier: Apache-2.0
// The screens against the MOCK server: what the interface does by itself. The real chain is tested by ../stack.test.mjs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, newBrowser, open, SCREENS } from "../browser.mjs";
import * as scenario from "../scenarios.mjs";
import { startMock } from "./server.mjs";

const OUTAGE = 30;
let browser;
let mock;
const world = { user: "admin", password: "mock mock mock mock", newPassword: "a sentence is easy to keep", device: "ups-31", raiseMs: 3000 };

async function start(options = {}) {
	mock = await startMock({ port: Number(new URL(world.url ?? "http://x:0").port || 0), devices: 42, ...options });
	world.url = mock.url;
	world.outage = async (on) => mock.fleet.outage(OUTAGE, on);
}

before(async () => {
	browser = await launch();
	await start();
});
after(async () => {
	await browser?.close();
	await mock?.stop();
});

test("nobody gets past a one-time password", async () => {
	await mock.stop();
	await start({ mustChange: true });
	await scenario.firstLogin(browser, world);
	await mock.stop();
	world.password = "mock mock mock mock";
	await start();
});
test("the overview shows the fleet and leads to a device", () => scenario.overviewShowsFleet(browser, world));
test("an alarm appears and is acknowledged in two browsers", () => scenario.alarmInTwoBrowsers(browser, world));
test("an alarm is shelved and brought back", () => scenario.shelveAndBack(browser, world));
test("the sound button is visible until it is clicked", () => scenario.soundIsOffUntilClicked(browser, world));
test("everything is reached with keys alone", () => scenario.keyboardAlone(browser, world));
test("320 px are wide enough", () => scenario.narrowScreens(browser, world));
for (const theme of ["light", "dark", "contrast"])
	test(`axe finds nothing in the theme ${theme}`, () => scenario.accessible(browser, world, theme));
test("a stopped server is announced and its return needs no reload", async () => {
	world.stopServer = () => mock.stop();
	world.startServer = () => start();
	await scenario.offlineAndBack(browser, world);
});

test("a silent server counts as lost", async () => {
	const { context, page } = await newBrowser(browser, world);
	await open(page, world, "/system");
	mock.setSilent(true);
	await page.locator("[data-testid=offline-bar]").waitFor({ timeout: 20_000 });
	mock.setSilent(false);
	await page.locator("[data-testid=offline-bar]").waitFor({ state: "detached", timeout: 60_000 });
	await context.close();
});

test("a page opened without a stream shows the data, and that they are frozen", async () => {
	mock.setSilent(true);
	const { context, page } = await newBrowser(browser, world);
	await page.goto(`${world.url}/alarms`);
	await page.locator("[data-testid=counts]").getByText("–").first().waitFor();
	await page.locator("tr[data-id]").first().waitFor();
	await page.locator("[data-testid=offline-bar]").waitFor();
	mock.setSilent(false);
	await context.close();
});

test("two tabs of one browser share one stream", async () => {
	const { context, page } = await newBrowser(browser, world);
	await open(page, world, "/system");
	const second = await context.newPage();
	await open(second, world, "/alarms");
	const streams = await page.evaluate(async () => (await (await fetch("/api/v1/system")).json()).streams);
	assert.equal(streams, 1);
	await context.close();
});

test("without a shared worker one tab leads and its successor takes over", async () => {
	const { context, page } = await newBrowser(browser, world);
	await context.addInitScript(() => delete globalThis.SharedWorker);
	await open(page, world, "/system");
	const second = await context.newPage();
	await open(second, world, "/alarms");
	const streams = () => second.evaluate(async () => (await (await fetch("/api/v1/system")).json()).streams);
	assert.equal(await streams(), 1);
	await page.close();
	await world.outage(true);
	await second.locator("tr[data-id]", { hasText: world.device }).first().waitFor();
	await world.outage(false);
	await second.locator("tr[data-id]", { hasText: world.device }).waitFor({ state: "detached" });
	assert.equal(await streams(), 1);
	await context.close();
});

test("a page opened while the server is away comes up by itself", async () => {
	const { context, page } = await newBrowser(browser, world);
	await open(page, world, "/devices");
	await page.route("**/api/**", (r) => r.abort());
	await page.reload();
	await page.locator(".error-box").waitFor();
	await page.unroute("**/api/**");
	await page.locator('[data-testid="live"][data-state="live"]').waitFor();
	await context.close();
});

test("rows under the pointer stay and new ones wait behind a bar", async () => {
	const { context, page } = await newBrowser(browser, world);
	await open(page, world, "/alarms");
	const rows = () => page.locator("tr[data-id]").evaluateAll((all) => all.map((r) => r.dataset.id));
	await page.locator("tr[data-id] td").nth(2).hover();
	const seenBefore = await rows();
	await world.outage(true);
	await page.locator(".new-bar").waitFor();
	assert.deepEqual(await rows(), seenBefore);
	await page.locator(".new-bar").click();
	await page.locator("tr[data-id]", { hasText: world.device }).first().waitFor();
	await world.outage(false);
	await context.close();
});

test("the longer pseudo-locale clips no button, heading or tab", async () => {
	const { context, page } = await newBrowser(browser, world, { language: "qps" });
	for (const path of SCREENS) {
		await open(page, world, path);
		const clipped = await page.evaluate(() =>
			[...document.querySelectorAll("button, .button, h1, h2, .place span, legend")]
				.filter((e) => e.offsetParent && !e.closest(".visually-hidden") && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
				.map((e) => e.textContent),
		);
		assert.deepEqual(clipped, [], path);
		const wide = await page.evaluate(() => document.documentElement.scrollWidth);
		assert.ok(wide <= 1280, `${path} is ${wide} px wide`);
	}
	await context.close();
});

test("panning 5,000 devices stays usable", async () => {
	const large = await startMock({ devices: 5000, quiet: true });
	const { context, page } = await newBrowser(browser, { ...world, url: large.url });
	await open(page, { url: large.url }, "/map/");
	await page.locator("[data-testid=map]").hover();
	const frames = page.evaluate(
		() =>
			new Promise((done) => {
				const times = [];
				let last = performance.now();
				const step = (now) => {
					times.push(now - last);
					last = now;
					if (times.length < 60) requestAnimationFrame(step);
					else done(times.sort((a, b) => a - b));
				};
				requestAnimationFrame(step);
			}),
	);
	for (let i = 0; i < 24; i++) await page.mouse.wheel(0, i % 2 ? 60 : -90);
	const sorted = await frames;
	console.log(`5,000 devices: frame median ${sorted[30].toFixed(1)} ms, p95 ${sorted[57].toFixed(1)} ms`);
	assert.ok(sorted[30] < 200, `median frame ${sorted[30]} ms`);
	await page.setViewportSize({ width: 360, height: 740 });
	for (const path of ["/devices", "/map/?view=list"]) {
		await page.goto(large.url + path);
		await page.getByText(/5,000/).first().waitFor();
		const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
		assert.ok(nodes < 4000, `${path} on a phone: ${nodes} elements`);
	}
	await context.close();
	await large.stop();
});
