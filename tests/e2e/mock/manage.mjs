// SPDX-License-Identifier: Apache-2.0
// MOCK. How alarms are managed: rules, groups, maintenance, out of service, dependencies, figures, from memory. See server.mjs.
import { Refused } from "./admin.mjs";

const iso = (ago = 0) => new Date(Date.now() - ago * 1000).toISOString();
const invalid = (pointer, detail) => new Refused(400, "validation", "a field does not fit", [{ pointer, code: "invalid", detail }]);
const missing = () => new Refused(404, "not-found", "there is none of this id");
const conflict = (detail) => new Refused(409, "conflict", detail);
const RANK = ["critical", "major", "unknown", "minor", "info", "normal"];
const BUILTIN = [
	["on_battery", "major", ["ups.status", "alarm.ups.on_battery"], "Mains have failed, or the UPS does not accept them.", "The load runs until the battery is empty.", "Look whether others have mains. Start the generator, or shut down in order."],
	["low_battery", "critical", ["battery.status", "alarm.battery.low"], "The battery is nearly empty.", "The load falls within minutes.", "Shut down what matters now."],
	["replace_battery", "minor", ["alarm.battery.replace"], "The battery test has failed or the battery is too old.", "Less runtime than is shown.", "Order a battery of the same type; change it within two weeks."],
	["temperature", "major", ["battery.temperature", "ambient.*.temperature"], "The room is too warm, or a fan stands still.", "The battery ages twice as fast.", "Check air conditioning and filters."],
	["comm_lost", "unknown", [], "Network, card or device do not answer.", "Nothing is known of the device.", "Ping the card; look at switch and cable."],
].map(([id, severity, points, cause, consequence, action]) => ({ entry: null, builtin: true, id, title: "", enabled: true, scope: {}, kind: "builtin", points, severity, text: "", cause, consequence, action, latch: false }));

