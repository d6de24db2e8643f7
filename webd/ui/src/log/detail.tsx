// SPDX-License-Identifier: Apache-2.0
// One record of the log with all it holds, and the ways from there.
import type { EventRow } from "../api/types";
import { dateTime, number, t } from "../i18n";
import { said } from "../i18n/said";
import { kindWord, stateWord } from "../i18n/terms";

export function EventDetail({ e }: { e: EventRow }) {
	const facts: [string, string][] = [
		[t("col.time"), dateTime(e.at)],
		[t("col.kind"), kindWord(e.kind)],
		[t("col.change"), `${stateWord(e.from)} → ${stateWord(e.to)}`],
	];
	if (e.subject) facts.push([t("detail.subject"), e.subject]);
	if (e.user) facts.push([t("col.user"), e.user]);
	if (e.source) facts.push([t("log.by.source"), e.source]);
	if (e.source_at) facts.push([t("log.source_at"), dateTime(e.source_at)]);
	if (e.count > 1) facts.push([t("log.count"), number(e.count)]);
	if (e.time_unsynced) facts.push([t("log.clock"), t("log.time_unsynced")]);
	facts.push([t("log.number"), e.jseq]);
	return (
		<div class="alarm-detail" data-testid="event-detail">
			<p class="detail-text">{said(e.text)}</p>
			{e.comment && <p class="wrap">“{e.comment}”</p>}
			<dl class="fact-row">
				{facts.map(([k, v]) => (
					<div key={k}>
						<dt>{k}</dt>
						<dd class="num">{v}</dd>
					</div>
				))}
			</dl>
			<p class="detail-links">
				{e.alarm_id && (
					<a href={`/log?${new URLSearchParams({ alarm: e.alarm_id })}`}>
						{t("log.same_alarm")}
					</a>
				)}
				<a href={`/log?${new URLSearchParams({ device: e.device })}`}>{t("log.same_device")}</a>
				<a href={`/log?${new URLSearchParams({ rule: e.rule })}`}>{t("log.same_rule")}</a>
			</p>
		</div>
	);
}
