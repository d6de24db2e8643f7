// SPDX-License-Identifier: Apache-2.0
// Texts, numbers, times. Own code: the known libraries need a newer Node or a fifth of the bundle budget for what
// Intl.PluralRules already does. Catalogues are flat JSON; an entry is a string or an object of plural forms chosen by {n}.
// The language "qps" is a pseudo-locale: English, 40 % longer, marked with brackets, for the layout tests.

import moreDe from "busbar:catalogue/more-de";
import moreEn from "busbar:catalogue/more-en";
import shellDe from "busbar:catalogue/shell-de";
import shellEn from "busbar:catalogue/shell-en";
import { computed, signal } from "@preact/signals";
import type en from "./en.json";
import type more from "./more_en.json";

export type Key = keyof typeof en | keyof typeof more;
type Entry = string | Record<string, string>;
type Catalogue = Record<string, Entry>;
type Params = Record<string, string | number>;

export const LANGUAGES = ["en", "de"] as const;
type Language = (typeof LANGUAGES)[number];

/** Each catalogue is a file of its own: only the one in use is read. */
const SHELL: Record<Language, string> = { en: shellEn, de: shellDe };
/** Texts of the screens that come later, labels of points, sentences of rules. */
const MORE: Record<Language, string> = { en: moreEn, de: moreDe };

async function read(address: string): Promise<Catalogue> {
	const res = await fetch(new URL(address, import.meta.url));
	if (!res.ok) throw new Error(`${address}: ${res.status}`);
	return (await res.json()) as Catalogue;
}

const catalogues = new Map<string, Catalogue>();
const complete = new Set<string>();
const grown = signal(0); // moves when a catalogue has got more entries

export function register(lang: string, catalogue: Catalogue): void {
	catalogues.set(lang, { ...catalogues.get(lang), ...catalogue });
	grown.value++;
}

/** The language on the screen; moves when its catalogue has been loaded. */
export const language = signal<string>("en");

/** `choice` is what the user chose; "" follows the browser. */
export function wantedLanguage(choice: string, browser: readonly string[]): string {
	if (choice === "qps") return choice;
	for (const w of choice ? [choice] : browser) {
		const base = w.toLowerCase().split("-")[0] ?? "";
		if ((LANGUAGES as readonly string[]).includes(base)) return base;
	}
	return "en";
}

export async function loadLanguage(choice: string): Promise<void> {
	const lang = wantedLanguage(choice, globalThis.navigator?.languages ?? ["en"]);
	const base = (lang === "qps" ? "en" : lang) as Language;
	if (!catalogues.has(base)) register(base, await read(SHELL[base]));
	if (wantsMore) await loadMore(base);
	language.value = lang;
}

let wantsMore = false;

async function loadMore(base: Language): Promise<void> {
	if (complete.has(base)) return;
	register(base, await read(MORE[base]));
	complete.add(base);
}

/** To be awaited by whoever shows texts of more_*.json. */
export async function needMore(): Promise<void> {
	wantsMore = true;
	const lang = language.peek();
	await loadMore((lang === "qps" ? "en" : lang) as Language);
}

/** For Intl: the browser's own region where it speaks the chosen language. */
const locale = computed<string>(() => {
	const lang = language.value === "qps" ? "en" : language.value;
	const regional = (globalThis.navigator?.languages ?? []).find((l) => l.toLowerCase().startsWith(`${lang}-`));
	return regional ?? (lang === "en" ? "en-GB" : lang);
});

const ACCENTS: Record<string, string> = { a: "á", e: "é", i: "í", o: "ó", u: "ú", A: "Á", E: "É", O: "Ó", U: "Ú" };

function pseudo(text: string): string {
	const body = text.replace(/\{[a-z_]+\}|[aeiouAEOU]/g, (m) => ACCENTS[m] ?? m);
	return `[${body}${"~".repeat(Math.ceil(text.length * 0.4))}]`;
}

export function translate(lang: string, key: string, params: Params = {}): string | null {
	grown.value;
	const base = lang === "qps" ? "en" : lang;
	const entry = catalogues.get(base)?.[key];
	if (entry === undefined) return null;
	let text: string;
	if (typeof entry === "string") text = entry;
	else text = entry[new Intl.PluralRules(base).select(Number(params.n ?? 0))] ?? entry.other ?? "";
	if (lang === "qps") text = pseudo(text);
	return text.replace(/\{([a-z_]+)\}/g, (whole, name: string) => {
		const v = params[name];
		if (v === undefined) return whole;
		return typeof v === "number" ? number(v) : v;
	});
}

