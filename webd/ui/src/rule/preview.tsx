// SPDX-License-Identifier: Apache-2.0
// "Would have been raised 14 times in 30 days": the rule as it stands in the form, over what is stored.
import { useState } from "preact/hooks";
import { type Preview, previewRule, type Rule } from "../api/rules";
import type { Problem } from "../api/types";
import { duration, number, t } from "../i18n";
import { problemOf } from "../ui/common";
import { Days } from "../ui/days";
import { Icon } from "../ui/icons";

const DAY_MS = 86_400_000;
const SPANS = [1, 7, 31] as const;
const SHOWN = 10;

function Result({ p, days }: { p: Preview; days: number }) {
	return (
		<div class="preview-result" role="status" data-testid="preview-result">
			<p class="preview-number">
				<strong class="num">{t("preview.raises", { n: p.raises })}</strong>{" "}
				<span class="muted">
					{t("preview.of", {
						days: number(days),
						devices: number(p.devices),
						time: duration(p.alarm_seconds),
						samples: number(p.samples),
					})}
				</span>
			</p>
			{!p.complete && <p class="form-note">{t("preview.incomplete", { note: p.note })}</p>}
			{p.complete && p.note && <p class="muted">{p.note}</p>}
			{p.by_day.length > 1 && (
				<Days
					label={t("preview.by_day")}
					rows={p.by_day.map((d) => ({ day: d.day, value: d.raises }))}
				/>
			)}
			{p.by_device.length > 0 && (
				<table class="table slim">
					<caption class="visually-hidden">{t("preview.by_device")}</caption>
					<thead>
						<tr>
							<th scope="col">{t("col.device")}</th>
							<th scope="col" class="num">
								{t("preview.col_raises")}
							</th>
							<th scope="col" class="num">
								{t("preview.col_time")}
							</th>
						</tr>
					</thead>
					<tbody>
						{p.by_device.slice(0, SHOWN).map((d) => (
							<tr key={d.key}>
								<th scope="row">{d.key}</th>
								<td class="num">{number(d.raises)}</td>
								<td class="num">{duration(d.seconds)}</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
		</div>
	);
}

export function PreviewPart({
	rule,
	check,
	refuse,
}: {
	rule: Rule;
	check: () => boolean;
	refuse: (p: Problem) => void;
}) {
	const [days, setDays] = useState<number>(7);
	const [got, set] = useState<{ p: Preview; days: number; of: Rule } | null>(null);
	const [busy, setBusy] = useState(false);
	const possible = rule.enabled;
	const run = async () => {
		if (!check()) return;
		setBusy(true);
		const to = Date.now();
		try {
			const p = await previewRule(
				rule,
				new Date(to - days * DAY_MS).toISOString(),
				new Date(to).toISOString(),
			);
			set({ p, days, of: rule });
		} catch (e) {
			set(null);
			refuse(problemOf(e));
		}
		setBusy(false);
	};
	return (
		<section class="card preview" aria-label={t("preview.title")}>
			<div class="card-line">
				<h2>{t("preview.title")}</h2>
				<label class="select">
					<span class="visually-hidden">{t("preview.span")}</span>
					<select
						value={String(days)}
						onChange={(e) => setDays(Number(e.currentTarget.value))}
					>
						{SPANS.map((d) => (
							<option value={d} key={d}>
								{t("log.range_days", { n: d })}
							</option>
						))}
					</select>
				</label>
				<button
					type="button"
					class="button"
					disabled={busy || !possible}
					title={possible ? undefined : t("preview.off")}
					onClick={() => void run()}
				>
					<Icon name="clock" size={16} /> {busy ? t("preview.running") : t("preview.run")}
				</button>
			</div>
			{!possible && <p class="muted">{t("preview.off")}</p>}
			{possible && !got && !busy && <p class="muted">{t("preview.hint")}</p>}
			{busy && <span class="busy" role="status" aria-label={t("preview.running")} />}
			{got && (
				<>
					{got.of !== rule && <p class="muted">{t("preview.older")}</p>}
					<Result p={got.p} days={got.days} />
				</>
			)}
		</section>
	);
}
