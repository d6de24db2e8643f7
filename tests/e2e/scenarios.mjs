// SPDX-License-Identifier: Apache-2.0
// What an operator does, told once. A world has: url, user, password, newPassword, device (part of the key of the one that
// `outage(on)` switches), raiseMs (poll interval + 1 s), and may have stopServer() and startServer().
import assert from "node:assert/strict";
import { axe, COLOURS, newBrowser, open, SCREENS, seen } from "./browser.mjs";

const rowShown = (device) => [...document.querySelectorAll("tr[data-id]")].some((r) => r.textContent.includes(device));
const unackedRow = ([device, rule]) =>
	[...document.querySelectorAll("tr.unack[data-id]")].some((r) => r.textContent.includes(device) && r.textContent.includes(rule));
const ackedRow = ([device, rule]) =>
	[...document.querySelectorAll("tr[data-id]:not(.unack):not(.ended)")].some((r) => r.textContent.includes(device) && r.textContent.includes(rule));
const noRow = ([device, rule]) =>
	![...document.querySelectorAll("tr[data-id]")].some((r) => r.textContent.includes(device) && r.textContent.includes(rule));

export async function firstLogin(browser, world) {
	const { context, page } = await newBrowser(browser, world, { signedIn: false });
	await page.goto(`${world.url}/`);
	await page.fill("input[name=user]", world.user);
	await page.fill("input[name=password]", "not the password at all");
	await page.click("button[type=submit]");
	await page.locator(".form-error").waitFor();
	await page.fill("input[name=password]", world.password);
	await page.click("button[type=submit]");
	await page.locator("input[name=new], [data-testid=frame]").first().waitFor();
	if (await page.locator("input[name=new]").count()) {
		assert.equal(await page.locator("[data-testid=frame]").count(), 0, "nothing else is reachable before the change");
		await page.fill("input[name=old]", world.password);
		await page.fill("input[name=new]", "short");
		await page.fill("input[name=again]", "short");
		await page.click("button[type=submit]");
		await page.locator(".form-error").waitFor();
		await page.fill("input[name=new]", world.newPassword);
		await page.fill("input[name=again]", world.newPassword);
		await page.click("button[type=submit]");
		world.password = world.newPassword;
	}
	await page.locator('[data-testid="live"][data-state="live"]').waitFor();
	await page.goto(`${world.url}/me`);
	await page.getByRole("button", { name: "Log out" }).click();
	await page.locator("input[name=user]").waitFor();
	await context.close();
}

export async function overviewShowsFleet(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	await open(page, world, "/map/");
	await page.locator("[data-testid=map] canvas").first().waitFor();
	const total = await page.locator(".level-counts li").first().textContent();
	assert.match(total ?? "", /\d/);
	const site = page.locator("a.object").first();
	const name = (await site.locator(".object-name").textContent()) ?? "";
	await site.click();
	await page.waitForURL(/\/map\/.+/);
	await page.locator(".crumbs [aria-current=page]").waitFor();
	await page.locator("main").click({ position: { x: 5, y: 5 } });
	await page.keyboard.press("Backspace");
	await page.waitForURL(/\/map\/$/);
	const device = page.locator("button.object").first();
	await device.click();
	await page.locator("[data-testid=device-card]").waitFor();
	await page.locator("[data-testid=device-card] a.button").click();
	await page.waitForURL(/\/devices\/\d+/);
	await page.locator(".mimic").first().waitFor();
	await page.locator("table.values tbody tr").first().waitFor();
	assert.ok(name.length > 0);
	assert.deepEqual(problems, []);
	await context.close();
}

export async function alarmInTwoBrowsers(browser, world) {
	const a = await newBrowser(browser, world);
	const b = await newBrowser(browser, world);
	const what = [world.device, "On battery"];
	await open(a.page, world, "/alarms");
	await open(b.page, world, "/alarms");
	const raised = Date.now();
	await world.outage(true);
	const [inA, inB] = await Promise.all([seen(a.page, raised, unackedRow, what), seen(b.page, raised, unackedRow, what)]);
	await b.page.locator("[data-testid=strip]").waitFor();
	assert.match(await b.page.title(), /^\(\d+!\) Busbar$/);

	const acked = Date.now();
	await a.page.locator("tr.unack", { hasText: world.device }).filter({ hasText: "On battery" }).first().getByRole("button", { name: /^Acknowledge/ }).click();
	const [ackA, ackB] = await Promise.all([seen(a.page, acked, ackedRow, what), seen(b.page, acked, ackedRow, what)]);
	await a.page.mouse.move(5, 5); // rows stay while the pointer is over them

	const cleared = Date.now();
	await world.outage(false);
	const [goneA, goneB] = await Promise.all([seen(a.page, cleared, noRow, what, 30_000), seen(b.page, cleared, noRow, what, 30_000)]);
	console.log(`raise seen after ${inA} and ${inB} ms, acknowledgement after ${ackA} and ${ackB} ms, clear after ${goneA} and ${goneB} ms`);
	assert.ok(Math.max(inA, inB) <= world.raiseMs, `the raise took ${Math.max(inA, inB)} ms, allowed are ${world.raiseMs}`);
	assert.ok(ackB <= 1000, `the acknowledgement took ${ackB} ms in the other browser`);
	assert.deepEqual([...a.problems, ...b.problems], []);
	await a.context.close();
	await b.context.close();
}

