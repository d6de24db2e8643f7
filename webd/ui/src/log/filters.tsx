// SPDX-License-Identifier: Apache-2.0
// What of the log is shown. Every filter is in the address; those in force are chips that can be taken away.
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { EventFilter } from "../api/log";
import { SEVERITIES } from "../api/types";
import { t, tryT } from "../i18n";
import { kindWord, ruleWord, severityWord, stateWord } from "../i18n/terms";
import { devices, groups } from "../state/fleet";
import { Icon } from "../ui/icons";
import { Shape } from "../ui/shape";

export type Query = Record<string, string | undefined>;
type Set = (change: Record<string, string>) => void;

const HOURS: Record<string, number> = { "1h": 1, "24h": 24, "7d": 168, "30d": 720, "1y": 8760 };
const PLAIN = ["site", "device", "group", "rule", "user", "source", "alarm", "test", "text"] as const;
const LISTS = ["severity", "kind", "state"] as const;
const NAMES = [...LISTS, ...PLAIN] as const;
type Name = (typeof NAMES)[number];
const STATES = ["active_unack", "active_ack", "cleared_unack", "normal"] as const;
const KINDS = [
	...["raise", "clear", "ack", "unack", "take", "comment", "severity", "shelve", "unshelve", "removed"],
	...["maintenance", "maintenance_end", "out_of_service", "in_service", "suppress", "unsuppress"],
	...[
		"chatter",
		"chatter_end",
		"flood",
		"flood_end",
		"trap",
		"inform",
		"command",
		"test_window",
		"notified",
		"notify_failed",
	],
];

const parts = (v: string | undefined): string[] => (v ?? "").split(",").filter(Boolean);

/** `key` of what the address says, so that equal filters are the same one. */
export function useFilter(query: Query): { filter: EventFilter; key: string; n: number } {
	const key = [...NAMES, "range", "since", "until"].map((n) => query[n] ?? "").join("|");
	return useMemo(() => {
		const hours = HOURS[query.range ?? ""];
		const filter: EventFilter = {
			...Object.fromEntries(PLAIN.map((n) => [n, query[n] || undefined])),
			...Object.fromEntries(LISTS.map((n) => [n, parts(query[n])])),
			since: hours
				? new Date(Date.now() - hours * 3_600_000).toISOString()
				: query.since || undefined,
			until: hours ? undefined : query.until || undefined,
		};
		return { filter, key, n: NAMES.filter((n) => query[n]).length };
	}, [key]);
}

