// SPDX-License-Identifier: Apache-2.0
// The wire forms of /api/v1 as the screens read them. Times are RFC 3339 UTC, durations seconds.

export type Severity = "critical" | "major" | "unknown" | "minor" | "info" | "normal";
export type AlarmState = "normal" | "active_unack" | "active_ack" | "cleared_unack";
export type Quality = "good" | "stale" | "bad" | "unknown";
export type Role = "viewer" | "operator" | "engineer" | "admin";

/** Worst first: the index orders severities. */
export const SEVERITIES: readonly Severity[] = ["critical", "major", "unknown", "minor", "info", "normal"];

export interface Me {
	user: string;
	role: Role;
	rights: string[];
	must_change: boolean;
	csrf: string;
	build: string;
}

export interface PointValue {
	name: string;
	index: string;
	value: number | string | boolean | null;
	unit: string;
	quality: Quality;
	age_s: number | null;
	oid?: string | null;
}

export interface DeviceRow {
	id: string;
	key: string;
	name: string;
	site: string;
	address: string;
	collector: string;
	profile: string;
	model: string;
	mfr: string;
	status: string;
	severity: Severity;
	active: number;
	unack: number;
	comm: "ok" | "lost" | "never";
	lost_reason: string;
	age_s: number | null;
	interval_s: number;
	quick: PointValue[];
}

export interface DeviceDetail extends DeviceRow {
	serial: string;
	firmware: string;
	points: PointValue[];
}

/** What a `state` event says about one device. */
export type DeviceChange = Pick<DeviceRow, "id" | "key" | "severity" | "status" | "comm" | "active" | "unack">;

export interface Group {
	id: string;
	key: string;
	name: string;
	parent: string | null;
	severity: Severity;
	members: number;
	unack: boolean;
	counts: Record<Severity, number>;
}

export interface Summary {
	devices: Record<Severity, number> & { total: number };
	alarms: Record<Severity, { active: number; unack: number }>;
	database: { up: boolean; since: string };
	history_paused: boolean;
	alarms_known: boolean; // false: alarmd does not speak, what is listed is of the past
	flood: Flood[];
}

/** More alarms than people can read: the whole suite (site "") or one site. */
export interface Flood {
	site: string;
	since: string;
	count: number;
}

export interface Alarm {
	id: string;
	device: string;
	device_id: string;
	rule: string;
	subject: string;
	severity: Severity;
	state: AlarmState;
	raised_at: string;
	cleared_at: string | null;
	acked_at: string | null;
	user: string | null;
	comment: string | null;
	text: string;
	value: number | null;
	limit: number | null;
	unit: string;
	test: boolean;
	stale: boolean;
	chattering: boolean;
	chatter_raises: number;
	quiet: boolean;
	shelved: Shelf | null;
	suppressed_by: string; // key of the device, site or group whose trouble this is a consequence of
	maintenance: string; // name of the window
	out_of_service: string; // work order
}

/** Kept quiet, by a person, for a reason. */
export interface Shelf {
	until: string;
	until_clear: boolean;
	user: string;
	reason: string;
}

/** Everything that is shelved, also what does not stand at present. */
export interface ShelfRow extends Shelf {
	id: string;
	device_id: string;
	key: string;
	rule: string;
	severity: Severity;
	state: AlarmState;
}

export interface EventRow {
	jseq: string;
	at: string;
	device: string;
	device_id: string;
	rule: string;
	kind: string;
	from: AlarmState;
	to: AlarmState;
	severity: Severity;
	user: string | null;
	comment: string | null;
	text: string;
	alarm_id: string;
	subject: string;
	test: boolean;
	source: string;
	source_at: string;
	count: number;
	time_unsynced: boolean;
}

export interface AckResult {
	id: string;
	ok: boolean;
	code: string;
	text: string;
}

export interface Series {
	device: string;
	point: string;
	index: string;
	unit: string;
	raw: boolean;
	t: number[];
	min: (number | null)[];
	avg: (number | null)[];
	max: (number | null)[];
}

export const BANDS = ["mains", "battery", "bypass", "off", "unknown"] as const;
export type BandState = (typeof BANDS)[number];

/** What fed the load from when to when (Unix ms). */
export interface Band {
	from: number;
	to: number;
	state: BandState;
}

export interface Trouble {
	code: string;
	text: string;
	severity: Severity;
}

export interface DaemonState {
	name: string;
	role: string;
	state: "alive" | "suspect" | "lost";
	age_s: number | null;
	pid: number | null;
	up_since: string;
	build: string;
	metrics: Record<string, number>;
	troubles: Trouble[];
}

/** shutdownd's own state of a plan. */
export interface PlanRun {
	state: string;
	condition: string; // false, unproven, true
	awaits_confirmation: boolean;
	fires_in_s: number | null;
	orders: { target: string; state: string; reason: string }[];
}

export interface Plan {
	key: string;
	version: number;
	mode: string;
	simulated_version: number;
	need: number;
	hold_s: number;
	devices: string[];
	targets: { name: string; address: string; port: number; method: string; template: string }[];
	run: PlanRun | null; // null: shutdownd does not answer
}

export interface SystemState {
	build: string;
	now: string;
	generation: number | null;
	address: string;
	database: { up: boolean; since: string; reason: string };
	daemons: DaemonState[];
	streams: number | null;
	sessions: number | null;
	bus: Record<string, number>;
}

export interface Page<T> {
	items: T[];
	next: string | null;
	prev: string | null;
	total_estimate: number | null;
}

/** RFC 9457. */
export interface Problem {
	type: string;
	title: string;
	status: number;
	detail?: string;
	request_id?: string;
	retry_after?: number;
	errors?: { pointer?: string; code?: string; detail?: string }[];
}
