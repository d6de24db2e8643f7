#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make bench: the figures of the README, each beside the floor or competitor's figure it is held against. A miss is printed as a miss.

Workload: 10,000 simulated cards, 24 values each every 10 s, status every 2 s, PostgreSQL with fsync and synchronous_commit on. CPU of all
daemons and all PostgreSQL processes from the scheduler's counters; the simulator is not counted. --devices and --seconds make it
smaller, --only poll,memory measures these parts.
"""
import argparse
import http.client
import ipaddress
import json
import os
import random
import select
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lib'))
import blackout                                                      # noqa: E402
import busmsg                                                        # noqa: E402
from event_log import bench_events                                   # noqa: E402
from history import bench_history                                    # noqa: E402
from stack import Fleet, Stack, devices_csv, free_port, program, wait_for    # noqa: E402

VALUES = 24
INTERVAL_S = 10
FIRST = int(ipaddress.ip_address('127.40.0.1'))
DAEMONS = ['busd', 'alarmd', 'collect-snmp', 'collect-snmptrap', 'historyd', 'notifyd', 'shutdownd', 'webd']


def address(i):
    return str(ipaddress.ip_address(FIRST + i))


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, figure, unit, target=None, floor='', better='<='):
        met = target is None or (figure <= target if better == '<=' else figure >= target)
        verdict = '' if target is None else ('met' if met else 'MISSED')
        self.rows.append({'what': what, 'figure': figure, 'unit': unit, 'target': target, 'floor': floor, 'verdict': verdict})
        print('%-62s %10.3f %-12s %-14s %-6s %s' % (what, figure, unit, '' if target is None else 'target %g' % target, verdict, floor))
        sys.stdout.flush()


class UnixHttp(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


def get(stack, path):
    c = UnixHttp(os.path.join(stack.run, 'api.sock'))
    c.request('GET', '/api/v1' + path)
    return json.loads(c.getresponse().read())


def floor(*args):
    out = subprocess.run([program('pollfloor'), *map(str, args)], text=True, capture_output=True, check=True).stdout
    return json.loads(out.splitlines()[-1])['cpu_s_per_million_values']


# ---- CPU and memory of processes ----

def stat(pid):
    with open('/proc/%d/stat' % pid, encoding='ascii') as f:
        return f.read().rsplit(')', 1)[1].split()


def processes(stack):
    """name -> pids; PostgreSQL with all its backends."""
    found = {d['name']: [d['pid']] for d in stack.status()['daemons'] if d['pid']}
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                if int(stat(int(entry))[1]) == found['postgres'][0]:
                    found['postgres'].append(int(entry))
            except OSError:
                pass
    return found


def cpu_s(stack):
    """name -> CPU seconds so far; those of ended backends are in the postmaster's account of its children."""
    tick, out = os.sysconf('SC_CLK_TCK'), {}
    for name, pids in processes(stack).items():
        total = 0
        for n, pid in enumerate(pids):
            try:
                f = stat(pid)
            except OSError:
                continue
            total += int(f[11]) + int(f[12]) + (int(f[13]) + int(f[14]) if n == 0 and name == 'postgres' else 0)
        out[name] = total / tick
    return out


def pss_mb(pid):
    with open('/proc/%d/smaps_rollup' % pid, encoding='ascii') as f:
        return next(int(line.split()[1]) for line in f if line.startswith('Pss:')) / 1024


def measure(stack, seconds):
    """CPU share by process over a while, in seconds per second."""
    before, start = cpu_s(stack), time.monotonic()
    wait_for('the measured time is over', lambda: time.monotonic() - start >= seconds, seconds + 60, 0.5)
    span = time.monotonic() - start
    return {n: (v - before.get(n, 0)) / span for n, v in cpu_s(stack).items()}


def settle(seconds):
    start = time.monotonic()
    wait_for('warm-up', lambda: time.monotonic() - start >= seconds, seconds + 60, 0.5)


# ---- the parts ----

def known(stack, n):
    s = get(stack, '/summary')['devices']
    return s['total'] == n and s['unknown'] == 0


def all_devices(stack):
    items, cursor = [], ''
    while cursor is not None:
        page = get(stack, '/devices?limit=500' + ('&cursor=' + cursor if cursor else ''))
        items += page['items']
        cursor = page['next']
    return items


