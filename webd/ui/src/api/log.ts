// SPDX-License-Identifier: Apache-2.0
// What is recorded: events by filter, how they spread over time, the same rows as a file, and the figures made of them.
import { filterText, query, request } from "./client";
import { asEvent, list, number, object, orNull, type Raw, text } from "./shape";
import { type EventRow, SEVERITIES, type Severity } from "./types";

/** Names are those of the API. */
export interface EventFilter {
	since?: string;
	until?: string;
	site?: string;
	device?: string;
	group?: string;
	kind?: readonly string[];
	rule?: string;
	severity?: readonly string[];
	text?: string;
	user?: string;
	state?: readonly string[];
	source?: string;
	test?: string;
	alarm?: string;
}

/** The text of the wire is the filter of the wire. */
export const eventTerms = (f: EventFilter): string => filterText({ ...f });

export interface LogPage {
	items: EventRow[];
	next: string | null;
	prev: string | null;
	searched_to: string; // the search took longer than its share and came so far
}

export async function getEvents(
	f: EventFilter,
	limit: number,
	cursor?: string | null,
	sort?: "at" | "-at",
): Promise<LogPage> {
	const params = query({ filter: eventTerms(f), limit, cursor: cursor ?? undefined, sort });
	const r = (await request<Raw>("GET", `/events${params}`)).body;
	return {
		items: list(r.items).map(asEvent),
		next: orNull(r.next),
		prev: orNull(r.prev),
		searched_to: text(r.searched_to),
	};
}

export interface Histogram {
	from: number; // Unix ms
	to: number;
	bucket_s: number;
	counts: (number | null)[]; // null: not looked at
	total: number | null;
	estimate: boolean;
	complete: boolean;
}

export async function getHistogram(f: EventFilter, buckets: number): Promise<Histogram> {
	const r = (await request<Raw>("GET", `/events:histogram${query({ filter: eventTerms(f), buckets })}`)).body;
	return {
		from: Date.parse(text(r.from)),
		to: Date.parse(text(r.to)),
		bucket_s: number(r.bucket_s) ?? 0,
		counts: Array.isArray(r.counts) ? r.counts.map(number) : [],
		total: number(r.total),
		estimate: r.estimate === true,
		complete: r.complete !== false,
	};
}

/** Same rows, order and columns as the list; the browser saves what comes. */
export const exportUrl = (f: EventFilter, format: "csv" | "json"): string =>
	`/api/v1/events:export${query({ format, filter: eventTerms(f) })}`;

export interface Top {
	rule: string;
	device: string;
	count: number;
	share: number; // of the raises, 0..1
}

/** Figures of one day; of a whole span with `day` "". */
export interface KpiDay {
	day: string; // 2026-11-21
	raises: number;
	peak_10min: number;
	peak_1min: number;
	flood_s: number;
	standing: number;
	stale: number;
	shelved: number;
	left_out: { raises: number; standing: number }; // quiet ones: in none of the figures
	ack_mean_s: number | null;
	acks: number;
	normal_mean_s: number | null;
	normals: number;
	by_severity: Record<Severity, number>;
	top: Top[];
	chattering: { rule: string; device: string; raises: number }[];
}

export function asKpiDay(r: Raw): KpiDay {
	const by = object(r.by_severity);
	const n = (v: unknown) => number(v) ?? 0;
	const out = object(r.left_out);
	return {
		day: text(r.day),
		raises: n(r.raises),
		peak_10min: n(r.peak_10min),
		peak_1min: n(r.peak_1min),
		flood_s: n(r.flood_s),
		standing: n(r.standing),
		stale: n(r.stale),
		shelved: n(r.shelved),
		left_out: { raises: n(out.raises), standing: n(out.standing) },
		ack_mean_s: number(r.ack_mean_s),
		acks: n(r.acks),
		normal_mean_s: number(r.normal_mean_s),
		normals: n(r.normals),
		by_severity: Object.fromEntries(SEVERITIES.map((s) => [s, n(by[s])])) as KpiDay["by_severity"],
		top: list(r.top).map((t) => ({
			rule: text(t.rule),
			device: text(t.device),
			count: n(t.count),
			share: n(t.share),
		})),
		chattering: list(r.chattering).map((c) => ({
			rule: text(c.rule),
			device: text(c.device),
			raises: n(c.raises),
		})),
	};
}

export interface Kpis {
	days: KpiDay[];
	total: KpiDay;
}

/** `from`, `to`: days, both counted; the day begins where `tz` says. */
export async function getKpis(site: string, from: string, to: string, tz: string): Promise<Kpis> {
	const r = (await request<Raw>("GET", `/kpis${query({ site, from, to, tz })}`)).body;
	return { days: list(r.days).map(asKpiDay), total: asKpiDay(object(r.total)) };
}
