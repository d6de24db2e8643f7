// SPDX-License-Identifier: Apache-2.0
// What somebody does who sets devices up, told once, for the mock and for a running stack. A world has, beside what scenarios.mjs
// needs: card {address, port, community, model} (one that answers), silent (an address where nothing answers), range (what to search);
// for the running stack also agent {address, port, user, password} (SNMPv3, writable), deviceKey, sendTrap(port).
import assert from "node:assert/strict";
import { newBrowser, open } from "./browser.mjs";

const PATIENCE = { timeout: 60_000 };
const fieldTrouble = (page, name) => page.locator(`[data-field=${name}] .field-trouble`);

/** Adds, tests, changes and removes one device; a taken name and a silent address are told beside the field and in words. */
export async function deviceFromAddToRemove(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	const { address, port, community, model } = world.card;
	await open(page, world, "/devices");
	await page.locator("main a", { hasText: "Add device" }).click();
	await page.waitForURL(/\/devices\/add$/);
	await page.getByRole("button", { name: "Add device" }).click();
	await fieldTrouble(page, "key").waitFor();
	await fieldTrouble(page, "address").waitFor();
	await fieldTrouble(page, "community").waitFor();

	await page.fill("input[name=site]", "de/testtown/lab");
	await page.fill("input[name=key]", "ups-by-hand");
	await page.fill("input[name=address]", world.silent);
	await page.fill("input[name=port]", String(port));
	await page.fill("input[name=community]", community);
	await page.getByRole("button", { name: "Test connection" }).click();
	await page.locator("[data-testid=test-result][data-ok=false]").waitFor(PATIENCE);
	assert.ok(((await page.locator("[data-testid=test-result]").textContent()) ?? "").length > 30, "the reason is told");

	await page.fill("input[name=address]", address);
	assert.equal(await page.locator("[data-testid=test-result]").count(), 0, "a result of another address does not stay");
	await page.getByRole("button", { name: "Test connection" }).click();
	const result = page.locator("[data-testid=test-result][data-ok=true]");
	await result.waitFor(PATIENCE);
	assert.match((await result.textContent()) ?? "", model);
	await result.locator("summary").click();
	assert.ok((await result.locator("tbody tr").count()) > 0, "the decoded answer is shown");
	assert.match((await result.locator(".hex").textContent()) ?? "", /^0000 {2}30 /, "and its bytes");

	await page.getByRole("button", { name: "Add device" }).click();
	await page.waitForURL(/\/devices\/\d+$/);
	const url = new URL(page.url()).pathname;
	await page.locator("h1", { hasText: "ups-by-hand" }).waitFor();

	await open(page, world, "/devices/add");
	await page.fill("input[name=site]", "de/testtown/lab");
	await page.fill("input[name=key]", "ups-by-hand");
	await page.fill("input[name=address]", address);
	await page.fill("input[name=community]", community);
	await page.getByRole("button", { name: "Add device" }).click();
	await fieldTrouble(page, "key").waitFor();
	assert.match((await fieldTrouble(page, "key").textContent()) ?? "", /ups-by-hand|exists/, "409 is told beside the name");

	await open(page, world, `${url}?tab=settings`);
	const save = page.getByRole("button", { name: "Save changes" });
	await page.locator("input[name=key]").waitFor();
	assert.ok(await save.isDisabled(), "nothing changed, nothing to save");
	await page.fill("input[name=interval_s]", "20");
	await page.fill("input[name=key]", "ups-renamed");
	await save.click();
	await page.locator("h1", { hasText: "ups-renamed" }).waitFor(PATIENCE);
	await page.waitForFunction(() => document.querySelector("input[name=interval_s]")?.value === "20");

	await page.getByRole("button", { name: "Remove…" }).click();
	const dialog = page.locator("dialog[open]");
	assert.match((await dialog.textContent()) ?? "", /ups-renamed.*What goes.*What stays/s);
	await dialog.getByRole("button", { name: "Remove device" }).click();
	await page.waitForURL(/\/devices$/);
	await page.locator("tr[data-id]", { hasText: "ups-renamed" }).waitFor({ state: "detached", ...PATIENCE });
	assert.deepEqual(problems, []);
	await context.close();
}

