// SPDX-License-Identifier: Apache-2.0
// One function per resource of /api/v1. Every failure is thrown as ApiError that carries the RFC 9457 problem.
import {
	asAlarm,
	asBands,
	asDevice,
	asGroup,
	asMe,
	asPlan,
	asPoint,
	asSeries,
	asShelfRow,
	asSummary,
	asSystem,
	type Raw,
} from "./shape";
import type {
	AckResult,
	Alarm,
	Band,
	DeviceDetail,
	DeviceRow,
	Group,
	Me,
	Page,
	Plan,
	Problem,
	Series,
	ShelfRow,
	Summary,
	SystemState,
} from "./types";

const BASE = "/api/v1";
const TIMEOUT_MS = 15_000;

export class ApiError extends Error {
	constructor(readonly problem: Problem) {
		super(problem.title);
	}
	get status(): number {
		return this.problem.status;
	}
}

export interface Answer<T> {
	body: T;
	seq: string; // X-Busbar-Seq, "<epoch>-<seq>"; "" when the answer has none
	etag?: string;
}

let csrf = "";
let onUnauthorised: () => void = () => {};

export function setCsrf(token: string): void {
	csrf = token;
}

export function setUnauthorised(handler: () => void): void {
	onUnauthorised = handler;
}

async function problemOf(res: Response): Promise<Problem> {
	const id = res.headers.get("x-request-id") ?? undefined;
	const plain = {
		type: "about:blank",
		title: res.statusText || `HTTP ${res.status}`,
		status: res.status,
		request_id: id,
	};
	if (!(res.headers.get("content-type") ?? "").includes("json")) return plain;
	try {
		return { ...plain, ...((await res.json()) as Partial<Problem>), status: res.status };
	} catch {
		return plain;
	}
}

export async function request<T>(
	method: string,
	path: string,
	body?: unknown,
	headers: Record<string, string> = {},
	timeoutMs = TIMEOUT_MS,
): Promise<Answer<T>> {
	const init: RequestInit = {
		method,
		credentials: "same-origin",
		cache: "no-store",
		headers: { accept: "application/json", ...headers },
		signal: AbortSignal.timeout(timeoutMs),
	};
	const h = init.headers as Record<string, string>;
	if (method !== "GET") h["x-busbar-csrf"] = csrf;
	if (body !== undefined) {
		h["content-type"] = "application/json";
		init.body = JSON.stringify(body);
	}
	let res: Response;
	try {
		res = await fetch(BASE + path, init);
	} catch (e) {
		const timeout = e instanceof DOMException && e.name === "TimeoutError";
		throw new ApiError({
			type: "/problems/unreachable",
			title: timeout ? "timeout" : "unreachable",
			status: 0,
		});
	}
	if (!res.ok) {
		if (res.status === 401 && path !== "/login") onUnauthorised();
		throw new ApiError(await problemOf(res));
	}
	const json = (res.headers.get("content-type") ?? "").includes("json");
	let read: unknown;
	try {
		const text = res.status === 204 ? "" : await res.text();
		read = json && text ? JSON.parse(text) : text || null;
	} catch {
		throw new ApiError({
			type: "/problems/unreadable",
			title: "unreadable",
			status: 0,
			request_id: res.headers.get("x-request-id") ?? undefined,
		});
	}
	return {
		body: read as T,
		seq: res.headers.get("x-busbar-seq") ?? "",
		etag: res.headers.get("etag") ?? "",
	};
}

export function query(params: Record<string, string | number | undefined>): string {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(params)) if (v !== undefined && v !== "") q.set(k, String(v));
	const s = q.toString();
	return s ? `?${s}` : "";
}

/** "name:value;name:value,value" of lists. What parts the terms cannot stand in a value; what parts values only in a plain one. */
export function filterText(terms: Record<string, string | readonly string[] | undefined>): string {
	const out: string[] = [];
	for (const [name, v] of Object.entries(terms)) {
		const value = typeof v === "string" ? v : (v ?? []).map((x) => x.replace(/,/g, " ")).join(",");
		const clean = value.replace(/;/g, " ").trim();
		if (clean) out.push(`${name}:${clean}`);
	}
	return out.join(";");
}

