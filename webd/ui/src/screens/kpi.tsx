// SPDX-License-Identifier: Apache-2.0
// How well the alarms themselves do: how many a day, in what bursts, how long they stand and wait, which ones are noise.
import { useLocation } from "preact-iso/router";
import { getKpis, type KpiDay, type Kpis } from "../api/log";
import type { Severity } from "../api/types";
import { duration, number, t } from "../i18n";
import { ruleWord, severityWord } from "../i18n/terms";
import { groups } from "../state/fleet";
import { Empty, Title } from "../ui/common";
import { csv, saveFile } from "../ui/csv";
import { Days, dayWord } from "../ui/days";
import { Shown, useLoad } from "../ui/load";
import { Scroll } from "../ui/scroll";
import { Shape } from "../ui/shape";

const DAY_MS = 86_400_000;
const SPANS = [7, 30, 90, 365] as const;
/** What an operator can handle: ISA-18.2 and EEMUA 191 count about 150 a day as acceptable. */
const ACCEPTABLE = 150;
/** Shares of raised alarms that leave the grave ones rare enough to be noticed. */
const TARGET: readonly [Severity, number][] = [
	["critical", 0.05],
	["major", 0.15],
	["minor", 0.8],
];

const mean = (v: number | null): string => (v === null ? "–" : duration(v));
const percent = (v: number): string => `${number(v * 100, v < 0.1 && v > 0 ? 1 : 0)} %`;
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
/** The day it is here, `ago` days before. */
const day = (ago: number): string => {
	const d = new Date(Date.now() - ago * DAY_MS);
	return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
};

function Tiles({ k }: { k: Kpis }) {
	const s = k.total;
	const days = Math.max(1, k.days.length);
	const tiles: [string, string, string][] = [
		[t("kpi.rate"), number(s.raises / days, 1), t("kpi.rate_hint", { n: ACCEPTABLE })],
		[t("kpi.peak_10min"), number(s.peak_10min), t("kpi.peak_hint")],
		[t("kpi.flood"), percent(s.flood_s / (days * 86_400)), t("kpi.flood_hint")],
		[t("kpi.standing"), number(s.standing), t("kpi.stale", { n: s.stale })],
		[t("kpi.ack"), mean(s.ack_mean_s), t("kpi.of_n", { n: s.acks })],
		[t("kpi.normal"), mean(s.normal_mean_s), t("kpi.of_n", { n: s.normals })],
		[t("kpi.shelved"), number(s.shelved), t("kpi.now")],
		[t("kpi.left_out"), number(s.left_out.raises), t("kpi.left_out_hint", { n: s.left_out.standing })],
		[t("kpi.chattering"), number(s.chattering.length), t("kpi.chattering_hint")],
	];
	return (
		<div class="system-facts">
			{tiles.map(([name, value, hint]) => (
				<div class="card fact" key={name}>
					<span class="muted small">{name}</span>
					<span class="fact-value num">{value}</span>
					<span class="muted small">{hint}</span>
				</div>
			))}
		</div>
	);
}

function Mix({ of }: { of: KpiDay }) {
	const sum = Object.values(of.by_severity).reduce((a, b) => a + b, 0);
	const rows = (["critical", "major", "unknown", "minor", "info"] as const).map((s) => ({
		s,
		n: of.by_severity[s],
		share: sum ? of.by_severity[s] / sum : 0,
		target: TARGET.find(([x]) => x === s)?.[1],
	}));
	return (
		<section class="card" aria-labelledby="kpi-mix">
			<h2 id="kpi-mix">{t("kpi.mix")}</h2>
			<ul class="plain mix">
				{rows.map((r) => (
					<li key={r.s}>
						<span class="state-cell">
							<Shape severity={r.s} size={16} /> {severityWord(r.s)}
						</span>
						<svg
							class={`mix-bar sev-${r.s}`}
							viewBox="0 0 100 12"
							preserveAspectRatio="none"
							aria-hidden="true"
						>
							<rect class="track" width="100" height="12" />
							<rect class="filled" width={r.share * 100} height="12" />
							{r.target && (
								<line
									x1={r.target * 100}
									x2={r.target * 100}
									y1="0"
									y2="12"
									class="mark-line"
								/>
							)}
						</svg>
						<span class="num">
							{percent(r.share)} <span class="muted">({number(r.n)})</span>
						</span>
						<span class="muted small">
							{r.target ? t("kpi.target", { share: percent(r.target) }) : ""}
						</span>
					</li>
				))}
			</ul>
		</section>
	);
}

