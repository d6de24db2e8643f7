// SPDX-License-Identifier: Apache-2.0
// All rules as one text: looked over, changed, tried, taken. What is wrong is told with its line, and the line is marked.
import { useEffect, useRef, useState } from "preact/hooks";
import { exportRules, type Import, importRules, type RulesText as RulesTextOf } from "../api/rules";
import { t } from "../i18n";
import { can } from "../state/session";
import { Dialog, guard, problemOf, problemTitle, Title } from "../ui/common";
import { saveFile } from "../ui/csv";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";

/** Where the text says that it is wrong: "line 12: ..." or "rules:12: ...". */
export function lineOf(message: string): number | null {
	const m = /\bline (\d+)|:(\d+):/i.exec(message);
	return m ? Number(m[1] ?? m[2]) : null;
}

export function spanOfLine(text: string, line: number): [number, number] {
	const lines = text.split("\n");
	const from = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
	return [from, from + (lines[line - 1]?.length ?? 0)];
}

function Editor({ start, reload }: { start: RulesTextOf; reload: () => void }) {
	const [text, setText] = useState(start.text);
	const [told, tell] = useState("");
	const [plan, setPlan] = useState<Import | null>(null);
	const [asking, ask] = useState(false);
	const area = useRef<HTMLTextAreaElement>(null);
	const off = guard(can("configure"), "configure");
	useEffect(() => setText(start.text), [start]);
	const send = async (dry: boolean): Promise<Import | null> => {
		tell("");
		try {
			const got = await importRules(text, dry, start.etag);
			setPlan(got);
			return got;
		} catch (e) {
			const p = problemOf(e);
			const said =
				p.errors
					?.map((x) => x.detail)
					.filter(Boolean)
					.join("; ") ||
				p.detail ||
				problemTitle(p);
			setPlan(null);
			tell(said);
			const line = lineOf(said);
			const el = area.current;
			if (line && el) {
				const [from, to] = spanOfLine(text, line);
				el.focus();
				el.setSelectionRange(from, to);
				el.scrollTop = Math.max(
					0,
					(line - 4) * Number.parseFloat(getComputedStyle(el).lineHeight),
				);
			}
			return null;
		}
	};
	const apply = async () => {
		ask(false);
		if (!(await send(false))) return;
		say(t("rules.text_taken"));
		reload();
	};
	const counts = plan && {
		added: plan.added,
		changed: plan.changed,
		removed: plan.removed,
		same: plan.same,
	};
	return (
		<div class="rule-text-form">
			<textarea
				ref={area}
				class="mono text-edit"
				aria-label={t("rules.as_text")}
				aria-invalid={told !== ""}
				aria-describedby={told ? "rules-told" : undefined}
				spellcheck={false}
				rows={24}
				wrap="off"
				value={text}
				onInput={(e) => {
					setText(e.currentTarget.value);
					setPlan(null);
				}}
			/>
			{told && (
				<p class="field-trouble" role="alert" id="rules-told" data-testid="rules-told">
					{told}
				</p>
			)}
			{counts && (
				<p role="status" data-testid="rules-plan">
					{t("rules.text_plan", counts)}
				</p>
			)}
			<div class="button-row">
				<button type="button" class="button" {...off} onClick={() => void send(true)}>
					{t("rules.text_check")}
				</button>
				<button
					type="button"
					class="button primary"
					{...off}
					disabled={off.disabled || !plan}
					title={plan ? off.title : t("rules.text_check_first")}
					onClick={() => ask(true)}
				>
					{t("rules.text_apply")}
				</button>
				<button
					type="button"
					class="button"
					onClick={() => saveFile("rules.conf", text, "text/plain")}
				>
					{t("export")}
				</button>
				<label class="button file-button">
					{t("rules.text_file")}
					<input
						type="file"
						class="visually-hidden"
						accept=".conf,.cfg,.txt,text/plain"
						onChange={async (e) => {
							const file = e.currentTarget.files?.[0];
							if (!file) return;
							setText(await file.text());
							setPlan(null);
						}}
					/>
				</label>
				<a class="button" href="/rules">
					{t("cancel")}
				</a>
			</div>
			{asking && counts && (
				<Dialog title={t("rules.text_apply")} onClose={() => ask(false)}>
					<p>{t("rules.text_plan", counts)}</p>
					{counts.removed > 0 && <p class="form-note">{t("rules.text_removes")}</p>}
					<div class="dialog-foot">
						<button type="button" class="button" onClick={() => ask(false)}>
							{t("cancel")}
						</button>
						<button
							type="button"
							class="button primary"
							onClick={() => void apply()}
						>
							{t("rules.text_apply")}
						</button>
					</div>
				</Dialog>
			)}
		</div>
	);
}

export function RulesText() {
	const load = useLoad(exportRules);
	return (
		<div class="screen form-screen">
			<div class="screen-head">
				<Title>{t("rules.as_text")}</Title>
				<a href="/rules">{t("nav.rules")}</a>
				<p class="muted">{t("rules.text_hint_all")}</p>
			</div>
			{can("configure") ? (
				<Shown of={load} rows={12}>
					{(got) => <Editor start={got ?? { text: "", etag: "" }} reload={load.reload} />}
				</Shown>
			) : (
				<p class="screen-note">{t("disabled.right", { right: "configure" })}</p>
			)}
		</div>
	);
}
