// SPDX-License-Identifier: Apache-2.0
// The overview: a map made from the sites, its twin list, and the card of the chosen device.

import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso/router";
import { SEVERITIES, type Severity } from "../api/types";
import { number, t } from "../i18n";
import { ruleWord, severityWord, siteName, statusWords, valueText } from "../i18n/terms";
import type { BoxState, CellState, Source } from "../map/engine";
import { type Box, type SiteNode, siteTree } from "../map/layout";
import { MapView } from "../map/view";
import { alarmsOf, alarmVersion, isUnack, sortedAlarms } from "../state/alarms";
import {
	type Device,
	devices,
	fleet,
	fleetShape,
	fleetVersion,
	groups,
	groupVersion,
	QUICK,
	quick,
	useFleetRefresh,
} from "../state/fleet";
import { useVirtual } from "../table/virtual";
import { ack } from "../ui/ack";
import { Empty, Pending, Title } from "../ui/common";
import { DeviceCard } from "../ui/device_card";
import { Icon } from "../ui/icons";
import { useKeys } from "../ui/keys";
import { Shape } from "../ui/shape";

const rank = (s: Severity): number => SEVERITIES.indexOf(s);
const label = (key: string): string => {
	const name = groups.get(key)?.name;
	return name && name !== key && !name.includes("/") && name !== key.slice(key.lastIndexOf("/") + 1)
		? name
		: siteName(key);
};

/** One short line: what is wrong, else how long the battery would last. */
function shortLine(d: Device): string {
	if (d.comm !== "ok") return statusWords(d.status, d.comm);
	if (d.severity !== "normal" && d.severity !== "info") {
		const worst = alarmsOf(d.id)[0];
		if (worst) return ruleWord(worst.rule);
	}
	const parts = [quick(d, QUICK.load), quick(d, QUICK.runtime)]
		.filter((p) => p !== null && p.value !== null && p.quality === "good")
		.map((p) => {
			const v = valueText(p!);
			return v.unit ? `${v.text} ${v.unit}` : v.text;
		});
	return parts.length ? parts.join(" · ") : statusWords(d.status, d.comm);
}

function matches(d: Device, words: string[]): boolean {
	if (!words.length) return true;
	const hay =
		`${d.key} ${d.model} ${d.address} ${d.severity} ${severityWord(d.severity)} ${d.status}`.toLowerCase();
	return words.every((w) => hay.includes(w));
}

function boxState(b: Box): BoxState {
	const g = groups.get(b.key);
	return {
		title: b.label
			.map((_, i) =>
				label(
					b.key
						.split("/")
						.slice(0, b.key.split("/").length - b.label.length + i + 1)
						.join("/"),
				),
			)
			.join(" › "),
		severity: g?.severity ?? "unknown",
		unack: g?.unack ?? false,
		affected: g ? g.members - g.counts.normal - g.counts.info : 0,
	};
}

function useSource(words: string[]): Source {
	return useMemo(
		() => ({
			cell: (id): CellState | null => {
				const d = devices.get(id);
				if (!d) return null;
				return {
					name: d.name,
					line: () => shortLine(d),
					severity: d.severity,
					unack: d.unack > 0,
					acked: d.active > 0 && d.unack === 0,
					dim: !matches(d, words),
				};
			},
			box: boxState,
			folded: (n) => t("map.folded", { n }),
		}),
		[words],
	);
}

function Crumbs({ level }: { level: string }) {
	const parts = level ? level.split("/") : [];
	return (
		<nav class="crumbs" aria-label={t("crumbs")}>
			<ol>
				<li>
					{level ? (
						<a href="/map/">{t("map.all")}</a>
					) : (
						<span aria-current="page">{t("map.all")}</span>
					)}
				</li>
				{parts.map((_, i) => {
					const key = parts.slice(0, i + 1).join("/");
					return (
						<li key={key}>
							<span class="sep" aria-hidden="true">
								›
							</span>
							{i === parts.length - 1 ? (
								<span aria-current="page">{label(key)}</span>
							) : (
								<a href={`/map/${key}`}>{label(key)}</a>
							)}
						</li>
					);
				})}
			</ol>
		</nav>
	);
}

