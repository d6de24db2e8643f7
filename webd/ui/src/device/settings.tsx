// SPDX-License-Identifier: Apache-2.0
// Changing and removing a device.
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { changeDevice, getConfig, removeDevice } from "../api/admin";
import type { DeviceConfig } from "../api/admin_types";
import { DeviceForm } from "../forms/device_form";
import { FormTrouble } from "../forms/field";
import { t } from "../i18n";
import { fleet } from "../state/fleet";
import { can } from "../state/session";
import { Dialog, Empty, guard, problemOf, problemTitle } from "../ui/common";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";

function RemoveDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
	const { route } = useLocation();
	const [busy, setBusy] = useState(false);
	const [trouble, setTrouble] = useState("");
	const remove = async (e: Event) => {
		e.preventDefault();
		setBusy(true);
		try {
			await removeDevice(id);
			onClose();
			say(t("remove.done", { name }));
			route("/devices");
		} catch (x) {
			const p = problemOf(x);
			setTrouble(p.detail ? `${problemTitle(p)}: ${p.detail}` : problemTitle(p));
			setBusy(false);
		}
	};
	const off = guard(can("configure"), "configure");
	return (
		<Dialog title={t("remove.title")} onClose={onClose}>
			<form onSubmit={remove}>
				<p>
					<strong class="wrap">{name}</strong>
				</p>
				<h3>{t("remove.goes")}</h3>
				<ul>
					<li>{t("remove.goes_polling")}</li>
					<li>{t("remove.goes_alarms")}</li>
					<li>{t("remove.goes_secrets")}</li>
				</ul>
				<h3>{t("remove.stays")}</h3>
				<ul>
					<li>{t("remove.stays_log")}</li>
					<li>{t("remove.stays_history")}</li>
					<li>{t("remove.stays_plans")}</li>
				</ul>
				<FormTrouble text={trouble} />
				<div class="dialog-foot">
					<button type="button" class="button" onClick={onClose}>
						{t("cancel")}
					</button>
					<button
						type="submit"
						class="button danger"
						{...off}
						disabled={off.disabled || busy}
					>
						{t("remove.now")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

function Loaded({ id, name, c, reload }: { id: string; name: string; c: DeviceConfig; reload: () => void }) {
	const [asked, ask] = useState(false);
	const off = guard(can("configure"), "configure");
	return (
		<>
			<DeviceForm
				key={c.etag}
				stored={c}
				id={id}
				submit={t("form.save")}
				onSave={async (body) => {
					await changeDevice(id, body, c.etag);
					say(t("form.saved", { name: String(body.key ?? c.key) }));
					await fleet.load();
					reload();
				}}
			/>
			<section class="card remove-card" aria-labelledby="device-remove">
				<div class="card-line">
					<h2 id="device-remove">{t("remove.title")}</h2>
					<button type="button" class="button danger" {...off} onClick={() => ask(true)}>
						{t("remove.ask")}
					</button>
				</div>
				<p class="muted">{t("remove.hint")}</p>
			</section>
			{asked && <RemoveDialog id={id} name={name} onClose={() => ask(false)} />}
		</>
	);
}

export function Settings({ id, name }: { id: string; name: string }) {
	const load = useLoad(() => getConfig(id), id);
	if (!can("configure")) return <Empty text={t("disabled.right", { right: "configure" })} />;
	return (
		<div class="stack-cards" data-testid="settings">
			<Shown of={load} rows={8}>
				{(c) => <Loaded id={id} name={name} c={c} reload={load.reload} />}
			</Shown>
		</div>
	);
}
