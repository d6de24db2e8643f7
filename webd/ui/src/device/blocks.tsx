// SPDX-License-Identifier: Apache-2.0
// Battery strings, and their blocks as one sortable table. Order, string and filter live in the URL.
import { useLocation } from "preact-iso/router";
import { number, quantity, t, tryT } from "../i18n";
import { wordText } from "../i18n/terms";
import type { LivePoint } from "../state/device";
import { type Column, Table } from "../table/table";
import { Age, Empty } from "../ui/common";
import { inChord, isCommand } from "../ui/keys";
import { type Batteries, collect, extreme, heat, type Reading, type Unit } from "./battery";

const QUANTITIES = [
	["voltage", "V"],
	["temperature", "°C"],
	["resistance", "Ω"],
	["balance", "%"],
	["charge", "%"],
	["health", "%"],
] as const;

type What = (typeof QUANTITIES)[number][0];

/** Milliohms where people speak of milliohms, millivolts visible in block voltages. */
function shown(what: string, value: number): { text: string; unit: string } {
	if (what === "resistance") return { text: number(value * 1000, 2), unit: "mΩ" };
	if (what === "voltage") return { text: number(value, Math.abs(value) < 100 ? 3 : 1), unit: "V" };
	return quantity(value, QUANTITIES.find(([w]) => w === what)?.[1] ?? "");
}

const alone = (what: string, value: number): string => {
	const v = shown(what, value);
	return `${v.text} ${v.unit}`;
};

function Value({ r, what, b, batteries }: { r: Reading | undefined; what: What; b: Unit; batteries: Batteries }) {
	if (!r) return <span class="muted">–</span>;
	if (r.value === null) return <span class="gone">?</span>;
	const stats = batteries.stats.get(`${b.string} ${what}`);
	const v = shown(what, r.value);
	const mark = extreme(r.value, stats);
	return (
		<span class={`heat heat-${heat(what, r.value, stats)}${r.quality === "stale" ? " stale" : ""}`}>
			{mark && <span class={`extreme ${mark}`}>{t(mark === "min" ? "block.min" : "block.max")}</span>}
			{v.text} <span class="unit">{v.unit}</span>
		</span>
	);
}

