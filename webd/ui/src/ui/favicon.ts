// SPDX-License-Identifier: Apache-2.0
// The tab's icon carries the worst unacknowledged severity, or that it is not known.
import { effect } from "@preact/signals";
import type { Severity } from "../api/types";
import { alarmsKnown, unacked } from "../state/alarms";
import { offline } from "../state/live";
import { shade } from "../state/prefs";
import { SHAPES } from "./shapes";

const SIDE = 32;

function draw(severity: Severity): string {
	const css = getComputedStyle(document.documentElement);
	const v = (name: string) => css.getPropertyValue(`--${severity}-${name}`).trim();
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = SIDE;
	const ctx = canvas.getContext("2d") as CanvasRenderingContext2D;
	ctx.scale(SIDE / 24, SIDE / 24);
	const body = new Path2D(SHAPES[severity].body);
	ctx.lineJoin = ctx.lineCap = "round";
	ctx.fillStyle = v("fill");
	ctx.fill(body);
	ctx.lineWidth = 1.5;
	ctx.strokeStyle = v("edge");
	ctx.stroke(body);
	ctx.lineWidth = 2.4;
	ctx.strokeStyle = v("on");
	ctx.stroke(new Path2D(SHAPES[severity].mark));
	return canvas.toDataURL();
}

export function startFavicon(): void {
	const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
	if (!link) return;
	const plain = link.href;
	let last = "";
	effect(() => {
		// what nobody knows must not look quiet
		const known = alarmsKnown() && !offline();
		const worst = known ? (unacked.value[0]?.severity ?? "normal") : "unknown";
		const key = `${worst} ${shade.value}`;
		if (key === last) return;
		last = key;
		link.href = worst === "normal" ? plain : draw(worst);
	});
}
