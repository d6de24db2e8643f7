// SPDX-License-Identifier: Apache-2.0
// A maintenance window: for whom, why, and when: once, or at the same time on some days of every week.
import { useState } from "preact/hooks";
import {
	getMaintenance,
	type Maintenance,
	type MaintenanceInput,
	maintenanceBody,
	saveMaintenance,
} from "../api/quiet";
import { SCOPES, type ScopeKind } from "../api/rules";
import { mustBeAs } from "../api/unchanged";
import {
	Field,
	FormTrouble,
	focusTrouble,
	required,
	SelectField,
	TextField,
	type Troubles,
	troublesOf,
} from "../forms/field";
import { t } from "../i18n";
import { devices, groups } from "../state/fleet";
import { can } from "../state/session";
import { Dialog, guard, problemOf } from "../ui/common";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const FIELDS = ["name", "reason", "scope", "starts_at", "ends_at", "days", "at", "minutes", "tz"] as const;
const HOUR_MS = 3_600_000;

const local = (iso: string): string => {
	const d = new Date(iso);
	if (!iso || Number.isNaN(d.getTime())) return "";
	return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

export function newWindow(scope: Maintenance["scope"]): MaintenanceInput {
	const now = Date.now();
	return {
		name: "",
		reason: "",
		scope,
		starts_at: new Date(now).toISOString(),
		ends_at: new Date(now + 2 * HOUR_MS).toISOString(),
		days: [],
		at: "02:00",
		minutes: 120,
		tz: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
	};
}

function troublesHere(m: MaintenanceInput, weekly: boolean): Troubles {
	const bad: Troubles = {};
	const put = (name: string, v: string | undefined) => {
		if (v) bad[name] = v;
	};
	put("name", required(m.name));
	put("reason", required(m.reason));
	if (m.scope.kind !== "everywhere") put("scope", required(m.scope.name));
	if (weekly) {
		if (!m.days.length) bad.days = t("form.required");
		if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(m.at)) bad.at = t("form.required");
		if (!Number.isInteger(m.minutes) || m.minutes < 1 || m.minutes > 4320)
			bad.minutes = t("form.between", { least: 1, most: 4320 });
		return bad;
	}
	put("starts_at", required(m.starts_at));
	put("ends_at", required(m.ends_at));
	if (!bad.starts_at && !bad.ends_at && m.ends_at <= m.starts_at) bad.ends_at = t("quiet.ends_before");
	return bad;
}

function Scope({
	m,
	set,
	troubles,
}: {
	m: MaintenanceInput;
	set: (p: Partial<MaintenanceInput>) => void;
	troubles: Troubles;
}) {
	const names: Record<ScopeKind, readonly string[]> = {
		everywhere: [],
		profile: [...new Set([...devices.values()].map((d) => d.profile))],
		site: [...groups.keys()],
		group: [],
		device: [...devices.values()].map((d) => d.key),
	};
	return (
		<div class="field-row">
			<SelectField
				label={t("quiet.scope")}
				name="scope_kind"
				value={m.scope.kind}
				options={[...SCOPES].reverse().map((s) => [s, t(`scope.${s}`)] as const)}
				onInput={(v) => set({ scope: { kind: v as ScopeKind, name: "" } })}
			/>
			{m.scope.kind !== "everywhere" && (
				<>
					<TextField
						label={t(`scope.${m.scope.kind}`)}
						name="scope"
						list="window-scope"
						value={m.scope.name}
						trouble={troubles.scope}
						onInput={(v) => set({ scope: { ...m.scope, name: v.trim() } })}
					/>
					<datalist id="window-scope">
						{names[m.scope.kind].map((n) => (
							<option value={n} key={n} />
						))}
					</datalist>
				</>
			)}
		</div>
	);
}

