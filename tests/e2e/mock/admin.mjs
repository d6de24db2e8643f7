// SPDX-License-Identifier: Apache-2.0
// MOCK. What is set up: devices, credentials, discovery, findings, commands, traps, from memory. See server.mjs.
// "10.9.9.9" never answers a test; a key that ends in "refused" cannot be added; the community "wrong" is wrong.
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const iso = (ago = 0) => new Date(Date.now() - ago * 1000).toISOString();
const CONFIG = ["key", "collector", "address", "port", "version", "interval_s", "status_interval_s", "profile", "v3_user", "v3_auth", "v3_priv", "v3_context", "v3_engine_id"];
const SECRETS = ["community", "v3_auth_password", "v3_priv_password", "credential_id"];
const RAW = "3081a702010104067075626c6963a28199020411223344020100020100308184301c06082b06010201010100041044656c7461204e6574776f726b20436172643010060a2b060102010102000606042b0601040130" + "10060a2b0601020121010101000c04";

export class Refused extends Error {
	constructor(status, type, detail, errors) {
		super(detail);
		Object.assign(this, { status, type, detail, errors });
	}
}
const invalid = (pointer, detail) => new Refused(400, "validation", "a field does not fit", [{ pointer, code: "invalid", detail }]);
const missing = () => new Refused(404, "not-found", "there is none of this id");

