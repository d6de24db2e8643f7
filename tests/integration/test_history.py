# SPDX-License-Identifier: Apache-2.0
"""Charts, bands and retention over a real PostgreSQL, historyd and webd: what webd answers against plain SQL over the samples."""
import datetime
import subprocess

import pytest

import busmsg
from stack import program, wait_for
from webd import Webd

DAY0 = 20003            # a Wednesday; 2024-10-09
DAYS = 24
UTC = datetime.timezone.utc


def iso(day, second=0):
    return (datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(days=day, seconds=second)).strftime('%Y-%m-%dT%H:%M:%SZ')


@pytest.fixture(scope='module')
def suite():
    w = Webd()
    w.stack = type('Stack', (), {'run': w.dir + '/run'})
    try:
        w.make_keys()
        subprocess.run([program('year-load'), w.pg.conninfo, '7', '0', str(DAY0), str(DAYS), '3', '60'], check=True, capture_output=True)
        w.pg.sql("INSERT INTO sample_week_state (week, device_id) SELECT DISTINCT week_of(day), 0 FROM sample_time")
        w.start()
        for d in ('busd', 'alarmd', 'historyd'):
            w.start_daemon(d)
        wait_for('all alive', lambda: {d['name'] for d in w.local.get('/system').json['daemons'] if d['state'] == 'alive'} >= {'busd', 'historyd', 'alarmd'})
        yield w
    finally:
        w.close()


def fold(w):
    busmsg.command(w.stack, 'historyd', 'fold')


def query(w, a, b, points=100, device='7', names=('ambient.1.temperature',), **more):
    answer = w.local.post('/series/query', dict({'from': a, 'to': b, 'max_points': points, 'series': [{'device': device, 'point': p} for p in names]}, **more))
    assert answer.status == 200, answer
    return answer.json


def plain(w, a, b, parts, point='ambient.1.temperature', hours=False):
    """The same by SQL over the view of all samples; with hours each counts in the part in which its hour begins."""
    hour = "date_trunc('hour', at, 'UTC')"
    at, inside = (f"greatest({hour}, '{a}')", f"{hour} + interval '1 hour' > '{a}' AND {hour} < '{b}'") if hours else ('at', f"at >= '{a}' AND at < '{b}'")
    rows = w.pg.sql(f"""SELECT p, min(value), avg(value), max(value), count(*) FROM (SELECT value, floor(extract(epoch FROM {at} - '{a}'::timestamptz)
        * {parts} / extract(epoch FROM '{b}'::timestamptz - '{a}'::timestamptz)) AS p
        FROM sample WHERE device_id = 7 AND point = '{point}' AND {inside}) x GROUP BY p ORDER BY p""")
    return [[float(c) for c in r.split('|')] for r in rows.splitlines()]


def same(chart, rows):
    assert len(chart['t']) == len(rows) > 0
    for i, (_, lo, avg, hi, n) in enumerate(rows):
        assert abs(chart['min'][i] - lo) < 1e-3 and abs(chart['max'][i] - hi) < 1e-3 and chart['n'][i] == n, (i, rows[i])
        assert abs(chart['avg'][i] - avg) < 1e-3, (i, rows[i], chart['avg'][i])


SPANS = [(iso(DAY0), iso(DAY0 + DAYS), 100, True), (iso(DAY0 + 2, 5000), iso(DAY0 + 20, 7777), 37, True), (iso(DAY0 - 400), iso(DAY0 + 400), 1000, True),
         (iso(DAY0 + 1, 333), iso(DAY0 + 15, 444), 1000, False), (iso(DAY0 + 3), iso(DAY0 + 4), 300, False), (iso(DAY0 + 7, 86000), iso(DAY0 + 8, 400), 5000, False)]


def compare(w):
    for a, b, parts, hours in SPANS:
        same(query(w, a, b, parts)['series'][0], plain(w, a, b, parts, hours=hours))


def test_charts_of_any_span_agree_with_the_samples_before_and_after_weeks_are_packed(suite):
    w = suite
    compare(w)
    packed = lambda: int(w.pg.sql("SELECT count(*) FROM sample_week_state WHERE is_packed"))
    weeks = int(w.pg.sql('SELECT count(*) FROM sample_week_state'))
    wait_for('all weeks packed', lambda: fold(w) or packed() == weeks)
    assert int(w.pg.sql('SELECT count(*) FROM sample_week')) == weeks * 3
    compare(w)


