// SPDX-License-Identifier: Apache-2.0
// Open alarms. Rows stay where they are while the pointer is over them or some are selected; new ones wait behind a bar.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { type Alarm, SEVERITIES, type Severity } from "../api/types";
import { number, quantity, stopwatch, t, when } from "../i18n";
import { ruleWord, severityWord, stateWord } from "../i18n/terms";
import { alarmList, isUnack, shelvedAlarms, sortedAlarms } from "../state/alarms";
import { tick } from "../state/clock";
import { held } from "../state/held";
import { can } from "../state/session";
import { type Column, Table } from "../table/table";
import { AckButton, ack, askAck } from "../ui/ack";
import { DeviceName, Empty, guard, Pending, Title } from "../ui/common";
import { askDeed } from "../ui/deeds";
import { Icon } from "../ui/icons";
import { inChord, isCommand } from "../ui/keys";
import { Shape } from "../ui/shape";
import { Shelved } from "../ui/shelved";

const ended = (a: Alarm): Alarm => ({ ...a, state: "normal" });

function Limit({ a }: { a: Alarm }) {
	if (a.value === null) return <span class="muted">–</span>;
	const v = quantity(a.value, a.unit);
	const l = a.limit === null ? null : quantity(a.limit, a.unit);
	return (
		<span>
			{v.text} <span class="unit">{v.unit}</span>
			{l && (
				<span class="muted">
					{" "}
					/ {l.text} {l.unit}
				</span>
			)}
		</span>
	);
}

function columns(selected: ReadonlySet<string>, toggle: (id: string) => void): Column<Alarm>[] {
	return [
		{
			id: "select",
			head: <span class="visually-hidden">{t("col.select")}</span>,
			class: "check-col",
			cell: (a) => (
				<input
					type="checkbox"
					checked={selected.has(a.id)}
					disabled={a.state === "normal"}
					aria-label={t("alarm.select", { what: `${a.device} ${ruleWord(a.rule)}` })}
					onChange={() => toggle(a.id)}
				/>
			),
		},
		{
			id: "severity",
			head: t("col.severity"),
			class: "state-col",
			cell: (a) => (
				<span class="state-cell">
					<Shape
						severity={a.state === "normal" ? "normal" : a.severity}
						size={17}
						ring={a.state === "active_unack"}
						acked={a.state === "active_ack"}
						outline={a.state === "cleared_unack"}
					/>
					<span class={`wide-inline sev-text sev-${a.severity}`}>
						{severityWord(a.severity)}
					</span>
				</span>
			),
		},
		{ id: "since", head: t("col.since"), class: "num since-col", cell: (a) => when(a.raised_at) },
		{
			id: "duration",
			head: t("col.duration"),
			class: "num wide",
			cell: (a) =>
				stopwatch(
					((a.cleared_at ? Date.parse(a.cleared_at) : Date.now()) -
						Date.parse(a.raised_at)) /
						1000,
				),
		},
		{
			id: "device",
			head: t("col.device"),
			rowHeader: true,
			class: "device-col",
			cell: (a) => <DeviceName id={a.device_id} path={a.device} />,
		},
		{
			id: "message",
			head: t("col.message"),
			class: "grow",
			cell: (a) => (
				<span class="message" title={a.text}>
					{a.test && <span class="test-badge">TEST</span>}
					<span class="message-rule">{ruleWord(a.rule)}</span>
					<span class="muted message-text">{a.text}</span>
				</span>
			),
		},
		{ id: "value", head: t("col.value_limit"), class: "num wide", cell: (a) => <Limit a={a} /> },
		{
			id: "ack",
			head: t("col.ack_by"),
			class: "ack-col",
			cell: (a) =>
				isUnack(a) ? (
					<AckButton alarm={a} small />
				) : a.state === "normal" ? (
					<span class="muted">{stateWord("normal")}</span>
				) : (
					<span class="acked-cell" title={a.comment ?? undefined}>
						{a.user || t("alarm.acked")}{" "}
						<span class="muted num">{a.acked_at ? when(a.acked_at) : ""}</span>
						{a.comment && <span class="muted comment"> “{a.comment}”</span>}
					</span>
				),
		},
	];
}

const wanted = (e: KeyboardEvent): boolean => isCommand(e) && !inChord();

