// SPDX-License-Identifier: Apache-2.0
// Who is kept quiet on purpose: maintenance windows, devices out of service; and alarms that are only a test.
import { request } from "./client";
import { SCOPES, type Scope, scopeBody } from "./rules";
import { list, number, object, type Raw, text } from "./shape";
import type { Severity } from "./types";

/** Once (from starts_at to ends_at) or every week (days, at, minutes, tz). */
export interface Maintenance {
	id: string;
	name: string;
	scope: Scope;
	starts_at: string;
	ends_at: string;
	days: string[];
	at: string;
	minutes: number;
	tz: string;
	reason: string;
	user: string;
	running: boolean;
	until: string; // end of the running one
	next_at: string; // next beginning
}

const path = encodeURIComponent;

function asMaintenance(r: Raw): Maintenance {
	const s = object(r.scope);
	const kind = SCOPES.find((k) => typeof s[k] === "string" && s[k]) ?? "everywhere";
	return {
		id: text(r.id),
		name: text(r.name),
		scope: { kind, name: kind === "everywhere" ? "" : text(s[kind]) },
		starts_at: text(r.starts_at),
		ends_at: text(r.ends_at),
		days: Array.isArray(r.days) ? r.days.map(text) : [],
		at: text(r.at),
		minutes: number(r.minutes) ?? 0,
		tz: text(r.tz),
		reason: text(r.reason),
		user: text(r.user),
		running: r.running === true,
		until: text(r.until),
		next_at: text(r.next_at),
	};
}

export async function getMaintenance(): Promise<Maintenance[]> {
	return list((await request<Raw>("GET", "/maintenance")).body.items).map(asMaintenance);
}

export type MaintenanceInput = Omit<Maintenance, "id" | "user" | "running" | "until" | "next_at">;

export function maintenanceBody(m: MaintenanceInput): Raw {
	const what = { name: m.name, scope: scopeBody(m.scope), reason: m.reason };
	if (m.days.length) return { ...what, days: m.days, at: m.at, minutes: m.minutes, tz: m.tz };
	return { ...what, starts_at: m.starts_at, ends_at: m.ends_at };
}

export async function saveMaintenance(id: string, m: MaintenanceInput): Promise<void> {
	if (id) await request("PUT", `/maintenance/${path(id)}`, maintenanceBody(m));
	else await request("POST", "/maintenance", maintenanceBody(m));
}

export async function removeMaintenance(id: string): Promise<void> {
	await request("DELETE", `/maintenance/${path(id)}`);
}

/** What is reached through what, and what is out of service. */
export interface Topology {
	parents: { device_id: string; key: string; parent_id: string; parent: string }[];
	links: { site: string; device_id: string; device: string }[];
	out_of_service: { device_id: string; key: string; work_order: string; user: string; since: string }[];
}

const rows = (v: unknown): Record<string, string>[] =>
	list(v).map((r) => Object.fromEntries(Object.entries(r).map(([k, x]) => [k, text(x)])));

export async function getTopology(): Promise<Topology> {
	const r = (await request<Raw>("GET", "/topology")).body;
	return {
		parents: rows(r.parents) as Topology["parents"],
		links: rows(r.links) as Topology["links"],
		out_of_service: rows(r.out_of_service) as Topology["out_of_service"],
	};
}

export async function setParent(id: string, parent: string | null): Promise<void> {
	await request("PUT", `/devices/${path(id)}/parent`, { parent });
}

export async function setLink(site: string, device: string | null): Promise<void> {
	await request("PUT", "/topology/links", { site, device });
}

export async function takeOut(id: string, work_order: string): Promise<void> {
	await request("POST", `/devices/${path(id)}:out-of-service`, { work_order });
}

export async function takeBack(id: string): Promise<void> {
	await request("POST", `/devices/${path(id)}:in-service`, {});
}

export async function raiseTest(
	where: { device: string } | { site: string },
	severity: Severity,
	words: string,
): Promise<void> {
	await request("POST", "/alarms:test", { ...where, severity, text: words });
}
