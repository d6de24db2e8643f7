// SPDX-License-Identifier: Apache-2.0
// For what the server keeps no versions of: before it is replaced as a whole it is read again, and refused when somebody else has
// changed it since the form was opened. Only a change in the very same moment is not seen.
import { ApiError } from "./client";

export function sameAs(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

/** `seen`: what the form was opened with; `read` gives it as it is now, undefined when it is gone. */
export async function mustBeAs(seen: unknown, read: () => Promise<unknown>): Promise<void> {
	if (sameAs(seen, await read())) return;
	throw new ApiError({ type: "/problems/stale-version", title: "stale version", status: 412 });
}
