// SPDX-License-Identifier: Apache-2.0
// Values that cannot be right: what was seen, what is proposed, and one decision of a person, kept for the device.
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { decideFinding, getFindings } from "../api/admin";
import type { Finding } from "../api/admin_types";
import { number, quantity, t, tryT, when } from "../i18n";
import { pointLabel } from "../i18n/terms";
import { countFindings } from "../state/findings";
import { devices, fleetVersion } from "../state/fleet";
import { can } from "../state/session";
import { DeviceName, Dialog, Empty, guard, problemOf, problemTitle, Title } from "../ui/common";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";
import { Scroll } from "../ui/scroll";
import { Shape } from "../ui/shape";

const STATES = ["open", "confirmed", "dismissed"] as const;
const AGAIN_MS = 10_000;

const plainNumber = (v: number): string => number(v, Number.isInteger(v) ? 0 : Math.abs(v) < 1 ? 3 : 1);
const UNITS: [RegExp, string][] = [
	[/voltage/, "V"],
	[/current/, "A"],
	[/frequency/, "Hz"],
	[/temperature/, "°C"],
	[/runtime|time|timer/, "s"],
	[/charge|load|humidity|percent|health/, "%"],
];
/** Findings come without unit; where the name says it, it is said. */
const unitOf = (point: string): string => UNITS.find(([re]) => re.test(point))?.[1] ?? "";

function shownValue(f: Finding, value: number): string {
	const unit = unitOf(f.point);
	if (!unit) return plainNumber(value);
	const v = quantity(value, unit);
	return `${v.text} ${v.unit}`.trim();
}

function Proposal({ f }: { f: Finding }) {
	if (f.factor === null) return <span class="muted">{t("finding.no_proposal")}</span>;
	return (
		<span>
			× {number(f.factor, f.factor < 1 ? 3 : 0).replace(/0+$/, "")}
			{f.value !== null && (
				<>
					{" → "}
					<strong>{shownValue(f, f.value * f.factor)}</strong>
				</>
			)}
		</span>
	);
}

