// SPDX-License-Identifier: Apache-2.0
// What a test of the connection brought: verdict, who answered, and the answer as it came over the wire.
import type { TestResult } from "../api/admin_types";
import { duration, number, t } from "../i18n";
import { Scroll } from "../ui/scroll";
import { Shape } from "../ui/shape";

const PER_LINE = 16;

/** Hex as people read dumps: offset, bytes, what of it is text. */
export function hexDump(hex: string): string {
	const bytes = (hex.replace(/[^0-9a-f]/gi, "").match(/../g) ?? []).map((b) => b.toLowerCase());
	const lines: string[] = [];
	for (let i = 0; i < bytes.length; i += PER_LINE) {
		const part = bytes.slice(i, i + PER_LINE);
		const text = part
			.map((b) => Number.parseInt(b, 16))
			.map((c) => (c >= 0x20 && c < 0x7f ? String.fromCharCode(c) : "."))
			.join("");
		lines.push(`${i.toString(16).padStart(4, "0")}  ${part.join(" ").padEnd(PER_LINE * 3 - 1)}  ${text}`);
	}
	return lines.join("\n");
}

export function TestAnswer({ result }: { result: TestResult }) {
	const facts: [string, string][] = [
		[t("test.model"), [result.mfr, result.model].filter(Boolean).join(" ")],
		[t("test.serial"), result.serial],
		[t("test.profile"), result.profile_title || result.profile],
		[t("test.sysname"), result.sysname],
		[t("test.sysdescr"), result.sysdescr],
		[t("test.sysobjectid"), result.sysobjectid],
		[t("test.uptime"), result.uptime_s === null ? "" : duration(result.uptime_s)],
	];
	return (
		<div
			class="test-result"
			role="status"
			data-testid="test-result"
			data-ok={String(result.ok)}
			data-answered={String(result.answered)}
		>
			<p class="test-verdict">
				<Shape
					severity={result.ok ? "normal" : result.answered ? "minor" : "unknown"}
					size={22}
				/>
				<strong>
					{result.ok
						? t("test.ok", {
								ms:
									result.ms === null
										? "–"
										: number(
												result.ms,
												result.ms < 10 ? 1 : 0,
											),
							})
						: t(result.answered ? "test.unrecognised" : "test.failed")}
				</strong>
			</p>
			{result.reason && <p class="wrap">{result.reason}</p>}
			<dl class="facts">
				{facts
					.filter(([, v]) => v)
					.map(([k, v]) => (
						<div key={k}>
							<dt>{k}</dt>
							<dd class="wrap">{v}</dd>
						</div>
					))}
			</dl>
			{(result.varbinds.length > 0 || result.raw) && (
				<details class="raw">
					<summary>{t("test.raw")}</summary>
					{result.varbinds.length > 0 && (
						<Scroll kind="raw-scroll" label={t("test.varbinds")}>
							<table class="table slim mono">
								<caption class="visually-hidden">
									{t("test.varbinds")}
								</caption>
								<thead>
									<tr>
										<th scope="col">OID</th>
										<th scope="col">{t("test.type")}</th>
										<th scope="col">{t("col.value")}</th>
									</tr>
								</thead>
								<tbody>
									{result.varbinds.map((v, i) => (
										<tr key={`${v.oid} ${i}`}>
											<th scope="row">{v.oid}</th>
											<td>{v.type}</td>
											<td class="wrap">{v.value}</td>
										</tr>
									))}
								</tbody>
							</table>
						</Scroll>
					)}
					{result.raw && (
						<Scroll kind="raw-scroll" label={t("test.bytes")}>
							<pre class="hex">{hexDump(result.raw)}</pre>
						</Scroll>
					)}
				</details>
			)}
		</div>
	);
}
