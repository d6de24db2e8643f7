// SPDX-License-Identifier: Apache-2.0
// Severity icons drawn once per size and theme, then copied. Also the colours the canvas shares with the style sheet.
import { SEVERITIES, type Severity } from "../api/types";
import { SHAPES } from "../ui/shapes";

export interface Colours {
	page: string;
	panel: string;
	sunken: string;
	line: string;
	text: string;
	muted: string;
	link: string;
	severity: Record<Severity, { fill: string; on: string; edge: string; text: string }>;
}

export function readColours(from: HTMLElement): Colours {
	const css = getComputedStyle(from);
	const v = (name: string) => css.getPropertyValue(name).trim();
	const severity = Object.fromEntries(
		SEVERITIES.map((s) => [
			s,
			{ fill: v(`--${s}-fill`), on: v(`--${s}-on`), edge: v(`--${s}-edge`), text: v(`--${s}-text`) },
		]),
	) as Colours["severity"];
	return {
		page: v("--page"),
		panel: v("--panel"),
		sunken: v("--sunken"),
		line: v("--line"),
		text: v("--text"),
		muted: v("--muted"),
		link: v("--link"),
		severity,
	};
}

const BOX = 24;
const MARGIN = 2; // halo

export class Sprites {
	private readonly made = new Map<string, HTMLCanvasElement>();

	constructor(
		private readonly colours: Colours,
		private readonly ratio: number,
	) {}

	/** Draws the icon of `size` CSS pixels centred at (x, y). */
	draw(
		ctx: CanvasRenderingContext2D,
		severity: Severity,
		acked: boolean,
		size: number,
		x: number,
		y: number,
	): void {
		const rounded = Math.max(3, Math.round(size));
		const key = `${severity}${acked ? "+" : ""}${rounded}`;
		let sprite = this.made.get(key);
		if (!sprite) {
			sprite = this.make(severity, acked, rounded);
			this.made.set(key, sprite);
		}
		const side = sprite.width / this.ratio;
		// on whole device pixels: sharp, and several times faster without a graphics processor
		const at = (v: number) => Math.round((v - side / 2) * this.ratio) / this.ratio;
		ctx.drawImage(sprite, at(x), at(y), side, side);
	}

	private make(severity: Severity, acked: boolean, size: number): HTMLCanvasElement {
		const side = size + MARGIN * 2 + 2;
		const canvas = document.createElement("canvas");
		canvas.width = canvas.height = Math.ceil(side * this.ratio);
		const ctx = canvas.getContext("2d") as CanvasRenderingContext2D;
		const k = (size / BOX) * this.ratio;
		const c = this.colours.severity[severity];
		const shape = SHAPES[severity];
		ctx.translate(canvas.width / 2, canvas.height / 2);
		ctx.scale(k, k);
		ctx.translate(-BOX / 2, -BOX / 2);
		const px = (n: number) => (n * this.ratio) / k; // CSS pixels whatever the scale
		const body = new Path2D(shape.body);
		ctx.lineJoin = "round";
		ctx.lineCap = "round";
		const edge = size >= 14 ? 2 : size >= 9 ? 1.3 : 0.8;
		ctx.lineWidth = px(edge + 2);
		ctx.strokeStyle = this.colours.panel;
		ctx.stroke(body); // halo
		ctx.fillStyle = c.fill;
		ctx.fill(body);
		ctx.lineWidth = px(edge);
		ctx.strokeStyle = c.edge;
		if (shape.dashed) ctx.setLineDash([px(3), px(2.2)]);
		ctx.stroke(body);
		ctx.setLineDash([]);
		if (size >= 11) {
			ctx.strokeStyle = c.on;
			ctx.lineWidth = Math.max(2.2, px(1.3));
			ctx.stroke(new Path2D(shape.mark));
		}
		if (acked && size >= 15) this.tick(ctx, px);
		return canvas;
	}

	private tick(ctx: CanvasRenderingContext2D, px: (n: number) => number): void {
		const path = new Path2D("M15.5 20.5l3 3 5.5-6.5");
		ctx.strokeStyle = this.colours.panel;
		ctx.lineWidth = px(4.5);
		ctx.stroke(path);
		ctx.strokeStyle = this.colours.text;
		ctx.lineWidth = px(2);
		ctx.stroke(path);
	}
}