function LevelCounts({ here }: { here: Device[] }) {
	const n = Object.fromEntries(SEVERITIES.map((s) => [s, 0])) as Record<Severity, number>;
	for (const d of here) n[d.severity]++;
	return (
		<ul class="level-counts plain" aria-label={t("map.counts")}>
			<li class="num">{t("devices.n", { n: here.length })}</li>
			{SEVERITIES.filter((s) => s !== "info" && n[s] > 0).map((s) => (
				<li key={s} class="level-count">
					<Shape severity={s} size={13} />
					<span class="num">{number(n[s])}</span>
					<span class="count-word">{severityWord(s)}</span>
				</li>
			))}
		</ul>
	);
}

type Entry = { kind: "site"; node: SiteNode } | { kind: "device"; device: Device };
const LIST_ROW = 44;

/** The part of a site's path below the level on the screen. */
const below = (site: string, level: string): string => (level ? site.slice(level.length + 1) : site);

function ObjectList({
	entries,
	onDevice,
	selected,
	level,
}: {
	level: string;
	entries: Entry[];
	onDevice: (id: string) => void;
	selected: string;
}) {
	const scroller = useRef<HTMLDivElement>(null);
	const v = useVirtual(entries.length, LIST_ROW, scroller);
	return (
		<div class="object-scroll" ref={scroller}>
			<ul
				class="plain objects"
				style={{ paddingTop: `${v.before}px`, paddingBottom: `${v.after}px` }}
			>
				{entries.slice(v.first, v.last).map((e) => {
					if (e.kind === "site") {
						const g = groups.get(e.node.key);
						return (
							<li key={`s${e.node.key}`}>
								<a class="object" href={`/map/${e.node.key}`}>
									<Shape
										severity={g?.severity ?? "unknown"}
										size={17}
										ring={g?.unack}
										label
									/>
									<span class="object-name">
										{label(e.node.key)}
										<span class="muted small">
											{t("devices.n", {
												n: e.node.total,
											})}
										</span>
									</span>
									<Icon name="right" size={16} />
								</a>
							</li>
						);
					}
					const d = e.device;
					return (
						<li key={d.id}>
							<button
								type="button"
								class="object"
								aria-pressed={d.id === selected}
								onClick={() => onDevice(d.id)}
							>
								<Shape
									severity={d.severity}
									size={17}
									ring={d.unack > 0}
									acked={d.active > 0 && d.unack === 0}
									label
								/>
								<span class="object-name">
									<span class="object-line">
										{d.name}
										<span class="muted small object-where">
											{below(d.site, level)}
										</span>
									</span>
									<span class="muted small">{shortLine(d)}</span>
								</span>
							</button>
						</li>
					);
				})}
			</ul>
		</div>
	);
}

function useLevel() {
	const { params } = useRoute();
	const { query, route, path } = useLocation();
	const level = decodeURIComponent(params.level ?? "").replace(/\/+$/, "");
	const q = query.q ?? "";
	const setQuery = (change: Record<string, string>) => {
		const next = new URLSearchParams({ ...query, ...change });
		for (const [k, v] of [...next]) if (!v) next.delete(k);
		const s = next.toString();
		route(s ? `${path}?${s}` : path, true);
	};
	return { level, q, focus: query.focus ?? "", view: query.view ?? "", setQuery, route };
}

