// SPDX-License-Identifier: Apache-2.0
// All of a rule as fields. What is wrong stands at its field, whether found here or by the server.
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { KINDS, type Kind, LEVELS, type LevelName, type Rule, SCOPES, type ScopeKind } from "../api/rules";
import type { Severity } from "../api/types";
import { Field, SelectField, TextField, type Troubles } from "../forms/field";
import { pointNames, t } from "../i18n";
import { said } from "../i18n/said";
import { pointLabel, severityWord } from "../i18n/terms";
import { devices, groups } from "../state/fleet";
import { isUpper, NO_LEVEL, titleOf } from "./words";

export type Change = (part: Partial<Rule>) => void;
interface Part {
	r: Rule;
	base: Rule | null; // the built-in rule that is adjusted: what it says stands where nothing is said
	set: Change;
	troubles: Troubles;
}

const SEVERITIES: readonly Severity[] = ["critical", "major", "minor", "info"];
const severities = SEVERITIES.map((s) => [s, severityWord] as const);
const STATUS = ["OB", "LB", "RB", "OVER", "BYPASS", "OFF", "TRIM", "BOOST", "CAL", "FSD", "TEST", "DISCHRG"];

const numberOf = (v: string): number | null => (v.trim() === "" || Number.isNaN(Number(v)) ? null : Number(v));
const shown = (v: number | null): string => (v === null ? "" : String(v));

function Num(props: {
	label: string;
	name: string;
	value: number | null;
	troubles: Troubles;
	onInput: (v: number | null) => void;
	placeholder?: string;
	hint?: string;
}) {
	const { value, troubles, onInput, ...rest } = props;
	return (
		<Field label={rest.label} name={rest.name} trouble={troubles[rest.name]} hint={rest.hint}>
			{(aria) => (
				<input
					{...aria}
					type="number"
					step="any"
					inputMode="decimal"
					placeholder={rest.placeholder}
					value={shown(value)}
					onInput={(e) => onInput(numberOf(e.currentTarget.value))}
				/>
			)}
		</Field>
	);
}

function Area({
	name,
	label,
	hint,
	r,
	base,
	set,
	troubles,
}: Part & { name: "cause" | "consequence" | "action"; label: string; hint?: string }) {
	return (
		<Field label={label} name={name} trouble={troubles[name]} hint={hint}>
			{(aria) => (
				<textarea
					{...aria}
					rows={2}
					maxLength={500}
					value={r[name]}
					placeholder={said(base?.[name] ?? "")}
					onInput={(e) => set({ [name]: e.currentTarget.value })}
				/>
			)}
		</Field>
	);
}

const asBuiltin = (base: Rule | null): string =>
	base?.severity ? `${t("rules.as_builtin")}: ${severityWord(base.severity)}` : t("rules.as_builtin");

function FormPart({ title, children }: { title: string; children: ComponentChildren }) {
	return (
		<fieldset class="card form-part">
			<legend>{title}</legend>
			{children}
		</fieldset>
	);
}

function Where({ r, base, set, troubles, groupKeys }: Part & { groupKeys: readonly string[] }) {
	const names: Record<ScopeKind, readonly string[]> = {
		everywhere: [],
		profile: [...new Set([...devices.values()].map((d) => d.profile))].filter((p) => p && p !== "auto"),
		site: [...groups.keys()],
		group: groupKeys,
		device: [...devices.values()].map((d) => d.key),
	};
	return (
		<FormPart title={t("rules.part_where")}>
			<div class="field-row">
				<SelectField
					label={t("rules.scope")}
					name="scope_kind"
					value={r.scope.kind}
					options={[...SCOPES].reverse().map((s) => [s, t(`scope.${s}`)] as const)}
					onInput={(v) => set({ scope: { kind: v as ScopeKind, name: "" } })}
				/>
				{r.scope.kind !== "everywhere" && (
					<>
						<TextField
							label={t(`scope.${r.scope.kind}`)}
							name="scope"
							list="rule-scope"
							value={r.scope.name}
							trouble={troubles.scope}
							onInput={(v) => set({ scope: { ...r.scope, name: v.trim() } })}
						/>
						<datalist id="rule-scope">
							{names[r.scope.kind].map((n) => (
								<option value={n} key={n} />
							))}
						</datalist>
					</>
				)}
			</div>
			<div class="field-row">
				<TextField
					label={t("rules.id")}
					name="id"
					value={r.id}
					trouble={troubles.id}
					hint={t("rules.id_hint")}
					onInput={(v) => set({ id: v.trim() })}
				/>
				<TextField
					label={t("rules.title")}
					name="title"
					value={r.title}
					placeholder={base ? titleOf(base) : ""}
					trouble={troubles.title}
					onInput={(v) => set({ title: v })}
				/>
			</div>
			<label class="check">
				<input
					type="checkbox"
					checked={r.enabled}
					onChange={(e) => set({ enabled: e.currentTarget.checked })}
				/>
				<span>
					{t("rules.enabled")}
					<span class="muted small block">{t("rules.enabled_hint")}</span>
				</span>
			</label>
		</FormPart>
	);
}

