// SPDX-License-Identifier: Apache-2.0
// What an engineer does about alarms on a running stack, told once. A world has what scenarios.mjs says, and deviceKey, the
// whole key of the device that `outage(on)` switches.
import assert from "node:assert/strict";
import { newBrowser, open } from "./browser.mjs";

const PATIENCE = { timeout: 60_000 };
const rows = (page, what) => page.locator("tr[data-id]", { hasText: what });
const trouble = (page, name) => page.locator(`[data-field="${name}"] .field-trouble`);
const save = (page) => page.locator("dialog[open] button[type=submit]").click();
const confirmed = async (page) => {
	const dialog = page.locator("dialog[open]");
	await dialog.getByRole("button", { name: "Remove" }).last().click();
	await dialog.waitFor({ state: "detached" });
};

/** A rule from its first mistake to the alarm it raises, what the alarm says, and the end of both. */
export async function ruleFromTroubleToAlarm(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	await open(page, world, "/rules/edit");
	await page.locator("select[name=scope_kind]").selectOption("device");
	await page.fill("input[name=scope]", world.deviceKey);
	await page.fill("input[name=id]", "any_load");
	await page.fill("input[name=point]", "ups.lood");
	await page.fill('input[name="limits/high/raise"]', "0.5");
	await page.fill("input[name=on_delay_s]", "0");
	await page.fill("input[name=raise_count]", "1");
	await page.fill("textarea[name=action]", "Take the load of the test away.");
	await page.getByRole("button", { name: "Save rule" }).click();
	await trouble(page, "point").waitFor();
	await page.fill("input[name=point]", "ups.load");
	await page.getByRole("button", { name: "Rehearse" }).click();
	await page.locator("[data-testid=preview-result], .form-error").first().waitFor(PATIENCE);
	await page.getByRole("button", { name: "Save rule" }).click();
	await page.waitForURL(/\/rules$/);
	await rows(page, "any_load").waitFor();

	await open(page, world, "/alarms");
	const alarm = rows(page, world.device).filter({ hasText: "Any load" });
	await alarm.waitFor(PATIENCE);
	await alarm.getByRole("button", { name: /^Details/ }).click();
	await page.locator("[data-testid=alarm-detail]", { hasText: "Take the load of the test away." }).waitFor(PATIENCE);
	await page.locator(".detail-events li").first().waitFor(PATIENCE);

	await open(page, world, "/rules/text");
	assert.match(await page.locator("textarea").inputValue(), /any_load/);
	await open(page, world, "/rules");
	await rows(page, "any_load").getByRole("link").click();
	await page.getByRole("button", { name: "Remove rule" }).click();
	await page.locator("dialog[open]").getByRole("button", { name: "Remove rule" }).click();
	await page.waitForURL(/\/rules$/);
	await open(page, world, "/alarms?tab=closed");
	await rows(page, "Any load").first().waitFor(PATIENCE);
	assert.deepEqual(problems, []);
	await context.close();
}

