// SPDX-License-Identifier: Apache-2.0
// The frame of every screen: top bar, navigation, offline bar, alarm strip, bottom tabs on small screens.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import type { Flood, Severity } from "../api/types";
import { clockTime, number, stopwatch, t } from "../i18n";
import { ruleWord, severityWord, siteName } from "../i18n/terms";
import { alarmList, alarmsKnown, counts, quietAlarms, unacked } from "../state/alarms";
import { tick } from "../state/clock";
import { openFindings } from "../state/findings";
import { blindSince, fleet, sites, summary } from "../state/fleet";
import { connection, offline, serverBuild } from "../state/live";
import { prefs } from "../state/prefs";
import { me } from "../state/session";
import { audioState, enableSound, silence, sounding, toggleSilence } from "../state/sound";
import { AckButton, AckDialog } from "./ack";
import { OfflineBar } from "./common";
import { DeedDialog } from "./deeds";
import { Help } from "./help";
import { Icon, type IconName } from "./icons";
import { useGlobalKeys } from "./keys";
import { Notices } from "./notice";
import { Search } from "./search";
import { Shape } from "./shape";

const SHOWN: readonly Severity[] = ["critical", "major", "unknown", "minor"];

function Counts() {
	const all = counts.value;
	const known = alarmsKnown();
	return (
		<nav class="counts" aria-label={t("counts.label")} data-testid="counts">
			{SHOWN.map((s) => {
				const c = all[s];
				const label = t("counts.one", {
					severity: severityWord(s),
					active: c.active,
					unack: c.unack,
				});
				return (
					<a
						key={s}
						href={`/alarms?severity=${s}`}
						class={`count-chip sev-${s}${c.active ? "" : " zero"}`}
						aria-label={label}
						title={label}
						data-severity={s}
					>
						<Shape severity={s} size={15} ring={c.unack > 0} />
						<span class="num">
							{known
								? number(c.active)
								: c.active
									? `${number(c.active)}?`
									: "–"}
						</span>
						{c.unack > 0 && <span aria-hidden="true">*</span>}
					</a>
				);
			})}
		</nav>
	);
}

function SoundButton() {
	tick.value;
	const state = audioState.value;
	const s = silence.value;
	if (state === "locked") {
		return (
			<button
				type="button"
				class="button sound-locked"
				onClick={() => void enableSound()}
				data-testid="sound-off"
			>
				<Icon name="mute" size={18} />
				<span>{t("sound.locked")}</span>
			</button>
		);
	}
	if (state === "off") {
		return (
			<button
				type="button"
				class="icon-button warn"
				onClick={() => void enableSound()}
				title={t("sound.off")}
				aria-label={t("sound.off")}
				data-testid="sound-off"
			>
				<Icon name="mute" />
			</button>
		);
	}
	if (s) {
		const left = stopwatch((s.until - Date.now()) / 1000);
		return (
			<button
				type="button"
				class="button small"
				onClick={toggleSilence}
				title={t("sound.end_silence")}
			>
				<Icon name="mute" size={16} />
				<span class="num">{left}</span>
			</button>
		);
	}
	const label = sounding.value ? t("sound.silence") : t("sound.on");
	return (
		<button type="button" class="icon-button" onClick={toggleSilence} title={label} aria-label={label}>
			<Icon name="sound" />
		</button>
	);
}

function FreezeButton() {
	const frozen = prefs.freeze.value;
	return (
		<button
			type="button"
			class="icon-button wide-only"
			aria-pressed={frozen}
			title={t("freeze")}
			aria-label={t("freeze")}
			onClick={() => {
				prefs.freeze.value = !frozen;
			}}
		>
			<Icon name="freeze" />
		</button>
	);
}

function LiveMark() {
	tick.value;
	const state = connection.value.state;
	return (
		<span class={`live-mark ${state}`} data-testid="live" data-state={state}>
			<span class="dot" aria-hidden="true" />
			<span>{t(state === "live" ? "live" : state === "lost" ? "live.lost" : "live.connecting")}</span>
			<span class="num wide-only">{clockTime(Date.now())}</span>
		</span>
	);
}

function TopBar() {
	return (
		<header class="top">
			<a class="skip" href="#main">
				{t("skip")}
			</a>
			<a class="brand" href="/" aria-label={t("brand.home")}>
				<svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
					<rect class="plate" width="32" height="32" rx="7" />
					<path class="bars" d="M6 10h20M10 10v12M16 10v7M22 10v12" />
					<circle class="tap" cx="16" cy="21.5" r="2.6" />
				</svg>
				<span class="wide-only">Busbar</span>
			</a>
			<Search />
			<Counts />
			<div class="top-end">
				<SoundButton />
				<FreezeButton />
				<LiveMark />
				<a
					class="icon-button wide-only"
					href="/me"
					title={me.value?.user}
					aria-label={t("nav.profile")}
				>
					<Icon name="profile" />
				</a>
			</div>
		</header>
	);
}

