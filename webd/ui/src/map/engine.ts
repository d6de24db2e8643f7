// SPDX-License-Identifier: Apache-2.0
// The map's drawing engine: boxes, then icons from sprites, labels last, on one canvas; rings, focus and hover on a second one,
// so that a flash tick redraws only that layer. Draws only when something is dirty, once per frame, and only what is in view.
// Knows nothing of the network or of the screens: states come through `Source`.
import type { Severity } from "../api/types";
import { type Camera, clamp, FIT, inside, toScreen, toWorld, zoomAt } from "./camera";
import { type Box, type Cell, type CellMode, type Level, type Rect, SIZES } from "./layout";
import { type Colours, readColours, Sprites } from "./sprites";

export interface CellState {
	name: string;
	line: () => string; // below the name on tiles; asked only where there is room
	severity: Severity;
	unack: boolean;
	acked: boolean;
	dim: boolean; // does not fit the filter
}

export interface BoxState {
	title: string;
	severity: Severity;
	unack: boolean;
	affected: number; // devices below that are not normal
}

export interface Source {
	cell(id: string): CellState | null;
	box(b: Box): BoxState;
	folded(n: number): string;
}

export type Target = { kind: "cell"; cell: Cell } | { kind: "box"; box: Box } | null;

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const DIM = 0.22;
const LOUD_PX = 12; // trouble is never drawn smaller than this, however many devices there are

const loud = (s: CellState): boolean => !s.dim && s.severity !== "normal" && s.severity !== "info";

const sameTarget = (a: Target, b: Target): boolean =>
	a === b ||
	(a?.kind === "cell" && b?.kind === "cell" && a.cell.id === b.cell.id) ||
	(a?.kind === "box" && b?.kind === "box" && a.box.key === b.box.key);

export class MapEngine {
	private readonly ctx: CanvasRenderingContext2D;
	private readonly over: CanvasRenderingContext2D;
	private level: Level = { boxes: [], cells: [] };
	private camera: Camera = { ...FIT };
	private width = 0;
	private height = 0;
	private ratio = 1;
	private colours: Colours;
	private sprites: Sprites;
	private rings: { x: number; y: number; r: number; severity: Severity }[] = [];
	private frame = 0;
	private dirty = false;
	private bright = true;
	private frozen = false;
	private hover: Target = null;
	private focus: Target = null;
	private readonly widths = new Map<string, string>();

	constructor(
		private readonly base: HTMLCanvasElement,
		private readonly layer: HTMLCanvasElement,
		private readonly source: Source,
	) {
		this.ctx = base.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
		this.over = layer.getContext("2d") as CanvasRenderingContext2D;
		this.colours = readColours(base);
		this.sprites = new Sprites(this.colours, 1);
	}

	get size(): { width: number; height: number } {
		return { width: this.width, height: this.height };
	}
	get view(): Camera {
		return this.camera;
	}
	get focused(): Target {
		return this.focus;
	}

	resize(width: number, height: number): void {
		this.width = width;
		this.height = height;
		this.ratio = Math.min(3, devicePixelRatio || 1);
		for (const c of [this.base, this.layer]) {
			c.width = Math.round(width * this.ratio);
			c.height = Math.round(height * this.ratio);
		}
		this.camera = clamp(this.camera, width, height);
		this.restyle();
		this.draw(); // now: a resized canvas is black, and a hidden tab gets no frame
	}

	/** After a change of theme or pixel ratio. */
	restyle(): void {
		this.colours = readColours(this.base);
		this.sprites = new Sprites(this.colours, this.ratio);
		this.invalidate();
	}

	setLevel(level: Level, keepCamera: boolean): void {
		this.level = level;
		if (!keepCamera) {
			this.camera = { ...FIT };
			this.focus = null;
		}
		this.hover = null;
		this.invalidate();
	}

