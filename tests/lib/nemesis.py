# SPDX-License-Identifier: Apache-2.0
"""Kills parts of one running suite while a fleet toggles, then judges what was recorded, mailed and ordered.

500 devices, 20 % of them toggling between mains and battery; a plan with one RCCMD target for each of the first PLANS togglers; one mail
recipient. The simulator's truth log is the oracle (oracle.py).
"""
import collections
import concurrent.futures
import datetime
import heapq
import ipaddress
import json
import os
import random
import threading
import time

import oracle
from peers import Postfix
from stack import Fleet, Stack, devices_csv, temp_dir, wait_for

DEVICES = 500
FIRST = int(ipaddress.ip_address('127.30.0.1'))
PLANS = 20
STATUS_S = 2
HOLD_S = 3
ON_S = (3, 40)
OFF_S = (150, 240)      # longer than any recovery, so that two outages are never one alarm; four in ten minutes do not chatter
VICTIMS = ['alarmd', 'notifyd', 'shutdownd', 'collect-snmp', 'collect-snmptrap', 'busd', 'historyd', 'webd', 'postgres']
LONG = {'alarmd': 20, 'postgres': 4}      # times a round, in the long run
POINTS = ['before_intent', 'after_intent', 'after_sendto']


def address(i):
    return str(ipaddress.ip_address(FIRST + i))