/** A device group and a redundancy group over real devices: state, "what if", the refusal to remove what is used. */
export async function groupsTellWhatMayFail(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	await open(page, world, "/groups?tab=devices");
	await page.getByRole("button", { name: "New device group" }).click();
	await page.fill("dialog input[name=key]", "of-the-test");
	await page.fill("dialog input[name=sites]", "de/nowhere");
	await page.getByRole("button", { name: "Add to: Sites" }).click();
	await page.fill("dialog input[name=devices]", world.deviceKey);
	await page.keyboard.press("Enter");
	await save(page);
	await page.locator("dialog :is(.field-trouble, .form-error)").first().waitFor();
	await page.getByRole("button", { name: "Take out de/nowhere" }).click();
	await page.fill("dialog input[name=sites]", "de/testtown/office");
	await page.keyboard.press("Enter");
	await save(page);
	await rows(page, "of-the-test").waitFor();

	await open(page, world, "/groups");
	await page.getByRole("button", { name: "New redundancy group" }).click();
	await page.fill("dialog input[name=key]", "red-test");
	await page.getByLabel("Kind of member 1").selectOption("group");
	await page.getByLabel("Member 1", { exact: true }).fill("of-the-test");
	await page.fill("dialog input[name=need]", "2");
	await save(page);
	const card = page.locator(".redundancy[data-id=red-test]");
	await card.waitFor(PATIENCE);
	await page.locator('.redundancy[data-id=red-test][data-state="works"]').waitFor(PATIENCE);
	await card.getByRole("button", { name: "Members" }).click();
	await card.locator("tbody tr").first().waitFor(PATIENCE);
	const all = card.getByRole("checkbox");
	for (let i = 0; i < (await all.count()) - 1; i++) await all.nth(i).check();
	await card.getByRole("button", { name: /^What if/ }).click();
	await card.locator("[data-testid=what-if]", { hasText: "Then: Fails" }).waitFor(PATIENCE);

	await open(page, world, "/groups?tab=devices");
	await page.getByRole("button", { name: "Remove of-the-test" }).click();
	await page.locator("dialog[open]").getByRole("button", { name: "Remove", exact: true }).click();
	await page.locator("dialog .form-error").waitFor();
	await open(page, world, "/groups");
	await card.getByRole("button", { name: /^Remove/ }).click();
	await confirmed(page);
	await card.waitFor({ state: "detached", ...PATIENCE });
	await open(page, world, "/groups?tab=devices");
	await page.getByRole("button", { name: "Remove of-the-test" }).click();
	await confirmed(page);
	await rows(page, "of-the-test").waitFor({ state: "detached" });
	assert.deepEqual(problems, []);
	await context.close();
}

/** An outage during maintenance stands under its tab and counts nowhere; at the end of the window it is told. */
export async function maintenanceKeepsQuiet(browser, world) {
	const { context, page, problems } = await newBrowser(browser, world);
	const alarm = rows(page, world.device).filter({ hasText: "On battery" });
	await open(page, world, "/maintenance");
	await page.getByRole("button", { name: "New maintenance window" }).click();
	await page.fill("dialog input[name=name]", "switching of the test");
	await page.fill("dialog input[name=reason]", "load is moved by hand");
	await page.locator("dialog select[name=scope_kind]").selectOption("device");
	await page.fill("dialog input[name=scope]", "no/such/device");
	await save(page);
	await page.locator("dialog :is(.field-trouble, .form-error)").first().waitFor();
	await page.fill("dialog input[name=scope]", world.deviceKey);
	await save(page);
	const window = page.locator("[data-testid=maintenance] tr", { hasText: "switching of the test" });
	await window.getByText("runs until").waitFor(PATIENCE);
	await world.outage(true);
	await open(page, world, "/alarms?tab=maintenance");
	await alarm.filter({ hasText: "switching of the test" }).waitFor(PATIENCE);
	await page.locator(".subtabs a", { hasText: "Open" }).click();
	await page.locator("[aria-current=page]", { hasText: "Open" }).waitFor();
	assert.equal(await alarm.count(), 0, "a quiet alarm is none of the open ones");
	await open(page, world, "/maintenance");
	await window.getByRole("button", { name: /^Remove/ }).click();
	await confirmed(page);
	await open(page, world, "/alarms");
	await alarm.waitFor(PATIENCE);
	await world.outage(false);
	await alarm.waitFor({ state: "detached", ...PATIENCE });

	await open(page, world, `/log?device=${encodeURIComponent(world.deviceKey)}&rule=on_battery&kind=raise,clear`);
	await rows(page, "Cleared").first().waitFor(PATIENCE);
	await page.locator(".bar-strip .bar").first().waitFor(PATIENCE);
	const file = await page.request.get(world.url + (await page.getByRole("link", { name: "JSON" }).getAttribute("href")));
	const shown = await rows(page, world.device).evaluateAll((all) => all.map((r) => r.dataset.id.split(" ")[0]));
	const saved = (await file.json()).map((e) => String(e.jseq));
	assert.deepEqual(saved.slice(0, shown.length), shown, "the file holds what is shown, in its order");
	assert.deepEqual(problems, []);
	await context.close();
}