	setFlash(bright: boolean, frozen: boolean): void {
		this.bright = bright;
		this.frozen = frozen;
		if (!this.dirty) this.drawOver();
	}

	invalidate(): void {
		this.dirty = true;
		if (!this.frame) {
			this.frame = requestAnimationFrame(() => {
				this.frame = 0;
				this.dirty = false;
				this.draw();
			});
		}
	}

	stop(): void {
		cancelAnimationFrame(this.frame);
		this.frame = 0;
	}

	zoom(factor: number, px = this.width / 2, py = this.height / 2): void {
		this.camera = zoomAt(this.camera, factor, px, py, this.width, this.height);
		this.invalidate();
	}

	fit(): void {
		this.camera = { ...FIT };
		this.invalidate();
	}

	pan(dx: number, dy: number): void {
		const c = this.camera;
		this.camera = clamp({ ...c, x: c.x - dx / c.zoom, y: c.y - dy / c.zoom }, this.width, this.height);
		this.invalidate();
	}

	at(px: number, py: number): Target {
		const w = toWorld(this.camera, px, py);
		const cell = this.level.cells.find((c) => inside(c, w.x, w.y));
		if (cell) return { kind: "cell", cell };
		const box = this.level.boxes.findLast((b) => inside(b, w.x, w.y));
		return box ? { kind: "box", box } : null;
	}

	setHover(t: Target): void {
		if (sameTarget(t, this.hover)) return;
		this.hover = t;
		this.drawOver();
	}

	setFocus(t: Target): void {
		this.focus = t;
		if (t) this.reveal(t.kind === "cell" ? t.cell : t.box);
		this.invalidate();
	}

	focusDevice(id: string): void {
		const cell = this.level.cells.find((c) => c.id === id);
		this.setFocus(cell ? { kind: "cell", cell } : null);
	}

	/** Moves the focus to the nearest object in a direction. */
	step(dx: number, dy: number): void {
		const objects: Target[] = [
			...this.level.cells.map((cell) => ({ kind: "cell", cell }) as const),
			...this.level.boxes.map((box) => ({ kind: "box", box }) as const),
		];
		const middle = (t: Target) => {
			if (t?.kind === "cell") return { x: t.cell.x + t.cell.w / 2, y: t.cell.y + t.cell.h / 2 };
			if (t?.kind === "box") return { x: t.box.x + t.box.w / 2, y: t.box.y + t.box.header / 2 };
			return { x: 0, y: 0 };
		};
		if (!this.focus) {
			this.setFocus(objects[0] ?? null);
			return;
		}
		const from = middle(this.focus);
		let best: Target = null;
		let least = Number.POSITIVE_INFINITY;
		for (const o of objects) {
			const to = middle(o);
			const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
			const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
			if (along <= 0.5) continue;
			const cost = along + aside * 2.5;
			if (cost < least) {
				least = cost;
				best = o;
			}
		}
		if (best) this.setFocus(best);
	}

	private reveal(r: Rect): void {
		const s = toScreen(this.camera, r);
		if (s.x >= 0 && s.y >= 0 && s.x + s.w <= this.width && s.y + s.h <= this.height) return;
		const c = this.camera;
		const x = r.x + r.w / 2 - this.width / c.zoom / 2;
		const y = r.y + r.h / 2 - this.height / c.zoom / 2;
		this.camera = clamp({ ...c, x, y }, this.width, this.height);
	}

	private seen(r: Rect): boolean {
		return r.x + r.w > 0 && r.y + r.h > 0 && r.x < this.width && r.y < this.height;
	}

	private draw(): void {
		const { ctx } = this;
		ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
		ctx.fillStyle = this.colours.page;
		ctx.fillRect(0, 0, this.width, this.height);
		this.rings = [];
		for (const box of this.level.boxes) this.drawBox(box);
		const later: [Cell, CellState][] = [];
		for (const cell of this.level.cells) {
			const state = this.source.cell(cell.id);
			if (!state) continue;
			if (loud(state)) later.push([cell, state]);
			else this.drawCell(cell, state);
		}
		for (const [cell, state] of later) this.drawCell(cell, state); // above their neighbours
		this.drawOver();
	}

