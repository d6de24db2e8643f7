// SPDX-License-Identifier: Apache-2.0
// Bad days on a running stack, told once: many alarms at once, one that flutters, a bypass, two people at one alarm. A world has what
// scenarios.mjs says, and deviceKey, and verb(address, words): an order to a simulated device. `others` are addresses of ten and more,
// `flutters` address and name of one, `bypassed` address of another; `agent` is the device of setup.mjs.
import assert from "node:assert/strict";
import { newBrowser, open } from "./browser.mjs";

const PATIENCE = { timeout: 60_000 };
const rows = (page, what) => page.locator("tr[data-id]", { hasText: what });

/** More than ten alarms are a flood: announced once, and the way to their site. One that comes and goes is marked. */
export async function floodAndFlutter(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	await open(page, world, "/alarms");
	for (const address of world.others) await world.verb(address, "on");
	await page.locator("[data-testid=flood]", { hasText: /\d+ new alarms/ }).waitFor(PATIENCE);
	assert.equal(await page.locator("[data-testid=flood]").count(), 1, "one bar, however many sites");
	const [address, name] = world.flutters;
	const alarm = rows(page, name).filter({ hasText: "On battery" });
	const badge = alarm.locator(".mark-badge", { hasText: "flutters" });
	const gone = ([d]) => [...document.querySelectorAll("tr[data-id]:not(.ended)")].every((r) => !r.textContent.includes(d) || r.textContent.includes("flutters"));
	const there = ([d]) => [...document.querySelectorAll("tr.unack[data-id]")].some((r) => r.textContent.includes(d));
	for (let i = 0; i < 6 && !(await badge.count()); i++) {
		await world.verb(address, "on");
		await page.waitForFunction(there, [name], PATIENCE);
		await world.verb(address, "off");
		await page.waitForFunction(gone, [name], PATIENCE);
	}
	await badge.waitFor(PATIENCE);
	for (const address of world.others) await world.verb(address, "off");
	assert.deepEqual(problems, []);
	await context.close();
}

/** What fed the load stands under the curve, bypass too; the clock of a card that tells it is compared with ours. */
export async function bypassAndClock(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	await world.verb(world.bypassed, "set .1.3.6.1.2.1.33.1.4.1.0 4");
	await open(page, world, "/alarms");
	const bypass = rows(page, "On bypass");
	await bypass.waitFor(PATIENCE);
	await bypass.locator(".device-col a").click();
	await page.waitForURL(/\/devices\/\d+/);
	await page.locator('[data-testid=bands] [role=img][aria-label*="bypass" i]').waitFor(PATIENCE);
	await world.verb(world.bypassed, "unset");
	await open(page, world, "/devices?q=lab/agent");
	await rows(page, "agent").getByRole("link").first().click();
	await page.locator("table.values tr", { hasText: "Clock drift of the device" }).waitFor(PATIENCE);
	assert.deepEqual(problems, []);
	await context.close();
}

/** While one writes his comment another acknowledges: the first is told before and after, and overwrites nothing. */
export async function twoAtOneAlarm(browser, world) {
	const a = await newBrowser(browser, world);
	const b = await newBrowser(browser, world);
	await open(a.page, world, "/alarms");
	await open(b.page, world, "/alarms");
	await world.outage(true);
	const alarm = (page) => rows(page, world.device).filter({ hasText: "On battery" });
	await alarm(a.page).waitFor(PATIENCE);
	await alarm(a.page).getByRole("checkbox").check();
	await a.page.getByRole("button", { name: /^Shelve/ }).click();
	const dialog = a.page.locator("dialog[open]");
	await dialog.waitFor();
	assert.equal(await dialog.locator(".meanwhile:not(:empty)").count(), 0);
	await alarm(b.page).getByRole("button", { name: /^Acknowledge/ }).click();
	await dialog.locator("strong.meanwhile", { hasText: `acknowledged by ${world.user}` }).waitFor(PATIENCE);
	await world.outage(false);
	await dialog.locator("strong.meanwhile", { hasText: "has ended" }).waitFor(PATIENCE);
	assert.deepEqual([...a.problems, ...b.problems], []);
	await a.context.close();
	await b.context.close();
}
