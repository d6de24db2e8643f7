// SPDX-License-Identifier: Apache-2.0
// Groups of which some have to work: state, what may still fail, power left, every member with its reason, "what if".
import { useEffect, useState } from "preact/hooks";
import {
	type GroupState,
	getDeviceGroups,
	getParts,
	getRedundancy,
	type Part,
	type Redundancy,
	removeRedundancy,
	type State,
	type WhatIf,
	whatIf,
} from "../api/groups";
import type { Severity } from "../api/types";
import { number, t, when } from "../i18n";
import { onEvent } from "../state/live";
import { can } from "../state/session";
import { DeviceName, Empty, ErrorBox, guard, problemOf, problemTitle, Skeleton } from "../ui/common";
import { Icon } from "../ui/icons";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";
import { Scroll } from "../ui/scroll";
import { Shape } from "../ui/shape";
import { RedundancyEdit } from "./redundancy_edit";
import { Removal } from "./removal";

const AGAIN_MS = 5000;

/** As the alarms of the group are: works with all, works but less, fails, nobody can tell. */
export function severityOf(s: Pick<State, "state" | "failed">, lost: Severity): Severity {
	if (s.state === "fails") return lost;
	if (s.state === "unknown") return "unknown";
	return s.failed > 0 ? "minor" : "normal";
}

const kw = (v: number | null): string => (v === null ? "–" : `${number(v, Math.abs(v) < 10 ? 1 : 0)} kW`);
const stateText = (s: GroupState): string => t(`redundancy.${s}`);

function Badge({ s, need }: { s: State; need: number }) {
	return (
		<span class="redundancy-badge num">
			{t("redundancy.badge", {
				working: number(s.working),
				total: number(s.total),
				need: number(need),
			})}
		</span>
	);
}

function Facts({ s }: { s: State }) {
	const facts: [string, string][] = [
		[t("redundancy.spare"), number(s.spare)],
		[t("redundancy.failed_n"), number(s.failed)],
		[t("redundancy.unknown_n"), number(s.unknown)],
		[t("redundancy.load"), kw(s.load_kw)],
		[t("redundancy.capacity"), kw(s.capacity_kw)],
		[t("redundancy.spare_kw"), kw(s.spare_kw)],
	];
	return (
		<dl class="fact-row">
			{facts.map(([k, v]) => (
				<div key={k}>
					<dt>{k}</dt>
					<dd class="num">{v}</dd>
				</div>
			))}
		</dl>
	);
}

const PART: Record<GroupState, Severity> = { works: "normal", fails: "major", unknown: "unknown" };

