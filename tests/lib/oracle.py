# SPDX-License-Identifier: Apache-2.0
"""Judges a run of the suite against the simulator's truth log. Shares nothing with the daemons.

Truth gives each device's outages. Against it are held: the event log (raise and clear of on_battery), the mails, the orders.
"""
import collections
import dataclasses
import re
import socket
import threading
import time


@dataclasses.dataclass
class Outage:
    start: float            # Unix seconds
    end: float

    @property
    def length(self):
        return self.end - self.start


def outages(truth, now):
    """address -> list of Outage from the lines of the truth log; an outage that still stands ends `now`."""
    found, since = collections.defaultdict(list), {}
    for line in truth:
        at = line['unix_us'] / 1e6
        if line['what'] == 'onbattery':
            since.setdefault(line['addr'], at)
        elif line['what'] == 'return' and line['addr'] in since:
            found[line['addr']].append(Outage(since.pop(line['addr']), at))
    for addr, at in since.items():
        found[addr].append(Outage(at, now))
    return found


def judge_device(name, truth, events, sure_after, slack):
    """Problems of one device. `events`: (at, kind) of on_battery in order, kind raise or clear. An outage longer than `sure_after`
    must have exactly one pair, a shorter one none or one; every pair must lie in one outage (its clear at most `slack` later)."""
    problems, pairs = [], []
    expected = 'raise'
    for at, kind in events:
        if kind != expected:
            problems.append('%s: %s at %.3f without a %s before it' % (name, kind, at, 'raise' if kind == 'clear' else 'clear'))
            return problems
        if kind == 'raise':
            pairs.append([at, None])
        else:
            pairs[-1][1] = at
        expected = 'clear' if kind == 'raise' else 'raise'
    if pairs and pairs[-1][1] is None:
        problems.append('%s: raised at %.3f and never cleared' % (name, pairs[-1][0]))
    count = [0] * len(truth)
    for start, end in pairs:
        home = [i for i, o in enumerate(truth) if o.start - 0.5 <= start <= o.end + slack]
        if not home:
            problems.append('%s: raised at %.3f without an outage' % (name, start))
            continue
        count[home[-1]] += 1
        if end is not None and end < truth[home[-1]].end - 0.5:
            problems.append('%s: cleared at %.3f while the outage lasted until %.3f' % (name, end, truth[home[-1]].end))
    for o, n in zip(truth, count):
        if n > 1:
            problems.append('%s: %d alarms for the outage %.3f-%.3f' % (name, n, o.start, o.end))
        elif n == 0 and o.length > sure_after:
            problems.append('%s: no alarm for the outage %.3f-%.3f (%.1f s)' % (name, o.start, o.end, o.length))
    return problems


ORDER = re.compile(rb'^CONNECT TO RCCMD \(SEND\) MSG_EXECUTE MSG_TEXT .*plan=(\S+) run=(\d+)')


class Listener:
    """Plays RCCMD clients on one UDP port and keeps (time, bytes) of what arrives."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.datagrams = []
        self.stopping = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping:
            try:
                data = self.socket.recv(4096)
            except socket.timeout:
                continue
            self.datagrams.append((time.time(), data))

    def close(self):
        self.stopping = True
        self.thread.join()
        self.socket.close()

    def orders(self):
        """(plan, run) -> list of (time, datagram)"""
        found = collections.defaultdict(list)
        for at, data in self.datagrams:
            m = ORDER.match(data)
            found[(m[1].decode(), int(m[2])) if m else ('?', data)].append((at, data))
        return found


def judge_orders(orders, truth_of_plan, sure_after, hold, slack):
    """`truth_of_plan`: plan -> outages of its device. Every order lies in an outage that has lasted the hold time; every outage longer
    than `sure_after` has at least one; the datagrams of a (run, target) are identical."""
    problems, starts = [], collections.defaultdict(list)
    for (plan, run), got in sorted(orders.items(), key=str):
        if plan not in truth_of_plan:
            problems.append('a datagram that is no order: %r' % (run,))
            continue
        if len({data for _, data in got}) != 1:
            problems.append('%s run %s: datagrams differ' % (plan, run))
        for at, _ in got:
            if not any(o.start + hold - 0.5 <= at <= o.end + slack for o in truth_of_plan[plan]):
                problems.append('%s run %s: sent at %.3f outside every outage' % (plan, run, at))
        starts[plan].append(got[0][0])
    for plan, truth in truth_of_plan.items():
        for o in truth:
            if o.length > sure_after and not any(o.start <= at <= o.end + slack for at in starts[plan]):
                problems.append('%s: no order for the outage %.3f-%.3f (%.1f s)' % (plan, o.start, o.end, o.length))
    return problems
