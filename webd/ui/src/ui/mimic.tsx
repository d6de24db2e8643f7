// SPDX-License-Identifier: Apache-2.0
// The power path of one UPS: mains -> rectifier -> inverter -> load, bypass above, battery below. Flow is told by line
// weight and arrow; no flow is a thin line; unknown is dashed. Colour is not used.
import { t } from "../i18n";

export type Flow = "on" | "off" | "unknown";

export interface PowerPath {
	mains: Flow;
	rectifier: Flow;
	inverter: Flow;
	bypass: Flow;
	discharge: Flow;
	charge: Flow;
	load: Flow;
}

/** From ups.status words and output.source; everything is unknown while the device is not heard. */
export function powerPath(status: string, source: string, known: boolean): PowerPath {
	const f = (on: boolean): Flow => (known && (status !== "" || source !== "") ? (on ? "on" : "off") : "unknown");
	const words = new Set(status.split(" "));
	const battery = words.has("OB") || source === "battery";
	const bypass = words.has("BYPASS") || source === "bypass";
	const off = words.has("OFF") || source === "none";
	return {
		mains: f(!battery && !off),
		rectifier: f(!battery && !bypass && !off),
		inverter: f(!bypass && !off),
		bypass: f(bypass),
		discharge: f(battery),
		charge: f(!battery && !words.has("DISCHRG") && words.has("CHRG")),
		load: f(!off),
	};
}

export interface MimicTexts {
	mains: string[];
	load: string[];
	battery: string[];
}

type Point = [number, number];
interface Spot {
	x: number;
	y: number;
}
interface Plan {
	view: [number, number];
	w: number;
	h: number;
	at: Record<"mains" | "rectifier" | "inverter" | "load" | "battery", Spot>;
	lines: { flow: keyof PowerPath; points: Point[]; back?: boolean }[];
	bypassText: Spot;
}

const WIDE: Plan = {
	view: [860, 236],
	w: 150,
	h: 70,
	at: {
		mains: { x: 10, y: 50 },
		rectifier: { x: 245, y: 50 },
		inverter: { x: 475, y: 50 },
		load: { x: 700, y: 50 },
		battery: { x: 360, y: 158 },
	},
	lines: [
		{
			flow: "mains",
			points: [
				[160, 85],
				[241, 85],
			],
		},
		{
			flow: "rectifier",
			points: [
				[395, 85],
				[471, 85],
			],
		},
		{
			flow: "inverter",
			points: [
				[625, 85],
				[696, 85],
			],
		},
		{
			flow: "bypass",
			points: [
				[195, 85],
				[195, 22],
				[662, 22],
				[662, 81],
			],
		},
		{
			flow: "charge",
			points: [
				[420, 85],
				[420, 154],
			],
		},
		{
			flow: "discharge",
			points: [
				[450, 158],
				[450, 89],
			],
		},
	],
	bypassText: { x: 430, y: 14 },
};

const TALL: Plan = {
	view: [340, 412],
	w: 140,
	h: 70,
	at: {
		mains: { x: 30, y: 6 },
		rectifier: { x: 30, y: 116 },
		inverter: { x: 30, y: 226 },
		load: { x: 30, y: 336 },
		battery: { x: 192, y: 171 },
	},
	lines: [
		{
			flow: "mains",
			points: [
				[100, 76],
				[100, 112],
			],
		},
		{
			flow: "rectifier",
			points: [
				[100, 186],
				[100, 222],
			],
		},
		{
			flow: "inverter",
			points: [
				[100, 296],
				[100, 332],
			],
		},
		{
			flow: "bypass",
			points: [
				[100, 94],
				[12, 94],
				[12, 314],
				[96, 314],
			],
		},
		{
			flow: "charge",
			points: [
				[100, 195],
				[188, 195],
			],
		},
		{
			flow: "discharge",
			points: [
				[192, 213],
				[104, 213],
			],
		},
	],
	bypassText: { x: 0, y: 0 },
};

function Line({ points, flow }: { points: Point[]; flow: Flow }) {
	const d = `M${points.map((p) => p.join(" ")).join("L")}`;
	const [bx, by] = points[points.length - 1]!;
	const [ax, ay] = points[points.length - 2]!;
	const turn = (Math.atan2(by - ay, bx - ax) * 180) / Math.PI;
	return (
		<g class={`flow flow-${flow}`}>
			<path class="flow-line" d={d} />
			{flow === "on" && (
				<path
					class="flow-arrow"
					d="M-11 -7L4 0L-11 7z"
					transform={`translate(${bx} ${by}) rotate(${turn})`}
				/>
			)}
		</g>
	);
}

function Node({ p, name, spot, lines, flow }: { p: Plan; name: string; spot: Spot; lines: string[]; flow: Flow }) {
	const cx = spot.x + p.w / 2;
	const first = spot.y + (lines.length > 1 ? 20 : lines.length ? 29 : 40);
	return (
		<g class={`mimic-node node-${flow}`}>
			<rect x={spot.x} y={spot.y} width={p.w} height={p.h} rx="6" />
			<text class="mimic-name" x={cx} y={first} text-anchor="middle">
				{name}
			</text>
			{lines.map((l, i) => (
				<text class="mimic-value" x={cx} y={first + 19 + i * 18} text-anchor="middle" key={l}>
					{l}
				</text>
			))}
		</g>
	);
}

function Drawing({
	p,
	path,
	texts,
	label,
	cls,
}: {
	p: Plan;
	path: PowerPath;
	texts: MimicTexts;
	label: string;
	cls: string;
}) {
	const battery: Flow = path.discharge === "on" ? "on" : path.charge;
	return (
		<svg class={`mimic ${cls}`} viewBox={`0 0 ${p.view[0]} ${p.view[1]}`} role="img" aria-label={label}>
			{p.lines
				.filter((l) => path[l.flow] !== "on")
				.concat(p.lines.filter((l) => path[l.flow] === "on"))
				.map((l) => (
					<Line key={l.flow} points={l.points} flow={path[l.flow]} />
				))}
			{p.bypassText.y > 0 && (
				<text
					class="mimic-name small"
					x={p.bypassText.x}
					y={p.bypassText.y}
					text-anchor="middle"
				>
					{t("mimic.bypass")}
				</text>
			)}
			<Node p={p} name={t("mimic.mains")} spot={p.at.mains} lines={texts.mains} flow={path.mains} />
			<Node
				p={p}
				name={t("mimic.rectifier")}
				spot={p.at.rectifier}
				lines={[]}
				flow={path.rectifier}
			/>
			<Node p={p} name={t("mimic.inverter")} spot={p.at.inverter} lines={[]} flow={path.inverter} />
			<Node p={p} name={t("mimic.load")} spot={p.at.load} lines={texts.load} flow={path.load} />
			<Node
				p={p}
				name={t("mimic.battery")}
				spot={p.at.battery}
				lines={texts.battery}
				flow={battery}
			/>
		</svg>
	);
}

export function Mimic({ path, texts }: { path: PowerPath; texts: MimicTexts }) {
	const said =
		path.load === "unknown"
			? t("mimic.say_unknown")
			: path.load === "off"
				? t("mimic.say_off")
				: path.bypass === "on"
					? t("mimic.say_bypass")
					: path.discharge === "on"
						? t("mimic.say_battery")
						: t("mimic.say_mains");
	const label = [said, ...texts.load, ...texts.battery].join(", ");
	return (
		<>
			<Drawing p={WIDE} path={path} texts={texts} label={label} cls="mimic-wide" />
			<Drawing p={TALL} path={path} texts={texts} label={label} cls="mimic-tall" />
		</>
	);
}
