// SPDX-License-Identifier: Apache-2.0
// How Busbar itself is: daemons, lags, queues, database, configuration generation, shutdown plans.
import { useEffect, useState } from "preact/hooks";
import { getTrapStatus } from "../api/admin";
import { getPlans, getSystem } from "../api/client";
import { asSystem } from "../api/shape";
import type { DaemonState, Plan, Problem, Severity, SystemState } from "../api/types";
import { age, clockTime, duration, number, t, tryT, when } from "../i18n";
import { HistoryKept } from "../log/kept";
import { onEvent, onSnapshotsWanted, useTopic } from "../state/live";
import { Empty, ErrorBox, problemOf, Skeleton, Title } from "../ui/common";
import { Shown, useLoad } from "../ui/load";
import { runWords } from "../ui/plan_words";
import { Shape } from "../ui/shape";

const DAEMON_SEVERITY: Record<DaemonState["state"], Severity> = { alive: "normal", suspect: "minor", lost: "major" };

function metric(name: string, value: number): string {
	if (name.endsWith("_bytes")) {
		const units = ["B", "kB", "MB", "GB", "TB"];
		let v = value;
		let i = 0;
		while (v >= 1000 && i < units.length - 1) {
			v /= 1000;
			i++;
		}
		return `${number(v, i > 1 ? 1 : 0)} ${units[i]}`;
	}
	if (name.endsWith("_ms"))
		return value >= 10_000 ? duration(value / 1000) : `${number(value, value < 10 ? 1 : 0)} ms`;
	if (name.endsWith("_s")) return duration(value);
	return number(value, Number.isInteger(value) ? 0 : 2);
}

const pick = (d: DaemonState, test: RegExp): [string, number][] =>
	Object.entries(d.metrics).filter(([k]) => test.test(k));

function Metrics({ list }: { list: [string, number][] }) {
	if (!list.length) return <span class="muted">–</span>;
	return (
		<span class="metric-lines">
			{list.slice(0, 3).map(([k, v]) => (
				<span key={k}>
					<span class="muted small">
						{k.replace(/_(ms|s|bytes)$/, "").replace(/_/g, " ")}
					</span>{" "}
					<span class="num">{metric(k, v)}</span>
				</span>
			))}
		</span>
	);
}

function Daemons({ list }: { list: DaemonState[] }) {
	return (
		<div class="card">
			<h2>{t("system.daemons")}</h2>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable with the keyboard */}
			<section class="table-wrap" tabIndex={0} aria-label={t("system.daemons")}>
				<table class="table tall-rows">
					<thead>
						<tr>
							<th scope="col">{t("col.state")}</th>
							<th scope="col">{t("system.daemon")}</th>
							<th scope="col" class="num">
								{t("system.heartbeat")}
							</th>
							<th scope="col" class="num">
								{t("system.up")}
							</th>
							<th scope="col">{t("system.lag")}</th>
							<th scope="col">{t("system.queue")}</th>
							<th scope="col" class="num">
								{t("system.memory")}
							</th>
							<th scope="col" class="grow">
								{t("system.troubles")}
							</th>
						</tr>
					</thead>
					<tbody>
						{list.map((d) => {
							const worst = d.troubles[0]?.severity ?? "normal";
							const severity =
								d.state === "alive" ? worst : DAEMON_SEVERITY[d.state];
							return (
								<tr
									key={d.name}
									data-daemon={d.name}
									data-state={d.state}
								>
									<td>
										<span class="state-cell">
											<Shape
												severity={severity}
												size={17}
											/>
											{tryT(
												`daemon.${d.state}`,
												d.state,
											)}
										</span>
									</td>
									<th scope="row">
										{d.name}
										<span class="muted small block">
											{d.pid
												? t("system.pid", {
														pid: String(
															d.pid,
														),
													})
												: d.role}
										</span>
									</th>
									<td class="num">
										{d.age_s === null ? "–" : age(d.age_s)}
									</td>
									<td class="num">
										{d.up_since
											? age(
													(Date.now() -
														Date.parse(
															d.up_since,
														)) /
														1000,
												)
											: "–"}
									</td>
									<td>
										<Metrics list={pick(d, /lag|late/)} />
									</td>
									<td>
										<Metrics
											list={pick(
												d,
												/queue|depth|spool|pending|outbox|backlog|waiting/,
											).filter(
												([k]) =>
													!/lag|late/.test(
														k,
													),
											)}
										/>
									</td>
									<td class="num">
										{d.metrics.rss_bytes === undefined
											? "–"
											: metric(
													"rss_bytes",
													d.metrics
														.rss_bytes,
												)}
									</td>
									<td>
										{d.troubles.map((x) => (
											<p key={x.code} class="trouble">
												<Shape
													severity={
														x.severity
													}
													size={14}
													label
												/>{" "}
												{x.text || x.code}
											</p>
										))}
										<details>
											<summary>
												{t("system.metrics", {
													n: Object.keys(
														d.metrics,
													).length,
												})}
											</summary>
											<dl class="facts tight">
												{Object.entries(
													d.metrics,
												)
													.sort()
													.map(
														([
															k,
															v,
														]) => (
															<div
																key={
																	k
																}
															>
																<dt>
																	{
																		k
																	}
																</dt>
																<dd class="num">
																	{metric(
																		k,
																		v,
																	)}
																</dd>
															</div>
														),
													)}
											</dl>
										</details>
									</td>
								</tr>
							);
						})}
					</tbody>
				</table>
			</section>
		</div>
	);
}

