// SPDX-License-Identifier: Apache-2.0
// The columns of alarms, open or quiet.
import type { Alarm } from "../api/types";
import { number, quantity, stopwatch, t, when } from "../i18n";
import { said } from "../i18n/said";
import { ruleWord, severityWord, stateWord } from "../i18n/terms";
import { isUnack, quietAlarms } from "../state/alarms";
import type { Column } from "../table/table";
import { AckButton } from "../ui/ack";
import { DeviceName } from "../ui/common";
import { Icon } from "../ui/icons";
import { Shape } from "../ui/shape";
import { consequencesOf } from "./detail";

export const whatOf = (a: Alarm): string => `${a.device} ${ruleWord(a.rule)}`;

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

export function expandColumn<Row>(
	idOf: (row: Row) => string,
	expanded: string,
	toggle: (id: string) => void,
	what: (row: Row) => string,
): Column<Row> {
	return {
		id: "more",
		head: <span class="visually-hidden">{t("col.details")}</span>,
		class: "more-col",
		cell: (row) => (
			<button
				type="button"
				class="icon-button tiny"
				aria-expanded={idOf(row) === expanded}
				aria-label={t("detail.of", { what: what(row) })}
				onClick={() => toggle(idOf(row))}
			>
				<Icon name="right" size={15} />
			</button>
		),
	};
}

function Message({ a }: { a: Alarm }) {
	const under = consequencesOf(a, quietAlarms.value).length;
	return (
		<span class="message" title={said(a.text)}>
			{a.test && <span class="test-badge">TEST</span>}
			<span class="message-rule">{ruleWord(a.rule)}</span>
			{a.chattering && (
				<span class="mark-badge" title={t("alarm.chattering_hint")}>
					{t("alarm.chattering")}
					{a.chatter_raises > 1 && ` ×${number(a.chatter_raises)}`}
				</span>
			)}
			{under > 0 && (
				<span class="mark-badge" title={t("detail.consequences", { n: under })}>
					+{number(under)}
				</span>
			)}
			<span class="muted message-text">{said(a.text)}</span>
		</span>
	);
}

export const severityColumn = (): Column<Alarm> => ({
	id: "severity",
	head: t("col.severity"),
	class: "state-col",
	cell: (a) => (
		<span class="state-cell">
			<Shape
				severity={a.state === "normal" ? "normal" : a.severity}
				size={17}
				ring={isUnack(a) && a.state === "active_unack"}
				acked={a.state === "active_ack"}
				outline={a.state === "cleared_unack"}
			/>
			<span class={`wide-inline sev-text sev-${a.severity}`}>{severityWord(a.severity)}</span>
		</span>
	),
});

export const deviceColumn = (): Column<Alarm> => ({
	id: "device",
	head: t("col.device"),
	rowHeader: true,
	class: "device-col",
	cell: (a) => <DeviceName id={a.device_id} path={a.device} />,
});

export const messageColumn = (): Column<Alarm> => ({
	id: "message",
	head: t("col.message"),
	class: "grow",
	cell: (a) => <Message a={a} />,
});

export const sinceColumn = (): Column<Alarm> => ({
	id: "since",
	head: t("col.since"),
	class: "num since-col",
	cell: (a) => when(a.raised_at),
});

export const durationColumn = (): Column<Alarm> => ({
	id: "duration",
	head: t("col.duration"),
	class: "num wide",
	cell: (a) =>
		stopwatch(((a.cleared_at ? Date.parse(a.cleared_at) : Date.now()) - Date.parse(a.raised_at)) / 1000),
});

function AckCell({ a }: { a: Alarm }) {
	if (isUnack(a)) return <AckButton alarm={a} small />;
	if (a.state === "normal") return <span class="muted">{stateWord("normal")}</span>;
	return (
		<span class="acked-cell" title={a.comment ?? undefined}>
			{a.user || t("alarm.acked")} <span class="muted num">{a.acked_at ? when(a.acked_at) : ""}</span>
			{a.comment && <span class="muted comment"> “{a.comment}”</span>}
		</span>
	);
}

export function openColumns(
	selected: ReadonlySet<string>,
	toggle: (id: string) => void,
	expanded: string,
	expand: (id: string) => void,
): Column<Alarm>[] {
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
					aria-label={t("alarm.select", { what: whatOf(a) })}
					onChange={() => toggle(a.id)}
				/>
			),
		},
		expandColumn((a) => a.id, expanded, expand, whatOf),
		severityColumn(),
		sinceColumn(),
		durationColumn(),
		deviceColumn(),
		messageColumn(),
		{ id: "value", head: t("col.value_limit"), class: "num wide", cell: (a) => <Limit a={a} /> },
		{ id: "ack", head: t("col.ack_by"), class: "ack-col", cell: (a) => <AckCell a={a} /> },
	];
}
