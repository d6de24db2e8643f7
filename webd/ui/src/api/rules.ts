// SPDX-License-Identifier: Apache-2.0
// Rules: when an alarm is raised, for whom, and what people should do then.
import { onceKey, request } from "./client";
import { asSeverity, list, number, object, oneOf, type Raw, text } from "./shape";
import type { Severity } from "./types";

export const KINDS = ["limit", "state", "flag", "rate", "age", "deviation"] as const;
/** "builtin": what it looks at is in the program; its texts, severity and holds can be replaced. */
export type Kind = (typeof KINDS)[number] | "builtin";
/** From the worst above to the worst below. */
export const LEVELS = ["high_high", "high", "low", "low_low"] as const;
export type LevelName = (typeof LEVELS)[number];
/** The nearest one decides: in this order. */
export const SCOPES = ["device", "group", "site", "profile", "everywhere"] as const;
export type ScopeKind = (typeof SCOPES)[number];

export interface Level {
	raise: number | null;
	clear: number | null;
	severity: Severity;
}

export interface Scope {
	kind: ScopeKind;
	name: string; // empty for everywhere
}

export interface Rule {
	entry: string; // what the API calls it; "" for a rule that is not stored
	builtin: boolean;
	id: string;
	title: string;
	enabled: boolean;
	scope: Scope;
	kind: Kind;
	point: string;
	points: string[]; // what a built-in rule looks at
	limits: Partial<Record<LevelName, Level>>;
	values: string[];
	per_s: number | null;
	over: number | null;
	max_age_s: number | null;
	group: string;
	difference: number | null;
	clear: number | null; // of rate and deviation; null: as `over`, `difference`
	on_delay_s: number | null; // null: as usual for the kind
	off_delay_s: number | null;
	raise_count: number | null;
	clear_count: number | null;
	severity: Severity | null; // null: as the rule it replaces
	text: string;
	cause: string;
	consequence: string;
	action: string;
	latch: boolean;
	version: number; // of the entry: who saves says what he changed
	from: string; // of a rule in force for a device: "builtin" or where it stands
}

const path = encodeURIComponent;
/** A rehearsal reads weeks of samples. */
const PATIENT_MS = 120_000;

function asScope(v: unknown): Scope {
	const r = object(v);
	for (const kind of SCOPES) if (typeof r[kind] === "string" && r[kind]) return { kind, name: text(r[kind]) };
	return { kind: "everywhere", name: "" };
}

const scopeWords = (s: Scope): string => (s.name ? `${s.kind} ${s.name}` : s.kind);

export function asRule(r: Raw): Rule {
	const limits: Rule["limits"] = {};
	for (const name of LEVELS) {
		const l = object(object(r.limits)[name]);
		if (number(l.raise) !== null)
			limits[name] = {
				raise: number(l.raise),
				clear: number(l.clear),
				severity: asSeverity(l.severity ?? "minor"),
			};
	}
	return {
		entry: text(r.entry),
		builtin: r.builtin === true,
		id: text(r.id),
		title: text(r.title),
		enabled: r.enabled !== false,
		scope: asScope(r.scope),
		kind: oneOf(r.kind, [...KINDS, "builtin"] as const, "builtin"),
		point: text(r.point),
		points: Array.isArray(r.points) ? r.points.map(text) : [],
		limits,
		values: Array.isArray(r.values) ? r.values.map(text) : [],
		per_s: number(r.per_s),
		over: number(r.over),
		max_age_s: number(r.max_age_s),
		group: text(r.group),
		difference: number(r.difference),
		clear: number(r.clear),
		on_delay_s: number(r.on_delay_s),
		off_delay_s: number(r.off_delay_s),
		raise_count: number(r.raise_count),
		clear_count: number(r.clear_count),
		severity: r.severity ? asSeverity(r.severity) : null,
		text: text(r.text),
		cause: text(r.cause),
		consequence: text(r.consequence),
		action: text(r.action),
		latch: r.latch === true,
		version: number(r.version) ?? 0,
		from: typeof r.from === "string" ? r.from : scopeWords(asScope(r.from)),
	};
}

export const scopeBody = (s: Scope): Raw => (s.kind === "everywhere" ? {} : { [s.kind]: s.name });

