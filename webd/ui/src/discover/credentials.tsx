// SPDX-License-Identifier: Apache-2.0
// Stored credentials: which of them a search tries, adding one, removing one.
import { useState } from "preact/hooks";
import { addCredential, removeCredential } from "../api/admin";
import type { Credential } from "../api/admin_types";
import { ACCESS_FIELDS, type Access, AccessFields, accessBody, accessTroubles, NO_ACCESS } from "../forms/access";
import { FormTrouble, focusTrouble, required, TextField, type Troubles, troublesOf } from "../forms/field";
import { t } from "../i18n";
import { can } from "../state/session";
import { Dialog, Empty, guard, problemOf, problemTitle } from "../ui/common";
import { Icon } from "../ui/icons";
import { type Loaded, Shown } from "../ui/load";
import { say } from "../ui/notice";

export function AddCredential({ onClose, onAdded }: { onClose: () => void; onAdded: (id: string) => void }) {
	const [name, setName] = useState("");
	const [port, setPort] = useState("161");
	const [a, setA] = useState<Access>(NO_ACCESS);
	const [troubles, setTroubles] = useState<Troubles>({});
	const [busy, setBusy] = useState(false);
	const off = guard(can("configure"), "configure");
	const save = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad = accessTroubles(a, false);
		const missing = required(name);
		if (missing) bad.name = missing;
		const n = Number(port);
		if (!Number.isInteger(n) || n < 1 || n > 65_535)
			bad.port = t("form.between", { least: 1, most: 65_535 });
		setTroubles(bad);
		if (Object.keys(bad).length) return;
		setBusy(true);
		try {
			const id = await addCredential({ name: name.trim(), port: n, ...accessBody(a) });
			onAdded(id);
			onClose();
		} catch (x) {
			const p = problemOf(x);
			setTroubles(
				p.status === 409 && !p.errors?.length
					? { name: p.detail || problemTitle(p) }
					: troublesOf(p, ["name", "port", ...ACCESS_FIELDS]),
			);
			setBusy(false);
		}
	};
	return (
		<Dialog title={t("credential.add")} onClose={onClose}>
			<form onSubmit={save} noValidate>
				<TextField
					label={t("col.name")}
					name="name"
					value={name}
					hint={t("credential.name_hint")}
					trouble={troubles.name}
					onInput={setName}
				/>
				<AccessFields
					value={a}
					set={(c) => setA({ ...a, ...c })}
					troubles={troubles}
					known={false}
				/>
				<TextField
					label={t("form.port")}
					name="port"
					type="number"
					value={port}
					trouble={troubles.port}
					onInput={setPort}
				/>
				<FormTrouble text={troubles[""]} />
				<div class="dialog-foot">
					<button type="button" class="button" onClick={onClose}>
						{t("cancel")}
					</button>
					<button
						type="submit"
						class="button primary"
						{...off}
						disabled={off.disabled || busy}
					>
						{t("credential.save")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

const describe = (c: Credential): string =>
	c.version === "3"
		? ["SNMP v3", c.v3_user, c.v3_auth, c.v3_priv].filter(Boolean).join(" · ")
		: `SNMP v${c.version}`;

export function Credentials({
	load,
	chosen,
	choose,
}: {
	load: Loaded<Credential[]>;
	chosen: ReadonlySet<string>;
	choose: (id: string, on: boolean) => void;
}) {
	const [adding, add] = useState(false);
	const [leaving, leave] = useState<Credential | null>(null);
	const off = guard(can("configure"), "configure");
	const remove = async (c: Credential) => {
		try {
			await removeCredential(c.id);
			choose(c.id, false);
		} catch (x) {
			const p = problemOf(x);
			say(p.detail || problemTitle(p), true);
		}
		leave(null);
		load.reload();
	};
	return (
		<fieldset class="credentials" data-testid="credentials">
			<legend class="field-label">{t("discovery.credentials")}</legend>
			<Shown of={load} rows={2}>
				{(list) =>
					list.length === 0 ? (
						<Empty text={t("empty.credentials")} />
					) : (
						<ul class="plain credential-list">
							{list.map((c) => (
								<li key={c.id}>
									<label class="check">
										<input
											type="checkbox"
											checked={chosen.has(c.id)}
											onChange={(e) =>
												choose(
													c.id,
													e.currentTarget
														.checked,
												)
											}
										/>
										<span>
											{c.name}
											<span class="muted small block">
												{describe(c)}
												{c.port !== 161 &&
													` · ${t("form.port")} ${c.port}`}
											</span>
										</span>
									</label>
									<button
										type="button"
										class="icon-button"
										{...off}
										aria-label={t("credential.remove", {
											name: c.name,
										})}
										title={
											off.title ??
											t("credential.remove", {
												name: c.name,
											})
										}
										onClick={() => leave(c)}
									>
										<Icon name="close" size={16} />
									</button>
								</li>
							))}
						</ul>
					)
				}
			</Shown>
			<button type="button" class="button small" {...off} onClick={() => add(true)}>
				<Icon name="plus" size={16} /> {t("credential.add")}
			</button>
			{adding && (
				<AddCredential
					onClose={() => add(false)}
					onAdded={(id) => {
						choose(id, true);
						load.reload();
					}}
				/>
			)}
			{leaving && (
				<Dialog
					title={t("credential.remove", { name: leaving.name })}
					onClose={() => leave(null)}
				>
					<p>{t("credential.remove_text")}</p>
					<div class="dialog-foot">
						<button type="button" class="button" onClick={() => leave(null)}>
							{t("cancel")}
						</button>
						<button
							type="button"
							class="button danger"
							onClick={() => void remove(leaving)}
						>
							{t("credential.remove_now")}
						</button>
					</div>
				</Dialog>
			)}
		</fieldset>
	);
}
