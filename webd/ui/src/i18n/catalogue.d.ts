// SPDX-License-Identifier: Apache-2.0
// Made by catalogues.mjs: the address of a file of texts, beside the script that names it.
declare module "busbar:catalogue/*" {
	const address: string;
	export default address;
}
