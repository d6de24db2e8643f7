#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The event log with 10 million events over 24 monthly partitions: what the first page of 200 costs through webd, for each filter alone and for
every pair of filters, with values that are frequent, that match nothing, and that match only the oldest month. Part of make bench."""
import argparse
import collections
import concurrent.futures
import itertools
import os
import statistics
import sys
import time
from urllib.parse import quote

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lib'))
from webd import Webd                                                 # noqa: E402

MONTHS = 24
FIRST = '2024-11-01'
LIMIT_S = 1.0
ACKED = "CASE WHEN k IN ('ack', 'comment', 'shelve', 'command') THEN (ARRAY['anna', 'bert', 'carla', 'dirk', 'emil', 'frida', 'gerd', 'hanna'])[1 + floor(r3 * r3 * 8)::int] END"

# Rules and what they say in a fixed relation, kinds and states too: many pairs of frequent values never meet. Devices, times and users at random.
MONTH = """
INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state, severity, user_name,
	comment, text, value, unit, test, source, source_at, chain, rest, raised_at)
SELECT 1 + dev / 100, at, '\\x00112233445566778899aabbccddeeff', jseq, dev + 1,
	'de/city-' || dev / 1000 || '/building-' || dev / 100 %% 10 || '/ups-' || dev,
	'00112233445566778899aabbccddeeff-' || greatest(1, jseq - (r2 * 1000)::int), CASE WHEN k IN ('trap', 'command') THEN 'event' ELSE rule END,
	'battery.charge', k, CASE k WHEN 'raise' THEN 1 WHEN 'clear' THEN 3 WHEN 'ack' THEN 2 ELSE 1 END,
	CASE k WHEN 'raise' THEN 2 WHEN 'clear' THEN 1 WHEN 'ack' THEN 3 ELSE 1 END,
	(ARRAY[1,2,2,4,4,4,4,4,4,4,5,5,5,5,2,5])[1 + ri %% 16], {acked},
	CASE WHEN k = 'comment' THEN 'called the electrician, ticket ' || jseq %% 5000 END,
	CASE WHEN k IN ('trap', 'command') THEN (ARRAY['upsTrapOnBattery: input lost', 'upsTrapTestCompleted: battery test passed', 'enterprise trap 5 from card'])[1 + floor(r2 * 3)::int]
		ELSE (ARRAY['UPS is on battery', 'battery charge ' || floor(r2 * 100)::int || ' %% is below 20 %%', 'load ' || floor(r1 * 100)::int || ' %% is above 80 %%',
			'temperature ' || round((r2 * 40)::numeric, 1) || ' °C is above 30 °C', 'no answer from the device',
			'input voltage ' || floor(180 + r1 * 60)::int || ' V is too low', 'bypass is active', 'battery needs replacement'])[1 + ri %% 8] END,
	r2 * 100, '%%', false, CASE WHEN k IN ('trap', 'command') THEN '10.' || dev / 1000 || '.' || dev / 100 %% 10 || '.' || dev %% 100 END,
	CASE WHEN k IN ('trap', 'command') THEN at END, decode(md5(jseq::text) || md5((jseq + 1)::text), 'hex'), decode(repeat(md5(jseq::text), 6), 'hex'),
	CASE WHEN k NOT IN ('trap', 'command') THEN at - r1 * interval '20 min' END
FROM (SELECT *, (ARRAY['on_battery', 'battery_low', 'overload', 'temperature_high', 'comm_lost', 'input_low', 'bypass', 'replace_battery', 'runtime_low',
		'fan_failed', 'output_off', 'charger_failed', 'humidity_high', 'door_open', 'smoke', 'test_failed'])[1 + ri %% 16] AS rule,
		CASE WHEN kn < 41 THEN 'raise' WHEN kn < 82 THEN 'clear' WHEN kn < 90 THEN 'ack' WHEN kn < 91 THEN 'comment' WHEN kn < 92 THEN 'shelve'
			WHEN kn < 99 THEN 'trap' ELSE 'command' END AS k
	FROM (SELECT {month}::bigint * {n} + i AS jseq, '{first}Z'::timestamptz + make_interval(months => {month}) + i * interval '28 days' / ({n} + 1) AS at,
		floor(random() * 10000)::int AS dev, floor(random() * 100)::int AS kn, floor(random() * random() * 16)::int AS ri, random() r1, random() r2, random() r3
		FROM generate_series(1, {n}) i) a) b
"""
# Half a percent of the oldest month is of a time nobody remembers.
OLDEST = """
UPDATE events SET rule = 'legacy_rule', kind = 'legacy', severity = 3, to_state = 4, user_name = 'veteran', source = '10.99.99.99', test = true,
	text = 'quasar of old', device = 'de/closed/building-0/ups-0', device_id = 20000, alarm_id = '00112233445566778899aabbccddeeff-424242'
