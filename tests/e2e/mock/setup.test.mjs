// SPDX-License-Identifier: Apache-2.0
// Screens for setting up against the MOCK server: all their states. The real chain is tested by ../stack.test.mjs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, COLOURS, launch, newBrowser, open } from "../browser.mjs";
import { deviceFromAddToRemove, discoverAndAdd } from "../setup.mjs";
import { startMock } from "./server.mjs";

let browser;
let mock;
const world = {
	user: "admin",
	password: "mock mock mock mock",
	card: { address: "10.1.0.5", port: 161, community: "public", model: /Amplon RT 6kVA/ },
	silent: "10.9.9.9",
	range: "10.1.0.0/22",
};

before(async () => {
	browser = await launch();
	mock = await startMock({ devices: 42, quiet: true });
	world.url = mock.url;
	mock.fleet.discoveryMs = 1500;
	mock.fleet.commandMs = 300;
});
after(async () => {
	await browser?.close();
	await mock?.stop();
});

async function visit(path, work, options) {
	const { context, page, problems } = await newBrowser(browser, world, options);
	await open(page, world, path);
	await work(page);
	assert.deepEqual(problems, []);
	await context.close();
}
const notice = (page) => page.locator(".notice");

test("a device is added, tested, changed and removed", () => deviceFromAddToRemove(browser, world));
test("a search finds cards and adds the ticked", () => discoverAndAdd(browser, world));

test("240 blocks are one table: sorted by value, extremes marked, only the seen rows drawn", () =>
	visit("/devices/4?tab=battery", async (page) => {
		const first = () => page.locator(".fill-card tbody tr[data-id]").first();
		await first().waitFor();
		assert.ok((await page.locator(".fill-card tbody tr[data-id]").count()) < 60);
		await page.getByRole("button", { name: "Resistance" }).click();
		await page.getByRole("button", { name: "Resistance" }).click();
		assert.equal(await first().getAttribute("data-id"), "s1.b17", "the greatest resistance comes first");
		assert.match((await first().textContent()) ?? "", /min12\.910.*max6\.90 mΩ/);
		assert.equal(await first().locator(".heat-2").count(), 1, "far above the mean of its string");
		assert.match(page.url(), /sort=-resistance/);
		await page.locator(".chip", { hasText: "Only conspicuous" }).click();
		await page.waitForFunction(() => document.querySelectorAll(".fill-card tbody tr[data-id]").length === 2);
		await page.locator(".fill-card select").selectOption("2");
		assert.equal(await first().getAttribute("data-id"), "s2.b63", "the hot block of the other string");
	}));

test("probes, contacts and outlets are rows, and not repeated among the values", () =>
	visit("/devices/4?tab=environment", async (page) => {
		const shelf = page.locator("tr", { hasText: "Battery shelf" });
		assert.match((await shelf.textContent()) ?? "", /25\.4 °C.*43 %.*1\.2 %.*Yes/);
		assert.match((await page.locator("tr", { hasText: "Fan" }).textContent()) ?? "", /closed/);
		await page.getByRole("link", { name: "Summary" }).click();
		await page.locator("table.values").first().waitFor();
		const names = await page.locator("table.values tbody th").evaluateAll((all) => all.map((x) => x.title));
		assert.ok(names.includes("battery.charge") && !names.some((n) => /block|ambient|outlet/.test(n)), names.join(" "));
	}));

test("a command names device and effect, waits for its read-back and tells each outcome", () =>
	visit("/devices/4?tab=commands", async (page) => {
		const run = (what) => page.getByRole("button", { name: what });
		const result = page.locator("[data-testid=command-result]");
		const dialog = page.locator("dialog[open]");
		assert.ok(await run("Run: Stop the battery test").isDisabled(), "what is not possible cannot be run");
		for (const [what, state] of [["Run: Quick battery test", "done"], ["Run: Deep battery test", "failed"], ["Run: Mute the beeper", "unconfirmed"]]) {
			await run(what).click();
			assert.match((await dialog.textContent()) ?? "", /room-1\/ups-04/);
			await dialog.locator("button[type=submit]").click();
			await dialog.getByText("Sent to the device").waitFor();
			await result.waitFor();
			assert.equal(await result.getAttribute("data-state"), state);
			await dialog.getByRole("button", { name: "Close" }).last().click();
		}
		await run("Run: Outlet off – outlet 1").click();
		const submit = dialog.locator("button[type=submit]");
		assert.ok(await submit.isDisabled(), "switching load off has to be typed");
		await page.fill("input[name=typed]", "ups-4");
		assert.ok(await submit.isDisabled());
		await page.fill("input[name=typed]", "ups-04");
		await submit.click();
		await result.waitFor();
		assert.match((await result.textContent()) ?? "", /outlet\.1\.status = off/);
	}));

