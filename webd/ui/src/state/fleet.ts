// SPDX-License-Identifier: Apache-2.0
// All devices and sites the user may see. Records are mutated in place; `version` tells readers that something changed.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Answer, getDevices, getGroups, getSummary } from "../api/client";
import { asChange, asGroup, asSummary, type Raw } from "../api/shape";
import type { DeviceChange, DeviceRow, Group, PointValue, Summary } from "../api/types";
import { monotonic } from "./clock";
import { onEvent, onSnapshotsWanted } from "./live";
import { Synced } from "./synced";

export interface Device extends DeviceRow {
	readAt: number; // monotonic ms when age_s and quick were true
}

export const devices = new Map<string, Device>();
export const groups = new Map<string, Group>();
export const fleetVersion = signal(0);
/** Moves when devices came, went or changed their site: the map is laid out anew. */
export const fleetShape = signal(0);
export const groupVersion = signal(0);
export const summary = signal<Summary | null>(null);
/** Unix ms since when we know that alarmd does not speak; 0: it does. */
export const blindSince = signal(0);

function takeSummary(s: Summary): void {
	summary.value = s;
	blindSince.value = s.alarms_known ? 0 : blindSince.peek() || Date.now();
}

let planned = false;
function changed(): void {
	if (planned) return;
	planned = true;
	// one redraw for all that comes within a frame
	setTimeout(() => {
		planned = false;
		fleetVersion.value++;
	}, 16);
}

function replaceDevices(rows: DeviceRow[]): void {
	const at = monotonic();
	const seen = new Set<string>();
	let moved = false;
	for (const row of rows) {
		seen.add(row.id);
		moved ||= devices.get(row.id)?.key !== row.key;
		devices.set(row.id, { ...row, readAt: at });
	}
	for (const id of devices.keys()) if (!seen.has(id)) moved = devices.delete(id) || moved;
	if (moved) fleetShape.value++;
	changed();
}

interface StateDelta {
	ch: DeviceChange[];
	gone: string[];
}

function applyState(d: StateDelta): void {
	let stranger = false;
	for (const c of d.ch) {
		const known = devices.get(c.id);
		// a new device, or one with a new name: name and site come with the list
		if (known?.key !== c.key) stranger = true;
		if (known) Object.assign(known, c);
	}
	for (const id of d.gone) devices.delete(id);
	if (d.gone.length) fleetShape.value++;
	changed();
	if (stranger) void fleet.load();
}

export const fleet = new Synced<DeviceRow[], StateDelta>(getDevices, replaceDevices, applyState);

interface GroupDelta {
	ch: Group[];
	gone: string[];
}

export const sites = new Synced<Group[], GroupDelta>(
	getGroups,
	(list) => {
		groups.clear();
		for (const g of list) groups.set(g.key, g);
		groupVersion.value++;
	},
	(d) => {
		for (const g of d.ch) groups.set(g.key, g);
		for (const key of d.gone) groups.delete(key);
		groupVersion.value++;
	},
);

export function quick(d: DeviceRow, names: readonly string[]): PointValue | null {
	for (const name of names) {
		const p = d.quick.find((v) => v.name === name);
		if (p) return p;
	}
	return null;
}

export const QUICK = {
	load: ["ups.load"],
	charge: ["battery.charge"],
	runtime: ["battery.runtime"],
	input: ["input.L1-N.voltage", "input.voltage"],
	output: ["output.L1-N.voltage", "output.voltage"],
	power: ["ups.realpower", "output.L1.realpower"],
	temperature: ["battery.temperature", "ambient.temperature"],
} as const;

/** Seconds since the device last answered, by our own clock. */
export function ageOf(d: Device): number | null {
	return d.age_s === null ? null : d.age_s + (monotonic() - d.readAt) / 1000;
}

const list = (v: unknown): Raw[] => (Array.isArray(v) ? (v as Raw[]) : []);

export function startFleet(): void {
	onEvent("state", (data, id) =>
		fleet.delta(id, { ch: list(data.ch).map(asChange), gone: list(data.gone).map(String) }),
	);
	onEvent("group", (data, id) =>
		sites.delta(id, { ch: list(data.ch).map(asGroup), gone: list(data.gone).map(String) }),
	);
	onEvent("summary", (data) => {
		takeSummary(asSummary(data));
	});
	onSnapshotsWanted(() => {
		void fleet.load();
		void sites.load();
		getSummary().then(
			(a: Answer<Summary>) => {
				takeSummary(a.body);
			},
			() => {}, // the stream sends it as well
		);
	});
}

const REFRESH_MS = 10_000;

/** Measured values of the list are not streamed: while a screen shows them the list is read again, slower for large fleets. */
export function useFleetRefresh(): void {
	useEffect(() => {
		let timer = 0;
		const again = () => {
			const wait = Math.max(REFRESH_MS, devices.size * 10);
			timer = window.setTimeout(async () => {
				if (!document.hidden) await fleet.load();
				again();
			}, wait);
		};
		again();
		return () => clearTimeout(timer);
	}, []);
}
