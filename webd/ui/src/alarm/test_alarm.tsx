// SPDX-License-Identifier: Apache-2.0
// An alarm that is only a test: goes the way of a real one, is marked everywhere, switches nothing off, ends by itself.
import { useState } from "preact/hooks";
import { raiseTest } from "../api/quiet";
import type { Severity } from "../api/types";
import { FormTrouble, focusTrouble, required, SelectField, TextField, type Troubles, troublesOf } from "../forms/field";
import { t } from "../i18n";
import { severityWord } from "../i18n/terms";
import { devices, groups } from "../state/fleet";
import { can } from "../state/session";
import { Dialog, guard, problemOf } from "../ui/common";
import { say } from "../ui/notice";

const SEVERITIES: readonly Severity[] = ["critical", "major", "minor", "info"];

function TestDialog({ onClose }: { onClose: () => void }) {
	const [where, setWhere] = useState("");
	const [severity, setSeverity] = useState<string>("minor");
	const [words, setWords] = useState("");
	const [troubles, setTroubles] = useState<Troubles>({});
	const send = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const key = where.trim();
		const known = [...devices.values()].some((d) => d.key === key);
		const bad: Troubles = {};
		const missing = required(where) ?? (known || groups.has(key) ? undefined : t("test_alarm.nowhere"));
		if (missing) bad.device = missing;
		setTroubles(bad);
		if (missing) return;
		try {
			await raiseTest(
				known ? { device: key } : { site: key },
				severity as Severity,
				words.trim() || t("test_alarm.default"),
			);
			say(t("test_alarm.sent"));
			onClose();
		} catch (x) {
			setTroubles(troublesOf(problemOf(x), ["device", "severity", "text"], { site: "device" }));
		}
	};
	return (
		<Dialog title={t("test_alarm.title")} onClose={onClose}>
			<form onSubmit={(e) => void send(e)} noValidate>
				<TextField
					label={t("test_alarm.where")}
					name="device"
					value={where}
					list="test-places"
					trouble={troubles.device}
					onInput={setWhere}
				/>
				<datalist id="test-places">
					{[...groups.keys(), ...[...devices.values()].map((d) => d.key)].map((k) => (
						<option value={k} key={k} />
					))}
				</datalist>
				<SelectField
					label={t("col.severity")}
					name="severity"
					value={severity}
					options={SEVERITIES.map((s) => [s, severityWord(s)] as const)}
					trouble={troubles.severity}
					onInput={setSeverity}
				/>
				<TextField
					label={t("test_alarm.text")}
					name="text"
					value={words}
					placeholder={t("test_alarm.default")}
					trouble={troubles.text}
					onInput={setWords}
				/>
				<p class="muted">{t("test_alarm.hint")}</p>
				<FormTrouble text={troubles[""]} />
				<div class="dialog-foot">
					<button type="button" class="button" onClick={onClose}>
						{t("cancel")}
					</button>
					<button
						type="submit"
						class="button primary"
						{...guard(can("control"), "control")}
					>
						{t("test_alarm.send")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

export function TestAlarm() {
	const [shown, show] = useState(false);
	if (!can("control")) return null;
	return (
		<>
			<button type="button" class="button" {...guard(true, "")} onClick={() => show(true)}>
				{t("test_alarm.title")}…
			</button>
			{shown && <TestDialog onClose={() => show(false)} />}
		</>
	);
}
