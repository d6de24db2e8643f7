// SPDX-License-Identifier: Apache-2.0
// Start: preferences, session, stream; then the screens by URL.
import { effect } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { LocationProvider, Route, Router, useLocation } from "preact-iso/router";
import { setUnauthorised } from "./api/client";
import { language, loadLanguage, t } from "./i18n";
import { Login } from "./screens/login";
import { Overview } from "./screens/overview";
import { alarmList, alarmsKnown, startAlarms, unacked } from "./state/alarms";
import { startClock } from "./state/clock";
import { startFindings } from "./state/findings";
import { fleet, sites, startFleet } from "./state/fleet";
import { offline, startLive, stopLive, takeTopic } from "./state/live";
import { prefs, startPrefs } from "./state/prefs";
import { can, leave, me, readSession } from "./state/session";
import { startSound } from "./state/sound";
import { Title } from "./ui/common";
import { startFavicon } from "./ui/favicon";
import { Frame } from "./ui/frame";
import { later } from "./ui/later";

/** Screens that are not needed at once come as chunks of their own, with the texts they share. */
const Alarms = later(() => import("./screens/alarms").then((m) => m.Alarms));
const DeviceAdd = later(() => import("./screens/device_add").then((m) => m.DeviceAdd));
const DevicePage = later(() => import("./screens/device").then((m) => m.DevicePage));
const Devices = later(() => import("./screens/devices").then((m) => m.Devices));
const Discovery = later(() => import("./screens/discovery").then((m) => m.Discovery));
const Findings = later(() => import("./screens/findings").then((m) => m.Findings));
const Groups = later(() => import("./screens/groups").then((m) => m.Groups));
const Kpi = later(() => import("./screens/kpi").then((m) => m.Kpi));
const Log = later(() => import("./screens/log").then((m) => m.Log));
const Maintenance = later(() => import("./screens/maintenance").then((m) => m.Maintenance));
const Profile = later(() => import("./screens/profile").then((m) => m.Profile));
const RuleEdit = later(() => import("./screens/rule_edit").then((m) => m.RuleEdit));
const Retention = later(() => import("./screens/retention").then((m) => m.Retention));
const Rules = later(() => import("./screens/rules").then((m) => m.Rules));
const RulesText = later(() => import("./screens/rules_text").then((m) => m.RulesText));
const System = later(() => import("./screens/system").then((m) => m.System));
const Traps = later(() => import("./screens/traps").then((m) => m.Traps));
const LATER = [Alarms, DevicePage, Devices, Findings, Groups, Kpi, Log, Maintenance, Profile, Rules, System, Traps];
/** Only for who may change something. */
const SETUP = [Retention, DeviceAdd, Discovery, RuleEdit, RulesText];
const LAST_LEVEL = "busbar.level";

/** "/" goes to the level shown last; every map remembers itself. */
function Start() {
	const { route } = useLocation();
	useEffect(() => {
		let level = "";
		try {
			level = localStorage.getItem(LAST_LEVEL) ?? "";
		} catch {
			// the root it is
		}
		route(`/map/${level}`, true);
	}, [route]);
	return null;
}

function LevelMemory() {
	const { path } = useLocation();
	useEffect(() => {
		const m = /^\/map\/(.*)$/.exec(path);
		if (!m) return;
		try {
			localStorage.setItem(LAST_LEVEL, m[1] ?? "");
		} catch {
			// not remembered
		}
	}, [path]);
	return null;
}

const NotFound = () => (
	<div class="empty">
		<Title>{t("empty.page")}</Title>
		<a class="button" href="/">
			{t("nav.overview")}
		</a>
	</div>
);

function App() {
	const who = me.value;
	if (!who || who.must_change) return <Login />;
	return (
		<LocationProvider>
			<LevelMemory />
			<Frame>
				<Router>
					<Route path="/" component={Start} />
					<Route path="/map/:level*" component={Overview} />
					<Route path="/devices" component={Devices} />
					<Route path="/devices/add" component={DeviceAdd} />
					<Route path="/devices/:id" component={DevicePage} />
					<Route path="/alarms" component={Alarms} />
					<Route path="/rules" component={Rules} />
					<Route path="/rules/edit" component={RuleEdit} />
					<Route path="/rules/text" component={RulesText} />
					<Route path="/groups" component={Groups} />
					<Route path="/maintenance" component={Maintenance} />
					<Route path="/kpis" component={Kpi} />
					<Route path="/findings" component={Findings} />
					<Route path="/discovery" component={Discovery} />
					<Route path="/traps" component={Traps} />
					<Route path="/log" component={Log} />
					<Route path="/system" component={System} />
					<Route path="/system/history" component={Retention} />
					<Route path="/me" component={Profile} />
					<Route default component={NotFound} />
				</Router>
			</Frame>
		</LocationProvider>
	);
}

startPrefs();
startClock();
effect(() => {
	document.documentElement.lang = language.value === "qps" ? "en" : language.value;
});
effect(() => {
	const n = unacked.value.length;
	const known = alarmsKnown() && !offline();
	document.title = me.value && !known ? "(?) Busbar" : n ? `(${n}!) Busbar` : "Busbar";
});
setUnauthorised(() => leave(true));
startAlarms();
startFindings();
startFleet();
startSound();
startFavicon();
for (const topic of ["summary", "alarms", "devices", "groups"]) takeTopic(topic);
effect(() => {
	const who = me.value;
	if (who && !who.must_change) startLive();
	else if (who !== undefined) {
		stopLive();
		for (const s of [alarmList, fleet, sites]) s.forget();
	}
});
void readSession();
void loadLanguage(prefs.language.value).then(() => {
	render(<App />, document.getElementById("app") as HTMLElement);
	effect(() => void loadLanguage(prefs.language.value));
	// the other screens come while nothing is to do, so that they are there when the server is not
	const idle = globalThis.requestIdleCallback ?? ((f: () => void) => setTimeout(f, 1000));
	idle(() => {
		for (const screen of LATER) screen.preload();
		effect(() => {
			if (can("configure")) for (const screen of SETUP) screen.preload();
		});
	});
});
