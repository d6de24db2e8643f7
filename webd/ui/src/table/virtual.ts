// SPDX-License-Identifier: Apache-2.0
// Which rows are on the screen: TanStack's virtual core with rows of one height.
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useReducer } from "preact/hooks";

export interface Window {
	first: number;
	last: number; // exclusive
	before: number; // px above the first row
	after: number; // px below the last
	scrollTo(index: number): void;
}

export function useVirtual(count: number, height: number, scroller: RefObject<HTMLElement | null>): Window {
	const [, redraw] = useReducer((n: number) => n + 1, 0);
	const options = {
		count,
		getScrollElement: () => scroller.current,
		estimateSize: () => height,
		observeElementRect,
		observeElementOffset,
		scrollToFn: elementScroll,
		overscan: 12,
		initialRect: { width: 800, height: 900 },
		onChange: () => redraw(0),
	};
	// biome-ignore lint/correctness/useExhaustiveDependencies: one virtualizer for the life of the table
	const v = useMemo(() => new Virtualizer<HTMLElement, Element>(options), []);
	v.setOptions(options);
	useLayoutEffect(() => v._didMount(), [v]);
	useLayoutEffect(() => v._willUpdate());
	// biome-ignore lint/correctness/useExhaustiveDependencies: heights change with the density
	useLayoutEffect(() => v.measure(), [height]);

	const items = v.getVirtualItems();
	const first = items[0]?.index ?? 0;
	const last = items.length ? (items[items.length - 1]?.index ?? 0) + 1 : 0;
	return {
		first,
		last,
		before: first * height,
		after: Math.max(0, (count - last) * height),
		scrollTo: (index) => v.scrollToIndex(index, { align: "auto" }),
	};
}
