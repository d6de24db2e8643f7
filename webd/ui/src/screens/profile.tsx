// SPDX-License-Identifier: Apache-2.0
// One's own things: theme, language, sound, keys, password, log out.
import type { Signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Severity } from "../api/types";
import { number, t, tryT } from "../i18n";
import { severityWord } from "../i18n/terms";
import { type Density, prefs } from "../state/prefs";
import { me, signOut } from "../state/session";
import { audioState, enableSound, PATTERNS, play } from "../state/sound";
import { LanguageChoice, ThemeChoice } from "../ui/choices";
import { Title } from "../ui/common";
import { say } from "../ui/notice";
import { PasswordForm } from "../ui/password";
import { Shape } from "../ui/shape";

function Check({ pref, label, hint }: { pref: Signal<boolean>; label: string; hint?: string }) {
	return (
		<label class="check">
			<input
				type="checkbox"
				checked={pref.value}
				onChange={(e) => {
					pref.value = e.currentTarget.checked;
				}}
			/>
			<span>
				{label}
				{hint && <span class="muted small block">{hint}</span>}
			</span>
		</label>
	);
}

function Sound() {
	return (
		<section class="card" aria-labelledby="profile-sound">
			<h2 id="profile-sound">{t("profile.sound")}</h2>
			<p class="sound-state">
				{t(
					audioState.value === "ready"
						? "sound.on"
						: audioState.value === "off"
							? "sound.off"
							: "sound.is_locked",
				)}
			</p>
			<Check pref={prefs.sound} label={t("profile.sound_use")} />
			<label class="field">
				<span>
					{t("profile.volume")}{" "}
					<span class="num muted">{number(prefs.volume.value)} %</span>
				</span>
				<input
					type="range"
					min="5"
					max="100"
					step="5"
					value={prefs.volume.value}
					onInput={(e) => {
						prefs.volume.value = Number(e.currentTarget.value);
					}}
				/>
			</label>
			<p class="field-label">{t("profile.sound_test")}</p>
			<div class="button-row">
				{(Object.keys(PATTERNS) as Severity[]).map((s) => (
					<button
						type="button"
						class="button"
						key={s}
						onClick={async () => {
							await enableSound();
							play(s);
						}}
					>
						<Shape severity={s} size={14} /> {severityWord(s)}
					</button>
				))}
			</div>
		</section>
	);
}

export function Profile() {
	const [changed, setChanged] = useState(0);
	const who = me.value;
	if (!who) return null;
	return (
		<div class="screen profile-screen">
			<div class="screen-head">
				<Title>{t("nav.profile")}</Title>
				<span class="muted">
					{who.user} · {tryT(`role.${who.role}`, who.role)}
				</span>
				<button type="button" class="button head-end" onClick={() => void signOut()}>
					{t("logout")}
				</button>
			</div>
			<div class="profile-grid">
				<section class="card" aria-labelledby="profile-look">
					<h2 id="profile-look">{t("profile.look")}</h2>
					<ThemeChoice />
					<fieldset class="segments">
						<legend>{t("profile.density")}</legend>
						{(["comfortable", "compact"] as Density[]).map((d) => (
							<label key={d}>
								<input
									type="radio"
									name="density"
									checked={prefs.density.value === d}
									onChange={() => {
										prefs.density.value = d;
									}}
								/>
								<span>
									{t(
										d === "compact"
											? "density.compact"
											: "density.comfortable",
									)}
								</span>
							</label>
						))}
					</fieldset>
					<LanguageChoice />
					<Check
						pref={prefs.greenNormal}
						label={t("profile.green")}
						hint={t("profile.green_hint")}
					/>
					<Check pref={prefs.freeze} label={t("freeze")} hint={t("freeze.hint")} />
					<Check
						pref={prefs.keys}
						label={t("profile.keys")}
						hint={t("profile.keys_hint")}
					/>
				</section>
				<Sound />
				<section class="card" aria-labelledby="profile-password">
					<h2 id="profile-password">{t("password.title")}</h2>
					<PasswordForm
						key={String(changed)}
						onDone={() => {
							setChanged((n) => n + 1);
							say(t("password.done"));
						}}
					/>
				</section>
			</div>
		</div>
	);
}
