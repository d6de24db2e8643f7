// SPDX-License-Identifier: Apache-2.0
// The interface on a running stack. Everything comes from the environment, set by the fixture that started the stack:
//   BUSBAR_URL  BUSBAR_USER  BUSBAR_PASSWORD (one-time or not)  BUSBAR_NEW_PASSWORD
//   BUSBAR_DEVICE   part of the key of the device that BUSBAR_OUTAGE switches
//   BUSBAR_OUTAGE   command run with "on" or "off" appended; BUSBAR_RAISE_MS allowed time (poll interval + 1 s)
//   BUSBAR_CARD     address:port of a device nobody has added, community "public"; BUSBAR_RANGE what to search
//   BUSBAR_AGENT    address:port of an SNMPv3 agent that may be written; user "ops", password BUSBAR_AGENT_PASSWORD
//   BUSBAR_TRAP     command that sends a trap from 127.61.77.7 to the port appended
//   BUSBAR_VERB     command that takes an address and a verb of fleetsim; BUSBAR_OTHERS addresses with commas, BUSBAR_FLUTTERS address,name,
//   BUSBAR_BYPASSED address of a device
//   BUSBAR_STOP, BUSBAR_START   commands that stop and start webd (optional: without them that test is skipped)
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { launch } from "./browser.mjs";
import { groupsTellWhatMayFail, maintenanceKeepsQuiet, ruleFromTroubleToAlarm } from "./manage.mjs";
import * as scenario from "./scenarios.mjs";
import { bypassAndClock, floodAndFlutter, twoAtOneAlarm } from "./storm.mjs";
import { commandIsReadBack, deviceFromAddToRemove, discoverAndAdd, strangersAndWindows } from "./setup.mjs";

const env = process.env;
const run = promisify(execFile);
const shell = (command) => run("/bin/sh", ["-c", command], { timeout: 60_000 });
const world = {
	url: env.BUSBAR_URL?.replace(/\/$/, ""),
	user: env.BUSBAR_USER ?? "admin",
	password: env.BUSBAR_PASSWORD,
	newPassword: env.BUSBAR_NEW_PASSWORD ?? "a sentence is easy to keep",
	device: env.BUSBAR_DEVICE,
	raiseMs: Number(env.BUSBAR_RAISE_MS ?? 3000),
	card: { address: env.BUSBAR_CARD?.split(":")[0], port: Number(env.BUSBAR_CARD?.split(":")[1]), community: "public", model: /rfc1628|RFC 1628|UPS/i },
	silent: "127.61.250.250",
	range: env.BUSBAR_RANGE,
	agent: { address: env.BUSBAR_AGENT?.split(":")[0], port: Number(env.BUSBAR_AGENT?.split(":")[1]), user: "ops", password: env.BUSBAR_AGENT_PASSWORD },
	deviceKey: env.BUSBAR_DEVICE_KEY,
	others: env.BUSBAR_OTHERS?.split(","),
	flutters: env.BUSBAR_FLUTTERS?.split(","),
	bypassed: env.BUSBAR_BYPASSED,
	verb: (address, words) => shell(`${env.BUSBAR_VERB} ${address} ${words}`),
	sendTrap: (port) => shell(`${env.BUSBAR_TRAP} ${port}`),
	outage: (on) => shell(`${env.BUSBAR_OUTAGE} ${on ? "on" : "off"}`),
	stopServer: () => shell(env.BUSBAR_STOP),
	startServer: () => shell(env.BUSBAR_START),
};
const skip = world.url && world.password ? false : "BUSBAR_URL and BUSBAR_PASSWORD are not set: no running stack";
const noOutage = skip || (env.BUSBAR_OUTAGE && env.BUSBAR_DEVICE ? false : "BUSBAR_OUTAGE or BUSBAR_DEVICE is not set");
const noStop = noOutage || (env.BUSBAR_STOP && env.BUSBAR_START ? false : "BUSBAR_STOP or BUSBAR_START is not set");
let browser;

before(async () => {
	if (!skip) browser = await launch();
});
after(() => browser?.close());

test("the first login has to change the one-time password", { skip }, () => scenario.firstLogin(browser, world));
test("the overview shows the fleet and leads to a device", { skip }, () => scenario.overviewShowsFleet(browser, world));
test("an alarm appears in two browsers in time, is acknowledged in one and clears by itself", { skip: noOutage }, () =>
	scenario.alarmInTwoBrowsers(browser, world),
);
test("an alarm is shelved and brought back", { skip: noOutage }, () => scenario.shelveAndBack(browser, world));
test("the sound button is visible until it is clicked", { skip }, () => scenario.soundIsOffUntilClicked(browser, world));
test("everything is reached with keys alone", { skip: noOutage }, () => scenario.keyboardAlone(browser, world));
const noCard = skip || (env.BUSBAR_CARD && env.BUSBAR_RANGE ? false : "BUSBAR_CARD or BUSBAR_RANGE is not set");
test("a device is added, tested, changed and removed", { skip: noCard }, () => deviceFromAddToRemove(browser, world));
test("a search finds cards and adds the ticked", { skip: noCard }, () => discoverAndAdd(browser, world));
const noAgent = noCard || (env.BUSBAR_AGENT && env.BUSBAR_TRAP ? false : "BUSBAR_AGENT or BUSBAR_TRAP is not set");
test("a command is confirmed, read back and logged with its user", { skip: noAgent }, () => commandIsReadBack(browser, world));
test("a stranger's trap and a test window are shown", { skip: noAgent }, () => strangersAndWindows(browser, world));
const noKey = noOutage || (env.BUSBAR_DEVICE_KEY ? false : "BUSBAR_DEVICE_KEY is not set");
test("a rule raises its alarm, the alarm says what to do, both end", { skip: noKey }, () => ruleFromTroubleToAlarm(browser, world));
test("groups tell what may still fail", { skip: noKey }, () => groupsTellWhatMayFail(browser, world));
test("maintenance keeps an outage quiet until its end", { skip: noKey }, () => maintenanceKeepsQuiet(browser, world));
const noVerb = noAgent || (env.BUSBAR_VERB ? false : "BUSBAR_VERB is not set");
test("a flood, what flutters, a bypass, a card's clock are shown; who comes second at an alarm is told so", { skip: noVerb }, () =>
	Promise.all([floodAndFlutter(browser, world), bypassAndClock(browser, world), twoAtOneAlarm(browser, world)]),
);
// the other themes differ in colours only: they are judged against the mock
test("axe finds nothing on screens with real data", { skip }, () => scenario.accessible(browser, world, "light"));
test("a stopped webd is announced and its return needs no reload", { skip: noStop }, () => scenario.offlineAndBack(browser, world));
