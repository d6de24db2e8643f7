// SPDX-License-Identifier: Apache-2.0
// The form that changes one's password; at the first login it is the only thing there is.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { changePassword } from "../state/session";
import { problemOf, problemTitle } from "./common";

const LEAST = 15;
const MOST = 128;

export function PasswordForm({ onDone }: { onDone: () => void }) {
	const [old, setOld] = useState("");
	const [fresh, setFresh] = useState("");
	const [again, setAgain] = useState("");
	const [trouble, setTrouble] = useState<{ field: "old" | "new" | "again" | ""; text: string } | null>(null);
	const [busy, setBusy] = useState(false);

	const submit = async (e: Event) => {
		e.preventDefault();
		if ([...fresh].length < LEAST || [...fresh].length > MOST)
			return setTrouble({ field: "new", text: t("password.length", { n: LEAST }) });
		if (fresh !== again) return setTrouble({ field: "again", text: t("password.differ") });
		if (fresh === old) return setTrouble({ field: "new", text: t("password.same") });
		setBusy(true);
		setTrouble(null);
		try {
			await changePassword(old, fresh);
			setOld("");
			setFresh("");
			setAgain("");
			onDone();
		} catch (x) {
			const p = problemOf(x);
			const place = p.errors?.[0];
			if (place?.pointer === "/new")
				setTrouble({ field: "new", text: place.detail || p.detail || problemTitle(p) });
			else if (p.type === "/problems/login-failed")
				setTrouble({ field: "old", text: t("password.wrong_old") });
			else setTrouble({ field: "", text: p.detail || problemTitle(p) });
		} finally {
			setBusy(false);
		}
	};
	const field = (name: "old" | "new" | "again", label: string, value: string, set: (v: string) => void) => (
		<label class="field">
			<span>{label}</span>
			<input
				type="password"
				name={name}
				autocomplete={name === "old" ? "current-password" : "new-password"}
				required
				value={value}
				aria-invalid={trouble?.field === name}
				aria-describedby={
					trouble?.field === name
						? "password-trouble"
						: name === "new"
							? "password-hint"
							: undefined
				}
				onInput={(e) => set(e.currentTarget.value)}
			/>
		</label>
	);
	return (
		<form class="form" onSubmit={submit}>
			{field("old", t("password.old"), old, setOld)}
			{field("new", t("password.new"), fresh, setFresh)}
			<p class="muted small" id="password-hint">
				{t("password.hint", { n: LEAST })}
			</p>
			{field("again", t("password.again"), again, setAgain)}
			{trouble && (
				<p class="form-error" role="alert" id="password-trouble">
					{trouble.text}
				</p>
			)}
			<button type="submit" class="button primary" disabled={busy}>
				{t("password.change")}
			</button>
		</form>
	);
}
