// SPDX-License-Identifier: Apache-2.0
// What people do to alarms besides acknowledging: take it back, take over, comment, shelve. One dialog for all of them.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Deed, DeedDetails } from "../api/client";
import type { Problem } from "../api/types";
import { t } from "../i18n";
import { deal } from "../state/alarms";
import { offline } from "../state/live";
import { can } from "../state/session";
import { AlarmLines } from "./alarm_lines";
import { Dialog, ErrorBox, guard, problemOf } from "./common";
import { say } from "./notice";

type Asked = "unack" | "take" | "comment" | "shelve";
const asked = signal<{ deed: Asked; ids: string[] } | null>(null);

const HOUR = 3_600_000;
const SPANS = ["900000", "3600000", "28800000", "86400000", "604800000", "clear", "date"] as const;

export function askDeed(deed: Asked, ids: string[]): void {
	if (ids.length && !offline() && can("ack")) asked.value = { deed, ids };
}

/** True when all of it was done; otherwise people were told. */
export async function dealAndSay(deed: Deed, ids: string[], details: DeedDetails): Promise<boolean> {
	const bad = (await deal(deed, ids, details)).filter((r) => !r.ok);
	if (bad.length) say(t("deed.failed", { n: bad.length, text: bad[0]?.text || bad[0]?.code || "" }), true);
	return bad.length === 0;
}

function detailsOf(deed: Asked, comment: string, span: string, date: string): DeedDetails {
	if (deed !== "shelve") return comment ? { comment } : {};
	if (span === "date") return { comment, until: new Date(date).toISOString() };
	// A little less than seven days: the server's clock may be behind ours.
	const until = new Date(Date.now() + Number(span) - (Number(span) > 24 * HOUR ? HOUR : 0)).toISOString();
	return span === "clear" ? { comment, until_clear: true } : { comment, until };
}

function Span({ value, set }: { value: string; set: (v: string) => void }) {
	return (
		<label class="field">
			<span>{t("shelve.how_long")}</span>
			<select value={value} onChange={(e) => set(e.currentTarget.value)}>
				{SPANS.map((s) => (
					<option value={s} key={s}>
						{t(`shelve.span_${s}`)}
					</option>
				))}
			</select>
		</label>
	);
}

export function DeedDialog() {
	const now = asked.value;
	const [comment, setComment] = useState("");
	const [span, setSpan] = useState<string>(String(HOUR));
	const [date, setDate] = useState("");
	const [problem, setProblem] = useState<Problem | null>(null);
	if (!now) return null;
	const { deed, ids } = now;
	const needsText = deed === "shelve" || deed === "comment";
	const close = () => {
		asked.value = null;
		setComment("");
		setProblem(null);
	};
	const submit = async (e: Event) => {
		e.preventDefault();
		try {
			if (await dealAndSay(deed, ids, detailsOf(deed, comment.trim(), span, date))) close();
		} catch (err) {
			setProblem(problemOf(err));
		}
	};
	return (
		<Dialog title={t(`deed.title_${deed}`, { n: ids.length })} onClose={close}>
			<form onSubmit={(e) => void submit(e)}>
				<AlarmLines ids={ids} />
				{deed === "shelve" && <Span value={span} set={setSpan} />}
				{deed === "shelve" && span === "date" && (
					<label class="field">
						<span>{t("shelve.until")}</span>
						<input
							type="datetime-local"
							required
							value={date}
							onInput={(e) => setDate(e.currentTarget.value)}
						/>
					</label>
				)}
				<label class="field">
					<span>
						{t(
							deed === "shelve"
								? "shelve.reason"
								: needsText
									? "deed.comment"
									: "ack.comment",
						)}
					</span>
					<textarea
						maxLength={500}
						rows={3}
						required={needsText}
						value={comment}
						onInput={(e) => setComment(e.currentTarget.value)}
					/>
				</label>
				<p class="muted">{t(`deed.hint_${deed}`)}</p>
				{problem && <ErrorBox problem={problem} />}
				<div class="dialog-foot">
					<button type="button" class="button" onClick={close}>
						{t("cancel")}
					</button>
					<button type="submit" class="button primary" {...guard(can("ack"), "ack")}>
						{t(`deed.${deed}`)}
					</button>
				</div>
			</form>
		</Dialog>
	);
}
