// SPDX-License-Identifier: Apache-2.0
// From site paths to boxes. Pure: (sites and devices, size) -> rectangles in world units, which are CSS pixels at zoom 1.
// Boxes are a squarified treemap weighted by the devices below, so a level always fills its place; the devices of a box
// stand in a grid of one cell size for the whole level, so that the picture is calm. A box too small for its content folds.
import type { Severity } from "../api/types";

export interface Item {
	id: string;
	name: string;
	site: string;
	severity: Severity;
}

export interface SiteNode {
	key: string; // "" is the root
	children: SiteNode[];
	items: Item[]; // directly here
	total: number; // devices here and below
}

export interface Rect {
	x: number;
	y: number;
	w: number;
	h: number;
}

export interface Box extends Rect {
	key: string; // entered by a click
	label: string[]; // path segments shown; several when single children were merged
	depth: number;
	total: number;
	folded: boolean;
	header: number; // height of the title line
}

export type CellMode = "tile" | "card" | "label" | "icon";

export interface Cell extends Rect {
	id: string;
}

export interface Level {
	boxes: Box[]; // parents before children
	cells: Cell[];
}

export interface CellSize {
	mode: CellMode;
	w: number;
	h: number;
	icon: number;
}

export const SIZES: readonly CellSize[] = [
	{ mode: "tile", w: 190, h: 56, icon: 28 },
	{ mode: "tile", w: 150, h: 50, icon: 26 },
	{ mode: "card", w: 120, h: 40, icon: 22 },
	{ mode: "label", w: 92, h: 58, icon: 26 },
	{ mode: "label", w: 76, h: 52, icon: 24 },
	{ mode: "label", w: 62, h: 46, icon: 22 },
	{ mode: "icon", w: 40, h: 40, icon: 26 },
	{ mode: "icon", w: 30, h: 30, icon: 20 },
	{ mode: "icon", w: 22, h: 22, icon: 15 },
	{ mode: "icon", w: 16, h: 16, icon: 11 },
	{ mode: "icon", w: 11, h: 11, icon: 8 },
	{ mode: "icon", w: 8, h: 8, icon: 6 },
	{ mode: "icon", w: 6, h: 6, icon: 5 },
	{ mode: "icon", w: 4, h: 4, icon: 3 },
];

const PAD = 8;
const GAP = 8;
const HEADERS = [30, 26, 22];
const FOLD_W = 56;
const FOLD_H = 40;

/** Builds the tree below `root`; sites without devices appear when `known` names them. */
export function siteTree(items: Iterable<Item>, known: Iterable<string>, root: string): SiteNode {
	const top: SiteNode = { key: root, children: [], items: [], total: 0 };
	const nodes = new Map<string, SiteNode>([[root, top]]);
	const below = (key: string) => root === "" || key === root || key.startsWith(`${root}/`);
	const node = (key: string): SiteNode => {
		const have = nodes.get(key);
		if (have) return have;
		const made: SiteNode = { key, children: [], items: [], total: 0 };
		nodes.set(key, made);
		const cut = key.lastIndexOf("/");
		const parent = cut < 0 ? "" : key.slice(0, cut);
		(parent === "" || !below(parent) ? top : node(parent)).children.push(made);
		return made;
	};
	for (const key of known) if (key && below(key)) node(key);
	for (const item of items) if (below(item.site)) node(item.site).items.push(item);
	const finish = (n: SiteNode): number => {
		n.children.sort((a, b) => (a.key < b.key ? -1 : 1));
		n.items.sort((a, b) => (a.name < b.name ? -1 : 1));
		n.total = n.items.length + n.children.reduce((sum, c) => sum + finish(c), 0);
		n.children = n.children.filter((c) => c.total > 0);
		return n.total;
	};
	finish(top);
	return top;
}

const worstRatio = (row: number[], side: number, scale: number): number => {
	const sum = row.reduce((a, b) => a + b, 0) * scale;
	const max = Math.max(...row) * scale;
	const min = Math.min(...row) * scale;
	const s2 = side * side;
	return Math.max((s2 * max) / (sum * sum), (sum * sum) / (s2 * min));
};

/** Squarified treemap: one rectangle for each weight, in order, filling `r`. */
export function squarify(weights: number[], r: Rect): Rect[] {
	const out: Rect[] = [];
	let rest = { ...r };
	let i = 0;
	let left = weights.reduce((a, b) => a + b, 0);
	while (i < weights.length) {
		const side = Math.min(rest.w, rest.h);
		const scale = (rest.w * rest.h) / left;
		const row = [weights[i] as number];
		while (i + row.length < weights.length) {
			const more = [...row, weights[i + row.length] as number];
			if (worstRatio(more, side, scale) > worstRatio(row, side, scale)) break;
			row.push(more[more.length - 1] as number);
		}
		const sum = row.reduce((a, b) => a + b, 0);
		const share = sum / left;
		const across = rest.w >= rest.h; // the row stands as a column at the left
		let at = 0;
		for (const w of row) {
			const part = w / sum;
			if (across)
				out.push({ x: rest.x, y: rest.y + at * rest.h, w: rest.w * share, h: part * rest.h });
			else out.push({ x: rest.x + at * rest.w, y: rest.y, w: part * rest.w, h: rest.h * share });
			at += part;
		}
		if (across) rest = { ...rest, x: rest.x + rest.w * share, w: rest.w * (1 - share) };
		else rest = { ...rest, y: rest.y + rest.h * share, h: rest.h * (1 - share) };
		left -= sum;
		i += row.length;
	}
	return out;
}

