// SPDX-License-Identifier: Apache-2.0
// The list of devices. Filter and order live in the URL.

import { useMemo } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { SEVERITIES, type Severity } from "../api/types";
import { number, t } from "../i18n";
import { severityWord, statusWords, valueText } from "../i18n/terms";
import { tick } from "../state/clock";
import { ageOf, type Device, devices, fleet, fleetVersion, QUICK, quick, useFleetRefresh } from "../state/fleet";
import { can } from "../state/session";
import { type Column, Table } from "../table/table";
import { Age, Empty, Meter, Pending, Title } from "../ui/common";
import { Icon } from "../ui/icons";
import { inChord, isCommand } from "../ui/keys";
import { Shape } from "../ui/shape";

type Quick = keyof typeof QUICK;

function value(d: Device, what: Quick): number | null {
	const p = quick(d, QUICK[what]);
	return p && typeof p.value === "number" && p.quality !== "unknown" ? p.value : null;
}

function Cell({ d, what, meter }: { d: Device; what: Quick; meter?: boolean }) {
	const p = quick(d, QUICK[what]);
	if (!p || p.value === null) return <span class="muted">–</span>;
	if (p.quality === "unknown" || d.comm !== "ok") return <span class="gone">?</span>;
	const v = valueText(p);
	const n = typeof p.value === "number" ? p.value : 0;
	return (
		<span class={p.quality === "good" ? "" : "stale"}>
			{meter && (
				<Meter value={n} label={`${number(n)} %`} low={what === "charge" ? n < 30 : n > 90} />
			)}
			{v.text} <span class="unit">{v.unit}</span>
		</span>
	);
}

const KEYS: Record<string, (d: Device) => string | number> = {
	severity: (d) => SEVERITIES.indexOf(d.severity) * 2 + (d.unack ? 0 : 1),
	name: (d) => d.name,
	site: (d) => d.site,
	status: (d) => d.status,
	load: (d) => -(value(d, "load") ?? -1),
	charge: (d) => value(d, "charge") ?? 1000,
	runtime: (d) => value(d, "runtime") ?? 1e9,
	input: (d) => value(d, "input") ?? 1e9,
	contact: (d) => -(ageOf(d) ?? 1e9),
};

function sorted(list: Device[], sort: string): Device[] {
	const down = sort.startsWith("-");
	const key = KEYS[down ? sort.slice(1) : sort] ?? KEYS.severity!;
	const sign = down ? -1 : 1;
	return list
		.map((d) => ({ d, k: key(d) }))
		.sort((a, b) => (a.k < b.k ? -sign : a.k > b.k ? sign : a.d.key < b.d.key ? -1 : 1))
		.map((e) => e.d);
}

function columns(): Column<Device>[] {
	return [
		{
			id: "severity",
			head: t("col.state"),
			sort: true,
			class: "state-col",
			cell: (d) => (
				<span class="state-cell">
					<Shape
						severity={d.severity}
						size={17}
						ring={d.unack > 0}
						acked={d.active > 0 && d.unack === 0}
					/>
					<span class="wide-inline">{severityWord(d.severity)}</span>
				</span>
			),
		},
		{
			id: "name",
			head: t("col.name"),
			sort: true,
			rowHeader: true,
			cell: (d) => <a href={`/devices/${d.id}`}>{d.name}</a>,
		},
		{
			id: "site",
			head: t("col.site"),
			sort: true,
			class: "wide site-col",
			cell: (d) => (
				<a class="quiet" title={d.site} href={`/map/${d.site}`}>
					{d.site}
				</a>
			),
		},
		{
			id: "status",
			head: t("col.status"),
			sort: true,
			class: "grow",
			cell: (d) => statusWords(d.status, d.comm),
		},
		{
			id: "load",
			head: t("col.load"),
			sort: true,
			class: "num",
			cell: (d) => <Cell d={d} what="load" meter />,
		},
		{
			id: "charge",
			head: t("col.charge"),
			sort: true,
			class: "num",
			cell: (d) => <Cell d={d} what="charge" meter />,
		},
		{
			id: "runtime",
			head: t("col.runtime"),
			sort: true,
			class: "num",
			cell: (d) => <Cell d={d} what="runtime" />,
		},
		{
			id: "input",
			head: t("col.input"),
			sort: true,
			class: "num wide",
			cell: (d) => <Cell d={d} what="input" />,
		},
		{
			id: "contact",
			head: t("col.contact"),
			sort: true,
			class: "num wide",
			cell: (d) => <Age seconds={ageOf(d)} stale={d.comm !== "ok"} />,
		},
	];
}

