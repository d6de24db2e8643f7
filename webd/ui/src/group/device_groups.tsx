// SPDX-License-Identifier: Apache-2.0
// Groups of devices: the worst member with counts, who holds whom, and editing.
import { useEffect, useState } from "preact/hooks";
import { type DeviceGroup, type GroupInput, getDeviceGroups, removeDeviceGroup, saveDeviceGroup } from "../api/groups";
import { SEVERITIES } from "../api/types";
import { mustBeAs } from "../api/unchanged";
import { FormTrouble, focusTrouble, required, TextField, type Troubles, troublesOf } from "../forms/field";
import { number, t } from "../i18n";
import { severityWord } from "../i18n/terms";
import { devices, groups as sites } from "../state/fleet";
import { onEvent } from "../state/live";
import { can } from "../state/session";
import { Dialog, Empty, guard, problemOf } from "../ui/common";
import { Icon } from "../ui/icons";
import { Shown, useLoad } from "../ui/load";
import { Scroll } from "../ui/scroll";
import { Shape } from "../ui/shape";
import { KeyList } from "./members";
import { Removal } from "./removal";

const held = (g: DeviceGroup) => [g.name, g.devices, g.sites, g.groups];
export const KEY = /^[a-z][a-z0-9_.-]{0,39}$/;
const AGAIN_MS = 10_000;
const FIELDS = ["key", "name", "devices", "sites", "groups"] as const;