function Top({ of }: { of: KpiDay }) {
	return (
		<div class="card table-card" data-testid="kpi-top">
			<div class="card-line inset">
				<h2>{t("kpi.top")}</h2>
				<span class="muted small">{t("kpi.top_hint")}</span>
			</div>
			{of.top.length === 0 ? (
				<Empty text={t("empty.kpi")} />
			) : (
				<Scroll kind="table-wide" label={t("kpi.top")}>
					<table class="table">
						<caption class="visually-hidden">{t("kpi.top")}</caption>
						<thead>
							<tr>
								<th scope="col">{t("shelve.alarm")}</th>
								<th scope="col" class="grow">
									{t("col.device")}
								</th>
								<th scope="col" class="num">
									{t("preview.col_raises")}
								</th>
								<th scope="col" class="num">
									{t("kpi.share")}
								</th>
								<th scope="col">
									<span class="visually-hidden">
										{t("nav.log")}
									</span>
								</th>
							</tr>
						</thead>
						<tbody>
							{of.top.map((x) => (
								<tr key={`${x.rule} ${x.device}`}>
									<th scope="row">
										{ruleWord(x.rule)}
										{of.chattering.some(
											(c) =>
												c.rule === x.rule &&
												c.device === x.device,
										) && (
											<span class="mark-badge">
												{t("alarm.chattering")}
											</span>
										)}
									</th>
									<td class="grow">{x.device}</td>
									<td class="num">{number(x.count)}</td>
									<td class="num">{percent(x.share)}</td>
									<td>
										<a
											href={`/log?${new URLSearchParams({ device: x.device, rule: x.rule, kind: "raise" })}`}
										>
											{t("detail.log")}
										</a>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</Scroll>
			)}
		</div>
	);
}

const COLUMNS = [
	["raises", (d: KpiDay) => number(d.raises)],
	["peak_10min", (d: KpiDay) => number(d.peak_10min)],
	["peak_1min", (d: KpiDay) => number(d.peak_1min)],
	["flood", (d: KpiDay) => (d.flood_s ? duration(d.flood_s) : "–")],
	["standing", (d: KpiDay) => number(d.standing)],
	["stale_short", (d: KpiDay) => number(d.stale)],
	["ack", (d: KpiDay) => mean(d.ack_mean_s)],
	["normal", (d: KpiDay) => mean(d.normal_mean_s)],
] as const;

function ByDay({ days }: { days: readonly KpiDay[] }) {
	return (
		<details class="card">
			<summary>{t("kpi.by_day")}</summary>
			<Scroll kind="table-wide kpi-days" label={t("kpi.by_day")}>
				<table class="table slim">
					<caption class="visually-hidden">{t("kpi.by_day")}</caption>
					<thead>
						<tr>
							<th scope="col">{t("kpi.day")}</th>
							{COLUMNS.map(([id]) => (
								<th scope="col" class="num" key={id}>
									{t(`kpi.${id}`)}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{[...days].reverse().map((d) => (
							<tr key={d.day}>
								<th scope="row" class="num">
									{dayWord(d.day)}
								</th>
								{COLUMNS.map(([id, cell]) => (
									<td class="num" key={id}>
										{cell(d)}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</Scroll>
		</details>
	);
}

function save(k: Kpis): void {
	const names = [
		"day",
		"raises",
		"peak_10min",
		"peak_1min",
		"flood_s",
		"standing",
		"stale",
		"shelved",
		"ack_mean_s",
		"normal_mean_s",
	] as const;
	const severities = ["critical", "major", "unknown", "minor", "info"] as const;
	const rows = k.days.map((d) => [...names.map((n) => d[n]), ...severities.map((s) => d.by_severity[s])]);
	saveFile("alarm-figures.csv", csv([[...names, ...severities], ...rows]));
}

export function Kpi() {
	const { query, route, path } = useLocation();
	const span = SPANS.find((s) => String(s) === query.days) ?? 30;
	const site = query.site ?? "";
	const set = (change: Record<string, string>) => {
		const next = new URLSearchParams({ ...query, ...change });
		for (const [k, v] of [...next]) if (!v) next.delete(k);
		const s = next.toString();
		route(s ? `${path}?${s}` : path, true);
	};
	const load = useLoad(() => getKpis(site, day(span - 1), day(0), zone()), `${site} ${span}`);
	return (
		<div class="screen cards-screen">
			<div class="screen-head">
				<Title>{t("nav.kpi")}</Title>
				<label class="select push">
					<span class="visually-hidden">{t("col.site")}</span>
					<select value={site} onChange={(e) => set({ site: e.currentTarget.value })}>
						<option value="">{t("map.all")}</option>
						{[...groups.keys()].sort().map((k) => (
							<option value={k} key={k}>
								{k}
							</option>
						))}
					</select>
				</label>
				<label class="select">
					<span class="visually-hidden">{t("log.range")}</span>
					<select
						value={String(span)}
						onChange={(e) => set({ days: e.currentTarget.value })}
					>
						{SPANS.map((s) => (
							<option value={s} key={s}>
								{t("log.range_days", { n: s })}
							</option>
						))}
					</select>
				</label>
				<button
					type="button"
					class="button"
					disabled={!load.data}
					onClick={() => load.data && save(load.data)}
				>
					{t("log.csv")}
				</button>
			</div>
			<Shown of={load} rows={10}>
				{(k) => (
					<>
						<Tiles k={k} />
						<div class="two-columns">
							<section class="card" aria-labelledby="kpi-raises">
								<h2 id="kpi-raises">{t("kpi.raises_a_day")}</h2>
								<Days
									label={t("kpi.raises_a_day")}
									rows={k.days.map((d) => ({
										day: d.day,
										value: d.raises,
									}))}
									mark={ACCEPTABLE}
								/>
								<p class="muted small">{t("kpi.judge")}</p>
							</section>
							<Mix of={k.total} />
						</div>
						<Top of={k.total} />
						<ByDay days={k.days} />
					</>
				)}
			</Shown>
		</div>
	);
}
