// SPDX-License-Identifier: Apache-2.0
// The severity shapes and their marks as paths in a 24 x 24 box; SVG and canvas draw the same ones.
import type { Severity } from "../api/types";

export interface ShapePath {
	body: string;
	mark: string;
	dashed: boolean;
}

export const SHAPES: Record<Severity, ShapePath> = {
	critical: { body: "M8 2h8l6 6v8l-6 6H8l-6-6V8z", mark: "M8.6 8.6l6.8 6.8M15.4 8.6l-6.8 6.8", dashed: false },
	major: { body: "M12 2.2L22.6 21H1.4z", mark: "M12 9.2v5.2M12 17.6v.2", dashed: false },
	unknown: {
		body: "M3 3h18v18H3z",
		mark: "M9.3 9.6a2.7 2.7 0 1 1 4.2 2.2c-1 .7-1.5 1.1-1.5 2.1M12 17v.2",
		dashed: true,
	},
	minor: { body: "M12 1.4L22.6 12 12 22.6 1.4 12z", mark: "M8 12h8", dashed: false },
	info: { body: "M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20z", mark: "M12 11.2v5.6M12 7.4v.2", dashed: false },
	normal: { body: "M12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16z", mark: "M8.4 12.3l2.5 2.5 4.7-5.2", dashed: false },
};
