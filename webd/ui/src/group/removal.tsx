// SPDX-License-Identifier: Apache-2.0
// Asked before something is removed; where that is refused the reason is told where one asked.
import { useState } from "preact/hooks";
import { FormTrouble } from "../forms/field";
import { t } from "../i18n";
import { can } from "../state/session";
import { Dialog, guard, problemOf, problemTitle } from "../ui/common";

export function Removal(props: {
	title: string;
	text: string;
	remove: () => Promise<void>;
	onClose: () => void;
	onDone: () => void;
}) {
	const [told, tell] = useState("");
	const run = async () => {
		try {
			await props.remove();
			props.onDone();
			props.onClose();
		} catch (e) {
			const p = problemOf(e);
			tell(p.detail || problemTitle(p));
		}
	};
	return (
		<Dialog title={props.title} onClose={props.onClose}>
			<p>{props.text}</p>
			<FormTrouble text={told} />
			<div class="dialog-foot">
				<button type="button" class="button" onClick={props.onClose}>
					{t("cancel")}
				</button>
				<button
					type="button"
					class="button danger"
					{...guard(can("configure"), "configure")}
					onClick={() => void run()}
				>
					{t("remove")}
				</button>
			</div>
		</Dialog>
	);
}