const wanted = (e: KeyboardEvent): boolean => isCommand(e) && !inChord();

export function Devices() {
	fleetVersion.value;
	tick.value;
	useFleetRefresh();
	const { query, route, path } = useLocation();
	const q = query.q ?? "";
	const severity = (query.severity ?? "") as Severity | "";
	const sort = query.sort ?? "severity";
	const set = (change: Record<string, string>) => {
		const next = new URLSearchParams({ ...query, ...change });
		for (const [k, v] of [...next]) if (!v) next.delete(k);
		const s = next.toString();
		route(s ? `${path}?${s}` : path, true);
	};
	const words = useMemo(() => q.toLowerCase().split(/\s+/).filter(Boolean), [q]);

	const all = [...devices.values()];
	const rows = sorted(
		all.filter((d) => {
			if (severity && d.severity !== severity) return false;
			const hay = `${d.key} ${d.model} ${d.address} ${d.status}`.toLowerCase();
			return words.every((w) => hay.includes(w));
		}),
		sort,
	);

	return (
		<div class="screen">
			<div class="screen-head">
				<Title>{t("nav.devices")}</Title>
				{fleet.phase.value === "ready" && (
					<span class="muted num">
						{rows.length === all.length
							? t("devices.n", { n: all.length })
							: t("devices.of", { n: rows.length, all: all.length })}
					</span>
				)}
				<label class="filter">
					<span class="visually-hidden">{t("devices.filter")}</span>
					<input
						type="search"
						placeholder={t("devices.filter")}
						value={q}
						onInput={(e) => set({ q: e.currentTarget.value })}
					/>
				</label>
				<label class="select">
					<span class="visually-hidden">{t("col.state")}</span>
					<select
						value={severity}
						onChange={(e) => set({ severity: e.currentTarget.value })}
					>
						<option value="">{t("filter.all_severities")}</option>
						{SEVERITIES.filter((s) => s !== "info").map((s) => (
							<option value={s} key={s}>
								{severityWord(s)}
							</option>
						))}
					</select>
				</label>
				{can("configure") && (
					<a class="button" href="/devices/add">
						<Icon name="plus" size={16} /> {t("devices.add")}
					</a>
				)}
			</div>
			{fleet.phase.value !== "ready" ? (
				<Pending
					phase={fleet.phase.value}
					problem={fleet.problem.value}
					retry={() => void fleet.load()}
					rows={10}
				/>
			) : all.length === 0 ? (
				<Empty text={t("empty.fleet")}>
					<span class="button-row">
						<a class="button primary" href="/discovery">
							{t("devices.discover")}
						</a>
						<a class="button" href="/devices/add">
							{t("devices.add")}
						</a>
					</span>
				</Empty>
			) : rows.length === 0 ? (
				<Empty text={t("empty.filter")}>
					<button
						type="button"
						class="button"
						onClick={() => set({ q: "", severity: "" })}
					>
						{t("filter.clear")}
					</button>
				</Empty>
			) : (
				<Table
					caption={t("nav.devices")}
					columns={columns()}
					rows={rows}
					rowId={(d) => d.id}
					sort={sort}
					onSort={(s) => set({ sort: s })}
					onOpen={(d) => route(`/devices/${d.id}`)}
					keysWanted={wanted}
				/>
			)}
		</div>
	);
}
