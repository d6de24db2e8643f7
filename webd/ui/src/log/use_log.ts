// SPDX-License-Identifier: Apache-2.0
// The part of the log that is held: pages in the order of the screen, newest first. More is read at both ends, what is far
// away is let go, and what happens now comes in at the head while the head is held.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type EventFilter, getEvents, type LogPage } from "../api/log";
import { asEvent } from "../api/shape";
import type { EventRow, Problem } from "../api/types";
import { onEvent, onSnapshotsWanted, useTopic } from "../state/live";
import { problemOf } from "../ui/common";
import { useRetry } from "../ui/load";

const PAGE = 200;
const MOST_PAGES = 8;
const MOST_AT_HEAD = 1000; // rows that came live before the head is read anew
const MOST_WAITING = 1000;
/** A search that finds little goes on by itself so often; then somebody has to want it. */
const BY_ITSELF = 4;

export const idOf = (e: EventRow): string => `${e.jseq} ${e.at}`;

export interface Held {
	pages: LogPage[];
	atHead: boolean; // nothing newer is recorded that fits
}

/** Rows that are held already are left out: pages asked for by time overlap. */
function without(rows: readonly EventRow[], held: Held): EventRow[] {
	const known = new Set(held.pages.flatMap((p) => p.items.map(idOf)));
	return rows.filter((r) => !known.has(idOf(r)));
}

export function addOlder(held: Held, page: LogPage): Held {
	const before = held.pages.filter((p) => p.items.length);
	const pages = [...before, { ...page, items: without(page.items, held) }];
	const gone = Math.max(0, pages.length - MOST_PAGES);
	return { pages: pages.slice(gone), atHead: held.atHead && gone === 0 };
}

export function addNewer(held: Held, page: LogPage, atHead: boolean): Held {
	const pages = [{ ...page, items: without(page.items, held) }, ...held.pages];
	return { pages: pages.slice(0, MOST_PAGES), atHead };
}

export function addLive(held: Held, fresh: readonly EventRow[]): Held {
	const [first, ...rest] = held.pages;
	if (!first) return held;
	const now = new Set(fresh.map(idOf));
	return {
		...held,
		pages: [{ ...first, items: [...fresh, ...first.items.filter((r) => !now.has(idOf(r)))] }, ...rest],
	};
}

const has = (list: readonly string[] | undefined, v: string): boolean => !list?.length || list.includes(v);
const same = (want: string | undefined, v: string): boolean => !want || want === v;

/** Whether what happens now belongs to what is shown; where only the server can tell it is left to a fresh reading. */
export function fits(e: EventRow, f: EventFilter): boolean | "unsure" {
	if (f.until) return false; // a window with an end has no live head
	const plain =
		same(f.device, e.device) &&
		same(f.rule, e.rule) &&
		same(f.user, e.user ?? "") &&
		same(f.source, e.source) &&
		same(f.alarm, e.alarm_id) &&
		(!f.site || e.device.startsWith(`${f.site}/`)) &&
		has(f.severity, e.severity) &&
		has(f.kind, e.kind) &&
		has(f.state, e.to) &&
		(!f.test || (f.test === "yes") === e.test);
	return plain && (f.group || f.text ? "unsure" : true);
}

export interface Log {
	rows: EventRow[];
	problem: Problem | null;
	loading: boolean;
	atHead: boolean;
	more: boolean; // older ones may be there
	searchedTo: string; // how far back was looked when the search was cut short
	waiting: number;
	older: () => void;
	newer: () => void;
	again: () => void;
	takeWaiting: () => void;
}

