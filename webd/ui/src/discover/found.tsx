// SPDX-License-Identifier: Apache-2.0
// The hits of a search: tick, name, add. What is known already cannot be added twice; what moved takes its new address.
import { useMemo, useState } from "preact/hooks";
import { addHits } from "../api/admin";
import type { AddResult, Credential, Hit } from "../api/admin_types";
import type { Raw } from "../api/shape";
import { number, t } from "../i18n";
import { devices, fleet, fleetVersion } from "../state/fleet";
import { can } from "../state/session";
import { type Column, Table } from "../table/table";
import { Empty, guard, problemOf, problemTitle } from "../ui/common";
import { inChord, isCommand } from "../ui/keys";
import { say } from "../ui/notice";
import { Shape } from "../ui/shape";
import { byAddress, clashes, fits, type Kind, kindOf, moveTo, suggest } from "./hits";

const KINDS: readonly Kind[] = ["new", "moved", "known"];
const AT_ONCE = 200; // what one request may hold

export function Found({
	job,
	hits,
	credentials,
	done,
	again,
}: {
	job: string;
	hits: Hit[];
	credentials: readonly Credential[];
	done: boolean;
	again: () => void;
}) {
	fleetVersion.value;
	const [ticked, tick] = useState<ReadonlySet<number>>(new Set());
	const [edited, edit] = useState<ReadonlyMap<number, string>>(new Map());
	const [results, setResults] = useState<ReadonlyMap<number, AddResult>>(new Map());
	const [kind, show] = useState<Kind | "">("");
	const [filter, setFilter] = useState("");
	const [site, setSite] = useState("");
	const [busy, setBusy] = useState(false);
	const taken = new Set([...devices.values()].map((d) => d.key));
	const off = guard(can("configure"), "configure");

	const keys = useMemo(
		() =>
			suggest(
				hits.filter((h) => kindOf(h) === "new"),
				"",
				edited,
				taken,
			),
		// names once given stay, whatever is added meanwhile
		[hits, edited],
	);
	const added = (h: Hit) => results.get(h.seq)?.ok === true;
	const canTick = (h: Hit) => kindOf(h) !== "known" && !added(h);
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	// what was just added stays in sight, although it is known from now on
	const rows = hits.filter((h) => (!kind || kindOf(h) === kind || added(h)) && fits(h, words)).sort(byAddress);
	const tickable = rows.filter(canTick);
	const chosen = hits.filter((h) => ticked.has(h.seq) && canTick(h));
	const fresh = chosen.filter((h) => kindOf(h) === "new");
	const bad = clashes(
		fresh.map((h) => h.seq),
		keys,
		taken,
	);
	const set = (list: readonly Hit[], on: boolean) => {
		const next = new Set(ticked);
		for (const h of list) {
			if (on) next.add(h.seq);
			else next.delete(h.seq);
		}
		tick(next);
	};
	const rename = (list: readonly Hit[], to: (h: Hit) => string) => {
		const next = new Map(edited);
		for (const h of list) next.set(h.seq, to(h));
		edit(next);
	};
	const send = async (list: readonly Hit[]) => {
		const rows: Raw[] = list.map((h) =>
			h.known?.moved
				? { seq: h.seq, device_id: h.known.device_id }
				: { seq: h.seq, key: (keys.get(h.seq) ?? "").trim() },
		);
		setBusy(true);
		try {
			const answers: AddResult[] = [];
			for (let i = 0; i < rows.length; i += AT_ONCE)
				answers.push(...(await addHits(job, rows.slice(i, i + AT_ONCE))));
			const next = new Map(results);
			for (const r of answers) next.set(r.seq, r);
			setResults(next);
			const ok = answers.filter((r) => r.ok);
			set(
				hits.filter((h) => ok.some((r) => r.seq === h.seq)),
				false,
			);
			const failed = answers.length - ok.length;
			if (failed) say(t("discovery.some_failed", { n: failed }), true);
			else say(t("discovery.added", { n: ok.length }));
			await fleet.load();
			again();
		} catch (e) {
			const p = problemOf(e);
			say(p.detail ? `${problemTitle(p)}: ${p.detail}` : problemTitle(p), true);
		}
		setBusy(false);
	};

	const columns: Column<Hit>[] = [
		{
			id: "tick",
			head: (
				<input
					type="checkbox"
					aria-label={t("discovery.tick_all")}
					disabled={tickable.length === 0}
					checked={tickable.length > 0 && tickable.every((h) => ticked.has(h.seq))}
					onChange={(e) => set(tickable, e.currentTarget.checked)}
				/>
			),
			class: "check-col",
			cell: (h) => (
				<input
					type="checkbox"
					aria-label={t("discovery.tick", { address: h.address })}
					disabled={!canTick(h)}
					checked={ticked.has(h.seq) && canTick(h)}
					onChange={(e) => set([h], e.currentTarget.checked)}
				/>
			),
		},
		{
			id: "address",
			head: t("discovery.address"),
			rowHeader: true,
			cell: (h) => (
				<>
					{h.address}
					{h.port !== 161 && <span class="muted">:{h.port}</span>}
				</>
			),
		},
		{
			id: "model",
			head: t("discovery.model"),
			class: "model-col",
			cell: (h) => {
				const model = [h.mfr, h.model].filter(Boolean).join(" ");
				return (
					<span title={h.sysdescr}>
						{model || <span class="muted">{h.sysdescr || "–"}</span>}
					</span>
				);
			},
		},
		{
			id: "profile",
			head: t("discovery.profile"),
			class: "wide site-col",
			cell: (h) => <span title={h.profile}>{h.profile_title || h.profile || "–"}</span>,
		},
		{ id: "serial", head: t("discovery.serial"), class: "wide", cell: (h) => h.serial || h.mac || "–" },
		{
			id: "credential",
			head: t("discovery.credential"),
			class: "wide",
			cell: (h) => credentials.find((c) => c.id === h.credential_id)?.name ?? "–",
		},
		{
			id: "ms",
			head: t("discovery.ms"),
			class: "num wide",
			cell: (h) => (h.ms === null ? "–" : `${number(h.ms, h.ms < 10 ? 1 : 0)} ms`),
		},
		{
			id: "key",
			head: t("discovery.key"),
			class: "grow key-col",
			cell: (h) => (
				<KeyCell
					h={h}
					value={keys.get(h.seq) ?? ""}
					ticked={ticked.has(h.seq)}
					bad={bad.has(h.seq)}
					result={results.get(h.seq)}
					off={off}
					onInput={(key) => rename([h], () => key)}
					take={() => void send([h])}
				/>
			),
		},
	];
	const counts = new Map(KINDS.map((k) => [k, hits.filter((h) => kindOf(h) === k).length]));
	return (
		<>
			<div class="card-line inset found-head">
				<fieldset class="chips">
					<legend class="visually-hidden">{t("discovery.show")}</legend>
					{KINDS.map((k) => (
						<label class="chip" key={k}>
							<input
								type="checkbox"
								checked={kind === k}
								onChange={() => show(kind === k ? "" : k)}
							/>
							{t(`discovery.kind.${k}`)}{" "}
							<span class="num muted">{number(counts.get(k) ?? 0)}</span>
						</label>
					))}
				</fieldset>
				<label class="filter">
					<span class="visually-hidden">{t("discovery.filter")}</span>
					<input
						type="search"
						placeholder={t("discovery.filter")}
						value={filter}
						onInput={(e) => setFilter(e.currentTarget.value)}
					/>
				</label>
			</div>
			{hits.length === 0 ? (
				<Empty text={t(done ? "empty.hits" : "discovery.waiting")} />
			) : rows.length === 0 ? (
				<Empty text={t("empty.filter")} />
			) : (
				<Table
					caption={t("discovery.found")}
					columns={columns}
					rows={rows}
					rowId={(h) => String(h.seq)}
					rowClass={(h) => (ticked.has(h.seq) && canTick(h) ? "selected" : "")}
					keysWanted={(e) => isCommand(e) && !inChord()}
					onKey={(key, row) => {
						if (key !== "x" || !row || !canTick(row)) return false;
						set([row], !ticked.has(row.seq));
						return true;
					}}
				/>
			)}
			<div class="action-bar" data-testid="add-bar">
				<span class="num">{t("discovery.ticked", { n: chosen.length })}</span>
				<button
					type="button"
					class="button small"
					disabled={chosen.length === 0}
					onClick={() => set(hits, false)}
				>
					{t("discovery.tick_none")}
				</button>
				<label class="inline-field">
					<span>{t("discovery.site")}</span>
					<input
						value={site}
						placeholder="de/hamburg/building-a"
						spellcheck={false}
						onInput={(e) => setSite(e.currentTarget.value)}
					/>
				</label>
				<button
					type="button"
					class="button small"
					disabled={fresh.length === 0}
					onClick={() => rename(fresh, (h) => moveTo(keys.get(h.seq) ?? "", site))}
				>
					{t("discovery.set_site")}
				</button>
				{bad.size > 0 && (
					<span class="field-trouble small" role="status">
						{t("discovery.clash", { n: bad.size })}
					</span>
				)}
				<button
					type="button"
					class="button primary push"
					{...off}
					disabled={off.disabled || busy || chosen.length === 0 || bad.size > 0}
					onClick={() => void send(chosen)}
				>
					{t("discovery.add", { n: chosen.length })}
				</button>
			</div>
		</>
	);
}

