// SPDX-License-Identifier: Apache-2.0
// A screen that comes as a chunk of its own, with the texts of more_*.json. One that cannot be had says so and tries again:
// an empty page beside a live frame would look like "nothing there".
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { needMore } from "../i18n";
import { ErrorBox, Skeleton } from "./common";

const AGAIN_MS = 3000;

export interface Later extends FunctionComponent {
	preload: () => void;
}

export function later(load: () => Promise<FunctionComponent>): Later {
	let screen: FunctionComponent | null = null;
	let coming: Promise<void> | null = null;
	const get = (): Promise<void> => {
		coming ??= Promise.all([load(), needMore()]).then(
			([s]) => {
				screen = s;
			},
			(e) => {
				coming = null;
				throw e;
			},
		);
		return coming;
	};
	function Screen(props: object) {
		const [tries, failed] = useState(0);
		const [, draw] = useState(false);
		useEffect(() => {
			if (screen) {
				draw(true); // it came between drawing and here
				return;
			}
			let ended = false;
			const timer = setTimeout(
				() =>
					get().then(
						() => !ended && draw(true),
						() => !ended && failed((n) => n + 1),
					),
				tries ? AGAIN_MS : 0,
			);
			return () => {
				ended = true;
				clearTimeout(timer);
			};
		}, [tries]);
		const S = screen;
		if (S) return <S {...props} />;
		if (!tries) return <Skeleton rows={8} />;
		return (
			<ErrorBox
				problem={{ type: "/problems/unreachable", title: "unreachable", status: 0 }}
				retry={() => location.reload()}
			/>
		);
	}
	Screen.preload = () => void get().catch(() => {});
	return Screen;
}
