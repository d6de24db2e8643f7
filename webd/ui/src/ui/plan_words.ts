// SPDX-License-Identifier: Apache-2.0
// What a shutdown plan is doing, in words.
import type { PlanRun } from "../api/types";
import { duration, t, tryT } from "../i18n";

export function runWords(run: PlanRun): string {
	const words = [run.awaits_confirmation ? t("plan.awaits") : tryT(`plan.state.${run.state}`, run.state || "–")];
	if (run.fires_in_s !== null) words.push(t("plan.fires", { time: duration(run.fires_in_s) }));
	if (run.condition) words.push(tryT(`plan.condition.${run.condition}`, run.condition));
	return words.join(" · ");
}