/** `key` stands for the filter. `at`: begin there (RFC 3339) instead of at the newest. `tail`: what happens comes in by itself. */
export function useLog(f: EventFilter, key: string, at: string, tail: { current: boolean }): Log {
	const [held, set] = useState<Held>({ pages: [], atHead: true });
	const [problem, setProblem] = useState<Problem | null>(null);
	const [loading, setLoading] = useState(true);
	const [waiting, setWaiting] = useState<EventRow[]>([]);
	const now = useRef(held);
	now.current = held;
	const busy = useRef(false);
	const round = useRef(0);

	/** One request at a time; the answer to an old question is dropped. */
	const unread = useRef(true); // the beginning could not be read, or not yet
	const ask = useCallback(async (work: () => Promise<void>) => {
		if (busy.current) return;
		busy.current = true;
		const mine = round.current;
		try {
			await work();
			if (mine === round.current) setProblem(null);
		} catch (e) {
			if (mine === round.current) setProblem(problemOf(e));
		} finally {
			if (mine === round.current) {
				busy.current = false;
				setLoading(false);
			}
		}
	}, []);

	/** Asks for what follows `page` while that holds less than a page and the search was only cut short. */
	const goOn = async (page: LogPage, mine: number): Promise<void> => {
		let now = page;
		let found = page.items.length;
		for (let i = 0; i < BY_ITSELF && found < PAGE && now.next && now.searched_to; i++) {
			const next = await getEvents(f, PAGE, now.next);
			if (mine !== round.current) return;
			set((old) => addOlder(old, next));
			found += next.items.length;
			now = next;
		}
	};

	/** By time and not by cursor: the page one began at knows no way back. */
	const goBack = async (from: string, mine: number): Promise<void> => {
		const page = await getEvents({ ...f, since: from }, PAGE, null, "at");
		if (mine !== round.current) return;
		const items = [...page.items].reverse();
		set((old) => addNewer(old, { ...page, items, next: null }, items.length < PAGE && !page.next));
	};

	const read = useCallback(() => {
		const mine = ++round.current;
		busy.current = false;
		unread.current = true;
		return ask(async () => {
			const first = await getEvents(at ? { ...f, until: at } : f, PAGE);
			if (mine !== round.current) return;
			set({ pages: [first], atHead: !at });
			setWaiting([]);
			unread.current = false;
			await goOn(first, mine);
			const top = first.items[0];
			if (at && top) await goBack(top.at, mine); // so that one can scroll up from there
		});
	}, [key, at]);
	useEffect(() => {
		setLoading(true);
		set({ pages: [], atHead: true });
		void read();
		return onSnapshotsWanted(() => void read());
	}, [read]);

	const older = useCallback(() => {
		const cursor = now.current.pages.at(-1)?.next;
		if (!cursor || problem) return;
		const mine = round.current;
		void ask(async () => {
			const page = await getEvents(f, PAGE, cursor);
			if (mine !== round.current) return;
			set((old) => addOlder(old, page));
			await goOn(page, mine);
		});
	}, [key, at, problem]);

	const newer = useCallback(() => {
		const h = now.current;
		const first = h.pages[0]?.items[0];
		if (h.atHead || !first || problem) return;
		const mine = round.current;
		void ask(() => goBack(first.at, mine));
	}, [key, at, problem]);

	useTopic("events");
	useEffect(() => {
		let timer = 0;
		const stop = onEvent("event", (data) => {
			const e = asEvent(data);
			const fit = fits(e, f);
			if (!fit) return;
			if (fit === "unsure") {
				if (!tail.current || !now.current.atHead) return;
				clearTimeout(timer);
				timer = window.setTimeout(() => void read(), 1000);
			} else if (tail.current && now.current.atHead) {
				if ((now.current.pages[0]?.items.length ?? 0) > MOST_AT_HEAD) void read();
				else set((old) => addLive(old, [e]));
			} else if (now.current.atHead) setWaiting((old) => [e, ...old].slice(0, MOST_WAITING));
		});
		return () => {
			clearTimeout(timer);
			stop();
		};
	}, [key, at, read]);

	// a page further down is asked for again by scrolling; the beginning is not
	useRetry(problem, () => (unread.current ? void read() : setProblem(null)));

	return {
		rows: held.pages.flatMap((p) => p.items),
		problem,
		loading,
		atHead: held.atHead,
		more: !!held.pages.at(-1)?.next,
		searchedTo: held.pages.at(-1)?.searched_to ?? "",
		waiting: waiting.length,
		older,
		newer,
		again: () => void read(),
		takeWaiting: () => {
			set((old) => addLive(old, waiting));
			setWaiting([]);
		},
	};
}
