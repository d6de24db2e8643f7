// SPDX-License-Identifier: Apache-2.0
// Who was told of an alarm, when and with which result, out of the log; and the shutdown plans that look at its device.
import { getPlans } from "../api/client";
import { type EventFilter, getEvents } from "../api/log";
import type { Alarm, EventRow, Plan } from "../api/types";
import { t, tryT, when } from "../i18n";
import { Shown, useLoad } from "../ui/load";
import { runWords } from "../ui/plan_words";
import { Shape } from "../ui/shape";

const AGAIN_MS = 10_000; // a mail comes after the row is open
const MOST = 200;
const SHOWN = 12;

/** Alarms of no device have theirs among notifyd's own events, told apart by the code. */
export function toldFilter(a: Alarm): { filter: EventFilter; code: string } {
	const own = a.device_id === "0";
	return {
		filter: {
			device: own ? "busbar/notifyd" : a.device,
			kind: ["notified", "notify_failed"],
			since: a.raised_at,
		},
		code: own ? `${a.device} ${a.rule}` : a.rule,
	};
}

async function toldOf(a: Alarm): Promise<EventRow[]> {
	const { filter, code } = toldFilter(a);
	return (await getEvents(filter, MOST)).items.filter((e) => e.subject === code);
}

function Line({ e }: { e: EventRow }) {
	const failed = e.kind === "notify_failed";
	return (
		<li>
			<Shape severity={failed ? "minor" : "normal"} size={13} />
			<span class="num muted">{when(e.at)}</span>
			<span>
				{t("told.to", { who: e.user ?? "–", way: tryT(`way.${e.source}`, e.source ?? "–") })},{" "}
				{e.text.startsWith("the end") ? t("told.end") : t("told.begin")}:{" "}
				{t(failed ? "told.failed" : "told.ok")}
				{failed && e.comment && <span class="muted wrap"> {e.comment}</span>}
			</span>
		</li>
	);
}

export function Told({ a }: { a: Alarm }) {
	const load = useLoad(() => toldOf(a), `${a.id} ${a.state}`, AGAIN_MS);
	return (
		<div class="detail-part" data-testid="told">
			<h2>{t("told.title")}</h2>
			<Shown of={load} rows={1}>
				{(list) =>
					list.length ? (
						<ul class="plain detail-events">
							{list.slice(0, SHOWN).map((e) => (
								<Line e={e} key={e.jseq} />
							))}
							{list.length > SHOWN && (
								<li class="muted">
									{t("strip.more", { n: list.length - SHOWN })}
								</li>
							)}
						</ul>
					) : (
						<p class="muted">{t(a.quiet ? "told.quiet" : "told.none")}</p>
					)
				}
			</Shown>
		</div>
	);
}

function PlanLine({ p }: { p: Plan }) {
	return (
		<li>
			<a href="/system#plans">{p.key}</a>{" "}
			<span class={`mode mode-${p.mode}`}>{tryT(`plan.mode.${p.mode}`, p.mode)}</span>{" "}
			<span class="muted">{p.run ? runWords(p.run) : t("plan.no_answer")}</span>
		</li>
	);
}

export function TouchedPlans({ a }: { a: Alarm }) {
	const load = useLoad(() => (a.device_id === "0" ? Promise.resolve([]) : getPlans()), a.device, AGAIN_MS);
	return (
		<div class="detail-part" data-testid="touched-plans">
			<h2>{t("plans.touched")}</h2>
			<Shown of={load} rows={1}>
				{(all) => {
					const mine = all.filter((p) => p.devices.includes(a.device));
					if (!mine.length) return <p class="muted">{t("plans.none")}</p>;
					return (
						<ul class="plain">
							{mine.map((p) => (
								<PlanLine p={p} key={p.key} />
							))}
						</ul>
					);
				}}
			</Shown>
		</div>
	);
}
