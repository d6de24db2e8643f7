// SPDX-License-Identifier: Apache-2.0
// Curves of a device: which, over which time, zoomed by dragging or by buttons; its alarms and limits with them; the same as a file.
import { useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { getEvents } from "../api/log";
import { getDeviceRules, LEVELS } from "../api/rules";
import type { EventRow, Series } from "../api/types";
import { Chart, type ChartData, ChartTable, type Range, SPANS, type Span, useChart } from "../charts/chart";
import { t, when } from "../i18n";
import { kindWord, pointLabel, ruleWord } from "../i18n/terms";
import type { DeviceStore } from "../state/device";
import { Empty, ErrorBox, Skeleton } from "../ui/common";
import { csv, saveFile } from "../ui/csv";
import { useLoad } from "../ui/load";
import { Shape } from "../ui/shape";

const USUAL = [
	["battery.charge"],
	["ups.load", "output.L1.power.percent"],
	["input.L1-N.voltage", "input.voltage", "input.L1.voltage"],
] as const;
const MOST_SERIES = 8;
const MOST_MARKS = 200;
const LEAST_MS = 60_000;

/** One row for each time that any of the series has. */
export function chartRows(series: readonly Series[]): (string | number | null)[][] {
	const at = new Map<number, (string | number | null)[]>();
	for (const [i, s] of series.entries())
		for (const [k, time] of s.t.entries()) {
			const row = at.get(time) ?? [
				new Date(time).toISOString(),
				...series.flatMap(() => [null, null, null]),
			];
			row.splice(1 + i * 3, 3, s.min[k] ?? null, s.avg[k] ?? null, s.max[k] ?? null);
			at.set(time, row);
		}
	return [...at].sort((a, b) => a[0] - b[0]).map(([, row]) => row);
}

function save(data: ChartData): void {
	const head = data.series.flatMap((s) => ["min", "avg", "max"].map((a) => `${s.point} ${a} ${s.unit}`.trim()));
	saveFile("chart.csv", csv([["time", ...head], ...chartRows(data.series)]));
}

/** Raises of the device on the time axis of the curves; they lie too close to be links, so one leads to all of them in the log. */
function Markers({ device, from, to }: { device: string; from: number; to: number }) {
	const span = `${Math.floor(from / 60_000)} ${Math.floor(to / 60_000)}`;
	const load = useLoad(
		() =>
			getEvents(
				{
					device,
					kind: ["raise", "severity"],
					since: new Date(from).toISOString(),
					until: new Date(to).toISOString(),
				},
				MOST_MARKS,
			),
		`${device} ${span}`,
	);
	if (load.problem) return <ErrorBox problem={load.problem} retry={load.reload} />;
	const list = (load.data?.items ?? []).filter((e) => e.rule !== "event");
	if (!list.length) return null;
	const place = (e: EventRow) => `${(100 * (Date.parse(e.at) - from)) / (to - from)}%`;
	return (
		<figure class="pane chart-marks" data-testid="marks">
			<figcaption>
				<a
					href={`/log?${new URLSearchParams({ device, kind: "raise,severity", since: new Date(from).toISOString(), until: new Date(to).toISOString() })}`}
				>
					{t("chart.marks", { n: list.length })}
				</a>
				{load.data?.next && (
					<span class="muted"> {t("chart.marks_newest", { n: list.length })}</span>
				)}
			</figcaption>
			<div class="marks-plot">
				{list.map((e) => {
					const label = `${when(e.at)} ${ruleWord(e.rule)}, ${kindWord(e.kind)}`;
					return (
						<span
							key={`${e.jseq} ${e.at}`}
							role="img"
							style={{ insetInlineStart: place(e) }}
							title={label}
							aria-label={label}
						>
							<Shape severity={e.severity} size={14} />
						</span>
					);
				})}
			</div>
		</figure>
	);
}

/** Limits in force for the device, by point. */
function useLimits(id: string): Record<string, readonly number[]> {
	const rules = useLoad(() => getDeviceRules(id), id);
	return useMemo(() => {
		const out: Record<string, number[]> = {};
		for (const r of rules.data ?? []) {
			if (!r.enabled || r.kind !== "limit") continue;
			for (const name of LEVELS) {
				const v = r.limits[name]?.raise;
				if (typeof v === "number") out[r.point] = [...(out[r.point] ?? []), v];
			}
		}
		return out;
	}, [rules.data]);
}

function zoomOf(query: Record<string, string>): Range | null {
	const from = Number(query.from);
	const to = Number(query.to);
	return from > 0 && to - from >= LEAST_MS ? { from, to } : null;
}

function Steps({ range, zoomed, zoom }: { range: Range; zoomed: boolean; zoom: (r: Range | null) => void }) {
	const ms = range.to - range.from;
	const middle = range.from + ms / 2;
	const about = (width: number): Range => {
		const half = Math.max(LEAST_MS, width) / 2;
		return { from: middle - half, to: Math.min(Date.now(), middle + half) };
	};
	const by = (d: number): Range => ({ from: range.from + d, to: Math.min(Date.now(), range.to + d) });
	const steps = [
		["chart.earlier", () => zoom(by(-ms / 2)), true],
		["chart.later", () => zoom(by(ms / 2)), zoomed],
		["chart.zoom_in", () => zoom(about(ms / 2)), ms > 2 * LEAST_MS],
		["chart.zoom_out", () => zoom(about(ms * 2)), true],
		["chart.reset", () => zoom(null), zoomed],
	] as const;
	return (
		<span class="chart-steps">
			{steps.map(([key, act, on]) => (
				<button type="button" class="button small" key={key} disabled={!on} onClick={act}>
					{t(key)}
				</button>
			))}
		</span>
	);
}

function usePoints(s: DeviceStore): { usual: string[]; more: string[] } {
	s.version.value;
	const usual = USUAL.map((names) => names.find((n) => s.points.has(`${n}#`))).filter((n) => n !== undefined);
	const all = [...s.points.values()]
		.filter((p) => typeof p.value === "number" && p.index === "")
		.map((p) => p.name);
	return { usual, more: [...new Set(all)].sort() };
}

export function History({ s, id, device }: { s: DeviceStore; id: string; device: string }) {
	const { query, route, path } = useLocation();
	const { usual, more } = usePoints(s);
	const wanted = query.show === undefined ? usual.slice(0, 2) : query.show.split(",").filter(Boolean);
	const chosen = wanted.filter((n) => s.points.has(`${n}#`)).slice(0, MOST_SERIES);
	const offered = [...new Set([...usual, ...chosen])];
	const span: Span = query.span && query.span in SPANS ? (query.span as Span) : "1h";
	const zoomed = zoomOf(query);
	const chart = useChart(id, chosen, span, zoomed);
	const limits = useLimits(id);
	const [table, showTable] = useState(false);
	const set = (change: Record<string, string>) => {
		const next = new URLSearchParams({ ...query, ...change });
		for (const [k, v] of [...next]) if (!v && k !== "show") next.delete(k);
		route(`${path}?${next}`, true);
	};
	const zoom = (r: Range | null) =>
		set(r ? { from: String(Math.round(r.from)), to: String(Math.round(r.to)) } : { from: "", to: "" });
	const toggle = (name: string) =>
		set({ show: (chosen.includes(name) ? chosen.filter((n) => n !== name) : [...chosen, name]).join(",") });
	return (
		<section class="card chart-card" aria-labelledby="device-hour">
			<div class="card-line">
				<h2 id="device-hour">{t("chart.title")}</h2>
				<label class="select">
					<span class="visually-hidden">{t("log.range")}</span>
					<select
						value={zoomed ? "" : span}
						onChange={(e) => set({ span: e.currentTarget.value, from: "", to: "" })}
					>
						{zoomed && (
							<option value="">{`${when(zoomed.from)} – ${when(zoomed.to)}`}</option>
						)}
						{(Object.keys(SPANS) as Span[]).map((x) => (
							<option value={x} key={x}>
								{t(`chart.span_${x}`)}
							</option>
						))}
					</select>
				</label>
				<fieldset class="chips">
					<legend class="visually-hidden">{t("chart.series")}</legend>
					{offered.map((n) => (
						<label key={n} class="chip">
							<input
								type="checkbox"
								checked={chosen.includes(n)}
								onChange={() => toggle(n)}
							/>
							{pointLabel(n, "")}
						</label>
					))}
				</fieldset>
				<label class="select">
					<span class="visually-hidden">{t("chart.add")}</span>
					<select
						value=""
						disabled={chosen.length >= MOST_SERIES}
						onChange={(e) => e.currentTarget.value && toggle(e.currentTarget.value)}
					>
						<option value="">{t("chart.add")}</option>
						{more
							.filter((n) => !offered.includes(n))
							.map((n) => (
								<option value={n} key={n}>
									{pointLabel(n, "")}
								</option>
							))}
					</select>
				</label>
				<Steps range={{ from: chart.from, to: chart.to }} zoomed={!!zoomed} zoom={zoom} />
				<button
					type="button"
					class="button small"
					aria-pressed={table}
					onClick={() => showTable(!table)}
				>
					{t(table ? "chart.show_chart" : "chart.table_button")}
				</button>
				<button
					type="button"
					class="button small"
					disabled={!chart.series.length}
					onClick={() => save(chart)}
				>
					{t("log.csv")}
				</button>
			</div>
			{chosen.length === 0 ? (
				<Empty text={t("empty.series")} />
			) : chart.problem ? (
				<ErrorBox problem={chart.problem} retry={chart.reload} />
			) : chart.loading ? (
				<Skeleton rows={4} />
			) : chart.series.every((x) => x.t.length === 0) ? (
				<Empty text={t("empty.chart")} />
			) : table ? (
				<ChartTable of={chart} />
			) : (
				<Chart
					of={chart}
					limits={limits}
					zoom={zoom}
					markers={<Markers device={device} from={chart.from} to={chart.to} />}
				/>
			)}
		</section>
	);
}
