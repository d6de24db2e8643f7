# SPDX-License-Identifier: Apache-2.0
"""One suite under load for a long time: memory of every daemon each minute, and the slope of the second half.

`rate` is how many times faster than usual every card is polled (usual: status each 2 s, measurements each 10 s). A fifth of the cards goes
on battery and back all the time, and somebody looks through the API each second.
"""
import argparse
import http.client
import ipaddress
import json
import os
import socket
import time

from stack import Fleet, Stack, devices_csv, wait_for

FIRST = int(ipaddress.ip_address('127.46.0.1'))
DAEMONS = ['busd', 'alarmd', 'collect-snmp', 'collect-snmptrap', 'historyd', 'notifyd', 'shutdownd', 'webd']
PATHS = ['/summary', '/devices?limit=100', '/alarms?limit=100', '/events?limit=100']


def address(i):
    return str(ipaddress.ip_address(FIRST + i))


def own_kb(pid):
    """Memory that is nobody else's and no file's."""
    with open('/proc/%d/status' % pid, encoding='ascii') as f:
        return next(int(line.split()[1]) for line in f if line.startswith('RssAnon:'))


def slope(points):
    """Least squares of (x, y): y per x."""
    n = len(points)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    below = sum((x - mx) ** 2 for x, _ in points)
    return sum((x - mx) * (y - my) for x, y in points) / below if below else 0.0


class Soak:
    def __init__(self, minutes, devices=40, rate=50, log=print):
        self.minutes, self.devices, self.rate, self.log = minutes, devices, rate, log
        self.samples = []       # of each minute: {daemon: KiB}
        self.restarted = []

    def run(self):
        lines = ['%s-%s model=rfc1628 phases=1 community=public' % (address(0), address(self.devices - 1))]
        toggle = '1,fraction=0.2,min_on_ms=2000,max_on_ms=5000,min_off_ms=2000,max_off_ms=5000'
        with Fleet(lines, '--toggle', toggle) as self.fleet, Stack() as self.stack:
            s = self.stack
            s.ctl('device', 'import', devices_csv(os.path.join(self.fleet.dir, 'd.csv'),
                                                  [('soak/ups-%d' % i, address(i), self.fleet.port) for i in range(self.devices)]))
            wait_for('all devices known', lambda: all(d['comm'] == 'ok' for d in s.ctl('device', 'list')), 120, 0.5)
            s.psql('UPDATE device SET interval_ms = %d, status_interval_ms = %d' % (max(100, 10000 // self.rate), max(20, 2000 // self.rate)))
            self.pids = {n: s.ready(n) for n in DAEMONS}
            start = time.monotonic()
            self.log('minute ' + ' '.join('%16s' % n for n in DAEMONS) + '   (KiB of its own)')
            for minute in range(self.minutes + 1):
                self.look_until(start + 60 * minute)
                self.sample(minute)
            self.busy = int(s.psql("SELECT count(*) FROM events WHERE kind = 'raise'")[0][0])
            self.restarted = [n for n in DAEMONS if s.pid(n) != self.pids[n]]
        return self

    def look_until(self, deadline):
        c = None
        while time.monotonic() < deadline:
            for path in PATHS:
                c = http.client.HTTPConnection('localhost', timeout=30)
                c.sock = socket.socket(socket.AF_UNIX)
                c.sock.connect(os.path.join(self.stack.run, 'api.sock'))
                c.request('GET', '/api/v1' + path)
                json.loads(c.getresponse().read())
                c.close()
            until = min(deadline, time.monotonic() + 1)
            wait_for('the next look', lambda u=until: time.monotonic() >= u, 60, 0.1)

    def sample(self, minute):
        now = {n: own_kb(p) for n, p in self.pids.items()}
        self.samples.append(now)
        self.log('%6d ' % minute + ' '.join('%16d' % now[n] for n in DAEMONS))

    def last_minute_kb(self):
        return {n: self.samples[-1][n] - self.samples[-2][n] for n in DAEMONS}

    def slopes_kb_per_hour(self):
        half = self.samples[len(self.samples) // 2:]
        return {n: 60 * slope([(i, s[n]) for i, s in enumerate(half)]) for n in DAEMONS}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--hours', type=float, default=1)
    p.add_argument('--devices', type=int, default=1000)
    p.add_argument('--rate', type=int, default=1)
    a = p.parse_args()
    soak = Soak(max(2, round(a.hours * 60)), a.devices, a.rate).run()
    print('\n%d alarms; slope of the second half, KiB an hour:' % soak.busy)
    for name, kb in soak.slopes_kb_per_hour().items():
        print('  %-18s %+10.1f' % (name, kb))
    print('ended by themselves: %s' % (', '.join(soak.restarted) or 'none'))
    return 1 if soak.restarted else 0


if __name__ == '__main__':
    raise SystemExit(main())
