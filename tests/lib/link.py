# SPDX-License-Identifier: Apache-2.0
"""A bad network between a collector and the simulator: datagrams are lost, delayed (each for itself, so that they overtake each other),
doubled, or come once more much later. Seeded."""
import heapq
import random
import selectors
import socket
import threading
import time


class Link:
    """Listens on `port` of each address and passes on to port `to` of the same address, each client through a socket of its own."""

    def __init__(self, addresses, port, to, seed):
        self.rng, self.to = random.Random(seed), to
        self.loss = self.double = self.late = 0.0       # of 1
        self.delay = (0.0, 0.0)                         # seconds, evenly between
        self.passed = self.lost = self.doubled = self.overtaken = 0
        self.selector, self.lock = selectors.DefaultSelector(), threading.Lock()
        self.queue, self.count, self.clients, self.newest = [], 0, {}, {}
        self.stopping = False
        for a in addresses:
            self._add(a, port, self._from_client)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _add(self, address, port, handler, *more):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setblocking(False)
        s.bind((address, port))
        self.selector.register(s, selectors.EVENT_READ, (handler, address, *more))
        return s

    def set(self, loss=0.0, double=0.0, late=0.0, delay=(0.0, 0.0)):
        with self.lock:
            self.loss, self.double, self.late, self.delay = loss, double, late, delay

    def _from_client(self, s, data, peer, address):
        if (address, peer) not in self.clients:
            self.clients[(address, peer)] = self._add('127.0.0.1', 0, self._from_agent, s, peer)
        self._pass(data, self.clients[(address, peer)], (address, self.to))

    def _from_agent(self, s, data, peer, address, back, client):
        self._pass(data, back, client)

    def _pass(self, data, out, to):
        with self.lock:
            loss, double, late, delay = self.loss, self.double, self.late, self.delay
        self.passed += 1
        if self.rng.random() < loss:
            self.lost += 1
            return
        waits = [self.rng.uniform(*delay)]
        if self.rng.random() < double:
            waits.append(self.rng.uniform(*delay))
        if self.rng.random() < late:
            waits.append(self.rng.uniform(2, 6))
        self.doubled += len(waits) - 1
        for w in waits:
            self.count += 1
            heapq.heappush(self.queue, (time.monotonic() + w, self.count, data, out, to))

    def _send_due(self):
        while self.queue and self.queue[0][0] <= time.monotonic():
            _, n, data, out, to = heapq.heappop(self.queue)
            self.overtaken += n < self.newest.get((out, to), 0)
            self.newest[(out, to)] = max(n, self.newest.get((out, to), 0))
            try:
                out.sendto(data, to)
            except OSError:
                self.lost += 1

    def _run(self):
        while not self.stopping:
            wait = min(0.2, max(0, self.queue[0][0] - time.monotonic())) if self.queue else 0.2
            for key, _ in self.selector.select(wait):
                handler, address, *more = key.data
                try:
                    data, peer = key.fileobj.recvfrom(65536)
                except OSError:
                    continue
                handler(key.fileobj, data, peer, address, *more)
            self._send_due()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()
