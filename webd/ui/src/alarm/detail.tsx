// SPDX-License-Identifier: Apache-2.0
// What an alarm's row shows when it is opened: how often and since when, what the rule says about it, what happened to it.
import { getEvents, getHistogram } from "../api/log";
import { getDeviceRules, type Rule } from "../api/rules";
import type { Alarm, EventRow } from "../api/types";
import { stopwatch, t, when } from "../i18n";
import { said } from "../i18n/said";
import { kindWord, ruleWord } from "../i18n/terms";
import { quietAlarms } from "../state/alarms";
import { devices } from "../state/fleet";
import { can } from "../state/session";
import { ErrorBox, Skeleton } from "../ui/common";
import { useLoad } from "../ui/load";
import { Shape } from "../ui/shape";
import { Told, TouchedPlans } from "./told";

const EVENTS = 30;
const CONSEQUENCES = 8;

interface Past {
	events: EventRow[];
	first: number; // Unix ms; NaN when the log knows none
	last: number;
	raises: number | null;
	about: boolean; // so many, more or less
}

/** What people call the same alarm: its device and its rule, and the part of the device it is about. */
async function pastOf(a: Alarm): Promise<Past> {
	const same = { device: a.device, rule: a.rule };
	const raise = { ...same, kind: ["raise"] };
	const [all, first, last, raises] = await Promise.all([
		getEvents(same, EVENTS),
		getEvents(raise, 1, null, "at"),
		getEvents(raise, 1),
		getHistogram(raise, 1),
	]);
	const at = (list: readonly EventRow[]) => Date.parse(list[0]?.at ?? "");
	return {
		events: all.items,
		first: at(first.items),
		last: at(last.items),
		raises: raises.total,
		about: raises.estimate || !raises.complete,
	};
}

function RuleTexts({ rule }: { rule: Rule | undefined }) {
	if (!rule) return <p class="muted">{t("detail.no_rule")}</p>;
	const parts = (["cause", "consequence", "action"] as const).filter((p) => rule[p]);
	if (!parts.length) return <p class="muted">{t("detail.no_texts")}</p>;
	return (
		<dl class="rule-texts">
			{parts.map((p) => (
				<div key={p}>
					<dt>{t(`rules.${p}`)}</dt>
					<dd>{said(rule[p])}</dd>
				</div>
			))}
		</dl>
	);
}

/** Alarms that are quiet because this one stands. */
export function consequencesOf(a: Alarm, all: readonly Alarm[]): Alarm[] {
	if (a.rule !== "comm_lost" && a.rule !== "collector_lost") return [];
	return all.filter((x) => x.suppressed_by !== "" && x.id !== a.id && x.suppressed_by === a.device);
}

function Consequences({ a }: { a: Alarm }) {
	const list = consequencesOf(a, quietAlarms.value);
	if (!list.length) return null;
	return (
		<div class="detail-part" data-testid="consequences">
			<h2>{t("detail.consequences", { n: list.length })}</h2>
			<ul class="plain">
				{list.slice(0, CONSEQUENCES).map((x) => (
					<li key={x.id}>
						<Shape severity={x.severity} size={14} label /> {x.device} –{" "}
						{ruleWord(x.rule)}
					</li>
				))}
				{list.length > CONSEQUENCES && (
					<li class="muted">{t("strip.more", { n: list.length - CONSEQUENCES })}</li>
				)}
			</ul>
		</div>
	);
}

function Events({ list }: { list: readonly EventRow[] }) {
	return (
		<ul class="plain detail-events">
			{list.map((e) => (
				<li key={`${e.jseq} ${e.at}`}>
					<Shape
						severity={e.severity}
						size={13}
						outline={e.to === "normal"}
						acked={e.to === "active_ack"}
						label
					/>
					<span class="num muted">{when(e.at)}</span>
					<span>
						{kindWord(e.kind)}
						{e.user && <span class="muted"> {e.user}</span>}
						{e.comment && <span class="wrap"> “{e.comment}”</span>}
					</span>
				</li>
			))}
		</ul>
	);
}

function Links({ a, rule }: { a: Alarm; rule: Rule | undefined }) {
	const d = devices.get(a.device_id);
	const site = d?.site;
	return (
		<p class="detail-links">
			{site && <a href={`/map/${site}?focus=${a.device_id}`}>{t("detail.map")}</a>}
			{d && <a href={`/devices/${a.device_id}`}>{t("detail.device")}</a>}
			<a href={`/log?${new URLSearchParams({ device: a.device, rule: a.rule })}`}>
				{t("detail.log")}
			</a>
			{rule && can("configure") && (
				<a
					href={`/rules/edit?${new URLSearchParams({ id: rule.id, entry: rule.entry, device: a.device })}`}
				>
					{t("detail.rule")}
				</a>
			)}
		</p>
	);
}

function Facts({ a, past }: { a: Alarm; past: Past }) {
	const facts: [string, string][] = [
		[t("detail.first"), Number.isNaN(past.first) ? when(a.raised_at) : when(past.first)],
		[t("detail.last"), Number.isNaN(past.last) ? when(a.raised_at) : when(past.last)],
		[
			t("detail.count"),
			t(past.about ? "detail.count_about" : "detail.count_exact", {
				n: Math.max(1, past.raises ?? 1),
			}),
		],
		[
			t("col.duration"),
			stopwatch(
				((a.cleared_at ? Date.parse(a.cleared_at) : Date.now()) - Date.parse(a.raised_at)) /
					1000,
			),
		],
	];
	if (a.subject) facts.push([t("detail.subject"), a.subject]);
	return (
		<dl class="fact-row">
			{facts.map(([k, v]) => (
				<div key={k}>
					<dt>{k}</dt>
					<dd class="num">{v}</dd>
				</div>
			))}
		</dl>
	);
}

export function AlarmDetail({ a }: { a: Alarm }) {
	const past = useLoad(() => pastOf(a), `${a.id} ${a.state} ${a.comment}`);
	const rules = useLoad(
		() => (a.device_id !== "0" ? getDeviceRules(a.device_id) : Promise.resolve([])),
		a.device_id,
	);
	const rule = rules.data?.find((r) => r.id === a.rule);
	return (
		<div class="alarm-detail" data-testid="alarm-detail">
			<p class="detail-text">{said(a.text)}</p>
			{past.data && <Facts a={a} past={past.data} />}
			<div class="detail-columns">
				<div class="detail-part">
					<h2>{t("detail.what_to_do")}</h2>
					{rules.problem ? (
						<ErrorBox problem={rules.problem} retry={rules.reload} />
					) : rules.data ? (
						<RuleTexts rule={rule} />
					) : (
						<Skeleton rows={2} />
					)}
					<Links a={a} rule={rule} />
				</div>
				<Consequences a={a} />
				<div class="detail-part">
					<Told a={a} />
					<TouchedPlans a={a} />
				</div>
				<div class="detail-part">
					<h2>{t("detail.events")}</h2>
					{past.problem ? (
						<ErrorBox problem={past.problem} retry={past.reload} />
					) : past.data ? (
						<Events list={past.data.events} />
					) : (
						<Skeleton rows={3} />
					)}
				</div>
			</div>
		</div>
	);
}
