// SPDX-License-Identifier: Apache-2.0
// The catalogue as one default export: importing the JSON itself would export every key by name as well.
import catalogue from "./en.json";

export default catalogue;
