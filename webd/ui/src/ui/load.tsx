// SPDX-License-Identifier: Apache-2.0
// Something read from the server, once or again and again, and what stands in for it until it is there.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/types";
import { onSnapshotsWanted } from "../state/live";
import { ErrorBox, problemOf, Skeleton } from "./common";

export interface Loaded<T> {
	data: T | null;
	problem: Problem | null;
	reload: () => void;
}

const RETRY_MS = 10_000;

/** What failed because something is away is tried again by itself, as long as it is looked at. */
export function useRetry(problem: Problem | null, again: () => void): void {
	const latest = useRef(again);
	latest.current = again;
	useEffect(() => {
		if (!problem || (problem.status > 0 && problem.status < 500)) return;
		const timer = setTimeout(() => latest.current(), RETRY_MS);
		return () => clearTimeout(timer);
	}, [problem]);
}

/** Reads when `what` changes, when the connection is back, and every `everyMs`. Old data stay while new ones are on their way. */
export function useLoad<T>(read: () => Promise<T>, what = "", everyMs = 0): Loaded<T> {
	const [got, set] = useState<{ what: string; data: T } | null>(null);
	const [problem, setProblem] = useState<Problem | null>(null);
	const [round, next] = useState(0);
	const reload = useCallback(() => next((n) => n + 1), []);
	// `what` says when `read` means something else, `round` asks again
	useEffect(() => {
		let ended = false;
		let timer = 0;
		const once = () =>
			read()
				.then(
					(x) => {
						if (ended) return;
						set({ what, data: x });
						setProblem(null);
					},
					(e) => !ended && setProblem(problemOf(e)),
				)
				.finally(() => {
					if (!ended && everyMs) timer = window.setTimeout(once, everyMs);
				});
		void once();
		return () => {
			ended = true;
			clearTimeout(timer);
		};
	}, [what, round]);
	useEffect(() => onSnapshotsWanted(reload), [reload]);
	useRetry(everyMs ? null : problem, reload);
	return { data: got?.what === what ? got.data : null, problem, reload };
}

export function Shown<T>({
	of,
	rows,
	children,
}: {
	of: Loaded<T>;
	rows?: number;
	children: (data: T) => ComponentChildren;
}) {
	if (of.data !== null)
		return (
			<>
				{/* what is shown is of the past: say so */}
				{of.problem && <ErrorBox problem={of.problem} retry={of.reload} />}
				{children(of.data)}
			</>
		);
	if (of.problem) return <ErrorBox problem={of.problem} retry={of.reload} />;
	return <Skeleton rows={rows} />;
}
