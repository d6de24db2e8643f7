// SPDX-License-Identifier: Apache-2.0
// Screens of alarm management against the MOCK server: all their states. The real chain is tested by ../stack.test.mjs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, COLOURS, launch, newBrowser, open } from "../browser.mjs";
import { startMock } from "./server.mjs";

let browser;
let mock;
const world = { user: "admin", password: "mock mock mock mock" };

before(async () => {
	browser = await launch();
	mock = await startMock({ devices: 42, quiet: true });
	world.url = mock.url;
	mock.fleet.fill();
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
const rows = (page) => page.locator("tr[data-id]");
const trouble = (page, name, text) => page.locator(`[data-field="${name}"] .field-trouble`, { hasText: text });
const save = (page) => page.locator("dialog[open] button[type=submit]").click();

test("an alarm's row opens: how often, cause and what to do, what happened, what follows from it", () =>
	visit("/alarms", async (page) => {
		const lost = rows(page).filter({ hasText: "ups-07" });
		assert.match((await lost.textContent()) ?? "", /\+3/, "three consequences are counted at the cause");
		await lost.getByRole("button", { name: /^Details/ }).click();
		const detail = page.locator("[data-testid=alarm-detail]");
		await detail.locator("[data-testid=consequences] li").nth(2).waitFor();
		await rows(page).filter({ hasText: "ups-12" }).locator("td").nth(3).click();
		await page.keyboard.press("Enter");
		await detail.getByText("Start the generator").waitFor();
		await detail.locator(".detail-events li").first().waitFor();
		assert.match((await detail.textContent()) ?? "", /First raised.*Raised in all\d+.*Mains have failed.*What happened/);
		await page.keyboard.press("l");
		await page.waitForURL(/\/log\?device=.*ups-12&rule=on_battery/);
	}));

test("a view is saved under a name, shared ones are there, a list begins with the one chosen", () =>
	visit("/alarms?severity=minor", async (page) => {
		const menu = page.locator("[data-testid=views]");
		const openMenu = () => page.locator(".views > button").click();
		const name = 'mine <script>alert("x")</script>';
		await openMenu();
		await menu.getByText("of jill").waitFor();
		await menu.getByRole("button", { name: "Save what is shown" }).click();
		await page.locator("dialog input[name=name]").fill(name);
		await save(page);
		await page.locator(".notice", { hasText: name }).waitFor();
		await openMenu();
		await menu.getByRole("button", { name: `The list begins with ${name}` }).click();
		await menu.locator("[aria-pressed=true]").waitFor();
		await page.keyboard.press("Escape");
		await menu.waitFor({ state: "detached" });
		await page.goto(`${world.url}/alarms`);
		await page.waitForURL(/severity=minor/);
		await page.locator(".hidden-bar").getByRole("button").click();
		await page.waitForURL(/\/alarms$/);
		await openMenu();
		await menu.getByRole("link", { name: "Night shift" }).click();
		await page.waitForURL(/severity=critical%2Cmajor/);
		await openMenu();
		await menu.getByRole("button", { name: `Remove the view ${name}` }).click();
		await menu.getByText(name).waitFor({ state: "detached" });
	}));

test("shortening history asks to be sure, and says what goes", () =>
	visit("/system/history", async (page) => {
		const part = page.locator("[data-what=events]");
		await part.locator("input").fill("12");
		await page.getByRole("button", { name: "Save" }).click();
		await trouble(page, "events", "from 31").waitFor();
		await part.locator("input").fill("31");
		await part.locator(".form-error", { hasText: "dropped for good" }).waitFor();
		await page.getByRole("button", { name: "Save" }).click();
		await page.locator(".form-error", { hasText: "cannot be taken back" }).waitFor();
		await page.getByLabel("I know").check();
		await page.getByRole("button", { name: "Save" }).click();
		await page.locator(".notice", { hasText: "kept so" }).waitFor();
	}));

test("what cannot be read never looks quiet", () =>
	visit("/devices", async (page) => {
		const tab = (name) => page.locator(".subtabs a", { hasText: name });
		const alarms = /\/api\/v1\/alarms(\?|$)/;
		await page.route(alarms, (r) => r.fulfill({ status: 200, contentType: "application/json", body: '{"items":[{"id' }));
		mock.reset(); // the stream goes on, the snapshot it asks for is cut off
		await page.locator("[data-testid=old-bar]", { hasText: "Cannot be read: Alarms" }).waitFor();
		await page.goto(`${world.url}/alarms?tab=maintenance`);
		await page.locator(".error-box").waitFor();
		assert.equal(await page.locator("[data-testid=counts] .num").first().textContent(), "–");
		assert.equal(await page.locator(".subtabs .num").count(), 0, "no tab says how many");
		assert.match(await page.title(), /^\(\?\)/);
		await page.unroute(alarms);
		await page.locator(".error-box").getByRole("button", { name: "Retry" }).click();
		await rows(page).filter({ hasText: "Generator test" }).waitFor();
		assert.match((await tab("Maintenance").textContent()) ?? "", /\d/);
		await page.locator("[data-testid=old-bar]").waitFor({ state: "detached" });
	}));

test("quiet alarms have tabs of their own with the reason; what ended stands under recently closed", () =>
	visit("/alarms", async (page) => {
		const tab = (name) => page.locator(".subtabs a", { hasText: name });
		assert.match((await tab("Open").textContent()) ?? "", /[56]/); // with the battery that gets low meanwhile
		await tab("Maintenance").click();
		await rows(page).filter({ hasText: "out of service: WO-4711" }).waitFor();
		await rows(page).filter({ hasText: "maintenance: Generator test" }).waitFor();
		await tab("Consequences").click();
		await rows(page).filter({ hasText: "consequence of de/hamburg" }).nth(2).waitFor();
		await tab("Recently closed").click();
		await rows(page).filter({ hasText: "Cleared" }).first().waitFor();
	}));

test("what the filter hides is told in the colour of the worst of it", () =>
	visit("/alarms?severity=minor", async (page) => {
		const bar = page.locator(".hidden-bar");
		await bar.waitFor();
		assert.match((await bar.getAttribute("class")) ?? "", /sev-(major|critical)/); // the battery of the one on battery may be low by now
		await bar.getByRole("button").click();
		await bar.waitFor({ state: "detached" });
		await page.goto(`${world.url}/alarms?site=de/berlin`);
		await page.getByText("Only Germany / Berlin").waitFor();
		assert.equal(await rows(page).filter({ hasText: "hamburg" }).count(), 0);
	}));

test("a test alarm is marked and a flood is announced", () =>
	visit("/alarms", async (page) => {
		await page.getByRole("button", { name: /^Test alarm/ }).click();
		await page.fill("dialog input[name=device]", "nowhere");
		await save(page);
		await trouble(page, "device", "no device or site").waitFor();
		await page.fill("dialog input[name=device]", "de/munich/ups-30");
		await save(page);
		await rows(page).filter({ hasText: "TEST" }).first().waitFor();
		await page.evaluate(() => fetch("/mock/flood?on=1&site=de", { method: "POST" }));
		await page.locator("[data-testid=flood]", { hasText: "Germany" }).waitFor();
		await page.evaluate(() => fetch("/mock/flood?on=0", { method: "POST" }));
		await page.locator("[data-testid=flood]").waitFor({ state: "detached" });
	}));

test("every filter of the log is in the address, is taken away by its chip, and is the one of the file", () =>
	visit("/log", async (page) => {
		await page.getByRole("button", { name: "Filter" }).click();
		await page.locator(".filter-panel .chip", { hasText: "Acknowledged" }).first().click();
		await page.locator(".filter-panel label", { hasText: "Site" }).locator("input").fill("de/berlin");
		await page.keyboard.press("Enter");
		await page.fill("main input[type=search] >> nth=0", "battery");
		await page.keyboard.press("Enter");
		await page.waitForURL(/kind=ack.*site=de%2Fberlin.*text=battery/);
		await page.locator(".in-force .chip").nth(2).waitFor();
		await page.waitForFunction(() => [...document.querySelectorAll("tr[data-id]")].length && [...document.querySelectorAll("tr[data-id]")].every((r) => /Acknowledged/.test(r.textContent) && /berlin/.test(r.textContent)));
		const total = Number(/(\d+) event/.exec((await page.locator(".screen-head").textContent()) ?? "")?.[1]);
		const file = async (name) => (await page.request.get(world.url + (await page.getByRole("link", { name }).getAttribute("href")))).text();
		assert.equal((await file("CSV")).trim().split("\r\n").length, total + 1);
		assert.equal(JSON.parse(await file("JSON")).length, total);
		await page.locator(".in-force .chip", { hasText: "Site" }).click();
		await page.waitForURL((u) => !u.searchParams.has("site"));
		await page.locator(".in-force").getByRole("button", { name: "Clear filter" }).click();
		await page.waitForURL(/\/log$/);
	}));

test("the bars jump, older and newer pages come while one scrolls, rows keep their place, the newest waits behind a bar", () =>
	visit("/log", async (page) => {
		const scroller = page.locator(".table-scroll");
		const shown = () =>
			page.waitForFunction(() => {
				const box = document.querySelector(".table-scroll").getBoundingClientRect();
				return document.elementFromPoint(box.left + 300, box.top + 60)?.closest("tr[data-id]")?.dataset.id;
			}).then((h) => h.jsonValue());
		await rows(page).first().waitFor();
		await page.locator(".bar-strip .bar").nth(20).click();
		await page.getByText("backwards").waitFor();
		await page.waitForFunction(() => document.querySelector(".table-scroll")?.scrollTop > 4000); // a page above is there
		const kept = await shown();
		const from = Number(kept.split(" ")[0]);
		const top = await scroller.evaluate((e) => {
			const before = e.scrollTop;
			e.scrollTo(0, 0);
			return before;
		});
		await page.waitForFunction(() => document.querySelector(".table-scroll").scrollTop > 4000); // another one came above
		await scroller.evaluate((e, by) => e.scrollTo(0, e.scrollTop + by), top);
		await page.waitForFunction((id) => document.querySelector(`tr[data-id="${id}"]`), kept);
		assert.equal(await shown(), kept, "what came above did not move what was seen");
		assert.ok(from > 100 && from < 900, `${kept} is neither the newest nor the oldest`);
		await page.getByRole("button", { name: "Back to the newest" }).click();
		await page.waitForURL(/\/log$/);
		await rows(page).first().waitFor();
		await scroller.evaluate((e) => e.scrollTo(0, 2000));
		mock.fleet.outage(20, true);
		await page.locator(".new-bar").waitFor();
		await scroller.evaluate((e) => e.scrollTo(0, 0));
		await rows(page).filter({ hasText: "ups-21" }).first().waitFor();
		mock.fleet.outage(20, false);
		await rows(page).filter({ hasText: "ups-21" }).filter({ hasText: "Cleared" }).first().waitFor();
		for (let i = 0; i < 6; i++) await scroller.evaluate((e) => e.scrollTo(0, e.scrollHeight)).then(() => page.waitForTimeout(150));
		const drawn = await rows(page).count();
		assert.ok(drawn < 80, `${drawn} rows are drawn`);
	}));

test("a rule is written with its troubles at the fields, rehearsed, saved, and removed", () =>
	visit("/rules", async (page) => {
		await page.getByRole("link", { name: "New rule" }).click();
		const point = page.locator("input[name=point]");
		await point.waitFor();
		await page.fill("input[name=id]", "Load High");
		await page.fill('input[name="limits/high/raise"]', "80");
		await page.fill('input[name="limits/high/clear"]', "90");
		await page.getByRole("button", { name: "Save rule" }).click();
		await trouble(page, "id", "Small letters").waitFor();
		await trouble(page, "point", "Needed").waitFor();
		await trouble(page, "limits/high/clear", "above where it begins").waitFor();
		await trouble(page, "action", "what to do").waitFor();
		await page.fill("input[name=id]", "load_high");
		await page.fill('input[name="limits/high/clear"]', "70");
		await page.fill('input[name="limits/high_high/raise"]', "75");
		await page.fill("textarea[name=action]", "Take load off this UPS.");
		await point.fill("no.such.value");
		await page.getByRole("button", { name: "Save rule" }).click();
		await trouble(page, "point", "there is no value").waitFor();
		await point.fill("ups.load");
		await page.getByRole("button", { name: "Save rule" }).click();
		await trouble(page, "limits/high_high/raise", "above high").waitFor();
		await page.fill('input[name="limits/high_high/raise"]', "95");
		await page.getByRole("button", { name: "Rehearse" }).click();
		await page.locator("[data-testid=preview-result]", { hasText: "Would have been raised 6 times" }).waitFor();
		await page.getByRole("button", { name: "Save rule" }).click();
		await page.waitForURL(/\/rules$/);
		const row = rows(page).filter({ hasText: "load_high" });
		assert.match((await row.textContent()) ?? "", /Load > 95, > 80/);
		await row.getByRole("link").click();
		await page.getByRole("button", { name: "Remove rule" }).click();
		await page.locator("dialog[open]").getByRole("button", { name: "Remove rule" }).click();
		await page.waitForURL(/\/rules$/);
		await row.waitFor({ state: "detached" });
	}));

test("a built-in rule is adjusted for one device from its page", () =>
	visit("/devices/1?tab=rules", async (page) => {
		await page.locator("[data-testid=device-rules] tr", { hasText: "On battery" }).getByRole("link").click();
		await page.locator("input[name=scope]").waitFor();
		assert.equal(await page.inputValue("input[name=id]"), "on_battery");
		assert.match(await page.inputValue("input[name=scope]"), /ups-01$/);
		await page.selectOption("select[name=severity]", "critical");
		await page.getByRole("button", { name: "Save rule" }).click();
		await page.waitForURL(/\/rules$/);
		await page.locator("tr", { hasText: "adjusted" }).filter({ hasText: "On battery" }).waitFor();
	}));

test("rules as text: a wrong line is marked, a check comes before the change", () =>
	visit("/rules/text", async (page) => {
		const area = page.locator("textarea");
		await area.waitFor();
		const text = await area.inputValue();
		const apply = page.getByRole("button", { name: "Take over" });
		assert.ok(await apply.isDisabled());
		await area.fill(`${text}\nnonsense = 1;\n`);
		await page.getByRole("button", { name: "Check" }).click();
		await page.locator("[data-testid=rules-told]", { hasText: "nonsense" }).waitFor();
		assert.equal(await area.evaluate((e) => e.value.slice(e.selectionStart, e.selectionEnd)), "nonsense = 1;");
		await area.fill(text.slice(text.indexOf("rule:", 5)));
		await page.getByRole("button", { name: "Check" }).click();
		await page.locator("[data-testid=rules-plan]", { hasText: "1 removed" }).waitFor();
		await apply.click();
		await page.locator("dialog[open]").getByRole("button", { name: "Take over" }).click();
		await page.locator(".notice", { hasText: "in force" }).waitFor();
	}));

test("device groups are nested, used ones stay, bad members are told", () =>
	visit("/groups?tab=devices", async (page) => {
		await page.getByRole("button", { name: "New device group" }).click();
		await page.fill("dialog input[name=key]", "Berlin");
		await save(page);
		await trouble(page, "key", "small letter").waitFor();
		await page.fill("dialog input[name=key]", "berlin");
		await page.fill("dialog input[name=devices]", "de/nowhere/ups");
		await page.getByRole("button", { name: "Add to: Devices" }).click();
		await save(page);
		await trouble(page, "devices", "there is no device").waitFor();
		await page.getByRole("button", { name: "Take out de/nowhere/ups" }).click();
		await page.fill("dialog input[name=sites]", "de/berlin");
		await page.fill("dialog input[name=groups]", "rack-a");
		await save(page);
		const row = rows(page).filter({ hasText: "berlin" });
		await row.waitFor();
		assert.match((await row.textContent()) ?? "", /1 site, 1 group/);
		await page.getByRole("button", { name: "Remove Rack row A" }).click();
		await page.locator("dialog[open]").getByRole("button", { name: "Remove", exact: true }).click();
		await page.locator("dialog .form-error", { hasText: "uses this group" }).waitFor();
	}));

test("what somebody else has changed since the form was opened is not overwritten", () =>
	visit("/groups?tab=devices", async (page) => {
		await rows(page).filter({ hasText: "rack-a" }).getByRole("button", { name: /^Edit|Change/ }).first().click();
		await page.locator("dialog input[name=name]").fill("mine");
		await page.evaluate(() =>
			fetch("/api/v1/device-groups/1", {
				method: "PUT",
				headers: { "content-type": "application/json", "x-busbar-csrf": "mock-csrf" },
				body: JSON.stringify({ name: "theirs", devices: ["de/hamburg/building-a/room-1/ups-01", "de/hamburg/building-a/room-1/ups-04"], sites: [], groups: [] }),
			}),
		);
		await save(page);
		await page.locator("dialog .form-error", { hasText: "Somebody else" }).waitFor();
		await page.keyboard.press("Escape");
		await rows(page).filter({ hasText: "theirs" }).waitFor();
	}));

test("a redundancy group tells what may still fail and what if one fails now, and is edited", () =>
	visit("/groups", async (page) => {
		const card = page.locator(".redundancy[data-id=red-b]");
		await card.waitFor();
		assert.match((await card.textContent()) ?? "", /Works.*3 of 3 work, 2 needed.*May still fail1.*Power left9\.0 kW/);
		await card.getByRole("button", { name: "Members" }).click();
		await card.getByRole("checkbox").nth(0).check();
		await card.getByRole("checkbox").nth(1).check();
		await card.getByRole("button", { name: /What if these 2 fail/ }).click();
		await card.locator("[data-testid=what-if]", { hasText: "Then: Fails" }).waitFor();
		await card.getByRole("button", { name: /^Edit/ }).click();
		await page.fill("dialog input[name=need]", "9");
		await save(page);
		await trouble(page, "need", "more than it has").waitFor();
		await page.fill("dialog input[name=need]", "3");
		await page.getByRole("button", { name: "Add member" }).click();
		await page.getByLabel("Kind of member 4").selectOption("condition");
		await page.getByLabel("Member 4", { exact: true }).fill("de/munich/ups-30");
		await save(page);
		await page.getByText("A condition needs a value").waitFor();
		await page.locator("dialog .member-row").nth(3).getByRole("button").click();
		await save(page);
		await card.getByText("3 of 3 work, 3 needed").waitFor();
	}));

test("maintenance windows come and go, a device is taken out of service and back, dependencies are kept", () =>
	visit("/maintenance", async (page) => {
		const windows = page.locator("[data-testid=maintenance]");
		await page.getByRole("button", { name: "New maintenance window" }).click();
		await save(page);
		await trouble(page, "name", "Needed").waitFor();
		await page.fill("dialog input[name=name]", "of the test");
		await page.fill("dialog input[name=reason]", "battery change");
		await page.fill("dialog input[name=scope]", "de/nowhere");
		await page.locator("dialog .segments label", { hasText: "Every week" }).click();
		await page.fill("dialog input[name=tz]", "nowhere");
		await save(page);
		await trouble(page, "scope", "there is no site").waitFor();
		await page.fill("dialog input[name=scope]", "de/munich");
		await save(page);
		await trouble(page, "tz", "no time zone").waitFor();
		await page.fill("dialog input[name=tz]", "Europe/Berlin");
		await save(page);
		const row = windows.locator("tr", { hasText: "of the test" });
		assert.match((await row.textContent()) ?? "", /begins.*battery change.*Site de\/munich.*Sun, 02:00/);
		await row.getByRole("button", { name: /^Remove/ }).click();
		await page.locator("dialog[open]").getByRole("button", { name: "Remove", exact: true }).click();
		await row.waitFor({ state: "detached" });
		await open(page, world, "/devices/2");
		await page.getByRole("button", { name: /^Take out of service/ }).click();
		await page.fill("dialog input[name=work_order]", "WO-1");
		await save(page);
		const note = page.locator("[data-testid=out-note]");
		await note.filter({ hasText: "WO-1, by admin" }).waitFor();
		await note.getByRole("button").click();
		await note.waitFor({ state: "detached" });
		await open(page, world, "/maintenance");
		await page.getByRole("button", { name: "Add dependency" }).click();
		await page.fill("dialog input[name=what]", "de/munich/ups-30");
		await page.fill("dialog input[name=parent]", "de/munich/ups-30");
		await save(page);
		await page.locator("dialog .form-error", { hasText: "through itself" }).waitFor();
		await page.fill("dialog input[name=parent]", "de/munich/ups-31");
		await save(page);
		const depends = page.locator("[data-testid=dependencies] tr", { hasText: "ups-30" });
		await depends.getByRole("button").click();
		await depends.waitFor({ state: "detached" });
	}));

test("figures are shown against what can be handled, and lead to the lines of the log", () =>
	visit("/kpis?days=7", async (page) => {
		await page.locator(".fact", { hasText: "Alarms a day" }).waitFor();
		await page.locator("select").first().selectOption("de/berlin");
		await page.waitForURL(/site=de%2Fberlin/);
		await page.locator("summary").click();
		await page.locator(".kpi-days tbody tr").nth(6).waitFor();
		await page.locator("[data-testid=kpi-top] a").first().click();
		await page.waitForURL(/\/log\?device=.*&rule=.*&kind=raise/);
	}));

test("the chart shows a year, and what fed the load, as a band and as a table", () =>
	visit("/devices/4", async (page) => {
		await page.getByLabel("Time range").selectOption("1y");
		await page.locator("[data-testid=bands] .band-battery").first().waitFor();
		assert.match((await page.locator(".band-plot").getAttribute("aria-label")) ?? "", /mains.*battery.*bypass/);
		await page.locator(".chart-card").getByRole("button", { name: "Table" }).click();
		await page.locator(".chart-table tr", { hasText: "bypass" }).waitFor();
	}));

test("a curve is zoomed by dragging and by buttons, and its axis goes along", () =>
	visit("/devices/3", async (page) => {
		const plot = page.locator(".pane-plot .u-over").first();
		await page.locator("[data-testid=bands]").waitFor();
		/* Whatever the page still moves or draws anew: the card stays. */
		await page.locator(".chart-card").evaluate((card) => card.scrollIntoView({ block: "start" }));
		const box = await plot.boundingBox();
		const x = (part) => box.x + box.width * part;
		await page.mouse.move(x(0.4), box.y + 30);
		await page.mouse.down();
		await page.mouse.move(x(0.6), box.y + 30, { steps: 4 });
		await page.mouse.up();
		await page.waitForFunction(() => /from=\d+&to=\d+/.test(location.search));
		const q = new URL(page.url()).searchParams;
		const [from, to] = [Number(q.get("from")), Number(q.get("to"))];
		assert.ok(to - from > 600_000 && to - from < 840_000, `a fifth of an hour, not ${to - from} ms`);
		const seconds = (d) => d.getHours() * 3600 + d.getMinutes() * 60 + d.getSeconds();
		await page.mouse.move(x(0.5), box.y + 40);
		await page.mouse.move(x(0.97), box.y + 40);
		await page.waitForFunction(
			(end) => {
				const m = /(\d\d):(\d\d):(\d\d)/.exec(document.querySelector(".pane-now")?.textContent ?? "");
				const off = m ? Math.abs(m[1] * 3600 + m[2] * 60 + Number(m[3]) - end) : 9e9;
				return Math.min(off, 86_400 - off) < 120;
			},
			seconds(new Date(to)),
			{ timeout: 20_000 },
		);
		await page.getByRole("button", { name: "Wider" }).click();
		await page.waitForFunction((w) => new URL(location.href).searchParams.get("to") - new URL(location.href).searchParams.get("from") > w, to - from);
		await plot.dblclick();
		await page.waitForFunction(() => !/from=/.test(location.search));
		await page.getByLabel("Add a curve").selectOption({ index: 1 });
		await page.locator(".pane-plot .u-over").nth(2).waitFor();
		const [file] = await Promise.all([page.waitForEvent("download"), page.locator(".chart-card").getByRole("button", { name: "CSV" }).click()]);
		assert.equal(file.suggestedFilename(), "chart.csv");
	}));

test("a viewer finds no control that needs a right he lacks", async () => {
	mock.setRole("viewer");
	try {
		await visit("/rules", async (page) => {
			for (const path of ["/rules", "/groups", "/groups?tab=devices", "/maintenance"]) {
				await open(page, world, path);
				await page.locator("main :is(tbody tr, .redundancy)").first().waitFor();
				const free = await page.locator("main :is(.card, .card-line, tbody) button:not(:disabled)").evaluateAll((all) => all.map((b) => b.textContent.trim()));
				assert.deepEqual(free.filter((text) => text !== "Members"), [], path);
				assert.equal(await page.locator("main a[href^='/rules/edit']").count(), 0);
			}
			await open(page, world, "/rules/text");
			assert.equal(await page.locator("textarea").count(), 0);
		});
	} finally {
		mock.setRole("admin");
	}
});

/** Screens are judged by scenarios.accessible; here are the states one has to bring about. */
async function judgeStates(page, rules) {
	const found = [];
	const judge = async (where) => {
		for (const v of await axe(page, rules)) found.push(`${where} ${v}`);
	};
	await open(page, world, "/alarms?severity=minor");
	await page.getByRole("button", { name: /^Details/ }).first().click();
	await page.locator("[data-testid=alarm-detail] h2").first().waitFor();
	await judge("alarm detail");
	await open(page, world, "/log?severity=major");
	await page.getByRole("button", { name: "Filter", exact: false }).first().click();
	await page.getByRole("button", { name: /^Details/ }).first().click();
	await judge("log");
	await open(page, world, "/rules/edit?entry=4");
	await page.locator("input[name=point]").fill("no.value");
	await page.getByRole("button", { name: "Rehearse" }).click();
	await trouble(page, "point", "there is no value").waitFor();
	await judge("rule with troubles");
	await open(page, world, "/groups");
	await page.getByRole("button", { name: "Members" }).first().click();
	await page.getByRole("checkbox").first().check();
	await page.getByRole("button", { name: /^What if/ }).click();
	await page.locator("[data-testid=what-if]").waitFor();
	await judge("what if");
	await page.getByRole("button", { name: /^Edit/ }).first().click();
	await judge("redundancy dialog");
	assert.deepEqual(found, []);
}
test("axe finds nothing in details and dialogs", () => visit("/devices", (page) => judgeStates(page)));
test("nor do the colours of the dark theme", () => visit("/devices", (page) => judgeStates(page, COLOURS), { theme: "dark" }));
