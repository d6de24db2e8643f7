// SPDX-License-Identifier: Apache-2.0
// What a redundancy group is made of: members of four kinds, how many are needed, how long a change has to last.
import { useState } from "preact/hooks";
import { getRedundancy, type Member, OPS, type Redundancy, type RedundancyInput, saveRedundancy } from "../api/groups";
import type { Severity } from "../api/types";
import { mustBeAs } from "../api/unchanged";
import { FormTrouble, focusTrouble, required, SelectField, TextField, type Troubles, troublesOf } from "../forms/field";
import { pointNames, t } from "../i18n";
import { severityWord } from "../i18n/terms";
import { devices, groups as sites } from "../state/fleet";
import { can } from "../state/session";
import { Dialog, guard, problemOf } from "../ui/common";
import { Icon } from "../ui/icons";
import { KEY } from "./device_groups";
import { KeyList } from "./members";

const SEVERITIES: readonly Severity[] = ["critical", "major", "minor"];
const MEMBER_KINDS = ["device", "group", "redundancy", "condition"] as const;
const USUAL =
	"OFF BYPASS TEST CAL LB DEPLETED OVER FSD ups_fault ups_off output_off output_bad rectifier_failed battery_disconnected card_link_lost".split(
		" ",
	);
const FIELDS = ["key", "name", "site", "need", "hold_s", "severity", "members", "fails_on"] as const;
const NONE: Member = { kind: "device", name: "", point: "", op: "has", value: "" };

function MemberRow({
	m,
	i,
	offered,
	set,
	remove,
}: {
	m: Member;
	i: number;
	offered: readonly string[];
	set: (m: Member) => void;
	remove: () => void;
}) {
	const list = `member-${m.kind}`;
	return (
		<li class="member-row">
			<select
				aria-label={t("redundancy.member_kind", { i: i + 1 })}
				value={m.kind}
				onChange={(e) => set({ ...NONE, kind: e.currentTarget.value as Member["kind"] })}
			>
				{MEMBER_KINDS.map((k) => (
					<option value={k} key={k}>
						{t(`redundancy.kind_${k}`)}
					</option>
				))}
			</select>
			<input
				aria-label={t("redundancy.member_name", { i: i + 1 })}
				list={list}
				value={m.name}
				autocomplete="off"
				onInput={(e) => set({ ...m, name: e.currentTarget.value.trim() })}
			/>
			<datalist id={list}>
				{offered.map((k) => (
					<option value={k} key={k} />
				))}
			</datalist>
			{m.kind === "condition" && (
				<>
					<input
						aria-label={t("rules.point")}
						list="member-points"
						placeholder={t("rules.point")}
						value={m.point}
						onInput={(e) => set({ ...m, point: e.currentTarget.value.trim() })}
					/>
					<select
						aria-label={t("redundancy.op")}
						value={m.op}
						onChange={(e) => set({ ...m, op: e.currentTarget.value })}
					>
						{OPS.map((o) => (
							<option value={o} key={o}>
								{o === "has" ? t("redundancy.has") : o}
							</option>
						))}
					</select>
					<input
						aria-label={t("col.value")}
						placeholder={t("col.value")}
						value={m.value}
						onInput={(e) => set({ ...m, value: e.currentTarget.value })}
					/>
				</>
			)}
			<button
				type="button"
				class="icon-button"
				aria-label={t("group.take_out", { what: m.name || String(i + 1) })}
				onClick={remove}
			>
				<Icon name="close" size={16} />
			</button>
		</li>
	);
}

function inputOf(g: Redundancy | null): RedundancyInput {
	if (!g)
		return {
			key: "",
			name: "",
			site: "",
			need: 1,
			hold_s: 0,
			severity: "critical",
			members: [NONE, NONE],
			fails_on: [],
		};
	const { key, name, site, need, hold_s, severity, members, fails_on } = g;
	return { key, name, site, need, hold_s, severity, members, fails_on };
}

function troublesHere(x: RedundancyInput): Troubles {
	const bad: Troubles = {};
	const key = required(x.key) ?? (KEY.test(x.key) ? undefined : t("group.bad_key"));
	if (key) bad.key = key;
	const members = x.members.filter((m) => m.name);
	if (!members.length) bad.members = t("form.required");
	else if (members.some((m) => m.kind === "condition" && (!m.point || !m.value)))
		bad.members = t("redundancy.half_condition");
	if (!Number.isInteger(x.need) || x.need < 1) bad.need = t("form.between", { least: 1, most: 1024 });
	if (!Number.isFinite(x.hold_s) || x.hold_s < 0 || x.hold_s > 3600)
		bad.hold_s = t("form.between", { least: 0, most: 3600 });
	return bad;
}

