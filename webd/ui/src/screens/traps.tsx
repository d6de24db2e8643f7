// SPDX-License-Identifier: Apache-2.0
// Who sends traps without being known, and at which hours a test trap is expected.
import { useState } from "preact/hooks";
import { addTrapWindow, getTrapWindows, getUnknownSenders, removeTrapWindow } from "../api/admin";
import type { TrapWindow } from "../api/admin_types";
import type { Severity } from "../api/types";
import { Field, FormTrouble, focusTrouble, required, TextField, type Troubles, troublesOf } from "../forms/field";
import { number, t, tryT, when } from "../i18n";
import { devices, fleetVersion } from "../state/fleet";
import { can } from "../state/session";
import { DeviceName, Dialog, Empty, guard, problemOf, problemTitle, Title } from "../ui/common";
import { Icon } from "../ui/icons";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";
import { Scroll } from "../ui/scroll";
import { Shape } from "../ui/shape";

const AGAIN_MS = 5000;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const RESULTS: Record<string, Severity> = { passed: "normal", missed: "major", waiting: "info" };

function Unknown() {
	const load = useLoad(getUnknownSenders, "", AGAIN_MS);
	const off = guard(can("configure"), "configure");
	return (
		<div class="card table-card" data-testid="unknown">
			<div class="card-line inset">
				<h2>{t("trap.unknown")}</h2>
				<span class="muted small">{t("trap.unknown_hint")}</span>
			</div>
			<Shown of={load} rows={3}>
				{(list) =>
					list.length === 0 ? (
						<Empty text={t("empty.unknown")} />
					) : (
						<Scroll kind="table-wide" label={t("trap.unknown")}>
							<table class="table">
								<caption class="visually-hidden">
									{t("trap.unknown")}
								</caption>
								<thead>
									<tr>
										<th scope="col">{t("trap.source")}</th>
										<th scope="col" class="num">
											{t("trap.count")}
										</th>
										<th scope="col">{t("trap.last")}</th>
										<th scope="col" class="wide">
											{t("trap.first")}
										</th>
										<th scope="col">{t("form.version")}</th>
										<th scope="col" class="grow">
											{t("trap.what")}
										</th>
										<th scope="col">
											<span class="visually-hidden">
												{t("col.action")}
											</span>
										</th>
									</tr>
								</thead>
								<tbody>
									{list.map((u) => {
										// the port a trap was sent from says nothing about where the device answers
										const address = u.source
											.replace(/^\[(.+)\]:\d+$/, "$1")
											.replace(
												/^([\d.]+):\d+$/,
												"$1",
											);
										return (
											<tr key={u.source}>
												<th scope="row">
													{u.source}
												</th>
												<td class="num">
													{number(
														u.count,
													)}
												</td>
												<td class="num">
													{when(
														u.last_at,
													)}
												</td>
												<td class="num wide">
													{when(
														u.first_at,
													)}
												</td>
												<td>{u.version}</td>
												<td
													class="grow"
													title={u.text}
												>
													{u.text ||
														u.trap_oid}
												</td>
												<td>
													{off.disabled ? (
														<button
															type="button"
															class="button small"
															{...off}
														>
															{t(
																"trap.add_device",
															)}
														</button>
													) : (
														<a
															class="button small"
															href={`/devices/add?address=${encodeURIComponent(address)}`}
														>
															{t(
																"trap.add_device",
															)}
														</a>
													)}
												</td>
											</tr>
										);
									})}
								</tbody>
							</table>
						</Scroll>
					)
				}
			</Shown>
		</div>
	);
}

