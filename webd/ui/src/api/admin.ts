// SPDX-License-Identifier: Apache-2.0
// One function per resource of what is set up. Loaded with the screens that need it, not with the shell.

import type {
	AddResult,
	Command,
	CommandResult,
	Correction,
	Credential,
	DeviceConfig,
	Finding,
	HistoryKept,
	Hit,
	Identity,
	Job,
	JobPart,
	TestResult,
	TrapStatus,
	TrapWindow,
	UnknownSender,
} from "./admin_types";
import { onceKey, request } from "./client";
import { list, number, object, oneOf, type Raw, text } from "./shape";

/** A device is tried several times before it counts as silent, and a command waits for its read-back. */
const PATIENT_MS = 60_000;

const path = encodeURIComponent;
const items = async <T>(where: string, shape: (r: Raw) => T): Promise<T[]> =>
	list((await request<Raw>("GET", where)).body.items).map(shape);
/** Shown as text whatever it is: a structured read-back or value must not become "[object Object]". */
const plain = (v: unknown): string => (typeof v === "object" && v !== null ? JSON.stringify(v) : text(v));

function asConfig(r: Raw, etag: string): DeviceConfig {
	return {
		key: text(r.key),
		collector: text(r.collector),
		address: text(r.address),
		port: number(r.port) ?? 161,
		version: text(r.version) || "2c",
		interval_s: number(r.interval_s) ?? 10,
		status_interval_s: number(r.status_interval_s) ?? 0,
		profile: text(r.profile) || "auto",
		v3_user: text(r.v3_user),
		v3_auth: text(r.v3_auth),
		v3_priv: text(r.v3_priv),
		v3_context: text(r.v3_context),
		v3_engine_id: text(r.v3_engine_id),
		has_community: r.has_community === true,
		etag,
	};
}

export async function getConfig(id: string): Promise<DeviceConfig> {
	const a = await request<Raw>("GET", `/devices/${path(id)}/config`);
	return asConfig(a.body, a.etag ?? "");
}

export async function addDevice(body: Raw): Promise<string> {
	return text((await request<Raw>("POST", "/devices", body)).body.id);
}

export async function changeDevice(id: string, body: Raw, etag: string): Promise<void> {
	await request("PATCH", `/devices/${path(id)}/config`, body, { "if-match": etag || "*" });
}

export async function removeDevice(id: string): Promise<void> {
	await request("DELETE", `/devices/${path(id)}`);
}

export async function testDevice(body: Raw): Promise<TestResult> {
	const r = (await request<Raw>("POST", "/devices:test", body, {}, PATIENT_MS)).body;
	return {
		ok: r.ok === true,
		answered: r.answered === undefined ? r.ok === true : r.answered === true,
		ms: number(r.ms),
		reason: text(r.reason),
		sysdescr: text(r.sysdescr),
		sysobjectid: text(r.sysobjectid),
		sysname: text(r.sysname),
		uptime_s: number(r.uptime_s),
		profile: text(r.profile),
		profile_title: text(r.profile_title),
		mfr: text(r.mfr),
		model: text(r.model),
		serial: text(r.serial),
		varbinds: list(r.varbinds).map((v) => ({
			oid: text(v.oid),
			type: text(v.type),
			value: plain(v.value),
		})),
		raw: text(r.raw),
	};
}

export const getCredentials = (): Promise<Credential[]> =>
	items("/credentials", (r) => ({
		id: text(r.id),
		name: text(r.name),
		version: text(r.version),
		port: number(r.port) ?? 161,
		v3_user: text(r.v3_user),
		v3_auth: text(r.v3_auth),
		v3_priv: text(r.v3_priv),
	}));

export async function addCredential(body: Raw): Promise<string> {
	return text((await request<Raw>("POST", "/credentials", body)).body.id);
}

export async function removeCredential(id: string): Promise<void> {
	await request("DELETE", `/credentials/${path(id)}`);
}

function asHit(r: Raw): Hit {
	const known = typeof r.known === "object" && r.known ? (r.known as Raw) : null;
	return {
		seq: number(r.seq) ?? 0,
		address: text(r.address),
		port: number(r.port) ?? 161,
		credential_id: text(r.credential_id),
		ms: number(r.ms),
		mfr: text(r.mfr),
		model: text(r.model),
		serial: text(r.serial),
		mac: text(r.mac),
		engine_id: text(r.engine_id),
		sysdescr: text(r.sysdescr),
		sysname: text(r.sysname),
		profile: text(r.profile),
		profile_title: text(r.profile_title),
		known: known && {
			device_id: text(known.device_id),
			key: text(known.key),
			moved: known.moved === true,
			changed: Object.keys(object(known.changed)).length > 0,
		},
	};
}

function asJob(r: Raw): Job {
	return {
		job: text(r.job),
		ranges: Array.isArray(r.ranges) ? r.ranges.map(text).join(" ") : text(r.ranges),
		started_at: text(r.started_at),
		done: r.done === true,
		sent: number(r.sent) ?? 0,
		total: number(r.total) ?? 0,
		answered: number(r.answered) ?? 0,
		cancelled: r.cancelled === true,
		not_kept: number(r.not_kept) ?? 0,
	};
}

export const getJobs = (): Promise<Job[]> => items("/discovery", asJob);

export async function startJob(body: Raw): Promise<string> {
	return text((await request<Raw>("POST", "/discovery", body)).body.job);
}

