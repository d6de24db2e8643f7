// SPDX-License-Identifier: Apache-2.0
export function checkMessages(root: string, withPoints?: boolean): string[];