def bench_cost(t, stack, devices, seconds):
    rate = devices * VALUES / INTERVAL_S
    with_status = measure(stack, seconds)
    stack.psql('UPDATE device SET status_interval_ms = 86400000')
    settle(20)
    paced = floor('%s-%s' % (address(0), address(devices - 1)), stack.fleet.port, max(1, devices // INTERVAL_S), 15)
    bare = measure(stack, seconds)
    saturated = floor('%s-%s' % (address(0), address(devices - 1)), stack.fleet.port, 0, 5)
    stack.psql('UPDATE device SET status_interval_ms = 0')
    per_m = lambda share: share * 1e6 / rate
    t.add('poll cost at %d requests/s, collect-snmp (cpu-s/M values)' % (devices // INTERVAL_S), per_m(bare['collect-snmp']), 'cpu-s/M', 2 * paced,
          'bare sendmmsg/recvmmsg loop: %.3f paced, %.3f saturated' % (paced, saturated))
    detail = ', '.join('%s %.2f' % (n, per_m(bare.get(n, 0))) for n in DAEMONS + ['postgres'])
    chain = per_m(sum(bare.get(n, 0) for n in DAEMONS + ['postgres']))
    status = 100 * sum(with_status.get(n, 0) - bare.get(n, 0) for n in DAEMONS)
    t.add('2 s status of %d devices, all daemons' % devices, status, '% of a core', 5 * devices / 10000,
          'collect-snmp alone %.2f' % (100 * (with_status['collect-snmp'] - bare['collect-snmp'])))
    return chain, detail


STATUS_S = 2
ON_TIME_PCT = 99.9


def punctual(stack, seconds, living):
    """Share of the polls of these devices (ids) that were answered before the next was due, in percent, while CPU is measured."""
    p = subprocess.Popen([program('punctual'), stack.run, str(seconds), str(STATUS_S * 1000)], text=True, stdout=subprocess.PIPE)
    cpu = measure(stack, seconds)
    out, _ = p.communicate(timeout=60)
    seen = {i: (int(answered), int(missed)) for i, answered, missed in (line.split() for line in out.splitlines())}
    nothing = (0, seconds // STATUS_S)
    answered, missed = (sum(seen.get(i, nothing)[k] for i in living) for k in (0, 1))
    return 100 * answered / max(1, answered + missed), cpu


def bench_dead(t, stack, fleet, devices, seconds):
    """Every twentieth is silent, every hundredth request is lost, answers take 20 ms: what that does to the others."""
    ids = {int(d['key'].rsplit('-', 1)[1]): d['id'] for d in all_devices(stack)}
    sound, before = punctual(stack, seconds, ids.values())
    dead = set(random.Random(5).sample(range(devices), devices // 20))
    fleet.do('all slow 20')
    fleet.do('all loss 1')
    for i in sorted(dead):
        fleet.do('%s silent' % address(i))
    wait_for('the dead are known', lambda: get(stack, '/summary')['devices']['unknown'] >= len(dead), 60, 0.5)
    settle(30)
    share, after = punctual(stack, seconds, [i for n, i in ids.items() if n not in dead])
    fleet.do('all slow 0')
    fleet.do('all loss 0')
    for i in sorted(dead):
        fleet.do('%s answer' % address(i))
    wait_for('all devices known again', lambda: known(stack, devices), 120, 0.2)
    settle(30)
    again = measure(stack, seconds)         # the machine may be another one by now
    extra = lambda names: 100 * (2 * sum(after.get(n, 0) for n in names) / sum(before.get(n, 0) + again.get(n, 0) for n in names) - 1)
    t.add('5 %% dead, 1 %% loss, 20 ms: the living polled on time (of %d)' % (devices - len(dead)), share, '%', ON_TIME_PCT,
          'all alive, no loss, no delay: %.3f' % sound, better='>=')
    t.add('    and extra CPU of collect-snmp', extra(['collect-snmp']), '%', 20, 'all daemons %+.1f' % extra(DAEMONS))


GENERATE = """
SELECT sample_day_ensure('{day}');
SELECT layout_ensure(4242, (SELECT array_agg('bench.p' || i ORDER BY i) FROM generate_series(1, 24) i), (SELECT array_agg(''::text) FROM generate_series(1, 24) i));
SELECT sample_window_ensure('{day}'::timestamptz + make_interval(hours => h), 3600) FROM generate_series({h0}, {h1} - 1) h;
INSERT INTO sample_wide SELECT 1, 9000000 + d, '{day}'::timestamptz + make_interval(secs => t * 10 + random() * 0.03), 4242,
  ARRAY(SELECT CASE WHEN p <= 6 THEN round((230 + 1.5 * sin(t / 300.0 + p) + (random() - .5) * 2)::numeric, 0)
    WHEN p <= 12 THEN round((12 + 2 * sin(t / 700.0 + p) + (random() - .5) * 0.4)::numeric, 1)
    WHEN p <= 15 THEN round((2800 + 300 * sin(t / 700.0 + p) + (random() - .5) * 40)::numeric, 0)
    WHEN p <= 18 THEN round((35 + 5 * sin(t / 700.0) + (random() - .5))::numeric, 0) WHEN p <= 20 THEN round((24 + sin(t / 2000.0))::numeric, 0)
    WHEN p = 21 THEN round((50 + (random() - .5) * 0.1)::numeric, 1) WHEN p = 22 THEN 100 WHEN p = 23 THEN 1800
    ELSE round((220 + (random() - .5) * 0.6)::numeric, 1) END::float4 FROM generate_series(1, 24) p)
  FROM generate_series(1, {n}) d, generate_series({h0} * 360, {h1} * 360 - 1) t;
"""


def fold(stack):
    """Tell historyd to fold and wait until no closed window is left; returns CPU seconds of historyd and PostgreSQL."""
    open_windows = lambda: int(stack.psql("SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = "
                                          "'sample_wide'::regclass AND right(c.relname, 15) < to_char(now() AT TIME ZONE 'UTC' - interval '2 hours', "
                                          "'YYYYMMDD_HH24MISS')")[0][0])
    before = cpu_s(stack)
    busmsg.command(stack, 'historyd', 'fold')
    wait_for('folded', lambda: open_windows() == 0 and stack.psql('SELECT count(*) FROM sample_days_over()')[0][0] == '0', 300, 0.2)
    after = cpu_s(stack)
    return sum(after[n] - before[n] for n in ('historyd', 'postgres'))


def bench_fold(t, stack, n=40, hours=2):
    """A whole day, folded every two hours as it is filled, then made into day rows. Generated values of a three-phase UPS."""
    day = stack.psql("SELECT (now() AT TIME ZONE 'UTC')::date - 2")[0][0]
    size = lambda: int(stack.psql("SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c WHERE relname ~ '^sample_(day|time|part)_2' "
                                  "AND relkind = 'r'")[0][0])
    idle = measure(stack, 5)
    total, peak, wide = 0, 0, 0
    stack.psql('ALTER FUNCTION sample_days_over() RENAME TO days_over')       # the day is not over before its last hour
    stack.psql("CREATE FUNCTION sample_days_over() RETURNS SETOF date LANGUAGE sql AS 'SELECT NULL::date WHERE false'")
    for h in range(0, 24, hours):
        stack.psql(GENERATE.format(day=day, h0=h, h1=h + hours, n=n))
        wide = int(stack.psql("SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'sample_wide'::regclass AND "
                              "inhrelid::regclass::text ~ '%s'" % day.replace('-', ''))[0][0])
        if h + hours == 24:
            stack.psql('DROP FUNCTION sample_days_over()')
            stack.psql('ALTER FUNCTION days_over() RENAME TO sample_days_over')
        start = time.monotonic()
        total += fold(stack) - (time.monotonic() - start) * (idle['historyd'] + idle['postgres'])
        peak = max(peak, size() + wide)
    stack.psql('VACUUM FULL sample_day')
    stack.psql('VACUUM FULL sample_time')
    samples = n * VALUES * 8640
    t.add('stored bytes per sample after the fold, index included', size() / samples, 'bytes', 1,
          'wide rows %.1f; Zabbix 90, narrow rows 75' % (wide / (samples * hours / 24)))
    t.add('peak disk per device and day (window, parts, day rows before vacuum)', peak / n / 1e6, 'MB', None, '24 values at 10 s')
    return max(total, 0) * 1e6 / samples


def bench_latency(t, stack, fleet, devices, n):
    """Outages at random moments: poll answer -> commit, -> SSE, -> mail handed over, and outage -> alarm."""
    rng = random.Random(7)
    sample = rng.sample(range(devices), n)
    times = busmsg.Stopwatch(stack, ['bench/ups-%d' % i for i in sample])
    try:
        outage = {}
        for i in sample:
            start, gap = time.monotonic(), rng.uniform(0.2, 0.6)
            wait_for('a random moment', lambda: time.monotonic() - start >= gap, 5, 0.01)
            outage['bench/ups-%d' % i] = time.clock_gettime(time.CLOCK_BOOTTIME)
            fleet.do('%s onbattery' % address(i))
        wait_for('everything arrived', lambda: all(len(times.seen[w]) >= n for w in ('answer', 'commit', 'sse', 'mail')), 60, 0.2)
    finally:
        times.close()
    for i in sample:
        fleet.do('%s return' % address(i))

    def spread(where, since):
        got = sorted(1000 * (times.seen[where][k] - since[k]) for k in outage)
        return statistics.median(got), got[min(len(got) - 1, int(len(got) * 0.99))]
    for where, name, p50, p99, rival in (('commit', 'poll answer -> PostgreSQL commit', 3, 15, 'Zabbix trap path 1,800 ms'),
                                         ('sse', 'poll answer -> event in the browser (SSE)', 10, 50, 'Zabbix to the notification 3,500 ms'),
                                         ('mail', 'poll answer -> mail handed over', None, None, 'Zabbix 3,500 ms')):
        a, b = spread(where, times.seen['answer'])
        t.add(name + ', p50', a, 'ms', p50, rival)
        t.add(name + ', p99 of %d' % n, b, 'ms', p99, '')
    a, b = spread('sse', outage)
    t.add('outage -> alarm by polling alone, p50', a / 1000, 's', 1.2, 'Zabbix and Icinga 5.2 s, NUT 18 s by default')
    t.add('outage -> alarm by polling alone, worst', b / 1000, 's', 2.5, '')


def bench_storm(t, rate=50000, seconds=10, others=100):
    """One address sends 50,000 traps a second, a hundred others one each: what of theirs is stored. A stack of its own."""
    rows = [('t/storm', '127.8.0.1', 161)] + [('t/o%d' % i, '127.9.0.%d' % i, 161) for i in range(1, others + 1)]
    with Stack() as stack:
        stack.ctl('device', 'import', devices_csv(os.path.join(stack.dir, 'storm.csv'), rows))
        status = lambda: stack.ctl('trap', 'status')
        port = status()['listening'].split(':')[-1]
        subprocess.run([program('trapstorm'), port, '1000', '1', str(others)], check=True, capture_output=True, timeout=60)
        wait_for('the receiver knows them', lambda: status()['stored'] >= others or not subprocess.run(
            [program('trapstorm'), port, '1000', '1', str(others)], check=True, capture_output=True, timeout=60), 60, 0.2)
        quiet(status)
        count = lambda: int(stack.psql("SELECT count(*) FROM events WHERE kind = 'trap' AND device LIKE 't/o%' AND count IS NULL")[0][0])
        before, base, cpu = count(), status(), cpu_s(stack)
        sent = json.loads(subprocess.run([program('trapstorm'), port, str(rate), str(seconds), str(others)], text=True, check=True,
                                         capture_output=True, timeout=300).stdout)
        quiet(status)
        now, after = status(), cpu_s(stack)
        wait_for('the record', lambda: count() - before >= now['stored'] - base['stored'] - 700 or count() - before >= sent['said'], 60, 0.5)
        quiet(count)
        t.add('traps stored of %d senders while one floods' % others, 100 * (count() - before) / sent['said'], '%', 99,
              'flood %d/s for %d s; limited %d, kernel drops %d, buffer %d bytes, receiver %.2f cpu-s' % (
                  sent['rate'], seconds, now['limited'] - base['limited'], now['kernel_drops'] - base['kernel_drops'],
                  now['granted_buffer_bytes'], after['collect-snmptrap'] - cpu['collect-snmptrap']), better='>=')


def bench_blackout(t, devices):
    """A stack of its own: its record is nothing but this."""
    with Fleet(['%s-%s model=rfc1628 phases=1 community=public' % (address(0), address(devices - 1))]) as fleet, Stack() as stack:
        stack.ctl('device', 'import', devices_csv(os.path.join(fleet.dir, 'd.csv'),
                  [('bench/ups-%d' % i, address(i), fleet.port) for i in range(devices)]), timeout=120)
        wait_for('all devices known', lambda: known(stack, devices), 120, 0.2)
        settle(15)
        blackout.run(t, stack, fleet, devices, punctual, [d['id'] for d in all_devices(stack)])


def quiet(what):
    """Until it says the same twice, a second apart."""
    last = [None]

    def same():
        before, last[0] = last[0], what()
        return before == last[0]
    wait_for('quiet', same, 120, 1)


def bench_memory(t, stack):
    pids = processes(stack)
    t.add('memory of all daemons (PSS, without PostgreSQL)', sum(pss_mb(pids[n][0]) for n in DAEMONS), 'MB', 100,
          ', '.join('%s %.0f' % (n, pss_mb(pids[n][0])) for n in DAEMONS))


FLEET_PARTS = {
    'start': 'start to all devices known',
    'dead': '5 % dead, 1 % loss, 20 ms: are the living polled on time',
    'poll': 'CPU per million values by daemon, beside the bare loop; 2 s status',
    'fold': 'bytes per sample and CPU of the fold (with poll: end to end)',
    'latency': 'poll answer -> commit, SSE, mail; outage -> alarm',
    'memory': 'PSS of all daemons',
}
OWN_PARTS = {
    'storm': ('one sender floods with traps', lambda t, a: bench_storm(t)),
    'history': ('series over a year', lambda t, a: bench_history(t)),
    'blackout': ('all devices on battery in one second; PostgreSQL away for 60 s', lambda t, a: bench_blackout(t, a.devices)),
    'events': ('event log of --events rows', lambda t, a: bench_events(t, a.events)),
}


def bench_fleet(t, a):
    """The parts that share one stack with the whole fleet."""
    with Fleet(['%s-%s model=rfc1628 phases=1 community=public' % (address(0), address(a.devices - 1))]) as fleet, Stack() as stack:
        stack.fleet = fleet
        sink = busmsg.MailSink(free_port())
        for name, value in (('smtp.host', '127.0.0.1'), ('smtp.port', sink.port), ('smtp.from', 'busbar@example.org'), ('smtp.tls', 'none')):
            stack.ctl('setting', 'set', name, value)
        stack.ctl('device', 'import', devices_csv(os.path.join(fleet.dir, 'd.csv'),
                  [('bench/ups-%d' % i, address(i), fleet.port) for i in range(a.devices)]), timeout=120)
        wait_for('all devices known', lambda: known(stack, a.devices), 120, 0.2)
        if 'start' in a.only:
            stack._stack('down')
            start = time.monotonic()
            stack.up()
            wait_for('all devices known again', lambda: known(stack, a.devices), 120, 0.1)
            t.add('start to all %d known (PostgreSQL included)' % a.devices, time.monotonic() - start, 's', 12, 'one paced round: 10 s')
        settle(30)
        if 'dead' in a.only:
            bench_dead(t, stack, fleet, a.devices, a.seconds)
        if 'poll' in a.only:
            chain, detail = bench_cost(t, stack, a.devices, a.seconds)
            print('    of the chain: %s' % detail)
        if 'fold' in a.only:
            folding = bench_fold(t, stack)
            print('    fold %.2f cpu-s/M' % folding)
        if {'poll', 'fold'} <= a.only:
            t.add('end to end: poll, bus, alarms, PostgreSQL, fold pro rata', chain + folding, 'cpu-s/M', 2.2, 'Zabbix 6.0 15.7-23.5')
        if 'latency' in a.only:
            stack.ctl('recipient', 'add', 'noc', 'noc@example.org')
            settle(10)
            stack.mail_sink = sink
            bench_latency(t, stack, fleet, a.devices, a.outages)
        if 'memory' in a.only:
            bench_memory(t, stack)
        sink.close()


def arguments():
    parts = {**FLEET_PARTS, **{n: what for n, (what, _) in OWN_PARTS.items()}}
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                epilog='parts:\n' + '\n'.join('  %-10s %s' % part for part in parts.items()))
    p.add_argument('--only', metavar='PART,...', default=','.join(parts), help='these parts only')
    p.add_argument('--devices', type=int, default=10000)
    p.add_argument('--seconds', type=int, default=60)
    p.add_argument('--outages', type=int, default=100)
    p.add_argument('--events', type=int, default=10000000, help='of the event log')
    p.add_argument('--out', default='build/bench.json')
    a = p.parse_args()
    a.only = set(a.only.split(','))
    if a.only - set(parts):
        p.error('no such part: %s; there are %s' % (' '.join(a.only - set(parts)), ' '.join(parts)))
    return a


def main():
    a = arguments()
    t = Table()
    if a.only & set(FLEET_PARTS):
        bench_fleet(t, a)
    for name, (_, run) in OWN_PARTS.items():
        if name in a.only:
            run(t, a)
    with open(a.out, 'w', encoding='utf-8') as f:
        json.dump(t.rows, f, indent=1)
    missed = [r['what'] for r in t.rows if r['verdict'] == 'MISSED']
    print('\n%d figures with a target, %d missed%s' % (sum(1 for r in t.rows if r['verdict']), len(missed), ': ' + '; '.join(missed) if missed else ''))


if __name__ == '__main__':
    main()
