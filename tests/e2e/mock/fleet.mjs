// SPDX-License-Identifier: Apache-2.0
// MOCK. A fleet in memory whose values move, with outages, one dead and one lossy device. See server.mjs.
const SITES = [
	["de/hamburg/building-a/room-1", 6],
	["de/hamburg/building-a/room-2", 4],
	["de/hamburg/building-b/battery-room", 9],
	["de/berlin/campus/server-room", 7],
	["de/berlin/campus/network", 3],
	["de/munich", 4],
	["fr/lyon/plant-2", 6],
	["fr/paris", 3],
];
const MODELS = [
	["Delta", "Amplon RT 6kVA"],
	["Eaton", "9PX 3000"],
	["Dell", "Tower 1000W"],
	["GENEREX", "CS141 SNMP"],
];
const RANK = ["critical", "major", "unknown", "minor", "info", "normal"];
const RULES = { on_battery: "major", low_battery: "critical", comm_lost: "unknown", replace_battery: "minor", temperature: "major" };
const worst = (list) => RANK[Math.min(...list.map((s) => RANK.indexOf(s)), 5)];

function build(n) {
	const out = [];
	const total = SITES.reduce((a, [, k]) => a + k, 0);
	let i = 0;
	for (const [site, share] of SITES) {
		const k = site === SITES[SITES.length - 1][0] ? n - i : Math.round((share / total) * n);
		for (let j = 0; j < k && i < n; j++, i++) {
			const [mfr, model] = MODELS[i % MODELS.length];
			out.push({
				id: String(i + 1),
				key: `${site}/ups-${String(i + 1).padStart(2, "0")}`,
				site,
				mfr,
				model,
				seed: i,
				onBattery: false,
				lost: false,
				charge: 100,
				onBatteryS: 0,
			});
		}
	}
	return out;
}

