// SPDX-License-Identifier: Apache-2.0
// Keys that work everywhere. Single letters are inactive in fields, in dialogs and when switched off in the profile.
import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { prefs } from "../state/prefs";
import { toggleSilence } from "../state/sound";

export const helpShown = signal(false);

const GO: Record<string, string> = {
	o: "/",
	d: "/devices",
	a: "/alarms",
	l: "/log",
	s: "/system",
	m: "/me",
	f: "/findings",
	v: "/discovery",
	t: "/traps",
	r: "/rules",
	u: "/groups",
	w: "/maintenance",
	k: "/kpis",
};
const CHORD_MS = 1500;

/** True when a single letter typed now is a command and not text. */
export function isCommand(e: KeyboardEvent): boolean {
	if (!prefs.keys.value || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return false;
	if (document.querySelector("dialog[open]")) return false;
	return !(
		e.target instanceof HTMLElement &&
		e.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")
	);
}

export function useKeys(handler: (key: string, e: KeyboardEvent) => boolean): void {
	useLayoutEffect(() => {
		const onKey = (e: KeyboardEvent) => {
			if (isCommand(e) && handler(e.key, e)) e.preventDefault();
		};
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, [handler]);
}

let chordUntil = 0;
/** True while the letter after "g" is awaited: screens must not take it for themselves. */
export const inChord = (): boolean => performance.now() < chordUntil;

export function useGlobalKeys(): void {
	const { route } = useLocation();
	useLayoutEffect(() => {
		const onKey = (e: KeyboardEvent) => {
			if (!isCommand(e)) return;
			const place = GO[e.key];
			if (inChord() && place) {
				chordUntil = 0;
				route(place);
			} else if (e.key === "g") chordUntil = performance.now() + CHORD_MS;
			else if (e.key === "?") helpShown.value = true;
			else if (e.key === "q") toggleSilence();
			else return;
			e.preventDefault();
			e.stopImmediatePropagation();
		};
		addEventListener("keydown", onKey, { capture: true });
		return () => removeEventListener("keydown", onKey, { capture: true });
	}, [route]);
}
