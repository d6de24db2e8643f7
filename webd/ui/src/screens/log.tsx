// SPDX-License-Identifier: Apache-2.0
// The event log: newest first, older pages by cursor as one scrolls, new events inserted at the head while one is at the top.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { type EventFilter, getEvents } from "../api/client";
import { asEvent } from "../api/shape";
import { type EventRow, type Problem, SEVERITIES } from "../api/types";
import { number, t, when } from "../i18n";
import { kindWord, ruleWord, severityWord, stateWord } from "../i18n/terms";
import { onEvent, onSnapshotsWanted, useTopic } from "../state/live";
import { type Column, Table } from "../table/table";
import { DeviceName, Empty, ErrorBox, problemOf, Skeleton, Title } from "../ui/common";
import { inChord, isCommand } from "../ui/keys";
import { Shape } from "../ui/shape";

const PAGE = 200;
const MOST_WAITING = 1000;
const HOURS: Record<string, number> = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 };

const idOf = (e: EventRow): string => `${e.jseq} ${e.at}`;

interface LogState {
	rows: EventRow[];
	next: string | null;
	total: number | null;
	problem: Problem | null;
	loading: boolean;
}

function fits(e: EventRow, f: EventFilter): boolean {
	if (f.device && e.device !== f.device) return false;
	if (f.severity?.length && !f.severity.includes(e.severity)) return false;
	return !f.until; // a window with an end has no live head
}

function useLog(f: EventFilter, key: string, atTop: { current: boolean }) {
	const [s, set] = useState<LogState>({ rows: [], next: null, total: null, problem: null, loading: true });
	const [waiting, setWaiting] = useState<EventRow[]>([]);
	const busy = useRef(false);
	const round = useRef(0);

	const read = useCallback(
		async (cursor?: string) => {
			if (busy.current && cursor) return;
			busy.current = true;
			const mine = cursor ? round.current : ++round.current;
			try {
				const page = await getEvents(f, PAGE, cursor);
				if (mine !== round.current) return;
				set((old) => ({
					rows: cursor ? [...old.rows, ...page.items] : page.items,
					next: page.next,
					total: page.total_estimate ?? old.total,
					problem: null,
					loading: false,
				}));
				if (!cursor) setWaiting([]);
			} catch (e) {
				if (mine === round.current)
					set((old) => ({ ...old, problem: problemOf(e), loading: false }));
			} finally {
				if (mine === round.current) busy.current = false;
			}
		},
		// key stands for the filter
		[key],
	);
	useEffect(() => {
		set({ rows: [], next: null, total: null, problem: null, loading: true });
		void read();
		return onSnapshotsWanted(() => void read());
	}, [read]);

	const insert = useCallback((fresh: EventRow[]) => {
		set((old) => {
			const known = new Set(fresh.map(idOf));
			return { ...old, rows: [...fresh, ...old.rows.filter((r) => !known.has(idOf(r)))] };
		});
	}, []);
	useTopic("events");
	// key stands for the filter
	useEffect(
		() =>
			onEvent("event", (data) => {
				const e = asEvent(data);
				if (!fits(e, f)) return;
				if (atTop.current) insert([e]);
				else setWaiting((old) => [e, ...old].slice(0, MOST_WAITING));
			}),
		[key, insert],
	);
	return {
		...s,
		waiting: waiting.length,
		more: () => s.next && !s.problem && void read(s.next),
		again: () => void read(),
		takeWaiting: () => {
			insert(waiting);
			setWaiting([]);
		},
	};
}

function columns(): Column<EventRow>[] {
	return [
		{ id: "time", head: t("col.time"), class: "num", cell: (e) => when(e.at) },
		{
			id: "severity",
			head: t("col.severity"),
			class: "state-col",
			cell: (e) => (
				<span class="state-cell">
					<Shape
						severity={e.severity}
						size={16}
						acked={e.to === "active_ack"}
						outline={e.to === "normal"}
					/>
					<span class="wide-inline">{severityWord(e.severity)}</span>
				</span>
			),
		},
		{
			id: "device",
			head: t("col.device"),
			rowHeader: true,
			class: "device-col",
			cell: (e) => <DeviceName id={e.device_id} path={e.device} />,
		},
		{
			id: "event",
			head: t("col.event"),
			class: "grow",
			cell: (e) => (
				<span class="message" title={e.text}>
					<span class="message-rule">{ruleWord(e.rule)}</span>
					<span class="muted message-text">{e.comment ? `“${e.comment}”` : e.text}</span>
				</span>
			),
		},
		{ id: "kind", head: t("col.kind"), cell: (e) => kindWord(e.kind) },
		{
			id: "change",
			head: t("col.change"),
			class: "wide",
			cell: (e) => (
				<span class="muted">
					{stateWord(e.from)} → {stateWord(e.to)}
				</span>
			),
		},
		{ id: "user", head: t("col.user"), class: "wide", cell: (e) => e.user ?? <span class="muted">–</span> },
	];
}

