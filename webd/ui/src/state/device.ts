// SPDX-License-Identifier: Apache-2.0
// One device with all its points, live. Values the server judged keep that judgement; when the device's values stop coming
// (or the connection is lost) they age here: after 2 intervals stale, after 5 unknown.
import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { getDevice } from "../api/client";
import { asPoint, type Raw } from "../api/shape";
import type { DeviceDetail, PointValue, Quality } from "../api/types";
import { monotonic } from "./clock";
import { onEvent, onSnapshotsWanted, takeTopic } from "./live";
import { Synced } from "./synced";

export interface LivePoint extends PointValue {
	readAt: number; // monotonic ms when age_s was true
}

export interface DeviceStore {
	detail: Signal<DeviceDetail | null>;
	points: Map<string, LivePoint>;
	version: Signal<number>;
	heardAt: { at: number }; // monotonic ms of the newest values
	sync: Synced<DeviceDetail, never>;
}

const keyOf = (p: PointValue): string => `${p.name}#${p.index}`;

export function makeStore(id: string): DeviceStore {
	const detail = signal<DeviceDetail | null>(null);
	const points = new Map<string, LivePoint>();
	const version = signal(0);
	const heardAt = { at: monotonic() };
	const sync = new Synced<DeviceDetail, never>(
		() => getDevice(id),
		(d) => {
			detail.value = d;
			heardAt.at = monotonic();
			points.clear();
			for (const p of d.points) points.set(keyOf(p), { ...p, readAt: heardAt.at });
			version.value++;
		},
		() => {},
	);
	return { detail, points, version, heardAt, sync };
}

export function takeValues(s: DeviceStore, data: Raw): void {
	const at = monotonic();
	if (data.full === true) s.points.clear();
	for (const raw of Array.isArray(data.pt) ? (data.pt as Raw[]) : []) {
		const p = asPoint(raw);
		s.points.set(keyOf(p), { ...p, readAt: at });
	}
	s.heardAt.at = at;
	s.version.value++;
}

export function useDevice(id: string): DeviceStore {
	const store = useMemo(() => makeStore(id), [id]);
	useEffect(() => {
		const stops = [
			onEvent("value", (data) => {
				if (String(data.dev) === id) takeValues(store, data);
			}),
			onSnapshotsWanted(() => void store.sync.load()),
			takeTopic(`device:${id}`),
		];
		void store.sync.load();
		return () => {
			for (const stop of stops) stop();
		};
	}, [id, store]);
	return store;
}

export interface Judged {
	quality: Quality;
	age: number | null;
}

const ORDER: readonly Quality[] = ["good", "stale", "bad", "unknown"];

export function judge(p: LivePoint, silentS: number, intervalS: number, now: number): Judged {
	const age = p.age_s === null ? null : p.age_s + (now - p.readAt) / 1000;
	let byAge: Quality = "good";
	if (silentS > 5 * intervalS) byAge = "unknown";
	else if (silentS > 2 * intervalS) byAge = "stale";
	return { quality: ORDER.indexOf(byAge) > ORDER.indexOf(p.quality) ? byAge : p.quality, age };
}