function Limits({ r, set, troubles }: Part) {
	const change = (name: LevelName, part: Partial<typeof NO_LEVEL>) => {
		const next = {
			...NO_LEVEL,
			severity: name === "high" || name === "low" ? "minor" : "major",
			...r.limits[name],
			...part,
		};
		const limits = { ...r.limits };
		if (next.raise === null && next.clear === null) delete limits[name];
		else limits[name] = next as typeof NO_LEVEL;
		set({ limits });
	};
	return (
		<div class="limits" data-field="limits">
			{LEVELS.map((name) => {
				const level = r.limits[name];
				return (
					<fieldset class="limit-row" key={name}>
						<legend class="field-label">
							{t(`rules.${name}`)}{" "}
							<span aria-hidden="true">{isUpper(name) ? ">" : "<"}</span>
						</legend>
						<Num
							label={t("rules.raise_at")}
							name={`limits/${name}/raise`}
							value={level?.raise ?? null}
							troubles={troubles}
							onInput={(raise) => change(name, { raise })}
						/>
						<Num
							label={t("rules.clear_at")}
							name={`limits/${name}/clear`}
							value={level?.clear ?? null}
							placeholder={shown(level?.raise ?? null)}
							troubles={troubles}
							onInput={(clear) => change(name, { clear })}
						/>
						<SelectField
							label={t("col.severity")}
							name={`limits/${name}/severity`}
							value={
								level?.severity ??
								(name === "high" || name === "low" ? "minor" : "major")
							}
							options={severities.map(([s, word]) => [s, word(s)] as const)}
							trouble={troubles[`limits/${name}/severity`]}
							onInput={(v) => change(name, { severity: v as Severity })}
						/>
					</fieldset>
				);
			})}
			{troubles.limits && (
				<p class="field-trouble small" role="alert">
					{troubles.limits}
				</p>
			)}
		</div>
	);
}

function Values({ r, set, troubles }: Part) {
	return (
		<>
			<TextField
				label={t("rules.values")}
				name="values"
				list="rule-values"
				value={r.values.join(" ")}
				hint={t("rules.values_hint")}
				trouble={troubles.values}
				onInput={(v) => set({ values: v.split(/[\s,]+/).filter(Boolean) })}
			/>
			<datalist id="rule-values">
				{STATUS.map((s) => (
					<option value={s} key={s} />
				))}
			</datalist>
		</>
	);
}

function OfKind(p: Part & { groupKeys: readonly string[] }) {
	const { r, set, troubles } = p;
	const num = (name: "over" | "per_s" | "max_age_s" | "difference" | "clear", label: string, hint?: string) => (
		<Num
			label={label}
			name={name}
			value={r[name]}
			troubles={troubles}
			hint={hint}
			onInput={(v) => set({ [name]: v })}
		/>
	);
	if (r.kind === "limit") return <Limits {...p} />;
	if (r.kind === "state") return <Values {...p} />;
	if (r.kind === "age") return num("max_age_s", t("rules.max_age"), t("rules.max_age_hint"));
	if (r.kind === "rate")
		return (
			<div class="field-row">
				{num("over", t("rules.over"), t("rules.over_hint"))}
				{num("per_s", t("rules.per"))}
				{num("clear", t("rules.clear"))}
			</div>
		);
	if (r.kind !== "deviation") return null;
	return (
		<div class="field-row">
			<TextField
				label={t("scope.group")}
				name="group"
				list="rule-groups"
				value={r.group}
				hint={t("rules.group_hint")}
				trouble={troubles.group}
				onInput={(v) => set({ group: v.trim() })}
			/>
			<datalist id="rule-groups">
				{p.groupKeys.map((k) => (
					<option value={k} key={k} />
				))}
			</datalist>
			{num("difference", t("rules.difference"))}
			{num("clear", t("rules.clear"))}
		</div>
	);
}

