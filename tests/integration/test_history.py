# SPDX-License-Identifier: Apache-2.0
"""Charts, bands and retention over a real PostgreSQL, historyd and webd: what webd answers against plain SQL over the samples."""
import datetime
import os
import subprocess

import pytest

import busmsg
from stack import debug_dir, program, wait_for
from webd import Webd

DAY0 = 20005            # a Wednesday; 2024-10-09
DAYS = 40
UTC = datetime.timezone.utc


def iso(day, second=0):
    return (datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(days=day, seconds=second)).strftime('%Y-%m-%dT%H:%M:%SZ')


def host_clock(w, word):
    with open(w.timex + '.new', 'w', encoding='ascii') as f:
        f.write(word)
    os.rename(w.timex + '.new', w.timex)


@pytest.fixture(scope='module')
def suite():
    w = Webd()
    w.stack = type('Stack', (), {'run': w.dir + '/run'})
    w.timex = os.path.join(w.dir, 'timex')
    w.env['BUSBAR_TEST_TIMEX'] = w.timex
    host_clock(w, 'synced')
    with open(os.path.join(w.dir, 'etc/busbar.conf'), 'a', encoding='ascii') as f:
        f.write('alarmd: { clock_hold_ms = 100; };\n')
    try:
        w.make_keys()
        subprocess.run([program('year-load'), w.pg.conninfo, '7', '0', str(DAY0), str(DAYS), '3', '300'], check=True, capture_output=True)
        w.pg.sql("INSERT INTO sample_week_state (week, device_id) SELECT DISTINCT week_of(day), 0 FROM sample_time")
        w.start()
        for d, build in (('busd', None), ('alarmd', debug_dir()), ('historyd', None)):
            w.start_daemon(d, build)
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
         (iso(DAY0 + 1, 333), iso(DAY0 + 15, 444), 1000, False), (iso(DAY0 + 3), iso(DAY0 + 4), 100, False), (iso(DAY0 + 7, 86000), iso(DAY0 + 8, 400), 5000, False)]


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


def test_a_span_of_millennia_is_answered_like_any_other(suite):
    s = query(suite, '1970-01-01T00:00:00Z', '9999-12-31T00:00:00Z', 5000)['series'][0]
    assert len(s['t']) == 1 and s['n'] == [DAYS * 276]


def test_few_samples_come_as_they_are(suite):
    s = query(suite, iso(DAY0 + 5), iso(DAY0 + 5, 3000), 1000)['series'][0]
    assert s['raw'] and s['n'] == [1] * 10
    assert s['t'] == [1000 * ((DAY0 + 5) * 86400 + 300 * i) for i in range(10)]
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
    for points in (24, 100):
        s = query(w, iso(day), iso(day + 1), points)['series'][0]
        assert max(s['max']) == 999.5 and sum(s['n']) in (276, 277)
    left = lambda: int(w.pg.sql("SELECT count(*) FROM sample_wide WHERE device_id = 7"))
    wait_for('folded and packed again', lambda: fold(w) or left() == int(w.pg.sql('SELECT count(*) FROM sample_week_state WHERE device_id <> 0')) == 0)
    s = query(w, iso(day), iso(day + 1), 24)['series'][0]
    assert s['n'][3] == 1 and s['min'][3] == s['max'][3] == 999.5 and sum(s['n']) == 277
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


# ---- retention ----

def months(w, what):
    return w.pg.sql("SELECT string_agg(name, ' ' ORDER BY month) FROM history_months('%s')" % what).split()


def setting(w, name, value):
    return w.local.request('PUT', '/settings/' + name, {'value': value}).status


def test_a_retention_that_is_no_sound_number_is_refused(suite):
    for value in ('0', '30', '36501', '-60', '60.5', 'sixty', '', ' 60', '1e3'):
        assert setting(suite, 'history.keep_days', value) == 400, value
    assert setting(suite, 'history.keep_days', None) == 204


def test_months_of_samples_go_whole_when_the_setting_says_so_without_a_restart(suite):
    w = suite
    items = {i['what']: i for i in w.local.get('/history').json['items']}
    assert items['samples']['keep_days'] is None and items['samples']['oldest'] == '2024-10-01' and items['samples']['bytes'] > 0
    assert items['samples']['dropped'] == []
    for month in (2, 4, 5):
        today = int(w.pg.sql("SELECT (now() AT TIME ZONE 'UTC')::date - date '1970-01-01'"))
        subprocess.run([program('year-load'), w.pg.conninfo, '8', '0', str(today - 31 * month), '1', '1', '3600'], check=True, capture_output=True)
    before = months(w, 'samples')
    assert setting(w, 'history.keep_days', '100') == 204
    gone = lambda: w.local.get('/history').json['items'][0]['dropped']
    # 2024-10 has four newer months, the others have fewer
    wait_for('old months dropped', lambda: fold(w) or len(gone()) >= 1)
    assert [d['partition'] for d in gone()] == [before[0]]
    assert months(w, 'samples') == before[1:]
    assert w.pg.sql("SELECT count(*) FROM pg_class WHERE relname IN ('sample_time_2024_10', 'sample_week_2024_10')") == '0'
    assert query(w, iso(DAY0), iso(DAY0 + 2))['series'][0]['t'] == []
    assert len(query(w, iso(DAY0 + 23), iso(DAY0 + 24))['series'][0]['t']) > 0
    metric = lambda: next(d for d in w.local.get('/system').json['daemons'] if d['name'] == 'historyd')['metrics'].get('partitions_dropped_total')
    wait_for('the system page shows it', lambda: metric() == 1)
    assert setting(w, 'history.keep_days', None) == 204


