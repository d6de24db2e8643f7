// SPDX-License-Identifier: Apache-2.0
// Open alarms: order, counts, acknowledging.
import { computed, signal } from "@preact/signals";
import { type Deed, type DeedDetails, doToAlarms, getAlarms } from "../api/client";
import { asAlarm, type Raw } from "../api/shape";
import { type AckResult, type Alarm, SEVERITIES, type Severity } from "../api/types";
import { blindSince } from "./fleet";
import { onEvent, onSnapshotsWanted } from "./live";
import { Synced } from "./synced";

export const alarms = new Map<string, Alarm>();
export const alarmVersion = signal(0);

/** What is shelved, in maintenance, out of service or the consequence of something else counts nowhere and waits for nobody. */
export const isQuiet = (a: Alarm): boolean =>
	!!(a.quiet || a.shelved || a.suppressed_by || a.maintenance || a.out_of_service);
export const isUnack = (a: Alarm): boolean =>
	!isQuiet(a) && (a.state === "active_unack" || a.state === "cleared_unack");
export const isActive = (a: Alarm): boolean => !isQuiet(a) && (a.state === "active_unack" || a.state === "active_ack");
const rank = (s: Severity): number => SEVERITIES.indexOf(s);

/** Unacknowledged first, then the worst, then the newest. */
export function compareAlarms(a: Alarm, b: Alarm): number {
	const unack = Number(isUnack(b)) - Number(isUnack(a));
	if (unack) return unack;
	const severity = rank(a.severity) - rank(b.severity);
	if (severity) return severity;
	if (a.raised_at !== b.raised_at) return a.raised_at < b.raised_at ? 1 : -1;
	return a.id < b.id ? 1 : -1;
}

interface AlarmDelta {
	gone: boolean;
	alarm: Alarm;
}

export const alarmList = new Synced<Alarm[], AlarmDelta>(
	getAlarms,
	(list) => {
		alarms.clear();
		for (const a of list) alarms.set(a.id, a);
		alarmVersion.value++;
	},
	(d) => {
		if (d.gone || d.alarm.state === "normal") alarms.delete(d.alarm.id);
		else alarms.set(d.alarm.id, d.alarm);
		alarmVersion.value++;
	},
);

/** Otherwise "none" means nothing, and numbers are of the past. */
export const alarmsKnown = (): boolean => alarmList.phase.value === "ready" && !blindSince.value;

const those = (which: (a: Alarm) => boolean) =>
	computed<Alarm[]>(() => {
		alarmVersion.value;
		return [...alarms.values()].filter(which).sort(compareAlarms);
	});
export const sortedAlarms = those((a) => !isQuiet(a));
export const quietAlarms = those(isQuiet);

export interface Count {
	active: number;
	unack: number;
}

export const counts = computed<Record<Severity, Count>>(() => {
	const all = Object.fromEntries(SEVERITIES.map((s) => [s, { active: 0, unack: 0 }])) as Record<Severity, Count>;
	for (const a of sortedAlarms.value) {
		if (a.test) continue; // goes the way of a real one, but is none
		if (isActive(a)) all[a.severity].active++;
		if (isUnack(a)) all[a.severity].unack++;
	}
	return all;
});

export const unacked = computed<Alarm[]>(() => sortedAlarms.value.filter(isUnack));

const byDevice = computed<Map<string, Alarm[]>>(() => {
	const map = new Map<string, Alarm[]>();
	for (const a of sortedAlarms.value) {
		const list = map.get(a.device_id);
		if (list) list.push(a);
		else map.set(a.device_id, [a]);
	}
	return map;
});

/** Open alarms of a device in the order of the list. */
export function alarmsOf(deviceId: string): readonly Alarm[] {
	return byDevice.value.get(deviceId) ?? [];
}

const BULK = 500;

export async function deal(deed: Deed, ids: string[], details: DeedDetails): Promise<AckResult[]> {
	const results: AckResult[] = [];
	for (let i = 0; i < ids.length; i += BULK)
		results.push(...(await doToAlarms(deed, ids.slice(i, i + BULK), details)));
	return results;
}

export function acknowledge(ids: string[], comment: string): Promise<AckResult[]> {
	return deal("ack", ids, comment ? { comment } : {});
}

export function startAlarms(): void {
	onEvent("alarm", (data, id) => {
		const alarm = asAlarm((data.alarm ?? {}) as Raw);
		if (alarm.id) alarmList.delta(id, { gone: data.op === "gone", alarm });
	});
	onSnapshotsWanted(() => void alarmList.load());
}
