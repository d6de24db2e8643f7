// SPDX-License-Identifier: Apache-2.0
// What fed the load, as a band under the curves on the same time axis: told apart by height and pattern, not by colour.
import { BANDS, type Band, type BandState } from "../api/types";
import { duration, t, when } from "../i18n";

const HEIGHT = 16;
const HATCH = "url(#band-hatch)";
const LINE: Record<BandState, { y: number; h: number }> = {
	mains: { y: 7, h: 2 },
	battery: { y: 1, h: 14 },
	bypass: { y: 3, h: 10 },
	off: { y: 1, h: 14 },
	unknown: { y: 6, h: 4 },
};

/** Neighbours of one state as one, clipped to the span. */
export function merged(bands: readonly Band[], from: number, to: number): Band[] {
	const out: Band[] = [];
	for (const b of bands) {
		const cut = { ...b, from: Math.max(from, b.from), to: Math.min(to, b.to) };
		if (cut.to <= cut.from) continue;
		const last = out.at(-1);
		if (last && last.state === cut.state && last.to >= cut.from) last.to = cut.to;
		else out.push(cut);
	}
	return out;
}

function said(bands: readonly Band[]): string {
	const sums = BANDS.map(
		(s) => [s, bands.filter((b) => b.state === s).reduce((n, b) => n + b.to - b.from, 0)] as const,
	);
	return sums
		.filter(([, ms]) => ms > 0)
		.map(([s, ms]) => `${t(`band.${s}`)} ${duration(ms / 1000)}`)
		.join(", ");
}

export function Bands({ bands, from, to }: { bands: readonly Band[]; from: number; to: number }) {
	const list = merged(bands, from, to);
	if (!list.length) return null;
	const present = BANDS.filter((s) => list.some((b) => b.state === s));
	const width = to - from;
	return (
		<figure class="pane band-strip" data-testid="bands">
			<figcaption>
				{t("band.title")}
				{present.map((s) => (
					<span class="band-key" key={s}>
						<svg width="22" height={HEIGHT} aria-hidden="true">
							<rect
								class={`band band-${s}`}
								fill={s === "bypass" ? HATCH : undefined}
								x="1"
								width="20"
								y={LINE[s].y}
								height={LINE[s].h}
							/>
						</svg>
						{t(`band.${s}`)}
					</span>
				))}
			</figcaption>
			<svg
				class="band-plot"
				height={HEIGHT}
				role="img"
				aria-label={t("band.alt", { what: said(list) })}
			>
				<defs>
					<pattern
						id="band-hatch"
						width="6"
						height="6"
						patternUnits="userSpaceOnUse"
						patternTransform="rotate(45)"
					>
						<rect width="3" height="6" class="hatch" />
					</pattern>
				</defs>
				{list.map((b) => (
					<rect
						key={`${b.from} ${b.state}`}
						class={`band band-${b.state}`}
						fill={b.state === "bypass" ? HATCH : undefined}
						x={`${((b.from - from) / width) * 100}%`}
						width={`${Math.max(0.15, ((b.to - b.from) / width) * 100)}%`}
						y={LINE[b.state].y}
						height={LINE[b.state].h}
					>
						<title>{`${t(`band.${b.state}`)}: ${when(b.from)} – ${when(b.to)} (${duration((b.to - b.from) / 1000)})`}</title>
					</rect>
				))}
			</svg>
		</figure>
	);
}

const MOST_ROWS = 200;

export function BandTable({ bands, from, to }: { bands: readonly Band[]; from: number; to: number }) {
	const list = merged(bands, from, to);
	if (!list.length) return null;
	return (
		<table class="table slim">
			<caption class="card-caption">{t("band.title")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("band.title")}</th>
					<th scope="col" class="num">
						{t("log.from")}
					</th>
					<th scope="col" class="num">
						{t("col.duration")}
					</th>
				</tr>
			</thead>
			<tbody>
				{[...list]
					.reverse()
					.slice(0, MOST_ROWS)
					.map((b) => (
						<tr key={`${b.from} ${b.state}`}>
							<th scope="row">{t(`band.${b.state}`)}</th>
							<td class="num">{when(b.from)}</td>
							<td class="num">{duration((b.to - b.from) / 1000)}</td>
						</tr>
					))}
			</tbody>
		</table>
	);
}
