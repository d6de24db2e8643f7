// SPDX-License-Identifier: Apache-2.0
// One rule: its fields, a rehearsal over the stored history, saving, removing.
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { getDeviceGroups } from "../api/groups";
import { getRules, type Rule, removeRule, saveRule } from "../api/rules";
import type { Problem } from "../api/types";
import { FormTrouble, type Troubles, troublesOf } from "../forms/field";
import { t } from "../i18n";
import { RuleForm } from "../rule/form";
import { PreviewPart } from "../rule/preview";
import { NEW_RULE, ruleTroubles, scopeTitle, titleOf } from "../rule/words";
import { can } from "../state/session";
import { Dialog, Empty, guard, problemOf, problemTitle, Title } from "../ui/common";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";

/** Where the form has a field for it; what is deeper stands at the field above. */
const FIELDS = [
	...[
		"id",
		"scope",
		"title",
		"enabled",
		"kind",
		"point",
		"limits",
		"values",
		"per_s",
		"over",
		"max_age_s",
		"group",
	],
	...[
		"difference",
		"clear",
		"on_delay_s",
		"off_delay_s",
		"raise_count",
		"clear_count",
		"severity",
		"text",
		"cause",
	],
	...["consequence", "action", "latch"],
	...["high_high", "high", "low", "low_low"].flatMap((l) =>
		["raise", "clear", "severity"].map((what) => `limits/${l}/${what}`),
	),
];

function focusFirst(): void {
	setTimeout(() =>
		document
			.querySelector<HTMLElement>('.rule-form [aria-invalid="true"], .rule-form [role="alert"]')
			?.scrollIntoView({ block: "center" }),
	);
}

function Editor({ start, base, groupKeys }: { start: Rule; base: Rule | null; groupKeys: readonly string[] }) {
	const { route } = useLocation();
	const [r, setRule] = useState(start);
	const [troubles, setTroubles] = useState<Troubles>({});
	const [busy, setBusy] = useState(false);
	const [leaving, leave] = useState(false);
	const changed = r !== start;
	useEffect(() => {
		if (!changed) return;
		const warn = (e: BeforeUnloadEvent) => e.preventDefault();
		addEventListener("beforeunload", warn);
		return () => removeEventListener("beforeunload", warn);
	}, [changed]);
	const off = guard(can("configure"), "configure");
	const refuse = (p: Problem) => {
		setTroubles(troublesOf(p, FIELDS));
		focusFirst();
	};
	const check = (): boolean => {
		const bad = ruleTroubles(r);
		setTroubles(bad);
		if (Object.keys(bad).length) focusFirst();
		return !Object.keys(bad).length;
	};
	const save = async (e: Event) => {
		e.preventDefault();
		if (!check()) return;
		setBusy(true);
		try {
			await saveRule(r);
			say(t("rules.saved", { name: titleOf(r) }));
			route("/rules");
		} catch (x) {
			refuse(problemOf(x));
			setBusy(false);
		}
	};
	const remove = async () => {
		try {
			await removeRule(start);
			route("/rules");
		} catch (x) {
			const p = problemOf(x);
			say(p.detail || problemTitle(p), true);
			leave(false);
		}
	};
	return (
		<form class="rule-form" onSubmit={(e) => void save(e)} noValidate>
			<RuleForm
				r={r}
				set={(part) => setRule((old) => ({ ...old, ...part }))}
				troubles={troubles}
				base={base}
				groupKeys={groupKeys}
			/>
			<PreviewPart rule={r} check={check} refuse={refuse} />
			<div class="form-foot">
				<FormTrouble text={troubles[""]} />
				<div class="button-row">
					<button
						type="submit"
						class="button primary"
						{...off}
						disabled={off.disabled || busy}
					>
						{t("rules.save")}
					</button>
					<a class="button" href="/rules">
						{t("cancel")}
					</a>
					{r.entry && (
						<button
							type="button"
							class="button danger push"
							{...off}
							onClick={() => leave(true)}
						>
							{t("rules.remove")}
						</button>
					)}
				</div>
			</div>
			{leaving && (
				<Dialog
					title={t("rules.remove_title", { name: titleOf(r) })}
					onClose={() => leave(false)}
				>
					<p>{t("rules.remove_text", { scope: scopeTitle(r.scope) })}</p>
					<div class="dialog-foot">
						<button type="button" class="button" onClick={() => leave(false)}>
							{t("cancel")}
						</button>
						<button
							type="button"
							class="button danger"
							onClick={() => void remove()}
						>
							{t("rules.remove")}
						</button>
					</div>
				</Dialog>
			)}
		</form>
	);
}

/** The entry that is asked for; for the id of a rule without one, a new entry that replaces it. */
function startOf(rules: readonly Rule[], query: Record<string, string | undefined>): Rule | null {
	if (query.entry) return rules.find((r) => r.entry === query.entry) ?? null;
	if (!query.id) return NEW_RULE;
	const scope = query.device ? ({ kind: "device", name: query.device } as const) : NEW_RULE.scope;
	const like = rules.find((r) => r.id === query.id && !r.builtin && r.kind !== "builtin");
	if (like) return { ...like, entry: "", scope };
	if (!rules.some((r) => r.id === query.id)) return null;
	// what is not said stays as it is built in
	return { ...NEW_RULE, id: query.id, kind: "builtin", severity: null, scope };
}

export function RuleEdit() {
	const { query } = useLocation();
	const load = useLoad(
		async () => ({ rules: await getRules(), groups: (await getDeviceGroups()).map((g) => g.key) }),
		"",
	);
	return (
		<div class="screen form-screen">
			<div class="screen-head">
				<Title>{query.entry || query.id ? t("rules.edit") : t("rules.new")}</Title>
				<a href="/rules">{t("nav.rules")}</a>
			</div>
			<Shown of={load} rows={8}>
				{({ rules, groups }) => {
					const start = startOf(rules, query);
					if (!start)
						return (
							<Empty text={t("rules.gone")}>
								<a class="button" href="/rules">
									{t("nav.rules")}
								</a>
							</Empty>
						);
					return (
						<Editor
							key={`${start.entry} ${start.id}`}
							start={start}
							base={rules.find((r) => r.builtin && r.id === start.id) ?? null}
							groupKeys={groups}
						/>
					);
				}}
			</Shown>
		</div>
	);
}
