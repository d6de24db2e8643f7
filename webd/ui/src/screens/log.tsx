// SPDX-License-Identifier: Apache-2.0
// The event log: everything that was recorded, by filter; older and newer pages as one scrolls, a strip of bars to jump, what
// happens now at the head while nobody scrolls, and the same rows as a file.
import { useCallback, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { expandColumn } from "../alarm/columns";
import { getDeviceGroups } from "../api/groups";
import { exportUrl, getHistogram } from "../api/log";
import type { EventRow } from "../api/types";
import { dateTime, number, t, when } from "../i18n";
import { said } from "../i18n/said";
import { kindWord, ruleWord, severityWord, stateWord } from "../i18n/terms";
import { EventDetail } from "../log/detail";
import { FilterPanel, InForce, RangeChoice, useFilter } from "../log/filters";
import { HistogramStrip } from "../log/histogram";
import { idOf, useLog } from "../log/use_log";
import { type Column, Table } from "../table/table";
import { DeviceName, Empty, ErrorBox, Skeleton, Title } from "../ui/common";
import { Icon } from "../ui/icons";
import { inChord, isCommand } from "../ui/keys";
import { useLoad } from "../ui/load";
import { Shape } from "../ui/shape";
import { useDefaultView, Views } from "../views/views";

const BUCKETS = 72;
const HISTOGRAM_MS = 30_000;

function columns(expanded: string, expand: (id: string) => void): Column<EventRow>[] {
	return [
		expandColumn(idOf, expanded, expand, (e) => `${when(e.at)} ${e.device} ${ruleWord(e.rule)}`),
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
				<span class="message" title={said(e.text)}>
					{e.test && <span class="test-badge">TEST</span>}
					<span class="message-rule">{ruleWord(e.rule)}</span>
					{e.count > 1 && <span class="mark-badge">×{number(e.count)}</span>}
					<span class="muted message-text">
						{e.comment ? `“${e.comment}”` : said(e.text)}
					</span>
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

export function Log() {
	const { query, route, path } = useLocation();
	useDefaultView("log");
	const set = (change: Record<string, string>) => {
		const next = new URLSearchParams({ ...query, ...change });
		for (const [k, v] of [...next]) if (!v) next.delete(k);
		const s = next.toString();
		route(s ? `${path}?${s}` : path, true);
	};
	const { filter, key, n } = useFilter(query);
	const at = query.at ?? "";
	const [live, setLive] = useState(true);
	const [panel, showPanel] = useState(false);
	const [expanded, setExpanded] = useState("");
	const expand = useCallback((id: string) => setExpanded((old) => (old === id ? "" : id)), []);
	const atTop = useRef(true);
	const tail = useRef(true);
	const moved = useRef(""); // where one jumped to and has scrolled since
	tail.current = live && atTop.current && !expanded;
	const log = useLog(filter, key, at, tail);
	const strip = useLoad(() => getHistogram(filter, BUCKETS), key, HISTOGRAM_MS);
	const groups = useLoad(() => (panel ? getDeviceGroups() : Promise.resolve([])), String(panel));
	const filtered = n > 0 || !!(query.range || query.since || query.until);

	return (
		<div class="screen">
			<div class="screen-head">
				<Title>{t("nav.log")}</Title>
				{strip.data?.total != null && (
					<span class="muted num">
						{t(
							strip.data.estimate || !strip.data.complete
								? "log.about"
								: "log.exactly",
							{
								n: strip.data.total,
							},
						)}
					</span>
				)}
				<label class="filter">
					<span class="visually-hidden">{t("log.by.text")}</span>
					<input
						type="search"
						placeholder={t("log.by.text")}
						defaultValue={query.text ?? ""}
						key={query.text ?? ""}
						onChange={(e) => set({ text: e.currentTarget.value.trim(), at: "" })}
					/>
				</label>
				<RangeChoice query={query} set={set} />
				<button
					type="button"
					class="button"
					aria-expanded={panel}
					onClick={() => showPanel(!panel)}
				>
					{t("log.filters")} {n > 0 && <span class="count num">{number(n)}</span>}
				</button>
				<button
					type="button"
					class="button"
					aria-pressed={live}
					title={t("log.live_hint")}
					onClick={() => setLive(!live)}
				>
					<span class={live ? "live-dot on" : "live-dot"} aria-hidden="true" />{" "}
					{t("log.live")}
				</button>
				<Views screen="log" />
				<span class="export-links">
					<a
						class="button"
						href={exportUrl(filter, "csv")}
						download="events.csv"
						target="_blank"
						rel="noopener"
					>
						{t("log.csv")}
					</a>
					<a
						class="button"
						href={exportUrl(filter, "json")}
						download="events.json"
						target="_blank"
						rel="noopener"
					>
						{t("log.json")}
					</a>
				</span>
			</div>
			{panel && (
				<FilterPanel
					query={query}
					set={(change) => set({ ...change, at: "" })}
					deviceGroups={(groups.data ?? []).map((g) => g.key)}
				/>
			)}
			<InForce query={query} set={(change) => set({ ...change, at: "" })} />
			{strip.data && <HistogramStrip of={strip.data} at={at} go={(iso) => set({ at: iso })} />}
			{at && (
				<p class="screen-note">
					{t("log.jumped", { time: when(at) })}{" "}
					<button type="button" class="button small" onClick={() => set({ at: "" })}>
						{t("log.newest")}
					</button>
				</p>
			)}
			{log.problem && <ErrorBox problem={log.problem} retry={log.again} />}
			{log.more && log.searchedTo && (
				<p class="screen-note" role="status">
					{t("log.searched", { time: dateTime(log.searchedTo) })}{" "}
					<button type="button" class="button small" onClick={log.older}>
						{t("log.search_on")}
					</button>
				</p>
			)}
			{log.loading && !log.rows.length ? (
				<Skeleton rows={12} />
			) : log.rows.length === 0 ? (
				!log.problem &&
				!log.more && (
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
							<Icon name="log" size={15} />{" "}
							{t("alarms.new", { n: log.waiting })}
						</button>
					)}
					<Table
						caption={t("nav.log")}
						columns={columns(expanded, expand)}
						rows={log.rows}
						rowId={idOf}
						rowClass={(e) => (e.to === "active_unack" ? "raise" : "")}
						onEnd={log.older}
						onTop={(top) => {
							moved.current = at;
							if (top && !atTop.current) {
								if (log.waiting && live) log.takeWaiting();
								if (!log.atHead) log.newer();
							}
							atTop.current = top;
						}}
						keepPlace={!atTop.current || !log.atHead || moved.current !== at}
						onOpen={(e) => expand(idOf(e))}
						expanded={expanded}
						detail={(e) => <EventDetail e={e} />}
						keysWanted={wanted}
					/>
				</div>
			)}
		</div>
	);
}