/** Credentials, a range, live hits, names for the ticked, adding; found again they count as known. */
export async function discoverAndAdd(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	await open(page, world, "/discovery");
	await page.getByRole("button", { name: "Add credentials" }).click();
	const dialog = page.locator("dialog[open]");
	await dialog.getByRole("button", { name: "Save" }).click();
	await fieldTrouble(page, "name").waitFor();
	await page.fill("dialog input[name=name]", "of the test");
	await page.fill("dialog input[name=community]", world.card.community);
	await page.fill("dialog input[name=port]", String(world.card.port));
	await dialog.getByRole("button", { name: "Save" }).click();
	await dialog.waitFor({ state: "detached" });
	await page.locator(".credential-list", { hasText: "of the test" }).waitFor();

	await page.fill("textarea[name=ranges]", "what is this");
	await page.getByRole("button", { name: "Start search" }).click();
	await fieldTrouble(page, "ranges").waitFor();
	await page.fill("textarea[name=ranges]", world.range);
	await page.getByRole("button", { name: "Start search" }).click();
	await page.locator("[data-testid=job]").waitFor();
	await page.locator("tr[data-id]").first().waitFor(PATIENCE);
	await page.locator("[data-testid=job][data-done=true]").waitFor(PATIENCE);

	const add = page.locator("[data-testid=add-bar] .primary");
	assert.ok(await add.isDisabled(), "nothing is ticked");
	await page.locator(".chip", { hasText: "New" }).click();
	const rows = page.locator("tr[data-id]");
	await rows.first().locator("input[type=checkbox]").click();
	await page.fill("[data-testid=add-bar] input", "de/testtown/found");
	await page.getByRole("button", { name: "Set for ticked" }).click();
	const key = rows.first().locator("input.key-input");
	assert.match(await key.inputValue(), /^de\/testtown\/found\/.+/);
	await key.fill("de/testtown/found/by-search");
	assert.match((await add.textContent()) ?? "", /Add 1 device/);
	await add.click();
	await rows.first().locator("a[href^='/devices/']").waitFor(PATIENCE);
	await rows.first().locator("a[href^='/devices/']").click();
	await page.locator("h1", { hasText: "by-search" }).waitFor(PATIENCE);
	assert.deepEqual(problems, []);
	await context.close();
}

/** Adds a device that speaks SNMPv3 and runs a command on it: typed name where load is at risk, read-back, and the log tells who. */
export async function commandIsReadBack(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	const { address, port, user, password } = world.agent;
	await open(page, world, "/devices/add");
	await page.fill("input[name=site]", "de/testtown/lab");
	await page.fill("input[name=key]", "agent");
	await page.fill("input[name=address]", address);
	await page.fill("input[name=port]", String(port));
	await page.selectOption("select[name=version]", "3");
	await page.fill("input[name=v3_user]", user);
	await page.fill("input[name=v3_auth_password]", "short");
	await page.fill("input[name=v3_priv_password]", password);
	await page.getByRole("button", { name: "Add device" }).click();
	await fieldTrouble(page, "v3_auth_password").waitFor();
	await page.fill("input[name=v3_auth_password]", password);
	await page.getByRole("button", { name: "Add device" }).click();
	await page.waitForURL(/\/devices\/\d+$/);
	await open(page, world, `${new URL(page.url()).pathname}?tab=commands`);
	const run = page.getByRole("button", { name: "Run: Deep battery test" });
	await page.locator("button:not(:disabled)", { hasText: "Run" }).first().waitFor(PATIENCE);
	await run.click();
	const dialog = page.locator("dialog[open]");
	assert.match((await dialog.textContent()) ?? "", /de\/testtown\/lab\/agent/);
	assert.ok(await dialog.locator("button[type=submit]").isDisabled());
	await page.fill("dialog input[name=typed]", "agent");
	await dialog.locator("button[type=submit]").click();
	const result = page.locator("[data-testid=command-result]");
	await result.waitFor(PATIENCE);
	assert.match((await result.getAttribute("data-state")) ?? "", /^(done|unconfirmed)$/);
	await dialog.getByRole("button", { name: "Close" }).last().click();
	await page.getByRole("link", { name: "Summary" }).click();
	await page.locator(".event-lines li", { hasText: "Command" }).filter({ hasText: world.user }).first().waitFor(PATIENCE);
	assert.deepEqual(problems, []);
	await context.close();
}

/** A trap of somebody unknown is shown with its sender and leads to a new device; a test window comes and goes. */
export async function strangersAndWindows(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	await open(page, world, "/system");
	const status = page.locator("[data-testid=trap-status]");
	await status.getByText("Listening on").waitFor();
	const port = /127\.0\.0\.1:(\d+)/.exec((await status.textContent()) ?? "")?.[1];
	assert.ok(port, "the receiver's address is shown");
	await world.sendTrap(port);
	await open(page, world, "/traps");
	const stranger = page.locator("[data-testid=unknown] tr", { hasText: "127.61.77.7" });
	await stranger.waitFor(PATIENCE);
	await page.getByRole("button", { name: "Add test window" }).click();
	await page.fill("dialog input[name=device_id]", world.deviceKey);
	await page.fill("dialog input[name=name]", "of the test");
	await page.fill("dialog input[name=tz]", "no/where");
	await page.locator("dialog").getByRole("button", { name: "Save" }).click();
	await page.locator("dialog .field-trouble, dialog .form-error").first().waitFor();
	await page.fill("dialog input[name=tz]", "Europe/Berlin");
	await page.locator("dialog").getByRole("button", { name: "Save" }).click();
	const window = page.locator("[data-testid=windows] tr", { hasText: "of the test" });
	await window.getByText("every day").waitFor();
	await window.getByRole("button").click();
	await page.locator("dialog[open]").getByRole("button", { name: "Remove" }).last().click();
	await window.waitFor({ state: "detached" });
	await stranger.getByRole("link", { name: "Add as device" }).click();
	await page.waitForURL(/\/devices\/add\?address=127\.61\.77\.7$/);
	assert.deepEqual(problems, []);
	await context.close();
}
