// SPDX-License-Identifier: Apache-2.0
// A device out of service: its alarms are quiet until somebody brings it back; the work order says why.
import { useState } from "preact/hooks";
import { takeBack, takeOut } from "../api/quiet";
import { FormTrouble, focusTrouble, required, TextField, type Troubles, troublesOf } from "../forms/field";
import { t } from "../i18n";
import { devices } from "../state/fleet";
import { can } from "../state/session";
import { Dialog, guard, problemOf, problemTitle } from "../ui/common";
import { say } from "../ui/notice";

/** `device` is its id; without one the form asks for it. */
export function TakeOut({ device, onClose, onDone }: { device?: string; onClose: () => void; onDone: () => void }) {
	const [key, setKey] = useState(device ? (devices.get(device)?.key ?? "") : "");
	const [order, setOrder] = useState("");
	const [troubles, setTroubles] = useState<Troubles>({});
	const send = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const found = [...devices.values()].find((d) => d.key === key.trim());
		const bad: Troubles = {};
		if (!found) bad.device = required(key) ?? t("trap.no_device");
		const missing = required(order);
		if (missing) bad.work_order = missing;
		setTroubles(bad);
		if (!found || missing) return;
		try {
			await takeOut(found.id, order.trim());
			onDone();
			onClose();
		} catch (x) {
			setTroubles(troublesOf(problemOf(x), ["device", "work_order"]));
		}
	};
	return (
		<Dialog title={t("quiet.take_out")} onClose={onClose}>
			<form onSubmit={(e) => void send(e)} noValidate>
				{device ? (
					<p>
						<strong>{key}</strong>
					</p>
				) : (
					<>
						<TextField
							label={t("col.device")}
							name="device"
							list="out-devices"
							value={key}
							trouble={troubles.device}
							onInput={setKey}
						/>
						<datalist id="out-devices">
							{[...devices.values()].map((d) => (
								<option value={d.key} key={d.id} />
							))}
						</datalist>
					</>
				)}
				<TextField
					label={t("quiet.work_order")}
					name="work_order"
					value={order}
					trouble={troubles.work_order}
					onInput={setOrder}
				/>
				<p class="muted">{t("quiet.out_hint")}</p>
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
						{t("quiet.take_out")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

export async function bringBack(id: string, done: () => void): Promise<void> {
	try {
		await takeBack(id);
	} catch (e) {
		const p = problemOf(e);
		say(p.detail || problemTitle(p), true);
	}
	done();
}
