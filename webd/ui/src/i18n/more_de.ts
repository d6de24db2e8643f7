// SPDX-License-Identifier: Apache-2.0
// The texts of the screens that come later, and the labels of points: build.mjs makes them from the registry.
import points from "busbar:points-de";
import more from "./more_de.json";

export default { ...more, ...points };
