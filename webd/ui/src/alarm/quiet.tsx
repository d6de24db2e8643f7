// SPDX-License-Identifier: Apache-2.0
// Alarms that stand but are quiet for a reason other than a shelf: a maintenance window, a device out of service, or
// another alarm whose consequence they are. They are shown, never hidden for good.
import type { Alarm } from "../api/types";
import { t } from "../i18n";
import { stateWord } from "../i18n/terms";
import { alarmList, alarmsKnown, quietAlarms } from "../state/alarms";
import { tick } from "../state/clock";
import { type Column, Table } from "../table/table";
import { AlarmsPending } from "../ui/alarms_pending";
import { Empty } from "../ui/common";
import { inChord, isCommand } from "../ui/keys";
import {
	deviceColumn,
	durationColumn,
	expandColumn,
	messageColumn,
	severityColumn,
	sinceColumn,
	whatOf,
} from "./columns";
import { AlarmDetail } from "./detail";

export const inMaintenance = (a: Alarm): boolean => a.maintenance !== "" || a.out_of_service !== "";
export const isConsequence = (a: Alarm): boolean => a.suppressed_by !== "" && !inMaintenance(a);

const wanted = (e: KeyboardEvent): boolean => isCommand(e) && !inChord();

function reason(a: Alarm): string {
	if (a.out_of_service) return t("quiet.out_of_service", { what: a.out_of_service });
	if (a.maintenance) return t("quiet.maintenance", { what: a.maintenance });
	return t("quiet.suppressed", { what: a.suppressed_by });
}

export function QuietList({
	which,
	empty,
	expanded,
	expand,
}: {
	which: (a: Alarm) => boolean;
	empty: string;
	expanded: string;
	expand: (id: string) => void;
}) {
	tick.value;
	if (alarmList.phase.value !== "ready") return <AlarmsPending rows={6} />;
	const rows = quietAlarms.value.filter(which);
	if (!rows.length && !alarmsKnown()) return <AlarmsPending rows={6} />;
	if (!rows.length)
		return (
			<Empty text={empty}>
				<a class="button" href="/maintenance">
					{t("nav.maintenance")}
				</a>
			</Empty>
		);
	const columns: Column<Alarm>[] = [
		expandColumn((a) => a.id, expanded, expand, whatOf),
		severityColumn(),
		sinceColumn(),
		durationColumn(),
		deviceColumn(),
		messageColumn(),
		{ id: "state", head: t("shelve.state"), class: "wide", cell: (a) => stateWord(a.state) },
		{
			id: "why",
			head: t("quiet.why"),
			class: "why-col",
			cell: (a) => <span title={reason(a)}>{reason(a)}</span>,
		},
	];
	return (
		<div class="held">
			<Table
				caption={t("nav.alarms")}
				columns={columns}
				rows={rows}
				rowId={(a) => a.id}
				rowClass={(a) => (a.stale ? "quiet-row stale-row" : "quiet-row")}
				onOpen={(a) => expand(a.id)}
				expanded={expanded}
				detail={(a) => <AlarmDetail a={a} />}
				keysWanted={wanted}
			/>
		</div>
	);
}
