// SPDX-License-Identifier: Apache-2.0
// Who is kept quiet on purpose and until when: maintenance windows, devices out of service; and what depends on what.
import { useState } from "preact/hooks";
import { getMaintenance, getTopology, removeMaintenance, type Maintenance as Window } from "../api/quiet";
import { Removal } from "../group/removal";
import { t, when } from "../i18n";
import { Dependencies } from "../quiet/dependencies";
import { bringBack, TakeOut } from "../quiet/out_of_service";
import { DAYS, newWindow, WindowForm } from "../quiet/window_form";
import { scopeTitle } from "../rule/words";
import { can } from "../state/session";
import { DeviceName, Empty, guard, Title } from "../ui/common";
import { Icon } from "../ui/icons";
import { Shown, useLoad } from "../ui/load";
import { Scroll } from "../ui/scroll";

const AGAIN_MS = 10_000;

function whenWords(w: Window): string {
	if (!w.days.length) return t("quiet.from_to", { from: when(w.starts_at), to: when(w.ends_at) });
	const days = DAYS.filter((d) => w.days.includes(d));
	const words = days.length === 7 ? t("trap.every_day") : days.map((d) => t(`day.${d}`)).join(" ");
	return t("trap.span", { days: words, at: w.at, minutes: w.minutes, tz: w.tz });
}

function stateOf(w: Window): string {
	if (w.running) return t("quiet.running", { time: when(w.until) });
	return w.next_at ? t("quiet.next", { time: when(w.next_at) }) : t("quiet.over");
}

function Row({ w, edit, leave }: { w: Window; edit: () => void; leave: () => void }) {
	const off = guard(can("configure"), "configure");
	return (
		<tr data-id={w.id} class={w.running || w.next_at ? "" : "ended"}>
			<td>
				<span class={w.running ? "state-word is-on" : "state-word"}>{stateOf(w)}</span>
			</td>
			<th scope="row" class="grow">
				{w.name} <span class="muted small block">{w.reason}</span>
			</th>
			<td>{scopeTitle(w.scope)}</td>
			<td>{whenWords(w)}</td>
			<td class="wide">{w.user}</td>
			<td>
				<span class="row-buttons">
					<button
						type="button"
						class="button small"
						{...off}
						aria-label={t("quiet.edit_one", { name: w.name })}
						onClick={edit}
					>
						{t("edit")}
					</button>
					<button
						type="button"
						class="button small"
						{...off}
						aria-label={t("quiet.remove_one", { name: w.name })}
						onClick={leave}
					>
						{t("remove")}
					</button>
				</span>
			</td>
		</tr>
	);
}

const HEADS = ["col.state", "col.name", "quiet.scope", "quiet.when", "col.user"] as const;

function Windows() {
	const load = useLoad(getMaintenance, "", AGAIN_MS);
	const [editing, edit] = useState<Window | "new" | null>(null);
	const [leaving, leave] = useState<Window | null>(null);
	const off = guard(can("configure"), "configure");
	return (
		<div class="card table-card" data-testid="maintenance">
			<div class="card-line inset">
				<h2>{t("quiet.windows")}</h2>
				<span class="muted small">{t("quiet.hint")}</span>
				<button type="button" class="button small push" {...off} onClick={() => edit("new")}>
					<Icon name="plus" size={16} /> {t("quiet.new")}
				</button>
			</div>
			<Shown of={load} rows={3}>
				{(list) =>
					list.length === 0 ? (
						<Empty text={t("empty.maintenance_windows")} />
					) : (
						<Scroll kind="table-wide" label={t("quiet.windows")}>
							<table class="table">
								<caption class="visually-hidden">
									{t("quiet.windows")}
								</caption>
								<thead>
									<tr>
										{HEADS.map((h) => (
											<th
												scope="col"
												key={h}
												class={
													h === "col.name"
														? "grow"
														: h ===
																"col.user"
															? "wide"
															: ""
												}
											>
												{t(h)}
											</th>
										))}
										<th scope="col">
											<span class="visually-hidden">
												{t("col.action")}
											</span>
										</th>
									</tr>
								</thead>
								<tbody>
									{list.map((w) => (
										<Row
											key={w.id}
											w={w}
											edit={() => edit(w)}
											leave={() => leave(w)}
										/>
									))}
								</tbody>
							</table>
						</Scroll>
					)
				}
			</Shown>
			{editing && (
				<WindowForm
					id={editing === "new" ? "" : editing.id}
					start={editing === "new" ? newWindow({ kind: "site", name: "" }) : editing}
					onClose={() => edit(null)}
					onSaved={load.reload}
				/>
			)}
			{leaving && (
				<Removal
					title={t("quiet.remove_one", { name: leaving.name })}
					text={t(leaving.running ? "quiet.remove_running" : "quiet.remove_text")}
					remove={() => removeMaintenance(leaving.id)}
					onClose={() => leave(null)}
					onDone={load.reload}
				/>
			)}
		</div>
	);
}

export function Maintenance() {
	const topology = useLoad(getTopology, "", AGAIN_MS);
	const [taking, take] = useState(false);
	const off = guard(can("configure"), "configure");
	return (
		<div class="screen cards-screen">
			<div class="screen-head">
				<Title>{t("nav.maintenance")}</Title>
				<a href="/alarms?tab=maintenance">{t("quiet.its_alarms")}</a>
			</div>
			<Windows />
			<div class="card table-card" data-testid="out-of-service">
				<div class="card-line inset">
					<h2>{t("quiet.out")}</h2>
					<span class="muted small">{t("quiet.out_hint")}</span>
					<button
						type="button"
						class="button small push"
						{...off}
						onClick={() => take(true)}
					>
						<Icon name="plus" size={16} /> {t("quiet.take_out")}
					</button>
				</div>
				<Shown of={topology} rows={2}>
					{(top) =>
						top.out_of_service.length === 0 ? (
							<Empty text={t("empty.out_of_service")} />
						) : (
							<Scroll kind="table-wide" label={t("quiet.out")}>
								<table class="table">
									<caption class="visually-hidden">
										{t("quiet.out")}
									</caption>
									<thead>
										<tr>
											<th scope="col">
												{t("col.device")}
											</th>
											<th scope="col" class="grow">
												{t("quiet.work_order")}
											</th>
											<th scope="col">
												{t("col.since")}
											</th>
											<th scope="col">
												{t("col.user")}
											</th>
											<th scope="col">
												<span class="visually-hidden">
													{t(
														"col.action",
													)}
												</span>
											</th>
										</tr>
									</thead>
									<tbody>
										{top.out_of_service.map((o) => (
											<tr
												key={o.device_id}
												data-id={o.device_id}
											>
												<th scope="row">
													<DeviceName
														id={
															o.device_id
														}
														path={
															o.key
														}
													/>
												</th>
												<td class="grow">
													{o.work_order}
												</td>
												<td class="num">
													{when(o.since)}
												</td>
												<td>{o.user}</td>
												<td>
													<button
														type="button"
														class="button small"
														{...off}
														aria-label={t(
															"quiet.back_one",
															{
																what: o.key,
															},
														)}
														onClick={() =>
															void bringBack(
																o.device_id,
																topology.reload,
															)
														}
													>
														{t(
															"quiet.back",
														)}
													</button>
												</td>
											</tr>
										))}
									</tbody>
								</table>
							</Scroll>
						)
					}
				</Shown>
				{taking && <TakeOut onClose={() => take(false)} onDone={topology.reload} />}
			</div>
			{topology.data && <Dependencies of={topology.data} reload={topology.reload} />}
		</div>
	);
}
