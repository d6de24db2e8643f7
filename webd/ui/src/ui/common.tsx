// SPDX-License-Identifier: Apache-2.0
// The common states every screen and panel shows: loading, empty, error, offline; and small parts used everywhere.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/client";
import type { Problem } from "../api/types";
import { age, clockTime, number, t, tryT } from "../i18n";
import { tick } from "../state/clock";
import { connection, offline, retryNow } from "../state/live";
import type { Phase } from "../state/synced";
import { Icon } from "./icons";

const SKELETON_AFTER_MS = 150;

export function Skeleton({ rows = 6 }: { rows?: number }) {
	const [shown, show] = useState(false);
	useEffect(() => {
		const timer = setTimeout(() => show(true), SKELETON_AFTER_MS);
		return () => clearTimeout(timer);
	}, []);
	if (!shown) return null;
	return (
		<div class="skeleton" role="status" aria-label={t("loading")}>
			{Array.from({ length: rows }, (_, i) => (
				<span class={`bone w${(i * 7) % 4}`} key={String(i)} />
			))}
		</div>
	);
}

export function Empty({ text, children }: { text: string; children?: ComponentChildren }) {
	return (
		<div class="empty">
			<p>{text}</p>
			{children}
		</div>
	);
}

export function problemTitle(p: Problem): string {
	return tryT(`problem.${p.type.replace("/problems/", "")}`, p.title);
}

export function problemOf(e: unknown): Problem {
	if (e instanceof ApiError) return e.problem;
	return { type: "about:blank", title: e instanceof Error ? e.message : String(e), status: 0 };
}

export function ErrorBox({ problem, retry }: { problem: Problem; retry?: () => void }) {
	return (
		<div class="error-box" role="alert">
			<p class="error-title">{problemTitle(problem)}</p>
			{problem.detail && <p>{problem.detail}</p>}
			{problem.request_id && <p class="muted">{t("request_id", { id: problem.request_id })}</p>}
			{retry && (
				<button type="button" class="button" onClick={retry}>
					{t("retry")}
				</button>
			)}
		</div>
	);
}

/** What stands in for a screen's content until it is there. */
export function Pending({
	phase,
	problem,
	retry,
	rows,
}: {
	phase: Phase;
	problem: Problem | null;
	retry: () => void;
	rows?: number;
}) {
	if (phase === "error" && problem) return <ErrorBox problem={problem} retry={retry} />;
	return <Skeleton rows={rows} />;
}

export function OfflineBar() {
	tick.value;
	const c = connection.value;
	if (c.state !== "lost") return null;
	const wait = Math.max(0, Math.ceil((c.retryAt - Date.now()) / 1000));
	return (
		<div class="offline-bar" role="alert" data-testid="offline-bar">
			<Icon name="offline" />
			<span>
				<strong>{t("offline.title", { time: clockTime(c.since) })}</strong>{" "}
				{t("offline.frozen")}
			</span>
			<span class="muted num" aria-live="off">
				{c.retryAt ? t("offline.retry_in", { n: wait }) : t("offline.trying")}
			</span>
			<button type="button" class="button small" onClick={retryNow}>
				{t("offline.now")}
			</button>
		</div>
	);
}

/** Attributes of a control that writes: off while the connection is lost or the right is missing, with the reason said. */
export function guard(allowed: boolean, right: string): { disabled: boolean; title?: string } {
	if (offline()) return { disabled: true, title: t("disabled.offline") };
	if (!allowed) return { disabled: true, title: t("disabled.right", { right }) };
	return { disabled: false };
}

export function Age({ seconds, stale }: { seconds: number | null; stale?: boolean }) {
	if (seconds === null) return <span class="muted">–</span>;
	return (
		<span class={stale ? "age stale num" : "age num"}>
			{stale && <Icon name="clock" size={14} />}
			{age(seconds)}
		</span>
	);
}

export function Meter({ value, label, low }: { value: number; label: string; low?: boolean }) {
	const width = Math.max(0, Math.min(100, value));
	return (
		<svg
			class={`meter${low ? " low" : ""}`}
			width="56"
			height="8"
			viewBox="0 0 100 8"
			preserveAspectRatio="none"
			role="img"
			aria-label={label}
		>
			<rect class="track" width="100" height="8" />
			<rect class="bar" width={width} height="8" />
		</svg>
	);
}

interface DialogProps {
	title: string;
	onClose: () => void;
	wide?: boolean;
	children: ComponentChildren;
}

export function Dialog({ title, onClose, wide, children }: DialogProps) {
	const ref = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		const d = ref.current;
		const back = document.activeElement as HTMLElement | null;
		if (d && !d.open) d.showModal();
		return () => back?.focus?.();
	}, []);
	return (
		<dialog
			ref={ref}
			class={wide ? "dialog wide-dialog" : "dialog"}
			aria-labelledby="dialog-title"
			onCancel={(e) => {
				e.preventDefault();
				onClose();
			}}
		>
			<div class="dialog-head">
				<h2 id="dialog-title">{title}</h2>
				<button type="button" class="icon-button" onClick={onClose} aria-label={t("close")}>
					<Icon name="close" />
				</button>
			</div>
			{children}
		</dialog>
	);
}

/** A heading that takes the focus when the screen opens, so that screen readers and keys start there. */
export function Title({ children }: { children: ComponentChildren }) {
	const ref = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		if (document.activeElement === document.body) ref.current?.focus({ preventScroll: true });
	}, []);
	return (
		<h1 ref={ref} tabIndex={-1} class="title">
			{children}
		</h1>
	);
}

export function Count({ n }: { n: number }) {
	return <span class="count num">{number(n)}</span>;
}

/** The device's own name first, its site muted behind; own-alarms lead to the system page. */
export function DeviceName({ id, path }: { id: string; path: string }) {
	const cut = path.lastIndexOf("/");
	const name = path.slice(cut + 1);
	return (
		<span class="device-name" title={path}>
			<a href={id && id !== "0" ? `/devices/${id}` : "/system"}>{name}</a>
			{cut > 0 && <span class="muted small"> {path.slice(0, cut)}</span>}
		</span>
	);
}