function useAlarmRows(current: Alarm[], hold: boolean, filterKey: string) {
	const shown = useRef<{ rows: Alarm[]; filter: string }>({ rows: [], filter: "" });
	const keep = hold && shown.current.filter === filterKey;
	const now = held(shown.current.rows, current, keep, (a) => a.id, ended);
	shown.current = { rows: now.rows, filter: filterKey };
	return { ...now, insert: () => (shown.current = { rows: current, filter: filterKey }) };
}

/** Asked of every move: enter and leave get lost when what is under the pointer is redrawn. */
function usePointerOver(place: { current: HTMLElement | null }): boolean {
	const [over, setOver] = useState(false);
	useEffect(() => {
		const onMove = (e: PointerEvent) => {
			const mouse = e.pointerType !== "touch";
			setOver(mouse && e.target instanceof Node && (place.current?.contains(e.target) ?? false));
		};
		const onLeave = () => setOver(false);
		addEventListener("pointermove", onMove, { passive: true });
		document.documentElement.addEventListener("pointerleave", onLeave);
		return () => {
			removeEventListener("pointermove", onMove);
			document.documentElement.removeEventListener("pointerleave", onLeave);
		};
	}, [place]);
	return over;
}

function SeverityFilter({ active, set }: { active: string[]; set: (s: string[]) => void }) {
	return (
		<fieldset class="chips">
			<legend class="visually-hidden">{t("col.severity")}</legend>
			{SEVERITIES.filter((s) => s !== "normal" && s !== "info").map((s: Severity) => (
				<label key={s} class="chip">
					<input
						type="checkbox"
						checked={active.includes(s)}
						onChange={() =>
							set(
								active.includes(s)
									? active.filter((x) => x !== s)
									: [...active, s],
							)
						}
					/>
					<Shape severity={s} size={13} />
					{severityWord(s)}
				</label>
			))}
		</fieldset>
	);
}

function Deeds({ chosen, off }: { chosen: Alarm[]; off: { disabled: boolean; title?: string } }) {
	const acked = chosen.filter((a) => a.state === "active_ack");
	const buttons = [
		{ deed: "shelve", of: chosen, key: "S" },
		{ deed: "comment", of: chosen, key: "C" },
		{ deed: "unack", of: acked, key: "" },
		{ deed: "take", of: acked, key: "" },
	] as const;
	return (
		<>
			{buttons.map(({ deed, of, key }) => (
				<button
					key={deed}
					type="button"
					class="button"
					disabled={off.disabled || of.length === 0}
					title={off.title}
					onClick={() =>
						askDeed(
							deed,
							of.map((a) => a.id),
						)
					}
				>
					{t(`deed.${deed}`)} {key && <kbd aria-hidden="true">{key}</kbd>}
				</button>
			))}
		</>
	);
}

function Tabs({ shelved }: { shelved: boolean }) {
	return (
		<nav class="subtabs" aria-label={t("alarms.tabs")}>
			<a href="/alarms" aria-current={shelved ? undefined : "page"}>
				{t("alarms.tab_open")} <span class="num">{number(sortedAlarms.value.length)}</span>
			</a>
			<a href="/alarms?tab=shelved" aria-current={shelved ? "page" : undefined}>
				{t("alarms.tab_shelved")} <span class="num">{number(shelvedAlarms.value.length)}</span>
			</a>
		</nav>
	);
}

export function Alarms() {
	const { query } = useLocation();
	if (query.tab !== "shelved") return <OpenAlarms />;
	return (
		<div class="screen">
			<div class="screen-head">
				<Title>{t("nav.alarms")}</Title>
				<Tabs shelved />
			</div>
			<Shelved />
		</div>
	);
}

