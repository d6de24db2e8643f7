// SPDX-License-Identifier: Apache-2.0
// MOCK. A stand-in for webd with moving data, for working on the interface and for its screen tests only. It implements the
// read side of docs/api.md from memory; nothing here is tested against it as a proof of the real chain.
//   node server.mjs [--port N] [--devices N] [--must-change]      user "admin", password "mock mock mock mock"
// Extra, mock only: POST /mock/outage?n=I&on=0|1   /mock/lost?n=I&on=0|1   /mock/silent?on=0|1   /mock/database?up=0|1   /mock/role?role=viewer
//   /mock/flood?on=0|1[&site=de]
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { makeAdmin, Refused } from "./admin.mjs";
import { makeFleet } from "./fleet.mjs";
import { exported, histogram, matching } from "./log.mjs";
import { makeManage } from "./manage.mjs";

const DIST = fileURLToPath(new URL("../../../webd/ui/dist", import.meta.url));
const PASSWORD = "mock mock mock mock";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json", ".webmanifest": "application/manifest+json" };
export const CSP =
	"default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; img-src 'self' blob: data:; style-src 'self'; font-src 'self'; " +
	"media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types busbar";

function send(res, status, body, headers = {}) {
	res.writeHead(status, { "content-type": status >= 400 ? "application/problem+json" : "application/json", "cache-control": "no-store", ...headers });
	res.end(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
}

function problem(res, status, type, title, detail, errors) {
	send(res, status, { type: `/problems/${type}`, title, status, detail, errors, request_id: "mock-1" });
}

async function body(req) {
	let text = "";
	for await (const part of req) text += part;
	return text ? JSON.parse(text) : {};
}

export function startMock({ port = 0, devices = 42, mustChange = false, quiet = false } = {}) {
	const fleet = makeFleet(devices, quiet);
	const admin = makeAdmin(fleet, makeManage(fleet));
	if (!quiet) fleet.fill();
	const RIGHTS = { viewer: ["view"], operator: ["view", "ack", "control"], engineer: ["view", "ack", "control", "configure", "plan"], admin: ["view", "ack", "control", "configure", "plan", "execute", "admin"] };
	let role = "admin";
	const epoch = String(Date.now());
	const streams = new Map();
	let seq = 1;
	let silent = false;
	let must = mustChange;
	let password = PASSWORD;
	let streamNo = 0;

	const stamp = () => `${epoch}-${seq}`;
	const write = (s, name, data, id) => {
		if (!silent) s.res.write(`${id ? `id: ${id}\n` : ""}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
	};
	const publish = (topic, name, data, logged = true) => {
		if (logged) seq++;
		for (const s of streams.values()) if (s.topics.includes(topic)) write(s, name, data, logged ? stamp() : "");
	};
	fleet.onChange = (topic, name, data) => publish(topic, name, data, ["alarm", "event", "state", "group"].includes(name));
	const timers = [
		setInterval(() => fleet.step(), 1000),
		setInterval(() => {
			for (const s of streams.values()) write(s, "ping", { seq: stamp(), now: new Date().toISOString() });
		}, 3000),
		setInterval(() => publish("system", "system", fleet.system(streams.size), false), 2000),
	];

	const me = () => ({ user: "admin", role, rights: RIGHTS[role], csrf: "mock-csrf", must_change: must, build: "mock" });
	const list = (res, items) => send(res, 200, { items, next: null, prev: null, total_estimate: items.length }, { "x-busbar-seq": stamp() });
	const single = (res, item) => (item ? send(res, 200, item, { "x-busbar-seq": stamp() }) : problem(res, 404, "not-found", "Not found"));

	const routes = {
		"GET /summary": (_q, res) => single(res, fleet.summary()),
		"GET /groups": (_q, res) => send(res, 200, { items: fleet.groups() }, { "x-busbar-seq": stamp() }),
		"GET /alarms": (_q, res) => list(res, fleet.alarms()),
		"GET /system": (_q, res) => send(res, 200, fleet.system(streams.size)),
		"GET /history": (_q, res) =>
			send(res, 200, {
				items: ["samples", "texts", "events"].map((what) => ({ what, keep_days: null, oldest: "2025-11-01", partitions: 12, bytes: 4.2e9, dropped: [] })),
			}),
		"GET /plans": (_q, res) => send(res, 200, { items: fleet.plans() }),
		"GET /me": (_q, res) => send(res, 200, me()),
		"POST /logout": (_q, res) => send(res, 204, undefined, { "set-cookie": "bb=; Path=/; Max-Age=0" }),
		"GET /devices": (q, res) => {
			const all = fleet.devices();
			const at = Number(q.get("cursor") ?? 0);
			const limit = Number(q.get("limit") ?? 200);
			const next = at + limit < all.length ? String(at + limit) : null;
			send(res, 200, { items: all.slice(at, at + limit), next, prev: null, total_estimate: all.length }, { "x-busbar-seq": stamp() });
		},
		"GET /events": (q, res) => {
			if (!fleet.database) return problem(res, 503, "unavailable", "Unavailable", "the database does not answer");
			const rows = matching(fleet, q);
			if (q.get("sort") === "at") rows.reverse();
			const at = Number(q.get("cursor") ?? 0);
			const limit = Number(q.get("limit") ?? 200);
			const next = at + limit < rows.length ? String(at + limit) : null;
			send(res, 200, { items: rows.slice(at, at + limit), next, prev: at ? String(Math.max(0, at - limit)) : null, searched_to: null, total_estimate: null });
		},
		"GET /events:histogram": (q, res) => send(res, 200, histogram(matching(fleet, q), q)),
		"GET /events:export": (q, res) => {
			const csv = q.get("format") === "csv";
			res.writeHead(200, { "content-type": csv ? "text/csv" : "application/json", "content-disposition": `attachment; filename="events.${csv ? "csv" : "json"}"` });
			res.end(exported(matching(fleet, q), csv));
		},
		"POST /alarms:ack": async (_q, res, req) => {
			const b = await body(req);
			send(res, 200, { items: fleet.ack(b.ids, "admin", b.comment ?? "") });
		},
		...Object.fromEntries(
			["unack", "take", "comment", "shelve", "unshelve"].map((deed) => [
				`POST /alarms:${deed}`,
				async (_q, res, req) => send(res, 200, { items: fleet.deal(deed, await body(req), "admin") }),
			]),
		),
		"GET /shelves": (_q, res) => send(res, 200, { items: fleet.shelves() }),
		"POST /series/query": async (_q, res, req) => send(res, 200, fleet.series(await body(req))),
		"POST /me/password": async (_q, res, req) => {
			const b = await body(req);
			if (b.old !== password) return problem(res, 401, "login-failed", "Login failed");
			password = b.new;
			must = false;
			send(res, 200, me());
		},
		"POST /login": async (_q, res, req) => {
			const b = await body(req);
			if (b.user !== "admin" || b.password !== password) return problem(res, 401, "login-failed", "Login failed");
			send(res, 200, me(), { "set-cookie": "bb=mock; Path=/; HttpOnly; SameSite=Strict" });
		},
	};

	function openStream(q, res) {
		const s = { id: `s${++streamNo}`, res, topics: (q.get("topics") ?? "").split(",").filter(Boolean) };
		res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
		streams.set(s.id, s);
		res.on("close", () => streams.delete(s.id));
		write(s, "hello", { stream_id: s.id, seq: stamp(), epoch, build: "mock", now: new Date().toISOString(), resumed: false, topics: s.topics });
		for (const t of s.topics) latest(s, t);
	}
	function latest(s, topic) {
		if (topic === "summary") write(s, "summary", fleet.summary());
		if (topic.startsWith("device:")) write(s, "value", { dev: topic.slice(7), full: true, pt: fleet.points(topic.slice(7)) });
	}

	function api(url, req, res) {
		const path = url.pathname.slice("/api/v1".length);
		const known = /(^|; )bb=mock/.test(req.headers.cookie ?? "");
		if (!known && path !== "/login") return problem(res, 401, "login-required", "Login required");
		if (req.method !== "GET" && path !== "/login" && req.headers["x-busbar-csrf"] !== "mock-csrf") return problem(res, 403, "csrf", "CSRF");
		if (path === "/stream") return openStream(url.searchParams, res);
		const topics = /^\/stream\/([^/]+)\/topics$/.exec(path);
		if (topics && req.method === "PUT") {
			const s = streams.get(topics[1]);
			if (!s) return problem(res, 404, "not-found", "Not found");
			return body(req).then((b) => {
				const fresh = b.topics.filter((t) => !s.topics.includes(t));
				s.topics = b.topics;
				send(res, 204);
				for (const t of fresh) latest(s, t);
			});
		}
		const device = /^\/devices\/([^/]+)(\/values)?$/.exec(path);
		if (device && req.method === "GET") return single(res, fleet.device(decodeURIComponent(device[1])));
		const route = routes[`${req.method} ${path}`];
		if (route) return route(url.searchParams, res, req);
		const setup = admin(req.method, path, RIGHTS[role]);
		if (setup)
			return body(req)
				.then((b) => setup(b, url.searchParams, req))
				.then(
					([status, answer, headers]) => send(res, status, answer, headers),
					(e) => (e instanceof Refused ? problem(res, e.status, e.type, e.type, e.detail, e.errors) : problem(res, 500, "internal", String(e))),
				);
		return problem(res, 404, "not-found", "Not found");
	}

	function control(url, res) {
		const q = url.searchParams;
		const on = q.get("on") === "1";
		if (url.pathname === "/mock/outage") fleet.outage(Number(q.get("n")), on);
		else if (url.pathname === "/mock/lost") fleet.lost(Number(q.get("n")), on);
		else if (url.pathname === "/mock/silent") silent = on;
		else if (url.pathname === "/mock/database") fleet.database = q.get("up") === "1";
		else if (url.pathname === "/mock/flood") fleet.flood = on ? [{ site: q.get("site") ?? "", since: new Date(Date.now() - 90_000).toISOString(), count: 14 }] : [];
		else if (url.pathname === "/mock/role") role = q.get("role");
		else return send(res, 404);
		publish("summary", "summary", fleet.summary(), false);
		return send(res, 204);
	}

	const server = createServer((req, res) => {
		const url = new URL(req.url, "http://mock");
		res.setHeader("content-security-policy", CSP);
		res.setHeader("x-content-type-options", "nosniff");
		if (url.pathname.startsWith("/api/v1/")) return void api(url, req, res);
		if (url.pathname.startsWith("/mock/")) return void control(url, res);
		let file = join(DIST, normalize(url.pathname));
		if (!file.startsWith(DIST) || !existsSync(file) || !statSync(file).isFile()) {
			if (extname(url.pathname)) return send(res, 404);
			file = join(DIST, "index.html");
		}
		res.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "cache-control": "no-cache" });
		createReadStream(file).pipe(res);
	});
	return new Promise((resolve) => {
		server.listen(port, "127.0.0.1", () =>
			resolve({
				url: `http://127.0.0.1:${server.address().port}`,
				fleet,
				setRole: (name) => {
					role = name;
				},
				reset: () => {
					for (const s of streams.values()) write(s, "reset", { reason: "asked to" });
				},
				setSilent: (on) => {
					silent = on;
				},
				stop: () => {
					for (const t of timers) clearInterval(t);
					for (const s of streams.values()) s.res.destroy();
					server.closeAllConnections();
					return new Promise((done) => server.close(done));
				},
			}),
		);
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const arg = (name, other) => {
		const i = process.argv.indexOf(`--${name}`);
		return i < 0 ? other : Number(process.argv[i + 1]);
	};
	const mock = await startMock({ port: arg("port", 0), devices: arg("devices", 42), mustChange: process.argv.includes("--must-change") });
	console.log(`MOCK interface server at ${mock.url}, user admin, password "${PASSWORD}"`);
}
