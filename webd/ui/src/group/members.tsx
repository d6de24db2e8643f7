// SPDX-License-Identifier: Apache-2.0
// A list of keys that is built by choosing: each one a chip that can be taken away.
import { useId, useState } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "../ui/icons";

export function KeyList(props: {
	label: string;
	name: string;
	value: readonly string[];
	offered: readonly string[];
	trouble?: string;
	strict?: boolean; // only what is offered
	hint?: string;
	set: (keys: string[]) => void;
}) {
	const { label, name, value, offered, trouble, set } = props;
	const id = useId();
	const [text, setText] = useState("");
	const add = (raw: string) => {
		const key = raw.trim();
		if (!key || value.includes(key) || (props.strict && !offered.includes(key))) return false;
		set([...value, key]);
		setText("");
		return true;
	};
	return (
		<div class="field" data-field={name}>
			<label class="field-label" for={id}>
				{label}
			</label>
			{value.length > 0 && (
				<ul class="plain chips">
					{value.map((k) => (
						<li key={k}>
							<button
								type="button"
								class="chip"
								aria-label={t("group.take_out", { what: k })}
								onClick={() => set(value.filter((x) => x !== k))}
							>
								{k} <Icon name="close" size={13} />
							</button>
						</li>
					))}
				</ul>
			)}
			<span class="add-line">
				<input
					id={id}
					name={name}
					list={`${id}-all`}
					value={text}
					placeholder={t("group.add_placeholder")}
					aria-invalid={!!trouble}
					aria-describedby={
						trouble ? `${id}-trouble` : props.hint ? `${id}-hint` : undefined
					}
					autocomplete="off"
					onInput={(e) => {
						const v = e.currentTarget.value;
						// chosen from the list: taken at once
						if (!offered.includes(v) || !add(v)) setText(v);
					}}
					onKeyDown={(e) => {
						if (e.key !== "Enter") return;
						e.preventDefault();
						add(text);
					}}
				/>
				<button
					type="button"
					class="button small"
					disabled={!text.trim()}
					aria-label={t("group.add_to", { what: label })}
					onClick={() => add(text)}
				>
					<Icon name="plus" size={15} />
				</button>
			</span>
			<datalist id={`${id}-all`}>
				{offered
					.filter((k) => !value.includes(k))
					.map((k) => (
						<option value={k} key={k} />
					))}
			</datalist>
			{props.hint && !trouble && (
				<span class="muted small" id={`${id}-hint`}>
					{props.hint}
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