function Weekly({
	m,
	set,
	troubles,
}: {
	m: MaintenanceInput;
	set: (p: Partial<MaintenanceInput>) => void;
	troubles: Troubles;
}) {
	return (
		<>
			<fieldset class="chips" data-field="days">
				<legend class="field-label">{t("trap.days")}</legend>
				{DAYS.map((d) => (
					<label class="chip" key={d}>
						<input
							type="checkbox"
							checked={m.days.includes(d)}
							onChange={() =>
								set({
									days: DAYS.filter((x) =>
										x === d
											? !m.days.includes(d)
											: m.days.includes(x),
									),
								})
							}
						/>
						{t(`day.${d}`)}
					</label>
				))}
			</fieldset>
			<FormTrouble text={troubles.days} />
			<div class="field-row">
				<Field label={t("trap.at")} name="at" trouble={troubles.at}>
					{(aria) => (
						<input
							{...aria}
							type="time"
							value={m.at}
							onInput={(e) => set({ at: e.currentTarget.value })}
						/>
					)}
				</Field>
				<TextField
					label={t("trap.minutes")}
					name="minutes"
					type="number"
					min={1}
					max={4320}
					value={String(m.minutes)}
					trouble={troubles.minutes}
					onInput={(v) => set({ minutes: Number(v) })}
				/>
				<TextField
					label={t("trap.tz")}
					name="tz"
					value={m.tz}
					trouble={troubles.tz}
					onInput={(v) => set({ tz: v.trim() })}
				/>
			</div>
		</>
	);
}

function Once({
	m,
	set,
	troubles,
}: {
	m: MaintenanceInput;
	set: (p: Partial<MaintenanceInput>) => void;
	troubles: Troubles;
}) {
	return (
		<div class="field-row">
			{(["starts_at", "ends_at"] as const).map((name) => (
				<Field key={name} label={t(`quiet.${name}`)} name={name} trouble={troubles[name]}>
					{(aria) => (
						<input
							{...aria}
							type="datetime-local"
							value={local(m[name])}
							onChange={(e) =>
								set({
									[name]: e.currentTarget.value
										? new Date(
												e.currentTarget.value,
											).toISOString()
										: "",
								})
							}
						/>
					)}
				</Field>
			))}
		</div>
	);
}

export function WindowForm({
	id,
	start,
	onClose,
	onSaved,
}: {
	id: string;
	start: MaintenanceInput;
	onClose: () => void;
	onSaved: () => void;
}) {
	const [m, setM] = useState(start);
	const [seen] = useState(start);
	const [weekly, setWeekly] = useState(start.days.length > 0);
	const [troubles, setTroubles] = useState<Troubles>({});
	const [busy, setBusy] = useState(false);
	const set = (part: Partial<MaintenanceInput>) => setM((old) => ({ ...old, ...part }));
	const off = guard(can("configure"), "configure");
	const save = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad = troublesHere(m, weekly);
		setTroubles(bad);
		if (Object.keys(bad).length) return;
		setBusy(true);
		try {
			if (id)
				await mustBeAs(maintenanceBody(seen), async () => {
					const now = (await getMaintenance()).find((y) => y.id === id);
					return now && maintenanceBody(now);
				});
			await saveMaintenance(id, {
				...m,
				name: m.name.trim(),
				reason: m.reason.trim(),
				days: weekly ? m.days : [],
			});
			onSaved();
			onClose();
		} catch (x) {
			setTroubles(troublesOf(problemOf(x), FIELDS));
			setBusy(false);
		}
	};
	const part = { m, set, troubles };
	return (
		<Dialog title={t(id ? "quiet.edit" : "quiet.new")} onClose={onClose}>
			<form onSubmit={(e) => void save(e)} noValidate>
				<TextField
					label={t("col.name")}
					name="name"
					value={m.name}
					trouble={troubles.name}
					onInput={(v) => set({ name: v })}
				/>
				<TextField
					label={t("quiet.reason")}
					name="reason"
					value={m.reason}
					trouble={troubles.reason}
					onInput={(v) => set({ reason: v })}
				/>
				<Scope {...part} />
				<fieldset class="segments">
					<legend>{t("quiet.when")}</legend>
					{[false, true].map((w) => (
						<label key={String(w)}>
							<input
								type="radio"
								name="weekly"
								checked={weekly === w}
								onChange={() => {
									setWeekly(w);
									if (w && !m.days.length) set({ days: ["sun"] });
								}}
							/>
							<span>{t(w ? "quiet.weekly" : "quiet.once")}</span>
						</label>
					))}
				</fieldset>
				{weekly ? <Weekly {...part} /> : <Once {...part} />}
				<p class="muted">{t("quiet.hint")}</p>
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