test("another device at the address is shown old and new, and accepted", () =>
	visit("/devices/2", async (page) => {
		const card = page.locator("[data-testid=identity]");
		await card.waitFor();
		assert.match((await card.textContent()) ?? "", /9PX 3000.*9PX 6000.*MOCK1001.*G412X7702/);
		await card.getByRole("button").click();
		await card.waitFor({ state: "detached" });
	}));

test("findings are counted in the navigation, confirmed with their effect, dismissed, and listed as decided", () =>
	visit("/findings", async (page) => {
		const bubble = page.locator(".side a[href='/findings'] .bubble");
		await bubble.waitFor();
		assert.match((await bubble.textContent()) ?? "", /^3/);
		await page.locator("tr[data-id='1']").getByRole("button", { name: "Confirm" }).click();
		const dialog = page.locator("dialog[open]");
		assert.match((await dialog.textContent()) ?? "", /2,302\.0 V becomes 230\.2 V/);
		await dialog.getByRole("button", { name: "Confirm" }).click();
		await page.locator("tr[data-id='1']").waitFor({ state: "detached" });
		await page.locator("tr[data-id='2']").getByRole("button", { name: "Value is right" }).click();
		await page.locator("tr[data-id='2']").waitFor({ state: "detached" });
		await page.waitForFunction(() => document.querySelector(".side a[href='/findings'] .bubble")?.textContent?.startsWith("1"));
		await page.getByRole("radio", { name: "Decided" }).check();
		await page.locator("tr[data-id]", { hasText: "taken as right" }).waitFor();
		const corrected = page.locator("tr[data-id]", { hasText: "230.2 V" });
		await corrected.getByRole("button", { name: "Undo" }).click();
		await corrected.waitFor({ state: "detached" });
	}));

test("unknown senders lead to a new device, test windows come and go, losses are seen on the system page", () =>
	visit("/traps", async (page) => {
		const window = page.locator("[data-testid=windows] tr", { hasText: "of the test" });
		await page.getByRole("button", { name: "Add test window" }).click();
		await page.fill("dialog input[name=device_id]", "no/such/device");
		await page.fill("dialog input[name=name]", "of the test");
		await page.getByRole("button", { name: "Save" }).click();
		await page.locator("[data-field=device_id] .field-trouble").waitFor();
		await page.fill("dialog input[name=device_id]", "de/hamburg/building-a/room-1/ups-03");
		await page.fill("dialog input[name=tz]", "nowhere");
		await page.getByRole("button", { name: "Save" }).click();
		await page.locator("[data-field=tz] .field-trouble", { hasText: "no time zone" }).waitFor();
		await page.fill("dialog input[name=tz]", "Europe/Berlin");
		await page.getByRole("button", { name: "Save" }).click();
		await window.waitFor();
		await window.getByRole("button").click();
		await page.locator("dialog[open]").getByRole("button", { name: "Remove" }).last().click();
		await window.waitFor({ state: "detached" });
		await page.locator("[data-testid=unknown] a", { hasText: "Add as device" }).first().click();
		await page.waitForURL(/\/devices\/add\?address=10\.20\.3\.77$/);
		assert.equal(await page.inputValue("input[name=address]"), "10.20.3.77");
		await open(page, world, "/system");
		await page.locator("[data-testid=trap-status]", { hasText: /Dropped by the kernel.*4/ }).waitFor();
	}));

test("a moved card takes its new address, a known one cannot be added, a bad name is told in its row", () =>
	visit("/discovery", async (page) => {
		await page.fill("textarea[name=ranges]", world.range);
		await page.getByRole("button", { name: "Start search" }).click();
		await page.locator("[data-testid=job][data-done=true]").waitFor();
		await page.locator(".chip", { hasText: "Moved" }).click();
		const moved = page.locator("tr[data-id]").first();
		assert.match((await moved.textContent()) ?? "", /moved.*ups-08.*was at 127\.1\.0\.8/);
		await moved.getByRole("button", { name: "Take new address" }).click();
		await moved.getByText("done").waitFor();
		await page.locator(".chip", { hasText: "Moved" }).click();
		await page.locator(".chip", { hasText: "Known" }).click();
		assert.ok(await page.locator("tr[data-id] input[type=checkbox]").first().isDisabled());
		await page.locator(".chip", { hasText: "Known" }).click();
		await page.locator(".chip", { hasText: "New" }).click();
		const first = page.locator("tr[data-id]").first();
		await first.locator("input[type=checkbox]").click();
		await first.locator("input.key-input").fill("de/hamburg/building-a/room-1/ups-04");
		assert.ok(await page.locator("[data-testid=add-bar] .primary").isDisabled(), "the key of another device");
		await first.locator("input.key-input").fill("de/x/refused");
		await page.locator("[data-testid=add-bar] .primary").click();
		await first.locator(".field-trouble", { hasText: "small letters" }).waitFor();
		await notice(page).waitFor();
	}));

