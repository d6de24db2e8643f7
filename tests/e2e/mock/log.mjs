// SPDX-License-Identifier: Apache-2.0
// MOCK. Filters, histogram and export of the event log, over what the fleet remembers. See server.mjs.
import { Refused } from "./admin.mjs";

const FIELDS = ["jseq", "at", "device", "device_id", "rule", "subject", "kind", "from", "to", "severity", "user", "comment", "text", "alarm_id", "test", "source", "source_at", "count"];
const LISTS = { severity: "severity", kind: "kind", state: "to", to: "to", rule: "rule", user: "user", source: "source", alarm: "alarm_id" };
const KNOWN = [...Object.keys(LISTS), "since", "until", "site", "device", "group", "text", "test"];

function words(e, text) {
	const hay = `${e.text} ${e.comment ?? ""} ${e.subject}`.toLowerCase();
	return [...text.toLowerCase().matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)].every(([, no, phrase, word]) => hay.includes(phrase ?? word) !== (no === "-"));
}

export function matching(fleet, q) {
	const terms = (q.get("filter") ?? "").split(";").filter(Boolean);
	const f = Object.fromEntries(terms.map((t) => [t.slice(0, t.indexOf(":")), t.slice(t.indexOf(":") + 1)]));
	for (const name of Object.keys(f)) if (!KNOWN.includes(name)) throw new Refused(400, "validation", `there is no filter ${name}`);
	return fleet.events().filter((e) => {
		for (const [name, field] of Object.entries(LISTS)) if (f[name] && !f[name].split(",").includes(e[field])) return false;
		if (f.device && e.device !== f.device) return false;
		if (f.site && !e.device.startsWith(`${f.site}/`)) return false;
		if (f.test && (f.test === "yes") !== e.test) return false;
		if (f.text && !words(e, f.text)) return false;
		return (!f.since || e.at >= f.since) && (!f.until || e.at < f.until);
	});
}

export function histogram(rows, q) {
	const n = Number(q.get("buckets") ?? 60);
	const times = rows.map((e) => Date.parse(e.at));
	const from = times.length ? Math.min(...times) : Date.now();
	const to = times.length ? Math.max(...times) + 1 : from;
	const width = (to - from) / n || 1;
	const counts = Array(n).fill(0);
	for (const at of times) counts[Math.min(n - 1, Math.floor((at - from) / width))]++;
	return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), bucket_s: width / 1000, counts, total: rows.length, estimate: false, complete: true };
}

export function exported(rows, csv) {
	if (!csv) return JSON.stringify(rows);
	const cell = (v) => (v === null || v === undefined ? "" : /[",\r\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v));
	return [FIELDS.join(","), ...rows.map((r) => FIELDS.map((f) => cell(r[f])).join(","))].join("\r\n") + "\r\n";
}