function OpenAlarms() {
	tick.value;
	const { query, route, path } = useLocation();
	const active = (query.severity ?? "").split(",").filter(Boolean);
	const q = query.q ?? "";
	const set = (change: Record<string, string>) => {
		const next = new URLSearchParams({ ...query, ...change });
		for (const [k, v] of [...next]) if (!v) next.delete(k);
		const s = next.toString();
		route(s ? `${path}?${s}` : path, true);
	};
	const all = sortedAlarms.value;
	const words = useMemo(() => q.toLowerCase().split(/\s+/).filter(Boolean), [q]);
	const current = all.filter((a) => {
		if (active.length && !active.includes(a.severity)) return false;
		const hay = `${a.device} ${a.rule} ${a.text} ${ruleWord(a.rule)}`.toLowerCase();
		return words.every((w) => hay.includes(w));
	});
	const place = useRef<HTMLDivElement>(null);
	const over = usePointerOver(place);
	const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
	const [, redraw] = useState(0);
	const chosen = current.filter((a) => picked.has(a.id));
	const selected = new Set(chosen.map((a) => a.id));
	const { rows, fresh, insert } = useAlarmRows(current, over || selected.size > 0, `${query.severity} ${q}`);
	const hidden = all.length - current.length;

	const toggle = useCallback((id: string) => {
		setPicked((old) => {
			const next = new Set(old);
			if (!next.delete(id)) next.add(id);
			return next;
		});
	}, []);
	const cols = columns(selected, toggle);
	const onKey = (key: string, row: Alarm | undefined): boolean => {
		const some = selected.size ? [...selected] : row && row.state !== "normal" ? [row.id] : [];
		if (key === "x" && row && row.state !== "normal") toggle(row.id);
		else if (key === "a" && selected.size) askAck(chosen.filter(isUnack).map((a) => a.id));
		else if (key === "a" && row) ack([row.id]);
		else if (key === "s" && some.length) askDeed("shelve", some);
		else if (key === "c" && some.length) askDeed("comment", some);
		else if (key === "Escape" && selected.size) setPicked(new Set());
		else return false;
		return true;
	};
	const open = current.filter(isUnack).map((a) => a.id);
	const off = guard(can("ack"), "ack");

	return (
		<div class="screen">
			<div class="screen-head">
				<Title>{t("nav.alarms")}</Title>
				{alarmList.phase.value === "ready" && (
					<span class="muted num">{t("alarms.open", { n: all.length })}</span>
				)}
				<Tabs shelved={false} />
				<SeverityFilter active={active} set={(s) => set({ severity: s.join(",") })} />
				<label class="filter">
					<span class="visually-hidden">{t("alarms.filter")}</span>
					<input
						type="search"
						placeholder={t("alarms.filter")}
						value={q}
						onInput={(e) => set({ q: e.currentTarget.value })}
					/>
				</label>
			</div>
			{hidden > 0 && (
				<div class="hidden-bar" role="status">
					<Icon name="alarms" size={16} />
					{t("alarms.hidden", { n: hidden })}
					<button
						type="button"
						class="button small"
						onClick={() => set({ severity: "", q: "" })}
					>
						{t("filter.clear")}
					</button>
				</div>
			)}
			{alarmList.phase.value !== "ready" ? (
				<Pending
					phase={alarmList.phase.value}
					problem={alarmList.problem.value}
					retry={() => void alarmList.load()}
					rows={10}
				/>
			) : rows.length === 0 ? (
				<Empty text={all.length ? t("empty.filter") : t("empty.alarms")}>
					{all.length ? null : (
						<a class="button" href="/log">
							{t("nav.log")}
						</a>
					)}
				</Empty>
			) : (
				<div class="held" ref={place}>
					{fresh > 0 && (
						<button
							type="button"
							class="new-bar"
							onClick={() => {
								insert();
								redraw((n) => n + 1);
							}}
						>
							{t("alarms.new", { n: fresh })}
						</button>
					)}
					<Table
						caption={t("nav.alarms")}
						columns={cols}
						rows={rows}
						rowId={(a) => a.id}
						rowClass={(a) =>
							`${a.state === "active_unack" ? "unack" : ""}${a.state === "normal" ? "ended" : ""}${selected.has(a.id) ? " selected" : ""}${a.stale ? " stale-row" : ""}`
						}
						onOpen={(a) =>
							route(
								a.device_id === "0"
									? "/system"
									: `/devices/${a.device_id}`,
							)
						}
						onKey={onKey}
						keysWanted={wanted}
					/>
				</div>
			)}
			{rows.length > 0 && (
				<div class="action-bar">
					<span class="num" aria-live="polite">
						{t("alarms.selected", { n: selected.size })}
					</span>
					<button
						type="button"
						class="button primary"
						disabled={off.disabled || !chosen.some(isUnack)}
						title={off.title}
						onClick={() => askAck(chosen.filter(isUnack).map((a) => a.id))}
					>
						{t("ack.selected")} <kbd aria-hidden="true">A</kbd>
					</button>
					<Deeds chosen={chosen} off={off} />
					<button
						type="button"
						class="button"
						disabled={off.disabled || open.length === 0}
						title={off.title}
						onClick={() => askAck(open)}
					>
						{t("ack.all_shown", { n: number(open.length) })}
					</button>
					{selected.size > 0 && (
						<button
							type="button"
							class="button"
							onClick={() => setPicked(new Set())}
						>
							{t("alarms.unselect")}
						</button>
					)}
				</div>
			)}
		</div>
	);
}