test("a device that a plan uses is not removed, and says so", () =>
	visit("/devices/11?tab=settings", async (page) => {
		await page.getByRole("button", { name: "Remove…" }).click();
		await page.locator("dialog[open]").getByRole("button", { name: "Remove device" }).click();
		await page.locator("dialog .form-error", { hasText: "take it out of the plan" }).waitFor();
	}));

test("somebody else's change is not overwritten", () =>
	visit("/devices/12?tab=settings", async (page) => {
		await page.locator("input[name=interval_s]").waitFor();
		await page.evaluate(() =>
			fetch("/api/v1/devices/12/config", { method: "PATCH", headers: { "content-type": "application/json", "x-busbar-csrf": "mock-csrf", "if-match": '"1"' }, body: '{"interval_s":30}' }),
		);
		await page.fill("input[name=interval_s]", "5");
		await page.getByRole("button", { name: "Save changes" }).click();
		await page.locator(".form-error", { hasText: "somebody else" }).waitFor();
	}));

for (const role of ["viewer", "operator"])
	test(`a ${role} finds no control that needs a right he lacks`, async () => {
		mock.setRole(role);
		try {
			await visit("/devices/4?tab=commands", async (page) => {
				await page.locator("[data-testid=commands] tbody tr").first().waitFor();
				const quick = page.getByRole("button", { name: "Run: Quick battery test" });
				assert.equal(await quick.isDisabled(), role === "viewer");
				if (role === "viewer") assert.match((await quick.getAttribute("title")) ?? "", /control/);
				assert.equal(await page.getByRole("link", { name: "Settings" }).count(), 0);
				if (role === "operator") return;
				for (const path of ["/discovery", "/devices/add", "/devices/4?tab=settings"]) {
					await open(page, world, path);
					assert.equal(await page.locator("main :is(input, textarea, .primary)").locator("visible=true").count() - (await page.locator("main .chips input").count()), 0, path);
				}
				await open(page, world, "/findings");
				await page.locator("tbody button").first().waitFor();
				assert.equal(await page.locator("tbody button:not(:disabled)").count(), 0);
				await open(page, world, "/traps");
				await page.locator("[data-testid=unknown] tbody tr").first().waitFor();
				assert.equal(await page.locator("main .card button:not(:disabled)").count(), 0);
			});
		} finally {
			mock.setRole("admin");
		}
	});

const TABS = ["battery", "environment", "commands", "settings"].map((tab) => `/devices/4?tab=${tab}`);

/** Screens are judged by scenarios.accessible; here are the states one has to bring about. */
async function judgeStates(page, rules) {
	const found = [];
	const judge = async (where) => {
		for (const v of await axe(page, rules)) found.push(`${where} ${v}`);
	};
	await open(page, world, `${TABS[0]}&only=1`);
	await judge("blocks");
	await open(page, world, TABS[2]);
	await page.getByRole("button", { name: "Run: Outlet off – outlet 1" }).click();
	await judge("command dialog");
	await open(page, world, "/devices/add?address=10.1.0.5");
	await page.fill("input[name=community]", "public");
	await page.getByRole("button", { name: "Test connection" }).click();
	await page.locator("[data-testid=test-result] summary").click();
	await page.getByRole("button", { name: "Add device" }).click();
	await judge("test result and troubles");
	await open(page, world, "/discovery");
	await page.fill("textarea[name=ranges]", world.range);
	await page.getByRole("button", { name: "Start search" }).click();
	await page.locator("tr[data-id]").first().waitFor();
	await page.fill("main input[type=search]", "10.1.0.2");
	await page.locator("thead input[type=checkbox]").click();
	await judge("hits");
	if (!rules) {
		await open(page, world, TABS[1]);
		await judge("environment");
		await open(page, world, "/traps");
		await page.getByRole("button", { name: "Add test window" }).click();
		await judge("window dialog");
		await open(page, world, TABS[3]);
		await page.getByRole("button", { name: "Remove…" }).click();
		await judge("settings and removal");
	}
	assert.deepEqual(found, []);
}
test("axe finds nothing on tabs, results and dialogs", () => visit("/devices", (page) => judgeStates(page)));
test("nor do the colours of the dark theme", () => visit("/devices", (page) => judgeStates(page, COLOURS), { theme: "dark" }));

test("tabs and hits fit a screen 320 px wide, in German", () =>
	visit(
		"/devices",
		async (page) => {
			for (const path of [...TABS, "/discovery"]) {
				await open(page, world, path);
				const wide = await page.evaluate(() => document.documentElement.scrollWidth);
				assert.ok(wide <= 320, `${path} is ${wide} px wide`);
			}
		},
		{ context: { viewport: { width: 320, height: 640 } }, language: "de" },
	));