function KeyCell({
	h,
	value,
	ticked,
	bad,
	result,
	off,
	onInput,
	take,
}: {
	h: Hit;
	value: string;
	ticked: boolean;
	bad: boolean;
	result: AddResult | undefined;
	off: { disabled: boolean; title?: string };
	onInput: (key: string) => void;
	take: () => void;
}) {
	if (result?.ok)
		return (
			<span class="hit-state">
				<Shape severity="normal" size={15} /> {t("discovery.is_added")}{" "}
				<a href={`/devices/${result.device_id || h.known?.device_id}`}>
					{value || h.known?.key}
				</a>
			</span>
		);
	const error = result && !result.ok && (
		<span class="field-trouble small" title={result.error}>
			{result.error}
		</span>
	);
	if (h.known?.moved)
		return (
			<span class="hit-state">
				<span class="moved-word">{t("discovery.moved")}</span>
				<a href={`/devices/${h.known.device_id}`}>{h.known.key}</a>
				<span class="muted small">
					{t("discovery.was_at", {
						address: devices.get(h.known.device_id)?.address ?? "?",
					})}
				</span>
				<button type="button" class="button small" {...off} onClick={take}>
					{t("discovery.take")}
				</button>
				{error}
			</span>
		);
	if (h.known)
		return (
			<span class="hit-state muted">
				{h.known.changed && <span class="moved-word">{t("discovery.changed")}</span>}
				{t("discovery.known")} <a href={`/devices/${h.known.device_id}`}>{h.known.key}</a>
			</span>
		);
	return (
		<span class="hit-state">
			<input
				class="key-input"
				aria-label={t("discovery.key_of", { address: h.address })}
				aria-invalid={ticked && bad}
				value={value}
				spellcheck={false}
				onInput={(e) => onInput(e.currentTarget.value)}
			/>
			{error}
		</span>
	);
}
