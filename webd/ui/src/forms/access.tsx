// SPDX-License-Identifier: Apache-2.0
// How a device is asked: version, community or SNMPv3 user. Used for devices and for stored credentials.
import { t } from "../i18n";
import { SelectField, TextField, type Troubles } from "./field";

export interface Access {
	version: string;
	community: string;
	v3_user: string;
	v3_auth: string;
	v3_priv: string;
	v3_context: string;
	v3_engine_id: string;
	v3_auth_password: string;
	v3_priv_password: string;
}

export const NO_ACCESS: Access = {
	version: "2c",
	community: "",
	v3_user: "",
	v3_auth: "SHA-256",
	v3_priv: "AES-128",
	v3_context: "",
	v3_engine_id: "",
	v3_auth_password: "",
	v3_priv_password: "",
};

export const ACCESS_FIELDS = Object.keys(NO_ACCESS) as (keyof Access)[];
const AUTH = ["", "MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"];
const PRIV = ["", "DES", "AES-128", "AES-192", "AES-256", "AES-192-C", "AES-256-C"];
const LEAST = 8; // RFC 3414 11.2

/** Only what the version uses; empty passwords are left out, so that the present ones stay. */
export function accessBody(a: Access): Record<string, string> {
	if (a.version !== "3") return { version: a.version, ...(a.community ? { community: a.community } : {}) };
	const body: Record<string, string> = {
		version: "3",
		v3_user: a.v3_user.trim(),
		v3_auth: a.v3_auth,
		v3_priv: a.v3_auth ? a.v3_priv : "",
		v3_context: a.v3_context,
		v3_engine_id: a.v3_engine_id.trim(),
	};
	if (a.v3_auth && a.v3_auth_password) body.v3_auth_password = a.v3_auth_password;
	if (a.v3_auth && a.v3_priv && a.v3_priv_password) body.v3_priv_password = a.v3_priv_password;
	return body;
}

/** `known`: secrets are stored already and may stay empty. */
export function accessTroubles(a: Access, known: boolean): Troubles {
	const out: Troubles = {};
	if (a.version !== "3") {
		if (!a.community && !known) out.community = t("form.required");
		return out;
	}
	if (!a.v3_user.trim()) out.v3_user = t("form.required");
	const password = (name: "v3_auth_password" | "v3_priv_password", used: boolean) => {
		const n = [...a[name]].length;
		if (used && (n > 0 || !known) && n < LEAST) out[name] = t("form.v3_short", { n: LEAST });
	};
	password("v3_auth_password", a.v3_auth !== "");
	const both = a.v3_auth !== "" && a.v3_priv !== "";
	password("v3_priv_password", both);
	// a new key pair is made of both, the present ones cannot be read back
	if (both && !out.v3_auth_password && !out.v3_priv_password) {
		if (a.v3_auth_password && !a.v3_priv_password) out.v3_priv_password = t("form.v3_both");
		if (a.v3_priv_password && !a.v3_auth_password) out.v3_auth_password = t("form.v3_both");
	}
	return out;
}

export function AccessFields({
	value,
	set,
	troubles,
	known,
}: {
	value: Access;
	set: (change: Partial<Access>) => void;
	troubles: Troubles;
	known: boolean;
}) {
	const secret = known ? t("form.secret_kept") : undefined;
	return (
		<>
			<SelectField
				label={t("form.version")}
				name="version"
				value={value.version}
				trouble={troubles.version}
				options={[
					["1", "SNMP v1"],
					["2c", "SNMP v2c"],
					["3", "SNMP v3"],
				]}
				onInput={(version) => set({ version })}
			/>
			{value.version !== "3" ? (
				<TextField
					label={t("form.community")}
					name="community"
					type="password"
					value={value.community}
					placeholder={secret}
					trouble={troubles.community}
					onInput={(community) => set({ community })}
				/>
			) : (
				<>
					<TextField
						label={t("form.v3_user")}
						name="v3_user"
						value={value.v3_user}
						trouble={troubles.v3_user}
						onInput={(v3_user) => set({ v3_user })}
					/>
					<SelectField
						label={t("form.v3_auth")}
						name="v3_auth"
						value={value.v3_auth}
						trouble={troubles.v3_auth}
						options={AUTH.map((x) => [x, x || t("form.none")] as const)}
						onInput={(v3_auth) => set({ v3_auth })}
					/>
					{value.v3_auth && (
						<>
							<TextField
								label={t("form.v3_auth_password")}
								name="v3_auth_password"
								type="password"
								value={value.v3_auth_password}
								placeholder={secret}
								trouble={troubles.v3_auth_password}
								onInput={(v3_auth_password) =>
									set({ v3_auth_password })
								}
							/>
							<SelectField
								label={t("form.v3_priv")}
								name="v3_priv"
								value={value.v3_priv}
								trouble={troubles.v3_priv}
								options={PRIV.map(
									(x) => [x, x || t("form.none")] as const,
								)}
								onInput={(v3_priv) => set({ v3_priv })}
							/>
							{value.v3_priv && (
								<TextField
									label={t("form.v3_priv_password")}
									name="v3_priv_password"
									type="password"
									value={value.v3_priv_password}
									placeholder={secret}
									trouble={troubles.v3_priv_password}
									onInput={(v3_priv_password) =>
										set({ v3_priv_password })
									}
								/>
							)}
						</>
					)}
					<TextField
						label={t("form.v3_context")}
						name="v3_context"
						value={value.v3_context}
						hint={t("form.v3_context_hint")}
						trouble={troubles.v3_context}
						onInput={(v3_context) => set({ v3_context })}
					/>
					<TextField
						label={t("form.v3_engine_id")}
						name="v3_engine_id"
						value={value.v3_engine_id}
						hint={t("form.v3_engine_hint")}
						trouble={troubles.v3_engine_id}
						onInput={(v3_engine_id) => set({ v3_engine_id })}
					/>
				</>
			)}
		</>
	);
}
