// SPDX-License-Identifier: Apache-2.0
// Sign in, and the forced change of a one-time password.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { ended, me, readSession, sessionProblem, signIn, signOut } from "../state/session";
import { LanguageChoice } from "../ui/choices";
import { ErrorBox, problemOf, problemTitle, Skeleton } from "../ui/common";
import { PasswordForm } from "../ui/password";

function Panel({ title, children }: { title: string; children: preact.ComponentChildren }) {
	return (
		<main class="login-page" id="main">
			<div class="login-card card">
				<div class="login-brand">
					<svg width="40" height="40" viewBox="0 0 32 32" aria-hidden="true">
						<rect class="plate" width="32" height="32" rx="7" />
						<path class="bars" d="M6 10h20M10 10v12M16 10v7M22 10v12" />
						<circle class="tap" cx="16" cy="21.5" r="2.6" />
					</svg>
					<span>Busbar</span>
				</div>
				<h1>{title}</h1>
				{children}
			</div>
			<div class="login-foot">
				<LanguageChoice />
			</div>
		</main>
	);
}

function SignIn() {
	const [user, setUser] = useState("");
	const [password, setPassword] = useState("");
	const [trouble, setTrouble] = useState("");
	const [busy, setBusy] = useState(false);
	const submit = async (e: Event) => {
		e.preventDefault();
		setBusy(true);
		setTrouble("");
		try {
			await signIn(user.trim(), password);
		} catch (x) {
			const p = problemOf(x);
			if (p.status === 401) setTrouble(t("login.wrong"));
			else if (p.status === 429) setTrouble(t("login.wait", { n: Math.ceil(p.retry_after ?? 60) }));
			else setTrouble([problemTitle(p), p.detail].filter(Boolean).join(": "));
		} finally {
			setBusy(false);
		}
	};
	return (
		<Panel title={t("login.title")}>
			{ended.value && (
				<p class="form-note" role="status">
					{t("login.ended")}
				</p>
			)}
			<form class="form" onSubmit={submit}>
				<label class="field">
					<span>{t("login.user")}</span>
					<input
						name="user"
						autocomplete="username"
						autocapitalize="none"
						required
						value={user}
						onInput={(e) => setUser(e.currentTarget.value)}
					/>
				</label>
				<label class="field">
					<span>{t("login.password")}</span>
					<input
						type="password"
						name="password"
						autocomplete="current-password"
						required
						value={password}
						onInput={(e) => setPassword(e.currentTarget.value)}
					/>
				</label>
				{trouble && (
					<p class="form-error" role="alert">
						{trouble}
					</p>
				)}
				<button type="submit" class="button primary" disabled={busy}>
					{t("login.submit")}
				</button>
			</form>
		</Panel>
	);
}

const RETRY_MS = 5000;

/** While the server is away the page asks again by itself: nobody may be there to press the button. */
function useRetry(): void {
	const problem = sessionProblem.value;
	useEffect(() => {
		if (!problem) return;
		const timer = setTimeout(() => void readSession(), RETRY_MS);
		return () => clearTimeout(timer);
	}, [problem]);
}

export function Login() {
	useRetry();
	if (me.value?.must_change)
		return (
			<Panel title={t("login.first_title")}>
				<p class="muted">{t("login.first_text", { user: me.value.user })}</p>
				<PasswordForm onDone={() => {}} />
				<button type="button" class="button" onClick={() => void signOut()}>
					{t("logout")}
				</button>
			</Panel>
		);
	if (me.value === null) return <SignIn />;
	return (
		<Panel title="Busbar">
			{sessionProblem.value ? (
				<ErrorBox problem={sessionProblem.value} retry={() => void readSession()} />
			) : (
				<Skeleton rows={3} />
			)}
		</Panel>
	);
}
