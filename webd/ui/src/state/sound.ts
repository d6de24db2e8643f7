// SPDX-License-Identifier: Apache-2.0
// Alarm sounds made with Web Audio. Rhythm tells the severity. Only one tab of a browser sounds (Web Lock); silence holds
// for this browser, 10 minutes, and a worse alarm breaks it.
import { computed, effect, signal } from "@preact/signals";
import { type Alarm, SEVERITIES, type Severity } from "../api/types";
import { unacked } from "./alarms";
import { summary } from "./fleet";
import { onHeartbeat } from "./live";
import { prefs } from "./prefs";

interface Pulse {
	at: number; // s from the start of the pattern
	length: number;
	hz: number;
}

interface Pattern {
	every: number; // s; 0: once per alarm
	pulses: Pulse[];
}

const row = (hz: number, length: number, ...at: number[]): Pulse[] => at.map((t) => ({ at: t, length, hz }));

export const PATTERNS: Partial<Record<Severity, Pattern>> = {
	critical: { every: 5, pulses: row(880, 0.11, 0, 0.2, 0.4, 0.85, 1.05) },
	major: { every: 15, pulses: row(622, 0.18, 0, 0.35) },
	unknown: { every: 30, pulses: row(233, 0.35, 0, 0.5) },
	minor: { every: 0, pulses: row(740, 0.5, 0) },
};
const SILENCE_MS = 600_000;
const SILENCE_KEY = "busbar.silence";
const LEVEL = 10 ** (-12 / 20);

export type AudioState = "off" | "locked" | "ready";

let context: AudioContext | null = null;
let leader = false;
let nextAt = 0;
const chimed = new Set<string>();

const running = signal(false);
export const audioState = computed<AudioState>(() => {
	if (!prefs.sound.value) return "off";
	return running.value ? "ready" : "locked";
});

interface Silence {
	until: number; // Unix ms
	rank: number; // worst severity that was silenced
}
export const silence = signal<Silence | null>(null);

const rank = (s: Severity): number => SEVERITIES.indexOf(s);

/** Where alarms flood only critical ones are heard: the others would drown them. */
function isDrowned(a: Alarm): boolean {
	const floods = summary.value?.flood ?? [];
	return a.severity !== "critical" && floods.some((f) => !f.site || a.device.startsWith(`${f.site}/`));
}

/** What should be heard now: the worst unacknowledged alarm that has a sound. */
export const sounding = computed<Severity | null>(() => {
	for (const s of SEVERITIES)
		if (PATTERNS[s] && unacked.value.some((a) => a.severity === s && !isDrowned(a))) return s;
	return null;
});

function judge(): void {
	running.value = context?.state === "running";
}

function readSilence(): void {
	try {
		const raw = localStorage.getItem(SILENCE_KEY);
		const s = raw ? (JSON.parse(raw) as Silence) : null;
		silence.value = s && s.until > Date.now() ? s : null;
	} catch {
		silence.value = null;
	}
}

function storeSilence(s: Silence | null): void {
	silence.value = s;
	try {
		if (s) localStorage.setItem(SILENCE_KEY, JSON.stringify(s));
		else localStorage.removeItem(SILENCE_KEY);
	} catch {
		// this tab only
	}
}

export function toggleSilence(): void {
	if (silence.value) storeSilence(null);
	else storeSilence({ until: Date.now() + SILENCE_MS, rank: rank(sounding.value ?? "normal") });
	nextAt = 0;
}

/** Must be called from a gesture: browsers keep audio locked until then. */
export async function enableSound(): Promise<void> {
	prefs.sound.value = true;
	context ??= new AudioContext();
	await context.resume().catch(() => {});
	judge();
}

export function play(severity: Severity): void {
	const pattern = PATTERNS[severity];
	if (!pattern || context?.state !== "running") return;
	const volume = (LEVEL * prefs.volume.value) / 100;
	const start = context.currentTime + 0.03;
	for (const p of pattern.pulses) {
		const tone = context.createOscillator();
		const gain = context.createGain();
		tone.type = "triangle";
		tone.frequency.value = p.hz;
		const from = start + p.at;
		gain.gain.setValueAtTime(0, from);
		gain.gain.linearRampToValueAtTime(volume, from + 0.012);
		gain.gain.setValueAtTime(volume, from + p.length - 0.03);
		gain.gain.linearRampToValueAtTime(0, from + p.length);
		tone.connect(gain).connect(context.destination);
		tone.start(from);
		tone.stop(from + p.length + 0.02);
	}
}

function step(): void {
	judge();
	if (silence.value && Date.now() >= silence.value.until) storeSilence(null);
	const worst = sounding.value;
	if (!worst) {
		nextAt = 0;
		if (silence.value && silence.value.rank < rank("normal")) storeSilence(null);
		return;
	}
	if (silence.value) {
		if (rank(worst) >= silence.value.rank) return;
		storeSilence(null);
	}
	if (!leader || audioState.value !== "ready") return;
	const now = performance.now();
	const pattern = PATTERNS[worst] as Pattern;
	if (pattern.every === 0) {
		const fresh = unacked.value.filter((a) => a.severity === worst && !chimed.has(a.id));
		if (fresh.length) play(worst);
		for (const a of fresh) chimed.add(a.id);
		return;
	}
	if (now < nextAt) return;
	play(worst);
	nextAt = now + pattern.every * 1000 - 100;
}

export function startSound(): void {
	readSilence();
	addEventListener("storage", (e) => e.key === SILENCE_KEY && readSilence());
	let last: Severity | null = null;
	effect(() => {
		const s = sounding.value;
		if (s && (!last || rank(s) < rank(last))) nextAt = 0; // worse than before: at once
		last = s;
	});
	onHeartbeat(step);
	const unlock = () => {
		if (prefs.sound.value && context?.state !== "running") void enableSound();
	};
	addEventListener("pointerdown", unlock, { capture: true });
	addEventListener("keydown", unlock, { capture: true });
	document.addEventListener("visibilitychange", judge);
	void navigator.locks?.request("busbar-sound", () => {
		leader = true;
		return new Promise(() => {});
	});
	if (!navigator.locks) leader = true;
	try {
		context = new AudioContext();
		context.onstatechange = judge;
		judge();
	} catch {
		context = null; // no audio device or interface: the button says that sound is off
	}
}
