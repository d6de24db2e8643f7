// SPDX-License-Identifier: Apache-2.0
// The list of keys, and the legend of shapes.
import { SEVERITIES } from "../api/types";
import { t } from "../i18n";
import { severityWord } from "../i18n/terms";
import { Dialog } from "./common";
import { helpShown } from "./keys";
import { Shape } from "./shape";

const KEYS = [
	["g o", "help.overview"],
	["g d", "help.devices"],
	["g a", "help.alarms"],
	["g f", "nav.findings"],
	["g l", "help.log"],
	["g v", "nav.discovery"],
	["g t", "nav.traps"],
	["g r", "nav.rules"],
	["g u", "nav.groups"],
	["g w", "nav.maintenance"],
	["g k", "nav.kpi"],
	["g s", "help.system"],
	["j k", "help.rows"],
	["x", "help.select"],
	["a", "help.ack"],
	["s", "help.shelve"],
	["c", "help.comment"],
	["m", "help.map"],
	["l", "help.log_lines"],
	["Enter", "help.expand"],
	["q", "help.silence"],
	["Ctrl K  /", "help.search"],
	["Backspace", "help.up"],
	["Esc", "help.close"],
] as const;

export function Help() {
	if (!helpShown.value) return null;
	return (
		<Dialog
			title={t("help.title")}
			onClose={() => {
				helpShown.value = false;
			}}
		>
			<div class="help-columns">
				<table class="keys">
					<caption class="visually-hidden">{t("help.title")}</caption>
					<tbody>
						{KEYS.map(([key, text]) => (
							<tr key={key}>
								<th scope="row">
									<kbd>{key}</kbd>
								</th>
								<td>{t(text)}</td>
							</tr>
						))}
					</tbody>
				</table>
				<div>
					<h3>{t("help.legend")}</h3>
					<ul class="plain">
						{SEVERITIES.map((s) => (
							<li key={s} class="legend-line">
								<Shape severity={s} /> {severityWord(s)}
							</li>
						))}
						<li class="legend-line">
							<Shape severity="major" ring /> {t("help.unack")}
						</li>
						<li class="legend-line">
							<Shape severity="major" acked /> {t("help.acked")}
						</li>
					</ul>
				</div>
			</div>
		</Dialog>
	);
}
