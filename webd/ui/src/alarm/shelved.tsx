// SPDX-License-Identifier: Apache-2.0
// Everything that is shelved, also what does not stand at present: until when, by whom, why; and the way back.
import { useCallback, useEffect, useState } from "preact/hooks";
import { getShelves } from "../api/client";
import type { Problem, ShelfRow } from "../api/types";
import { t, when } from "../i18n";
import { ruleWord, stateWord } from "../i18n/terms";
import { alarmVersion } from "../state/alarms";
import { can } from "../state/session";
import { DeviceName, Empty, ErrorBox, guard, problemOf, Skeleton } from "../ui/common";
import { dealAndSay } from "../ui/deeds";
import { useRetry } from "../ui/load";
import { Shape } from "../ui/shape";

const GATHER_MS = 300;

function Row({ s, back }: { s: ShelfRow; back: (s: ShelfRow) => void }) {
	const until = s.until_clear ? t("shelve.until_or_clear", { when: when(s.until) }) : when(s.until);
	return (
		<tr data-id={s.id}>
			<td>
				<Shape severity={s.state === "normal" ? "normal" : s.severity} size={17} label />
			</td>
			<th scope="row">
				<DeviceName id={s.device_id} path={s.key} />
			</th>
			<td>{ruleWord(s.rule)}</td>
			<td>{stateWord(s.state)}</td>
			<td class="num">{until}</td>
			<td>{s.user}</td>
			<td class="grow">{s.reason}</td>
			<td>
				<button
					type="button"
					class="button small"
					{...guard(can("ack"), "ack")}
					aria-label={t("shelve.back_one", { what: `${s.key} ${ruleWord(s.rule)}` })}
					onClick={() => back(s)}
				>
					{t("shelve.back")}
				</button>
			</td>
		</tr>
	);
}

export function Shelved() {
	const [rows, setRows] = useState<ShelfRow[] | null>(null);
	const [problem, setProblem] = useState<Problem | null>(null);
	const load = useCallback(async () => {
		try {
			setRows(await getShelves());
			setProblem(null);
		} catch (e) {
			setProblem(problemOf(e));
		}
	}, []);
	const version = alarmVersion.value;
	useEffect(() => {
		const timer = setTimeout(() => void load(), version ? GATHER_MS : 0);
		return () => clearTimeout(timer);
	}, [version, load]);
	const back = async (s: ShelfRow) => {
		try {
			await dealAndSay("unshelve", [s.id], {});
			await load();
		} catch (e) {
			setProblem(problemOf(e));
		}
	};
	useRetry(problem, () => void load());
	if (problem) return <ErrorBox problem={problem} retry={() => void load()} />;
	if (!rows) return <Skeleton rows={4} />;
	if (!rows.length) return <Empty text={t("shelve.none")} />;
	const heads = [
		"col.severity",
		"col.device",
		"shelve.alarm",
		"shelve.state",
		"shelve.until",
		"shelve.by",
		"shelve.reason",
	] as const;
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
		<section class="table-wrap" tabIndex={0} aria-label={t("alarms.tab_shelved")}>
			<table class="table tall-rows">
				<thead>
					<tr>
						{heads.map((h) => (
							<th scope="col" key={h}>
								{t(h)}
							</th>
						))}
						<th scope="col">
							<span class="visually-hidden">{t("shelve.back")}</span>
						</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((s) => (
						<Row key={s.id} s={s} back={(x) => void back(x)} />
					))}
				</tbody>
			</table>
		</section>
	);
}
