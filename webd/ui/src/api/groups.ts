// SPDX-License-Identifier: Apache-2.0
// Groups of devices that people make (nested, each device counted once), and groups of which some have to work.
import { request } from "./client";
import { asSeverity, list, number, object, oneOf, orNull, type Raw, text } from "./shape";
import { SEVERITIES, type Severity } from "./types";

const path = encodeURIComponent;
const texts = (v: unknown): string[] => (Array.isArray(v) ? v.map(text) : []);

/** What a group holds, by key. */
export interface Holds {
	devices: string[];
	sites: string[];
	groups: string[];
}

export interface DeviceGroup extends Holds {
	id: string;
	key: string;
	name: string;
	severity: Severity;
	members: number; // devices it reaches, each once
	unack: boolean;
	counts: Record<Severity, number>;
	used_by: string[];
	etag: string;
}

export function asDeviceGroup(r: Raw, etag = ""): DeviceGroup {
	const counts = object(r.counts);
	return {
		id: text(r.id),
		key: text(r.key),
		name: text(r.name) || text(r.key),
		devices: texts(r.devices),
		sites: texts(r.sites),
		groups: texts(r.groups),
		severity: asSeverity(r.severity ?? "normal"),
		members: number(r.members) ?? 0,
		unack: r.unack === true,
		counts: Object.fromEntries(SEVERITIES.map((s) => [s, number(counts[s]) ?? 0])) as DeviceGroup["counts"],
		used_by: texts(r.used_by),
		etag,
	};
}

export async function getDeviceGroups(): Promise<DeviceGroup[]> {
	return list((await request<Raw>("GET", "/device-groups")).body.items).map((r) => asDeviceGroup(r));
}

export interface GroupInput extends Holds {
	key: string;
	name: string;
}

export async function saveDeviceGroup(id: string, g: GroupInput): Promise<void> {
	const { key, ...rest } = g;
	if (id) await request("PUT", `/device-groups/${path(id)}`, rest);
	else await request("POST", "/device-groups", { key, ...rest });
}

export async function removeDeviceGroup(id: string): Promise<void> {
	await request("DELETE", `/device-groups/${path(id)}`);
}

export const OPS = ["=", "!=", "<", "<=", ">", ">=", "has"] as const;

/** One of device, group of devices, other redundancy group; or a condition on one point of a device. */
export interface Member {
	kind: "device" | "group" | "redundancy" | "condition";
	name: string;
	point: string;
	op: string;
	value: string;
}

export type GroupState = "works" | "fails" | "unknown";

export interface State {
	state: GroupState;
	total: number;
	working: number;
	failed: number;
	unknown: number;
	spare: number;
	load_kw: number | null;
	capacity_kw: number | null;
	spare_kw: number | null;
}

export interface Part {
	name: string;
	device_id: string;
	kind: string;
	state: GroupState;
	why: string;
	load_kw: number | null;
	capacity_kw: number | null;
}

export interface Redundancy extends State {
	id: string;
	key: string;
	name: string;
	site: string;
	need: number;
	hold_s: number;
	severity: Severity;
	fails_on: string[];
	members: Member[];
	since: string;
	alarms: string[];
}

const asGroupState = (v: unknown): GroupState => {
	// "working" and "failed" are words of members
	const word = v === "working" ? "works" : v === "failed" ? "fails" : v;
	return oneOf(word, ["works", "fails", "unknown"] as const, "unknown");
};

function asState(r: Raw): State {
	const n = (v: unknown) => number(v) ?? 0;
	return {
		state: asGroupState(r.state),
		total: n(r.total),
		working: n(r.working),
		failed: n(r.failed),
		unknown: n(r.unknown),
		spare: n(r.spare),
		load_kw: number(r.load_kw),
		capacity_kw: number(r.capacity_kw),
		spare_kw: number(r.spare_kw),
	};
}

function asMember(r: Raw): Member {
	const kind = r.point ? "condition" : r.group ? "group" : r.redundancy ? "redundancy" : "device";
	const name = text(r.device ?? r.group ?? r.redundancy);
	return { kind, name, point: text(r.point), op: text(r.op) || "=", value: text(r.value) };
}

export function memberBody(m: Member): Raw {
	if (m.kind !== "condition") return { [m.kind]: m.name };
	const v = m.value.trim();
	const value = v !== "" && !Number.isNaN(Number(v)) ? Number(v) : v;
	return { device: m.name, point: m.point, op: m.op, value };
}

export function asRedundancy(r: Raw): Redundancy {
	return {
		...asState(r),
		id: text(r.id),
		key: text(r.key),
		name: text(r.name) || text(r.key),
		site: text(r.site),
		need: number(r.need) ?? 1,
		hold_s: number(r.hold_s) ?? 0,
		severity: asSeverity(r.severity ?? "critical"),
		fails_on: texts(r.fails_on),
		members: list(r.members).map(asMember),
		since: text(r.since),
		alarms: texts(r.alarms),
	};
}

export async function getRedundancy(): Promise<Redundancy[]> {
	return list((await request<Raw>("GET", "/redundancy-groups")).body.items).map(asRedundancy);
}

/** Null while nobody can tell. */
export async function getParts(id: string): Promise<Part[] | null> {
	const r = (await request<Raw>("GET", `/redundancy-groups/${path(id)}`)).body;
	if (!Array.isArray(r.parts)) return null;
	return list(r.parts).map((p) => ({
		name: text(p.name),
		device_id: text(p.device_id),
		kind: text(p.kind),
		state: asGroupState(p.state),
		why: text(p.why),
		load_kw: number(p.load_kw),
		capacity_kw: number(p.capacity_kw),
	}));
}

export type RedundancyInput = Pick<
	Redundancy,
	"key" | "name" | "site" | "need" | "hold_s" | "severity" | "members" | "fails_on"
>;

export async function saveRedundancy(id: string, g: RedundancyInput): Promise<void> {
	const { key, members, fails_on, ...rest } = g;
	const body = { ...rest, members: members.map(memberBody), ...(fails_on.length ? { fails_on } : {}) };
	if (id) await request("PUT", `/redundancy-groups/${path(id)}`, body);
	else await request("POST", "/redundancy-groups", { key, ...body });
}

export async function removeRedundancy(id: string): Promise<void> {
	await request("DELETE", `/redundancy-groups/${path(id)}`);
}

export interface WhatIf {
	now: State;
	after: State;
	also: { key: string; name: string; now: GroupState; after: GroupState }[];
}

const stateWord = (v: unknown): GroupState => asGroupState(typeof v === "object" && v ? (v as Raw).state : v);

export async function whatIf(id: string, fail: string[]): Promise<WhatIf> {
	const r = (await request<Raw>("POST", `/redundancy-groups/${path(id)}:what-if`, { fail })).body;
	return {
		now: asState(object(r.now)),
		after: asState(object(r.then)),
		also: list(r.also).map((a) => ({
			key: text(a.key),
			name: orNull(a.name) ?? text(a.key),
			now: stateWord(a.now),
			after: stateWord(a.then),
		})),
	};
}