WHERE at < '{first}Z'::timestamptz + interval '1 month' AND jseq %% 200 = 0
"""
# name -> frequent values, one of the oldest month, one of nothing
VALUES = {
    'time': (['until:2026-06-15T00:00:00Z', 'since:2025-03-01T00:00:00Z'], 'until:2024-11-02T00:00:00Z', 'until:2020-01-01T00:00:00Z'),
    'site': (['site:de/city-1', 'site:de'], 'site:de/closed', 'site:fr'),
    'device': (['device:de/city-1/building-3/ups-1301', 'device:de/city-7/building-0/ups-7007'], 'device:de/closed/building-0/ups-0', 'device:nothing'),
    'group': (['group:thousand', 'group:ten'], 'group:closed', 'group:empty'),
    'type': (['kind:raise', 'kind:trap'], 'kind:legacy', 'kind:nothing'),
    'rule': (['rule:on_battery', 'rule:smoke'], 'rule:legacy_rule', 'rule:nothing'),
    'severity': (['severity:minor', 'severity:critical'], 'severity:unknown', None),
    'state': (['state:normal', 'state:active_unack'], 'state:cleared_unack', None),
    'user': (['user:anna', 'user:hanna'], 'user:veteran', 'user:nobody'),
    'source': (['source:10.1.1.1', 'source:10.7.7.7,10.3.3.3'], 'source:10.99.99.99', 'source:1.1.1.1'),
    'text': (['text:batt', 'text:temperature above'], 'text:quasar', 'text:nowhere'),
}


LEXEMES = 'event_lexemes(device, device_id, rule, kind, severity, to_state, user_name, source, alarm_id, test, text, comment, subject)'
INDEXES = ['CREATE INDEX ON {table} (device_id, at DESC)', 'CREATE INDEX ON {table} (at DESC, jseq DESC)',
           'CREATE INDEX ON {table} USING brin (jseq) WITH (pages_per_range = 32, autosummarize = on)',
           "SET maintenance_work_mem = '512MB'; CREATE INDEX ON {table} USING gin (%s)" % LEXEMES]


def moved(pg, month, n):
    """The first month again, `month` months later, with further numbers."""
    new = {'at': "at + make_interval(months => %d)" % month, 'jseq': 'jseq + %d' % (month * n),
           'source_at': "source_at + make_interval(months => %d)" % month, 'raised_at': "raised_at + make_interval(months => %d)" % month}
    columns = pg.sql("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'events'::regclass AND attnum > 0 "
                     'AND NOT attisdropped').split(',')
    return 'INSERT INTO events (%s) SELECT %s FROM first_month' % (','.join(columns), ','.join(new.get(c, c) for c in columns))


def generate(pg, events):
    """Rows of a month are those of the first one, moved; indexes are built behind them, two months at a time."""
    n = events // MONTHS
    name = lambda month: pg.sql("SELECT 'events_' || to_char('%s'::date + make_interval(months => %d), 'YYYY_MM')" % (FIRST, month))
    for index in pg.sql("SELECT i.indexrelid::regclass FROM pg_index i WHERE i.indrelid = 'events'::regclass AND NOT i.indisprimary").split():
        pg.sql('DROP INDEX ' + index)
    pg.sql("INSERT INTO device (key, site_id, address) SELECT 'd/' || i, 0, '127.0.0.1' FROM generate_series(1, 20000) i")
    pg.sql("INSERT INTO device_group (key, name) VALUES ('thousand', ''), ('ten', ''), ('closed', ''), ('empty', '')")
    pg.sql('INSERT INTO device_group_member (group_id, device_id) SELECT 1, i * 10 FROM generate_series(1, 1000) i UNION ALL '
           'SELECT 2, i * 900 FROM generate_series(1, 10) i UNION ALL SELECT 3, 20000')
    for month in range(MONTHS):
        pg.sql("SELECT events_partition_ensure('%sZ'::timestamptz + make_interval(months => %d))" % (FIRST, month))
    pg.sql(MONTH.replace('%%', '%').format(acked=ACKED, month=0, n=n, first=FIRST))
    pg.sql('CREATE TABLE first_month AS SELECT * FROM ' + name(0))
    pg.sql(OLDEST.replace('%%', '%').format(first=FIRST))
    pg.sql("INSERT INTO applied VALUES ('\\x00112233445566778899aabbccddeeff', %d)" % (n * MONTHS))

    def fill(month):
        if month:
            pg.sql(moved(pg, month, n))
        for index in INDEXES:
            pg.sql(index.format(table=name(month)))
        pg.sql('VACUUM ANALYZE ' + name(month))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, range(MONTHS)))
    for index in INDEXES:   # finds those of the months
        pg.sql(index.format(table='events'))
    pg.sql('DROP TABLE first_month; ANALYZE events')


class Pages:
    def __init__(self, client):
        self.client = client

    def first(self, filters):
        """(seconds of the best of two, rows, calls until rows or the end)."""
        path = '/events?limit=200&filter=' + quote(';'.join(filters), safe='')
        best, a = None, None
        for _ in range(2):
            start = time.monotonic()
            a = self.client.get(path)
            took = time.monotonic() - start
            best = took if best is None else min(best, took)
            assert a.status == 200, (filters, a)
            if took < 0.5:
                break
        rows, calls = len(a.json['items']), 1
        while not rows and a.json['next']:
            a = self.client.get(path + '&cursor=' + a.json['next'])
            rows, calls = len(a.json['items']), calls + 1
        return best, rows, calls


def values_of(name):
    frequent, oldest, nothing = VALUES[name]
    return [v for v in frequent + [oldest, nothing] if v]


def bench_events(t, events=10000000):
    w = Webd()
    try:
        w.make_keys()
        w.start()
        w.session = w.admin()
        start = time.monotonic()
        generate(w.pg, events)
        print('    %d events generated and indexed in %.0f s' % (events, time.monotonic() - start), flush=True)
        measure(t, w, events)
    finally:
        w.close()


def measure(t, w, events):
    pages = Pages(w.session)
    bare = statistics.median(pages.first([])[0] for _ in range(5))
    floor = 'without a filter %.3f s' % bare
    label = 'first page of %.3g M events, ' % (events / 1e6)
    for name in VALUES:
        took = {v: pages.first([v]) for v in values_of(name)}
        worst = max(took, key=lambda v: took[v][0])
        frequent, oldest, nothing = VALUES[name]
        assert took[oldest][1] > 0 and (not nothing or took[nothing][1] == 0), (name, took)
        t.add(label + 'filter ' + name, took[worst][0], 's', LIMIT_S, '%s; oldest month only %.3f, nothing %s; %s' % (
            worst, took[oldest][0], '%.3f' % took[nothing][0] if nothing else '-', floor))
    pairs, unfinished = [], 0
    for a, b in itertools.combinations(VALUES, 2):
        for x, y in itertools.product(values_of(a), values_of(b)):
            seconds, rows, calls = pages.first([x, y])
            pairs.append((seconds, rows, x + ';' + y))
            unfinished += calls > 1
    pairs.sort(reverse=True)
    for seconds, rows, what in pairs[:10]:
        t.add(label + what, seconds, 's', LIMIT_S, 'one of the ten worst of %d pairs; %d rows; %s' % (len(pairs), rows, floor))
    by_rows = collections.Counter('nothing' if not rows else 'something' for _, rows, _ in pairs)
    empty = next(p for p in pairs if not p[1])
    t.add(label + 'worst pair that matches nothing', empty[0], 's', LIMIT_S, '%s; %d of the pairs match nothing' % (empty[2], by_rows['nothing']))
    old = next(p for p in pairs if p[1] and any(o and o in p[2].split(';') for _, o, _ in VALUES.values()))
    t.add(label + 'worst pair of the oldest month only', old[0], 's', LIMIT_S, old[2])
    t.add('pairs whose first page took more than one call', unfinished, 'pairs', None, 'of %d' % len(pairs))
    seconds, rows, calls = pages.first(['text:"battery lost"'])
    t.add('a phrase that is nowhere, of frequent words: each call', seconds, 's', LIMIT_S, '%d calls until the end is known' % calls)
    spread(t, w, pages)


def spread(t, w, pages):
    took = {}
    for f in ['', 'severity:critical', 'rule:smoke', 'user:hanna', 'text:temperature', 'site:de/city-1;kind:ack']:
        start = time.monotonic()
        h = w.session.get('/events:histogram?buckets=100&filter=' + quote(f, safe='')).json
        took[f] = (time.monotonic() - start, h['total'], h['complete'])
    worst = max(took, key=lambda f: took[f][0])
    t.add('histogram of 100 slices, worst of %d filters' % len(took), took[worst][0], 's', None, '%s: %d events' % (worst or 'none', took[worst][1]))
    start = time.monotonic()
    a = w.session.get('/events:export?format=csv&filter=' + quote('rule:smoke', safe=''))
    lines = a.body.count(b'\r\n') - 1
    t.add('export to CSV, a filter of %d events' % lines, lines / (time.monotonic() - start) / 1000, '1000 rows/s', None)
    for site in ('', '&site=de/city-1'):
        start = time.monotonic()
        a = w.session.get('/kpis?from=2026-09-01&to=2026-09-30' + site)
        assert a.status == 200, a
        t.add('figures of 30 days, %s (%d raises)' % ('one site' if site else 'everything', a.json['total']['raises']), time.monotonic() - start, 's', None)


def main():
    from bench import Table
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--events', type=int, default=10000000)
    t = Table()
    bench_events(t, p.parse_args().events)


if __name__ == '__main__':
    main()
