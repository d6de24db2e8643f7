// SPDX-License-Identifier: Apache-2.0
// The texts of the screens that come later, and the labels of points: build.mjs makes them from the registry.
import points from "busbar:points-en";
import more from "./more_en.json";

export default { ...more, ...points };