function When(p: Part & { groupKeys: readonly string[] }) {
	const { r, set, troubles } = p;
	const names = useMemo(pointNames, []);
	const kinds: readonly Kind[] = r.kind === "builtin" ? ["builtin", ...KINDS] : KINDS;
	return (
		<FormPart title={t("rules.part_when")}>
			<SelectField
				label={t("rules.kind")}
				name="kind"
				value={r.kind}
				options={kinds.map((k) => [k, t(`rules.kind_${k}`)] as const)}
				trouble={troubles.kind}
				onInput={(v) => set({ kind: v as Kind })}
			/>
			{r.kind === "builtin" ? (
				<p class="muted">{t("rules.builtin_hint")}</p>
			) : (
				<>
					<TextField
						label={t("rules.point")}
						name="point"
						list="rule-points"
						value={r.point}
						hint={
							r.point && !r.point.includes("*")
								? pointLabel(r.point, "")
								: t("rules.point_hint")
						}
						trouble={troubles.point}
						onInput={(v) => set({ point: v.trim() })}
					/>
					<datalist id="rule-points">
						{names.map((n) => (
							<option value={n} key={n} />
						))}
					</datalist>
					<OfKind {...p} />
				</>
			)}
		</FormPart>
	);
}

function Holds({ r, set, troubles }: Part) {
	const slow = ["limit", "rate", "deviation"].includes(r.kind);
	const usual = {
		on_delay_s: slow ? 10 : 0,
		off_delay_s: slow ? 10 : 0,
		raise_count: slow ? 2 : 1,
		clear_count: 2,
	};
	return (
		<FormPart title={t("rules.part_holds")}>
			<div class="field-row">
				{(["on_delay_s", "off_delay_s", "raise_count", "clear_count"] as const).map((name) => (
					<Num
						key={name}
						label={t(`rules.${name}`)}
						name={name}
						value={r[name]}
						placeholder={r.kind === "builtin" ? "" : String(usual[name])}
						troubles={troubles}
						onInput={(v) => set({ [name]: v })}
					/>
				))}
			</div>
			<label class="check">
				<input
					type="checkbox"
					checked={r.latch}
					onChange={(e) => set({ latch: e.currentTarget.checked })}
				/>
				<span>
					{t("rules.latch")}
					<span class="muted small block">{t("rules.latch_hint")}</span>
				</span>
			</label>
		</FormPart>
	);
}

function Told(p: Part) {
	const { r, base, set, troubles } = p;
	return (
		<FormPart title={t("rules.part_told")}>
			<div class="field-row">
				{r.kind !== "limit" && (
					<SelectField
						label={t("col.severity")}
						name="severity"
						value={r.severity ?? ""}
						options={[
							...(r.kind === "builtin"
								? [["", asBuiltin(base)] as const]
								: []),
							...severities.map(([s, word]) => [s, word(s)] as const),
						]}
						trouble={troubles.severity}
						onInput={(v) => set({ severity: (v || null) as Severity | null })}
					/>
				)}
				<TextField
					label={t("rules.text")}
					name="text"
					value={r.text}
					placeholder={said(base?.text ?? "")}
					hint={t("rules.text_hint")}
					trouble={troubles.text}
					onInput={(v) => set({ text: v })}
				/>
			</div>
			<Area name="cause" label={t("rules.cause")} {...p} />
			<Area name="consequence" label={t("rules.consequence")} {...p} />
			<Area name="action" label={t("rules.action")} hint={t("rules.action_hint")} {...p} />
		</FormPart>
	);
}

export function RuleForm(p: Part & { groupKeys: readonly string[] }) {
	return (
		<>
			<div class="rule-column">
				<Where {...p} />
				<Holds {...p} />
			</div>
			<div class="rule-column">
				<When {...p} />
				<Told {...p} />
			</div>
		</>
	);
}