def key(i):
    return 'site-%d/ups-%d' % (i // 50, i)


class Toggler(threading.Thread):
    """Sends the given agents on battery and back at random until stopped; then all are back on mains."""

    def __init__(self, fleet, addresses, rng):
        super().__init__(daemon=True)
        self.fleet, self.rng, self.stopping = fleet, rng, threading.Event()
        now = time.monotonic()
        self.due = [(now + rng.uniform(0, OFF_S[1]), a, 'onbattery') for a in addresses]
        heapq.heapify(self.due)

    def run(self):
        while not self.stopping.wait(max(0, self.due[0][0] - time.monotonic())):
            at, addr, verb = heapq.heappop(self.due)
            self.fleet.do('%s %s' % (addr, verb))
            span, after = (ON_S, 'return') if verb == 'onbattery' else (OFF_S, 'onbattery')
            heapq.heappush(self.due, (at + self.rng.uniform(*span), addr, after))

    def stop(self):
        self.stopping.set()
        self.join()
        for _, addr, verb in self.due:
            if verb == 'return':
                self.fleet.do('%s return' % addr)


class Nemesis:
    def __init__(self, seed, rounds, log=print, times=None, minutes=None):
        self.seed, self.rounds, self.log, self.times, self.minutes = seed, rounds, log, times or {}, minutes
        self.random = random.Random(seed)
        self.marks = temp_dir('nemesis-')
        os.chmod(self.marks, 0o777)
        self.point = os.path.join(self.marks, 'point')
        self.recoveries = []

    def run(self):
        """Returns the list of problems; empty when all is well."""
        agents = '%s-%s model=rfc1628 phases=1 community=public' % (address(0), address(DEVICES - 1))
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        with Postfix() as self.mail, Fleet([agents]) as self.fleet, \
                Stack(env={'BB_TEST_KILL_FILE': self.point}, build=os.path.join(root, 'build/debug')) as self.stack:
            self.listener = oracle.Listener()
            try:
                self.configure()
                self.toggler.start()
                self.torment()
                return self.judge()
            finally:
                self.listener.close()

    def configure(self):
        s = self.stack
        for name, value in (('smtp.host', '127.0.0.1'), ('smtp.port', self.mail.port), ('smtp.from', 'busbar@example.org'), ('smtp.tls', 'none')):
            s.ctl('setting', 'set', name, value)
        s.ctl('recipient', 'add', 'noc', 'noc@example.org')
        path = devices_csv(os.path.join(self.marks, 'devices.csv'),
                           [(key(i), address(i), self.fleet.port) for i in range(DEVICES)])
        s.ctl('device', 'import', path)
        togglers = self.random.sample(range(DEVICES), DEVICES // 5)
        self.toggler = Toggler(self.fleet, [address(i) for i in togglers], random.Random(self.seed + 1))
        self.plan_of = {}
        for n, i in enumerate(togglers[:PLANS]):
            plan = {'key': 'plan-%d' % n, 'hold_s': HOLD_S, 'restore_hold_s': 5, 'validity_s': 30, 'need': 0, 'devices': [key(i)],
                    'targets': [{'name': 'server', 'address': '127.0.0.1', 'port': self.listener.port, 'method': 'rccmd-udp',
                                 'template': 'message', 'text': '#DEVICE plan=#PLAN run=#RUN'}]}
            name = os.path.join(self.marks, 'plan.json')
            with open(name, 'w', encoding='utf-8') as f:
                json.dump(plan, f)
            s.ctl('plan', 'put', name)
            self.plan_of['plan-%d' % n] = address(i)
        wait_for('all devices known', lambda: all(d['comm'] == 'ok' for d in s.ctl('device', 'list')), 60, 0.5)
        for name in self.plan_of:
            wait_for('%s simulated' % name, lambda n=name: s.ctl('plan', 'simulate', n, check=False)[0] == 0, 30, 0.5)
            s.ctl('plan', 'mode', name, 'auto')

    def pause(self):
        deadline = time.monotonic() + self.random.uniform(0.5, 4)
        wait_for('a random moment', lambda: time.monotonic() >= deadline)

    def kill(self, victim):
        start = time.monotonic()
        if victim in POINTS:
            old = self.stack.ready('shutdownd')
            with open(self.point, 'w', encoding='ascii') as f:
                f.write(victim)
            os.chmod(self.point, 0o666)
            wait_for('shutdownd dies %s' % victim, lambda: self.stack.pid('shutdownd') not in (0, old), 120, 0.2)
        elif victim == 'postgres':
            self.stack.crash('postgres')
            self.stack.start('postgres')
        else:
            self.stack.kill(victim)
        self.recoveries.append((time.monotonic() - start, victim))

    def torment(self):
        order = [v for v in VICTIMS + POINTS for _ in range(self.times.get(v, 1) * self.rounds)]
        self.random.shuffle(order)
        self.log('seed %d' % self.seed)
        end = time.monotonic() + 60 * self.minutes if self.minutes else float('inf')
        for victim in order:
            if time.monotonic() > end:
                break
            self.pause()
            self.kill(victim)
        done = collections.Counter(v for _, v in self.recoveries)
        self.log('seed %d, %d of %d: %s' % (self.seed, len(self.recoveries), len(order),
                                            ', '.join('%s %d' % x for x in sorted(done.items()))))
        self.toggler.stop()
        ctl = self.stack.ctl
        wait_for('everything clear again', lambda: not [a for a in ctl('alarm', 'list') if a['rule'] == 'on_battery'], 60, 0.5)
        # quiet: no new event for five seconds and as many mails as transitions
        wait_for('the record is complete', self.complete, 90, 1)

    def transitions(self):
        return self.stack.psql("SELECT jseq, extract(epoch FROM at), device_id, device, rule, kind, alarm_id FROM events "
                               "WHERE kind IN ('raise', 'clear') ORDER BY jseq")

    def complete(self):
        rows = self.transitions()
        if len(rows) != getattr(self, 'last_count', None):
            self.last_count, self.last_change = len(rows), time.monotonic()
        return time.monotonic() - self.last_change > 5 and len(set(self.mail.ids())) >= len(rows)

    def judge(self):
        rows = self.transitions()
        truth = oracle.outages(self.fleet.truth(), time.time())
        slowest = max(r for r, v in self.recoveries if v not in POINTS)
        sure_after = 3 * STATUS_S + slowest + 1
        slack = 2 * STATUS_S + slowest + 12     # a dead collector is noticed after 10 s
        problems, by_device, own = [], collections.defaultdict(list), collections.Counter()
        for jseq, at, device_id, device, rule, kind, _ in rows:
            if device_id == '0':
                own['%s %s %s' % (device, rule, kind)] += 1
            elif rule == 'on_battery':
                by_device[device].append((float(at), kind))
            else:
                problems.append('%s: %s of %s' % (device, kind, rule))
        for i in range(DEVICES):
            problems += oracle.judge_device(key(i), truth.get(address(i), []), by_device.get(key(i), []), sure_after, slack)
        ids = self.mail.ids()
        if len(set(ids)) != len(rows):
            problems.append('%d different Message-IDs for %d transitions' % (len(set(ids)), len(rows)))
        problems += self.judge_record()
        orders = self.listener.orders()
        problems += oracle.judge_orders(orders, {p: truth.get(a, []) for p, a in self.plan_of.items()},
                                        HOLD_S + sure_after + slowest + 12, HOLD_S, slack)
        states = self.stack.ctl('plan', 'list')
        problems += self.judge_order_ids(states)
        outages = sum(len(o) for o in truth.values())
        self.log('%d outages, %d transitions, %d mails (%d repeated), %d runs ordered, slowest recovery %.1f s' % (
            outages, len(rows), len(ids), len(ids) - len(set(ids)), len(orders), slowest))
        self.log('own-alarms: ' + (', '.join('%s x%d' % o for o in sorted(own.items())) or 'none'))
        if outages < 20 or not orders:
            problems.append('the fleet did too little for a judgement: %d outages, %d orders' % (outages, len(orders)))
        return problems

    def judge_record(self):
        holes = self.stack.psql("SELECT encode(journal_id, 'hex'), count(*), count(DISTINCT jseq), min(jseq), max(jseq) FROM events "
                                "GROUP BY journal_id")
        return ['journal %s: %s rows, %s numbers, %s to %s' % tuple(h) for h in holes
                if not (h[1] == h[2] and int(h[4]) - int(h[3]) + 1 == int(h[1]) and h[3] == '1')]

    def judge_order_ids(self, plans):
        seen, problems = {}, []
        for p in plans:
            for o in (p.get('run') or {}).get('orders', []):
                where = (p['key'], (p.get('run') or {}).get('run'), o.get('target'))
                if seen.setdefault(where, o.get('id')) != o.get('id'):
                    problems.append('two order ids for %s run %s target %s' % where)
        return problems


def one(seed, rounds, minutes):
    problems = Nemesis(seed, rounds, times=LONG, minutes=minutes, log=lambda text: print(text, flush=True)).run()
    print('\n'.join(['seed %d: %s' % (seed, p) for p in problems[:50]] + ['seed %d: %d problems' % (seed, len(problems))]), flush=True)
    return len(problems)


def main():
    import argparse
    p = argparse.ArgumentParser()
    p.add_argument('--rounds', type=int, default=50, help='of all suites together')
    p.add_argument('--suites', type=int, default=3, help='side by side, with seeds one after the other: most of the time is waiting')
    p.add_argument('--minutes', type=float, help='of killing; then what was done is judged')
    p.add_argument('--seed', type=int, default=int(datetime.datetime.now().timestamp()))
    a = p.parse_args()
    with concurrent.futures.ProcessPoolExecutor(a.suites) as pool:
        runs = [pool.submit(one, a.seed + i, -(-a.rounds // a.suites), a.minutes) for i in range(a.suites)]
        return 1 if sum(r.result() for r in runs) else 0


if __name__ == '__main__':
    raise SystemExit(main())
