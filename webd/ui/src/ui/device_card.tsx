// SPDX-License-Identifier: Apache-2.0
// The side card of one device: state, key values, its alarms, the way to its page.
import { t } from "../i18n";
import { pointLabel, ruleWord, severityWord, statusWords, valueText } from "../i18n/terms";
import { alarmsKnown, alarmsOf } from "../state/alarms";
import { tick } from "../state/clock";
import { ageOf, type Device, QUICK, quick } from "../state/fleet";
import { AckButton } from "./ack";
import { AlarmsPending } from "./alarms_pending";
import { Age } from "./common";
import { Icon } from "./icons";
import { Shape } from "./shape";

const SHOWN = [QUICK.load, QUICK.charge, QUICK.runtime, QUICK.input, QUICK.output, QUICK.temperature];

export function DeviceCard({ device, onClose }: { device: Device; onClose: () => void }) {
	tick.value;
	const open = alarmsOf(device.id);
	return (
		<section class="card device-card" aria-label={device.name} data-testid="device-card">
			<div class="card-head">
				<Shape severity={device.severity} size={22} ring={device.unack > 0} label />
				<div class="card-title">
					<h2>{device.name}</h2>
					<p class="muted small">{device.model || device.address}</p>
				</div>
				<button type="button" class="icon-button" onClick={onClose} aria-label={t("close")}>
					<Icon name="close" size={18} />
				</button>
			</div>
			<p class={`card-status sev-${device.severity}`}>
				<span class="visually-hidden">{severityWord(device.severity)}: </span>
				{statusWords(device.status, device.comm)}
			</p>
			{device.lost_reason && <p class="muted small">{device.lost_reason}</p>}
			<dl class="facts">
				{SHOWN.map((names) => {
					const p = quick(device, names);
					if (!p) return null;
					const v = valueText(p);
					const gone = device.comm !== "ok" || p.quality === "unknown";
					return (
						<div key={p.name}>
							<dt>{pointLabel(p.name, "")}</dt>
							<dd
								class={`num${p.quality !== "good" || gone ? " stale" : ""}`}
							>
								{gone ? "?" : v.text}{" "}
								<span class="unit">{gone ? "" : v.unit}</span>
							</dd>
						</div>
					);
				})}
				<div>
					<dt>{t("device.last_contact")}</dt>
					<dd>
						<Age seconds={ageOf(device)} stale={device.comm !== "ok"} />
					</dd>
				</div>
			</dl>
			{!alarmsKnown() && <AlarmsPending />}
			{open.length > 0 && (
				<ul class="plain card-alarms">
					{open.slice(0, 4).map((a) => (
						<li key={a.id}>
							<Shape
								severity={a.severity}
								size={14}
								ring={a.state === "active_unack"}
								acked={a.state === "active_ack"}
								label
							/>
							<span>{ruleWord(a.rule)}</span>
							<AckButton alarm={a} small />
						</li>
					))}
				</ul>
			)}
			<a class="button primary" href={`/devices/${device.id}`}>
				{t("device.open")}
			</a>
		</section>
	);
}
