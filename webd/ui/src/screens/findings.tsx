// SPDX-License-Identifier: Apache-2.0
// Values that cannot be right: what was seen, what is proposed, and one decision of a person, kept for the device.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { decideFinding, getCorrections, getFindings, removeCorrection } from "../api/admin";
import type { Correction, Finding } from "../api/admin_types";
import { number, quantity, t, tryT, when } from "../i18n";
import { pointLabel } from "../i18n/terms";
import { countFindings } from "../state/findings";
import { devices, fleetVersion } from "../state/fleet";
import { can } from "../state/session";
import { DeviceName, Dialog, Empty, guard, problemOf, problemTitle, Title } from "../ui/common";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";
import { Scroll } from "../ui/scroll";

const STATES = ["open", "decided"] as const;
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

/** "battery.block.voltage#s1.b17" is a point and its index. */
function labelOf(point: string): string {
	const cut = point.indexOf("#");
	return cut < 0 ? pointLabel(point, "") : pointLabel(point.slice(0, cut), point.slice(cut + 1));
}

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
					{labelOf(f.point)}
				</p>
				<p>{f.text}</p>
				<p class="form-note">
					{f.factor !== null &&
						f.value !== null &&
						t("finding.effect", {
							from: shownValue(f, f.value),
							to: shownValue(f, f.value * f.factor),
						})}
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

function About({ f }: { f: Finding }) {
	return (
		<>
			<th scope="row">
				<DeviceName
					id={f.device_id}
					path={f.key || devices.get(f.device_id)?.key || f.device_id}
				/>
			</th>
			<td class="wrap">
				<strong class="block">{tryT(`finding.kind.${f.kind}`, f.kind)}</strong>
				<span class="small muted">{labelOf(f.point)}</span>
			</td>
			<td class="grow wrap">
				{f.text}
				{f.value !== null && (
					<span class="muted small block">
						{t("finding.value", { value: shownValue(f, f.value) })}
					</span>
				)}
			</td>
		</>
	);
}

function OpenRow({ f, ask, done }: { f: Finding; ask: () => void; done: () => void }) {
	const off = guard(can("configure"), "configure");
	return (
		<tr data-id={f.id}>
			<About f={f} />
			<td class="wrap">
				<Proposal f={f} />
			</td>
			<td class="num small wide">{when(f.at)}</td>
			<td>
				<span class="button-row nowrap">
					{f.factor !== null && (
						<button type="button" class="button small" {...off} onClick={ask}>
							{t("finding.confirm")}…
						</button>
					)}
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
			</td>
		</tr>
	);
}

function DecidedRow({ c, done }: { c: Correction; done: () => void }) {
	const off = guard(can("configure"), "configure");
	const remove = async () => {
		try {
			await removeCorrection(c.id);
		} catch (e) {
			const p = problemOf(e);
			say(p.detail ? `${problemTitle(p)}: ${p.detail}` : problemTitle(p), true);
		}
		done();
	};
	return (
		<tr data-id={c.id}>
			<About f={c} />
			<td class="wrap">{c.factor ? <Proposal f={c} /> : <span>{t("finding.is_right")}</span>}</td>
			<td class="num small wide">
				{when(c.at)}
				<span class="muted block">{c.user}</span>
			</td>
			<td>
				<button type="button" class="button small" {...off} onClick={remove}>
					{t("finding.undo")}
				</button>
			</td>
		</tr>
	);
}

function List({ head, children }: { head: string; children: ComponentChildren }) {
	return (
		<Scroll kind="table-scroll" label={t("nav.findings")}>
			<table class="table tall-rows" data-testid="findings">
				<caption class="visually-hidden">{t("nav.findings")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("col.device")}</th>
						<th scope="col">{t("finding.what")}</th>
						<th scope="col" class="grow">
							{t("finding.seen")}
						</th>
						<th scope="col">{head}</th>
						<th scope="col" class="num wide">
							{t("col.since")}
						</th>
						<th scope="col">{t("col.action")}</th>
					</tr>
				</thead>
				<tbody>{children}</tbody>
			</table>
		</Scroll>
	);
}

function Open() {
	const load = useLoad(getFindings, "", AGAIN_MS);
	const [asked, ask] = useState<Finding | null>(null);
	const done = () => {
		load.reload();
		void countFindings();
	};
	return (
		<>
			<Shown of={load} rows={6}>
				{({ items, total }) =>
					items.length === 0 ? (
						<Empty text={t("empty.findings")} />
					) : (
						<>
							{total > items.length && (
								<p class="screen-note">
									{t("list.of", { n: items.length, all: total })}
								</p>
							)}
							<List head={t("finding.proposal")}>
								{items.map((f) => (
									<OpenRow
										key={f.id}
										f={f}
										ask={() => ask(f)}
										done={done}
									/>
								))}
							</List>
						</>
					)
				}
			</Shown>
			{asked && <ConfirmDialog f={asked} onClose={() => ask(null)} onDone={done} />}
		</>
	);
}

function Decided() {
	const load = useLoad(getCorrections, "", AGAIN_MS);
	return (
		<Shown of={load} rows={6}>
			{(list) =>
				list.length === 0 ? (
					<Empty text={t("empty.findings_other")} />
				) : (
					<List head={t("finding.decision")}>
						{list.map((c) => (
							<DecidedRow key={c.id} c={c} done={load.reload} />
						))}
					</List>
				)
			}
		</Shown>
	);
}

export function Findings() {
	fleetVersion.value;
	const { query, route, path } = useLocation();
	const state = STATES.find((s) => s === query.state) ?? "open";
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
			{off.disabled && <p class="screen-note muted small">{off.title}</p>}
			{state === "open" ? <Open /> : <Decided />}
		</div>
	);
}
