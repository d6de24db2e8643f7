// SPDX-License-Identifier: Apache-2.0
// One line for the outcome of an action, and the live region that tells of new alarms at most every 5 s.
import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { ruleWord, severityWord } from "../i18n/terms";
import { unacked } from "../state/alarms";
import { Icon } from "./icons";

export const notice = signal<{ text: string; bad: boolean } | null>(null);
const spoken = signal("");

const SHOWN_MS = 8000;
const SPEAK_EVERY_MS = 5000;

let timer = 0;
export function say(text: string, bad = false): void {
	notice.value = { text, bad };
	clearTimeout(timer);
	timer = window.setTimeout(() => {
		notice.value = null;
	}, SHOWN_MS);
}

function useAnnouncements(): void {
	useEffect(() => {
		const told = new Set(unacked.peek().map((a) => a.id));
		let waiting = 0;
		const speak = () => {
			waiting = 0;
			const fresh = unacked
				.peek()
				.filter(
					(a) => !told.has(a.id) && (a.severity === "critical" || a.severity === "major"),
				);
			for (const a of unacked.peek()) told.add(a.id);
			const first = fresh[0];
			if (!first) return;
			const text = `${severityWord(first.severity)}: ${first.device} ${ruleWord(first.rule)}`;
			spoken.value = fresh.length > 1 ? `${text} ${t("strip.more", { n: fresh.length - 1 })}` : text;
		};
		const stop = effect(() => {
			if (unacked.value.some((a) => !told.has(a.id)) && !waiting)
				waiting = window.setTimeout(speak, SPEAK_EVERY_MS);
		});
		return () => {
			stop();
			clearTimeout(waiting);
		};
	}, []);
}

export function Notices() {
	useAnnouncements();
	const n = notice.value;
	return (
		<>
			<div class="visually-hidden" role="status" aria-live="polite">
				{spoken.value}
			</div>
			<div class="notice-place" role="status">
				{n && (
					<div class={`notice${n.bad ? " bad" : ""}`}>
						<span>{n.text}</span>
						<button
							type="button"
							class="icon-button"
							aria-label={t("close")}
							onClick={() => {
								notice.value = null;
							}}
						>
							<Icon name="close" size={16} />
						</button>
					</div>
				)}
			</div>
		</>
	);
}
