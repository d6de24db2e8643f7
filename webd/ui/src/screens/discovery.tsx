// SPDX-License-Identifier: Apache-2.0
// Finding devices: what to search with which credentials, the running search, and what it found. ?job= names the search shown.
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { getCredentials, getJobs, startJob, stopJob } from "../api/admin";
import type { Credential, Job } from "../api/admin_types";
import { Credentials } from "../discover/credentials";
import { Found } from "../discover/found";
import { useJob } from "../discover/job";
import { Field, FormTrouble, focusTrouble, TextField, type Troubles, troublesOf } from "../forms/field";
import { number, t, when } from "../i18n";
import { can } from "../state/session";
import { Empty, ErrorBox, guard, problemOf, problemTitle, Title } from "../ui/common";
import { type Loaded, useLoad } from "../ui/load";
import { say } from "../ui/notice";

const RANGES = "busbar.ranges";

function remembered(): string {
	try {
		return localStorage.getItem(RANGES) ?? "";
	} catch {
		return "";
	}
}

const splitRanges = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

function Start({ credentials, onStarted }: { credentials: Loaded<Credential[]>; onStarted: (job: string) => void }) {
	const [ranges, setRanges] = useState(remembered);
	const [port, setPort] = useState("");
	const [out, setOut] = useState<ReadonlySet<string>>(new Set()); // all are tried but these
	const [troubles, setTroubles] = useState<Troubles>({});
	const [busy, setBusy] = useState(false);
	const off = guard(can("configure"), "configure");
	const all = credentials.data ?? [];
	const chosen = new Set(all.filter((c) => !out.has(c.id)).map((c) => c.id));
	const start = async (e: Event) => {
		e.preventDefault();
		focusTrouble(e);
		const bad: Troubles = {};
		if (!splitRanges(ranges).length) bad.ranges = t("form.required");
		if (!chosen.size) bad.credential_ids = t("discovery.need_credential");
		const n = Number(port);
		if (port && (!Number.isInteger(n) || n < 1 || n > 65_535))
			bad.port = t("form.between", { least: 1, most: 65_535 });
		setTroubles(bad);
		if (Object.keys(bad).length) return;
		setBusy(true);
		try {
			localStorage.setItem(RANGES, ranges);
		} catch {
			// to be typed again
		}
		try {
			const ids = [...chosen].map((id) => (/^\d+$/.test(id) ? Number(id) : id));
			onStarted(
				await startJob({
					ranges: splitRanges(ranges),
					credential_ids: ids,
					...(port ? { port: n } : {}),
				}),
			);
		} catch (x) {
			const p = problemOf(x);
			const cut = (pointer = "") => pointer.replace(/^\/(\w+).*/, "/$1");
			setTroubles(
				troublesOf(
					{ ...p, errors: p.errors?.map((y) => ({ ...y, pointer: cut(y.pointer) })) },
					["ranges", "credential_ids", "port"],
				),
			);
		}
		setBusy(false);
	};
	return (
		<form class="card search-form" onSubmit={start} noValidate aria-label={t("discovery.search")}>
			<Field
				label={t("discovery.ranges")}
				name="ranges"
				hint={t("discovery.ranges_hint")}
				trouble={troubles.ranges}
			>
				{(aria) => (
					<textarea
						{...aria}
						rows={3}
						spellcheck={false}
						value={ranges}
						placeholder={"10.1.0.0/22\n10.2.0.10-10.2.0.60"}
						onInput={(e) => setRanges(e.currentTarget.value)}
					/>
				)}
			</Field>
			<div>
				<Credentials
					load={credentials}
					chosen={chosen}
					choose={(id, on) => {
						const next = new Set(out);
						if (on) next.delete(id);
						else next.add(id);
						setOut(next);
					}}
				/>
				{troubles.credential_ids && (
					<p class="field-trouble small" role="alert">
						{troubles.credential_ids}
					</p>
				)}
			</div>
			<div class="search-end">
				<TextField
					label={t("discovery.port")}
					name="port"
					type="number"
					value={port}
					placeholder="161"
					hint={t("discovery.port_hint")}
					trouble={troubles.port}
					onInput={setPort}
				/>
				<FormTrouble text={troubles[""]} />
				<button type="submit" class="button primary" {...off} disabled={off.disabled || busy}>
					{t("discovery.start")}
				</button>
			</div>
		</form>
	);
}