export function makeManage(fleet) {
	let next = 10;
	const views = [{ id: "1", screen: "alarms", name: "Night shift", query: "severity=critical%2Cmajor", shared: true, owner: "jill", mine: false, default: false }];
	const rules = [
		{ entry: "1", builtin: false, id: "charge_low", title: "Charge low", enabled: true, scope: {}, kind: "limit", point: "battery.charge", limits: { low: { raise: 50, clear: 60, severity: "minor" }, low_low: { raise: 20, clear: 30, severity: "critical" } }, on_delay_s: 30, severity: null, text: "charge {value} {unit}", cause: "", consequence: "", action: "Find out why it does not charge.", latch: false },
		{ entry: "2", builtin: false, id: "temperature", title: "", enabled: false, scope: { site: "de/munich" } },
		{ entry: "3", builtin: false, id: "load_jump", title: "Load rises fast", enabled: true, scope: { group: "rack-a" }, kind: "rate", point: "ups.load", per_s: 60, over: 30, severity: "info", text: "" },
		{ entry: "4", builtin: false, id: "charge_low", title: "Charge low", enabled: true, scope: { device: "de/hamburg/building-a/room-1/ups-03" }, kind: "limit", point: "battery.charge", limits: { low: { raise: 80, severity: "minor" } }, action: "It feeds the operating theatre: call the technician.", latch: true },
	];
	const groups = [
		{ id: "1", key: "rack-a", name: "Rack row A", devices: ["de/hamburg/building-a/room-1/ups-01", "de/hamburg/building-a/room-1/ups-04"], sites: [], groups: [], used_by: ["redundancy/red-b"] },
		{ id: "2", key: "hamburg", name: "All of Hamburg", devices: [], sites: ["de/hamburg"], groups: ["rack-a"], used_by: [] },
	];
	const redundancy = [
		{ id: "1", key: "red-b", name: "Building B", site: "de/hamburg/building-b", need: 2, hold_s: 10, severity: "critical", fails_on: [], members: [{ device: "de/hamburg/building-b/battery-room/ups-11" }, { device: "de/hamburg/building-b/battery-room/ups-12" }, { device: "de/hamburg/building-b/battery-room/ups-13" }] },
		{ id: "2", key: "lyon", name: "Lyon plant", site: "fr/lyon", need: 1, hold_s: 0, severity: "major", fails_on: ["OFF"], members: [{ group: "rack-a" }] },
	];
	const windows = [
		{ id: "1", name: "Generator test", scope: { site: "fr/paris" }, starts_at: iso(600), ends_at: iso(-3000), days: null, at: null, minutes: null, tz: null, reason: "monthly run of the generator", user: "admin", created_at: iso(90_000), running: true, until: iso(-3000), next_at: null },
		{ id: "2", name: "Sunday switching", scope: { group: "rack-a" }, starts_at: null, ends_at: null, days: ["sun"], at: "02:00", minutes: 120, tz: "Europe/Berlin", reason: "load is moved by hand", user: "admin", created_at: iso(900_000), running: false, until: null, next_at: iso(-200_000) },
	];
	const out = new Map([["17", { work_order: "WO-4711 battery change", user: "admin", since: iso(86_000) }]]);
	const parents = new Map([["20", "19"]]);
	const links = new Map([["fr/lyon", "34"]]);
	fleet.maintenance = (d) => windows.find((w) => w.running && w.scope.site && `${d.key}/`.startsWith(`${w.scope.site}/`))?.name ?? null;
	fleet.outOfService = (d) => out.get(d.id)?.work_order ?? null;

	const all = () => fleet.devices();
	const byKey = (key) => all().find((d) => d.key === key);
	const keyOf = (id) => fleet.device(id)?.key ?? "";
	function reach(g, seen = new Set()) {
		for (const k of g.devices) if (byKey(k)) seen.add(k);
		for (const s of g.sites) for (const d of all()) if (d.key.startsWith(`${s}/`)) seen.add(d.key);
		for (const x of g.groups) reach(groups.find((y) => y.key === x), seen);
		return seen;
	}
	const withState = (g) => {
		const list = [...reach(g)].map(byKey);
		const counts = Object.fromEntries(RANK.map((s) => [s, list.filter((d) => d.severity === s).length]));
		return { ...g, severity: RANK.find((s) => counts[s]) ?? "normal", members: list.length, unack: list.some((d) => d.unack), counts };
	};
	function parts(g, failing = []) {
		const names = g.members.flatMap((m) => (m.group ? [...reach(groups.find((x) => x.key === m.group))] : [m.device]));
		return names.map((name) => {
			const d = byKey(name);
			const state = !d || d.comm === "lost" ? "unknown" : failing.includes(d.id) || /OFF|BYPASS/.test(d.status) ? "fails" : "works";
			const why = state === "works" ? "answers, on mains" : state === "fails" ? "fails in this question" : "no answer";
			return { name, device_id: d?.id ?? null, kind: "device", state, why, load_kw: 2.4, capacity_kw: 5.4 };
		});
	}
	function state(g, failing) {
		const p = parts(g, failing);
		const n = (s) => p.filter((x) => x.state === s).length;
		const working = n("works");
		const load = p.length * 2.4;
		const capacity = working * 5.4;
		return { state: working >= g.need ? "works" : working + n("unknown") < g.need ? "fails" : "unknown", total: p.length, working, failed: n("fails"), unknown: n("unknown"), spare: working - g.need, load_kw: load, capacity_kw: capacity, spare_kw: capacity - load };
	}
	const live = (g) => ({ ...g, ...state(g), since: iso(4000), alarms: [] });

	function checkRule(r) {
		if (r.enabled === false) return;
		if (r.kind && !r.point) throw invalid("/point", "is needed");
		if (r.point && !/^(ups|battery|input|output|ambient|alarm|device)\./.test(r.point)) throw invalid("/point", `there is no value ${r.point}`);
		const l = r.limits ?? {};
		if (l.high && l.high_high && l.high_high.raise <= l.high.raise) throw invalid("/limits/high_high/raise", "has to be above high");
		if (l.low && l.low_low && l.low_low.raise >= l.low.raise) throw invalid("/limits/low_low/raise", "has to be below low");
		if (r.scope?.device && !byKey(r.scope.device)) throw invalid("/scope/device", `there is no device ${r.scope.device}`);
		if (r.kind && !r.action && r.severity !== "info" && r.kind !== "limit") throw invalid("/action", "is needed for a severity above info");
	}
	const write = (list) => list.map((r) => `rule:\n{\n\tid = "${r.id}";\n\tscope = ${JSON.stringify(r.scope)};\n\tbody = '${JSON.stringify(r)}';\n}\n`).join("");

	const seeded = (i) => (Math.sin(i * 12.9898) * 43758.5453) % 1;
	function kpis(q) {
		const from = Date.parse(`${q.get("from")}T00:00:00Z`);
		const n = Math.min(366, Math.round((Date.parse(`${q.get("to")}T00:00:00Z`) - from) / 86_400_000) + 1);
		const days = Array.from({ length: n }, (_, i) => {
			const raises = Math.round(60 + Math.abs(seeded(i)) * 120 + (i % 13 === 5 ? 260 : 0));
			return { day: new Date(from + i * 86_400_000).toISOString().slice(0, 10), raises, peak_10min: Math.round(raises / 12), peak_1min: Math.round(raises / 30), flood_s: i % 13 === 5 ? 2400 : 0, standing: 7, stale: 2, shelved: 3, ack_mean_s: 140 + (i % 7) * 20, acks: Math.round(raises * 0.8), normal_mean_s: 900, normals: raises, by_severity: { critical: Math.round(raises * 0.06), major: Math.round(raises * 0.21), unknown: Math.round(raises * 0.08), minor: Math.round(raises * 0.6), info: Math.round(raises * 0.05) }, top: [], chattering: [] };
		});
		const sum = (f) => days.reduce((a, d) => a + f(d), 0);
		const top = all().slice(0, 10).map((d, i) => ({ rule: ["on_battery", "temperature", "comm_lost"][i % 3], device: d.key, count: 420 - i * 37, share: 0.09 - i * 0.008 }));
		const total = { ...days.at(-1), day: null, raises: sum((d) => d.raises), acks: sum((d) => d.acks), normals: sum((d) => d.normals), flood_s: sum((d) => d.flood_s), peak_10min: Math.max(...days.map((d) => d.peak_10min)), by_severity: Object.fromEntries(RANK.slice(0, 5).map((s) => [s, sum((d) => d.by_severity[s])])), top, chattering: [{ rule: "on_battery", device: top[0].device, raises: 40 }] };
		return { site: q.get("site"), from: q.get("from"), to: q.get("to"), tz: q.get("tz"), days, total };
	}
	function preview(b) {
		checkRule(b.rule);
		if (b.rule.id === "comm_lost") throw invalid("/rule", "this built-in rule looks at more than words and flags");
		const days = Math.max(1, Math.round((Date.parse(b.to) - Date.parse(b.from)) / 86_400_000));
		const by_day = Array.from({ length: days }, (_, i) => ({ day: new Date(Date.parse(b.from) + i * 86_400_000).toISOString().slice(0, 10), raises: i % 3 }));
		const raises = by_day.reduce((n, d) => n + d.raises, 0);
		return { devices: 42, samples: 1_203_400, raises, alarm_seconds: raises * 540, complete: true, note: null, by_device: all().slice(0, 3).map((d, i) => ({ key: d.key, raises: raises - i, seconds: 3000 / (i + 1) })), by_day };
	}
	const find = (list, id) => {
		const i = list.findIndex((x) => x.id === id || x.key === id || x.entry === id);
		if (i < 0) throw missing();
		return i;
	};
	const put = (list, id, b, check) => {
		const i = find(list, id);
		check(b);
		list[i] = { ...list[i], ...b };
		return [200, { id: list[i].id, key: list[i].key }];
	};
	const checkGroup = (b) => {
		for (const [i, k] of (b.devices ?? []).entries()) if (!byKey(k)) throw invalid(`/devices/${i}`, `there is no device ${k}`);
	};
	const checkRedundancy = (b) => {
		if (b.need > b.members.length && !b.members.some((m) => m.group)) throw invalid("/need", "more than it has members");
	};
	const checkWindow = (b) => {
		if (b.scope.site && !fleet.groups().some((g) => g.key === b.scope.site)) throw invalid("/scope/site", `there is no site ${b.scope.site}`);
		if (b.tz && !/^[A-Z][a-z]+(\/[A-Z]|$)|^UTC$/.test(b.tz)) throw invalid("/tz", `${b.tz} is no time zone`);
	};
	const whole = (b) => {
		const once = !b.days;
		const running = once && b.starts_at <= iso() && b.ends_at > iso();
		return { ...b, running, until: running ? b.ends_at : null, next_at: running ? null : iso(-50_000) };
	};

	return [
		["GET", /^\/views$/, "view", async () => [200, { items: views }]],
		["POST", /^\/views$/, "view", async (_m, { replace, ...b }) => {
			const old = views.find((v) => v.mine && v.name === b.name && v.screen === b.screen);
			if (old && !replace) throw conflict(`you have a view "${b.name}" already`);
			if (old) Object.assign(old, b);
			else views.push({ id: String(++next), owner: "admin", mine: true, default: false, ...b });
			return [201, { id: old?.id ?? String(next) }];
		}],
		["PUT", /^\/views\/default$/, "view", async (_m, b) => {
			for (const v of views) if (v.screen === b.screen) v.default = v.id === b.id;
			return [204];
		}],
		["DELETE", /^\/views\/([^/]+)$/, "view", async ([, id]) => [views.splice(find(views, id), 1) && 204]],
		["PUT", /^\/settings\/([^/]+)$/, "configure", async () => [204]],
		["GET", /^\/rules$/, "view", async () => [200, { items: [...BUILTIN, ...rules] }]],
		["POST", /^\/rules$/, "configure", async (_m, b) => {
			checkRule(b);
			if (rules.some((r) => r.id === b.id && JSON.stringify(r.scope) === JSON.stringify(b.scope))) throw conflict("this id stands in that scope already");
			rules.push({ ...b, builtin: false, entry: String(++next) });
			return [201, { entry: String(next) }];
		}],
		["PUT", /^\/rules\/([^/:]+)$/, "configure", async ([, id], b) => put(rules, id, { ...b }, checkRule)],
		["DELETE", /^\/rules\/([^/:]+)$/, "configure", async ([, id]) => [rules.splice(find(rules, id), 1) && 204]],
		["POST", /^\/rules:preview$/, "configure", async (_m, b) => [200, preview(b)]],
		["POST", /^\/rules:import$/, "configure", async (_m, b) => {
			const line = b.text.split("\n").findIndex((l) => l.includes("nonsense"));
			if (line >= 0) throw invalid("/text", `line ${line + 1}: there is no member "nonsense"`);
			const found = [...b.text.matchAll(/body = '(.*)';/g)].map((m) => JSON.parse(m[1]));
			const kept = found.filter((f) => rules.some((r) => r.entry === f.entry));
			const answer = { dry_run: b.dry_run, added: found.length - kept.length, changed: 0, same: kept.length, removed: rules.length - kept.length };
			if (!b.dry_run) rules.splice(0, rules.length, ...found);
			return [200, answer];
		}],
		["GET", /^\/devices\/([^/]+)\/rules$/, "view", async ([, id]) => {
			const key = keyOf(id);
			const mine = rules.filter((r) => !r.scope.device || r.scope.device === key);
			const items = [...BUILTIN.map((r) => ({ ...r, from: "builtin" })), ...mine.map((r) => ({ ...r, from: r.scope }))];
			return [200, { items: items.filter((r, i) => !items.slice(i + 1).some((x) => x.id === r.id)) }];
		}],
		["GET", /^\/device-groups$/, "view", async () => [200, { items: groups.map(withState) }]],
		["POST", /^\/device-groups$/, "configure", async (_m, b) => {
			if (groups.some((g) => g.key === b.key)) throw conflict("a group of this key exists already");
			checkGroup(b);
			groups.push({ id: String(++next), used_by: [], ...b });
			return [201, { id: String(next), key: b.key }];
		}],
		["PUT", /^\/device-groups\/([^/]+)$/, "configure", async ([, id], b) => put(groups, id, b, checkGroup)],
		["DELETE", /^\/device-groups\/([^/]+)$/, "configure", async ([, id]) => {
			const i = find(groups, id);
			if (groups[i].used_by.length) throw conflict(`${groups[i].used_by[0]} uses this group; take it out there first`);
			groups.splice(i, 1);
			return [204];
		}],
		["GET", /^\/redundancy-groups$/, "view", async () => [200, { items: redundancy.map(live) }]],
		["GET", /^\/redundancy-groups\/([^/:]+)$/, "view", async ([, id]) => {
			const g = redundancy[find(redundancy, id)];
			return [200, { ...live(g), parts: parts(g) }];
		}],
		["POST", /^\/redundancy-groups$/, "configure", async (_m, b) => {
			checkRedundancy(b);
			redundancy.push({ id: String(++next), fails_on: [], ...b });
			return [201, { id: String(next), key: b.key }];
		}],
		["PUT", /^\/redundancy-groups\/([^/:]+)$/, "configure", async ([, id], b) => put(redundancy, id, b, checkRedundancy)],
		["DELETE", /^\/redundancy-groups\/([^/:]+)$/, "configure", async ([, id]) => [redundancy.splice(find(redundancy, id), 1) && 204]],
		["POST", /^\/redundancy-groups\/([^/:]+):what-if$/, "view", async ([, id], b) => {
			const g = redundancy[find(redundancy, id)];
			const also = redundancy.filter((x) => x !== g).map((x) => ({ key: x.key, name: x.name, now: state(x), then: state(x, b.fail) })).filter((x) => x.now.state !== x.then.state);
			return [200, { now: state(g), then: state(g, b.fail), also }];
		}],
		["GET", /^\/maintenance$/, "view", async () => [200, { items: windows }]],
		["POST", /^\/maintenance$/, "configure", async (_m, b) => {
			checkWindow(b);
			windows.push({ id: String(++next), user: "admin", created_at: iso(), ...whole(b) });
			return [201, { id: String(next) }];
		}],
		["PUT", /^\/maintenance\/([^/]+)$/, "configure", async ([, id], b) => put(windows, id, whole(b), checkWindow)],
		["DELETE", /^\/maintenance\/([^/]+)$/, "configure", async ([, id]) => [windows.splice(find(windows, id), 1) && 204]],
		["GET", /^\/topology$/, "view", async () => [200, {
			parents: [...parents].map(([id, p]) => ({ device_id: id, key: keyOf(id), parent_id: p, parent: keyOf(p) })),
			links: [...links].map(([site, id]) => ({ site, device_id: id, device: keyOf(id) })),
			out_of_service: [...out].map(([id, o]) => ({ device_id: id, key: keyOf(id), ...o })),
		}]],
		["PUT", /^\/devices\/([^/]+)\/parent$/, "configure", async ([, id], b) => {
			if (b.parent === keyOf(id)) throw conflict("a device is not reached through itself");
			if (b.parent === null) parents.delete(id);
			else parents.set(id, byKey(b.parent).id);
			return [204];
		}],
		["PUT", /^\/topology\/links$/, "configure", async (_m, b) => {
			if (b.device === null) links.delete(b.site);
			else links.set(b.site, byKey(b.device).id);
			return [204];
		}],
		["POST", /^\/devices\/([^/]+):out-of-service$/, "configure", async ([, id], b) => [out.set(id, { work_order: b.work_order, user: "admin", since: iso() }) && 204]],
		["POST", /^\/devices\/([^/]+):in-service$/, "configure", async ([, id]) => [out.delete(id) ? 204 : 409]],
		["POST", /^\/alarms:test$/, "control", async (_m, b) => {
			const d = byKey(b.device ?? "") ?? all().find((x) => x.key.startsWith(`${b.site}/`));
			fleet.testAlarm(d.id, b.severity, b.text);
			return [200, { id: "test", text: "" }];
		}],
		["GET", /^\/kpis$/, "view", async (_m, _b, q) => [200, kpis(q)]],
		["GET", /^\/rules:export$/, "configure", async () => [200, write(rules), { "content-type": "text/plain; charset=utf-8" }]],
	];
}