const PLACES: {
	href: string;
	icon: IconName;
	key: `nav.${"overview" | "devices" | "discovery" | "alarms" | "findings" | "traps" | "log" | "rules" | "groups" | "maintenance" | "kpi" | "system" | "profile"}`;
	at: RegExp;
}[] = [
	{ href: "/", icon: "overview", key: "nav.overview", at: /^\/($|map)/ },
	{ href: "/devices", icon: "devices", key: "nav.devices", at: /^\/devices/ },
	{ href: "/alarms", icon: "alarms", key: "nav.alarms", at: /^\/alarms/ },
	{ href: "/findings", icon: "finding", key: "nav.findings", at: /^\/findings/ },
	{ href: "/log", icon: "log", key: "nav.log", at: /^\/log/ },
	{ href: "/kpis", icon: "kpi", key: "nav.kpi", at: /^\/kpis/ },
	{ href: "/groups", icon: "group", key: "nav.groups", at: /^\/groups/ },
	{ href: "/rules", icon: "rule", key: "nav.rules", at: /^\/rules/ },
	{ href: "/maintenance", icon: "quiet", key: "nav.maintenance", at: /^\/maintenance/ },
	{ href: "/discovery", icon: "search", key: "nav.discovery", at: /^\/discovery/ },
	{ href: "/traps", icon: "trap", key: "nav.traps", at: /^\/traps/ },
	{ href: "/system", icon: "system", key: "nav.system", at: /^\/system/ },
	{ href: "/me", icon: "profile", key: "nav.profile", at: /^\/me/ },
];

function Place({ index, tab }: { index: number; tab?: boolean }) {
	const { path } = useLocation();
	const p = PLACES[index]!;
	const n = (p.href === "/alarms" ? unacked.value.length : p.href === "/findings" && openFindings.value) || 0;
	return (
		<a href={p.href} class={tab ? "tab" : "place"} aria-current={p.at.test(path) ? "page" : undefined}>
			<Icon name={p.icon} />
			<span>{t(p.key)}</span>
			{n > 0 && (
				<span class="bubble num">
					{number(n)}
					<span class="visually-hidden">
						{" "}
						{t(p.href === "/alarms" ? "nav.unack" : "nav.open")}
					</span>
				</span>
			)}
		</a>
	);
}

/** What is shelved is always one click away. */
function ShelvedPlace() {
	const { url } = useLocation();
	const n = quietAlarms.value.filter((a) => a.shelved).length;
	if (!n) return null;
	const to = "/alarms?tab=shelved";
	return (
		<a
			href={to}
			class="place sub-place"
			aria-current={url === to ? "page" : undefined}
			data-testid="nav-shelved"
		>
			<Icon name="clock" size={16} />
			<span>{t("nav.shelved")}</span>
			<span class="bubble quiet num">{number(n)}</span>
		</a>
	);
}

function Strip() {
	tick.value;
	const first = unacked.value[0];
	if (!first) return null;
	const since = (Date.now() - Date.parse(first.raised_at)) / 1000;
	return (
		<section class={`strip sev-${first.severity}`} aria-label={t("strip.label")} data-testid="strip">
			<Shape severity={first.severity} size={20} ring />
			<strong class="sev-word">{severityWord(first.severity)}</strong>
			{first.test && <span class="test-badge">TEST</span>}
			<span class="strip-what">
				{first.device_id !== "0" ? (
					<a href={`/devices/${first.device_id}`}>{first.device}</a>
				) : (
					<span>{first.device}</span>
				)}
				<span class="strip-rule">{ruleWord(first.rule)}</span>
			</span>
			<span class="muted num wide-only" title={clockTime(first.raised_at)}>
				{clockTime(first.raised_at)} · {stopwatch(since)}
			</span>
			<span class="strip-end">
				<AckButton alarm={first} />
				{unacked.value.length > 1 && (
					<a class="more-link" href="/alarms">
						{t("strip.more", { n: unacked.value.length - 1 })}
					</a>
				)}
			</span>
		</section>
	);
}

function More() {
	return (
		<div class="more-sheet">
			{PLACES.slice(3).map((p, i) => (
				<Place index={i + 3} key={p.href} />
			))}
		</div>
	);
}

function Tabs() {
	const [more, setMore] = useState(false);
	const { path } = useLocation();
	useEffect(() => setMore(false), [path]);
	return (
		<nav class="tabs" aria-label={t("nav.label")}>
			{more && <More />}
			{[0, 2, 1].map((i) => (
				<Place index={i} tab key={i} />
			))}
			<button type="button" class="tab" aria-expanded={more} onClick={() => setMore(!more)}>
				<Icon name="more" />
				<span>{t("nav.more")}</span>
			</button>
		</nav>
	);
}