	private drawBox(b: Box): void {
		const r = toScreen(this.camera, b);
		if (!this.seen(r)) return;
		const { ctx, colours } = this;
		const state = this.source.box(b);
		ctx.beginPath();
		ctx.roundRect(r.x + 0.5, r.y + 0.5, r.w - 1, r.h - 1, Math.max(2, 7 - b.depth));
		ctx.fillStyle = b.depth % 2 ? colours.sunken : colours.panel;
		ctx.fill();
		ctx.lineWidth = 1;
		ctx.strokeStyle = colours.line;
		ctx.stroke();
		const header = Math.min(b.header, r.h);
		const y = r.y + (b.folded && r.h < header * 2 ? Math.min(r.h, header * 1.4) / 2 : header / 2) + 1;
		const right = this.drawBadge(b, state, r, y);
		const room = right - r.x - 16;
		if (room > 18) {
			ctx.fillStyle = colours.text;
			ctx.textAlign = "left";
			ctx.textBaseline = "middle";
			ctx.font = `${b.depth === 0 ? 600 : 500} ${b.depth === 0 ? 14 : 13}px ${FONT}`;
			ctx.fillText(this.clip(state.title, room), r.x + 10, y);
		}
		if (b.folded && r.h > header + 16 && r.w > 70) {
			ctx.fillStyle = colours.muted;
			ctx.font = `12px ${FONT}`;
			ctx.fillText(this.clip(this.source.folded(b.total), r.w - 20), r.x + 10, r.y + header + 8);
		}
	}

	/** Number of devices and, when something is wrong below, the worst severity with the number of devices it concerns. */
	private drawBadge(b: Box, state: BoxState, r: Rect, y: number): number {
		const { ctx, colours } = this;
		const size = b.depth === 0 ? 17 : 15;
		let x = r.x + r.w - 10;
		ctx.textBaseline = "middle";
		ctx.textAlign = "right";
		if (r.w > 160) {
			const total = String(b.total);
			ctx.font = `12px ${FONT}`;
			ctx.fillStyle = colours.muted;
			ctx.fillText(total, x, y);
			x -= ctx.measureText(total).width + 12;
		}
		if (state.severity !== "normal" && state.severity !== "info") {
			const n = String(state.affected);
			ctx.font = `600 12px ${FONT}`;
			ctx.fillStyle = colours.severity[state.severity].text;
			if (r.w > 120 && state.affected > 0) {
				ctx.fillText(n, x, y);
				x -= ctx.measureText(n).width + 8;
			}
		}
		x -= size / 2;
		this.sprites.draw(ctx, state.severity, false, size, x, y);
		if (state.unack) this.rings.push({ x, y, r: size * 0.5 + 3.5, severity: state.severity });
		return x - size / 2 - 4;
	}

	private drawCell(c: Cell, state: CellState): void {
		const r = toScreen(this.camera, c);
		if (!this.seen(r)) return;
		const { ctx } = this;
		const size = SIZES.find((s) => s.w <= r.w + 0.5 && s.h <= r.h + 0.5) ?? SIZES[SIZES.length - 1];
		if (!size) return;
		const fitting = Math.min(48, Math.max(size.icon, Math.min(r.w, r.h) * 0.66));
		const least = loud(state) ? LOUD_PX : 0;
		const icon = size.mode === "icon" ? Math.max(fitting, least) : size.icon;
		ctx.globalAlpha = state.dim ? DIM : 1;
		const spot = this.drawTexts(size.mode, icon, r, state);
		this.sprites.draw(ctx, state.severity, state.acked, icon, spot.x, spot.y);
		ctx.globalAlpha = 1;
		if (state.unack && !state.dim)
			this.rings.push({
				...spot,
				r: icon * 0.5 + Math.max(2.5, icon * 0.2),
				severity: state.severity,
			});
	}

