// SPDX-License-Identifier: Apache-2.0
// Line icons of the frame, 24 x 24, drawn for this program.
const PATHS = {
	overview: "M3 11.5L12 4l9 7.5M5.5 9.8V20h13V9.8M10 20v-6h4v6",
	devices: "M5 3h14v7H5zM5 14h14v7H5zM8 6.5h.1M8 17.5h.1M12 6.5h4M12 17.5h4",
	alarms: "M6 16.5V11a6 6 0 1 1 12 0v5.5l1.5 2h-15zM10 21h4",
	finding: "M3 13h4l2.5-7 4 12 2.5-7h5M12 3.2h.1M12 20.8h.1",
	trap: "M4 18a14 14 0 0 1 14-14M4 18a9 9 0 0 1 9-9M4 18h.1M15 20h5v-5M20 20l-6.5-6.5",
	kpi: "M4 20V4M4 20h16M8 20v-6M12.5 20V9M17 20v-9",
	group: "M12 3.5l8 4.5-8 4.5-8-4.5zM4 12.5l8 4.5 8-4.5M4 16.5l8 4.5 8-4.5",
	rule: "M5 7h8M17 7h2M5 17h2M11 17h8M15 4.5v5M9 14.5v5",
	quiet: "M14.5 5.5a4 4 0 0 0 4.8 5.4L11 19.2a2.1 2.1 0 0 1-3-3l8.3-8.3A4 4 0 0 0 14.5 5.5",
	log: "M4 5h16M4 10h16M4 15h10M4 20h10",
	system: "M12 8.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2",
	profile: "M12 4a4 4 0 1 1 0 8a4 4 0 1 1 0-8zM4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
	search: "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM15.5 15.5L20.5 20.5",
	sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
	mute: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
	freeze: "M12 3v18M4.2 7.5l15.6 9M19.8 7.5l-15.6 9",
	back: "M14.5 5l-7 7 7 7",
	right: "M9.5 5l7 7-7 7",
	clock: "M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17zM12 7.5V12l3 2",
	fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
	plus: "M12 5v14M5 12h14",
	minus: "M5 12h14",
	list: "M8.5 6h12M8.5 12h12M8.5 18h12M4 6h.1M4 12h.1M4 18h.1",
	map: "M3.5 5.5L9 3.5l6 2 5.5-2v15L15 20.5l-6-2-5.5 2zM9 3.5v15M15 5.5v15",
	close: "M6 6l12 12M18 6L6 18",
	star: "M12 4l2.5 5.2 5.6.8-4 4 .9 5.6-5-2.7-5 2.7.9-5.6-4-4 5.6-.8z",
	down: "M6 9.5l6 6 6-6",
	check: "M5 12.5l4.5 4.5L19 7.5",
	more: "M5 12h.1M12 12h.1M19 12h.1",
	offline: "M3 3l18 18M5 12.5a10 10 0 0 1 5-2.8M14 9.8a10 10 0 0 1 5 2.7M8.5 16a5 5 0 0 1 7 0M12 19.5h.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
	return (
		<svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
			<path d={PATHS[name]} />
		</svg>
	);
}
