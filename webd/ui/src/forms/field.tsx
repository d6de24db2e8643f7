// SPDX-License-Identifier: Apache-2.0
// Fields of forms: label, hint, and what the server or we found wrong, beside the field it is about.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Problem } from "../api/types";
import { t } from "../i18n";
import { problemTitle } from "../ui/common";

/** Troubles by name of field; "" is for what belongs to no field. */
export type Troubles = Record<string, string>;

/** The field itself, or the nearest one that holds it; "" when there is none. */
function fieldOf(pointer: string, fields: readonly string[]): string {
	for (let name = pointer; name; name = name.slice(0, Math.max(0, name.lastIndexOf("/"))))
		if (fields.includes(name)) return name;
	return "";
}

/** Sorts a problem of the API into the fields it names. `aliases` leads other pointers to a field. */
export function troublesOf(p: Problem, fields: readonly string[], aliases: Record<string, string> = {}): Troubles {
	const out: Troubles = {};
	for (const e of p.errors ?? []) {
		const pointer = (e.pointer ?? "").replace(/^\//, "").replace(/^rule\//, "");
		const at = fieldOf(aliases[pointer] ?? pointer, fields);
		const text = e.detail || p.detail || problemTitle(p);
		out[at] = out[at]
			? `${out[at]}; ${at || !pointer ? text : `${pointer}: ${text}`}`
			: at || !pointer
				? text
				: `${pointer}: ${text}`;
	}
	if (!Object.keys(out).length) {
		const title = problemTitle(p);
		out[""] = p.detail ? `${title}: ${p.detail}` : title;
	}
	return out;
}

interface FieldProps {
	label: string;
	name: string;
	trouble?: string;
	hint?: string;
	children: (aria: {
		id: string;
		name: string;
		"aria-invalid": boolean;
		"aria-describedby"?: string;
	}) => ComponentChildren;
}

export function Field({ label, name, trouble, hint, children }: FieldProps) {
	const id = useId();
	const about = [hint && `${id}-hint`, trouble && `${id}-trouble`].filter(Boolean).join(" ");
	return (
		<div class="field" data-field={name}>
			<label class="field-label" for={id}>
				{label}
			</label>
			{children({ id, name, "aria-invalid": !!trouble, "aria-describedby": about || undefined })}
			{hint && (
				<span class="muted small" id={`${id}-hint`}>
					{hint}
				</span>
			)}
			{trouble && (
				<span class="field-trouble small" role="alert" id={`${id}-trouble`}>
					{trouble}
				</span>
			)}
		</div>
	);
}

export function TextField(props: {
	label: string;
	name: string;
	value: string;
	onInput: (v: string) => void;
	trouble?: string;
	hint?: string;
	type?: string;
	list?: string;
	required?: boolean;
	placeholder?: string;
	min?: number;
	max?: number;
}) {
	const { label, name, trouble, hint, onInput, list, type, ...rest } = props;
	// the types of the element tell kinds of input apart that one component serves
	const kind = (list ? { list } : { type: type ?? "text" }) as { type?: "text" };
	return (
		<Field label={label} name={name} trouble={trouble} hint={hint}>
			{(aria) => (
				<input
					{...aria}
					{...rest}
					{...kind}
					autocomplete={props.type === "password" ? "new-password" : "off"}
					spellcheck={false}
					onInput={(e) => onInput(e.currentTarget.value)}
				/>
			)}
		</Field>
	);
}

export function SelectField(props: {
	label: string;
	name: string;
	value: string;
	onInput: (v: string) => void;
	options: readonly (readonly [string, string])[];
	trouble?: string;
	hint?: string;
}) {
	const { label, name, trouble, hint, onInput, options, value } = props;
	return (
		<Field label={label} name={name} trouble={trouble} hint={hint}>
			{(aria) => (
				<select {...aria} value={value} onChange={(e) => onInput(e.currentTarget.value)}>
					{options.map(([v, text]) => (
						<option value={v} key={v}>
							{text}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

export function FormTrouble({ text }: { text?: string }) {
	if (!text) return null;
	return (
		<p class="form-error" role="alert">
			{text}
		</p>
	);
}

/** The first field that is wrong takes the focus, once it is drawn as such. */
export function focusTrouble(e: Event): void {
	const form = e.currentTarget as HTMLFormElement | null;
	setTimeout(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

/** What to say of a field that may not be empty. */
export const required = (value: string): string | undefined => (value.trim() ? undefined : t("form.required"));
