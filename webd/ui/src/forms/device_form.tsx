// SPDX-License-Identifier: Apache-2.0
// The form of a device, for adding and for changing one, with a test of the connection before anything is saved.
import { useMemo, useState } from "preact/hooks";
import { getCredentials, testDevice } from "../api/admin";
import type { DeviceConfig, TestResult } from "../api/admin_types";
import type { Raw } from "../api/shape";
import type { Problem } from "../api/types";
import { t } from "../i18n";
import { devices } from "../state/fleet";
import { can } from "../state/session";
import { guard, problemOf } from "../ui/common";
import { useLoad } from "../ui/load";
import { ACCESS_FIELDS, type Access, AccessFields, accessBody, accessTroubles, NO_ACCESS } from "./access";
import { FormTrouble, focusTrouble, required, SelectField, TextField, type Troubles, troublesOf } from "./field";
import { TestAnswer } from "./test_result";

const OWN = "own";
const FIELDS = ["key", "address", "port", "profile", "interval_s", "status_interval_s", "collector", "credential_id"];
const ALL = [...FIELDS, ...ACCESS_FIELDS];
/** The same device with another key part is called by what people see. */
const ALIASES = { auth_password: "v3_auth_password", priv_password: "v3_priv_password" };

interface Plain {
	site: string;
	name: string;
	address: string;
	port: string;
	profile: string;
	interval_s: string;
	status_interval_s: string;
	collector: string;
	credential: string; // id of a stored one, or OWN
}

function plainOf(c: DeviceConfig | null, address: string): Plain {
	const cut = c ? c.key.lastIndexOf("/") : -1;
	return {
		site: c && cut > 0 ? c.key.slice(0, cut) : "",
		name: c ? c.key.slice(cut + 1) : "",
		address: c?.address ?? address,
		port: String(c?.port ?? 161),
		profile: c?.profile ?? "auto",
		interval_s: String(c?.interval_s ?? 10),
		status_interval_s: String(c?.status_interval_s ?? 0),
		collector: c?.collector ?? "collect-snmp",
		credential: OWN,
	};
}

const accessOf = (c: DeviceConfig | null): Access =>
	c
		? {
				...NO_ACCESS,
				version: c.version,
				v3_user: c.v3_user,
				...(c.version === "3" ? { v3_auth: c.v3_auth, v3_priv: c.v3_priv } : {}),
				v3_context: c.v3_context,
				v3_engine_id: c.v3_engine_id,
			}
		: NO_ACCESS;

const keyOf = (p: Plain): string => [p.site.replace(/^\/+|\/+$/g, "").trim(), p.name.trim()].filter(Boolean).join("/");

function check(p: Plain, a: Access, known: boolean): Troubles {
	const out: Troubles = p.credential === OWN ? accessTroubles(a, known) : {};
	const name = required(p.name);
	if (name) out.key = name;
	const address = required(p.address);
	if (address) out.address = address;
	const whole = (field: "port" | "interval_s" | "status_interval_s", least: number, most: number) => {
		const n = Number(p[field]);
		if (!Number.isInteger(n) || n < least || n > most) out[field] = t("form.between", { least, most });
	};
	whole("port", 1, 65_535);
	return out;
}

function bodyOf(p: Plain, a: Access): Raw {
	return {
		key: keyOf(p),
		collector: p.collector.trim(),
		address: p.address.trim(),
		port: Number(p.port),
		interval_s: Number(p.interval_s),
		status_interval_s: Number(p.status_interval_s),
		profile: p.profile.trim() || "auto",
		...(p.credential === OWN ? accessBody(a) : { credential_id: p.credential }),
	};
}

/** What a test needs: where, and how to ask; the version comes with stored credentials. */
function askedOf(p: Plain, a: Access): Raw {
	const where = { address: p.address.trim(), port: Number(p.port) };
	return p.credential === OWN ? { ...where, ...accessBody(a) } : { ...where, credential_id: p.credential };
}

/** Only what differs from the stored configuration goes into a change; secrets whenever they were typed. */
export function changeOf(stored: DeviceConfig, body: Raw): Raw {
	const old = stored as unknown as Raw;
	return Object.fromEntries(Object.entries(body).filter(([k, v]) => !(k in old) || old[k] !== v));
}

