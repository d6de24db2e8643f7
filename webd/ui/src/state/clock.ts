// SPDX-License-Identifier: Apache-2.0
// Time for the screens: a signal that moves once a second, and the one 1 Hz flash phase everything shares.
import { effect, signal } from "@preact/signals";
import { prefs } from "./prefs";

/** Monotonic milliseconds; ages are counted on this, so that a step of the wall clock makes nothing look fresh. */
export const monotonic = (): number => performance.now();

/** Moves once a second. Components that show ages read it. */
export const tick = signal(0);

const HALF_PERIOD_MS = 500;

/** True during the bright half. Stays true while flashing is frozen: then the ring is static. */
export const flashOn = signal(true);
export const flashing = signal(true);

export function startClock(): void {
	const calm = matchMedia("(prefers-reduced-motion: reduce)");
	const judge = () => {
		flashing.value = !prefs.freeze.value && !calm.matches;
	};
	calm.addEventListener("change", judge);
	effect(judge);
	effect(() => {
		const root = document.documentElement;
		root.dataset.flash = flashing.value ? (flashOn.value ? "on" : "off") : "frozen";
	});
	setInterval(() => {
		if (document.hidden) return;
		flashOn.value = !flashing.value || Math.floor(Date.now() / HALF_PERIOD_MS) % 2 === 0;
	}, HALF_PERIOD_MS / 2);
	setInterval(() => {
		tick.value++;
	}, 1000);
}
