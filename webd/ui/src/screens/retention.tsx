// SPDX-License-Identifier: Apache-2.0
// How long history is kept: what there is, what it costs a day, what a choice would cost, and what it would drop for good.
import { useState } from "preact/hooks";
import { getHistory, putSetting } from "../api/admin";
import type { HistoryKept } from "../api/admin_types";
import { FormTrouble, focusTrouble, TextField, type Troubles } from "../forms/field";
import { number, t } from "../i18n";
import { can } from "../state/session";
import { guard, problemOf, problemTitle, Title } from "../ui/common";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";

const DAY_MS = 86_400_000;
const LEAST = 31;
const MOST = 36_500;
const TELLING_DAYS = 60;
const SETTING = {
	samples: "history.keep_days",
	texts: "history.keep_text_days",
	events: "history.keep_event_days",
} as const;
type What = keyof typeof SETTING;

/** The server knows months: the oldest begins up to a month before its oldest record, so a young history costs nobody knows what a day. */
export function costOf(x: HistoryKept, now: number): { days: number; perDay: number | null } {
	const days = x.oldest ? Math.max(0, (now - Date.parse(`${x.oldest}T00:00:00Z`)) / DAY_MS) : 0;
	return { days: Math.floor(days), perDay: days >= TELLING_DAYS ? x.bytes / days : null };
}

/** undefined: no number of days one may choose; null: for ever. */
export function daysOf(text: string): number | null | undefined {
	const s = text.trim();
	if (!s) return null;
	const n = /^\d+$/.test(s) ? Number(s) : Number.NaN;
	return n >= LEAST && n <= MOST ? n : undefined;
}

function size(bytes: number): string {
	return bytes >= 1e9 ? `${number(bytes / 1e9, 1)} GB` : `${number(bytes / 1e6, 1)} MB`;
}

function Outcome({ x, choice }: { x: HistoryKept; choice: number | null | undefined }) {
	const { days, perDay } = costOf(x, Date.now());
	if (choice === undefined || choice === x.keep_days) return null;
	const lost = choice !== null && days > choice + LEAST;
	return (
		<p class={lost ? "form-error" : "muted"} role="status">
			{perDay !== null &&
				choice !== null &&
				`${t("retention.will_cost", { size: size(perDay * choice) })} `}
			{choice === null && `${t("retention.grows")} `}
			{lost && t("retention.drops", { days: days - choice })}
		</p>
	);
}

function Part({
	x,
	value,
	trouble,
	set,
}: {
	x: HistoryKept;
	value: string;
	trouble?: string;
	set: (v: string) => void;
}) {
	const { days, perDay } = costOf(x, Date.now());
	const facts: [string, string][] = [
		[t("retention.oldest"), x.oldest || "–"],
		[t("retention.days_there"), x.oldest ? number(days) : "–"],
		[t("retention.size"), size(x.bytes)],
		[t("retention.per_day"), perDay === null ? t("retention.too_young") : size(perDay)],
	];
	return (
		<section class="card" data-what={x.what}>
			<h2>{t(`history.${x.what}`)}</h2>
			<dl class="fact-row">
				{facts.map(([k, v]) => (
					<div key={k}>
						<dt>{k}</dt>
						<dd class="num">{v}</dd>
					</div>
				))}
			</dl>
			<TextField
				label={t("retention.keep")}
				hint={t("retention.hint")}
				name={x.what}
				value={value}
				trouble={trouble}
				onInput={set}
			/>
			<Outcome x={x} choice={daysOf(value)} />
		</section>
	);
}

function Form({ start, done }: { start: readonly HistoryKept[]; done: () => void }) {
	const shown = (x: HistoryKept) => (x.keep_days === null ? "" : String(x.keep_days));
	const [values, set] = useState<Record<string, string>>({});
	const [troubles, setTroubles] = useState<Troubles>({});
	const [sure, setSure] = useState(false);
	const textOf = (x: HistoryKept) => values[x.what] ?? shown(x);
	const changed = start.filter((x) => textOf(x).trim() !== shown(x));
	const drops = changed.some((x) => {
		const choice = daysOf(textOf(x));
		return typeof choice === "number" && costOf(x, Date.now()).days > choice + LEAST;
	});
	const save = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad: Troubles = {};
		for (const x of changed)
			if (daysOf(textOf(x)) === undefined)
				bad[x.what] = t("retention.range", { least: LEAST, most: number(MOST) });
		if (drops && !sure) bad[""] = t("retention.be_sure");
		setTroubles(bad);
		if (Object.keys(bad).length) return;
		try {
			// nobody's newer choice is overwritten unseen
			const now = await getHistory();
			if (now.some((x) => x.keep_days !== start.find((s) => s.what === x.what)?.keep_days)) {
				setTroubles({ "": t("problem.stale-version") });
				done();
				return;
			}
			for (const x of changed) {
				const days = daysOf(textOf(x));
				await putSetting(SETTING[x.what as What], days === null ? null : String(days));
			}
			say(t("retention.saved"));
			set({});
			setSure(false);
			done();
		} catch (x) {
			const p = problemOf(x);
			setTroubles({ "": `${problemTitle(p)}${p.detail ? `: ${p.detail}` : ""}` });
		}
	};
	const off = guard(can("configure"), "configure");
	return (
		<form class="retention" onSubmit={(e) => void save(e)} noValidate>
			{start.map((x) => (
				<Part
					key={x.what}
					x={x}
					value={textOf(x)}
					trouble={troubles[x.what]}
					set={(v) => set((old) => ({ ...old, [x.what]: v }))}
				/>
			))}
			{drops && (
				<label class="check">
					<input
						type="checkbox"
						checked={sure}
						onChange={(e) => setSure(e.currentTarget.checked)}
					/>
					{t("retention.sure")}
				</label>
			)}
			<FormTrouble text={troubles[""]} />
			<div class="button-row">
				<button
					type="submit"
					class="button primary"
					disabled={off.disabled || !changed.length}
					title={off.title}
				>
					{t("retention.save")}
				</button>
			</div>
		</form>
	);
}

export function Retention() {
	const load = useLoad(getHistory);
	return (
		<div class="screen cards-screen">
			<div class="screen-head">
				<Title>{t("retention.title")}</Title>
				<a class="button" href="/system">
					{t("nav.system")}
				</a>
			</div>
			<p class="muted">{t("retention.about")}</p>
			<Shown of={load} rows={6}>
				{(items) => <Form start={items} done={load.reload} />}
			</Shown>
		</div>
	);
}
