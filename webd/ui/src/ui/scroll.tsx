// SPDX-License-Identifier: Apache-2.0
// A region that scrolls by itself, reachable with the keyboard.
import type { ComponentChildren } from "preact";

export function Scroll({ label, kind, children }: { label: string; kind: string; children: ComponentChildren }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable with the keyboard
		<section class={kind} tabIndex={0} aria-label={label}>
			{children}
		</section>
	);
}
