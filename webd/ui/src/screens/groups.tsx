// SPDX-License-Identifier: Apache-2.0
// Groups of devices, and groups of which some have to work.
import { useLocation } from "preact-iso/router";
import { DeviceGroups } from "../group/device_groups";
import { RedundancyGroups } from "../group/redundancy";
import { t } from "../i18n";
import { useTopic } from "../state/live";
import { Title } from "../ui/common";

export function Groups() {
	const { query } = useLocation();
	useTopic("groups");
	const devices = query.tab === "devices";
	return (
		<div class="screen cards-screen">
			<div class="screen-head">
				<Title>{t("nav.groups")}</Title>
				<nav class="subtabs" aria-label={t("group.tabs")}>
					<a href="/groups" aria-current={devices ? undefined : "page"}>
						{t("group.redundancy")}
					</a>
					<a href="/groups?tab=devices" aria-current={devices ? "page" : undefined}>
						{t("group.device_groups")}
					</a>
				</nav>
			</div>
			{devices ? <DeviceGroups /> : <RedundancyGroups />}
		</div>
	);
}