/** Only what the kind of rule has, and only what is said: the rest would be refused, or no longer follow its default. */
export function ruleBody(r: Rule): Raw {
	const body: Raw = { id: r.id, scope: scopeBody(r.scope), enabled: r.enabled };
	if (r.kind !== "builtin") Object.assign(body, { kind: r.kind, point: r.point });
	const plain = ["title", "text", "cause", "consequence", "action"] as const;
	for (const name of plain) if (r[name]) body[name] = r[name];
	const holds = ["on_delay_s", "off_delay_s", "raise_count", "clear_count"] as const;
	for (const name of holds) if (r[name] !== null) body[name] = r[name];
	if (r.latch) body.latch = true;
	if (r.kind === "limit") {
		const limits: Raw = {};
		for (const name of LEVELS) {
			const l = r.limits[name];
			if (l)
				limits[name] = {
					raise: l.raise,
					...(l.clear === null ? {} : { clear: l.clear }),
					severity: l.severity,
				};
		}
		body.limits = limits;
	} else if (r.severity) body.severity = r.severity;
	if (r.kind === "state") body.values = r.values;
	if (r.kind === "rate") Object.assign(body, { per_s: r.per_s, over: r.over });
	if (r.kind === "age") body.max_age_s = r.max_age_s;
	if (r.kind === "deviation") Object.assign(body, { group: r.group, difference: r.difference });
	if ((r.kind === "rate" || r.kind === "deviation") && r.clear !== null) body.clear = r.clear;
	return body;
}

export async function getRules(): Promise<Rule[]> {
	return list((await request<Raw>("GET", "/rules")).body.items).map(asRule);
}

/** Nobody overwrites what another one has changed meanwhile (412). */
const atVersion = (r: Rule) => ({ "if-match": `"${r.version}"` });

export async function saveRule(r: Rule): Promise<void> {
	if (r.entry) await request("PUT", `/rules/${path(r.entry)}`, ruleBody(r), atVersion(r));
	else await request("POST", "/rules", ruleBody(r), { "idempotency-key": onceKey() });
}

export async function removeRule(r: Rule): Promise<void> {
	await request("DELETE", `/rules/${path(r.entry)}`, undefined, atVersion(r));
}

export interface Preview {
	devices: number;
	samples: number;
	raises: number;
	alarm_seconds: number;
	complete: boolean;
	note: string;
	by_device: { key: string; raises: number; seconds: number }[];
	by_day: { day: string; raises: number }[];
}

export async function previewRule(r: Rule, from: string, to: string): Promise<Preview> {
	const body = { rule: ruleBody(r), from, to };
	const p = (await request<Raw>("POST", "/rules:preview", body, {}, PATIENT_MS)).body;
	return {
		devices: number(p.devices) ?? 0,
		samples: number(p.samples) ?? 0,
		raises: number(p.raises) ?? 0,
		alarm_seconds: number(p.alarm_seconds) ?? 0,
		complete: p.complete !== false,
		note: text(p.note),
		by_device: list(p.by_device).map((d) => ({
			key: text(d.key),
			raises: number(d.raises) ?? 0,
			seconds: number(d.seconds) ?? 0,
		})),
		by_day: list(p.by_day).map((d) => ({ day: text(d.day), raises: number(d.raises) ?? 0 })),
	};
}

/** The text, and what an import must name so that it takes back nobody's change. */
export interface RulesText {
	text: string;
	etag: string;
}

export async function exportRules(): Promise<RulesText> {
	const a = await request<string>("GET", "/rules:export", undefined, { accept: "text/plain" });
	return { text: a.body, etag: a.etag ?? "" };
}

export interface Import {
	added: number;
	changed: number;
	removed: number;
	same: number;
}

export async function importRules(all: string, dry_run: boolean, etag: string): Promise<Import> {
	const head = { "if-match": etag || "*" };
	const r = (await request<Raw>("POST", "/rules:import", { text: all, dry_run }, head, PATIENT_MS)).body;
	return {
		added: number(r.added) ?? 0,
		changed: number(r.changed) ?? 0,
		removed: number(r.removed) ?? 0,
		same: number(r.same) ?? 0,
	};
}

/** What is in force for one device, each with the scope it comes from. */
export async function getDeviceRules(id: string): Promise<Rule[]> {
	return list((await request<Raw>("GET", `/devices/${path(id)}/rules`)).body.items).map(asRule);
}
