// SPDX-License-Identifier: Apache-2.0
// A table as a file: comma separated, quoted where needed; what a spreadsheet would take for a formula is kept text.

const cell = (v: string | number | null): string => {
	if (v === null) return "";
	if (typeof v === "number") return String(v);
	const safe = /^[=+\-@\t\r]/.test(v) ? `'${v}` : v;
	return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
};

export const csv = (rows: readonly (readonly (string | number | null)[])[]): string =>
	rows.map((r) => `${r.map(cell).join(",")}\r\n`).join("");

export function saveFile(name: string, text: string, type = "text/csv"): void {
	const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
	const a = document.createElement("a");
	a.href = url;
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
