// SPDX-License-Identifier: Apache-2.0
// All rules by scope, the built-in ones last; a filter; the ways to a new one and to all of them as text.
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { getRules, type Rule, SCOPES } from "../api/rules";
import { duration, t } from "../i18n";
import { said } from "../i18n/said";
import { severityWord } from "../i18n/terms";
import { conditionWords, scopeTitle, severitiesOf, titleOf } from "../rule/words";
import { can } from "../state/session";
import { Count, Empty, guard, Title } from "../ui/common";
import { Icon } from "../ui/icons";
import { Shown, useLoad } from "../ui/load";
import { Scroll } from "../ui/scroll";
import { Shape } from "../ui/shape";

function holdWords(r: Rule): string {
	const on = r.on_delay_s ? t("rules.after", { time: duration(r.on_delay_s) }) : "";
	const off = r.off_delay_s ? t("rules.until", { time: duration(r.off_delay_s) }) : "";
	return [on, off, r.latch ? t("rules.latched") : ""].filter(Boolean).join(", ");
}

function Row({ r, adjusted }: { r: Rule; adjusted: boolean }) {
	const off = guard(can("configure"), "configure");
	const to = `/rules/edit?${new URLSearchParams(r.entry ? { entry: r.entry } : { id: r.id })}`;
	const label = t(r.builtin ? "rules.adjust_one" : "rules.edit_one", { name: titleOf(r) });
	return (
		<tr data-id={r.entry || r.id} class={r.enabled ? "" : "ended"}>
			<td class="state-col">
				<span class="state-cell">
					{severitiesOf(r).map((s) => (
						<Shape severity={s} size={16} key={s} label />
					))}
					{severitiesOf(r).length === 1 && (
						<span class="wide-inline">{severityWord(severitiesOf(r)[0]!)}</span>
					)}
				</span>
			</td>
			<th scope="row" class="wrap">
				{titleOf(r)} <span class="muted small">{r.id}</span>
				{!r.enabled && <span class="mark-badge">{t("rules.off")}</span>}
				{adjusted && <span class="mark-badge">{t("rules.adjusted")}</span>}
			</th>
			<td class="wrap">
				{conditionWords(r)}
				{holdWords(r) && <span class="muted small block">{holdWords(r)}</span>}
			</td>
			<td class="grow" title={said(r.action)}>
				{said(r.action) || (
					<span class="muted">
						{r.enabled && r.kind !== "builtin" ? t("rules.no_action") : ""}
					</span>
				)}
			</td>
			<td>
				{off.disabled ? (
					<button type="button" class="button small" {...off} aria-label={label}>
						{t(r.builtin ? "rules.adjust" : "rules.edit_short")}
					</button>
				) : (
					<a class="button small" href={to} aria-label={label}>
						{t(r.builtin ? "rules.adjust" : "rules.edit_short")}
					</a>
				)}
			</td>
		</tr>
	);
}

function Section({ title, rules, adjusted }: { title: string; rules: readonly Rule[]; adjusted: ReadonlySet<string> }) {
	return (
		<div class="card table-card">
			<div class="card-line inset">
				<h2>
					{title} <Count n={rules.length} />
				</h2>
			</div>
			<Scroll kind="table-wide" label={title}>
				<table class="table rules-table">
					<caption class="visually-hidden">{title}</caption>
					<thead>
						<tr>
							<th scope="col" class="rule-severity">
								{t("col.severity")}
							</th>
							<th scope="col" class="rule-name">
								{t("rules.one")}
							</th>
							<th scope="col" class="rule-when">
								{t("rules.col_when")}
							</th>
							<th scope="col" class="grow">
								{t("rules.action")}
							</th>
							<th scope="col">
								<span class="visually-hidden">{t("col.action")}</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{rules.map((r) => (
							<Row
								key={r.entry || r.id}
								r={r}
								adjusted={r.builtin && adjusted.has(r.id)}
							/>
						))}
					</tbody>
				</table>
			</Scroll>
		</div>
	);
}

/** In the order of the question "which one counts": the widest first, each place by itself, built-in ones last. */
export function sections(rules: readonly Rule[]): { title: string; rules: Rule[] }[] {
	const by = new Map<string, Rule[]>();
	const order = [...SCOPES].reverse();
	const sorted = [...rules].sort(
		(a, b) =>
			Number(a.builtin) - Number(b.builtin) ||
			order.indexOf(a.scope.kind) - order.indexOf(b.scope.kind) ||
			a.scope.name.localeCompare(b.scope.name) ||
			a.id.localeCompare(b.id),
	);
	for (const r of sorted) {
		const title = r.builtin ? t("scope.builtin") : scopeTitle(r.scope);
		by.set(title, [...(by.get(title) ?? []), r]);
	}
	return [...by].map(([title, list]) => ({ title, rules: list }));
}

export function Rules() {
	const { query } = useLocation();
	const [q, setQ] = useState(query.q ?? "");
	const load = useLoad(getRules);
	const off = guard(can("configure"), "configure");
	const words = q.toLowerCase().split(/\s+/).filter(Boolean);
	const fits = (r: Rule) => {
		const hay =
			`${r.id} ${titleOf(r)} ${r.point} ${conditionWords(r)} ${r.scope.kind} ${r.scope.name}`.toLowerCase();
		return words.every((w) => hay.includes(w));
	};
	return (
		<div class="screen cards-screen">
			<div class="screen-head">
				<Title>{t("nav.rules")}</Title>
				<label class="filter">
					<span class="visually-hidden">{t("rules.filter")}</span>
					<input
						type="search"
						placeholder={t("rules.filter")}
						value={q}
						onInput={(e) => setQ(e.currentTarget.value)}
					/>
				</label>
				<a class="button" href="/rules/text">
					{t("rules.as_text")}
				</a>
				{off.disabled ? (
					<button type="button" class="button" {...off}>
						<Icon name="plus" size={16} /> {t("rules.new")}
					</button>
				) : (
					<a class="button primary" href="/rules/edit">
						<Icon name="plus" size={16} /> {t("rules.new")}
					</a>
				)}
			</div>
			<p class="muted">{t("rules.nearest")}</p>
			<Shown of={load} rows={10}>
				{(all) => {
					const list = sections(all.filter(fits));
					const adjusted = new Set(all.filter((r) => !r.builtin).map((r) => r.id));
					if (!list.length) return <Empty text={t("empty.filter")} />;
					return (
						<>
							{list.map((s) => (
								<Section
									key={s.title}
									title={s.title}
									rules={s.rules}
									adjusted={adjusted}
								/>
							))}
						</>
					);
				}}
			</Shown>
		</div>
	);
}