function Edit({
	g,
	all,
	onClose,
	onSaved,
}: {
	g: DeviceGroup | null;
	all: readonly DeviceGroup[];
	onClose: () => void;
	onSaved: () => void;
}) {
	const [x, setX] = useState<GroupInput>(
		g
			? { key: g.key, name: g.name, devices: g.devices, sites: g.sites, groups: g.groups }
			: { key: "", name: "", devices: [], sites: [], groups: [] },
	);
	const [seen] = useState(g); // the list goes on behind the dialog
	const [troubles, setTroubles] = useState<Troubles>({});
	const [busy, setBusy] = useState(false);
	const set = (part: Partial<GroupInput>) => setX((old) => ({ ...old, ...part }));
	const save = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad: Troubles = {};
		const missing = required(x.key) ?? (KEY.test(x.key) ? undefined : t("group.bad_key"));
		if (missing) bad.key = missing;
		setTroubles(bad);
		if (missing) return;
		setBusy(true);
		try {
			if (seen)
				await mustBeAs(held(seen), async () => {
					const now = (await getDeviceGroups()).find((y) => y.id === seen.id);
					return now && held(now);
				});
			await saveDeviceGroup(g?.id ?? "", { ...x, name: x.name.trim() || x.key });
			onSaved();
			onClose();
		} catch (err) {
			setTroubles(troublesOf(problemOf(err), FIELDS));
			setBusy(false);
		}
	};
	const off = guard(can("configure"), "configure");
	return (
		<Dialog title={g ? t("group.edit_one", { name: g.name }) : t("group.new")} onClose={onClose}>
			<form onSubmit={(e) => void save(e)} noValidate>
				<div class="field-row">
					{g ? null : (
						<TextField
							label={t("group.key")}
							name="key"
							value={x.key}
							hint={t("group.key_hint")}
							trouble={troubles.key}
							onInput={(v) => set({ key: v.trim() })}
						/>
					)}
					<TextField
						label={t("col.name")}
						name="name"
						value={x.name}
						trouble={troubles.name}
						onInput={(v) => set({ name: v })}
					/>
				</div>
				<KeyList
					label={t("group.devices")}
					name="devices"
					value={x.devices}
					offered={[...devices.values()].map((d) => d.key)}
					trouble={troubles.devices}
					set={(v) => set({ devices: v })}
				/>
				<KeyList
					label={t("group.sites")}
					name="sites"
					value={x.sites}
					offered={[...sites.keys()]}
					hint={t("group.sites_hint")}
					trouble={troubles.sites}
					set={(v) => set({ sites: v })}
				/>
				<KeyList
					label={t("group.groups")}
					name="groups"
					value={x.groups}
					offered={all.filter((o) => o.key !== g?.key).map((o) => o.key)}
					trouble={troubles.groups}
					set={(v) => set({ groups: v })}
				/>
				<FormTrouble text={troubles[""]} />
				<div class="dialog-foot">
					<button type="button" class="button" onClick={onClose}>
						{t("cancel")}
					</button>
					<button
						type="submit"
						class="button primary"
						{...off}
						disabled={off.disabled || busy}
					>
						{t("save")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

function Counts({ g }: { g: DeviceGroup }) {
	return (
		<span class="group-counts">
			{SEVERITIES.filter((s) => g.counts[s] > 0).map((s) => (
				<span key={s} title={severityWord(s)}>
					<Shape severity={s} size={14} label />{" "}
					<span class="num">{number(g.counts[s])}</span>
				</span>
			))}
		</span>
	);
}

function holds(g: DeviceGroup): string {
	const parts = [
		g.devices.length && t("group.n_devices", { n: g.devices.length }),
		g.sites.length && t("group.n_sites", { n: g.sites.length }),
		g.groups.length && t("group.n_groups", { n: g.groups.length }),
	];
	return parts.filter(Boolean).join(", ");
}

export function DeviceGroups() {
	const load = useLoad(getDeviceGroups, "", AGAIN_MS);
	const [editing, edit] = useState<DeviceGroup | "new" | null>(null);
	const [leaving, leave] = useState<DeviceGroup | null>(null);
	const off = guard(can("configure"), "configure");
	useEffect(() => onEvent("device_group", load.reload), [load.reload]);
	return (
		<div class="card table-card" data-testid="device-groups">
			<div class="card-line inset">
				<p class="muted small">{t("group.hint")}</p>
				<button type="button" class="button small push" {...off} onClick={() => edit("new")}>
					<Icon name="plus" size={16} /> {t("group.new")}
				</button>
			</div>
			<Shown of={load} rows={4}>
				{(all) =>
					all.length === 0 ? (
						<Empty text={t("empty.groups")} />
					) : (
						<Scroll kind="table-wide" label={t("group.device_groups")}>
							<table class="table">
								<caption class="visually-hidden">
									{t("group.device_groups")}
								</caption>
								<thead>
									<tr>
										<th scope="col">{t("col.state")}</th>
										<th scope="col">{t("col.name")}</th>
										<th scope="col" class="num">
											{t("nav.devices")}
										</th>
										<th scope="col">{t("group.states")}</th>
										<th scope="col" class="grow">
											{t("group.holds")}
										</th>
										<th scope="col" class="wide">
											{t("group.used_by")}
										</th>
										<th scope="col">
											<span class="visually-hidden">
												{t("col.action")}
											</span>
										</th>
									</tr>
								</thead>
								<tbody>
									{all.map((g) => (
										<tr key={g.key} data-id={g.key}>
											<td>
												<span class="state-cell">
													<Shape
														severity={
															g.severity
														}
														size={
															18
														}
														ring={
															g.unack
														}
													/>
													<span class="wide-inline">
														{severityWord(
															g.severity,
														)}
													</span>
												</span>
											</td>
											<th scope="row">
												{g.name}{" "}
												<span class="muted small">
													{g.key}
												</span>
											</th>
											<td class="num">
												{number(g.members)}
											</td>
											<td>
												<Counts g={g} />
											</td>
											<td
												class="grow"
												title={[
													...g.devices,
													...g.sites,
													...g.groups,
												].join(", ")}
											>
												{holds(g)}
											</td>
											<td class="wide muted">
												{g.used_by.join(", ")}
											</td>
											<td>
												<span class="row-buttons">
													<button
														type="button"
														class="button small"
														{...off}
														aria-label={t(
															"group.edit_one",
															{
																name: g.name,
															},
														)}
														onClick={() =>
															edit(
																g,
															)
														}
													>
														{t(
															"edit",
														)}
													</button>
													<button
														type="button"
														class="button small"
														{...off}
														aria-label={t(
															"group.remove_one",
															{
																name: g.name,
															},
														)}
														onClick={() =>
															leave(
																g,
															)
														}
													>
														{t(
															"remove",
														)}
													</button>
												</span>
											</td>
										</tr>
									))}
								</tbody>
							</table>
						</Scroll>
					)
				}
			</Shown>
			{editing && (
				<Edit
					g={editing === "new" ? null : editing}
					all={load.data ?? []}
					onClose={() => edit(null)}
					onSaved={load.reload}
				/>
			)}
			{leaving && (
				<Removal
					title={t("group.remove_one", { name: leaving.name })}
					text={t("group.remove_text")}
					remove={() => removeDeviceGroup(leaving.id)}
					onClose={() => leave(null)}
					onDone={load.reload}
				/>
			)}
		</div>
	);
}