export function makeFleet(n, quiet) {
	const devices = build(n);
	const byId = new Map(devices.map((d) => [d.id, d]));
	const alarms = new Map();
	const events = [];
	const history = [];
	let clock = 0;
	let jseq = 1000;
	const start = Date.now();
	const fleet = { onChange: () => {}, database: true, flood: [], maintenance: () => null, outOfService: () => null };

	const mine = (d) => [...alarms.values()].filter((a) => a.device === d.key);
	const severity = (d) => (d.lost ? "unknown" : worst(mine(d).map((a) => a.severity)));
	const status = (d) => (d.lost ? "" : d.onBattery ? (d.charge < 30 ? "OB LB DISCHRG" : "OB DISCHRG") : d.charge < 100 ? "OL CHRG" : "OL");
	const load = (d) => (d.seed === 3 ? 93 : 25 + ((d.seed * 17) % 45)) + Math.round(3 * Math.sin(clock / 40 + d.seed));
	const volts = (d) => (d.onBattery ? 0 : 229.6 + 2 * Math.sin(clock / 60 + d.seed) + ((d.seed * 7) % 5) / 10);
	const runtime = (d) => Math.round((d.charge / 100) * (3600 - load(d) * 26));
	const age = (d) => (d.lost ? 400 + (clock % 1000) : 0.4 + (d.seed % 9));
	const quality = (d) => (d.lost ? "unknown" : "good");

	function points(d) {
		const v = (name, value, unit) => ({ name, index: "", value, unit, quality: quality(d), age_s: age(d) });
		return [
			v("ups.status", status(d), ""),
			v("output.source", d.onBattery ? "battery" : "normal", ""),
			v("battery.status", d.charge < 30 ? "low" : "normal", ""),
			v("battery.charge", Math.round(d.charge), "%"),
			v("battery.runtime", runtime(d), "s"),
			v("battery.time.onbattery", d.onBatteryS, "s"),
			v("battery.voltage", 54.2 + d.charge / 50, "V"),
			v("battery.current", d.onBattery ? -21.3 : 0.2, "A"),
			v("battery.temperature", 23.5 + (d.seed % 5), "°C"),
			v("input.L1-N.voltage", volts(d), "V"),
			v("input.L1-N.frequency", d.onBattery ? 0 : 50.01, "Hz"),
			v("input.L1.current", d.onBattery ? 0 : 8.4, "A"),
			v("output.L1-N.voltage", 230.1, "V"),
			v("output.frequency", 50.0, "Hz"),
			v("output.L1.current", 7.9, "A"),
			v("ups.load", load(d), "%"),
			v("ups.realpower", load(d) * 54, "W"),
			v("ups.alarm.count", mine(d).length, ""),
			v("alarm.ups.on_battery", d.onBattery, ""),
			v("alarm.battery.low", d.charge < 30, ""),
			v("alarm.fan.failed", false, ""),
			v("device.mfr", d.mfr, ""),
			v("device.model", d.model, ""),
			v("device.serial", `MOCK${1000 + d.seed}`, ""),
			v("ups.firmware", "1.04", ""),
			...(d.seed % 4 === 3 ? extras(d) : []),
		];
	}
	/** Two strings of blocks with one tired and one hot block; probes, contacts and outlets. */
	function extras(d) {
		const v = (name, index, value, unit) => ({ name, index, value, unit, quality: quality(d), age_s: age(d) });
		const out = [];
		const wave = (i, k) => Math.sin(i * 12.9898 + k * 78.233) * 0.5;
		for (let s = 1; s <= 2; s++) {
			out.push(v("battery.string.voltage", `s${s}`, 432.4 + s, "V"), v("battery.string.current", `s${s}`, d.onBattery ? -21.3 : 0.21, "A"), v("battery.string.status", `s${s}`, "ok", ""));
			for (let b = 1; b <= 120; b++) {
				const index = `s${s}.b${b}`;
				const tired = s === 1 && b === 17;
				const hot = s === 2 && b === 63;
				out.push(
					v("battery.block.voltage", index, Math.round((tired ? 12.91 : 13.52 + wave(b, s) * 0.12) * 1000) / 1000, "V"),
					v("battery.block.temperature", index, Math.round((hot ? 31.4 : 24 + wave(b, s + 3) * 2) * 10) / 10, "°C"),
					v("battery.block.resistance", index, (tired ? 6.9 : 3.4 + wave(b, s + 7) * 0.3) / 1000, "Ω"),
					v("battery.block.status", index, tired ? "alarm" : "ok", ""),
				);
			}
		}
		for (let p = 1; p <= 2; p++)
			out.push(v(`ambient.${p}.name`, "", p === 1 ? "Rack row A" : "Battery shelf", ""), v(`ambient.${p}.temperature`, "", 23.4 + p, "°C"), v(`ambient.${p}.humidity`, "", 41 + p, "%"), v(`ambient.${p}.leak`, "", p === 2, ""));
		out.push(v("ambient.2.gas.h2", "", 1.2, "%"));
		for (let x = 1; x <= 4; x++) out.push(v(`ambient.1.contacts.${x}.status`, "", x === 3 ? "closed" : "open", ""), v(`ambient.1.contacts.${x}.name`, "", ["Door", "Smoke", "Fan", "Spare"][x - 1], ""));
		out.push(v("relay.1.status", "", "off", ""), v("outlet.1.status", "", "on", ""), v("outlet.1.name", "", "Switch core-1", ""), v("outlet.1.current", "", 1.4, "A"), v("outlet.2.status", "", "off", ""));
		return out;
	}
	const QUICK = ["ups.load", "battery.charge", "battery.runtime", "battery.voltage", "input.L1-N.voltage", "output.L1-N.voltage", "ups.realpower", "battery.temperature"];
	function row(d) {
		const a = mine(d);
		return {
			id: d.id,
			key: d.key,
			name: d.key.slice(d.key.lastIndexOf("/") + 1),
			site: d.site,
			collector: "collect-snmp",
			address: d.address ?? `127.1.0.${(d.seed % 250) + 1}`,
			port: 161,
			version: "2c",
			profile: "rfc1628",
			model: d.model,
			mfr: d.mfr,
			status: status(d),
			severity: severity(d),
			comm: d.lost ? "lost" : "ok",
			active: a.length,
			unack: a.filter((x) => x.state === "active_unack").length,
			missed: d.lost ? 40 : 0,
			lost_reason: d.lost ? "no answer from 127.1.0.7:161 to 3 requests in 6 s; check address, network and community" : null,
			age_s: age(d),
			interval_s: 10,
			status_interval_s: 2,
			quick: points(d).filter((p) => QUICK.includes(p.name)),
		};
	}
	const change = (d) => {
		const r = row(d);
		fleet.onChange("devices", "state", { ch: [{ id: r.id, key: r.key, severity: r.severity, status: r.status, comm: r.comm, active: r.active, unack: r.unack }], gone: [] });
		const keys = d.site.split("/").map((_, i, all) => all.slice(0, i + 1).join("/"));
		fleet.onChange("groups", "group", { ch: fleet.groups().filter((g) => keys.includes(g.key)), gone: [] });
	};
	function record(kind, a, from, to, user = null, comment = null) {
		const e = { jseq: String(++jseq), at: new Date().toISOString(), device: a.device, device_id: a.device_id, rule: a.rule, subject: "", kind, from, to, severity: a.severity, user, comment, text: a.text, alarm_id: a.id, test: a.test, source: null, source_at: null, count: 1 };
		events.unshift(e);
		fleet.onChange("events", "event", e);
	}
	function raise(d, rule, text, more = {}) {
		const id = `mock-${++jseq}`;
		const a = { id, device: d.key, device_id: d.id, site: d.site, rule, subject: "", severity: RULES[rule], state: "active_unack", raised_at: new Date().toISOString(), cleared_at: null, acked_at: null, user: null, comment: null, text, value: null, limit: null, unit: null, test: false, stale: false, chattering: false, chatter_raises: 0, suppressed_by: null, maintenance: fleet.maintenance(d), out_of_service: fleet.outOfService(d), quiet: false, jseq, ...more };
		a.quiet = !!(a.suppressed_by || a.maintenance || a.out_of_service);
		alarms.set(id, a);
		fleet.onChange("alarms", "alarm", { op: "put", alarm: a });
		record("raise", a, "normal", "active_unack");
		change(d);
		return a;
	}
	function clear(d, rule) {
		const a = mine(d).find((x) => x.rule === rule);
		if (!a) return;
		alarms.delete(a.id);
		const from = a.state;
		fleet.onChange("alarms", "alarm", { op: "gone", alarm: { ...a, state: "normal", cleared_at: new Date().toISOString() } });
		record("clear", a, from, "normal");
		change(d);
	}

	fleet.outage = (i, on) => {
		const d = devices[i];
		d.onBattery = on;
		d.onBatteryS = 0;
		if (on) raise(d, "on_battery", "the load is fed from the battery");
		else {
			clear(d, "on_battery");
			clear(d, "low_battery");
		}
	};
	fleet.lost = (i, on) => {
		const d = devices[i];
		d.lost = on;
		if (on) raise(d, "comm_lost", "no answer to 3 polls; check the device, its network and its community");
		else clear(d, "comm_lost");
	};
	fleet.testAlarm = (id, severity, text) => raise(byId.get(id), "test", text, { severity, test: true });
	fleet.ack = (ids, user, comment) =>
		ids.map((id) => {
			const a = alarms.get(id);
			if (!a) return { id, ok: false, code: "unknown", text: "there is no such alarm" };
			Object.assign(a, { state: "active_ack", user, comment: comment || null, acked_at: new Date().toISOString() });
			fleet.onChange("alarms", "alarm", { op: "put", alarm: a });
			record("ack", a, "active_unack", "active_ack", user, comment || null);
			change(byId.get(a.device_id));
			return { id, ok: true, code: "ok", text: "" };
		});
	const deeds = {
		unack: (a) => Object.assign(a, { state: "active_unack", user: null, acked_at: null }),
		take: (a, user) => Object.assign(a, { state: "active_ack", user, acked_at: new Date().toISOString() }),
		comment: (a, _user, b) => Object.assign(a, { comment: b.comment }),
		shelve: (a, user, b) =>
			Object.assign(a, { shelved: { at: new Date().toISOString(), until: b.until ?? new Date(Date.now() + 6048e5).toISOString(), until_clear: b.until_clear === true, user, reason: b.comment } }),
		unshelve: (a) => Object.assign(a, { shelved: null }),
	};
	fleet.deal = (deed, b, user) =>
		b.ids.map((id) => {
			const a = alarms.get(id);
			if (!a) return { id, ok: false, code: "unknown", text: "there is no such alarm" };
			if (deed === "shelve" && b.comment === "refused") return { id, ok: false, code: "refused", text: "at most 7 days at a time" };
			const from = a.state;
			deeds[deed](a, user, b);
			fleet.onChange("alarms", "alarm", { op: "put", alarm: a });
			record(deed, a, from, a.state, user, b.comment ?? null);
			change(byId.get(a.device_id));
			return { id, ok: true, code: "ok", text: "" };
		});
	fleet.shelves = () =>
		[...alarms.values()].filter((a) => a.shelved).map((a) => ({ id: a.id, device_id: a.device_id, key: a.device, rule: a.rule, severity: a.severity, state: a.state, shelved_at: a.shelved.at, ...a.shelved }));
	fleet.add = (key, address) => {
		const id = String(devices.length + 1000);
		const d = { id, key, site: key.includes("/") ? key.slice(0, key.lastIndexOf("/")) : "unsorted", mfr: "Delta", model: "Amplon RT 6kVA", seed: devices.length, onBattery: false, lost: false, charge: 100, onBatteryS: 0, address };
		devices.push(d);
		byId.set(id, d);
		change(d);
		return id;
	};
	fleet.rename = (id, key, address) => {
		const d = byId.get(id);
		Object.assign(d, { key, address, site: key.includes("/") ? key.slice(0, key.lastIndexOf("/")) : "unsorted" });
		change(d);
	};
	fleet.remove = (id) => {
		const d = byId.get(id);
		devices.splice(devices.indexOf(d), 1);
		byId.delete(id);
		fleet.onChange("devices", "state", { ch: [], gone: [id] });
	};
	fleet.devices = () => devices.map(row).sort((a, b) => (a.key < b.key ? -1 : 1));
	fleet.device = (id) => {
		const d = byId.get(id);
		return d && { ...row(d), serial: `MOCK${1000 + d.seed}`, firmware: "1.04", points: points(d), alarms: mine(d) };
	};
	fleet.points = (id) => points(byId.get(id) ?? devices[0]);
	fleet.alarms = () => [...alarms.values()].reverse();
	fleet.events = () => events;
	fleet.groups = () => {
		const groups = new Map();
		for (const d of devices) {
			d.site.split("/").forEach((_, i, all) => {
				const key = all.slice(0, i + 1).join("/");
				if (!groups.has(key)) groups.set(key, []);
				groups.get(key).push(d);
			});
		}
		return [...groups].map(([key, list], i) => {
			const counts = Object.fromEntries(RANK.map((s) => [s, 0]));
			let unack = false;
			for (const d of list) {
				counts[severity(d)]++;
				unack ||= mine(d).some((a) => a.state === "active_unack");
			}
			const cut = key.lastIndexOf("/");
			return { id: String(i + 1), key, name: key.slice(cut + 1), parent: cut < 0 ? null : key.slice(0, cut), severity: RANK.find((s) => counts[s] > 0) ?? "normal", members: list.length, unack, counts };
		});
	};
	fleet.summary = () => {
		const count = Object.fromEntries(RANK.map((s) => [s, 0]));
		for (const d of devices) count[severity(d)]++;
		const a = Object.fromEntries(RANK.slice(0, 5).map((s) => [s, { active: 0, unack: 0 }]));
		for (const x of alarms.values()) {
			a[x.severity].active++;
			if (x.state === "active_unack") a[x.severity].unack++;
		}
		return { devices: { total: devices.length, ...count }, alarms: a, database: { up: fleet.database, since: new Date(start).toISOString() }, history_paused: !fleet.database, flood: fleet.flood };
	};
	fleet.series = (q) => {
		const from = Date.parse(q.from);
		const to = Date.parse(q.to);
		return {
			from: q.from,
			to: q.to,
			series: q.series.map((s) => {
				const out = { device: s.device, point: s.point, index: "", unit: s.point.includes("voltage") ? "V" : "%", raw: false, t: [], min: [], avg: [], max: [], n: [] };
				const step = Math.max(15_000, Math.ceil((to - from) / (q.max_points ?? 600)));
				for (let t = from; t <= to; t += step) {
					const k = Math.floor(t / 15_000);
					if (k % 240 > 150 && k % 240 < 162) continue; // a gap
					const base = s.point.includes("voltage") ? 230 + 2 * Math.sin(k / 9) : s.point.includes("load") ? 45 + 8 * Math.sin(k / 17) : 100 - Math.max(0, 40 - Math.abs((k % 240) - 120));
					out.t.push(t);
					out.avg.push(base);
					out.min.push(base - 1.4 - Math.abs(Math.sin(k)) * 2);
					out.max.push(Math.min(base + 1.4 + Math.abs(Math.cos(k * 3)) * 2, s.point.includes("charge") ? 100 : 1e9));
					out.n.push(3);
				}
				return out;
			}),
			bands: [...new Set(q.series.map((s) => s.device))].map((device) => {
				const span = to - from;
				const cut = [0, 0.2, 0.31, 0.5, 0.56, 0.8, 0.84, 1].map((x) => from + x * span);
				const states = ["mains", "battery", "mains", "bypass", "mains", "unknown", "mains"];
				return { device, items: states.map((state, i) => ({ from: cut[i], to: cut[i + 1], state })) };
			}),
		};
	};
	fleet.plans = () => [
		{ key: "building-b", version: 3, mode: "auto", simulated_version: 3, need: 2, hold_s: 120, restore_hold_s: 30, validity_s: 60, devices: devices.slice(10, 14).map((d) => d.key), targets: [{ name: "srv-file-1", address: "127.0.0.1", port: 6003, method: "rccmd-udp", template: "message", text: "" }, { name: "srv-mail", address: "127.0.0.1", port: 6004, method: "rccmd-udp", template: "message", text: "" }], run: { plan: "building-b", state: "armed", condition: "true", awaits_confirmation: false, fires_in_s: 74, orders: [{ target: "srv-file-1", state: "sent", reason: null }] } },
		{ key: "berlin", version: 1, mode: "simulate", simulated_version: 0, need: 0, hold_s: 60, restore_hold_s: 30, validity_s: 60, devices: devices.slice(20, 22).map((d) => d.key), targets: [{ name: "srv-berlin", address: "127.0.0.1", port: 6005, method: "rccmd-udp", template: "shutdown", text: "" }], run: null },
	];
	fleet.system = (streams) => ({
		build: "mock",
		now: new Date().toISOString(),
		generation: 17,
		address: "http://127.0.0.1",
		database: { up: fleet.database, since: new Date(start).toISOString(), reason: fleet.database ? null : "connection refused on the socket; start PostgreSQL" },
		daemons: ["collect-snmp", "alarmd", "busd", "historyd", "notifyd", "shutdownd", "webd"].map((name, i) => ({
			name,
			role: name,
			pid: 4000 + i,
			state: name === "notifyd" && clock % 60 > 50 ? "suspect" : "alive",
			up_since: new Date(start - 86_400_000 * i).toISOString(),
			build: "0.1.0",
			heartbeat_age_s: 0.3 + i / 10,
			metrics: { rss_bytes: 6_400_000 + i * 1_900_000, cpu_ms: 1234 + i, ...(i === 0 ? { poll_lag_ms: 3.2, outstanding: 12, polls: clock * 21 } : {}), ...(i === 3 ? { spool_bytes: 0, queue_depth: 4, commit_lag_ms: 11 } : {}), ...(i === 1 ? { projection_lag_ms: 8, queue_depth: 0 } : {}), ...(i === 4 ? { outbox_depth: 1 } : {}) },
			troubles: name === "notifyd" ? [{ code: "notify_failed", severity: "major", text: "mail to ops@example.test was refused by 127.0.0.1:2525 (451); it is tried again; check the mail server" }] : [],
		})),
		streams,
		sessions: 1,
		bus: { received: 120_000 + clock * 40, dropped_late: 0, bad: 0, gaps: 0, snapshots: 2 },
	});
	function drain(d) {
		if (d.onBattery) {
			d.onBatteryS++;
			d.charge = Math.max(4, d.charge - 0.6);
			if (d.charge < 30 && !mine(d).some((a) => a.rule === "low_battery")) raise(d, "low_battery", `battery charge ${Math.round(d.charge)} % is below 30 %`, { value: Math.round(d.charge), limit: 30, unit: "%" });
		} else d.charge = Math.min(100, d.charge + 0.4);
	}
	fleet.step = () => {
		clock++;
		for (const d of devices) drain(d);
		if (!quiet && clock % 45 === 10) fleet.outage((clock * 7) % devices.length, true);
		if (!quiet && clock % 45 === 40) for (const [i, d] of devices.entries()) if (d.onBattery && d.seed !== 11) fleet.outage(i, false);
		for (const d of devices) if (!d.lost && clock % 2 === d.seed % 2) fleet.onChange(`device:${d.id}`, "value", { dev: d.id, full: false, pt: points(d) });
	};
	seedEvents();
	function seedEvents() {
		for (let i = 0; i < 900; i++) {
			const d = devices[(i * 13) % devices.length];
			const kind = i % 3 === 0 ? "clear" : i % 3 === 1 ? "ack" : "raise";
			const [from, to] = { raise: ["normal", "active_unack"], ack: ["active_unack", "active_ack"], clear: ["active_ack", "normal"] }[kind];
			events.push({ jseq: String(1000 - i), at: new Date(start - i * 97_000).toISOString(), device: d.key, device_id: d.id, rule: "on_battery", subject: "", kind, from, to, severity: "major", user: kind === "ack" ? "admin" : null, comment: null, text: "the load is fed from the battery", alarm_id: `old-${Math.floor(i / 3)}`, test: i % 50 === 49, source: null, source_at: null, count: 1 });
		}
	}
	fleet.fill = () => {
		fleet.lost(6, true);
		fleet.outage(11, true);
		devices[11].charge = 36;
		const a = raise(devices[3], "temperature", "battery temperature 43.5 °C is above 40 °C", { value: 43.5, limit: 40, unit: "°C" });
		fleet.ack([a.id], "m.mueller", "fan ordered");
		const b = raise(devices[22], "replace_battery", "the device asks for a new battery");
		fleet.ack([b.id], "admin", "");
		raise(devices[27], "replace_battery", "the device asks for a new battery", { chattering: true, chatter_raises: 17 });
		raise(devices[16], "replace_battery", "the device asks for a new battery");
		raise(devices[39] ?? devices[1], "on_battery", "the load is fed from the battery");
		for (const i of [7, 8, 9]) raise(devices[i], "comm_lost", "no answer to 3 polls", { suppressed_by: devices[6].key });
	};
	return fleet;
}
