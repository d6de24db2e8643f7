// SPDX-License-Identifier: Apache-2.0
// Chosen points of one device over the last hour, day, week, month or year: stacked panes, following live, the power source
// as a band below, and the same data as a table.
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, querySeries } from "../api/client";
import type { Band, Problem, Series } from "../api/types";
import { clockTime, quantity, t, when } from "../i18n";
import { pointLabel } from "../i18n/terms";
import { offline } from "../state/live";
import { prefs, shade } from "../state/prefs";
import { Bands, BandTable } from "./bands";
import { type Drawable, drawable } from "./data";
import type { Pane } from "./pane";

const HOUR_MS = 3_600_000;
/** In the order of the choice; how far back, and how often it is read again. */
export const SPANS = {
	"1h": { ms: HOUR_MS, followMs: 10_000 },
	"24h": { ms: 24 * HOUR_MS, followMs: 60_000 },
	"7d": { ms: 7 * 24 * HOUR_MS, followMs: 300_000 },
	"30d": { ms: 30 * 24 * HOUR_MS, followMs: 600_000 },
	"1y": { ms: 365 * 24 * HOUR_MS, followMs: 3_600_000 },
} as const;
export type Span = keyof typeof SPANS;
const POINTS = 600;

export interface ChartData {
	series: Series[];
	bands: Band[];
	from: number; // Unix ms
	to: number;
	problem: Problem | null;
	loading: boolean;
	reload: () => void;
}

/** Unix ms; what somebody zoomed to. It does not move. */
export interface Range {
	from: number;
	to: number;
}

export function useChart(device: string, points: string[], span: Span, zoom: Range | null = null): ChartData {
	const key = points.join(" ");
	const { followMs } = SPANS[span];
	const ms = zoom ? zoom.to - zoom.from : SPANS[span].ms;
	const end = zoom?.to ?? 0;
	const [state, set] = useState<Omit<ChartData, "reload">>({
		series: [],
		bands: [],
		from: Date.now() - ms,
		to: Date.now(),
		problem: null,
		loading: true,
	});
	const [round, again] = useState(0);
	// key stands for points, round asks for another try
	useEffect(() => {
		let timer = 0;
		let ended = false;
		const read = async () => {
			const to = end || Date.now();
			try {
				if (!offline() && key) {
					const got = await querySeries(device, points, to - ms, to, POINTS);
					if (!ended) set({ ...got, from: to - ms, to, problem: null, loading: false });
				}
			} catch (e) {
				if (!(e instanceof ApiError)) throw e;
				if (!ended) set((s) => ({ ...s, problem: e.problem, loading: false }));
			}
			if (!ended && !end) timer = window.setTimeout(read, followMs);
		};
		void read();
		return () => {
			ended = true;
			clearTimeout(timer);
		};
	}, [device, key, ms, end, round]);
	return { ...state, reload: () => again((n) => n + 1) };
}

function format(unit: string): (v: number | null) => string {
	return (v) => {
		if (v === null) return "–";
		const q = quantity(v, unit);
		return q.unit ? `${q.text} ${q.unit}` : q.text;
	};
}

function OnePane({
	s,
	data,
	colour,
	last,
	from,
	to,
	limits,
	zoom,
}: {
	s: Series;
	data: Drawable;
	colour: number;
	last: boolean;
	from: number;
	to: number;
	limits: readonly number[];
	zoom: (r: Range | null) => void;
}) {
	const host = useRef<HTMLDivElement>(null);
	const pane = useRef<Pane | null>(null);
	const now = useRef({ data, from, to, zoom });
	now.current = { data, from, to, zoom };
	const theme = `${shade.value} ${prefs.theme.value}`;
	// data come by the effect below
	useEffect(() => {
		const el = host.current;
		if (!el) return;
		let ended = false;
		const watch = new ResizeObserver(() => pane.current?.resize(el.clientWidth));
		void import("./pane").then(({ Pane }) => {
			if (ended) return;
			const n = now.current;
			pane.current = new Pane(n.data, {
				host: el,
				label: pointLabel(s.point, s.index),
				unit: s.unit,
				from: n.from / 1000,
				to: n.to / 1000,
				colour,
				last,
				formatValue: format(s.unit),
				formatTime: (unix) => when(unix * 1000),
				days: n.to - n.from > 36 * HOUR_MS,
				limits,
				onZoom: (a, b) => now.current.zoom({ from: a * 1000, to: b * 1000 }),
				onReset: () => now.current.zoom(null),
			});
			watch.observe(el);
		});
		return () => {
			ended = true;
			watch.disconnect();
			pane.current?.destroy();
			pane.current = null;
		};
	}, [s.point, s.unit, colour, last, theme, to - from > 36 * HOUR_MS, limits.join(" ")]);
	useEffect(() => pane.current?.update(data, from / 1000, to / 1000), [data, from, to]);
	const newest = [...data.avg].reverse().find((v) => v !== null) ?? null;
	return (
		<figure class="pane">
			<figcaption>
				<span class={`pane-key chart-${colour}`} aria-hidden="true" />
				{pointLabel(s.point, s.index)} <span class="num muted">{format(s.unit)(newest)}</span>
				<span class="pane-now num muted" />
			</figcaption>
			<div
				ref={host}
				class="pane-plot"
				role="img"
				aria-label={t("chart.alt", {
					what: pointLabel(s.point, s.index),
					value: format(s.unit)(newest),
				})}
			/>
		</figure>
	);
}

export function ChartTable({ of }: { of: ChartData }) {
	const { series } = of;
	const first = series[0];
	if (!first) return null;
	const rows = first.t.map((at, i) => ({ at, i })).reverse();
	const column = (s: Series, at: number) => {
		const i = s.t.indexOf(at);
		return i < 0 ? null : (s.avg[i] ?? null);
	};
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable with the keyboard
		<section class="table-scroll chart-table" tabIndex={0} aria-label={t("chart.table")}>
			<table class="table">
				<caption class="visually-hidden">{t("chart.table")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("col.time")}</th>
						{series.map((s) => (
							<th scope="col" class="num" key={s.point}>
								{pointLabel(s.point, s.index)}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.slice(0, 400).map(({ at }) => (
						<tr key={at}>
							<th scope="row" class="num">
								{of.to - of.from > 12 * HOUR_MS
									? when(at)
									: clockTime(at)}
							</th>
							{series.map((s) => (
								<td class="num" key={s.point}>
									{format(s.unit)(column(s, at))}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
			<BandTable bands={of.bands} from={of.from} to={of.to} />
		</section>
	);
}

const NO_LIMITS: readonly number[] = [];

export function Chart(props: {
	of: ChartData;
	limits: Readonly<Record<string, readonly number[]>>; // by point
	markers: ComponentChildren;
	zoom: (r: Range | null) => void;
}) {
	const { of: hour, limits, zoom } = props;
	const drawn = useMemo(() => hour.series.map(drawable), [hour.series]);
	return (
		<div class="panes">
			{hour.series.map((s, i) => (
				<OnePane
					key={s.point}
					s={s}
					data={drawn[i] as Drawable}
					colour={i % 4}
					last={i === hour.series.length - 1}
					from={hour.from}
					to={hour.to}
					limits={limits[s.point] ?? NO_LIMITS}
					zoom={zoom}
				/>
			))}
			{props.markers}
			<Bands bands={hour.bands} from={hour.from} to={hour.to} />
		</div>
	);
}
