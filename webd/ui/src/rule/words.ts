// SPDX-License-Identifier: Apache-2.0
// A rule in a sentence, and what a form makes of it.
import { LEVELS, type Level, type LevelName, type Rule, type Scope } from "../api/rules";
import { SEVERITIES, type Severity } from "../api/types";
import { duration, number, t, tryT } from "../i18n";
import { pointLabel, ruleWord, statusWords } from "../i18n/terms";

export const isUpper = (name: LevelName): boolean => name === "high" || name === "high_high";

const figure = (v: number): string => number(v, Number.isInteger(v) ? 0 : Math.abs(v) < 1 ? 3 : 2);

/** "Battery charge" of battery.charge; what has a star in it stays as it is written. */
export function pointWords(name: string): string {
	if (name === "comm") return t("rules.comm");
	return name.includes("*") ? name : pointLabel(name, "");
}

function valueWords(r: Rule): string {
	if (r.point === "" || r.point === "ups.status") return r.values.map((v) => statusWords(v, "ok")).join(", ");
	return r.values.map((v) => tryT(`word.${v}`, v)).join(", ");
}

export function conditionWords(r: Rule): string {
	const point = pointWords(r.point);
	switch (r.kind) {
		case "limit":
			return `${point} ${LEVELS.filter((l) => r.limits[l])
				.map((l) => `${isUpper(l) ? ">" : "<"} ${figure(r.limits[l]?.raise ?? 0)}`)
				.join(", ")}`;
		case "state":
			return t("rules.when_state", { point, values: valueWords(r) });
		case "flag":
			return t("rules.when_flag", { point });
		case "rate":
			return t((r.over ?? 0) < 0 ? "rules.when_falls" : "rules.when_rises", {
				point,
				by: figure(Math.abs(r.over ?? 0)),
				time: duration(r.per_s ?? 0),
			});
		case "age":
			return t("rules.when_age", { point, time: duration(r.max_age_s ?? 0) });
		case "deviation":
			return t("rules.when_deviates", {
				point,
				by: figure(r.difference ?? 0),
				group: r.group === "." ? t("rules.own_blocks") : r.group,
			});
		default:
			return r.points.map(pointWords).join(", ");
	}
}

export function severitiesOf(r: Rule): Severity[] {
	const all =
		r.kind === "limit"
			? LEVELS.flatMap((l) => r.limits[l]?.severity ?? [])
			: r.severity
				? [r.severity]
				: [];
	return SEVERITIES.filter((s) => all.includes(s));
}

/** What is built in has its title in the user's language here. */
export const titleOf = (r: Rule): string => (r.builtin || r.kind === "builtin" ? "" : r.title) || ruleWord(r.id);
export const scopeTitle = (s: Scope): string =>
	s.kind === "everywhere" ? t("scope.everywhere") : `${t(`scope.${s.kind}`)} ${s.name}`;

export const NO_LEVEL: Level = { raise: null, clear: null, severity: "minor" };
export const NEW_RULE: Rule = {
	entry: "",
	version: 0,
	builtin: false,
	id: "",
	title: "",
	enabled: true,
	scope: { kind: "everywhere", name: "" },
	kind: "limit",
	point: "",
	points: [],
	limits: {},
	values: [],
	per_s: null,
	over: null,
	max_age_s: null,
	group: "",
	difference: null,
	clear: null,
	on_delay_s: null,
	off_delay_s: null,
	raise_count: null,
	clear_count: null,
	severity: "minor",
	text: "",
	cause: "",
	consequence: "",
	action: "",
	latch: false,
	from: "",
};

/** What can be said without asking the server; by the pointer the server would name. */
export function ruleTroubles(r: Rule): Record<string, string> {
	const bad: Record<string, string> = {};
	const need = (name: string, there: boolean) => {
		if (!there) bad[name] = t("form.required");
	};
	need("id", r.id !== "");
	if (r.id && !/^[a-z0-9_]{1,40}$/.test(r.id)) bad.id = t("rules.bad_id");
	need("scope", r.scope.kind === "everywhere" || r.scope.name !== "");
	if (!r.enabled || r.kind === "builtin") return bad;
	need("point", r.point !== "");
	if (r.kind === "limit") {
		need(
			"limits",
			LEVELS.some((l) => r.limits[l]?.raise !== null && r.limits[l] !== undefined),
		);
		for (const l of LEVELS) {
			const at = r.limits[l];
			if (at?.raise == null || at.clear === null) continue;
			if (isUpper(l) ? at.clear > at.raise : at.clear < at.raise)
				bad[`limits/${l}/clear`] = t(isUpper(l) ? "rules.clear_above" : "rules.clear_below");
		}
	}
	if (r.kind === "state") need("values", r.values.length > 0);
	if (r.kind === "rate") {
		need("over", r.over !== null);
		need("per_s", r.per_s !== null);
	}
	if (r.kind === "age") need("max_age_s", r.max_age_s !== null);
	if (r.kind === "deviation") {
		need("group", r.group !== "");
		need("difference", r.difference !== null);
	}
	if (!r.action && severitiesOf(r).some((s) => s !== "info")) bad.action = t("rules.needs_action");
	return bad;
}
