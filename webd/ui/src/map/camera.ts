// SPDX-License-Identifier: Apache-2.0
// Pan and zoom. World units are CSS pixels at zoom 1; screen = (world - origin) * zoom.
import type { Rect } from "./layout";

export const ZOOM_LEAST = 1;
export const ZOOM_MOST = 24;

export interface Camera {
	x: number;
	y: number;
	zoom: number;
}

export const FIT: Camera = { x: 0, y: 0, zoom: 1 };

/** Keeps the level inside the view: at zoom 1 it fills it exactly. */
export function clamp(c: Camera, width: number, height: number): Camera {
	const zoom = Math.min(ZOOM_MOST, Math.max(ZOOM_LEAST, c.zoom));
	return {
		zoom,
		x: Math.min(Math.max(0, c.x), width - width / zoom),
		y: Math.min(Math.max(0, c.y), height - height / zoom),
	};
}

/** Zooms so that the world point under the pointer stays there. */
export function zoomAt(c: Camera, factor: number, px: number, py: number, width: number, height: number): Camera {
	const zoom = Math.min(ZOOM_MOST, Math.max(ZOOM_LEAST, c.zoom * factor));
	const wx = c.x + px / c.zoom;
	const wy = c.y + py / c.zoom;
	return clamp({ zoom, x: wx - px / zoom, y: wy - py / zoom }, width, height);
}

export function toScreen(c: Camera, r: Rect): Rect {
	return { x: (r.x - c.x) * c.zoom, y: (r.y - c.y) * c.zoom, w: r.w * c.zoom, h: r.h * c.zoom };
}

export function toWorld(c: Camera, px: number, py: number): { x: number; y: number } {
	return { x: c.x + px / c.zoom, y: c.y + py / c.zoom };
}

export const inside = (r: Rect, x: number, y: number): boolean =>
	x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
