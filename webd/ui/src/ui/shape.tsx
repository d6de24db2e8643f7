// SPDX-License-Identifier: Apache-2.0
// A severity as shape and mark. The word stands beside it or is given as label.
import type { Severity } from "../api/types";
import { severityWord } from "../i18n/terms";
import { SHAPES } from "./shapes";

interface Props {
	severity: Severity;
	size?: number;
	ring?: boolean; // unacknowledged: the flashing ring
	acked?: boolean; // small tick
	outline?: boolean; // gone but not acknowledged
	label?: boolean; // say the word; else it stands beside
}

export function Shape({ severity, size = 20, ring, acked, outline, label }: Props) {
	const s = SHAPES[severity];
	const classes = `shape sev-${severity}${outline ? " outline" : ""}${s.dashed ? " dashed" : ""}`;
	return (
		<svg
			class={classes}
			width={size * 1.4}
			height={size * 1.4}
			viewBox="-5 -5 34 34"
			role={label ? "img" : undefined}
			aria-label={label ? severityWord(severity) : undefined}
			aria-hidden={label ? undefined : "true"}
		>
			{ring && <circle class="ring" cx="12" cy="12" r="15.4" />}
			{ring && <circle class="ring second" cx="12" cy="12" r="12.6" />}
			<path class="halo" d={s.body} />
			<path class="body" d={s.body} />
			<path class="mark" d={s.mark} />
			{acked && <path class="acked" d="M17 22.5l3 3 6-7" />}
		</svg>
	);
}
