# SPDX-License-Identifier: Apache-2.0
"""A bad network between the cards and the whole suite (F21): what the devices say arrives as it was, or as lost contact, never as something
else. A seed is printed; BUSBAR_SEED repeats it."""
import collections
import os
import random
import socket
import time

import oracle
from link import Link
from stack import Fleet, Stack, devices_csv, free_port, wait_for

CARDS = 20
STATUS_S = 2
ADDRESSES = ['127.48.0.%d' % i for i in range(1, CARDS + 1)]
OF_CONTACT = {'comm_lost', 'network_lost'}


class Weather:
    """Cards that go on battery and back at random behind one link."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def run(self, fleet, stack, seconds):
        """Outages of 8 s and more, begun at random; at the end all are on mains."""
        end, on = time.monotonic() + seconds, {}
        while time.monotonic() < end:
            for a, until in list(on.items()):
                if time.monotonic() > until:
                    fleet.do('%s return' % a)
                    del on[a]
            idle = [a for a in ADDRESSES if a not in on]
            if len(on) < CARDS // 2:
                a = self.rng.choice(idle)
                fleet.do('%s onbattery' % a)
                on[a] = time.monotonic() + self.rng.uniform(8, 12)
            step = time.monotonic() + 0.7
            wait_for('a moment', lambda s=step: time.monotonic() >= s)
        for a in on:
            fleet.do('%s return' % a)


def raised(stack):
    return {r: int(c) for r, c in stack.psql("SELECT rule, count(*) FROM events WHERE kind = 'raise' AND device_id <> 0 GROUP BY 1")}


def judge(fleet, stack, sure_after, slack):
    truth, seen = oracle.outages(fleet.truth(), time.time()), collections.defaultdict(list)
    for device, at, kind in stack.psql("SELECT device, extract(epoch FROM at), kind FROM events WHERE rule = 'on_battery' AND "
                                       "kind IN ('raise', 'clear') ORDER BY jseq"):
        seen[device].append((float(at), kind))
    problems = [p for i, a in enumerate(ADDRESSES)
                for p in oracle.judge_device('l/u%d' % i, truth.get(a, []), seen['l/u%d' % i], sure_after, slack)]
    assert problems == []
    return sum(len(o) for o in truth.values())


def quiet(stack):
    return lambda: not [a for a in stack.ctl('alarm', 'list') if a['rule'] in OF_CONTACT | {'on_battery'}]


def test_a_bad_network_is_late_news_or_lost_contact_and_nothing_else():
    seed = int(os.environ.get('BUSBAR_SEED', 0)) or random.randrange(1, 10 ** 6)
    print('seed', seed)
    agents = ['%s-%s model=rfc1628 phases=1 community=public' % (ADDRESSES[0], ADDRESSES[-1])]
    port, weather = free_port(socket.SOCK_DGRAM, '0.0.0.0'), Weather(seed)
    with Fleet(agents) as fleet, Link(ADDRESSES, port, fleet.port, seed) as link, Stack() as stack:
        stack.ctl('device', 'import', devices_csv(os.path.join(fleet.dir, 'd.csv'), [('l/u%d' % i, a, port) for i, a in enumerate(ADDRESSES)]))
        wait_for('all known', lambda: all(d['comm'] == 'ok' for d in stack.ctl('device', 'list')), 60, 0.5)
        # late, doubled, out of order, and a few lost: every outage is one alarm, in time
        link.set(loss=0.05, double=0.3, late=0.1, delay=(0.0, 0.3))
        weather.run(fleet, stack, 15)
        wait_for('all clear', quiet(stack), 60, 0.5)
        assert judge(fleet, stack, 3 * STATUS_S + 1, 2 * STATUS_S + 5) > 10
        assert link.lost > 20 and link.doubled > 100 and link.overtaken > 20, vars(link)
        assert set(raised(stack)) == {'on_battery'}
        # a third lost: what is said may come later, and contact may be lost; still nothing that is not true
        link.set(loss=0.3, double=0.3, late=0.1, delay=(0.0, 0.3))
        weather.run(fleet, stack, 8)
        assert set(raised(stack)) <= {'on_battery'} | OF_CONTACT
        link.set(loss=0.8)
        wait_for('contact lost', lambda: OF_CONTACT & set(raised(stack)), 90, 0.5)
        link.set()
        wait_for('all known again', lambda: all(d['comm'] == 'ok' for d in stack.ctl('device', 'list')), 90, 0.5)
        wait_for('all clear', quiet(stack), 90, 0.5)
        judge(fleet, stack, 60, 60)
        assert set(raised(stack)) <= {'on_battery'} | OF_CONTACT
