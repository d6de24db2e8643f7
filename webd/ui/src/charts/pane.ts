// SPDX-License-Identifier: Apache-2.0
// One uPlot per series, cursors in step. Loaded only when a chart is shown.
import uPlot from "uplot";
import { type Drawable, range } from "./data";

export interface PaneOptions {
	host: HTMLElement;
	label: string;
	unit: string;
	from: number; // Unix s
	to: number;
	colour: number; // 0-3, the chart colours of the theme
	last: boolean; // draws the time axis
	days: boolean; // the axis tells days, not hours
	formatValue: (v: number | null) => string;
	formatTime: (unix: number) => string;
	limits: readonly number[]; // drawn across
	onZoom: (from: number, to: number) => void; // Unix s
	onReset: () => void;
}

const sync = uPlot.sync("busbar");
const HEIGHT = 132;
const AXIS = 34;
const FONT = '12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';

const LEAST_DRAG = 5; // px; less was a click

function drawLimits(u: uPlot, limits: readonly number[], colour: string): void {
	const { ctx } = u;
	ctx.save();
	ctx.strokeStyle = colour;
	ctx.setLineDash([6, 5]);
	for (const v of limits) {
		const y = Math.round(u.valToPos(v, "y", true));
		if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) continue;
		ctx.beginPath();
		ctx.moveTo(u.bbox.left, y);
		ctx.lineTo(u.bbox.left + u.bbox.width, y);
		ctx.stroke();
	}
	ctx.restore();
}

export class Pane {
	private readonly plot: uPlot;
	private from: number;
	private to: number;

	constructor(data: Drawable, o: PaneOptions) {
		this.from = o.from;
		this.to = o.to;
		const css = getComputedStyle(o.host);
		const text = css.getPropertyValue("--muted").trim();
		const grid = css.getPropertyValue("--line").trim();
		const line = css.getPropertyValue(`--chart-${o.colour}`).trim();
		const axis = {
			stroke: text,
			font: FONT,
			grid: { stroke: grid, width: 1 },
			ticks: { stroke: grid, width: 1 },
		};
		const time = new Intl.DateTimeFormat(
			document.documentElement.lang || undefined,
			o.days
				? { day: "2-digit", month: "2-digit" }
				: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
		);
		this.plot = new uPlot(
			{
				width: Math.max(200, o.host.clientWidth),
				height: HEIGHT + (o.last ? AXIS : 0),
				padding: [10, 14, o.last ? 0 : 8, 0],
				legend: { show: false },
				cursor: {
					sync: { key: sync.key },
					drag: { x: true, y: false, setScale: false },
					points: { size: 7 },
					bind: {
						dblclick: () => () => {
							o.onReset();
							return null;
						},
					},
				},
				scales: {
					// asked each time: an array would stand for ever
					x: { time: true, range: () => [this.from, this.to] },
					y: { range: (_u, min, max) => range(min, max, o.unit) },
				},
				axes: [
					{
						...axis,
						show: o.last,
						size: AXIS,
						values: (_u, ticks) => ticks.map((s) => time.format(s * 1000)),
					},
					{
						...axis,
						size: 58,
						values: (_u, ticks) => ticks.map((v) => o.formatValue(v)),
					},
				],
				series: [
					{},
					{ stroke: "transparent", points: { show: false } },
					{ stroke: "transparent", points: { show: false } },
					{
						label: o.label,
						stroke: line,
						width: 1.8,
						spanGaps: false,
						points: { show: false },
					},
				],
				bands: [{ series: [2, 1], fill: `${line}40` }],
				hooks: {
					setSelect: [
						(u) => {
							const { left, width } = u.select;
							if (width < LEAST_DRAG) return;
							u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
							o.onZoom(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
						},
					],
					draw: [(u) => drawLimits(u, o.limits, text)],
					setCursor: [
						(u) => {
							const i = u.cursor.idx;
							const at =
								i === null || i === undefined
									? undefined
									: u.data[0][i];
							const out =
								o.host.parentElement?.querySelector<HTMLElement>(
									".pane-now",
								);
							if (!out) return;
							const v =
								at === undefined
									? null
									: (u.data[3]?.[i as number] ?? null);
							out.textContent =
								at === undefined
									? ""
									: `${o.formatTime(at)}  ${o.formatValue(v as number | null)}`;
						},
					],
				},
			},
			[data.t, data.min, data.max, data.avg],
			o.host,
		);
	}

	update(data: Drawable, from: number, to: number): void {
		this.from = from;
		this.to = to;
		this.plot.batch(() => {
			this.plot.setData([data.t, data.min, data.max, data.avg], false);
			this.plot.setScale("x", { min: from, max: to });
		});
	}

	resize(width: number): void {
		if (width > 0) this.plot.setSize({ width, height: this.plot.height });
	}

	destroy(): void {
		this.plot.destroy();
	}
}
