// SPDX-License-Identifier: Apache-2.0
// All values of a device with age and quality. Blocks, probes and outlets are tables of their own and not repeated here.
import { t, tryT } from "../i18n";
import { POINT_GROUPS, pointGroup, pointLabel, valueText } from "../i18n/terms";
import { type DeviceStore, type Judged, judge, type LivePoint } from "../state/device";
import { Age, Empty } from "../ui/common";
import { isBatteryPart } from "./battery";
import { isEnvironmentPart, isOutletPart } from "./environment";

export type Judge = (p: LivePoint) => Judged;

export const judgeOf =
	(silent: number, interval: number, now: number): Judge =>
	(p) =>
		judge(p, silent, interval, now);

const elsewhere = (name: string): boolean => isBatteryPart(name) || isEnvironmentPart(name) || isOutletPart(name);

export function Values({ s, judge: judged }: { s: DeviceStore; judge: Judge }) {
	s.version.value;
	const all = [...s.points.values()].filter((p) => !elsewhere(p.name));
	if (!all.length) return <Empty text={t("empty.values")} />;
	return (
		<div class="value-groups">
			{POINT_GROUPS.map((g) => {
				const list = all
					.filter((p) => pointGroup(p.name) === g)
					.sort((a, b) => (a.name + a.index < b.name + b.index ? -1 : 1));
				if (!list.length) return null;
				return (
					<section class="card value-card" key={g} aria-label={tryT(`group.${g}`, g)}>
						<table class="table values">
							<caption>{tryT(`group.${g}`, g)}</caption>
							<thead>
								<tr>
									<th scope="col">{t("col.point")}</th>
									<th scope="col" class="num">
										{t("col.value")}
									</th>
									<th scope="col">{t("col.quality")}</th>
									<th scope="col" class="num">
										{t("col.age")}
									</th>
								</tr>
							</thead>
							<tbody>
								{list.map((p) => {
									const j = judged(p);
									const v = valueText(p);
									return (
										<tr
											key={p.name + p.index}
											class={`q-${j.quality}`}
										>
											<th scope="row" title={p.name}>
												{pointLabel(
													p.name,
													p.index,
												)}
											</th>
											<td class="num value">
												{v.text}{" "}
												<span class="unit">
													{v.unit}
												</span>
											</td>
											<td class="quality">
												{tryT(
													`quality.${j.quality}`,
													j.quality,
												)}
											</td>
											<td class="num">
												<Age
													seconds={j.age}
													stale={
														j.quality ===
															"stale" ||
														j.quality ===
															"unknown"
													}
												/>
											</td>
										</tr>
									);
								})}
							</tbody>
						</table>
					</section>
				);
			})}
		</div>
	);
}