function zoneHere(): string {
	return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

function AddWindow({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
	const [device, setDevice] = useState("");
	const [name, setName] = useState("");
	const [days, setDays] = useState<ReadonlySet<string>>(new Set(DAYS));
	const [at, setAt] = useState("02:00");
	const [minutes, setMinutes] = useState("10");
	const [tz, setTz] = useState(zoneHere);
	const [troubles, setTroubles] = useState<Troubles>({});
	const [busy, setBusy] = useState(false);
	const off = guard(can("configure"), "configure");
	const save = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad: Troubles = {};
		const found = [...devices.values()].find((d) => d.key === device.trim());
		if (!found) bad.device_id = required(device) ?? t("trap.no_device");
		if (!days.size) bad.days = t("form.required");
		if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(at)) bad.at = t("form.required");
		const n = Number(minutes);
		if (!Number.isInteger(n) || n < 1 || n > 720) bad.minutes = t("form.between", { least: 1, most: 720 });
		setTroubles(bad);
		if (!found || Object.keys(bad).length) return;
		setBusy(true);
		try {
			await addTrapWindow({
				device_id: found.id,
				name: name.trim() || t("trap.default_name"),
				days: DAYS.filter((d) => days.has(d)),
				at,
				minutes: n,
				tz,
			});
			onAdded();
			onClose();
		} catch (x) {
			setTroubles(
				troublesOf(problemOf(x), ["device_id", "name", "days", "at", "minutes", "tz"], {
					key: "device_id",
				}),
			);
			setBusy(false);
		}
	};
	return (
		<Dialog title={t("trap.window_add")} onClose={onClose}>
			<form onSubmit={save} noValidate>
				<TextField
					label={t("col.device")}
					name="device_id"
					value={device}
					list="window-devices"
					trouble={troubles.device_id}
					onInput={setDevice}
				/>
				<datalist id="window-devices">
					{[...devices.values()].map((d) => (
						<option value={d.key} key={d.id} />
					))}
				</datalist>
				<TextField
					label={t("col.name")}
					name="name"
					value={name}
					placeholder={t("trap.default_name")}
					trouble={troubles.name}
					onInput={setName}
				/>
				<fieldset class="chips" data-field="days">
					<legend class="field-label">{t("trap.days")}</legend>
					{DAYS.map((d) => (
						<label class="chip" key={d}>
							<input
								type="checkbox"
								checked={days.has(d)}
								onChange={(e) => {
									const next = new Set(days);
									if (e.currentTarget.checked) next.add(d);
									else next.delete(d);
									setDays(next);
								}}
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
								value={at}
								onInput={(e) => setAt(e.currentTarget.value)}
							/>
						)}
					</Field>
					<TextField
						label={t("trap.minutes")}
						name="minutes"
						type="number"
						min={1}
						max={720}
						value={minutes}
						trouble={troubles.minutes}
						onInput={setMinutes}
					/>
					<TextField
						label={t("trap.tz")}
						name="tz"
						value={tz}
						trouble={troubles.tz}
						onInput={setTz}
					/>
				</div>
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
						{t("trap.window_save")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

function daysText(days: string): string {
	const list: string[] = days.toLowerCase().match(/mon|tue|wed|thu|fri|sat|sun/g) ?? [];
	const chosen = DAYS.filter((d) => list.includes(d));
	if (!chosen.length) return days;
	if (chosen.length === 7) return t("trap.every_day");
	return chosen.map((d) => t(`day.${d}`)).join(" ");
}

function Windows() {
	fleetVersion.value;
	const load = useLoad(getTrapWindows, "", AGAIN_MS);
	const [adding, add] = useState(false);
	const [leaving, leave] = useState<TrapWindow | null>(null);
	const off = guard(can("configure"), "configure");
	const remove = async (w: TrapWindow) => {
		try {
			await removeTrapWindow(w.id);
		} catch (e) {
			const p = problemOf(e);
			say(p.detail || problemTitle(p), true);
		}
		leave(null);
		load.reload();
	};
	return (
		<div class="card table-card" data-testid="windows">
			<div class="card-line inset">
				<h2>{t("trap.windows")}</h2>
				<span class="muted small">{t("trap.windows_hint")}</span>
				<button type="button" class="button small push" {...off} onClick={() => add(true)}>
					<Icon name="plus" size={16} /> {t("trap.window_add")}
				</button>
			</div>
			<Shown of={load} rows={3}>
				{(list) =>
					list.length === 0 ? (
						<Empty text={t("empty.windows")} />
					) : (
						<Scroll kind="table-wide" label={t("trap.windows")}>
							<table class="table">
								<caption class="visually-hidden">
									{t("trap.windows")}
								</caption>
								<thead>
									<tr>
										<th scope="col">{t("trap.result")}</th>
										<th scope="col">{t("col.name")}</th>
										<th scope="col">{t("col.device")}</th>
										<th scope="col" class="grow">
											{t("trap.when")}
										</th>
										<th scope="col">
											<span class="visually-hidden">
												{t("col.action")}
											</span>
										</th>
									</tr>
								</thead>
								<tbody>
									{list.map((w) => (
										<tr key={w.id}>
											<td>
												<span class="state-cell">
													<Shape
														severity={
															RESULTS[
																w
																	.last_result
															] ??
															"unknown"
														}
														size={
															17
														}
													/>
													{tryT(
														`trap.result.${w.last_result || "none"}`,
														w.last_result,
													)}
													{w.last_at && (
														<span class="muted small num">
															{when(
																w.last_at,
															)}
														</span>
													)}
												</span>
											</td>
											<th scope="row">{w.name}</th>
											<td>
												<DeviceName
													id={w.device_id}
													path={
														w.key ||
														devices.get(
															w.device_id,
														)
															?.key ||
														""
													}
												/>
											</td>
											<td class="grow">
												{t("trap.span", {
													days: daysText(
														w.days,
													),
													at: w.at,
													minutes: w.minutes,
													tz: w.tz,
												})}
											</td>
											<td>
												<button
													type="button"
													class="button small"
													{...off}
													aria-label={t(
														"trap.window_remove",
														{
															name: w.name,
														},
													)}
													onClick={() =>
														leave(w)
													}
												>
													{t(
														"trap.remove",
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
			{adding && <AddWindow onClose={() => add(false)} onAdded={load.reload} />}
			{leaving && (
				<Dialog
					title={t("trap.window_remove", { name: leaving.name })}
					onClose={() => leave(null)}
				>
					<p>{t("trap.window_remove_text")}</p>
					<div class="dialog-foot">
						<button type="button" class="button" onClick={() => leave(null)}>
							{t("cancel")}
						</button>
						<button
							type="button"
							class="button danger"
							onClick={() => void remove(leaving)}
						>
							{t("trap.remove")}
						</button>
					</div>
				</Dialog>
			)}
		</div>
	);
}

export function Traps() {
	return (
		<div class="screen cards-screen">
			<div class="screen-head">
				<Title>{t("nav.traps")}</Title>
				<p class="muted">
					{t("trap.hint")} <a href="/system">{t("nav.system")}</a>
				</p>
			</div>
			<Unknown />
			<Windows />
		</div>
	);
}