function Parts({
	parts,
	failing,
	toggle,
}: {
	parts: readonly Part[];
	failing: ReadonlySet<string>;
	toggle: (id: string) => void;
}) {
	return (
		<Scroll kind="table-wide" label={t("redundancy.members")}>
			<table class="table slim">
				<caption class="visually-hidden">{t("redundancy.members")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("redundancy.if_fails")}</th>
						<th scope="col">{t("col.state")}</th>
						<th scope="col">{t("redundancy.member")}</th>
						<th scope="col" class="grow">
							{t("redundancy.why")}
						</th>
						<th scope="col" class="num wide">
							{t("redundancy.load")}
						</th>
						<th scope="col" class="num wide">
							{t("redundancy.capacity")}
						</th>
					</tr>
				</thead>
				<tbody>
					{parts.map((p) => (
						<tr key={`${p.kind} ${p.name}`} data-id={p.name}>
							<td>
								<input
									type="checkbox"
									disabled={!p.device_id}
									checked={failing.has(p.device_id)}
									aria-label={t("redundancy.fail_one", {
										name: p.name,
									})}
									onChange={() => toggle(p.device_id)}
								/>
							</td>
							<td>
								<span class="state-cell">
									<Shape severity={PART[p.state]} size={16} />{" "}
									{t(`redundancy.part_${p.state}`)}
								</span>
							</td>
							<th scope="row">
								{p.device_id ? (
									<DeviceName id={p.device_id} path={p.name} />
								) : (
									p.name
								)}
							</th>
							<td class="grow wrap">{p.why}</td>
							<td class="num wide">{kw(p.load_kw)}</td>
							<td class="num wide">{kw(p.capacity_kw)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</Scroll>
	);
}

function Outcome({ w, g }: { w: WhatIf; g: Redundancy }) {
	const then = severityOf(w.after, g.severity);
	return (
		<div class="outcome" role="status" data-testid="what-if">
			<Shape severity={then} size={22} label />
			<div>
				<p>
					<strong>{t("redundancy.then", { state: stateText(w.after.state) })}</strong>{" "}
					<Badge s={w.after} need={g.need} />
				</p>
				<p class="muted">
					{t("redundancy.then_power", {
						spare: number(w.after.spare),
						load: kw(w.after.load_kw),
						capacity: kw(w.after.capacity_kw),
						left: kw(w.after.spare_kw),
					})}
				</p>
				{w.also.length > 0 && (
					<>
						<p>{t("redundancy.also")}</p>
						<ul class="plain">
							{w.also.map((a) => (
								<li key={a.key}>
									{a.name}: {stateText(a.now)} →{" "}
									<strong>{stateText(a.after)}</strong>
								</li>
							))}
						</ul>
					</>
				)}
			</div>
		</div>
	);
}

function Open({ g }: { g: Redundancy }) {
	const load = useLoad(() => getParts(g.id || g.key), g.key, AGAIN_MS);
	const [failing, setFailing] = useState<ReadonlySet<string>>(new Set());
	const [outcome, setOutcome] = useState<WhatIf | null>(null);
	const toggle = (id: string) => {
		const next = new Set(failing);
		if (!next.delete(id)) next.add(id);
		setFailing(next);
		setOutcome(null);
	};
	const ask = async () => {
		try {
			setOutcome(await whatIf(g.id || g.key, [...failing]));
		} catch (e) {
			const p = problemOf(e);
			say(p.detail || problemTitle(p), true);
		}
	};
	return (
		<div class="redundancy-open">
			{load.problem && <ErrorBox problem={load.problem} retry={load.reload} />}
			{load.data ? (
				<Parts parts={load.data} failing={failing} toggle={toggle} />
			) : load.data === null && !load.problem ? (
				<Skeleton rows={3} />
			) : null}
			<div class="button-row">
				<button
					type="button"
					class="button small"
					disabled={!failing.size || guard(true, "").disabled}
					onClick={() => void ask()}
				>
					{t("redundancy.ask", { n: failing.size })}
				</button>
				<span class="muted small">{t("redundancy.ask_hint")}</span>
			</div>
			{outcome && <Outcome w={outcome} g={g} />}
		</div>
	);
}

function Card({
	g,
	open,
	toggle,
	edit,
	leave,
}: {
	g: Redundancy;
	open: boolean;
	toggle: () => void;
	edit: () => void;
	leave: () => void;
}) {
	const off = guard(can("configure"), "configure");
	const severity = severityOf(g, g.severity);
	return (
		<section
			class={`card redundancy sev-${severity}`}
			aria-label={g.name}
			data-id={g.key}
			data-state={g.state}
		>
			<div class="card-line nowrap">
				<Shape severity={severity} size={24} label />
				<div class="redundancy-title">
					<h2>
						{g.name} <span class="muted small">{g.key}</span>
					</h2>
					<p>
						<strong class={`sev-text sev-${severity}`}>{stateText(g.state)}</strong>{" "}
						<Badge s={g} need={g.need} />{" "}
						{g.since && (
							<span class="muted small num">
								{t("redundancy.since", { time: when(g.since) })}
							</span>
						)}
					</p>
				</div>
				<span class="row-buttons push">
					<button
						type="button"
						class="button small"
						aria-expanded={open}
						onClick={toggle}
					>
						{t("redundancy.members")}
					</button>
					<button
						type="button"
						class="button small"
						{...off}
						aria-label={t("group.edit_one", { name: g.name })}
						onClick={edit}
					>
						{t("edit")}
					</button>
					<button
						type="button"
						class="button small"
						{...off}
						aria-label={t("group.remove_one", { name: g.name })}
						onClick={leave}
					>
						{t("remove")}
					</button>
				</span>
			</div>
			<Facts s={g} />
			{open && <Open g={g} />}
		</section>
	);
}

export function RedundancyGroups() {
	const load = useLoad(getRedundancy, "", AGAIN_MS);
	const groups = useLoad(getDeviceGroups);
	const [open, setOpen] = useState("");
	const [editing, edit] = useState<Redundancy | "new" | null>(null);
	const [leaving, leave] = useState<Redundancy | null>(null);
	const off = guard(can("configure"), "configure");
	useEffect(() => onEvent("redundancy", load.reload), [load.reload]);
	return (
		<div class="stack-cards" data-testid="redundancy-groups">
			<div class="card-line">
				<p class="muted small">{t("redundancy.hint")}</p>
				<button type="button" class="button small push" {...off} onClick={() => edit("new")}>
					<Icon name="plus" size={16} /> {t("redundancy.new")}
				</button>
			</div>
			<Shown of={load} rows={4}>
				{(all) =>
					all.length === 0 ? (
						<Empty text={t("empty.redundancy")} />
					) : (
						all.map((g) => (
							<Card
								key={g.key}
								g={g}
								open={open === g.key}
								toggle={() => setOpen(open === g.key ? "" : g.key)}
								edit={() => edit(g)}
								leave={() => leave(g)}
							/>
						))
					)
				}
			</Shown>
			{editing && (
				<RedundancyEdit
					g={editing === "new" ? null : editing}
					groupKeys={(groups.data ?? []).map((x) => x.key)}
					others={(load.data ?? []).map((x) => x.key)}
					onClose={() => edit(null)}
					onSaved={load.reload}
				/>
			)}
			{leaving && (
				<Removal
					title={t("group.remove_one", { name: leaving.name })}
					text={t("redundancy.remove_text")}
					remove={() => removeRedundancy(leaving.id || leaving.key)}
					onClose={() => leave(null)}
					onDone={load.reload}
				/>
			)}
		</div>
	);
}
