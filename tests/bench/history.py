#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Charts of a year of 10 s samples in webd, with a PostgreSQL of its own, beside the bare reading of the same rows. Part of make bench; alone it
prints only this."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lib'))
import busmsg                                                       # noqa: E402
from stack import program, wait_for                                 # noqa: E402
from webd import Webd                                               # noqa: E402

DAYS, SERIES, DEVICE = 365, 24, '1'
RUNS = 50


def iso(day):
    return time.strftime('%Y-%m-%dT00:00:00Z', time.gmtime(day * 86400))


def fill(w):
    """A year that ends today; returns its first day. Weeks are packed by historyd, as ever."""
    first = int(time.time()) // 86400 - DAYS + 1
    start = time.monotonic()
    subprocess.run([program('year-load'), w.pg.conninfo, DEVICE, '0', str(first), str(DAYS), str(SERIES), '10'], check=True, capture_output=True)
    w.pg.sql('INSERT INTO sample_week_state (week, device_id) SELECT DISTINCT week_of(day), 0 FROM sample_time')
    waiting = lambda: w.pg.sql("SELECT count(*) FROM sample_week_state WHERE NOT is_packed AND week + 8 <= (now() AT TIME ZONE 'UTC')::date")
    wait_for('weeks packed', lambda: busmsg.command(w.stack, 'historyd', 'fold') and waiting() == '0', 300, 0.2)
    w.pg.sql('VACUUM ANALYZE')
    print('    %d series of %d days at 10 s made and packed in %.0f s' % (SERIES, DAYS, time.monotonic() - start))
    return first


def ask(client, first, days, n, bands=False):
    """(median, 99th percentile) in ms, first byte asked to last byte here."""
    body = {'from': iso(first + DAYS - days), 'to': iso(first + DAYS), 'max_points': 1000, 'bands': bands,
            'series': [{'device': DEVICE, 'point': 'ambient.%d.temperature' % (i + 1)} for i in range(n)]}
    took = []
    for _ in range(RUNS + 3):
        start = time.monotonic()
        a = client.post('/series/query', body)
        took.append((time.monotonic() - start) * 1000)
        assert a.status == 200, a
    assert len(a.json['series']) == n and all(len(s['t']) > 900 for s in a.json['series'])
    took = sorted(took[3:])
    return took[len(took) // 2], took[len(took) * 99 // 100]


def bench_history(t):
    w = Webd()
    w.stack = type('Stack', (), {'run': os.path.join(w.dir, 'run')})
    try:
        w.make_keys()
        w.start()
        for d in ('busd', 'alarmd', 'historyd'):
            w.start_daemon(d)
        wait_for('all alive', lambda: {d['name'] for d in w.local.get('/system').json['daemons'] if d['state'] == 'alive'} >= {'busd', 'historyd'})
        first = fill(w)
        for n, target in ((1, 15), (SERIES, 60)):
            median, worst = ask(w.local, first, DAYS, n)
            low = subprocess.run([program('year-load'), '--floor', w.pg.conninfo, DEVICE, str(n), str(RUNS)], check=True, capture_output=True,
                                 text=True).stdout.split()
            t.add('chart of a year at 10 s, %d series, 1,000 parts (p99)' % n, worst, 'ms', target,
                  'median %.1f; bare SQL of the same rows: median %s, p99 %s' % (median, *low))
        for days in (30, 7, 1):
            t.add('chart of %d days, %d series (p99)' % (days, SERIES), ask(w.local, first, days, SERIES)[1], 'ms', 60,
                  'summaries of ten minutes' if days == 30 else 'samples unpacked')
        size = lambda what: int(w.pg.sql("SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = '%s'::regclass" % what))
        samples = DAYS * SERIES * 23 * 360
        t.add('packed weeks, bytes per sample', size('sample_week') / samples, 'bytes', None,
              'day rows %.2f with index' % ((size('sample_day') + size('sample_time')) / samples))
    finally:
        w.close()


if __name__ == '__main__':
    from bench import Table
    bench_history(Table())