/** Reads a keyset-paged list to its end. The sequence is the one of the first page: later deltas are idempotent. */
async function all<T>(path: string, shape: (raw: Raw) => T): Promise<Answer<T[]>> {
	const items: T[] = [];
	let cursor: string | undefined;
	let seq = "";
	do {
		const a = await request<Page<Raw>>("GET", path + query({ limit: 1000, cursor }));
		if (cursor === undefined) seq = a.seq;
		for (const raw of a.body.items) items.push(shape(raw));
		cursor = a.body.next ?? undefined;
	} while (cursor);
	return { body: items, seq };
}

export async function login(user: string, password: string): Promise<Me> {
	return asMe((await request<Raw>("POST", "/login", { user, password })).body);
}

export async function getMe(): Promise<Me> {
	return asMe((await request<Raw>("GET", "/me")).body);
}

export async function logout(): Promise<void> {
	await request("POST", "/logout");
}

export async function changePassword(old: string, fresh: string): Promise<Me> {
	return asMe((await request<Raw>("POST", "/me/password", { old, new: fresh })).body);
}

export async function getSummary(): Promise<Answer<Summary>> {
	const a = await request<Raw>("GET", "/summary");
	return { ...a, body: asSummary(a.body) };
}

export function getDevices(): Promise<Answer<DeviceRow[]>> {
	return all("/devices", asDevice);
}

export async function getGroups(): Promise<Answer<Group[]>> {
	const a = await request<Page<Raw>>("GET", "/groups");
	return { ...a, body: a.body.items.map(asGroup) };
}

export async function getDevice(id: string): Promise<Answer<DeviceDetail>> {
	const a = await request<Raw>("GET", `/devices/${encodeURIComponent(id)}`);
	const points = Array.isArray(a.body.points) ? (a.body.points as Raw[]).map(asPoint) : [];
	const serial = String(a.body.serial ?? "");
	const firmware = String(a.body.firmware ?? "");
	return { ...a, body: { ...asDevice(a.body), serial, firmware, points } };
}

export function getAlarms(): Promise<Answer<Alarm[]>> {
	return all("/alarms", asAlarm);
}

/** Makes a repeat of the same order harmless. */
export function onceKey(): string {
	const random = crypto.getRandomValues(new Uint32Array(4));
	return Array.from(random, (n) => n.toString(16).padStart(8, "0")).join("");
}

/** What people do to alarms, the last part of the path. */
export type Deed = "ack" | "unack" | "take" | "comment" | "shelve" | "unshelve";

export interface DeedDetails {
	comment?: string;
	until?: string;
	until_clear?: boolean;
}

export async function doToAlarms(deed: Deed, ids: string[], details: DeedDetails): Promise<AckResult[]> {
	const a = await request<{ items: AckResult[] }>(
		"POST",
		`/alarms:${deed}`,
		{ ids, ...details },
		{ "idempotency-key": onceKey() },
	);
	return a.body.items;
}

export async function getShelves(): Promise<ShelfRow[]> {
	return (await request<Page<Raw>>("GET", "/shelves")).body.items.map(asShelfRow);
}

/** A year of one sensor takes the server longer than an hour. */
const CHART_MS = 30_000;

export async function querySeries(
	device: string,
	points: string[],
	fromMs: number,
	toMs: number,
	maxPoints: number,
): Promise<{ series: Series[]; bands: Band[] }> {
	const body = {
		from: new Date(fromMs).toISOString(),
		to: new Date(toMs).toISOString(),
		max_points: maxPoints,
		bands: true,
		series: points.map((point) => ({ device, point })),
	};
	const a = await request<{ series: Raw[]; bands?: Raw[] }>("POST", "/series/query", body, {}, CHART_MS);
	return { series: a.body.series.map(asSeries), bands: asBands(a.body.bands?.[0]?.items) };
}

export async function getSystem(): Promise<SystemState> {
	return asSystem((await request<Raw>("GET", "/system")).body);
}

export async function getPlans(): Promise<Plan[]> {
	return (await request<Page<Raw>>("GET", "/plans")).body.items.map(asPlan);
}
