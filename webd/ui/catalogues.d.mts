// SPDX-License-Identifier: Apache-2.0
type Catalogue = Record<string, string | Record<string, string>>;
export function texts(root: string, part: "shell" | "more", lang: string): Catalogue;
export function germanSentences(root: string, problems?: string[]): Record<string, string>;
