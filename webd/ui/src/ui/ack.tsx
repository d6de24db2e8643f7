// SPDX-License-Identifier: Apache-2.0
// Acknowledging: at once with one click or key, or through the dialog with a comment for many.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Alarm } from "../api/types";
import { t } from "../i18n";
import { ruleWord } from "../i18n/terms";
import { acknowledge, alarms, isUnack } from "../state/alarms";
import { offline } from "../state/live";
import { can, me } from "../state/session";
import { AlarmLines } from "./alarm_lines";
import { Dialog, guard, problemOf, problemTitle } from "./common";
import { say } from "./notice";

const asked = signal<string[] | null>(null);
const busy = signal<ReadonlySet<string>>(new Set());

/** The first one counts: then the answer names him, and our comment is not kept. "" when that was us. */
function whoWasFirst(text: string): string {
	const user = /^acknowledged by (.*) at /.exec(text)?.[1] ?? "";
	return user === me.peek()?.user ? "" : user;
}

async function run(ids: string[], comment: string): Promise<boolean> {
	busy.value = new Set([...busy.value, ...ids]);
	try {
		const all = await acknowledge(ids, comment);
		const bad = all.filter((r) => !r.ok);
		const others = all.filter((r) => r.ok && whoWasFirst(r.text));
		if (bad.length) say(t("ack.failed", { n: bad.length, text: bad[0]?.text || bad[0]?.code || "" }), true);
		else if (others.length)
			say(t("ack.others", { n: others.length, user: whoWasFirst(others[0]?.text ?? "") }), true);
		return bad.length === 0;
	} catch (e) {
		const p = problemOf(e);
		say(`${t("ack.not_done")} ${problemTitle(p)}${p.detail ? `: ${p.detail}` : ""}`, true);
		return false;
	} finally {
		busy.value = new Set([...busy.value].filter((id) => !ids.includes(id)));
	}
}

/** One alarm: at once. Several: asks for a comment first. */
export function ack(ids: string[]): void {
	const open = ids.filter((id) => {
		const a = alarms.get(id);
		return a && isUnack(a);
	});
	if (!open.length || offline() || !can("ack")) return;
	if (open.length === 1) void run(open, "");
	else asked.value = open;
}

export function askAck(ids: string[]): void {
	if (ids.length && !offline() && can("ack")) asked.value = ids;
}

export function AckButton({ alarm, small }: { alarm: Alarm; small?: boolean }) {
	if (!isUnack(alarm)) return null;
	const off = guard(can("ack"), "ack");
	const working = busy.value.has(alarm.id);
	return (
		<button
			type="button"
			class={small ? "button small" : "button"}
			disabled={off.disabled || working}
			title={off.title}
			aria-label={t("ack.one", { what: `${alarm.device} ${ruleWord(alarm.rule)}` })}
			onClick={(e) => {
				e.stopPropagation();
				ack([alarm.id]);
			}}
		>
			{t("ack")}
		</button>
	);
}

export function AckDialog() {
	const ids = asked.value;
	const [comment, setComment] = useState("");
	if (!ids) return null;
	const close = () => {
		asked.value = null;
		setComment("");
	};
	return (
		<Dialog title={t("ack.title", { n: ids.length })} onClose={close}>
			<form
				onSubmit={async (e) => {
					e.preventDefault();
					if (await run(ids, comment.trim())) close();
				}}
			>
				<AlarmLines ids={ids} />
				<label class="field">
					<span>{t("ack.comment")}</span>
					<textarea
						maxLength={500}
						rows={3}
						value={comment}
						onInput={(e) => setComment(e.currentTarget.value)}
					/>
				</label>
				<p class="muted">{t("ack.hint")}</p>
				<div class="dialog-foot">
					<button type="button" class="button" onClick={close}>
						{t("cancel")}
					</button>
					<button type="submit" class="button primary" {...guard(can("ack"), "ack")}>
						{t("ack")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}
