// SPDX-License-Identifier: Apache-2.0
// A bar for each day, the greatest number named; the numbers are told to who cannot see the bars.
import { number, t } from "../i18n";

const HEIGHT = 60; // px

/** "21.11." of "2026-11-21", as people write it here. */
export function dayWord(day: string): string {
	const d = new Date(`${day}T12:00:00`);
	if (Number.isNaN(d.getTime())) return day;
	return new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
		day: "2-digit",
		month: "2-digit",
	}).format(d);
}

export function Days({
	label,
	rows,
	mark,
}: {
	label: string;
	rows: readonly { day: string; value: number }[];
	mark?: number;
}) {
	if (!rows.length) return null;
	const most = Math.max(1, mark ?? 0, ...rows.map((r) => r.value));
	const first = rows[0]!;
	const last = rows[rows.length - 1]!;
	const sum = rows.reduce((n, r) => n + r.value, 0);
	const tall = (v: number) => (v ? Math.max(2, (v / most) * HEIGHT) : 0);
	return (
		<figure class="days">
			<svg
				width="100%"
				height={HEIGHT}
				viewBox={`0 0 ${rows.length} ${HEIGHT}`}
				preserveAspectRatio="none"
				role="img"
				aria-label={t("days.alt", {
					what: label,
					from: dayWord(first.day),
					to: dayWord(last.day),
					sum: number(sum),
					most: number(Math.max(...rows.map((r) => r.value))),
				})}
			>
				{rows.map((r, i) => (
					<rect
						key={r.day}
						x={i + 0.12}
						width="0.76"
						y={HEIGHT - tall(r.value)}
						height={tall(r.value)}
					>
						<title>{`${dayWord(r.day)}: ${number(r.value)}`}</title>
					</rect>
				))}
				{mark !== undefined && (
					<line
						x1="0"
						x2={rows.length}
						y1={HEIGHT - tall(mark)}
						y2={HEIGHT - tall(mark)}
						class="mark-line"
					/>
				)}
			</svg>
			<figcaption class="histogram-axis muted small num">
				<span>{dayWord(first.day)}</span>
				<span>{t("days.most", { n: number(Math.max(...rows.map((r) => r.value))) })}</span>
				<span>{dayWord(last.day)}</span>
			</figcaption>
		</figure>
	);
}