function PlanItem({ p }: { p: Plan }) {
	const need = p.need
		? t("plan.need", { n: p.need, all: p.devices.length })
		: t("plan.all", { n: p.devices.length });
	return (
		<li class="plan">
			<div class="plan-line">
				<strong>{p.key}</strong>
				<span class={`mode mode-${p.mode}`}>{tryT(`plan.mode.${p.mode}`, p.mode)}</span>
				<span>{p.run ? runWords(p.run) : t("plan.no_answer")}</span>
				<span class="muted small">
					{p.simulated_version === p.version
						? t("plan.simulated")
						: t("plan.never_simulated")}
				</span>
			</div>
			<p class="muted small">{t("plan.when", { need, hold: duration(p.hold_s) })}</p>
			<p class="small">
				{p.devices.slice(0, 6).join(", ")}
				{p.devices.length > 6 && ` ${t("strip.more", { n: p.devices.length - 6 })}`}
			</p>
			<ul class="plain targets">
				{p.targets.map((x) => {
					const order = p.run?.orders.find((o) => o.target === x.name);
					return (
						<li key={x.name}>
							<span>{x.name}</span>{" "}
							<span class="muted small num">
								{x.address}:{x.port} · {x.method}
							</span>{" "}
							<span class="mode">
								{tryT(`plan.template.${x.template}`, x.template)}
							</span>
							{order && (
								<span class="small" title={order.reason}>
									{" "}
									{tryT(`plan.order.${order.state}`, order.state)}
								</span>
							)}
						</li>
					);
				})}
			</ul>
		</li>
	);
}

function Plans() {
	const [plans, set] = useState<Plan[] | null>(null);
	const [problem, setProblem] = useState<Problem | null>(null);
	const [round, again] = useState(0);
	// round asks for another try
	useEffect(() => {
		let ended = false;
		const read = () =>
			getPlans().then(
				(list) => {
					if (ended) return;
					set(list);
					setProblem(null);
				},
				(e) => !ended && setProblem(problemOf(e)),
			);
		void read();
		const timer = setInterval(read, 5000);
		return () => {
			ended = true;
			clearInterval(timer);
		};
	}, [round]);
	return (
		<section class="card" aria-labelledby="plans">
			<h2 id="plans">{t("system.plans")}</h2>
			<p class="plan-note">
				<Shape severity="info" size={16} label /> {t("system.message_only")}
			</p>
			{problem ? (
				<ErrorBox problem={problem} retry={() => again((n) => n + 1)} />
			) : plans === null ? (
				<Skeleton rows={2} />
			) : plans.length === 0 ? (
				<Empty text={t("empty.plans")} />
			) : (
				<ul class="plain plans">
					{plans.map((p) => (
						<PlanItem key={p.key} p={p} />
					))}
				</ul>
			)}
		</section>
	);
}

const TRAP_FACTS = [
	...(["received", "stored", "answered", "duplicates", "unknown", "malformed"] as const),
	...(["limited", "auth_failures", "engines_twice", "not_stored", "kernel_drops"] as const),
];
/** Any of these above zero means that a trap may have been lost or refused. */
const TRAP_LOSSES: Record<string, Severity> = {
	kernel_drops: "major",
	not_stored: "major",
	limited: "minor",
	auth_failures: "minor",
	engines_twice: "minor",
};

