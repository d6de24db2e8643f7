// SPDX-License-Identifier: Apache-2.0
// Alarms that ended during the last 24 hours, newest first, out of the event log.
import { useMemo } from "preact/hooks";
import { type EventFilter, getEvents } from "../api/log";
import type { EventRow } from "../api/types";
import { t, when } from "../i18n";
import { said } from "../i18n/said";
import { kindWord, ruleWord, severityWord } from "../i18n/terms";
import { type Column, Table } from "../table/table";
import { DeviceName, Empty } from "../ui/common";
import { inChord, isCommand } from "../ui/keys";
import { Shown, useLoad } from "../ui/load";
import { Shape } from "../ui/shape";

const DAY_MS = 86_400_000;
const MOST = 1000;
const AGAIN_MS = 15_000;
/** Whatever brings an alarm to its end. */
const ENDS = ["clear", "ack", "removed"] as const;

const wanted = (e: KeyboardEvent): boolean => isCommand(e) && !inChord();

async function closed(): Promise<EventRow[]> {
	const f: EventFilter = { since: new Date(Date.now() - DAY_MS).toISOString(), kind: ENDS, state: ["normal"] };
	return (await getEvents(f, MOST)).items.filter((e) => e.to === "normal");
}

export function Closed() {
	const load = useLoad(closed, "", AGAIN_MS);
	const columns = useMemo<Column<EventRow>[]>(
		() => [
			{
				id: "severity",
				head: t("col.severity"),
				class: "state-col",
				cell: (e) => (
					<span class="state-cell">
						<Shape severity={e.severity} size={17} outline />
						<span class="wide-inline">{severityWord(e.severity)}</span>
					</span>
				),
			},
			{ id: "time", head: t("closed.at"), class: "num", cell: (e) => when(e.at) },
			{
				id: "device",
				head: t("col.device"),
				rowHeader: true,
				class: "device-col",
				cell: (e) => <DeviceName id={e.device_id} path={e.device} />,
			},
			{
				id: "message",
				head: t("col.message"),
				class: "grow",
				cell: (e) => (
					<span class="message" title={said(e.text)}>
						{e.test && <span class="test-badge">TEST</span>}
						<span class="message-rule">{ruleWord(e.rule)}</span>
						<span class="muted message-text">{said(e.text)}</span>
					</span>
				),
			},
			{ id: "kind", head: t("closed.how"), class: "wide", cell: (e) => kindWord(e.kind) },
			{
				id: "user",
				head: t("col.user"),
				class: "wide",
				cell: (e) => e.user ?? <span class="muted">–</span>,
			},
			{
				id: "log",
				head: <span class="visually-hidden">{t("nav.log")}</span>,
				cell: (e) => (
					<a href={`/log?${new URLSearchParams({ alarm: e.alarm_id })}`}>
						{t("detail.log")}
					</a>
				),
			},
		],
		[],
	);
	return (
		<Shown of={load} rows={10}>
			{(rows) =>
				rows.length === 0 ? (
					<Empty text={t("empty.closed")}>
						<a class="button" href="/log">
							{t("nav.log")}
						</a>
					</Empty>
				) : (
					<div class="held">
						<Table
							caption={t("alarms.tab_closed")}
							columns={columns}
							rows={rows}
							rowId={(e) => `${e.jseq} ${e.at}`}
							keysWanted={wanted}
						/>
					</div>
				)
			}
		</Shown>
	);
}