def test_few_samples_come_as_they_are(suite):
    s = query(suite, iso(DAY0 + 5), iso(DAY0 + 5, 600), 1000)['series'][0]
    assert s['raw'] and s['n'] == [1] * 10
    assert s['t'] == [1000 * ((DAY0 + 5) * 86400 + 60 * i) for i in range(10)]
    assert s['min'] == s['avg'] == s['max']


def put_wide(w, day, second, value):
    """One wide row of device 7, in a window of its own hour."""
    at = iso(day, second)
    w.pg.sql("SELECT layout_ensure(77, '{ambient.1.temperature}', '{\"\"}')")
    w.pg.sql(f"SELECT sample_window_ensure('{at}', 3600)")
    w.pg.sql(f"INSERT INTO sample_wide VALUES (0, 7, '{at}', 77, '{{{value}}}')")


def test_a_late_sample_counts_at_once_and_once_in_a_packed_week(suite):
    w = suite
    day = DAY0 + 6                          # its week is packed; 03:00 to 04:00 holds nothing
    put_wide(w, day, 3 * 3600 + 77, 999.5)
    for points in (24, 400):
        s = query(w, iso(day), iso(day + 1), points)['series'][0]
        assert max(s['max']) == 999.5 and sum(s['n']) in (1380, 1381)
    left = lambda: int(w.pg.sql("SELECT count(*) FROM sample_wide WHERE device_id = 7"))
    wait_for('folded and packed again', lambda: fold(w) or left() == int(w.pg.sql('SELECT count(*) FROM sample_week_state WHERE device_id <> 0')) == 0)
    s = query(w, iso(day), iso(day + 1), 24)['series'][0]
    assert s['n'][3] == 1 and s['min'][3] == s['max'][3] == 999.5 and sum(s['n']) == 1381
    compare(w)


def test_twenty_four_series_of_two_devices_in_one_question(suite):
    w = suite
    series = [{'device': '7' if i % 2 else '8', 'point': 'ambient.%d.temperature' % (i % 3 + 1)} for i in range(24)]
    body = {'from': iso(DAY0), 'to': iso(DAY0 + DAYS), 'max_points': 50, 'series': series}
    for points in (50, 5000):
        a = w.local.post('/series/query', dict(body, max_points=points)).json['series']
        assert [(s['device'], s['point']) for s in a] == [(s['device'], s['point']) for s in series]
        assert all((len(s['t']) > 0) == (s['device'] == '7') for s in a)
        assert a[1] == a[7]
    assert w.local.post('/series/query', dict(body, series=series + series[:1])).status == 400


# ---- bands ----

def put_text(w, device, changes):
    for at, value in changes:
        w.pg.sql("SELECT text_change_put('{0}', '{%d}', '{%s}', '{ups.status}', '{\"\"}', ARRAY[%s]::text[])" % (
            device, at, 'NULL' if value is None else "'%s'" % value))


def bands(w, device, a, b, points=1000):
    answer = query(w, a, b, points, device, bands=True)['bands']
    assert len(answer) == 1 and answer[0]['device'] == device
    items = answer[0]['items']
    assert all(x['to'] == y['from'] and x['state'] != y['state'] for x, y in zip(items, items[1:]))
    return [((x['from'] // 1000) - DAY0 * 86400, (x['to'] // 1000) - DAY0 * 86400, x['state']) for x in items]


def test_bands_follow_the_status_and_are_unknown_where_nobody_looked(suite):
    w = suite
    put_text(w, 31, [(iso(DAY0 - 1), 'OL'), (iso(DAY0, 100), 'OB DISCHRG'), (iso(DAY0, 160), 'OL CHRG'), (iso(DAY0, 200), 'OL'), (iso(DAY0, 300), None),
                     (iso(DAY0, 400), 'OL BYPASS'), (iso(DAY0, 500), 'OFF')])
    assert bands(w, '31', iso(DAY0), iso(DAY0, 1000)) == [
        (0, 100, 'mains'), (100, 160, 'battery'), (160, 300, 'mains'), (300, 400, 'unknown'), (400, 500, 'bypass'), (500, 560, 'off'), (560, 1000, 'unknown')]
    assert bands(w, '31', iso(DAY0, -86400 * 3), iso(DAY0, -86400)) == [(-3 * 86400, -86400, 'unknown')]
    assert bands(w, '31', iso(DAY0), iso(DAY0, 1000), 2) == [(0, 500, 'battery'), (500, 1000, 'off')]
    assert bands(w, '99', iso(DAY0), iso(DAY0, 10)) == [(0, 10, 'unknown')]
    assert 'bands' not in query(w, iso(DAY0), iso(DAY0, 10))
