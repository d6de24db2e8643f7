// SPDX-License-Identifier: Apache-2.0
// Turns what the server sent into the types the screens use. Nothing of the wire is trusted to be complete: an unknown
// severity is shown as "unknown", a missing number as null, so that a newer or older server never blanks a screen.
import {
	type Alarm,
	type AlarmState,
	BANDS,
	type Band,
	type DaemonState,
	type DeviceChange,
	type DeviceRow,
	type EventRow,
	type Group,
	type Me,
	type Plan,
	type PlanRun,
	type PointValue,
	type Quality,
	SEVERITIES,
	type Series,
	type Severity,
	type Shelf,
	type ShelfRow,
	type Summary,
	type SystemState,
} from "./types";

export type Raw = Record<string, unknown>;

export const text = (v: unknown): string => (v === null || v === undefined ? "" : String(v));
export const orNull = (v: unknown): string | null => text(v) || null;
export const number = (v: unknown): number | null => (typeof v === "number" && Number.isFinite(v) ? v : null);
export const list = (v: unknown): Raw[] => (Array.isArray(v) ? (v as Raw[]) : []);
export const object = (v: unknown): Raw => (typeof v === "object" && v !== null ? (v as Raw) : {});
export const oneOf = <T extends string>(v: unknown, names: readonly T[], other: T): T =>
	names.includes(v as T) ? (v as T) : other;

const STATES: readonly AlarmState[] = ["normal", "active_unack", "active_ack", "cleared_unack"];
const QUALITIES: readonly Quality[] = ["good", "stale", "bad", "unknown"];
const COMM: readonly DeviceRow["comm"][] = ["never", "ok", "lost"];
const DAEMON: readonly DaemonState["state"][] = ["alive", "suspect", "lost"];

export const asSeverity = (v: unknown): Severity => oneOf(v, SEVERITIES, "unknown");

export function asMe(r: Raw): Me {
	return {
		user: text(r.user),
		role: oneOf(r.role, ["viewer", "operator", "engineer", "admin"] as const, "viewer"),
		rights: Array.isArray(r.rights) ? r.rights.map(text) : [],
		must_change: r.must_change === true,
		csrf: text(r.csrf),
		build: text(r.build),
	};
}

export function asPoint(r: Raw): PointValue {
	const v = r.value;
	const plain = typeof v === "number" || typeof v === "string" || typeof v === "boolean";
	return {
		name: text(r.name),
		index: text(r.index),
		value: plain ? v : null,
		unit: text(r.unit),
		quality: oneOf(r.quality, QUALITIES, "unknown"),
		age_s: number(r.age_s),
		oid: r.oid === undefined ? undefined : orNull(r.oid),
	};
}

export function asChange(r: Raw): DeviceChange {
	return {
		id: text(r.id),
		key: text(r.key),
		severity: asSeverity(r.severity),
		status: text(r.status),
		comm: oneOf(r.comm, COMM, "never"),
		active: number(r.active) ?? 0,
		unack: number(r.unack) ?? 0,
	};
}

export function asDevice(r: Raw): DeviceRow {
	const change = asChange(r);
	const cut = change.key.lastIndexOf("/");
	return {
		...change,
		name: text(r.name) || change.key.slice(cut + 1),
		site: text(r.site) || (cut > 0 ? change.key.slice(0, cut) : "unsorted"),
		address: text(r.address),
		collector: text(r.collector),
		profile: text(r.profile),
		model: text(r.model),
		mfr: text(r.mfr),
		lost_reason: text(r.lost_reason),
		age_s: number(r.age_s),
		interval_s: number(r.interval_s) ?? 10,
		quick: list(r.quick).map(asPoint),
	};
}

function counts(r: Raw): Record<Severity, number> {
	return Object.fromEntries(SEVERITIES.map((s) => [s, number(r[s]) ?? 0])) as Record<Severity, number>;
}

export function asGroup(r: Raw): Group {
	return {
		id: text(r.id),
		key: text(r.key),
		name: text(r.name),
		parent: orNull(r.parent),
		severity: asSeverity(r.severity),
		members: number(r.members) ?? 0,
		unack: r.unack === true,
		counts: counts(object(r.counts)),
	};
}

export function asSummary(r: Raw): Summary {
	const devices = object(r.devices);
	const alarms = object(r.alarms);
	const database = object(r.database);
	const each = SEVERITIES.map((s) => {
		const a = object(alarms[s]);
		return [s, { active: number(a.active) ?? 0, unack: number(a.unack) ?? 0 }];
	});
	return {
		devices: { ...counts(devices), total: number(devices.total) ?? 0 },
		alarms: Object.fromEntries(each) as Summary["alarms"],
		database: { up: database.up !== false, since: text(database.since) },
		history_paused: r.history_paused === true,
		alarms_known: r.alarms_known !== false,
		flood: list(r.flood).map((f) => ({
			site: text(f.site),
			since: text(f.since),
			count: number(f.count) ?? 0,
		})),
	};
}