export function RedundancyEdit(props: {
	g: Redundancy | null;
	groupKeys: readonly string[];
	others: readonly string[];
	onClose: () => void;
	onSaved: () => void;
}) {
	const { g, onClose, onSaved } = props;
	const [x, setX] = useState<RedundancyInput>(() => inputOf(g));
	const [seen] = useState(x);
	const [troubles, setTroubles] = useState<Troubles>({});
	const [busy, setBusy] = useState(false);
	const set = (part: Partial<RedundancyInput>) => setX((old) => ({ ...old, ...part }));
	const off = guard(can("configure"), "configure");
	const keys = [...devices.values()].map((d) => d.key);
	const offered = {
		device: keys,
		condition: keys,
		group: props.groupKeys,
		redundancy: props.others.filter((k) => k !== g?.key),
	};
	const save = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad = troublesHere(x);
		setTroubles(bad);
		if (Object.keys(bad).length) return;
		setBusy(true);
		try {
			if (g)
				await mustBeAs(seen, async () => {
					const now = (await getRedundancy()).find((y) => y.key === g.key);
					return now && inputOf(now);
				});
			await saveRedundancy(g ? g.id || g.key : "", {
				...x,
				name: x.name.trim() || x.key,
				members: x.members.filter((m) => m.name),
			});
			onSaved();
			onClose();
		} catch (err) {
			setTroubles(troublesOf(problemOf(err), FIELDS));
			setBusy(false);
		}
	};
	return (
		<Dialog title={g ? t("group.edit_one", { name: g.name }) : t("redundancy.new")} onClose={onClose} wide>
			<form onSubmit={(e) => void save(e)} noValidate>
				<div class="field-row">
					{!g && (
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
					<TextField
						label={t("col.site")}
						name="site"
						list="redundancy-sites"
						value={x.site}
						trouble={troubles.site}
						onInput={(v) => set({ site: v.trim() })}
					/>
					<datalist id="redundancy-sites">
						{[...sites.keys()].map((k) => (
							<option value={k} key={k} />
						))}
					</datalist>
				</div>
				<fieldset class="members" data-field="members">
					<legend class="field-label">{t("redundancy.members")}</legend>
					<ul class="plain">
						{x.members.map((m, i) => (
							<MemberRow
								key={String(i)}
								m={m}
								i={i}
								offered={offered[m.kind]}
								set={(next) =>
									set({
										members: x.members.map((o, j) =>
											j === i ? next : o,
										),
									})
								}
								remove={() =>
									set({
										members: x.members.filter(
											(_, j) => j !== i,
										),
									})
								}
							/>
						))}
					</ul>
					<datalist id="member-points">
						{pointNames().map((n) => (
							<option value={n} key={n} />
						))}
					</datalist>
					<button
						type="button"
						class="button small"
						onClick={() => set({ members: [...x.members, NONE] })}
					>
						<Icon name="plus" size={15} /> {t("redundancy.add_member")}
					</button>
					{troubles.members && (
						<p class="field-trouble small" role="alert">
							{troubles.members}
						</p>
					)}
				</fieldset>
				<div class="field-row">
					<TextField
						label={t("redundancy.need")}
						name="need"
						type="number"
						min={1}
						value={String(x.need)}
						trouble={troubles.need}
						onInput={(v) => set({ need: Number(v) })}
					/>
					<TextField
						label={t("redundancy.hold")}
						name="hold_s"
						type="number"
						min={0}
						max={3600}
						value={String(x.hold_s)}
						trouble={troubles.hold_s}
						onInput={(v) => set({ hold_s: Number(v) })}
					/>
					<SelectField
						label={t("redundancy.severity")}
						name="severity"
						value={x.severity}
						options={SEVERITIES.map((s) => [s, severityWord(s)] as const)}
						trouble={troubles.severity}
						onInput={(v) => set({ severity: v as Severity })}
					/>
				</div>
				<KeyList
					label={t("redundancy.fails_on")}
					name="fails_on"
					value={x.fails_on}
					offered={["OB", ...USUAL]}
					hint={t("redundancy.fails_on_hint")}
					trouble={troubles.fails_on}
					set={(v) => set({ fails_on: v })}
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
