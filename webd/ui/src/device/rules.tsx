// SPDX-License-Identifier: Apache-2.0
// The rules in force for one device, each with the place it comes from.
import { getDeviceRules } from "../api/rules";
import { t, tryT } from "../i18n";
import { conditionWords, severitiesOf, titleOf } from "../rule/words";
import { can } from "../state/session";
import { Empty } from "../ui/common";
import { Shown, useLoad } from "../ui/load";
import { Scroll } from "../ui/scroll";
import { Shape } from "../ui/shape";

function origin(from: string): string {
	const cut = from.indexOf(" ");
	const kind = cut < 0 ? from : from.slice(0, cut);
	return `${tryT(`scope.${kind}`, kind)}${cut < 0 ? "" : from.slice(cut)}`;
}

export function DeviceRules({ id, name }: { id: string; name: string }) {
	const load = useLoad(() => getDeviceRules(id), id);
	return (
		<div class="card table-card" data-testid="device-rules">
			<div class="card-line inset">
				<h2>{t("rules.in_force")}</h2>
				<span class="muted small">{t("rules.nearest")}</span>
			</div>
			<Shown of={load} rows={6}>
				{(list) =>
					list.length === 0 ? (
						<Empty text={t("empty.rules")} />
					) : (
						<Scroll kind="table-wide" label={t("rules.in_force")}>
							<table class="table">
								<caption class="visually-hidden">
									{t("rules.in_force")}
								</caption>
								<thead>
									<tr>
										<th scope="col">{t("col.severity")}</th>
										<th scope="col">{t("rules.one")}</th>
										<th scope="col" class="grow">
											{t("rules.col_when")}
										</th>
										<th scope="col">{t("rules.from")}</th>
										<th scope="col">
											<span class="visually-hidden">
												{t("col.action")}
											</span>
										</th>
									</tr>
								</thead>
								<tbody>
									{list.map((r) => (
										<tr
											key={`${r.id} ${r.entry}`}
											data-id={r.id}
											class={r.enabled ? "" : "ended"}
										>
											<td>
												<span class="state-cell">
													{severitiesOf(
														r,
													).map((s) => (
														<Shape
															severity={
																s
															}
															size={
																16
															}
															key={
																s
															}
															label
														/>
													))}
												</span>
											</td>
											<th scope="row">
												{titleOf(r)}{" "}
												{!r.enabled && (
													<span class="mark-badge">
														{t(
															"rules.off",
														)}
													</span>
												)}
											</th>
											<td class="grow wrap">
												{conditionWords(r)}
											</td>
											<td>{origin(r.from)}</td>
											<td>
												{can("configure") && (
													<a
														class="button small"
														aria-label={t(
															"rules.here_one",
															{
																name: titleOf(
																	r,
																),
															},
														)}
														href={`/rules/edit?${new URLSearchParams({ id: r.id, device: name })}`}
													>
														{t(
															"rules.here",
														)}
													</a>
												)}
											</td>
										</tr>
									))}
								</tbody>
							</table>
						</Scroll>
					)
				}
			</Shown>
		</div>
	);
}