export function asAlarm(r: Raw): Alarm {
	return {
		id: text(r.id),
		device: text(r.device),
		device_id: text(r.device_id),
		rule: text(r.rule),
		subject: text(r.subject),
		severity: asSeverity(r.severity),
		state: oneOf(r.state, STATES, "active_unack"),
		raised_at: text(r.raised_at),
		cleared_at: orNull(r.cleared_at),
		acked_at: orNull(r.acked_at),
		user: orNull(r.user),
		comment: orNull(r.comment),
		text: text(r.text),
		value: number(r.value),
		limit: number(r.limit),
		unit: text(r.unit),
		test: r.test === true,
		stale: r.stale === true,
		chattering: r.chattering === true,
		chatter_raises: number(r.chatter_raises) ?? 0,
		quiet: r.quiet === true,
		shelved: r.shelved ? asShelf(r.shelved as Raw) : null,
		suppressed_by: text(r.suppressed_by),
		maintenance: text(r.maintenance),
		out_of_service: text(r.out_of_service),
	};
}

function asShelf(r: Raw): Shelf {
	return {
		until: text(r.until),
		until_clear: r.until_clear === true,
		user: text(r.user),
		reason: text(r.reason),
	};
}

export function asShelfRow(r: Raw): ShelfRow {
	return {
		...asShelf(r),
		id: text(r.id),
		device_id: text(r.device_id),
		key: text(r.key),
		rule: text(r.rule),
		severity: asSeverity(r.severity),
		state: oneOf(r.state, STATES, "normal"),
	};
}

export function asEvent(r: Raw): EventRow {
	return {
		jseq: text(r.jseq),
		at: text(r.at),
		device: text(r.device),
		device_id: text(r.device_id),
		rule: text(r.rule),
		kind: text(r.kind),
		from: oneOf(r.from, STATES, "normal"),
		to: oneOf(r.to, STATES, "normal"),
		severity: asSeverity(r.severity),
		user: orNull(r.user),
		comment: orNull(r.comment),
		text: text(r.text),
		alarm_id: text(r.alarm_id),
		subject: text(r.subject),
		test: r.test === true,
		source: text(r.source),
		source_at: text(r.source_at),
		count: number(r.count) ?? 1,
		time_unsynced: r.time_unsynced === true,
	};
}

export function asSeries(r: Raw): Series {
	const column = (v: unknown) => (Array.isArray(v) ? v.map(number) : []);
	return {
		device: text(r.device),
		point: text(r.point),
		index: text(r.index),
		unit: text(r.unit),
		raw: r.raw === true,
		t: Array.isArray(r.t) ? r.t.map(Number) : [],
		min: column(r.min),
		avg: column(r.avg),
		max: column(r.max),
	};
}

export const asBands = (v: unknown): Band[] =>
	list(v).map((b) => ({
		from: Number(b.from),
		to: Number(b.to),
		state: oneOf(b.state, BANDS, "unknown"),
	}));

function asDaemon(r: Raw): DaemonState {
	const metrics: Record<string, number> = {};
	for (const [k, v] of Object.entries(object(r.metrics))) if (typeof v === "number") metrics[k] = v;
	return {
		name: text(r.name),
		role: text(r.role),
		state: oneOf(r.state, DAEMON, "lost"),
		age_s: number(r.heartbeat_age_s),
		pid: number(r.pid),
		up_since: text(r.up_since),
		build: text(r.build),
		metrics,
		troubles: list(r.troubles).map((t) => ({
			code: text(t.code),
			text: text(t.text),
			severity: asSeverity(t.severity),
		})),
	};
}

function asRun(r: Raw): PlanRun {
	return {
		state: text(r.state),
		condition: text(r.condition),
		awaits_confirmation: r.awaits_confirmation === true,
		fires_in_s: number(r.fires_in_s),
		orders: list(r.orders).map((o) => ({
			target: text(o.target),
			state: text(o.state),
			reason: text(o.reason),
		})),
	};
}

export function asPlan(r: Raw): Plan {
	return {
		key: text(r.key),
		version: number(r.version) ?? 0,
		mode: text(r.mode),
		simulated_version: number(r.simulated_version) ?? 0,
		need: number(r.need) ?? 0,
		hold_s: number(r.hold_s) ?? 0,
		devices: Array.isArray(r.devices) ? r.devices.map(text) : [],
		targets: list(r.targets).map((t) => ({
			name: text(t.name),
			address: text(t.address),
			port: number(t.port) ?? 0,
			method: text(t.method),
			template: text(t.template),
		})),
		run: typeof r.run === "object" && r.run ? asRun(r.run as Raw) : null,
	};
}

export function asSystem(r: Raw): SystemState {
	const db = object(r.database);
	const bus: Record<string, number> = {};
	for (const [k, v] of Object.entries(object(r.bus))) if (typeof v === "number") bus[k] = v;
	return {
		build: text(r.build),
		now: text(r.now),
		generation: number(r.generation),
		address: text(r.address),
		database: { up: db.up === true, since: text(db.since), reason: text(db.reason) },
		daemons: list(r.daemons).map(asDaemon),
		streams: number(r.streams),
		sessions: number(r.sessions),
		bus,
	};
}