function Progress({ job, stopped }: { job: Job; stopped: () => void }) {
	const off = guard(can("configure"), "configure");
	const part = job.total > 0 ? Math.min(100, Math.floor((100 * job.sent) / job.total)) : 0;
	const stop = async () => {
		try {
			await stopJob(job.job);
		} catch (e) {
			const p = problemOf(e);
			say(p.detail || problemTitle(p), true);
		}
		stopped();
	};
	return (
		<div class="card-line inset job-line" data-testid="job" data-done={String(job.done)}>
			<progress
				max={100}
				value={job.done ? 100 : part}
				aria-label={t("discovery.progress", { sent: job.sent, total: job.total })}
			/>
			<span class="num">
				{job.done
					? t("discovery.done", { total: job.total })
					: t("discovery.progress", { sent: job.sent, total: job.total })}
			</span>
			<strong class="num">{t("discovery.answered", { n: job.answered })}</strong>
			{job.cancelled && <span class="muted">{t("discovery.cancelled")}</span>}
			{job.not_kept > 0 && (
				<span class="field-trouble">{t("discovery.not_kept", { n: job.not_kept })}</span>
			)}
			{!job.done && (
				<button type="button" class="button small" {...off} onClick={stop}>
					{t("discovery.stop")}
				</button>
			)}
		</div>
	);
}

function Running({ id, credentials, gone }: { id: string; credentials: readonly Credential[]; gone: () => void }) {
	const job = useJob(id);
	if (job.problem?.status === 404)
		return (
			<Empty text={t("empty.job")}>
				<button type="button" class="button" onClick={gone}>
					{t("discovery.latest")}
				</button>
			</Empty>
		);
	if (job.problem && !job.part) return <ErrorBox problem={job.problem} retry={job.again} />;
	if (!job.part) return null;
	return (
		<div class="card table-card fill-card found">
			<Progress job={job.part} stopped={job.again} />
			<Found
				key={id}
				job={id}
				hits={job.hits}
				credentials={credentials}
				done={job.part.done}
				again={job.again}
			/>
		</div>
	);
}

export function Discovery() {
	const { query, route, path } = useLocation();
	const allowed = can("configure");
	const credentials = useLoad(() => (allowed ? getCredentials() : Promise.resolve([])));
	const jobs = useLoad(() => (allowed ? getJobs() : Promise.resolve([])));
	const shown = query.job ?? "";
	const newest = jobs.data?.[0]?.job ?? "";
	useEffect(() => {
		if (!shown && newest) route(`${path}?job=${encodeURIComponent(newest)}`, true);
	}, [shown, newest, path, route]);
	if (!allowed)
		return (
			<div class="screen">
				<div class="screen-head">
					<Title>{t("nav.discovery")}</Title>
				</div>
				<Empty text={t("disabled.right", { right: "configure" })} />
			</div>
		);
	return (
		<div class="screen discovery-screen">
			<div class="screen-head">
				<Title>{t("nav.discovery")}</Title>
				<span class="muted">{t("discovery.hint")}</span>
				{(jobs.data?.length ?? 0) > 1 && (
					<label class="select head-end">
						<span class="visually-hidden">{t("discovery.jobs")}</span>
						<select
							value={shown}
							onChange={(e) =>
								route(
									`${path}?job=${encodeURIComponent(e.currentTarget.value)}`,
								)
							}
						>
							{jobs.data?.map((j) => (
								<option value={j.job} key={j.job}>
									{[
										j.started_at && when(j.started_at),
										j.ranges,
										number(j.answered),
									]
										.filter(Boolean)
										.join(" · ") || j.job}
								</option>
							))}
						</select>
					</label>
				)}
			</div>
			<Start
				credentials={credentials}
				onStarted={(job) => {
					jobs.reload();
					route(`${path}?job=${encodeURIComponent(job)}`);
				}}
			/>
			{shown && (
				<Running
					id={shown}
					credentials={credentials.data ?? []}
					gone={() => {
						route(path, true);
						jobs.reload();
					}}
				/>
			)}
		</div>
	);
}