/** `more`: further routes of the same form. */
export function makeAdmin(fleet, more = []) {
	const credentials = [
		{ id: "1", name: "public", version: "2c", port: 161 },
		{ id: "2", name: "campus v3", version: "3", port: 161, v3_user: "busbar", v3_auth: "SHA-256", v3_priv: "AES-128" },
	];
	const configs = new Map();
	const jobs = new Map();
	const identities = new Map();
	const windows = [
		{ id: "1", device_id: "3", name: "nightly test", days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], at: "02:00", minutes: 10, tz: "Europe/Berlin", last_result: "passed", last_at: iso(30_000) },
		{ id: "2", device_id: "9", name: "monthly check", days: ["mon"], at: "06:30", minutes: 30, tz: "Europe/Berlin", last_result: "missed", last_at: iso(200_000) },
	];
	const unknown = [
		{ source: "10.20.3.77", count: 1432, first_at: iso(86_000), last_at: iso(12), version: "2c", trap_oid: "1.3.6.1.2.1.33.2.0.1", text: "upsTrapOnBattery" },
		{ source: "10.20.3.80", count: 2, first_at: iso(4000), last_at: iso(3900), version: "3", trap_oid: "1.3.6.1.6.3.1.1.5.1", text: "coldStart; user unknown" },
	];
	const findings = [
		{ id: "1", point: "input.L1-N.voltage", kind: "factor", text: "2302 V on a rated input of 230 V: ten times too much", value: 2302, suggestion: { factor: 0.1 } },
		{ id: "2", point: "battery.runtime", kind: "sentinel", text: "65535 min is no runtime but says that it is not known", value: 3932100, suggestion: null },
		{ id: "3", point: "battery.block.voltage#s1.b17", kind: "stuck", text: "exactly 13.52 V for 6 h while its neighbours move", value: 13.52, suggestion: null },
	].map((f, i) => ({ ...f, device_id: String(i * 5 + 2), first_at: iso(7200 + i * 900) }));
	const corrections = [];
	let next = 100;

	const device = (id) => fleet.device(id) ?? (() => { throw missing(); })();
	const keyOf = (id) => fleet.device(id)?.key ?? "";
	identities.set("2", { model: ["9PX 3000", "9PX 6000"], serial: ["MOCK1001", "G412X7702"] });

	function config(id) {
		const d = device(id);
		const base = { key: d.key, collector: d.collector, address: d.address, port: 161, version: "2c", interval_s: 10, status_interval_s: 0, profile: "auto", v3_user: "", v3_auth: "", v3_priv: "", v3_context: "", v3_engine_id: "" };
		return { id, has_community: true, ...base, ...configs.get(id)?.body };
	}
	const etag = (id) => `"${configs.get(id)?.version ?? 1}"`;
	function checked(body, others) {
		for (const k of Object.keys(body)) if (![...CONFIG, ...SECRETS].includes(k)) throw invalid(`/${k}`, "unknown field");
		if (body.key !== undefined && fleet.devices().some((d) => d.key === body.key && d.id !== others)) throw new Refused(409, "conflict", `a device with the key ${body.key} exists already`);
		if (body.key?.endsWith("refused")) throw invalid("/key", "a key has small letters, digits and hyphens, parts parted by /");
		if (body.address === "nonsense") throw invalid("/address", "nonsense is neither an address nor a name that can be resolved");
		if (body.interval_s !== undefined && body.interval_s < 1) throw invalid("/interval_s", "between 1 and 3600");
		const { community, v3_auth_password, v3_priv_password, credential_id, ...plain } = body;
		return plain;
	}
	const hit = (job, seq) => {
		const a = `10.1.0.${seq * 3 + 1}`;
		const base = { seq, address: a, port: 161, credential_id: seq % 4 ? "1" : "2", ms: 1.2 + seq / 3, mfr: "Delta", model: "Amplon RT 6kVA", serial: `D${4400 + seq}`, mac: "00:30:ab:00:11:22", engine_id: "", sysdescr: "Network card, firmware 2.1", sysname: seq % 3 ? `ups-rack-${seq}` : "", profile: "delta", profile_title: "Delta UPS", known: null };
		if (seq % 9 === 5) return { ...base, mfr: "", model: "", profile: "rfc1628", profile_title: "", sysdescr: "Linux card 4.19 armv7l" };
		if (seq % 9 === 7) return { ...base, known: { device_id: "4", key: keyOf("4"), moved: false, by: "address", changed: null } };
		if (seq % 9 === 8) return { ...base, known: { device_id: "8", key: keyOf("8"), moved: true, by: "serial", changed: null } };
		return base;
	};
	function view(j, after) {
		const total = j.addresses * j.credentials;
		const share = j.stopped ?? Math.min(1, (Date.now() - j.at) / j.lastsMs);
		const n = Math.floor(share * j.answers);
		const hits = [];
		for (let s = after + 1; s <= n; s++) hits.push(hit(j, s));
		return { job: j.id, user: "admin", ranges: j.ranges.join(" "), started_at: new Date(j.at).toISOString(), ended_at: null, done: share >= 1 || j.stopped !== undefined, cancelled: j.stopped !== undefined, addresses: j.addresses, sent: Math.floor(share * total), total, answered: n, not_kept: 0, hits: hits.slice(0, 200), more: hits.length > 200 };
	}
	const commands = (d) => {
		const c = (command, title, more = {}) => ({ command, title, instance: "", danger: false, available: true, why: "", ...more });
		return [
			c("test.battery.start.quick", "Quick battery test"),
			c("test.battery.start.deep", "Deep battery test", d.status.includes("OB") ? { available: false, why: "the UPS is on battery" } : {}),
			c("test.battery.stop", "Stop the battery test", { available: false, why: "no test runs" }),
			c("beeper.mute", "Mute the beeper"),
			c("outlet.1.load.off", "Outlet off", { instance: "1", danger: true }),
			c("outlet.1.load.cycle", "Outlet cycle", { instance: "1", danger: true }),
		];
	};

	const routes = [
		["POST", /^\/devices$/, "configure", async (_m, b) => {
			if (!b.key) throw invalid("/key", "is needed");
			if (!b.address) throw invalid("/address", "is needed");
			const body = checked(b, "");
			const id = fleet.add(body.key, body.address);
			configs.set(id, { body, version: 1 });
			return [201, { id, key: body.key }];
		}],
		["GET", /^\/devices\/([^/]+)\/config$/, "configure", async ([, id]) => [200, config(id), { etag: etag(id) }]],
		["PATCH", /^\/devices\/([^/]+)\/config$/, "configure", async ([, id], b, _q, req) => {
			const c = config(id);
			if (req.headers["if-match"] !== etag(id)) throw new Refused(412, "stale-version", "somebody else changed the device meanwhile; load it again");
			const body = checked(b, id);
			const old = configs.get(id);
			configs.set(id, { body: { ...old?.body, ...body }, version: (old?.version ?? 1) + 1 });
			if (body.key || body.address) fleet.rename(id, body.key ?? c.key, body.address ?? c.address);
			return [200, { id, key: body.key ?? c.key }];
		}],
		["DELETE", /^\/devices\/([^/]+)$/, "configure", async ([, id]) => {
			device(id);
			if (id === "11") throw new Refused(409, "conflict", `the plan building-b uses ${keyOf(id)}; take it out of the plan first`);
			fleet.remove(id);
			return [204];
		}],
		["POST", /^\/devices:test$/, "configure", async (_m, b) => {
			const known = ["device_id", "address", "port", "version", "community", "credential_id", ...CONFIG.filter((k) => k.startsWith("v3_")), ...SECRETS];
			for (const k of Object.keys(b)) if (!known.includes(k)) throw invalid(`/${k}`, "unknown field");
			await wait(300);
			if (b.address === "10.9.9.9") return [200, { ok: false, answered: false, ms: null, reason: "no answer from 10.9.9.9:161 to 3 requests in 6 s; check address, network and community", sysdescr: null, varbinds: [], raw: "" }];
			if (b.community === "wrong") return [200, { ok: false, answered: false, ms: null, reason: "no answer to 3 requests in 6 s, but the host is up: the community is probably wrong", varbinds: [], raw: "" }];
			return [200, { ok: true, answered: true, ms: 12.4, reason: "", sysdescr: "Delta Network Card, HW 1.2", sysobjectid: "1.3.6.1.4.1.2254.2.4", sysname: "ups-rack-3", uptime_s: 864321, profile: "delta", profile_title: "Delta UPS", mfr: "Delta", model: "Amplon RT 6kVA", serial: "D4711", varbinds: [
				{ oid: "1.3.6.1.2.1.1.1.0", type: "OCTET STRING", value: "Delta Network Card, HW 1.2" },
				{ oid: "1.3.6.1.2.1.1.2.0", type: "OBJECT IDENTIFIER", value: "1.3.6.1.4.1.2254.2.4" },
				{ oid: "1.3.6.1.2.1.1.3.0", type: "TimeTicks", value: "86432100" },
				{ oid: "1.3.6.1.2.1.33.1.1.1.0", type: "OCTET STRING", value: "Delta" },
			], raw: RAW }];
		}],
		["GET", /^\/credentials$/, "configure", async () => [200, { items: credentials }]],
		["POST", /^\/credentials$/, "configure", async (_m, b) => {
			if (credentials.some((c) => c.name === b.name)) throw new Refused(409, "conflict", `credentials named ${b.name} exist already`);
			const { community, v3_auth_password, v3_priv_password, ...plain } = b;
			credentials.push({ id: String(++next), ...plain });
			return [201, { id: String(next) }];
		}],
		["DELETE", /^\/credentials\/([^/]+)$/, "configure", async ([, id]) => {
			const i = credentials.findIndex((c) => c.id === id);
			if (i < 0) throw missing();
			credentials.splice(i, 1);
			return [204];
		}],
		["POST", /^\/discovery$/, "configure", async (_m, b) => {
			if (b.ranges.some((r) => !/^[\da-f.:]+([/-][\da-f.:]+)?$/.test(r))) throw invalid("/ranges/0", `${b.ranges[0]} is neither a network nor a range nor an address`);
			const id = `j${++next}`;
			jobs.set(id, { id, ranges: b.ranges, at: Date.now(), addresses: 1022, credentials: b.credential_ids.length, answers: 60, lastsMs: fleet.discoveryMs ?? 4000 });
			return [201, { job: id }];
		}],
		["GET", /^\/discovery$/, "configure", async () => [200, { items: [...jobs.values()].reverse().map((j) => ({ ...view(j, 1e9), hits: undefined })) }]],
		["GET", /^\/discovery\/([^/]+)$/, "configure", async ([, id], _b, q) => {
			const j = jobs.get(id);
			if (!j) throw missing();
			return [200, view(j, Number(q.get("after") ?? 0))];
		}],
		["DELETE", /^\/discovery\/([^/]+)$/, "configure", async ([, id]) => {
			const j = jobs.get(id);
			if (!j) throw missing();
			j.stopped = Math.min(1, (Date.now() - j.at) / j.lastsMs);
			return [204];
		}],
		["POST", /^\/discovery\/([^/]+)\/devices$/, "configure", async ([, id], b) => {
			const j = jobs.get(id);
			if (!j) throw missing();
			const items = b.items.map((i) => {
				const h = hit(j, i.seq);
				if (i.device_id) {
					fleet.rename(i.device_id, keyOf(i.device_id), h.address);
					return { seq: i.seq, ok: true, device_id: i.device_id, error: null };
				}
				try {
					const plain = checked({ key: i.key, address: h.address }, "");
					return { seq: i.seq, ok: true, device_id: fleet.add(plain.key, plain.address), error: null };
				} catch (e) {
					return { seq: i.seq, ok: false, device_id: null, error: e.errors?.[0]?.detail ?? e.detail };
				}
			});
			return [200, { items }];
		}],
		["GET", /^\/devices\/([^/]+)\/identity$/, "view", async ([, id]) => {
			const d = device(id);
			return [200, { serial: d.serial, mac: "00:30:ab:00:11:22", engine_id: null, mfr: d.mfr, model: d.model, profile: d.profile, since: iso(5_000_000), changed: identities.get(id) ?? null }];
		}],
		["POST", /^\/devices\/([^/]+)\/identity:accept$/, "configure", async ([, id]) => [identities.delete(id) ? 204 : 409]],
		["GET", /^\/findings$/, "view", async () => [200, { items: findings.map((f) => ({ ...f, key: keyOf(f.device_id) })), total: findings.length }]],
		["POST", /^\/findings\/([^/]+):confirm$/, "configure", async ([, id], b) => {
			const i = findings.findIndex((x) => x.id === id);
			if (i < 0) throw missing();
			const { suggestion, first_at, ...f } = findings.splice(i, 1)[0];
			corrections.push({ ...f, id: String(++next), key: keyOf(f.device_id), factor: b.accept ? (suggestion?.factor ?? 0) : 0, user: "admin", at: iso() });
			return [204];
		}],
		["GET", /^\/corrections$/, "view", async () => [200, { items: corrections }]],
		["DELETE", /^\/corrections\/([^/]+)$/, "configure", async ([, id]) => {
			const i = corrections.findIndex((c) => c.id === id);
			if (i < 0) throw missing();
			corrections.splice(i, 1);
			return [204];
		}],
		["GET", /^\/devices\/([^/]+)\/commands$/, "view", async ([, id]) => [200, { items: commands(device(id)) }]],
		["POST", /^\/devices\/([^/]+)\/commands$/, "control", async ([, id], b) => {
			if (b.confirm !== true) throw invalid("/confirm", "has to be true");
			const c = commands(device(id)).find((x) => x.command === b.command);
			if (!c) throw missing();
			await wait(fleet.commandMs ?? 800);
			if (b.command === "beeper.mute") return [200, { state: "unconfirmed", readback: "ups.beeper.status = enabled", text: "the card took the order, but the beeper is still enabled after 10 s" }];
			if (b.command.endsWith("off")) return [200, { state: "done", readback: "outlet.1.status = off", text: "" }];
			if (b.command.endsWith("deep")) return [200, { state: "failed", readback: null, text: "the device refused: notWritable; check that the community may write" }];
			return [200, { state: "done", readback: "ups.test.result = running", text: "" }];
		}],
		["GET", /^\/traps\/unknown$/, "view", async () => [200, { items: unknown }]],
		["GET", /^\/traps\/status$/, "view", async () => [200, { listening: "0.0.0.0:162", engine_id: "80001f8804", answered: 311, malformed: 2, not_stored: 0, engines_twice: 0, received: 120_331, stored: 118_020, limited: 2311, kernel_drops: 4, granted_buffer_bytes: 8_388_608, duplicates: 902, unknown: 1434, auth_failures: 3 }]],
		["GET", /^\/trap-windows$/, "view", async () => [200, { items: windows.map((w) => ({ ...w, key: keyOf(w.device_id) })) }]],
		["POST", /^\/trap-windows$/, "configure", async (_m, b) => {
			if (windows.some((w) => w.name === b.name && w.device_id === b.device_id)) throw new Refused(409, "conflict", "this device has a window of this name already");
			if (!Array.isArray(b.days) || !b.days.length) throw invalid("/days", "days are mon tue wed thu fri sat sun");
			if (!/^[A-Z][a-z]+(\/[A-Z]|$)|^UTC$/.test(b.tz)) throw invalid("/tz", `${b.tz} is no time zone`);
			windows.push({ ...b, id: String(++next), last_result: null, last_at: null });
			return [201, { id: String(next) }];
		}],
		["DELETE", /^\/trap-windows\/([^/]+)$/, "configure", async ([, id]) => {
			const i = windows.findIndex((w) => w.id === id);
			if (i < 0) throw missing();
			windows.splice(i, 1);
			return [204];
		}],
	];

	/** The route for it, or null. `rights` are those of the one who asks. */
	return function find(method, path, rights) {
		for (const [verb, pattern, right, handler] of [...more, ...routes]) {
			const m = pattern.exec(path);
			if (verb !== method || !m) continue;
			return async (body, query, req) => {
				if (!rights.includes(right)) throw new Refused(403, "forbidden", `the right ${right} is missing`);
				return handler(m.map((x) => x && decodeURIComponent(x)), body, query, req);
			};
		}
		return null;
	};
}
