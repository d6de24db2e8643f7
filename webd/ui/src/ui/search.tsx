// SPDX-License-Identifier: Apache-2.0
// The search box of the top bar: devices and sites by parts of their path, model or address. Ctrl+K or / goes there.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import type { Severity } from "../api/types";
import { t } from "../i18n";
import { devices, fleetVersion, groups } from "../state/fleet";
import { Icon } from "./icons";
import { Shape } from "./shape";

interface Hit {
	href: string;
	name: string;
	where: string;
	severity: Severity;
}

const MOST = 9;

export function find(text: string): Hit[] {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	if (!words.length) return [];
	const fits = (hay: string) => words.every((w) => hay.includes(w));
	const hits: Hit[] = [];
	for (const g of groups.values()) {
		if (hits.length >= 3) break;
		if (fits(`${g.key} ${g.name}`.toLowerCase()))
			hits.push({
				href: `/map/${g.key}`,
				name: g.name || g.key,
				where: t("search.site"),
				severity: g.severity,
			});
	}
	for (const d of devices.values()) {
		if (hits.length >= MOST) break;
		if (fits(`${d.key} ${d.model} ${d.address}`.toLowerCase()))
			hits.push({ href: `/devices/${d.id}`, name: d.name, where: d.site, severity: d.severity });
	}
	return hits;
}

export function Search() {
	fleetVersion.value;
	const { route } = useLocation();
	const [text, setText] = useState("");
	const [at, setAt] = useState(0);
	const [open, setOpen] = useState(false);
	const input = useRef<HTMLInputElement>(null);
	const id = useId();
	const hits = open ? find(text) : [];

	useEffect(() => {
		const onKey = (e: KeyboardEvent) => {
			const typing = e.target instanceof HTMLElement && e.target.matches("input, textarea, select");
			if ((e.key.toLowerCase() === "k" && (e.ctrlKey || e.metaKey)) || (e.key === "/" && !typing)) {
				e.preventDefault();
				input.current?.focus();
				input.current?.select();
			}
		};
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, []);

	const go = (href: string) => {
		setText("");
		setOpen(false);
		input.current?.blur();
		route(href);
	};
	const onKey = (e: KeyboardEvent) => {
		const hit = hits[at];
		if (e.key === "ArrowDown") setAt(Math.min(at + 1, hits.length - 1));
		else if (e.key === "ArrowUp") setAt(Math.max(at - 1, 0));
		else if (e.key === "Enter" && hit) go(hit.href);
		else if (e.key === "Enter" && text) go(`/devices?q=${encodeURIComponent(text)}`);
		else if (e.key === "Escape") {
			setOpen(false);
			input.current?.blur();
		} else return;
		e.preventDefault();
	};

	return (
		<search class="search">
			<Icon name="search" size={16} />
			<input
				ref={input}
				type="text"
				role="combobox"
				aria-expanded={hits.length > 0}
				aria-controls={id}
				aria-autocomplete="list"
				aria-activedescendant={hits.length ? `${id}-${at}` : undefined}
				aria-label={t("search.label")}
				placeholder={t("search.placeholder")}
				value={text}
				onInput={(e) => {
					setText(e.currentTarget.value);
					setAt(0);
					setOpen(true);
				}}
				onFocus={() => setOpen(true)}
				onBlur={() => setOpen(false)}
				onKeyDown={onKey}
			/>
			<kbd aria-hidden="true">Ctrl K</kbd>
			<div class="hits" id={id} role="listbox" aria-label={t("search.label")} hidden={!open || !text}>
				{hits.map((h, i) => (
					<div
						key={h.href}
						id={`${id}-${i}`}
						role="option"
						tabIndex={-1}
						aria-selected={i === at}
						class={i === at ? "hit current" : "hit"}
						onMouseDown={(e) => {
							e.preventDefault();
							go(h.href);
						}}
					>
						<Shape severity={h.severity} size={14} label />
						<span class="hit-name">{h.name}</span>
						<span class="muted hit-where">{h.where}</span>
					</div>
				))}
				{open && text && hits.length === 0 && (
					<div class="hit muted" role="option" aria-selected="false" tabIndex={-1}>
						{t("search.none")}
					</div>
				)}
			</div>
		</search>
	);
}