export function DeviceForm({
	stored,
	id,
	address,
	submit,
	onSave,
}: {
	stored: DeviceConfig | null;
	id: string; // "" for a new one
	address?: string;
	submit: string;
	onSave: (body: Raw) => Promise<void>;
}) {
	const first = useMemo(() => ({ p: plainOf(stored, address ?? ""), a: accessOf(stored) }), [stored, address]);
	const [p, setP] = useState(first.p);
	const [a, setA] = useState(first.a);
	const [troubles, setTroubles] = useState<Troubles>({});
	const [busy, setBusy] = useState<"" | "save" | "test">("");
	const [result, setResult] = useState<TestResult | null>(null);
	const credentials = useLoad(() => getCredentials());
	const off = guard(can("configure"), "configure");
	const change = (c: Partial<Plain>) => {
		setP({ ...p, ...c });
		setResult(null);
	};
	const changeAccess = (c: Partial<Access>) => {
		setA({ ...a, ...c });
		setResult(null);
	};
	// the stored secret fits only the way of asking it was stored for
	const known = stored !== null && stored.version === a.version;
	const body = bodyOf(p, a);
	const changes = stored ? changeOf(stored, body) : body;
	const dirty = Object.keys(changes).length > 0;

	const failed = (problem: Problem) =>
		setTroubles(
			problem.status === 409 && !problem.errors?.length
				? { key: problem.detail || t("form.key_taken") }
				: troublesOf(problem, ALL, ALIASES),
		);
	const save = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad = check(p, a, known);
		setTroubles(bad);
		if (Object.keys(bad).length) return;
		setBusy("save");
		try {
			await onSave(changes);
		} catch (x) {
			failed(problemOf(x));
		}
		setBusy("");
	};
	const test = async () => {
		const bad = check({ ...p, name: p.name || "x" }, a, known);
		setTroubles(bad);
		if (Object.keys(bad).length) return;
		const asked = askedOf(p, a);
		const same = Object.keys(changes).every((k) =>
			/^(key|collector|interval_s|status_interval_s|profile)$/.test(k),
		);
		setBusy("test");
		setResult(null);
		try {
			setResult(
				await testDevice(
					id && same ? { device_id: id } : id ? { device_id: id, ...asked } : asked,
				),
			);
		} catch (x) {
			setTroubles(troublesOf(problemOf(x), ALL, ALIASES));
		}
		setBusy("");
	};
	const sites = useMemo(() => [...new Set([...devices.values()].map((d) => d.site))].sort(), []);
	const profiles = useMemo(
		() => [
			"auto",
			...new Set([...devices.values()].map((d) => d.profile).filter((x) => x && x !== "auto")),
		],
		[],
	);
	return (
		<form class="device-form" onSubmit={save} noValidate>
			<fieldset class="card form-part">
				<legend>{t("form.what")}</legend>
				<TextField
					label={t("form.site")}
					name="site"
					value={p.site}
					list="form-sites"
					placeholder="de/hamburg/building-a"
					hint={t("form.site_hint")}
					onInput={(site) => change({ site })}
				/>
				<datalist id="form-sites">
					{sites.map((s) => (
						<option value={s} key={s} />
					))}
				</datalist>
				<TextField
					label={t("form.name")}
					name="key"
					value={p.name}
					trouble={troubles.key}
					onInput={(name) => change({ name })}
				/>
				<TextField
					label={t("form.address")}
					name="address"
					value={p.address}
					trouble={troubles.address}
					onInput={(x) => change({ address: x })}
				/>
				<TextField
					label={t("form.port")}
					name="port"
					type="number"
					min={1}
					max={65_535}
					value={p.port}
					trouble={troubles.port}
					onInput={(port) => change({ port })}
				/>
			</fieldset>
			<fieldset class="card form-part">
				<legend>{t("form.how")}</legend>
				<SelectField
					label={t("form.credential")}
					name="credential_id"
					value={p.credential}
					trouble={troubles.credential_id}
					options={[
						[OWN, stored ? t("form.own_stored") : t("form.own")],
						...(credentials.data ?? []).map(
							(c) =>
								[
									c.id,
									t("form.stored", {
										name: c.name,
										version: c.version,
									}),
								] as const,
						),
					]}
					onInput={(credential) => change({ credential })}
				/>
				{p.credential === OWN && (
					<AccessFields value={a} set={changeAccess} troubles={troubles} known={known} />
				)}
			</fieldset>
			<fieldset class="card form-part">
				<legend>{t("form.polling")}</legend>
				<TextField
					label={t("form.profile")}
					name="profile"
					value={p.profile}
					list="form-profiles"
					hint={t("form.profile_hint")}
					trouble={troubles.profile}
					onInput={(profile) => change({ profile })}
				/>
				<datalist id="form-profiles">
					{profiles.map((s) => (
						<option value={s} key={s} />
					))}
				</datalist>
				<TextField
					label={t("form.interval")}
					name="interval_s"
					type="number"
					value={p.interval_s}
					trouble={troubles.interval_s}
					onInput={(interval_s) => change({ interval_s })}
				/>
				<TextField
					label={t("form.status_interval")}
					name="status_interval_s"
					type="number"
					value={p.status_interval_s}
					hint={t("form.status_interval_hint")}
					trouble={troubles.status_interval_s}
					onInput={(status_interval_s) => change({ status_interval_s })}
				/>
			</fieldset>
			<div class="form-foot">
				<FormTrouble text={troubles[""]} />
				<div class="button-row">
					<button
						type="submit"
						class="button primary"
						{...off}
						disabled={off.disabled || busy !== "" || (stored !== null && !dirty)}
					>
						{submit}
					</button>
					<button
						type="button"
						class="button"
						{...off}
						disabled={off.disabled || busy !== ""}
						onClick={test}
					>
						{busy === "test" && <span class="busy" aria-hidden="true" />}
						{busy === "test" ? t("test.running") : t("test.run")}
					</button>
				</div>
				{result && <TestAnswer result={result} />}
			</div>
		</form>
	);
}
