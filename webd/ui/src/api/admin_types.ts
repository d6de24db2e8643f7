// SPDX-License-Identifier: Apache-2.0
// Wire forms of what is set up: device configuration, credentials, discovery, findings, commands, traps.

/** What a device needs to be asked. Passwords and communities are written only. */
export interface DeviceConfig {
	key: string;
	collector: string;
	address: string;
	port: number;
	version: string; // 1, 2c, 3
	interval_s: number;
	status_interval_s: number;
	profile: string;
	v3_user: string;
	v3_auth: string;
	v3_priv: string;
	v3_context: string;
	v3_engine_id: string;
	has_community: boolean;
	etag: string;
}

export interface Credential {
	id: string;
	name: string;
	version: string;
	port: number;
	v3_user: string;
	v3_auth: string;
	v3_priv: string;
}

export interface Varbind {
	oid: string;
	type: string;
	value: string;
}

export interface TestResult {
	ok: boolean; // it answers and a profile fits
	answered: boolean;
	ms: number | null;
	reason: string;
	sysdescr: string;
	sysobjectid: string;
	sysname: string;
	uptime_s: number | null;
	profile: string;
	profile_title: string;
	mfr: string;
	model: string;
	serial: string;
	varbinds: Varbind[];
	raw: string; // hex
}

export interface Hit {
	seq: number;
	address: string;
	port: number;
	credential_id: string;
	ms: number | null;
	mfr: string;
	model: string;
	serial: string;
	mac: string;
	engine_id: string;
	sysdescr: string;
	sysname: string;
	profile: string;
	profile_title: string;
	known: { device_id: string; key: string; moved: boolean; changed: boolean } | null;
}

export interface Job {
	job: string;
	ranges: string;
	started_at: string;
	done: boolean;
	sent: number;
	total: number;
	answered: number;
	cancelled: boolean;
	not_kept: number; // answers beyond what a search keeps
}

export interface JobPart extends Job {
	hits: Hit[];
	more: boolean;
}

export interface AddResult {
	seq: number;
	ok: boolean;
	device_id: string;
	error: string;
}

export interface Identity {
	serial: string;
	mac: string;
	engine_id: string;
	mfr: string;
	model: string;
	profile: string;
	since: string;
	changed: { field: string; old: string; fresh: string }[];
}

export interface Finding {
	id: string;
	device_id: string;
	key: string;
	point: string; // "name" or "name#index"
	kind: string;
	text: string;
	value: number | null;
	factor: number | null;
	at: string;
}

/** What somebody decided about a finding: a factor, or 0 for "right as it is". */
export interface Correction extends Finding {
	user: string;
}

export interface Command {
	command: string;
	title: string;
	instance: string;
	danger: boolean;
	available: boolean;
	why: string;
}

export interface CommandResult {
	state: string; // done, failed, unconfirmed
	readback: string;
	text: string;
}

export interface UnknownSender {
	source: string;
	count: number;
	first_at: string;
	last_at: string;
	version: string;
	trap_oid: string;
	text: string;
}

export interface TrapWindow {
	id: string;
	device_id: string;
	key: string;
	name: string;
	days: string;
	at: string;
	minutes: number;
	tz: string;
	last_result: string;
	last_at: string;
}

/** One kind of history: how long it is kept (null: for ever) and what there is of it. */
export interface HistoryKept {
	what: "samples" | "texts" | "events";
	keep_days: number | null;
	oldest: string; // a day, "" without any
	bytes: number;
	dropped: { partition: string; at: string }[]; // newest first
}

export interface TrapStatus {
	listening: string; // address, or "off"
	counts: Record<string, number>;
}
