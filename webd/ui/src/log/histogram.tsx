// SPDX-License-Identifier: Apache-2.0
// How the events spread over the time that is shown: a strip of bars. A bar leads to its time; arrow keys go from bar to bar.
import { useRef, useState } from "preact/hooks";
import type { Histogram } from "../api/log";
import { number, t, when } from "../i18n";

const HEIGHT = 44; // px

/** Square root: an hour with ten events is still seen beside one with a thousand. */
export function heights(counts: readonly (number | null)[]): number[] {
	const most = Math.max(1, ...counts.map((n) => n ?? 0));
	return counts.map((n) => (n ? Math.max(3, Math.round(Math.sqrt(n / most) * HEIGHT)) : 0));
}

export function HistogramStrip({ of, at, go }: { of: Histogram; at: string; go: (iso: string) => void }) {
	const [current, setCurrent] = useState(-1);
	const strip = useRef<HTMLDivElement>(null);
	const all = of.counts;
	if (!all.length || Number.isNaN(of.from) || of.to <= of.from) return null;
	const tall = heights(all);
	const begin = (i: number) => of.to - (all.length - i) * of.bucket_s * 1000;
	const most = Math.max(0, ...all.map((n) => n ?? 0));
	const now = current < 0 ? all.length - 1 : Math.min(current, all.length - 1);
	const move = (e: KeyboardEvent) => {
		const by = e.key === "ArrowLeft" ? -1 : e.key === "ArrowRight" ? 1 : 0;
		if (!by) return;
		e.preventDefault();
		const next = Math.max(0, Math.min(all.length - 1, now + by));
		setCurrent(next);
		(strip.current?.children[next] as HTMLElement | undefined)?.focus();
	};
	const shown = at ? Date.parse(at) : 0;
	return (
		<div class="histogram">
			{/* biome-ignore lint/a11y/useSemanticElements: a group of bars is no set of fields */}
			<div
				ref={strip}
				class={of.estimate ? "bar-strip guessed" : "bar-strip"}
				role="group"
				aria-label={t("log.histogram")}
				onKeyDown={move}
			>
				{all.map((n, i) => {
					const from = begin(i);
					const to = begin(i + 1);
					const span = { from: when(from), to: when(to) };
					const label =
						n === null
							? t("log.bar_unknown", span)
							: t(of.estimate ? "log.bar_about" : "log.bar", { ...span, n });
					return (
						<button
							type="button"
							key={from}
							tabIndex={i === now ? 0 : -1}
							class={`bar${shown > from && shown <= to ? " chosen" : ""}${n === null ? " not-known" : ""}`}
							title={label}
							aria-label={label}
							onClick={() => {
								setCurrent(i);
								go(new Date(to).toISOString());
							}}
						>
							<svg
								width="100%"
								height={HEIGHT}
								preserveAspectRatio="none"
								viewBox={`0 0 1 ${HEIGHT}`}
								aria-hidden="true"
							>
								<rect
									x="0.08"
									width="0.84"
									y={HEIGHT - tall[i]!}
									height={tall[i]}
								/>
							</svg>
						</button>
					);
				})}
			</div>
			<div class="histogram-axis muted small num">
				<span>{when(of.from)}</span>
				<span>
					{t("log.bar_most", { n: number(most) })}
					{of.estimate && <strong class="estimate"> {t("log.estimate")}</strong>}
					{!of.complete && <strong class="estimate"> {t("log.incomplete")}</strong>}
				</span>
				<span>{when(of.to)}</span>
			</div>
		</div>
	);
}
