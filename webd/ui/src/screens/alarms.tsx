// SPDX-License-Identifier: Apache-2.0
// Alarms: open, shelved, in maintenance, consequences of others, closed during the last day. Rows of the open ones stay where
// they are while the pointer is over them or some are selected; new ones wait behind a bar.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { Closed } from "../alarm/closed";
import { openColumns } from "../alarm/columns";
import { AlarmDetail } from "../alarm/detail";
import { inMaintenance, isConsequence, QuietList } from "../alarm/quiet";
import { Shelved } from "../alarm/shelved";
import { TestAlarm } from "../alarm/test_alarm";
import { type Alarm, SEVERITIES, type Severity } from "../api/types";
import { number, t } from "../i18n";
import { ruleWord, severityWord, siteName } from "../i18n/terms";
import { alarmList, alarmsKnown, isUnack, quietAlarms, sortedAlarms } from "../state/alarms";
import { tick } from "../state/clock";
import { devices } from "../state/fleet";
import { held } from "../state/held";
import { can } from "../state/session";
import { Table } from "../table/table";
import { ack, askAck } from "../ui/ack";
import { AlarmsPending } from "../ui/alarms_pending";
import { Empty, guard, Title } from "../ui/common";
import { csv, saveFile } from "../ui/csv";
import { askDeed } from "../ui/deeds";
import { inChord, isCommand } from "../ui/keys";
import { Shape } from "../ui/shape";
import { useDefaultView, Views } from "../views/views";

const ended = (a: Alarm): Alarm => ({ ...a, state: "normal" });

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
	const graver = chosen.some((a) => a.severity === "critical") && !can("configure") && !off.disabled;
	const offFor = (deed: string) => (deed === "shelve" && graver ? guard(false, "configure") : off);
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
					disabled={offFor(deed).disabled || of.length === 0}
					title={offFor(deed).title}
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

const TABS = ["open", "shelved", "maintenance", "consequences", "closed"] as const;
type Tab = (typeof TABS)[number];

function Tabs({ now }: { now: Tab }) {
	const quiet = quietAlarms.value;
	const known = alarmsKnown(); // else nobody can say
	const n: Record<Tab, number | null> = {
		open: known ? sortedAlarms.value.length : null,
		shelved: known ? quiet.filter((a) => a.shelved).length : null,
		maintenance: known ? quiet.filter(inMaintenance).length : null,
		consequences: known ? quiet.filter(isConsequence).length : null,
		closed: null,
	};
	return (
		<nav class="subtabs" aria-label={t("alarms.tabs")}>
			{TABS.filter((x) => x !== "consequences" || n[x] || now === x).map((x) => (
				<a
					key={x}
					href={x === "open" ? "/alarms" : `/alarms?tab=${x}`}
					aria-current={x === now ? "page" : undefined}
				>
					{t(`alarms.tab_${x}`)}{" "}
					{n[x] !== null && <span class="num">{number(n[x])}</span>}
				</a>
			))}
		</nav>
	);
}

export function Alarms() {
	const { query } = useLocation();
	const tab = TABS.find((x) => x === query.tab) ?? "open";
	const [expanded, setExpanded] = useState("");
	const expand = useCallback((id: string) => setExpanded((old) => (old === id ? "" : id)), []);
	useDefaultView("alarms");
	if (tab === "open") return <OpenAlarms expanded={expanded} expand={expand} />;
	const quiet = { expanded, expand };
	return (
		<div class="screen">
			<div class="screen-head">
				<Title>{t("nav.alarms")}</Title>
				<Tabs now={tab} />
			</div>
			{tab === "shelved" && <Shelved />}
			{tab === "maintenance" && (
				<QuietList which={inMaintenance} empty={t("empty.maintenance")} {...quiet} />
			)}
			{tab === "consequences" && (
				<QuietList which={isConsequence} empty={t("empty.consequences")} {...quiet} />
			)}
			{tab === "closed" && <Closed />}
		</div>
	);
}

