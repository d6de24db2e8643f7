// SPDX-License-Identifier: Apache-2.0
// SharedWorker: holds the stream for all tabs of this browser.
import { Hub } from "./hub";
import type { Wish } from "./protocol";

const hub = new Hub<MessagePort>((port, notice) => port.postMessage(notice), {
	now: () => Date.now(),
	random: () => Math.random(),
	open: (url) => new EventSource(url),
	fetch: (url, init) => fetch(url, init),
});

addEventListener("connect", (e) => {
	const port = (e as MessageEvent).ports[0];
	if (!port) return;
	port.onmessage = (m: MessageEvent<Wish>) => hub.take(port, m.data);
});
setInterval(() => hub.tick(), 1000);
