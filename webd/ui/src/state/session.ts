// SPDX-License-Identifier: Apache-2.0
// Who is signed in. undefined: not known yet; null: nobody.
import { signal } from "@preact/signals";
import * as api from "../api/client";
import type { Me, Problem } from "../api/types";

export const me = signal<Me | null | undefined>(undefined);
/** Why the session could not be read, when it is neither there nor absent (server away). */
export const sessionProblem = signal<Problem | null>(null);
/** True after a session ended by itself: the login page says so. */
export const ended = signal(false);

function enter(who: Me): void {
	api.setCsrf(who.csrf);
	sessionProblem.value = null;
	ended.value = false;
	me.value = who;
}

export function leave(byItself: boolean): void {
	if (me.value) ended.value = byItself;
	api.setCsrf("");
	me.value = null;
}

export async function readSession(): Promise<void> {
	try {
		enter(await api.getMe());
	} catch (e) {
		if (!(e instanceof api.ApiError)) throw e;
		if (e.status === 401) leave(false);
		else sessionProblem.value = e.problem;
	}
}

export async function signIn(user: string, password: string): Promise<void> {
	enter(await api.login(user, password));
}

export async function signOut(): Promise<void> {
	try {
		await api.logout();
	} finally {
		leave(false);
	}
}

export async function changePassword(old: string, fresh: string): Promise<void> {
	enter(await api.changePassword(old, fresh));
}

export function can(right: string): boolean {
	return me.value?.rights.includes(right) ?? false;
}