function Traps() {
	const load = useLoad(getTrapStatus, "", 5000);
	return (
		<section class="card" aria-labelledby="trap-status" data-testid="trap-status">
			<div class="card-line">
				<h2 id="trap-status">{t("system.traps")}</h2>
				<a href="/traps">{t("nav.traps")}</a>
			</div>
			<Shown of={load} rows={2}>
				{({ listening, counts: x }) => (
					<dl class="fact-row">
						<div>
							<dt>{t("trap.status.listening")}</dt>
							<dd>
								{listening === "off" && (
									<Shape severity="minor" size={16} />
								)}{" "}
								{listening === "off" ? t("trap.off") : listening || "–"}
							</dd>
						</div>
						{TRAP_FACTS.filter((k) => x[k] !== undefined).map((k) => (
							<div key={k} title={tryT(`trap.status_hint.${k}`, "")}>
								<dt>{t(`trap.status.${k}`)}</dt>
								<dd class="num">
									{(x[k] ?? 0) > 0 && TRAP_LOSSES[k] && (
										<Shape
											severity={TRAP_LOSSES[k]}
											size={16}
											label
										/>
									)}{" "}
									{number(x[k] ?? 0)}
								</dd>
							</div>
						))}
						{x.granted_buffer_bytes !== undefined && (
							<div>
								<dt>{t("trap.status.buffer")}</dt>
								<dd class="num">
									{metric("_bytes", x.granted_buffer_bytes)}
								</dd>
							</div>
						)}
					</dl>
				)}
			</Shown>
		</section>
	);
}

export function System() {
	const [s, set] = useState<SystemState | null>(null);
	const [problem, setProblem] = useState<Problem | null>(null);
	const read = () => {
		getSystem().then(
			(x) => {
				set(x);
				setProblem(null);
			},
			(e) => setProblem(problemOf(e)),
		);
	};
	useTopic("system");
	// once, then by events
	useEffect(() => {
		read();
		const stops = [onEvent("system", (data) => set(asSystem(data))), onSnapshotsWanted(read)];
		return () => {
			for (const stop of stops) stop();
		};
	}, []);
	return (
		<div class="screen system-screen">
			<div class="screen-head">
				<Title>{t("nav.system")}</Title>
				{s && <span class="muted small">{t("system.build", { build: s.build })}</span>}
			</div>
			{problem && !s ? (
				<ErrorBox problem={problem} retry={read} />
			) : !s ? (
				<Skeleton rows={10} />
			) : (
				<>
					<ul class="plain system-facts">
						<li class="card fact">
							<span class="muted">{t("system.database")}</span>
							<span class="fact-value">
								<Shape
									severity={s.database.up ? "normal" : "major"}
									size={18}
								/>{" "}
								{t(s.database.up ? "system.db_up" : "system.db_down")}
							</span>
							<span class="muted small">
								{s.database.up
									? t("system.since", {
											time: when(s.database.since),
										})
									: s.database.reason || when(s.database.since)}
							</span>
						</li>
						<li class="card fact">
							<span class="muted">{t("system.generation")}</span>
							<span class="fact-value num">
								{s.generation === null ? "–" : number(s.generation)}
							</span>
							<span class="muted small">{t("system.generation_hint")}</span>
						</li>
						<li class="card fact">
							<span class="muted">{t("system.bus")}</span>
							<span class="fact-value num">
								{number(s.bus.received ?? 0)}
							</span>
							<span class="muted small">
								{t("system.bus_hint", {
									gaps: s.bus.gaps ?? 0,
									bad: s.bus.bad ?? 0,
								})}
							</span>
						</li>
						<li class="card fact">
							<span class="muted">{t("system.streams")}</span>
							<span class="fact-value num">{number(s.streams ?? 0)}</span>
							<span class="muted small">
								{t("system.sessions", {
									n: s.sessions ?? 0,
									time: clockTime(s.now),
								})}
							</span>
						</li>
					</ul>
					<Daemons list={s.daemons} />
				</>
			)}
			<HistoryKept />
			<Traps />
			<Plans />
		</div>
	);
}