const localTime = (iso: string): string => {
	const d = new Date(iso);
	if (!iso || Number.isNaN(d.getTime())) return "";
	return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const isoTime = (local: string): string => (local ? new Date(local).toISOString() : "");

export function RangeChoice({ query, set }: { query: Query; set: Set }) {
	const custom = !query.range && (query.since || query.until);
	const time = (name: "since" | "until", label: string) => (
		<label>
			<span>{label}</span>
			<input
				type="datetime-local"
				value={localTime(query[name] ?? "")}
				onChange={(e) => set({ [name]: isoTime(e.currentTarget.value), at: "" })}
			/>
		</label>
	);
	return (
		<>
			<label class="select">
				<span class="visually-hidden">{t("log.range")}</span>
				<select
					value={query.range || (custom ? "custom" : "")}
					onChange={(e) => {
						const v = e.currentTarget.value;
						const day = new Date(Date.now() - 86_400_000).toISOString();
						if (v === "custom") set({ range: "", since: day, at: "" });
						else set({ range: v, since: "", until: "", at: "" });
					}}
				>
					<option value="">{t("log.range_all")}</option>
					<option value="1h">{t("log.range_hours", { n: 1 })}</option>
					<option value="24h">{t("log.range_hours", { n: 24 })}</option>
					<option value="7d">{t("log.range_days", { n: 7 })}</option>
					<option value="30d">{t("log.range_days", { n: 30 })}</option>
					<option value="1y">{t("log.range_days", { n: 365 })}</option>
					<option value="custom">{t("log.range_custom")}</option>
				</select>
			</label>
			{custom && (
				<span class="range-fields">
					{time("since", t("log.from"))}
					{time("until", t("log.to"))}
				</span>
			)}
		</>
	);
}

function Choices(props: {
	name: Name;
	all: readonly string[];
	word: (v: string) => ComponentChildren;
	query: Query;
	set: Set;
}) {
	const { name, all, word, query, set } = props;
	const now = parts(query[name]);
	return (
		<fieldset class="chips">
			<legend class="field-label">{tryT(`log.by.${name}`, name)}</legend>
			{all.map((v) => (
				<label class="chip" key={v}>
					<input
						type="checkbox"
						checked={now.includes(v)}
						onChange={() =>
							set({
								[name]: (now.includes(v)
									? now.filter((x) => x !== v)
									: [...now, v]
								).join(","),
							})
						}
					/>
					{word(v)}
				</label>
			))}
		</fieldset>
	);
}

function Text({ name, query, set, list }: { name: Name; query: Query; set: Set; list?: readonly string[] }) {
	const id = `log-${name}`;
	return (
		<label class="field">
			<span>{tryT(`log.by.${name}`, name)}</span>
			<input
				type="search"
				list={list && id}
				defaultValue={query[name] ?? ""}
				key={query[name] ?? ""}
				onChange={(e) => set({ [name]: e.currentTarget.value.trim() })}
			/>
			{list && (
				<datalist id={id}>
					{list.map((v) => (
						<option value={v} key={v} />
					))}
				</datalist>
			)}
		</label>
	);
}

export function FilterPanel({ query, set, deviceGroups }: { query: Query; set: Set; deviceGroups: readonly string[] }) {
	const at = { query, set };
	return (
		<section class="filter-panel" aria-label={t("log.filters")}>
			<Choices
				name="severity"
				all={SEVERITIES.filter((s) => s !== "normal")}
				word={(s) => (
					<>
						<Shape severity={s as (typeof SEVERITIES)[number]} size={13} />
						{severityWord(s as (typeof SEVERITIES)[number])}
					</>
				)}
				{...at}
			/>
			<Choices name="kind" all={KINDS} word={kindWord} {...at} />
			<Choices
				name="state"
				all={STATES}
				word={(s) => stateWord(s as (typeof STATES)[number])}
				{...at}
			/>
			<div class="filter-fields">
				<Text name="site" list={[...groups.keys()]} {...at} />
				<Text name="device" list={[...devices.values()].map((d) => d.key)} {...at} />
				<Text name="group" list={deviceGroups} {...at} />
				<Text name="rule" {...at} />
				<Text name="user" {...at} />
				<Text name="source" {...at} />
				<label class="field">
					<span>{t("log.by.test")}</span>
					<select
						value={query.test ?? ""}
						onChange={(e) => set({ test: e.currentTarget.value })}
					>
						<option value="">{t("log.test_any")}</option>
						<option value="no">{t("log.test_no")}</option>
						<option value="yes">{t("log.test_yes")}</option>
					</select>
				</label>
			</div>
		</section>
	);
}

const WORDS: Partial<Record<Name, (v: string) => string>> = {
	severity: (v) => tryT(`severity.${v}`, v),
	kind: kindWord,
	state: (v) => tryT(`state.${v}`, v),
	rule: ruleWord,
	test: (v) => (v === "yes" ? t("log.test_yes") : t("log.test_no")),
};

export function InForce({ query, set }: { query: Query; set: Set }) {
	const some = NAMES.filter((n) => query[n]);
	if (!some.length) return null;
	return (
		<p class="in-force">
			{some.map((n) => {
				const word = WORDS[n];
				const value = word ? parts(query[n]).map(word).join(", ") : query[n];
				const what = `${tryT(`log.by.${n}`, n)}: ${value}`;
				return (
					<button
						type="button"
						class="chip"
						key={n}
						aria-label={t("log.take_away", { what })}
						onClick={() => set({ [n]: "" })}
					>
						{what} <Icon name="close" size={13} />
					</button>
				);
			})}
			<button
				type="button"
				class="button small"
				onClick={() => set(Object.fromEntries(NAMES.map((n) => [n, ""])))}
			>
				{t("filter.clear")}
			</button>
		</p>
	);
}