function ConfirmDialog({ f, onClose, onDone }: { f: Finding; onClose: () => void; onDone: () => void }) {
	const [busy, setBusy] = useState(false);
	const off = guard(can("configure"), "configure");
	const confirm = async (e: Event) => {
		e.preventDefault();
		setBusy(true);
		if (await decide(f, true)) onDone();
		onClose();
	};
	return (
		<Dialog title={t("finding.confirm_title")} onClose={onClose}>
			<form onSubmit={confirm}>
				<p>
					<strong class="wrap">{f.key}</strong>
					<br />
					{pointLabel(f.point, f.index)}
				</p>
				<p>{f.text}</p>
				<p class="form-note">
					{f.factor !== null && f.value !== null
						? t("finding.effect", {
								from: shownValue(f, f.value),
								to: shownValue(f, f.value * f.factor),
							})
						: t("finding.effect_none")}
				</p>
				<p class="muted small">{t("finding.effect_hint")}</p>
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
						{t("finding.confirm")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

async function decide(f: Finding, accept: boolean): Promise<boolean> {
	try {
		await decideFinding(f.id, accept);
		say(t(accept ? "finding.confirmed" : "finding.dismissed_one", { name: f.key }));
		return true;
	} catch (e) {
		const p = problemOf(e);
		say(p.detail ? `${problemTitle(p)}: ${p.detail}` : problemTitle(p), true);
		return false;
	}
}

function Row({ f, open, ask, done }: { f: Finding; open: boolean; ask: () => void; done: () => void }) {
	const off = guard(can("configure"), "configure");
	const identity = f.kind === "identity";
	return (
		<tr data-id={f.id}>
			<th scope="row">
				<DeviceName
					id={f.device_id}
					path={f.key || devices.get(f.device_id)?.key || f.device_id}
				/>
			</th>
			<td class="wrap">
				<span class="block">
					<Shape severity="minor" size={15} />{" "}
					<strong>{tryT(`finding.kind.${f.kind}`, f.kind)}</strong>
				</span>
				<span class="small muted">{pointLabel(f.point, f.index)}</span>
			</td>
			<td class="grow wrap">
				{f.text}
				{(f.value !== null || f.raw) && (
					<span class="muted small block">
						{f.value !== null &&
							t("finding.value", { value: shownValue(f, f.value) })}
						{f.raw && ` · ${t("finding.raw", { value: f.raw })}`}
					</span>
				)}
			</td>
			<td class="wrap">
				<Proposal f={f} />
			</td>
			<td class="num small wide">
				{when(f.first_at)}
				<span class="muted block">{t("finding.last", { time: when(f.last_at) })}</span>
			</td>
			<td>
				{open ? (
					identity ? (
						<a class="button small" href={`/devices/${f.device_id}`}>
							{t("device.open")}
						</a>
					) : (
						<span class="button-row nowrap">
							<button
								type="button"
								class="button small"
								{...off}
								onClick={ask}
							>
								{t("finding.confirm")}…
							</button>
							<button
								type="button"
								class="button small"
								{...off}
								onClick={async () => {
									await decide(f, false);
									done();
								}}
							>
								{t("finding.dismiss")}
							</button>
						</span>
					)
				) : (
					<span class="muted">{f.user}</span>
				)}
			</td>
		</tr>
	);
}

export function Findings() {
	fleetVersion.value;
	const { query, route, path } = useLocation();
	const state = STATES.find((s) => s === query.state) ?? "open";
	const load = useLoad(() => getFindings(state), state, AGAIN_MS);
	const [asked, ask] = useState<Finding | null>(null);
	const done = () => {
		load.reload();
		void countFindings();
	};
	const off = guard(can("configure"), "configure");
	return (
		<div class="screen list-screen">
			<div class="screen-head">
				<Title>{t("nav.findings")}</Title>
				<span class="muted">{t("finding.hint")}</span>
				<fieldset class="segments head-end">
					<legend class="visually-hidden">{t("col.state")}</legend>
					{STATES.map((s) => (
						<label key={s}>
							<input
								type="radio"
								name="state"
								checked={s === state}
								onChange={() =>
									route(
										s === "open"
											? path
											: `${path}?state=${s}`,
										true,
									)
								}
							/>
							<span>{t(`finding.state.${s}`)}</span>
						</label>
					))}
				</fieldset>
			</div>
			{off.disabled && state === "open" && <p class="screen-note muted small">{off.title}</p>}
			<Shown of={load} rows={6}>
				{(list) =>
					list.length === 0 ? (
						<Empty
							text={t(
								state === "open"
									? "empty.findings"
									: "empty.findings_other",
							)}
						/>
					) : (
						<Scroll kind="table-scroll" label={t("nav.findings")}>
							<table class="table tall-rows" data-testid="findings">
								<caption class="visually-hidden">
									{t("nav.findings")}
								</caption>
								<thead>
									<tr>
										<th scope="col">{t("col.device")}</th>
										<th scope="col">{t("finding.what")}</th>
										<th scope="col" class="grow">
											{t("finding.seen")}
										</th>
										<th scope="col">
											{t("finding.proposal")}
										</th>
										<th scope="col" class="num wide">
											{t("col.since")}
										</th>
										<th scope="col">
											{state === "open"
												? t("col.action")
												: t("col.user")}
										</th>
									</tr>
								</thead>
								<tbody>
									{list.map((f) => (
										<Row
											key={f.id}
											f={f}
											open={state === "open"}
											ask={() => ask(f)}
											done={done}
										/>
									))}
								</tbody>
							</table>
						</Scroll>
					)
				}
			</Shown>
			{asked && <ConfirmDialog f={asked} onClose={() => ask(null)} onDone={done} />}
		</div>
	);
}