const wanted = (e: KeyboardEvent): boolean => isCommand(e) && !inChord();
const localTime = (iso: string): string => {
	if (!iso) return "";
	const d = new Date(iso);
	if (Number.isNaN(d.getTime())) return "";
	return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const isoTime = (local: string): string => (local ? new Date(local).toISOString() : "");

export function Log() {
	const { query, route, path } = useLocation();
	const set = (change: Record<string, string>) => {
		const next = new URLSearchParams({ ...query, ...change });
		for (const [k, v] of [...next]) if (!v) next.delete(k);
		const s = next.toString();
		route(s ? `${path}?${s}` : path, true);
	};
	const severity = (query.severity ?? "").split(",").filter(Boolean);
	const range = query.range ?? "";
	const key = `${query.device ?? ""}|${query.severity ?? ""}|${range}|${query.since ?? ""}|${query.until ?? ""}`;
	// key stands for the query
	const filter = useMemo<EventFilter>(() => {
		const hours = HOURS[range];
		return {
			device: query.device || undefined,
			severity,
			since: hours
				? new Date(Date.now() - hours * 3_600_000).toISOString()
				: query.since || undefined,
			until: hours ? undefined : query.until || undefined,
		};
	}, [key]);
	const atTop = useRef(true);
	const log = useLog(filter, key, atTop);
	const filtered = key !== "||||";

	return (
		<div class="screen">
			<div class="screen-head">
				<Title>{t("nav.log")}</Title>
				{log.total !== null && (
					<span class="muted num">{t("log.about", { total: number(log.total) })}</span>
				)}
				<label class="filter">
					<span class="visually-hidden">{t("log.device")}</span>
					<input
						type="search"
						placeholder={t("log.device")}
						defaultValue={query.device ?? ""}
						key={query.device ?? ""}
						onChange={(e) => set({ device: e.currentTarget.value.trim() })}
					/>
				</label>
				<label class="select">
					<span class="visually-hidden">{t("col.severity")}</span>
					<select
						value={query.severity ?? ""}
						onChange={(e) => set({ severity: e.currentTarget.value })}
					>
						<option value="">{t("filter.all_severities")}</option>
						{SEVERITIES.filter((s) => s !== "normal").map((s) => (
							<option key={s} value={s}>
								{severityWord(s)}
							</option>
						))}
					</select>
				</label>
				<label class="select">
					<span class="visually-hidden">{t("log.range")}</span>
					<select
						value={range || (query.since || query.until ? "custom" : "")}
						onChange={(e) => {
							const v = e.currentTarget.value;
							if (v === "custom")
								set({
									range: "",
									since: new Date(
										Date.now() - 86_400_000,
									).toISOString(),
								});
							else set({ range: v, since: "", until: "" });
						}}
					>
						<option value="">{t("log.range_all")}</option>
						<option value="1h">{t("log.range_hours", { n: 1 })}</option>
						<option value="24h">{t("log.range_hours", { n: 24 })}</option>
						<option value="7d">{t("log.range_days", { n: 7 })}</option>
						<option value="30d">{t("log.range_days", { n: 30 })}</option>
						<option value="custom">{t("log.range_custom")}</option>
					</select>
				</label>
				{!range && (query.since || query.until) && (
					<span class="range-fields">
						<label>
							<span>{t("log.from")}</span>
							<input
								type="datetime-local"
								value={localTime(query.since ?? "")}
								onChange={(e) =>
									set({ since: isoTime(e.currentTarget.value) })
								}
							/>
						</label>
						<label>
							<span>{t("log.to")}</span>
							<input
								type="datetime-local"
								value={localTime(query.until ?? "")}
								onChange={(e) =>
									set({ until: isoTime(e.currentTarget.value) })
								}
							/>
						</label>
					</span>
				)}
			</div>
			{log.problem && <ErrorBox problem={log.problem} retry={log.again} />}
			{log.loading ? (
				<Skeleton rows={12} />
			) : log.rows.length === 0 ? (
				!log.problem && (
					<Empty text={filtered ? t("empty.filter") : t("empty.events")}>
						{filtered && (
							<a class="button" href="/log">
								{t("filter.clear")}
							</a>
						)}
					</Empty>
				)
			) : (
				<div class="held">
					{log.waiting > 0 && (
						<button type="button" class="new-bar" onClick={log.takeWaiting}>
							{t("alarms.new", { n: log.waiting })}
						</button>
					)}
					<Table
						caption={t("nav.log")}
						columns={columns()}
						rows={log.rows}
						rowId={idOf}
						rowClass={(e) => (e.to === "active_unack" ? "raise" : "")}
						onEnd={log.more}
						onTop={(top) => {
							if (top && !atTop.current && log.waiting) log.takeWaiting();
							atTop.current = top;
						}}
						onOpen={(e) =>
							e.device_id &&
							e.device_id !== "0" &&
							route(`/devices/${e.device_id}`)
						}
						keysWanted={wanted}
					/>
				</div>
			)}
		</div>
	);
}
