// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { clamp, zoomAt } from "../src/map/camera";
import { type Item, layoutLevel, type Rect, siteTree, squarify } from "../src/map/layout";

const item = (id: string, site: string): Item => ({ id, name: id, site, severity: "normal" });
const within = (a: Rect, b: Rect) =>
	a.x >= b.x - 0.01 && a.y >= b.y - 0.01 && a.x + a.w <= b.x + b.w + 0.01 && a.y + a.h <= b.y + b.h + 0.01;

test("a level holds only what is below it and counts each device once", () => {
	const items = [
		item("1", "de/hh/a"),
		item("2", "de/hh/b"),
		item("3", "de/b"),
		item("4", "de"),
		item("5", "dexter/x"),
	];
	const tree = siteTree(items, ["de", "de/hh", "de/hh/a", "de/empty"], "de");
	assert.equal(tree.total, 4);
	assert.deepEqual(
		tree.children.map((c) => [c.key, c.total]),
		[
			["de/b", 1],
			["de/hh", 2],
		],
	);
	assert.deepEqual(
		tree.items.map((i) => i.id),
		["4"],
	);
});

test("boxes fill the place in proportion and do not overlap", () => {
	const place = { x: 0, y: 0, w: 600, h: 400 };
	const weights = [6, 6, 4, 3, 2, 2, 1];
	const rects = squarify(weights, place);
	const total = weights.reduce((a, b) => a + b, 0);
	rects.forEach((r, i) => {
		assert.ok(within(r, place));
		assert.ok(Math.abs(r.w * r.h - (600 * 400 * (weights[i] as number)) / total) < 1);
		for (const o of rects.slice(i + 1)) {
			const overlap =
				Math.min(r.x + r.w, o.x + o.w) - Math.max(r.x, o.x) > 0.01 &&
				Math.min(r.y + r.h, o.y + o.h) - Math.max(r.y, o.y) > 0.01;
			assert.ok(!overlap);
		}
	});
});

test("every device of a large level has its place inside the picture", () => {
	const items = Array.from({ length: 5000 }, (_, i) => item(String(i), `c${i % 5}/s${i % 40}/r${i % 120}`));
	const started = performance.now();
	const level = layoutLevel(siteTree(items, [], ""), 1000, 640);
	const took = performance.now() - started;
	const folded = level.boxes.filter((b) => b.folded).reduce((sum, b) => sum + b.total, 0);
	assert.equal(level.cells.length + folded, 5000);
	for (const c of level.cells) assert.ok(within(c, { x: 0, y: 0, w: 1000, h: 640 }));
	assert.ok(took < 5000, `took ${took} ms`);
});

test("single children without devices are merged into one box that leads to the innermost", () => {
	const level = layoutLevel(siteTree([item("1", "de/hh/a"), item("2", "de/hh/b")], [], ""), 800, 600);
	assert.deepEqual(level.boxes[0]?.label, ["de", "hh"]);
	assert.equal(level.boxes[0]?.key, "de/hh");
});

test("zooming keeps the point under the pointer and never leaves the level", () => {
	const c = zoomAt({ x: 0, y: 0, zoom: 1 }, 3, 300, 200, 900, 600);
	assert.ok(Math.abs(c.x + 300 / c.zoom - 300) < 1e-9);
	assert.deepEqual(clamp({ x: -50, y: 9999, zoom: 2 }, 900, 600), { x: 0, y: 300, zoom: 2 });
	assert.equal(zoomAt(c, 0.01, 0, 0, 900, 600).zoom, 1);
});
