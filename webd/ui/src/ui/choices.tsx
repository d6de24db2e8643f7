// SPDX-License-Identifier: Apache-2.0
// Language and theme.
import { LANGUAGES, t } from "../i18n";
import { prefs, THEMES, type Theme } from "../state/prefs";

const NAMES: Record<string, string> = { en: "English", de: "Deutsch" };

export function LanguageChoice() {
	return (
		<label class="field inline">
			<span>{t("profile.language")}</span>
			<select
				value={prefs.language.value}
				onChange={(e) => {
					prefs.language.value = e.currentTarget.value;
				}}
			>
				<option value="">{t("profile.language_auto")}</option>
				{LANGUAGES.map((l) => (
					<option value={l} key={l} lang={l}>
						{NAMES[l]}
					</option>
				))}
			</select>
		</label>
	);
}

export function ThemeChoice() {
	const words: Record<Theme, string> = {
		system: t("theme.system"),
		light: t("theme.light"),
		dark: t("theme.dark"),
		contrast: t("theme.contrast"),
	};
	return (
		<fieldset class="segments">
			<legend>{t("profile.theme")}</legend>
			{THEMES.map((x) => (
				<label key={x}>
					<input
						type="radio"
						name="theme"
						checked={prefs.theme.value === x}
						onChange={() => {
							prefs.theme.value = x;
						}}
					/>
					<span>{words[x]}</span>
				</label>
			))}
		</fieldset>
	);
}
