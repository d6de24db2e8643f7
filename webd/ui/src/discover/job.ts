// SPDX-License-Identifier: Apache-2.0
// A running search, followed: hits come in portions after the last sequence number seen.
import { useEffect, useState } from "preact/hooks";
import { getJob } from "../api/admin";
import type { Hit, JobPart } from "../api/admin_types";
import { ApiError } from "../api/client";
import type { Problem } from "../api/types";

const EVERY_MS = 600;
const RETRY_MS = 3000;

export interface Followed {
	hits: Hit[];
	part: JobPart | null;
	problem: Problem | null;
	again: () => void;
}

export function useJob(job: string): Followed {
	const [state, set] = useState<{ job: string; hits: Hit[]; part: JobPart | null; problem: Problem | null }>({
		job: "",
		hits: [],
		part: null,
		problem: null,
	});
	const [round, next] = useState(0);
	// round asks again after devices were added
	useEffect(() => {
		if (!job) return;
		let ended = false;
		let timer = 0;
		let after = 0;
		const hits = new Map<number, Hit>();
		const plan = (ms: number) => {
			if (!ended) timer = window.setTimeout(once, ms);
		};
		const once = async () => {
			try {
				const part = await getJob(job, after);
				if (ended) return;
				for (const h of part.hits) {
					hits.set(h.seq, h);
					after = Math.max(after, h.seq);
				}
				set({ job, hits: [...hits.values()], part, problem: null });
				if (part.more) plan(0);
				else if (!part.done) plan(EVERY_MS);
			} catch (e) {
				if (!(e instanceof ApiError)) throw e;
				if (ended) return;
				set((old) => ({ ...old, job, problem: e.problem }));
				if (e.status !== 404) plan(RETRY_MS);
			}
		};
		void once();
		return () => {
			ended = true;
			clearTimeout(timer);
		};
	}, [job, round]);
	const mine = state.job === job;
	return {
		hits: mine ? state.hits : [],
		part: mine ? state.part : null,
		problem: mine ? state.problem : null,
		again: () => next((n) => n + 1),
	};
}