	/** Draws what stands beside or below the icon; answers where the icon goes. */
	private drawTexts(mode: CellMode, icon: number, r: Rect, state: CellState): { x: number; y: number } {
		const { ctx, colours } = this;
		const cy = r.y + r.h / 2;
		if (mode === "icon") return { x: r.x + r.w / 2, y: cy };
		ctx.textBaseline = "middle";
		if (mode === "label") {
			ctx.textAlign = "center";
			ctx.font = `12px ${FONT}`;
			ctx.fillStyle = colours.text;
			ctx.fillText(this.clip(state.name, r.w - 6), r.x + r.w / 2, r.y + r.h - 10);
			return { x: r.x + r.w / 2, y: r.y + (r.h - 18) / 2 + 1 };
		}
		const x = r.x + 10 + icon / 2 + 2;
		const tx = x + icon / 2 + 9;
		const room = r.x + r.w - tx - 4;
		const strong = state.severity !== "normal" && state.severity !== "info";
		ctx.textAlign = "left";
		ctx.font = `${state.unack ? 600 : 500} 13px ${FONT}`;
		ctx.fillStyle = colours.text;
		const line = mode === "tile" ? state.line() : "";
		const two = line !== "";
		ctx.fillText(this.clip(state.name, room), tx, two ? cy - 8 : cy);
		if (two) {
			ctx.font = `12px ${FONT}`;
			ctx.fillStyle = strong ? colours.severity[state.severity].text : colours.muted;
			ctx.fillText(this.clip(line, room), tx, cy + 9);
		}
		return { x, y: cy };
	}

	private drawOver(): void {
		const ctx = this.over;
		ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
		ctx.clearRect(0, 0, this.width, this.height);
		if (this.hover) this.outline(this.hover, this.colours.muted, 1.5);
		if (this.focus) this.outline(this.focus, this.colours.link, 3);
		if (!this.bright && !this.frozen) return;
		for (const ring of this.rings) {
			ctx.strokeStyle = this.colours.severity[ring.severity].edge;
			ctx.lineWidth = ring.r > 9 ? 2 : 1.3;
			ctx.beginPath();
			ctx.arc(ring.x, ring.y, ring.r, 0, Math.PI * 2);
			ctx.stroke();
			if (!this.frozen || ring.r < 9) continue;
			ctx.beginPath();
			ctx.arc(ring.x, ring.y, ring.r + 3.5, 0, Math.PI * 2);
			ctx.stroke();
		}
	}

	private outline(t: NonNullable<Target>, colour: string, width: number): void {
		const r = toScreen(this.camera, t.kind === "cell" ? t.cell : t.box);
		const ctx = this.over;
		ctx.strokeStyle = colour;
		ctx.lineWidth = width;
		ctx.beginPath();
		ctx.roundRect(r.x + 1.5, r.y + 1.5, r.w - 3, r.h - 3, 6);
		ctx.stroke();
	}

	/** Shortens a text to the room with an ellipsis; measured once per text, font and room. */
	private clip(text: string, room: number): string {
		const { ctx } = this;
		const key = `${ctx.font}|${Math.round(room)}|${text}`;
		const known = this.widths.get(key);
		if (known !== undefined) return known;
		if (this.widths.size > 20_000) this.widths.clear();
		let out = text;
		if (ctx.measureText(text).width > room) {
			let low = 0;
			let high = text.length;
			while (low < high) {
				const mid = (low + high + 1) >> 1;
				if (ctx.measureText(`${text.slice(0, mid)}…`).width <= room) low = mid;
				else high = mid - 1;
			}
			out = low > 1 ? `${text.slice(0, low)}…` : "";
		}
		this.widths.set(key, out);
		return out;
	}
}
