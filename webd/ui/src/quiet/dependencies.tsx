// SPDX-License-Identifier: Apache-2.0
// What is reached through what: a device through its gateway or switch, a site through its link. While that is lost, the
// others are its consequences and one alarm is raised.
import { useState } from "preact/hooks";
import { setLink, setParent, type Topology } from "../api/quiet";
import { FormTrouble, focusTrouble, required, SelectField, TextField, type Troubles, troublesOf } from "../forms/field";
import { t } from "../i18n";
import { devices, groups } from "../state/fleet";
import { can } from "../state/session";
import { DeviceName, Dialog, Empty, guard, problemOf, problemTitle } from "../ui/common";
import { Icon } from "../ui/icons";
import { say } from "../ui/notice";
import { Scroll } from "../ui/scroll";

function Add({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
	const [kind, setKind] = useState("device");
	const [what, setWhat] = useState("");
	const [through, setThrough] = useState("");
	const [troubles, setTroubles] = useState<Troubles>({});
	const idOf = (key: string) => [...devices.values()].find((d) => d.key === key.trim())?.id;
	const send = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad: Troubles = {};
		const known = kind === "site" ? groups.has(what.trim()) : idOf(what) !== undefined;
		if (!known) bad.what = required(what) ?? t(kind === "site" ? "depend.no_site" : "trap.no_device");
		if (idOf(through) === undefined) bad.parent = required(through) ?? t("trap.no_device");
		setTroubles(bad);
		if (Object.keys(bad).length) return;
		try {
			if (kind === "site") await setLink(what.trim(), through.trim());
			else await setParent(idOf(what) as string, through.trim());
			onDone();
			onClose();
		} catch (x) {
			setTroubles(troublesOf(problemOf(x), ["what", "parent"], { site: "what", device: "parent" }));
		}
	};
	return (
		<Dialog title={t("depend.add")} onClose={onClose}>
			<form onSubmit={(e) => void send(e)} noValidate>
				<SelectField
					label={t("depend.kind")}
					name="kind"
					value={kind}
					options={[
						["device", t("depend.kind_device")],
						["site", t("depend.kind_site")],
					]}
					onInput={(v) => {
						setKind(v);
						setWhat("");
					}}
				/>
				<TextField
					label={t(kind === "site" ? "col.site" : "col.device")}
					name="what"
					list="depend-what"
					value={what}
					trouble={troubles.what}
					onInput={setWhat}
				/>
				<datalist id="depend-what">
					{(kind === "site"
						? [...groups.keys()]
						: [...devices.values()].map((d) => d.key)
					).map((k) => (
						<option value={k} key={k} />
					))}
				</datalist>
				<TextField
					label={t("depend.through")}
					name="parent"
					list="depend-through"
					value={through}
					trouble={troubles.parent}
					onInput={setThrough}
				/>
				<datalist id="depend-through">
					{[...devices.values()].map((d) => (
						<option value={d.key} key={d.id} />
					))}
				</datalist>
				<FormTrouble text={troubles[""]} />
				<div class="dialog-foot">
					<button type="button" class="button" onClick={onClose}>
						{t("cancel")}
					</button>
					<button
						type="submit"
						class="button primary"
						{...guard(can("configure"), "configure")}
					>
						{t("save")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

export function Dependencies({ of, reload }: { of: Topology; reload: () => void }) {
	const [adding, add] = useState(false);
	const off = guard(can("configure"), "configure");
	const rows = [
		...of.links.map((l) => ({
			key: `site ${l.site}`,
			site: l.site,
			id: "",
			name: l.site,
			through: l.device_id,
			path: l.device,
		})),
		...of.parents.map((p) => ({
			key: `device ${p.device_id}`,
			site: "",
			id: p.device_id,
			name: p.key,
			through: p.parent_id,
			path: p.parent,
		})),
	];
	const remove = async (r: (typeof rows)[number]) => {
		try {
			if (r.site) await setLink(r.site, null);
			else await setParent(r.id, null);
		} catch (e) {
			const p = problemOf(e);
			say(p.detail || problemTitle(p), true);
		}
		reload();
	};
	return (
		<div class="card table-card" data-testid="dependencies">
			<div class="card-line inset">
				<h2>{t("depend.title")}</h2>
				<span class="muted small">{t("depend.hint")}</span>
				<button type="button" class="button small push" {...off} onClick={() => add(true)}>
					<Icon name="plus" size={16} /> {t("depend.add")}
				</button>
			</div>
			{rows.length === 0 ? (
				<Empty text={t("empty.dependencies")} />
			) : (
				<Scroll kind="table-wide" label={t("depend.title")}>
					<table class="table">
						<caption class="visually-hidden">{t("depend.title")}</caption>
						<thead>
							<tr>
								<th scope="col">{t("depend.what")}</th>
								<th scope="col" class="grow">
									{t("depend.through")}
								</th>
								<th scope="col">
									<span class="visually-hidden">
										{t("col.action")}
									</span>
								</th>
							</tr>
						</thead>
						<tbody>
							{rows.map((r) => (
								<tr key={r.key} data-id={r.key}>
									<th scope="row">
										{r.site ? (
											<a href={`/map/${r.site}`}>
												{r.name}
											</a>
										) : (
											<DeviceName
												id={r.id}
												path={r.name}
											/>
										)}
									</th>
									<td class="grow">
										<DeviceName
											id={r.through}
											path={r.path}
										/>
									</td>
									<td>
										<button
											type="button"
											class="button small"
											{...off}
											aria-label={t(
												"depend.remove_one",
												{ what: r.name },
											)}
											onClick={() => void remove(r)}
										>
											{t("remove")}
										</button>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</Scroll>
			)}
			{adding && <Add onClose={() => add(false)} onDone={reload} />}
		</div>
	);
}