/** One line however many sites are flooded: the whole first, then where. */
function FloodBar({ list }: { list: readonly Flood[] }) {
	const whole = list.find((f) => !f.site);
	const first = whole ?? list[0];
	if (!first) return null;
	const rest = list.filter((f) => f !== first);
	const to = (site: string) => (site ? `/alarms?site=${encodeURIComponent(site)}` : "/alarms");
	return (
		<div class="info-bar flood-bar sev-major" role="status" data-testid="flood">
			<Shape severity="major" size={18} />
			<span>
				<strong>
					{t("flood.title", { where: first.site ? siteName(first.site) : t("map.all") })}
				</strong>{" "}
				{t("flood.text", { n: first.count, time: clockTime(first.since) })}{" "}
				<span class="muted">{t("flood.sound")}</span>
				{rest.slice(0, FLOOD_SITES).map((f) => (
					<span key={f.site}>
						{" · "}
						<a href={to(f.site)}>{siteName(f.site)}</a> {number(f.count)}
					</span>
				))}
				{rest.length > FLOOD_SITES && ` · ${t("strip.more", { n: rest.length - FLOOD_SITES })}`}
			</span>
			<a class="button small" href={to(first.site)}>
				{t("nav.alarms")}
			</a>
		</div>
	);
}
const FLOOD_SITES = 5;

const SETTLE_MS = 2000; // a single failure is mended before anybody has read the bar

/** The stream lives, but a list could not be read: what is shown may be old, or is not there at all. */
function OldBar() {
	tick.value;
	const lists = [
		{ list: alarmList, of: t("nav.alarms") },
		{ list: fleet, of: t("nav.devices") },
		{ list: sites, of: t("bar.sites") },
	].filter((x) => x.list.staleSince.value && Date.now() - x.list.staleSince.value > SETTLE_MS);
	if (!lists.length || offline()) return null;
	const since = Math.min(...lists.map((x) => x.list.staleSince.value));
	return (
		<div class="offline-bar" role="alert" data-testid="old-bar">
			<Icon name="offline" />
			<span>
				<strong>{t("bar.old", { what: lists.map((x) => x.of).join(", ") })}</strong>{" "}
				{t("bar.old_since", { time: clockTime(since) })}
			</span>
			<button
				type="button"
				class="button small"
				onClick={() => {
					for (const x of lists) void x.list.load();
				}}
			>
				{t("retry")}
			</button>
		</div>
	);
}

/** The whole suite seems to live, and nobody watches: the worst of all states to look calm in. */
function BlindBar() {
	if (!blindSince.value || offline()) return null;
	return (
		<div class="offline-bar" role="alert" data-testid="blind-bar">
			<Icon name="offline" />
			<span>
				<strong>{t("bar.blind", { time: clockTime(blindSince.value) })}</strong>{" "}
				{t("bar.blind_text")}
			</span>
			<a class="button small" href="/system">
				{t("nav.system")}
			</a>
		</div>
	);
}

function Bars() {
	const s = summary.value;
	const build = document.querySelector<HTMLMetaElement>('meta[name="busbar-build"]')?.content;
	const old = serverBuild.value.startsWith("ui-") && build !== undefined && serverBuild.value !== `ui-${build}`;
	return (
		<>
			<OfflineBar />
			<OldBar />
			<BlindBar />
			{s && !s.database.up && !offline() && (
				<div class="info-bar" role="status">
					<Icon name="clock" size={18} />
					<span>{t("bar.database", { time: clockTime(s.database.since) })}</span>
				</div>
			)}
			{s && !offline() && <FloodBar list={s.flood} />}
			{old && (
				<div class="info-bar" role="status">
					<span>{t("bar.build")}</span>
					<button type="button" class="button small" onClick={() => location.reload()}>
						{t("bar.reload")}
					</button>
				</div>
			)}
		</>
	);
}

export function Frame({ children }: { children: ComponentChildren }) {
	useGlobalKeys();
	return (
		<div class={offline() ? "frame frozen" : "frame"} data-testid="frame">
			<TopBar />
			<nav class="side" aria-label={t("nav.label")}>
				{PLACES.map((p, i) => [
					<Place index={i} key={p.href} />,
					p.href === "/alarms" && <ShelvedPlace key="shelved" />,
				])}
			</nav>
			<div class="stage">
				<Bars />
				<main id="main" tabIndex={-1}>
					{children}
				</main>
				<Strip />
			</div>
			<Tabs />
			<Notices />
			<AckDialog />
			<DeedDialog />
			<Help />
		</div>
	);
}
