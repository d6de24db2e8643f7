// SPDX-License-Identifier: Apache-2.0
// The saved views of a list: go to one, begin with one, save what is shown, remove one.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { getViews, removeView, saveView, setDefaultView, type View, type ViewScreen } from "../api/views";
import { FormTrouble, required, TextField, type Troubles, troublesOf } from "../forms/field";
import { t } from "../i18n";
import { can } from "../state/session";
import { Dialog, guard, problemOf, problemTitle } from "../ui/common";
import { Icon } from "../ui/icons";
import { Shown, useLoad } from "../ui/load";
import { say } from "../ui/notice";

/** What of the address is a view: not where one stands in the list. */
function asView(query: Record<string, string | undefined>): string {
	const next = new URLSearchParams();
	for (const [k, v] of Object.entries(query)) if (v && k !== "at" && k !== "tab") next.set(k, v);
	next.sort();
	return next.toString();
}

const isOf = (v: View, now: string): boolean => {
	const own = new URLSearchParams(v.query);
	own.sort();
	return own.toString() === now;
};

/** A list that is opened without a filter begins with the user's own view; taken away, it stays away until it is opened anew. */
export function useDefaultView(screen: ViewScreen): void {
	const { query, path, route } = useLocation();
	const done = useRef(false);
	useEffect(() => {
		if (done.current) return;
		done.current = true;
		if (Object.keys(query).length) return;
		getViews(screen).then(
			(all) => {
				const first = all.find((v) => v.isDefault);
				if (first?.query && location.pathname === path && !location.search)
					route(`${path}?${first.query}`, true);
			},
			() => {}, // without the database the list begins with everything
		);
	}, [screen, query, path, route]);
}

function SaveDialog(props: {
	screen: ViewScreen;
	query: string;
	views: readonly View[];
	onClose: (saved: boolean) => void;
}) {
	const { screen, query, views, onClose } = props;
	const [name, setName] = useState("");
	const [shared, share] = useState(false);
	const [troubles, setTroubles] = useState<Troubles>({});
	const known = views.some((v) => v.mine && v.name === name.trim());
	const save = async (e: Event) => {
		e.preventDefault();
		const missing = required(name);
		setTroubles(missing ? { name: missing } : {});
		if (missing) return;
		try {
			await saveView(screen, { name: name.trim(), query, shared }, known);
			say(t("views.saved", { name: name.trim() }));
			onClose(true);
		} catch (x) {
			setTroubles(troublesOf(problemOf(x), ["name"]));
		}
	};
	return (
		<Dialog title={t("views.save")} onClose={() => onClose(false)}>
			<form onSubmit={(e) => void save(e)} noValidate>
				<TextField
					label={t("views.name")}
					name="name"
					value={name}
					trouble={troubles.name}
					onInput={setName}
				/>
				<label class="check">
					<input
						type="checkbox"
						checked={shared}
						{...guard(can("ack"), "ack")}
						onChange={(e) => share(e.currentTarget.checked)}
					/>
					{t("views.share")}
				</label>
				<FormTrouble text={troubles[""]} />
				<div class="dialog-foot">
					<button type="button" class="button" onClick={() => onClose(false)}>
						{t("cancel")}
					</button>
					<button type="submit" class="button primary" {...guard(true, "")}>
						{known ? t("views.replace") : t("views.save_short")}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

interface ItemProps {
	v: View;
	screen: ViewScreen;
	now: string;
	path: string;
	act: (todo: () => Promise<void>) => void;
}

function Item({ v, screen, now, path, act }: ItemProps) {
	const off = guard(true, "");
	return (
		<li>
			<a href={`${path}?${v.query}`} aria-current={isOf(v, now) ? "true" : undefined}>
				<span>{v.name}</span>
				{!v.mine && <span class="muted small"> {t("views.of", { user: v.owner })}</span>}
				{v.mine && v.shared && <span class="muted small"> {t("views.shared")}</span>}
			</a>
			<button
				type="button"
				class="icon-button tiny"
				aria-pressed={v.isDefault}
				title={t("views.default")}
				aria-label={t("views.default_of", { name: v.name })}
				{...off}
				onClick={() => act(() => setDefaultView(screen, v.isDefault ? null : v.id))}
			>
				<Icon name="star" size={15} />
			</button>
			{(v.mine || can("admin")) && (
				<button
					type="button"
					class="icon-button tiny"
					title={t("views.remove")}
					aria-label={t("views.remove_of", { name: v.name })}
					{...off}
					onClick={() => act(() => removeView(v.id))}
				>
					<Icon name="close" size={15} />
				</button>
			)}
		</li>
	);
}

function Menu({ screen, close }: { screen: ViewScreen; close: () => void }) {
	const { query, path } = useLocation();
	const load = useLoad(() => getViews(screen), screen);
	const [saving, save] = useState(false);
	const now = asView(query);
	const act = (todo: () => Promise<void>) =>
		void todo().then(load.reload, (e) => {
			const p = problemOf(e);
			say(p.detail || problemTitle(p), true);
			load.reload();
		});
	return (
		<section class="views-menu" aria-label={t("views.title")} data-testid="views">
			<Shown of={load} rows={2}>
				{(views) => (
					<>
						{views.length === 0 && <p class="muted">{t("views.none")}</p>}
						<ul class="plain">
							{views.map((v) => (
								<Item key={v.id} {...{ v, screen, now, path, act }} />
							))}
						</ul>
						<button
							type="button"
							class="button small"
							{...guard(true, "")}
							disabled={!now}
							title={now ? undefined : t("views.nothing")}
							onClick={() => save(true)}
						>
							{t("views.save")}…
						</button>
						{saving && (
							<SaveDialog
								screen={screen}
								query={now}
								views={views}
								onClose={(saved) => {
									save(false);
									if (saved) close();
								}}
							/>
						)}
					</>
				)}
			</Shown>
		</section>
	);
}

export function Views({ screen }: { screen: ViewScreen }) {
	const [open, show] = useState(false);
	const place = useRef<HTMLDivElement>(null);
	const { url } = useLocation();
	useEffect(() => show(false), [url]);
	useEffect(() => {
		if (!open) return;
		const away = (e: PointerEvent) => {
			if (e.target instanceof Node && !place.current?.contains(e.target)) show(false);
		};
		addEventListener("pointerdown", away);
		return () => removeEventListener("pointerdown", away);
	}, [open]);
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what any part of it has opened
		<div
			class="views"
			ref={place}
			onKeyDown={(e) => {
				if (e.key !== "Escape" || !open || document.querySelector("dialog[open]")) return;
				e.stopPropagation();
				show(false);
				place.current?.querySelector("button")?.focus();
			}}
		>
			<button type="button" class="button" aria-expanded={open} onClick={() => show(!open)}>
				{t("views.title")} <Icon name="down" size={14} />
			</button>
			{open && <Menu screen={screen} close={() => show(false)} />}
		</div>
	);
}
