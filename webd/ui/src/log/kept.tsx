// SPDX-License-Identifier: Apache-2.0
// How long history is kept, how much of it there is, and what was dropped last.
import { getHistory } from "../api/admin";
import { number, t, when } from "../i18n";
import { can } from "../state/session";
import { Shown, useLoad } from "../ui/load";

export function HistoryKept() {
	const load = useLoad(getHistory, "", 60_000);
	return (
		<section class="card" aria-labelledby="history-kept" data-testid="history-kept">
			<div class="card-line">
				<h2 id="history-kept">{t("system.history")}</h2>
				{can("configure") && (
					<a class="button small" href="/system/history">
						{t("retention.change")}…
					</a>
				)}
			</div>
			<Shown of={load} rows={3}>
				{(items) => (
					<dl class="fact-row">
						{items.map((x) => (
							<div key={x.what} data-what={x.what}>
								<dt>{t(`history.${x.what}`)}</dt>
								<dd>
									{x.keep_days === null
										? t("history.for_ever")
										: t("history.days", { n: x.keep_days })}
									<span class="muted small block">
										{x.oldest
											? t("history.since", {
													day: x.oldest,
													size: number(
														x.bytes /
															1e6,
														0,
													),
												})
											: t("history.none")}
									</span>
									{x.dropped[0] && (
										<span class="muted small block">
											{t("history.dropped", {
												name: x.dropped[0]
													.partition,
												time: when(
													x.dropped[0].at,
												),
											})}
										</span>
									)}
								</dd>
							</div>
						))}
					</dl>
				)}
			</Shown>
		</section>
	);
}
