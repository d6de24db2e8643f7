// SPDX-License-Identifier: Apache-2.0
// Preferences of this browser, kept in localStorage and applied to the document.
import { effect, type Signal, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark" | "contrast";
export type Density = "comfortable" | "compact";

const PREFIX = "busbar.";

function stored<T extends string | number | boolean>(name: string, initial: T, allowed?: readonly T[]): Signal<T> {
	let value = initial;
	try {
		const raw = localStorage.getItem(PREFIX + name);
		const parsed = raw === null ? initial : (JSON.parse(raw) as T);
		if (typeof parsed === typeof initial && (!allowed || allowed.includes(parsed))) value = parsed;
	} catch {
		// storage is blocked or damaged: the default it is
	}
	const s = signal(value);
	effect(() => {
		try {
			localStorage.setItem(PREFIX + name, JSON.stringify(s.value));
		} catch {
			// not kept beyond this page
		}
	});
	return s;
}

export const THEMES: readonly Theme[] = ["system", "light", "dark", "contrast"];

export const prefs = {
	theme: stored<Theme>("theme", "system", THEMES),
	language: stored<string>("language", ""),
	density: stored<Density>("density", "comfortable", ["comfortable", "compact"]),
	greenNormal: stored<boolean>("green-normal", false),
	freeze: stored<boolean>("freeze", false),
	keys: stored<boolean>("keys", true),
	sound: stored<boolean>("sound", true),
	volume: stored<number>("volume", 70),
};

/** "light" or "dark" as it is in force now; the canvas redraws when it changes. */
export const shade = signal<"light" | "dark">("light");

export function startPrefs(): void {
	const dark = matchMedia("(prefers-color-scheme: dark)");
	const apply = () => {
		const root = document.documentElement;
		const theme = prefs.theme.value;
		const isDark = theme === "dark" || (theme !== "light" && dark.matches);
		root.dataset.theme = isDark ? "dark" : "light";
		root.dataset.contrast = theme === "contrast" ? "more" : "";
		root.dataset.density = prefs.density.value;
		root.dataset.green = prefs.greenNormal.value ? "yes" : "";
		shade.value = isDark ? "dark" : "light";
	};
	dark.addEventListener("change", apply);
	effect(apply);
	addEventListener("storage", (e) => {
		if (!e.key?.startsWith(PREFIX) || e.newValue === null) return;
		const name = e.key.slice(PREFIX.length).replace(/-(.)/g, (_, c: string) => c.toUpperCase());
		const s = (prefs as Record<string, Signal<unknown>>)[name];
		if (s) s.value = JSON.parse(e.newValue);
	});
}