export function Overview() {
	const { level, q, focus, view, setQuery, route } = useLevel();
	const version = fleetVersion.value + groupVersion.value + alarmVersion.value;
	const shape = fleetShape.value;
	useFleetRefresh();
	const words = useMemo(() => q.toLowerCase().split(/\s+/).filter(Boolean), [q]);
	const source = useSource(words);
	// shape says when devices or sites changed
	const tree = useMemo(
		() => siteTree(devices.values(), groups.keys(), level),
		[shape, groupVersion.value, level],
	);
	const [narrowView, setNarrowView] = useState<"list" | "map">("list");

	const up = useCallback(() => {
		if (!level) return;
		const cut = level.lastIndexOf("/");
		route(cut < 0 ? "/map/" : `/map/${level.slice(0, cut)}`);
	}, [level, route]);
	useKeys(
		useCallback(
			(key) => {
				if (key === "Backspace") up();
				else if (key === "Escape" && focus) setQuery({ focus: "" });
				else if (key === "a" && focus)
					ack(
						alarmsOf(focus)
							.filter(isUnack)
							.map((a) => a.id),
					);
				else return false;
				return true;
			},
			[up, focus, setQuery],
		),
	);

	if (fleet.phase.value !== "ready")
		return (
			<Pending
				phase={fleet.phase.value}
				problem={fleet.problem.value}
				retry={() => void fleet.load()}
				rows={10}
			/>
		);

	const here = [...devices.values()].filter((d) => !level || d.site === level || d.site.startsWith(`${level}/`));
	const shown = here
		.filter((d) => matches(d, words))
		.sort((a, b) => rank(a.severity) - rank(b.severity) || b.unack - a.unack || (a.key < b.key ? -1 : 1));
	const entries: Entry[] = [
		...(words.length ? [] : tree.children.map((node): Entry => ({ kind: "site", node }))),
		...shown.map((device): Entry => ({ kind: "device", device })),
	];
	const chosen = focus ? devices.get(focus) : undefined;
	const narrow = view === "map" ? "map" : view === "list" ? "list" : narrowView;
	const worst = sortedAlarms.value.length;

	return (
		<div class={`overview narrow-${narrow}`}>
			<div class="screen-head">
				<Title>
					<span class="visually-hidden">{t("nav.overview")}: </span>
					{level ? label(level) : t("map.all")}
				</Title>
				<Crumbs level={level} />
				<LevelCounts here={here} />
				<label class="filter">
					<span class="visually-hidden">{t("map.filter")}</span>
					<input
						type="search"
						placeholder={t("map.filter")}
						value={q}
						onInput={(e) => setQuery({ q: e.currentTarget.value })}
					/>
				</label>
				<button
					type="button"
					class="button small narrow-only"
					onClick={() => setNarrowView(narrow === "map" ? "list" : "map")}
				>
					<Icon name={narrow === "map" ? "list" : "map"} size={16} />{" "}
					{t(narrow === "map" ? "map.show_list" : "map.show_map")}
				</button>
			</div>
			{devices.size === 0 ? (
				<Empty text={t("empty.fleet")}>
					<a class="button" href="/discovery">
						{t("nav.discovery")}
					</a>
					<code>busbarctl device add</code>
				</Empty>
			) : here.length === 0 ? (
				<Empty text={t("empty.level")}>
					<a class="button" href="/map/">
						{t("map.all")}
					</a>
				</Empty>
			) : (
				<div class="overview-body">
					<MapView
						tree={tree}
						treeId={`${shape} ${groupVersion.value} ${tree.total}`}
						level={level}
						source={source}
						version={version}
						selected={focus}
						summary={t("map.summary", { n: here.length, alarms: worst })}
						onEnter={(key) => route(`/map/${key}`)}
						onDevice={(id) => setQuery({ focus: id })}
						onOpen={(id) => route(`/devices/${id}`)}
						onUp={up}
						onAck={(id) =>
							ack(
								alarmsOf(id)
									.filter(isUnack)
									.map((a) => a.id),
							)
						}
					/>
					<aside class="overview-side" aria-label={t("map.objects")}>
						{chosen && (
							<DeviceCard
								device={chosen}
								onClose={() => setQuery({ focus: "" })}
							/>
						)}
						<h2 class="side-title">{t("map.objects")}</h2>
						{entries.length ? (
							<ObjectList
								level={level}
								entries={entries}
								onDevice={(id) => setQuery({ focus: id })}
								selected={focus}
							/>
						) : (
							<Empty text={t("empty.filter")}>
								<button
									type="button"
									class="button small"
									onClick={() => setQuery({ q: "" })}
								>
									{t("filter.clear")}
								</button>
							</Empty>
						)}
					</aside>
				</div>
			)}
		</div>
	);
}