/** What the list shows, as a file. */
function save(rows: readonly Alarm[]): void {
	const fields = ["severity", "state", "raised_at", "device", "rule", "text", "value", "limit", "unit"] as const;
	const last = ["user", "acked_at", "comment"] as const;
	const names = [...fields, ...last];
	saveFile("alarms.csv", csv([names, ...rows.map((a) => names.map((n) => a[n]))]));
}

const worstOf = (list: readonly Alarm[]): Severity =>
	SEVERITIES[Math.min(...list.map((a) => SEVERITIES.indexOf(a.severity)))] ?? "normal";

const below = (device: string, site: string): boolean => !site || device.startsWith(`${site}/`);

function OpenAlarms({ expanded, expand }: { expanded: string; expand: (id: string) => void }) {
	tick.value;
	const { query, route, path } = useLocation();
	const active = (query.severity ?? "").split(",").filter(Boolean);
	const q = query.q ?? "";
	const site = query.site ?? "";
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
		if (!below(a.device, site)) return false;
		const hay = `${a.device} ${a.rule} ${a.text} ${ruleWord(a.rule)}`.toLowerCase();
		return words.every((w) => hay.includes(w));
	});
	const place = useRef<HTMLDivElement>(null);
	const over = usePointerOver(place);
	const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
	const [, redraw] = useState(0);
	const chosen = current.filter((a) => picked.has(a.id));
	const selected = new Set(chosen.map((a) => a.id));
	const { rows, fresh, insert } = useAlarmRows(
		current,
		over || selected.size > 0,
		`${query.severity} ${q} ${site}`,
	);
	const hidden = all.filter((a) => !current.includes(a));

	const toggle = useCallback((id: string) => {
		setPicked((old) => {
			const next = new Set(old);
			if (!next.delete(id)) next.add(id);
			return next;
		});
	}, []);
	const cols = openColumns(selected, toggle, expanded, expand);
	const onKey = (key: string, row: Alarm | undefined): boolean => {
		const some = selected.size ? [...selected] : row && row.state !== "normal" ? [row.id] : [];
		if (key === "x" && row && row.state !== "normal") toggle(row.id);
		else if (key === "a" && selected.size) askAck(chosen.filter(isUnack).map((a) => a.id));
		else if (key === "a" && row) ack([row.id]);
		else if (key === "s" && some.length) askDeed("shelve", some);
		else if (key === "c" && some.length) askDeed("comment", some);
		else if (key === "m" && row && devices.get(row.device_id))
			route(`/map/${devices.get(row.device_id)?.site}?focus=${row.device_id}`);
		else if (key === "l" && row)
			route(`/log?${new URLSearchParams({ device: row.device, rule: row.rule })}`);
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
				<Tabs now="open" />
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
				<Views screen="alarms" />
				<button type="button" class="button" disabled={!rows.length} onClick={() => save(rows)}>
					{t("export")}
				</button>
				<TestAlarm />
			</div>
			{site && (
				<p class="screen-note">
					{t("alarms.of_site", {
						site: site
							.split("/")
							.map((_, i, p) => siteName(p.slice(0, i + 1).join("/")))
							.join(" / "),
					})}{" "}
					<button type="button" class="button small" onClick={() => set({ site: "" })}>
						{t("alarms.all_sites")}
					</button>
				</p>
			)}
			{hidden.length > 0 && (
				<div class={`hidden-bar sev-${worstOf(hidden)}`} role="status">
					<Shape severity={worstOf(hidden)} size={16} />
					{t("alarms.hidden", { n: hidden.length })}
					<button
						type="button"
						class="button small"
						onClick={() => set({ severity: "", q: "", site: "" })}
					>
						{t("filter.clear")}
					</button>
				</div>
			)}
			{alarmList.phase.value !== "ready" || (!all.length && !alarmsKnown()) ? (
				<AlarmsPending rows={10} />
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
						onOpen={(a) => expand(a.id)}
						expanded={expanded}
						detail={(a) => <AlarmDetail a={a} />}
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