def test_a_state_outlives_the_month_in_which_it_began(suite):
    w = suite
    put_text(w, 41, [('2020-01-05T00:00:00Z', 'OL'), ('2020-01-09T00:00:00Z', 'OL BYPASS')])
    put_text(w, 42, [('2020-0%d-05T00:00:00Z' % m, 'OL') for m in range(1, 8)])
    assert setting(w, 'history.keep_text_days', '31') == 204
    wait_for('old texts dropped', lambda: fold(w) or '2020' not in ' '.join(months(w, 'texts')[:-2]))
    kept = months(w, 'texts')
    first = kept[0][-7:].replace('_', '-') + '-01'
    assert w.pg.sql("SELECT at AT TIME ZONE 'UTC' || '|' || value FROM sample_text WHERE device_id = 41") == first + ' 00:00:00|OL BYPASS'
    assert setting(w, 'history.keep_text_days', None) == 204


def test_events_go_only_when_the_owner_says_so(suite):
    w = suite
    for m in range(1, 7):
        w.pg.sql("SELECT events_partition_ensure('2020-0%d-01T00:00:00Z')" % m)
        w.pg.sql("INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, kind, from_state, to_state, severity) "
                 "VALUES (0, '2020-0%d-02T00:00:00Z', '\\x00', %d, 1, 'a', 'a-1', 'r', 'raise', 1, 2, 1)" % (m, m))
    assert w.pg.sql("SELECT count(*) FROM history_retain('events')") == '0'
    assert w.local.get('/history').json['items'][2]['keep_days'] is None
    assert setting(w, 'history.keep_event_days', '60') == 204
    # alarmd does it within a minute; here without waiting so long
    dropped = w.pg.sql("SELECT history_retain('events')").split()
    dropped = dropped or [d['partition'] for d in w.local.get('/history').json['items'][2]['dropped']]
    assert sorted(dropped)[0] == 'events_2020_01' and 'events_2020_06' in months(w, 'events')
    assert setting(w, 'history.keep_event_days', None) == 204


# ---- the clock of this host ----

def test_a_clock_that_no_time_service_keeps_is_an_own_alarm(suite):
    w = suite
    alarms = lambda: {a['rule']: a for a in w.local.get('/alarms').json['items'] if a['device'] == 'busbar/alarmd' and a['state'].startswith('active')}
    wait_for('alarmd is known to be fine', lambda: 'clock_unsynced' not in alarms())
    host_clock(w, 'unsynced')
    a = wait_for('clock_unsynced', lambda: alarms().get('clock_unsynced'))
    assert a['severity'] == 'minor' and ('time service' in a['text'] or 'not synchronised' in a['text'])
    assert 'clock_not_set' not in alarms()
    w.ctl('alarm', 'comment', a['id'], '--comment', 'looking at it')
    host_clock(w, 'refused')
    wait_for('it says that it does not know', lambda: 'does not tell' in alarms().get('clock_unsynced', {'text': ''})['text'])
    host_clock(w, 'synced')
    wait_for('cleared', lambda: 'clock_unsynced' not in alarms())
    # What was recorded meanwhile says so, in the log, in a file of it and in the record itself.
    events = lambda: {e['kind']: e['time_unsynced'] for e in w.local.get('/events?filter=rule:clock_unsynced').json['items']}
    wait_for('recorded', lambda: 'clear' in events())
    assert {'raise': True, 'comment': True, 'clear': False}.items() <= events().items()
    lines = w.local.get('/events:export?format=csv&filter=rule:clock_unsynced').body.decode().splitlines()
    assert lines[0].endswith(',time_unsynced') and [line for line in lines[1:] if ',comment,' in line][0].endswith(',true')
    w.ctl('verify-log')
    w.pg.sql("UPDATE events SET marks = 0 WHERE rule = 'clock_unsynced' AND kind = 'comment'")
    p = w.ctl('verify-log', check=False)
    assert p.returncode == 1 and 'marks' in p.stdout + p.stderr, p