/** Acknowledged, taken back, commented, shelved and brought back, by keys and buttons. */
export async function shelveAndBack(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	const what = [world.device, "On battery"];
	const row = page.locator("tr[data-id]", { hasText: world.device }).filter({ hasText: "On battery" });
	const dialog = page.locator("dialog");
	await open(page, world, "/alarms");
	await world.outage(true);
	await page.waitForFunction(unackedRow, what);
	await row.getByRole("button", { name: /^Acknowledge/ }).click();
	await page.waitForFunction(ackedRow, what);
	await row.getByRole("checkbox").check();
	await page.getByRole("button", { name: "Un-acknowledge" }).click();
	await dialog.getByRole("button", { name: "Un-acknowledge" }).click();
	await page.waitForFunction(unackedRow, what);
	await page.locator(".action-bar").getByRole("button", { name: /^Shelve/ }).click();
	await dialog.getByRole("button", { name: "Shelve" }).click();
	assert.ok(await dialog.count(), "a shelf without a reason went through");
	await dialog.locator("textarea").fill("generator test");
	await dialog.locator("select").selectOption({ label: "8 hours" });
	assert.deepEqual(await axe(page), []);
	await dialog.getByRole("button", { name: "Shelve" }).click();
	await page.mouse.move(5, 5);
	await page.waitForFunction(noRow, what);
	await page.locator("[data-testid=nav-shelved]").click();
	await row.getByText("generator test").waitFor();
	assert.deepEqual(await axe(page), []);
	await row.getByRole("button").click();
	await row.waitFor({ state: "detached" });
	await page.getByRole("link", { name: /^Open/ }).click();
	await page.waitForFunction(unackedRow, what);
	await world.outage(false);
	assert.deepEqual(problems, []);
	await context.close();
}

export async function offlineAndBack(browser, world) {
	const { context, page } = await newBrowser(browser, world);
	await open(page, world, "/alarms");
	await page.evaluate(() => {
		globalThis.sameDocument = true;
	});
	const stopped = Date.now();
	await world.stopServer();
	const took = await seen(page, stopped, () => document.querySelector("[data-testid=offline-bar]") !== null);
	console.log(`offline bar after ${took} ms`);
	assert.ok(took <= 14_000, `the offline bar took ${took} ms`);
	assert.ok(await page.locator(".frame.frozen").count());
	assert.equal(await page.locator(".action-bar button:not(:disabled)").count(), 0, "nothing may be done on frozen data");
	await world.startServer();
	await page.getByRole("button", { name: "Try now" }).click();
	await page.locator("[data-testid=offline-bar]").waitFor({ state: "detached", timeout: 45_000 });
	await page.locator('[data-testid="live"][data-state="live"]').waitFor();
	assert.ok(await page.evaluate(() => globalThis.sameDocument), "no reload");
	await world.outage(true);
	await seen(page, Date.now(), rowShown, world.device, 30_000);
	await world.outage(false);
	await context.close();
}

export async function soundIsOffUntilClicked(browser, world) {
	const { context, page } = await newBrowser(browser, world);
	await open(page, world, "/map/");
	const button = page.locator("[data-testid=sound-off]");
	await button.waitFor();
	assert.match((await button.textContent()) ?? "", /Sound is off/);
	await button.click();
	await button.waitFor({ state: "detached" });
	await context.close();
}

export async function accessible(browser, world, theme) {
	const { context, page, problems } = await newBrowser(browser, world, { theme });
	const found = [];
	const rules = theme === "light" ? undefined : COLOURS;
	await open(page, world, "/devices");
	await page.locator("tbody th a").first().waitFor();
	const device = await page.locator("tbody th a").first().getAttribute("href");
	for (const path of [...SCREENS, device, "/nowhere"]) {
		await page.goto(world.url + path);
		await page.locator('[data-testid="live"][data-state="live"]').waitFor();
		await page.locator("main :is(h1, .empty)").first().waitFor();
		await page.waitForFunction(() => !document.querySelector(".skeleton"));
		for (const v of await axe(page, rules)) found.push(`${path} ${v}`);
	}
	await page.keyboard.press("?");
	await page.locator("dialog[open]").waitFor();
	for (const v of await axe(page, rules)) found.push(`help ${v}`);
	assert.deepEqual(found, []);
	assert.deepEqual(problems, []);
	await context.close();
}

export async function keyboardAlone(browser, world) {
	const { context, page } = await newBrowser(browser, world);
	await open(page, world, "/map/");
	await page.keyboard.press("g");
	await page.keyboard.press("d");
	await page.waitForURL(/\/devices$/);
	await page.locator("tbody tr[data-id]").first().waitFor();
	await page.keyboard.press("j");
	await page.locator("tr.current").waitFor();
	await page.keyboard.press("Enter");
	await page.waitForURL(/\/devices\/\d+/);
	await page.locator(".mimic").first().waitFor();
	await page.keyboard.press("Backspace");
	await page.waitForURL(/\/map\//);
	await page.keyboard.press("Control+k");
	await page.keyboard.type(world.device);
	await page.locator(".hit").first().waitFor();
	await page.keyboard.press("Enter");
	await page.waitForURL(/\/devices\/\d+/);
	for (const [key, url] of [["a", /\/alarms/], ["l", /\/log/], ["s", /\/system/], ["f", /\/findings/], ["v", /\/discovery/], ["t", /\/traps/], ["o", /\/map\//]]) {
		await page.keyboard.press("g");
		await page.keyboard.press(key);
		await page.waitForURL(url);
	}
	await context.close();
}

export async function narrowScreens(browser, world) {
	const { context, page } = await newBrowser(browser, world, { context: { viewport: { width: 320, height: 640 } }, language: "de" });
	for (const path of SCREENS) {
		await open(page, world, path);
		const wide = await page.evaluate(() => document.documentElement.scrollWidth);
		assert.ok(wide <= 320, `${path} is ${wide} px wide`);
		assert.ok(await page.locator("nav.tabs").isVisible());
	}
	await context.close();
}
