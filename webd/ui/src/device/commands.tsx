// SPDX-License-Identifier: Apache-2.0
// Commands of a device: asked for by name and effect, sent once, shown until the read-back says what became of them.
import { useState } from "preact/hooks";
import { getCommands, runCommand } from "../api/admin";
import type { Command, CommandResult } from "../api/admin_types";
import type { Problem } from "../api/types";
import { t, tryT } from "../i18n";
import { tick } from "../state/clock";
import { can } from "../state/session";
import { Dialog, Empty, ErrorBox, guard, problemOf } from "../ui/common";
import { Shown, useLoad } from "../ui/load";
import { Shape } from "../ui/shape";

/** "outlet.3.load.off" is described as "outlet.load.off". */
const kindOf = (c: Command): string => c.command.replace(/\.(\d+|\{n\})(?=\.)/, "");
const titleOf = (c: Command): string => {
	const kind = kindOf(c);
	const word = tryT(`command.${kind}`, c.title || c.command);
	return c.instance ? `${word} – ${t("command.instance", { n: c.instance })}` : word;
};

const AGAIN_MS = 5000;

type Step =
	| { at: "ask" }
	| { at: "sent"; since: number }
	| { at: "over"; result: CommandResult }
	| { at: "failed"; problem: Problem };

const SHAPES = { done: "normal", failed: "major", unconfirmed: "unknown" } as const;

function Outcome({ result }: { result: CommandResult }) {
	const shape = SHAPES[result.state as keyof typeof SHAPES] ?? "unknown";
	return (
		<div
			class={`outcome sev-${shape}`}
			role="status"
			data-testid="command-result"
			data-state={result.state}
		>
			<Shape severity={shape} size={22} />
			<div>
				<strong>{tryT(`command.state.${result.state}`, result.state)}</strong>
				{result.text && <p>{result.text}</p>}
				{result.readback && (
					<p class="muted small">{t("command.readback", { text: result.readback })}</p>
				)}
			</div>
		</div>
	);
}

function Progress({ since }: { since: number }) {
	tick.value;
	const s = Math.max(0, Math.round((performance.now() - since) / 1000));
	return (
		<div class="outcome" role="status">
			<span class="busy" aria-hidden="true" />
			<div>
				<strong>{t("command.sent")}</strong>
				<p class="muted num">{t("command.waiting", { n: s })}</p>
			</div>
		</div>
	);
}

function CommandDialog({
	command,
	device,
	deviceName,
	onClose,
}: {
	command: Command;
	device: string;
	deviceName: string;
	onClose: () => void;
}) {
	const [step, go] = useState<Step>({ at: "ask" });
	const [typed, setTyped] = useState("");
	const short = deviceName.slice(deviceName.lastIndexOf("/") + 1);
	const ready = !command.danger || typed.trim() === short;
	const send = async (e: Event) => {
		e.preventDefault();
		if (!ready || step.at === "sent") return;
		go({ at: "sent", since: performance.now() });
		try {
			go({ at: "over", result: await runCommand(device, command.command, command.instance) });
		} catch (x) {
			go({ at: "failed", problem: problemOf(x) });
		}
	};
	const effect = tryT(`command.effect.${kindOf(command)}`, "");
	const off = guard(can("control"), "control");
	return (
		<Dialog title={titleOf(command)} onClose={() => step.at !== "sent" && onClose()}>
			<form onSubmit={send}>
				<p>
					{t("command.on")} <strong class="wrap">{deviceName}</strong>
				</p>
				<p class={command.danger ? "form-note danger-note" : "form-note"}>
					{command.danger && <Shape severity="major" size={18} />}{" "}
					{effect || t("command.effect_unknown")}
				</p>
				{step.at === "ask" && command.danger && (
					<label class="field">
						<span>{t("command.type", { name: short })}</span>
						<input
							name="typed"
							autocomplete="off"
							spellcheck={false}
							value={typed}
							onInput={(e) => setTyped(e.currentTarget.value)}
						/>
					</label>
				)}
				{step.at === "sent" && <Progress since={step.since} />}
				{step.at === "over" && <Outcome result={step.result} />}
				{step.at === "failed" && <ErrorBox problem={step.problem} />}
				<div class="dialog-foot">
					{step.at === "ask" ? (
						<>
							<button type="button" class="button" onClick={onClose}>
								{t("cancel")}
							</button>
							<button
								type="submit"
								class={
									command.danger
										? "button danger"
										: "button primary"
								}
								{...off}
								disabled={off.disabled || !ready}
							>
								{t("command.run")}
							</button>
						</>
					) : (
						<button
							type="button"
							class="button"
							disabled={step.at === "sent"}
							onClick={onClose}
						>
							{t("close")}
						</button>
					)}
				</div>
			</form>
		</Dialog>
	);
}

export function Commands({ id, name }: { id: string; name: string }) {
	// what is possible changes with the device's state, and is known only after it has answered
	const load = useLoad(() => getCommands(id), id, AGAIN_MS);
	const [asked, ask] = useState<Command | null>(null);
	const off = guard(can("control"), "control");
	return (
		<section class="card table-card" aria-labelledby="device-commands" data-testid="commands">
			<div class="card-line inset">
				<h2 id="device-commands">{t("command.title")}</h2>
				{off.disabled && <span class="muted small">{off.title}</span>}
			</div>
			<Shown of={load} rows={4}>
				{(list) =>
					list.length === 0 ? (
						<Empty text={t("empty.commands")} />
					) : (
						<table class="table">
							<caption class="visually-hidden">{t("command.title")}</caption>
							<thead>
								<tr>
									<th scope="col">{t("command.what")}</th>
									<th scope="col" class="grow effect-col">
										{t("command.effect")}
									</th>
									<th scope="col">
										<span class="visually-hidden">
											{t("col.action")}
										</span>
									</th>
								</tr>
							</thead>
							<tbody>
								{list.map((c) => (
									<tr key={`${c.command} ${c.instance}`}>
										<th scope="row">
											{titleOf(c)}
											{c.danger && (
												<>
													{" "}
													<span class="danger-word small">
														{t(
															"command.danger",
														)}
													</span>
												</>
											)}
										</th>
										<td class="grow wrap muted effect-col">
											{c.available
												? tryT(
														`command.effect.${kindOf(c)}`,
														c.command,
													)
												: c.why ||
													t(
														"command.unavailable",
													)}
										</td>
										<td class="num">
											<button
												type="button"
												class="button small"
												{...off}
												disabled={
													off.disabled ||
													!c.available
												}
												title={
													off.title ??
													(c.available
														? undefined
														: c.why)
												}
												aria-label={t(
													"command.run_what",
													{
														what: titleOf(
															c,
														),
													},
												)}
												onClick={() => ask(c)}
											>
												{t("command.run")}
											</button>
										</td>
									</tr>
								))}
							</tbody>
						</table>
					)
				}
			</Shown>
			{asked && (
				<CommandDialog
					command={asked}
					device={id}
					deviceName={name}
					onClose={() => {
						ask(null);
						load.reload();
					}}
				/>
			)}
		</section>
	);
}
