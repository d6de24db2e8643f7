// SPDX-License-Identifier: Apache-2.0
// The alarms a dialog is about, and what somebody else did to them since it was opened.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Alarm } from "../api/types";
import { t, when } from "../i18n";
import { ruleWord } from "../i18n/terms";
import { alarms, alarmVersion } from "../state/alarms";
import { Shape } from "./shape";

const SHOWN = 8;

/** "" when nothing changed that the one in front of the dialog should know before he goes on. */
export function meanwhile(before: Alarm, now: Alarm | undefined): string {
	if (!now || now.state === "normal") return t("meanwhile.ended");
	if (now.shelved && now.shelved.until !== before.shelved?.until)
		return t("meanwhile.shelved", { user: now.shelved.user, until: when(now.shelved.until) });
	if (now.acked_at !== before.acked_at && now.user)
		return t("meanwhile.acked", { user: now.user, time: when(now.acked_at ?? "") });
	if (now.comment && now.comment !== before.comment) return t("meanwhile.comment", { text: now.comment });
	if (now.state !== before.state) return t("meanwhile.changed");
	return "";
}

export function AlarmLines({ ids }: { ids: readonly string[] }) {
	alarmVersion.value;
	const first = useRef(new Map(ids.map((id) => [id, alarms.get(id)] as const)));
	const lines = ids
		.map((id) => first.current.get(id))
		.filter((a): a is Alarm => a !== undefined)
		.map((a) => ({ a, news: meanwhile(a, alarms.get(a.id)) }));
	// what changed stands first: it must not hide below the fold
	lines.sort((x, y) => Number(y.news !== "") - Number(x.news !== ""));
	const n = lines.filter((l) => l.news).length;
	const [said, say] = useState(0);
	useEffect(() => say(n), [n]);
	return (
		<>
			<p class="meanwhile" role="status">
				{said > 0 && t("meanwhile.title", { n: said })}
			</p>
			<ul class="plain ack-list">
				{lines.slice(0, SHOWN).map(({ a, news }) => (
					<li key={a.id}>
						<Shape severity={a.severity} size={16} label /> {a.device} –{" "}
						{ruleWord(a.rule)}
						{news && <strong class="meanwhile"> {news}</strong>}
					</li>
				))}
				{ids.length > SHOWN && (
					<li class="muted">{t("strip.more", { n: ids.length - SHOWN })}</li>
				)}
			</ul>
		</>
	);
}