export async function getJob(job: string, after: number): Promise<JobPart> {
	const r = (await request<Raw>("GET", `/discovery/${path(job)}?after=${after}`)).body;
	return { ...asJob(r), hits: list(r.hits).map(asHit), more: r.more === true };
}

export async function stopJob(job: string): Promise<void> {
	await request("DELETE", `/discovery/${path(job)}`);
}

export async function addHits(job: string, rows: Raw[]): Promise<AddResult[]> {
	const r = await request<Raw>("POST", `/discovery/${path(job)}/devices`, { items: rows }, {}, PATIENT_MS);
	return list(r.body.items).map((x) => ({
		seq: number(x.seq) ?? 0,
		ok: x.ok === true,
		device_id: text(x.device_id),
		error: text(x.error),
	}));
}

export async function getIdentity(id: string): Promise<Identity> {
	const r = (await request<Raw>("GET", `/devices/${path(id)}/identity`)).body;
	const changed = Object.entries(object(r.changed)).map(([field, pair]) => {
		const [old, fresh] = Array.isArray(pair) ? pair : ["", pair];
		return { field, old: text(old), fresh: text(fresh) };
	});
	return {
		serial: text(r.serial),
		mac: text(r.mac),
		engine_id: text(r.engine_id),
		mfr: text(r.mfr),
		model: text(r.model),
		profile: text(r.profile),
		since: text(r.since),
		changed,
	};
}

export async function acceptIdentity(id: string): Promise<void> {
	await request("POST", `/devices/${path(id)}/identity:accept`, {});
}

const asFinding = (r: Raw): Finding => ({
	id: text(r.id),
	device_id: text(r.device_id),
	key: text(r.key),
	point: text(r.point),
	kind: text(r.kind),
	text: text(r.text),
	value: number(r.value),
	factor: number(object(r.suggestion).factor) ?? number(r.factor),
	at: text(r.first_at) || text(r.at),
});

export interface Findings {
	items: Finding[];
	total: number; // more than items when there are very many
}

export async function getFindings(): Promise<Findings> {
	const r = (await request<Raw>("GET", "/findings")).body;
	const found = list(r.items).map(asFinding);
	return { items: found, total: number(r.total) ?? found.length };
}

export async function decideFinding(id: string, accept: boolean): Promise<void> {
	await request("POST", `/findings/${path(id)}:confirm`, { accept });
}

export const getCorrections = (): Promise<Correction[]> =>
	items("/corrections", (r) => ({ ...asFinding(r), user: text(r.user) }));

export async function removeCorrection(id: string): Promise<void> {
	await request("DELETE", `/corrections/${path(id)}`);
}

export const getCommands = (id: string): Promise<Command[]> =>
	items(`/devices/${path(id)}/commands`, (r) => ({
		command: text(r.command),
		title: text(r.title),
		instance: text(r.instance),
		danger: r.danger === true,
		available: r.available !== false,
		why: text(r.why),
	}));

export async function runCommand(id: string, command: string, instance: string): Promise<CommandResult> {
	const body = { command, ...(instance ? { instance } : {}), confirm: true };
	const head = { "idempotency-key": onceKey() };
	const r = (await request<Raw>("POST", `/devices/${path(id)}/commands`, body, head, PATIENT_MS)).body;
	return { state: text(r.state), readback: plain(r.readback), text: text(r.text) };
}

export const getUnknownSenders = (): Promise<UnknownSender[]> =>
	items("/traps/unknown", (r) => ({
		source: text(r.source),
		count: number(r.count) ?? 0,
		first_at: text(r.first_at),
		last_at: text(r.last_at),
		version: text(r.version),
		trap_oid: text(r.trap_oid),
		text: text(r.text),
	}));

export const getTrapWindows = (): Promise<TrapWindow[]> =>
	items("/trap-windows", (r) => ({
		id: text(r.id),
		device_id: text(r.device_id),
		key: text(r.key),
		name: text(r.name),
		days: plain(r.days),
		at: text(r.at),
		minutes: number(r.minutes) ?? 0,
		tz: text(r.tz),
		last_result: text(r.last_result),
		last_at: text(r.last_at),
	}));

export async function addTrapWindow(body: Raw): Promise<void> {
	await request("POST", "/trap-windows", body);
}

export async function removeTrapWindow(id: string): Promise<void> {
	await request("DELETE", `/trap-windows/${path(id)}`);
}

export async function getTrapStatus(): Promise<TrapStatus> {
	const body = (await request<Raw>("GET", "/traps/status")).body;
	const counts: Record<string, number> = {};
	for (const [k, v] of Object.entries(body)) if (typeof v === "number") counts[k] = v;
	return { listening: text(body.listening), counts };
}

export async function getHistory(): Promise<HistoryKept[]> {
	const body = (await request<Raw>("GET", "/history")).body;
	return list(body.items).map((x) => ({
		what: oneOf(x.what, ["samples", "texts", "events"] as const, "samples"),
		keep_days: typeof x.keep_days === "number" ? x.keep_days : null,
		oldest: text(x.oldest),
		bytes: number(x.bytes) ?? 0,
		dropped: list(x.dropped).map((d) => ({ partition: text(d.partition), at: text(d.at) })),
	}));
}

/** null takes it away. */
export async function putSetting(name: string, value: string | null): Promise<void> {
	await request("PUT", `/settings/${encodeURIComponent(name)}`, { value });
}