export function t(key: Key, params?: Params): string {
	return translate(language.value, key, params) ?? key;
}

/** Names of all points we have a label for; what counts or names a phase is "*", as rules write it. */
export function pointNames(): string[] {
	const keys = Object.keys(catalogues.get("en") ?? {}).filter((k) => k.startsWith("point."));
	return [...new Set(keys.map((k) => k.slice(6).replace(/\{\w+\}/g, "*")))].sort();
}

/** Keys of the present language that begin so. */
export const keysOf = (prefix: string): string[] =>
	Object.keys(catalogues.get(language.value) ?? {}).filter((k) => k.startsWith(prefix));

/** For keys made at run time (rule names, states): `other` where the catalogue has none. */
export function tryT(key: string, other: string, params?: Params): string {
	return translate(language.value, key, params) ?? other;
}

const formats = computed(() => {
	const l = locale.value;
	const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
	return {
		time: new Intl.DateTimeFormat(l, clock),
		dateTime: new Intl.DateTimeFormat(l, { day: "2-digit", month: "2-digit", year: "numeric", ...clock }),
		short: new Intl.DateTimeFormat(l, { day: "2-digit", month: "2-digit", ...clock }),
		digits: [0, 1, 2, 3].map(
			(n) => new Intl.NumberFormat(l, { minimumFractionDigits: n, maximumFractionDigits: n }),
		),
	};
});

/** Name of a country; "" when the code is none. */
export function region(code: string): string {
	const name = new Intl.DisplayNames([locale.value], { type: "region", fallback: "none" }).of(code);
	return name && name !== code ? name : "";
}

export function number(v: number, digits = 0): string {
	return (formats.value.digits[digits] as Intl.NumberFormat).format(v);
}

const date = (at: string | number): Date | null => {
	const d = new Date(at);
	return at === "" || Number.isNaN(d.getTime()) ? null : d;
};

export function clockTime(at: string | number): string {
	const d = date(at);
	return d ? formats.value.time.format(d) : "–";
}

export function dateTime(at: string | number): string {
	const d = date(at);
	return d ? formats.value.dateTime.format(d) : "–";
}

/** Time of day for today, with the date for anything older. */
export function when(at: string | number): string {
	const d = date(at);
	if (!d) return "–";
	return d.toDateString() === new Date().toDateString()
		? formats.value.time.format(d)
		: formats.value.short.format(d);
}

/** Two units at most: "45 s", "3 min", "2 h 05 min", "4 d 3 h". */
export function duration(seconds: number): string {
	const s = Math.max(0, Math.round(seconds));
	if (s < 60) return `${number(s)} s`;
	const min = Math.floor(s / 60);
	if (min < 10 && s % 60) return `${number(min)} min ${String(s % 60).padStart(2, "0")} s`;
	if (min < 60) return `${number(min)} min`;
	const h = Math.floor(min / 60);
	if (h < 24) return `${number(h)} h ${String(min % 60).padStart(2, "0")} min`;
	return `${number(Math.floor(h / 24))} d ${h % 24} h`;
}

/** One unit: for ages. */
export function age(seconds: number): string {
	const s = Math.max(0, Math.floor(seconds));
	if (s < 60) return `${number(s)} s`;
	if (s < 3600) return `${number(Math.floor(s / 60))} min`;
	if (s < 86_400) return `${number(Math.floor(s / 3600))} h`;
	return `${number(Math.floor(s / 86_400))} d`;
}

/** mm:ss or h:mm:ss, for what runs. */
export function stopwatch(seconds: number): string {
	const s = Math.max(0, Math.floor(seconds));
	const two = (n: number) => String(n).padStart(2, "0");
	const h = Math.floor(s / 3600);
	if (h >= 48) return duration(s);
	const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
	return h ? `${h}:${rest}` : rest;
}

const DIGITS: Record<string, number> = { V: 1, A: 1, W: 0, VA: 0, "%": 0, Hz: 2, "°C": 1, Ah: 1, Ω: 3 };

/** A number in its unit; seconds become a duration, watts kilowatts. */
export function quantity(value: number, unit: string): { text: string; unit: string } {
	if (unit === "s") return { text: duration(value), unit: "" };
	if ((unit === "W" || unit === "VA" || unit === "Wh") && Math.abs(value) >= 1000)
		return { text: number(value / 1000, 2), unit: `k${unit}` };
	const digits = unit === "%" && Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : (DIGITS[unit] ?? 0);
	return { text: number(value, unit in DIGITS || Number.isInteger(value) ? digits : 2), unit };
}
