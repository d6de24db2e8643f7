// SPDX-License-Identifier: Apache-2.0
// Probes, contacts, relays and outlets as tables, one row each.
import { number, t, tryT } from "../i18n";
import { valueText, wordText } from "../i18n/terms";
import type { Judged, LivePoint } from "../state/device";
import { Age, Empty } from "../ui/common";
import { Shape } from "../ui/shape";

interface Row {
	id: string;
	no: string;
	points: Map<string, LivePoint>;
}

const PROBE = /^ambient\.(?:(\d+)\.)?(?!contacts\.)(\D[\w.]*)$/;
const CONTACT = /^ambient\.(?:(\d+)\.)?contacts\.(\d+)\.(status|name|state)$/;
const RELAY = /^relay\.(\d+)\.(status|name)$/;
const OUTLET = /^outlet\.(\d+)\.(\D[\w.]*)$/;
/** These first and in this order, then whatever else a probe measures. */
const FIRST = ["temperature", "humidity", "pressure", "airflow", "gas.h2", "leak", "water", "smoke", "door", "motion"];
const NO_COLUMNS = ["name", "present"];

export const isEnvironmentPart = (name: string): boolean => /^(ambient|relay)\./.test(name);
export const isOutletPart = (name: string): boolean => OUTLET.test(name);

function rows(points: Iterable<LivePoint>, name: RegExp): Row[] {
	const all = new Map<string, Row>();
	for (const p of points) {
		const m = name.exec(p.name);
		if (!m) continue;
		const what = m[m.length - 1] as string;
		// several of one kind may be told apart by index instead of number
		const no = [...m.slice(1, -1).filter(Boolean), p.index].filter(Boolean).join(".");
		let row = all.get(no);
		if (!row) {
			row = { id: no, no, points: new Map() };
			all.set(no, row);
		}
		// what the device thinks of it, not what it is
		const judged = what === "state" || (what === "status" && name === PROBE);
		row.points.set(judged ? "judged" : what, p);
	}
	return [...all.values()].sort((a, b) => a.no.localeCompare(b.no, "en", { numeric: true }));
}

type Judge = (p: LivePoint) => Judged;

function Cell({ p, judge }: { p: LivePoint | undefined; judge: Judge }) {
	if (!p || p.value === null) return <span class="muted">–</span>;
	const j = judge(p);
	if (j.quality === "unknown") return <span class="gone">?</span>;
	if (typeof p.value === "boolean")
		return p.value ? (
			<strong class="raised">
				<Shape severity="minor" size={15} /> {t("yes")}
			</strong>
		) : (
			<span class="muted">{t("no")}</span>
		);
	const v = valueText(p);
	return (
		<span class={j.quality === "good" ? "" : "stale"}>
			{v.text} <span class="unit">{v.unit}</span>
			{j.quality === "bad" && <span class="gone"> {t("quality.bad")}</span>}
		</span>
	);
}

function Ages({ row, judge }: { row: Row; judge: Judge }) {
	const judged = [...row.points.values()].map(judge);
	const known = judged.map((j) => j.age).filter((a): a is number => a !== null);
	return (
		<Age
			seconds={known.length ? Math.max(...known) : null}
			stale={judged.some((j) => j.quality === "stale" || j.quality === "unknown")}
		/>
	);
}

interface Kind {
	title: string;
	list: Row[];
	columns: string[];
	who: (r: Row) => string;
}

function Rows({ kind, judge }: { kind: Kind; judge: Judge }) {
	const there = new Set(kind.list.flatMap((r) => [...r.points.keys()]));
	for (const c of NO_COLUMNS) there.delete(c);
	const columns = [...new Set([...kind.columns, ...[...there].sort()])].filter((c) => there.has(c));
	const numeric = new Set(
		columns.filter((c) => kind.list.some((r) => typeof r.points.get(c)?.value === "number")),
	);
	const name = (r: Row) => String(r.points.get("name")?.value ?? "");
	return (
		<section class="card table-card" aria-label={kind.title}>
			<table class="table">
				<caption class="card-caption">
					{kind.title} <span class="muted num small">{number(kind.list.length)}</span>
				</caption>
				<thead>
					<tr>
						<th scope="col">{t("col.name")}</th>
						{columns.map((c) => (
							<th
								scope="col"
								key={c}
								class={numeric.has(c) ? "num" : undefined}
							>
								{tryT(`env.${c}`, c.replace(/[._]/g, " "))}
							</th>
						))}
						<th scope="col" class="num">
							{t("col.age")}
						</th>
					</tr>
				</thead>
				<tbody>
					{kind.list.map((r) => (
						<tr key={r.id}>
							<th scope="row">
								{name(r) || kind.who(r)}
								{name(r) && (
									<span class="muted small"> {kind.who(r)}</span>
								)}
								{r.points.get("present")?.value === "no" && (
									<span class="gone"> {t("env.absent")}</span>
								)}
							</th>
							{columns.map((c) => (
								<td key={c} class={numeric.has(c) ? "num" : undefined}>
									{c === "status" || c === "judged" ? (
										<Status
											p={r.points.get(c)}
											judge={judge}
										/>
									) : (
										<Cell
											p={r.points.get(c)}
											judge={judge}
										/>
									)}
								</td>
							))}
							<td class="num">
								<Ages row={r} judge={judge} />
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

function Status({ p, judge }: { p: LivePoint | undefined; judge: Judge }) {
	if (!p || typeof p.value !== "string" || judge(p).quality === "unknown") return <Cell p={p} judge={judge} />;
	return <span class={`state-word is-${p.value}`}>{wordText(p.value)}</span>;
}

export function Outlets({ points, judge }: { points: Map<string, LivePoint>; judge: Judge }) {
	const list = rows(points.values(), OUTLET);
	if (!list.length) return null;
	return (
		<Rows
			judge={judge}
			kind={{
				title: t("env.outlets"),
				list,
				columns: ["status", "current", "power", "realpower"],
				who: (r) => t("env.outlet_n", { n: r.no }),
			}}
		/>
	);
}

export function Environment({ points, judge }: { points: Map<string, LivePoint>; judge: Judge }) {
	const all: Kind[] = [
		{
			title: t("env.probes"),
			list: rows(points.values(), PROBE),
			columns: FIRST,
			who: (r) => (r.no ? t("env.probe_n", { n: r.no }) : t("env.own_probe")),
		},
		{
			title: t("env.contacts"),
			list: rows(points.values(), CONTACT),
			columns: ["status", "judged"],
			who: (r) => t("env.contact_n", { n: r.no }),
		},
		{
			title: t("env.relays"),
			list: rows(points.values(), RELAY),
			columns: ["status"],
			who: (r) => t("env.relay_n", { n: r.no }),
		},
	];
	const kinds = all.filter((k) => k.list.length > 0);
	if (!kinds.length) return <Empty text={t("empty.environment")} />;
	return (
		<div class="stack-cards" data-testid="environment">
			{kinds.map((k) => (
				<Rows kind={k} judge={judge} key={k.title} />
			))}
		</div>
	);
}
