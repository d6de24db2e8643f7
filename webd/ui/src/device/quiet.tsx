// SPDX-License-Identifier: Apache-2.0
// Told on top of a device's page when its alarms are quiet, and why; the ways to make them so and to end it.
import { useState } from "preact/hooks";
import { getMaintenance, getTopology } from "../api/quiet";
import { t, when } from "../i18n";
import { bringBack, TakeOut } from "../quiet/out_of_service";
import { newWindow, WindowForm } from "../quiet/window_form";
import { quietAlarms } from "../state/alarms";
import { can } from "../state/session";
import { guard } from "../ui/common";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";

const AGAIN_MS = 15_000;

function covers(scope: { kind: string; name: string }, key: string): boolean {
	if (scope.kind === "everywhere") return true;
	if (scope.kind === "device") return scope.name === key;
	return scope.kind === "site" && key.startsWith(`${scope.name}/`);
}

export function QuietDevice({ id, deviceKey }: { id: string; deviceKey: string }) {
	const load = useLoad(
		async () => {
			const [windows, topology] = await Promise.all([getMaintenance(), getTopology()]);
			return {
				running: windows.filter((w) => w.running),
				out: topology.out_of_service.find((o) => o.device_id === id) ?? null,
			};
		},
		id,
		AGAIN_MS,
	);
	const [dialog, show] = useState<"" | "window" | "out">("");
	const off = guard(can("configure"), "configure");
	const out = load.data?.out;
	// windows of profiles and groups are known by the alarms they keep quiet
	const named = quietAlarms.value.find((a) => a.device_id === id && a.maintenance)?.maintenance;
	const w = load.data?.running.find((x) => covers(x.scope, deviceKey) || x.name === named);
	return (
		<>
			{out && (
				<p class="quiet-note" role="status" data-testid="out-note">
					<Icon name="mute" size={16} />
					<span>
						<strong>{t("quiet.is_out")}</strong>{" "}
						{t("quiet.is_out_text", {
							order: out.work_order,
							user: out.user,
							time: when(out.since),
						})}
					</span>
					<button
						type="button"
						class="button small"
						{...off}
						onClick={() => void bringBack(id, load.reload)}
					>
						{t("quiet.back")}
					</button>
				</p>
			)}
			{w && (
				<p class="quiet-note" role="status">
					<Icon name="mute" size={16} />
					<span>
						<strong>{t("quiet.in_window", { name: w.name })}</strong>{" "}
						{t("quiet.in_window_text", { time: when(w.until), reason: w.reason })}
					</span>
					<a href="/maintenance">{t("nav.maintenance")}</a>
				</p>
			)}
			{can("configure") && (
				<span class="quiet-buttons">
					<button
						type="button"
						class="button small"
						{...off}
						onClick={() => show("window")}
					>
						{t("quiet.window_here")}
					</button>
					{!out && (
						<button
							type="button"
							class="button small"
							{...off}
							onClick={() => show("out")}
						>
							{t("quiet.take_out")}…
						</button>
					)}
				</span>
			)}
			{dialog === "window" && (
				<WindowForm
					id=""
					start={newWindow({ kind: "device", name: deviceKey })}
					onClose={() => show("")}
					onSaved={load.reload}
				/>
			)}
			{dialog === "out" && <TakeOut device={id} onClose={() => show("")} onDone={load.reload} />}
		</>
	);
}
