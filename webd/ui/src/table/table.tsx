// SPDX-License-Identifier: Apache-2.0
// A real table whose rows are drawn only where they are seen. j and k move the current row, x selects, Enter opens. One row
// at a time may show more of itself below.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { prefs } from "../state/prefs";
import { useVirtual } from "./virtual";

export interface Column<Row> {
	id: string;
	head: ComponentChildren;
	cell: (row: Row) => ComponentChildren;
	class?: string; // "num", "wide" (hidden on small screens), "grow"
	sort?: boolean;
	rowHeader?: boolean;
}

interface Props<Row> {
	caption: string;
	columns: Column<Row>[];
	rows: readonly Row[];
	rowId: (row: Row) => string;
	rowClass?: (row: Row) => string;
	sort?: string; // "name" or "-name"
	onSort?: (sort: string) => void;
	onOpen?: (row: Row) => void;
	onKey?: (key: string, row: Row | undefined) => boolean;
	onEnd?: () => void; // the last rows are on the screen
	onTop?: (atTop: boolean) => void;
	keepPlace?: boolean; // rows that come or go above must not move those that are seen
	expanded?: string; // id of the row that shows its details
	detail?: (row: Row) => ComponentChildren;
	keysWanted: (e: KeyboardEvent) => boolean;
}

const HEAD = 34;
const HEIGHT = { comfortable: 40, compact: 28 };

function Head<Row>({ c, sort, onSort }: { c: Column<Row>; sort?: string; onSort?: (s: string) => void }) {
	if (!c.sort || !onSort)
		return (
			<th scope="col" class={c.class}>
				{c.head}
			</th>
		);
	const now = sort === c.id ? "ascending" : sort === `-${c.id}` ? "descending" : "none";
	return (
		<th scope="col" class={c.class} aria-sort={now}>
			<button
				type="button"
				class="sort"
				onClick={() => onSort(now === "ascending" ? `-${c.id}` : c.id)}
			>
				{c.head}
				<span class="sort-mark" aria-hidden="true">
					{now === "ascending" ? "▲" : now === "descending" ? "▼" : ""}
				</span>
			</button>
		</th>
	);
}

function DetailRow(props: { columns: number; setHeight: (px: number) => void; children: ComponentChildren }) {
	const { setHeight } = props;
	const row = useRef<HTMLTableRowElement>(null);
	useLayoutEffect(() => {
		const el = row.current;
		if (!el) return;
		const watch = new ResizeObserver(() => setHeight(el.offsetHeight));
		watch.observe(el);
		setHeight(el.offsetHeight);
		return () => {
			watch.disconnect();
			setHeight(0);
		};
	}, [setHeight]);
	return (
		<tr ref={row} class="detail-row">
			<td colSpan={props.columns}>{props.children}</td>
		</tr>
	);
}

export function Table<Row>(props: Props<Row>) {
	const { columns, rows, rowId, onOpen, onKey, onEnd, onTop, keysWanted } = props;
	const scroller = useRef<HTMLDivElement>(null);
	const height = HEIGHT[prefs.density.value];
	const [extra, setExtra] = useState(0);
	const open = props.detail && props.expanded ? rows.findIndex((r) => rowId(r) === props.expanded) : -1;
	const v = useVirtual(rows.length, height, scroller, HEAD, open < 0 ? undefined : { index: open, extra });
	const [current, setCurrent] = useState("");

	// Before anything is painted: what is at the upper edge stays there when rows come or go above it.
	const edge = useRef<{ id: string; index: number } | null>(null);
	useLayoutEffect(() => {
		const el = scroller.current;
		if (!el) return;
		const was = edge.current;
		if (was && props.keepPlace) {
			const now = rows.findIndex((r) => rowId(r) === was.id);
			if (now >= 0 && now !== was.index) el.scrollTop += (now - was.index) * height;
		}
		const index = Math.min(rows.length - 1, Math.floor(el.scrollTop / height));
		const row = rows[index];
		edge.current = row ? { id: rowId(row), index } : null;
	});

	const move = useCallback(
		(by: number) => {
			const at = rows.findIndex((r) => rowId(r) === current);
			const next = Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by));
			const row = rows[next];
			if (!row) return;
			setCurrent(rowId(row));
			v.scrollTo(next);
		},
		[rows, current, rowId, v],
	);

	// With the drawing, not after it: a key that follows at once must meet the row that is drawn as current.
	useLayoutEffect(() => {
		const onDown = (e: KeyboardEvent) => {
			if (!keysWanted(e)) return;
			const row = rows.find((r) => rowId(r) === current);
			if (e.key === "j" || e.key === "k") move(e.key === "j" ? 1 : -1);
			else if (
				e.key === "Enter" &&
				row &&
				onOpen &&
				!(e.target as HTMLElement).closest("a, button, .detail-row")
			)
				onOpen(row);
			else if (!onKey?.(e.key, row)) return;
			e.preventDefault();
		};
		addEventListener("keydown", onDown);
		return () => removeEventListener("keydown", onDown);
	}, [rows, current, move, onOpen, onKey, keysWanted, rowId]);

	useEffect(() => {
		if (onEnd && rows.length && v.last >= rows.length - 20) onEnd();
	}, [onEnd, v.last, rows.length]);

	return (
		<section
			ref={scroller}
			class="table-scroll"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable with the keyboard
			tabIndex={0}
			aria-label={props.caption}
			onScroll={(e) => onTop?.(e.currentTarget.scrollTop < height)}
		>
			<table class="table" aria-rowcount={rows.length + 1}>
				<caption class="visually-hidden">{props.caption}</caption>
				<thead>
					<tr>
						{columns.map((c) => (
							<Head
								key={c.id}
								c={c}
								sort={props.sort}
								onSort={props.onSort}
							/>
						))}
					</tr>
				</thead>
				<tbody>
					{v.before > 0 && (
						<tr aria-hidden="true">
							<td
								class="spacer"
								colSpan={columns.length}
								style={{ height: `${v.before}px` }}
							/>
						</tr>
					)}
					{rows.slice(v.first, v.last).map((row, i) => {
						const id = rowId(row);
						const shown = v.first + i === open;
						return [
							// the same is done by j, k, Enter and the link in the row
							<tr
								key={id}
								data-id={id}
								aria-rowindex={v.first + i + 2}
								class={`${props.rowClass?.(row) ?? ""}${id === current ? " current" : ""}`}
								onClick={(e) => {
									if (
										!(e.target as HTMLElement).closest(
											"a, button, input, label",
										)
									)
										setCurrent(id);
								}}
								onDblClick={() => onOpen?.(row)}
							>
								{columns.map((c) =>
									c.rowHeader ? (
										<th
											scope="row"
											key={c.id}
											class={c.class}
										>
											{c.cell(row)}
										</th>
									) : (
										<td key={c.id} class={c.class}>
											{c.cell(row)}
										</td>
									),
								)}
							</tr>,
							shown && (
								<DetailRow
									key={`${id} more`}
									columns={columns.length}
									setHeight={setExtra}
								>
									{props.detail?.(row)}
								</DetailRow>
							),
						];
					})}
					{v.after > 0 && (
						<tr aria-hidden="true">
							<td
								class="spacer"
								colSpan={columns.length}
								style={{ height: `${v.after}px` }}
							/>
						</tr>
					)}
				</tbody>
			</table>
		</section>
	);
}
