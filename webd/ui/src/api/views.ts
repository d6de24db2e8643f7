// SPDX-License-Identifier: Apache-2.0
// Views: filters of a list under a name, one's own and those that others share.
import { onceKey, request } from "./client";
import { list, type Raw, text } from "./shape";

export type ViewScreen = "alarms" | "log";

export interface View {
	id: string;
	name: string;
	query: string; // behind the "?" of the address
	shared: boolean;
	owner: string;
	mine: boolean;
	isDefault: boolean; // the list begins with it, for this user
}

export async function getViews(screen: ViewScreen): Promise<View[]> {
	const items = list((await request<Raw>("GET", "/views")).body.items);
	return items
		.filter((v) => v.screen === screen)
		.map((v) => ({
			id: text(v.id),
			name: text(v.name),
			query: text(v.query),
			shared: v.shared === true,
			owner: text(v.owner),
			mine: v.mine === true,
			isDefault: v.default === true,
		}));
}

export async function saveView(
	screen: ViewScreen,
	view: Pick<View, "name" | "query" | "shared">,
	replace: boolean,
): Promise<void> {
	const { name, query, shared } = view;
	await request("POST", "/views", { screen, name, query, shared, replace }, { "idempotency-key": onceKey() });
}

export async function removeView(id: string): Promise<void> {
	await request("DELETE", `/views/${encodeURIComponent(id)}`);
}

/** null: the list begins with everything. */
export async function setDefaultView(screen: ViewScreen, id: string | null): Promise<void> {
	await request("PUT", "/views/default", { screen, id });
}
