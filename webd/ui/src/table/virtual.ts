// SPDX-License-Identifier: Apache-2.0
// Which rows are on the screen, for rows of one height. Own code: the known library takes a fifth of the budget for the
// variable heights we do not have.
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useState } from "preact/hooks";

const OVERSCAN = 12;
const FIRST_GUESS = 40; // rows before the height is known

export interface Span {
	first: number;
	last: number; // exclusive
}

/** Rows of `height` seen in a scroller of `room` px that is scrolled down by `top`; one of them may be taller by `extra`. */
export function span(count: number, height: number, top: number, room: number, extra = 0): Span {
	const seen = room > 0 ? Math.ceil(room / height) : FIRST_GUESS;
	const at = (px: number) => Math.min(Math.max(0, Math.floor(px / height)), Math.max(0, count - seen));
	return { first: Math.max(0, at(top - extra) - OVERSCAN), last: Math.min(count, at(top) + seen + OVERSCAN) };
}

export interface Window extends Span {
	before: number; // px above the first row
	after: number; // px below the last
	scrollTo(index: number): void;
}

/** The row that is taller than the others, if one is. */
export interface Taller {
	index: number;
	extra: number; // px
}

export function useVirtual(
	count: number,
	height: number,
	scroller: RefObject<HTMLElement | null>,
	head = 0,
	taller?: Taller,
): Window {
	const [view, setView] = useState({ top: 0, room: 0 });
	useLayoutEffect(() => {
		const el = scroller.current;
		if (!el) return;
		const look = () =>
			setView((old) => {
				const top = Math.floor(el.scrollTop / height) * height;
				return old.top === top && old.room === el.clientHeight
					? old
					: { top, room: el.clientHeight };
			});
		const watch = new ResizeObserver(look);
		watch.observe(el);
		el.addEventListener("scroll", look, { passive: true });
		look();
		return () => {
			watch.disconnect();
			el.removeEventListener("scroll", look);
		};
	}, [scroller, height]);
	const extra = taller?.extra ?? 0;
	const tallAt = taller?.index ?? count;
	const { first, last } = span(count, height, view.top, view.room, extra);
	const scrollTo = useCallback(
		(index: number) => {
			const el = scroller.current;
			if (!el) return;
			const top = index * height + (index > tallAt ? extra : 0);
			if (top < el.scrollTop) el.scrollTop = top;
			else if (top + height > el.scrollTop + el.clientHeight - head)
				el.scrollTop = top + height - el.clientHeight + head;
		},
		[scroller, height, head, extra, tallAt],
	);
	const before = first * height + (tallAt < first ? extra : 0);
	const after = Math.max(0, (count - last) * height) + (tallAt >= last && tallAt < count ? extra : 0);
	return { first, last, before, after, scrollTo };
}
