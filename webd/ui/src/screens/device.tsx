// SPDX-License-Identifier: Apache-2.0
// One device: state, power path, alarms, the last hour, all values with age and quality, last events.

import { useCallback, useEffect, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso/router";
import { getEvents } from "../api/log";
import { asEvent } from "../api/shape";
import type { DeviceDetail, DeviceRow, EventRow, Problem } from "../api/types";
import { isBatteryPart } from "../device/battery";
import { Blocks } from "../device/blocks";
import { Commands } from "../device/commands";
import { Environment, isEnvironmentPart, Outlets } from "../device/environment";
import { History } from "../device/history";
import { IdentityChange } from "../device/identity";
import { QuietDevice } from "../device/quiet";
import { DeviceRules } from "../device/rules";
import { Settings } from "../device/settings";
import { type Judge, judgeOf, Values } from "../device/values";
import { t, tryT, when } from "../i18n";
import { said } from "../i18n/said";
import { kindWord, ruleWord, severityWord, stateWord, statusWords, valueText } from "../i18n/terms";
import { alarmsKnown, alarmsOf, alarmVersion, isUnack } from "../state/alarms";
import { monotonic, tick } from "../state/clock";
import { type DeviceStore, type LivePoint, useDevice } from "../state/device";
import { devices, fleetVersion } from "../state/fleet";
import { offline, onEvent, useTopic } from "../state/live";
import { can } from "../state/session";
import { AckButton, ack, askAck } from "../ui/ack";
import { AlarmsPending } from "../ui/alarms_pending";
import { Age, Empty, ErrorBox, guard, Pending, problemOf, Skeleton, Title } from "../ui/common";
import { Icon } from "../ui/icons";
import { useKeys } from "../ui/keys";
import { useRetry } from "../ui/load";
import { Mimic, powerPath } from "../ui/mimic";
import { Shape } from "../ui/shape";

const TABS = ["summary", "battery", "environment", "commands", "rules", "settings"] as const;
type Tab = (typeof TABS)[number];

function point(s: DeviceStore, ...names: string[]): LivePoint | undefined {
	for (const n of names) {
		const p = s.points.get(`${n}#`);
		if (p && p.value !== null) return p;
	}
	return undefined;
}

function useSilence(s: DeviceStore): { silent: number; interval: number; now: number } {
	tick.value;
	const now = monotonic();
	return { silent: (now - s.heardAt.at) / 1000, interval: s.detail.value?.interval_s ?? 10, now };
}

function Power({ s, known }: { s: DeviceStore; known: boolean }) {
	const say = (p: LivePoint | undefined): string[] => {
		if (!p) return [];
		if (!known || p.quality === "unknown") return ["?"];
		const v = valueText(p);
		return [v.unit ? `${v.text} ${v.unit}` : v.text];
	};
	const pair = (a: string[], b: string[]): string[] => {
		const both = [...a, ...b];
		return both.every((x) => x === "?") ? both.slice(0, 1) : both.slice(0, 2);
	};
	const charge = say(point(s, "battery.charge"));
	const volts = say(point(s, "battery.voltage"));
	const texts = {
		mains: pair(
			say(point(s, "input.L1-N.voltage", "input.voltage", "input.L1.voltage")),
			say(point(s, "input.L1-N.frequency", "input.frequency", "input.L1.frequency")),
		),
		load: pair(
			say(point(s, "ups.load", "output.L1.power.percent", "output.power.percent")),
			say(point(s, "ups.realpower", "output.realpower", "output.L1.realpower")),
		),
		battery: pair(
			charge[0] && volts[0] && charge[0] !== "?"
				? [`${charge[0]} · ${volts[0]}`]
				: [...charge, ...volts],
			say(point(s, "battery.runtime")),
		),
	};
	const status = String(point(s, "ups.status")?.value ?? "");
	const source = String(point(s, "output.source")?.value ?? "");
	return <Mimic path={powerPath(status, source, known)} texts={texts} />;
}

function DeviceAlarms({ id }: { id: string }) {
	alarmVersion.value;
	const list = alarmsOf(id);
	return (
		<section class="card" aria-labelledby="device-alarms">
			<div class="card-line">
				<h2 id="device-alarms">{t("device.alarms")}</h2>
				{list.filter(isUnack).length > 1 && (
					<button
						type="button"
						class="button small"
						{...guard(can("ack"), "ack")}
						onClick={() => askAck(list.filter(isUnack).map((a) => a.id))}
					>
						{t("ack.all")}
					</button>
				)}
			</div>
			{!alarmsKnown() && !list.length ? (
				<AlarmsPending />
			) : list.length === 0 ? (
				<p class="calm">
					<Shape severity="normal" size={16} /> {t("empty.device_alarms")}
				</p>
			) : (
				<ul class="plain alarm-lines">
					{list.map((a) => (
						<li key={a.id} class={a.state === "active_unack" ? "unack" : ""}>
							<Shape
								severity={a.severity}
								size={18}
								ring={a.state === "active_unack"}
								acked={a.state === "active_ack"}
								outline={a.state === "cleared_unack"}
								label
							/>
							<span class="alarm-what">
								<strong>{ruleWord(a.rule)}</strong>
								<span class="muted small">{said(a.text)}</span>
							</span>
							<span class="muted small num">
								{when(a.raised_at)}
								{a.user && (
									<span class="acked-by">
										{t("alarm.acked_by", { user: a.user })}
									</span>
								)}
							</span>
							<AckButton alarm={a} small />
						</li>
					))}
				</ul>
			)}
		</section>
	);
}

const LAST_EVENTS = 8;

function LastEvents({ deviceKey }: { deviceKey: string }) {
	const [events, set] = useState<EventRow[] | null>(null);
	const [problem, setProblem] = useState<Problem | null>(null);
	const read = useCallback(() => {
		setProblem(null);
		getEvents({ device: deviceKey }, LAST_EVENTS).then(
			(page) => set(page.items),
			(e) => setProblem(problemOf(e)),
		);
	}, [deviceKey]);
	useEffect(read, [read]);
	useRetry(problem, read);
	useTopic("events");
	useEffect(
		() =>
			onEvent("event", (data) => {
				const e = asEvent(data);
				if (e.device === deviceKey)
					set((old) =>
						[e, ...(old ?? []).filter((o) => o.jseq !== e.jseq)].slice(
							0,
							LAST_EVENTS,
						),
					);
			}),
		[deviceKey],
	);
	return (
		<section class="card" aria-labelledby="device-events">
			<div class="card-line">
				<h2 id="device-events">{t("device.events")}</h2>
				<a href={`/log?device=${encodeURIComponent(deviceKey)}`}>{t("device.all_events")}</a>
			</div>
			{problem ? (
				<ErrorBox problem={problem} retry={read} />
			) : events === null ? (
				<Skeleton rows={4} />
			) : events.length === 0 ? (
				<Empty text={t("empty.events")} />
			) : (
				<ul class="plain event-lines">
					{events.map((e) => (
						<li key={`${e.jseq} ${e.at}`}>
							<Shape
								severity={e.severity}
								size={14}
								outline={e.to === "normal"}
								acked={e.to === "active_ack"}
								label
							/>
							<span class="num muted">{when(e.at)}</span>
							<span>
								{ruleWord(e.rule)} – {kindWord(e.kind)}
								{e.user && <span class="muted"> ({e.user})</span>}
							</span>
							<span class="muted small">{stateWord(e.to)}</span>
						</li>
					))}
				</ul>
			)}
		</section>
	);
}

function Tabs({ tabs, tab, path }: { tabs: readonly Tab[]; tab: Tab; path: string }) {
	if (tabs.length < 2) return null;
	return (
		<nav class="page-tabs" aria-label={t("device.tabs")}>
			{tabs.map((x) => (
				<a
					key={x}
					href={x === "summary" ? path : `${path}?tab=${x}`}
					aria-current={x === tab ? "page" : undefined}
				>
					{tryT(`device.tab.${x}`, x)}
				</a>
			))}
		</nav>
	);
}

function Head({
	detail,
	now,
	known,
	silent,
	interval,
}: {
	detail: DeviceDetail;
	now: DeviceRow;
	known: boolean;
	silent: number;
	interval: number;
}) {
	const severity = offline() ? "unknown" : now.severity;
	const model = [detail.mfr, detail.model].filter(Boolean).join(" ");
	return (
		<>
			<div class="device-head">
				<Shape severity={severity} size={30} ring={now.unack > 0} label />
				<div class="device-title">
					<Title>{now.name}</Title>
					<p class="muted">
						<a class="quiet" href={`/map/${now.site}?focus=${now.id}`}>
							{now.site}
						</a>
						{model && ` · ${model}`}
						{detail.serial && ` · ${t("device.serial", { serial: detail.serial })}`}
					</p>
				</div>
				<div class="device-state">
					<strong class={`sev-text sev-${severity}`}>
						{known
							? statusWords(now.status, now.comm)
							: statusWords("", now.comm === "ok" ? "lost" : now.comm)}
					</strong>
					<span
						class={
							silent > 2 * interval || now.comm !== "ok"
								? "stale small"
								: "muted small"
						}
					>
						<Icon name="clock" size={14} />{" "}
						<Age seconds={now.age_s === null ? null : Math.max(0, silent)} />{" "}
						{t("device.via", {
							address: detail.address,
							collector: detail.collector,
						})}
					</span>
				</div>
			</div>
			{detail.lost_reason && now.comm !== "ok" && (
				<p class="lost-reason" role="status">
					<Shape severity="unknown" size={16} /> {detail.lost_reason}
				</p>
			)}
		</>
	);
}

function Summary({
	s,
	id,
	now,
	known,
	judged,
}: {
	s: DeviceStore;
	id: string;
	now: DeviceRow;
	known: boolean;
	judged: Judge;
}) {
	return (
		<>
			<IdentityChange id={id} name={now.name} />
			<section class="card mimic-card" aria-label={t("mimic.title")}>
				<Power s={s} known={known} />
			</section>
			<div class="two-columns">
				<DeviceAlarms id={id} />
				<LastEvents deviceKey={now.key} />
			</div>
			<History s={s} id={id} device={now.key} />
			<h2 class="visually-hidden">{t("device.values", { severity: severityWord(now.severity) })}</h2>
			<Values s={s} judge={judged} />
		</>
	);
}

export function DevicePage() {
	const { params } = useRoute();
	const { route, query, path } = useLocation();
	const id = decodeURIComponent(params.id ?? "");
	const s = useDevice(id);
	s.version.value;
	fleetVersion.value;
	alarmVersion.value;
	const { silent, interval, now: at } = useSilence(s);
	const detail = s.detail.value;
	useKeys(
		useCallback(
			(key) => {
				if (key === "Backspace") {
					const site = devices.get(id)?.site;
					route(site ? `/map/${site}?focus=${id}` : "/devices");
				} else if (key === "a")
					ack(
						alarmsOf(id)
							.filter(isUnack)
							.map((a) => a.id),
					);
				else return false;
				return true;
			},
			[id, route],
		),
	);
	if (s.sync.phase.value !== "ready" || !detail) {
		if (s.sync.problem.value?.status === 404)
			return (
				<Empty text={t("empty.device")}>
					<a class="button" href="/devices">
						{t("nav.devices")}
					</a>
				</Empty>
			);
		return (
			<Pending
				phase={s.sync.phase.value}
				problem={s.sync.problem.value}
				retry={() => void s.sync.load()}
				rows={10}
			/>
		);
	}
	const now = devices.get(id) ?? detail;
	const known = now.comm === "ok" && !offline() && silent <= 5 * interval;
	const judged = judgeOf(silent, interval, at);
	const names = [...s.points.values()].map((p) => p.name);
	const tabs = TABS.filter(
		(x) =>
			(x !== "battery" || names.some(isBatteryPart)) &&
			(x !== "environment" || names.some(isEnvironmentPart)) &&
			(x !== "settings" || can("configure")),
	);
	const tab = tabs.find((x) => x === query.tab) ?? "summary";
	return (
		<div class={`screen device-screen tab-${tab}`}>
			<QuietDevice id={id} deviceKey={now.key} />
			<Head detail={detail} now={now} known={known} silent={silent} interval={interval} />
			<Tabs tabs={tabs} tab={tab} path={path} />
			{tab === "summary" && <Summary s={s} id={id} now={now} known={known} judged={judged} />}
			{tab === "battery" && <Blocks points={s.points} judge={judged} />}
			{tab === "environment" && <Environment points={s.points} judge={judged} />}
			{tab === "commands" && (
				<div class="stack-cards">
					<Commands id={id} name={now.key} />
					<Outlets points={s.points} judge={judged} />
				</div>
			)}
			{tab === "rules" && <DeviceRules id={id} name={now.key} />}
			{tab === "settings" && <Settings id={id} name={now.key} />}
		</div>
	);
}
