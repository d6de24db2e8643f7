// SPDX-License-Identifier: Apache-2.0
// Made by points.mjs at build time from the registry of points.
declare module "busbar:points-en" {
	const labels: Record<string, string>;
	export default labels;
}
declare module "busbar:points-de" {
	const labels: Record<string, string>;
	export default labels;
}
