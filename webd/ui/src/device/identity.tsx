// SPDX-License-Identifier: Apache-2.0
// Another device answers at the address: what it was and what it is now, until somebody accepts it.
import { useState } from "preact/hooks";
import { acceptIdentity, getIdentity } from "../api/admin";
import { t, tryT, when } from "../i18n";
import { can } from "../state/session";
import { guard, problemOf, problemTitle } from "../ui/common";
import { useLoad } from "../ui/load";
import { say } from "../ui/notice";
import { Shape } from "../ui/shape";

const AGAIN_MS = 30_000;

export function IdentityChange({ id, name }: { id: string; name: string }) {
	const load = useLoad(() => getIdentity(id), id, AGAIN_MS);
	const [busy, setBusy] = useState(false);
	const who = load.data;
	// without an answer there is nothing to say: the page itself tells of a missing server
	if (!who?.changed.length) return null;
	const off = guard(can("configure"), "configure");
	const accept = async () => {
		setBusy(true);
		try {
			await acceptIdentity(id);
			say(t("identity.accepted", { name }));
		} catch (e) {
			const p = problemOf(e);
			say(p.detail || problemTitle(p), true);
		}
		setBusy(false);
		load.reload();
	};
	return (
		<section class="card identity" aria-labelledby="identity-change" data-testid="identity">
			<div class="card-line">
				<h2 id="identity-change">
					<Shape severity="major" size={18} /> {t("identity.title")}
				</h2>
				<button
					type="button"
					class="button"
					{...off}
					disabled={off.disabled || busy}
					onClick={accept}
				>
					{t("identity.accept")}
				</button>
			</div>
			<p>{t("identity.text")}</p>
			<table class="table slim">
				<caption class="visually-hidden">{t("identity.title")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("identity.field")}</th>
						<th scope="col">
							{t("identity.old")}
							{who.since && (
								<span>
									{" "}
									{t("identity.since", { time: when(who.since) })}
								</span>
							)}
						</th>
						<th scope="col">{t("identity.new")}</th>
					</tr>
				</thead>
				<tbody>
					{who.changed.map((c) => (
						<tr key={c.field}>
							<th scope="row">{tryT(`identity.${c.field}`, c.field)}</th>
							<td>{c.old || "–"}</td>
							<td>
								<strong>{c.fresh || "–"}</strong>
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}
