// SPDX-License-Identifier: Apache-2.0
// Adding one device by hand. ?address= fills in where it is.
import { useLocation } from "preact-iso/router";
import { addDevice } from "../api/admin";
import { DeviceForm } from "../forms/device_form";
import { t } from "../i18n";
import { fleet } from "../state/fleet";
import { can } from "../state/session";
import { Empty, Title } from "../ui/common";
import { say } from "../ui/notice";

export function DeviceAdd() {
	const { query, route } = useLocation();
	return (
		<div class="screen form-screen">
			<div class="screen-head">
				<Title>{t("add.title")}</Title>
				<p class="muted">
					{t("add.hint")} <a href="/discovery">{t("nav.discovery")}</a>
				</p>
			</div>
			{can("configure") ? (
				<DeviceForm
					stored={null}
					id=""
					address={query.address}
					submit={t("add.do")}
					onSave={async (body) => {
						const id = await addDevice(body);
						say(t("add.done", { name: String(body.key) }));
						await fleet.load();
						route(`/devices/${id}`);
					}}
				/>
			) : (
				<Empty text={t("disabled.right", { right: "configure" })} />
			)}
		</div>
	);
}