interface Leaf {
	rect: Rect;
	items: Item[];
}

/** Single children without devices of their own are merged into one box: "DE > Hamburg". */
function merged(n: SiteNode): { node: SiteNode; label: string[] } {
	const label = [n.key.slice(n.key.lastIndexOf("/") + 1)];
	let node = n;
	while (node.items.length === 0 && node.children.length === 1) {
		node = node.children[0] as SiteNode;
		label.push(node.key.slice(node.key.lastIndexOf("/") + 1));
	}
	return { node, label };
}

function inset(r: Rect, gap: number): Rect {
	const g = Math.min(gap, r.w / 6, r.h / 6) / 2;
	return { x: r.x + g, y: r.y + g, w: r.w - 2 * g, h: r.h - 2 * g };
}

/** Weight of a box: its devices, plus something for its frame, so that small sites stay readable. */
const weight = (devices: number, all: number): number => devices + 0.6 + all * 0.02;

function place(n: SiteNode, r: Rect, depth: number, boxes: Box[], leaves: Leaf[]): void {
	const parts = n.children.map((c) => weight(c.total, n.total));
	if (n.items.length && n.children.length) parts.push(weight(n.items.length, n.total));
	if (n.children.length === 0) {
		leaves.push({ rect: r, items: n.items });
		return;
	}
	const order = parts.map((w, i) => ({ w, i })).sort((a, b) => b.w - a.w || a.i - b.i);
	const rects = squarify(
		order.map((o) => o.w),
		r,
	);
	order.forEach((o, k) => {
		const child = n.children[o.i];
		const space = inset(rects[k] as Rect, GAP);
		if (child) placeBox(child, space, depth, boxes, leaves);
		else leaves.push({ rect: space, items: n.items });
	});
}

function placeBox(n: SiteNode, r: Rect, depth: number, boxes: Box[], leaves: Leaf[]): void {
	const { node, label } = merged(n);
	const header = HEADERS[Math.min(depth, HEADERS.length - 1)] as number;
	const folded = r.w < FOLD_W || r.h < header + FOLD_H / 2;
	boxes.push({ ...r, key: node.key, label, depth, total: node.total, folded, header });
	if (folded) return;
	const inner = { x: r.x + PAD, y: r.y + header, w: r.w - 2 * PAD, h: r.h - header - PAD };
	place(node, inner, depth + 1, boxes, leaves);
}

const fits = (leaf: Leaf, c: CellSize): boolean =>
	Math.floor(leaf.rect.w / c.w) * Math.floor(leaf.rect.h / c.h) >= leaf.items.length;

function fill(leaf: Leaf, common: CellSize, cells: Cell[]): boolean {
	const size = [common, ...SIZES.filter((s) => s.w < common.w)].find((s) => fits(leaf, s));
	if (!size) return false;
	const columns = Math.max(1, Math.floor(leaf.rect.w / size.w));
	// spread over the place that is left, up to half a cell more
	const rows = Math.ceil(leaf.items.length / columns);
	const w = Math.min(leaf.rect.w / columns, size.w * 1.5);
	const h = Math.min(leaf.rect.h / rows, size.h * 1.5);
	leaf.items.forEach((item, i) => {
		const x = leaf.rect.x + (i % columns) * w;
		const y = leaf.rect.y + Math.floor(i / columns) * h;
		cells.push({ id: item.id, x, y, w, h });
	});
	return true;
}

export function layoutLevel(root: SiteNode, width: number, height: number): Level {
	const boxes: Box[] = [];
	const leaves: Leaf[] = [];
	const cells: Cell[] = [];
	if (root.total > 0) place(root, { x: 4, y: 4, w: width - 8, h: height - 8 }, 0, boxes, leaves);
	const devices = leaves.reduce((sum, l) => sum + l.items.length, 0);
	// the largest cell that suits at least six devices of ten; the others take the largest that fits them
	const common =
		SIZES.find(
			(c) => leaves.reduce((sum, l) => sum + (fits(l, c) ? l.items.length : 0), 0) >= devices * 0.6,
		) ?? (SIZES[SIZES.length - 1] as CellSize);
	for (const leaf of leaves) {
		if (fill(leaf, common, cells)) continue;
		const owner = boxes.findLast(
			(b) =>
				b.x <= leaf.rect.x &&
				b.y <= leaf.rect.y &&
				b.x + b.w >= leaf.rect.x &&
				b.y + b.h >= leaf.rect.y,
		);
		if (owner) owner.folded = true;
	}
	return { boxes, cells };
}