function Strings({ batteries }: { batteries: Batteries }) {
	const has = (what: string) => batteries.strings.some((s) => s.readings[what]);
	const spread = QUANTITIES.filter(([what]) =>
		batteries.strings.some((s) => batteries.stats.has(`${s.string} ${what}`)),
	).filter(([what]) => what === "voltage" || what === "temperature" || what === "resistance");
	const own = (["voltage", "current", "temperature"] as const).filter(has);
	const units = { voltage: "V", current: "A", temperature: "°C" };
	return (
		<section class="card table-card" aria-label={t("block.strings")}>
			<table class="table">
				<caption class="card-caption">{t("block.strings")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("block.string")}</th>
						<th scope="col" class="num">
							{t("block.count")}
						</th>
						{own.map((w) => (
							<th scope="col" class="num" key={w}>
								{tryT(`block.${w}`, w)}
							</th>
						))}
						{has("status") && <th scope="col">{t("col.state")}</th>}
						{spread.map(([w]) => (
							<th scope="col" class="num" key={w}>
								{t("block.range", { what: tryT(`block.${w}`, w) })}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{batteries.strings.map((s) => (
						<tr key={s.id}>
							<th scope="row">{t("block.string_n", { n: s.string })}</th>
							<td class="num">
								{number(
									batteries.blocks.filter(
										(b) => b.string === s.string,
									).length,
								)}
							</td>
							{own.map((w) => {
								const r = s.readings[w];
								const v =
									r?.value == null
										? null
										: quantity(r.value, units[w]);
								return (
									<td
										class={`num${r?.quality === "stale" ? " stale" : ""}`}
										key={w}
									>
										{v ? (
											<>
												{v.text}{" "}
												<span class="unit">
													{v.unit}
												</span>
											</>
										) : r ? (
											<span class="gone">?</span>
										) : (
											"–"
										)}
									</td>
								);
							})}
							{has("status") && (
								<td>
									{wordText(s.readings.status?.text ?? "") || "–"}
								</td>
							)}
							{spread.map(([w]) => {
								const x = batteries.stats.get(`${s.string} ${w}`);
								return (
									<td class="num" key={w}>
										{x ? (
											<>
												{alone(w, x.min)} …{" "}
												{alone(w, x.max)}
												<span class="muted small block">
													{t(
														"block.spread",
														{
															value: alone(
																w,
																x.spread,
															),
														},
													)}
												</span>
											</>
										) : (
											"–"
										)}
									</td>
								);
							})}
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

const wanted = (e: KeyboardEvent): boolean => isCommand(e) && !inChord();
const reading = (b: Unit, what: string): number => b.readings[what]?.value ?? Number.POSITIVE_INFINITY;
const worstHeat = (b: Unit, all: Batteries): number =>
	Math.max(
		...QUANTITIES.map(([w]) => {
			const v = b.readings[w]?.value;
			return v == null ? 0 : Math.abs(heat(w, v, all.stats.get(`${b.string} ${w}`)));
		}),
	);

const CALM = /^(|ok|good|normal|online|0)$/i;

/** What somebody walking through the blocks would stop at. */
const conspicuous = (b: Unit, all: Batteries): boolean =>
	worstHeat(b, all) > 0 ||
	!CALM.test(b.readings.status?.text ?? "") ||
	Object.values(b.readings).some((r) => r.quality !== "good");

function sorted(blocks: Unit[], sort: string): Unit[] {
	const down = sort.startsWith("-");
	const by = down ? sort.slice(1) : sort;
	const sign = down ? -1 : 1;
	if (by === "block") return down ? [...blocks].reverse() : blocks;
	const key = (b: Unit): number | string => (by === "status" ? (b.readings.status?.text ?? "") : reading(b, by));
	return blocks
		.map((b, i) => ({ b, i, k: key(b) }))
		.sort((a, b) => {
			// what is not known comes last, whichever the direction
			if (a.k === Number.POSITIVE_INFINITY || b.k === Number.POSITIVE_INFINITY)
				return a.k === b.k ? a.i - b.i : a.k === Number.POSITIVE_INFINITY ? 1 : -1;
			return a.k < b.k ? -sign : a.k > b.k ? sign : a.i - b.i;
		})
		.map((x) => x.b);
}

export function Blocks({
	points,
	judge,
}: {
	points: Map<string, LivePoint>;
	judge: (p: LivePoint) => { quality: Reading["quality"]; age: number | null };
}) {
	const { query, route, path } = useLocation();
	const all = collect(points.values(), judge); // anew each time: values age also while none come
	const sort = query.sort ?? "block";
	const string = query.string ?? "";
	const only = query.only === "1";
	const set = (change: Record<string, string>) => {
		const next = new URLSearchParams({ ...query, ...change });
		for (const [k, v] of [...next]) if (!v) next.delete(k);
		route(`${path}?${next}`, true);
	};
	const rows = sorted(
		all.blocks.filter((b) => (!string || String(b.string) === string) && (!only || conspicuous(b, all))),
		sort,
	);
	const has = (what: string) => all.blocks.some((b) => b.readings[what]);
	const columns: Column<Unit>[] = [
		{
			id: "block",
			head: t("block.block"),
			sort: true,
			rowHeader: true,
			cell: (b) => (
				<>
					{all.strings.length > 1 && (
						<span class="muted">{t("block.string_n", { n: b.string })} · </span>
					)}
					{t("block.block_n", { n: b.block })}
				</>
			),
		},
		...QUANTITIES.filter(([w]) => has(w)).map(
			([w]): Column<Unit> => ({
				id: w,
				head: tryT(`block.${w}`, w),
				sort: true,
				class: "num heat-col",
				cell: (b) => <Value r={b.readings[w]} what={w} b={b} batteries={all} />,
			}),
		),
		...(has("status")
			? [
					{
						id: "status",
						head: t("col.state"),
						sort: true,
						cell: (b: Unit) => wordText(b.readings.status?.text ?? "") || "–",
					},
				]
			: []),
		{
			id: "age",
			head: t("col.age"),
			class: "num wide grow-end",
			cell: (b) => {
				const list = Object.values(b.readings);
				const ages = list.map((r) => r.age).filter((a): a is number => a !== null);
				return (
					<Age
						seconds={ages.length ? Math.max(...ages) : null}
						stale={list.some(
							(r) => r.quality === "stale" || r.quality === "unknown",
						)}
					/>
				);
			},
		},
	];
	if (!all.strings.length) return <Empty text={t("empty.blocks")} />;
	return (
		<div class="blocks" data-testid="blocks">
			<Strings batteries={all} />
			{all.blocks.length > 0 && (
				<div class="card table-card fill-card">
					<div class="card-line inset">
						<h2>
							{t("block.blocks")}{" "}
							<span class="muted num small">
								{rows.length === all.blocks.length
									? number(rows.length)
									: t("list.of", {
											n: rows.length,
											all: all.blocks.length,
										})}
							</span>
						</h2>
						{all.strings.length > 1 && (
							<label class="select">
								<span class="visually-hidden">{t("block.string")}</span>
								<select
									value={string}
									onChange={(e) =>
										set({ string: e.currentTarget.value })
									}
								>
									<option value="">
										{t("block.all_strings")}
									</option>
									{all.strings.map((s) => (
										<option
											value={String(s.string)}
											key={s.id}
										>
											{t("block.string_n", {
												n: s.string,
											})}
										</option>
									))}
								</select>
							</label>
						)}
						<label class="chip">
							<input
								type="checkbox"
								checked={only}
								onChange={(e) =>
									set({
										only: e.currentTarget.checked
											? "1"
											: "",
									})
								}
							/>
							{t("block.only")}
						</label>
						<Legend />
					</div>
					{rows.length === 0 ? (
						<Empty text={t("block.calm")} />
					) : (
						<Table
							caption={t("block.blocks")}
							columns={columns}
							rows={rows}
							rowId={(b) => b.id}
							sort={sort}
							onSort={(x) => set({ sort: x })}
							keysWanted={wanted}
						/>
					)}
				</div>
			)}
		</div>
	);
}

/** What the colours mean, in words and order. */
function Legend() {
	return (
		<span class="heat-legend small" title={t("block.legend_hint")}>
			<span class="muted">{t("block.below")}</span>
			{[-2, -1, 0, 1, 2].map((h) => (
				<span class={`heat-key heat-${h}`} key={h} />
			))}
			<span class="muted">{t("block.above")}</span>
		</span>
	);
}
