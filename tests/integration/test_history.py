# SPDX-License-Identifier: Apache-2.0
"""Charts, bands and retention over a real PostgreSQL, historyd and webd: what webd answers against plain SQL over the samples."""
import contextlib
import datetime
import os
import subprocess

import pytest
import zmq

import busmsg
from stack import debug_dir, program
from stack import wait_for as wait_within
from webd import Webd

DAY0 = 20005            # a Wednesday; 2024-10-09
DAYS = 40
UTC = datetime.timezone.utc


def wait_for(what, check, timeout=60.0, interval=0.05):
    return wait_within(what, check, timeout, interval)


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


def plain(w, a, b, parts, point='ambient.1.temperature', slot=None):
    """The same by SQL over the view of all samples; with a slot each counts in the part in which its slot begins."""
    start = f"date_bin('{slot}', at, '1970-01-01Z')"
    at, inside = (f"greatest({start}, '{a}')", f"{start} + interval '{slot}' > '{a}' AND {start} < '{b}'") if slot else ('at', f"at >= '{a}' AND at < '{b}'")
    rows = w.pg.sql(f"""SELECT p, min(value), avg(value), max(value), count(*) FROM (SELECT value, floor(extract(epoch FROM {at} - '{a}'::timestamptz)
        * {parts} / extract(epoch FROM '{b}'::timestamptz - '{a}'::timestamptz)) AS p
        FROM sample WHERE device_id = 7 AND point = '{point}' AND {inside}) x GROUP BY p ORDER BY p""")
    return [[float(c) for c in r.split('|')] for r in rows.splitlines()]


def same(chart, rows):
    assert len(chart['t']) == len(rows) > 0
    for i, (_, lo, avg, hi, n) in enumerate(rows):
        assert abs(chart['min'][i] - lo) < 1e-3 and abs(chart['max'][i] - hi) < 1e-3 and chart['n'][i] == n, (i, rows[i])
        assert abs(chart['avg'][i] - avg) < 1e-3, (i, rows[i], chart['avg'][i])


HOUR, SLOT = '1 hour', '10 min'
SPANS = [(iso(DAY0), iso(DAY0 + DAYS), 100, HOUR), (iso(DAY0 + 2, 5000), iso(DAY0 + 20, 7777), 37, HOUR), (iso(DAY0 - 400), iso(DAY0 + 400), 1000, HOUR),
         (iso(DAY0 + 1, 333), iso(DAY0 + 15, 444), 1000, SLOT), (iso(DAY0 + 1, 333), iso(DAY0 + 15, 444), 1010, None), (iso(DAY0 + 3), iso(DAY0 + 4), 100, None),
         (iso(DAY0 + 3), iso(DAY0 + 4), 30, SLOT), (iso(DAY0 + 7, 86000), iso(DAY0 + 8, 400), 5000, None)]


def compare(w):
    for a, b, parts, slot in SPANS:
        same(query(w, a, b, parts)['series'][0], plain(w, a, b, parts, slot=slot))


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


def answers(w):
    try:
        fold(w)
        return True
    except (AssertionError, zmq.Again):
        return False


# Whole tenths, thirds that no scale fits, gaps; times off the rounding. In `truth` as well.
FILL = """
    CREATE TABLE IF NOT EXISTS truth (device_id bigint, at timestamptz, point text, value float4);
    SELECT layout_ensure(78, '{{ambient.1.temperature,ambient.2.temperature}}', '{{"",""}}');
    SELECT sample_window_ensure(h, 3600) FROM generate_series('{a}'::timestamptz, '{b}'::timestamptz - interval '1 s', '1 hour') h;
    INSERT INTO sample_wide SELECT 0, d, at + d % 40 * interval '100 ms', 78, ARRAY[CASE WHEN n % 70 < 9 THEN NULL ELSE (200 + n * d % 31) / 10.0 END, n / 3.0]::float4[]
        FROM generate_series('{a}'::timestamptz, '{b}'::timestamptz - interval '1 s', '10 s') WITH ORDINALITY g (at, n), generate_series({d0}, {d1}) d;
    INSERT INTO truth SELECT w.device_id, w.at, 'ambient.' || k || '.temperature', w.v[k] FROM sample_wide w, generate_series(1, 2) k
        WHERE w.device_id BETWEEN {d0} AND {d1} AND w.v[k] IS NOT NULL;
"""


def differences(w, d0, d1):
    return int(w.pg.sql(f"""SELECT count(*) FROM (SELECT device_id, at, point, min(value)::float4 AS value, count(*) AS n
        FROM sample WHERE device_id BETWEEN {d0} AND {d1} GROUP BY 1, 2, 3) s FULL JOIN (SELECT * FROM truth WHERE device_id BETWEEN {d0} AND {d1}) t USING (device_id, at, point) WHERE s.value IS DISTINCT FROM t.value OR n > 1"""))


def left(w, table, d0, d1):
    return int(w.pg.sql(f'SELECT count(*) FROM {table} WHERE device_id BETWEEN {d0} AND {d1}'))


def test_samples_of_today_are_whole_in_the_window_and_in_parts(suite):
    w = suite
    hour = int(w.pg.sql("SELECT extract(epoch FROM date_trunc('hour', now()))::bigint"))
    a, b = iso(0, hour - 3 * 3600), iso(0, hour - 3600)
    is_today = (hour - 3 * 3600) // 86400 == hour // 86400          # soon after midnight they become day rows at once
    chart = lambda parts: query(w, a, b, parts, device='31')['series'][0]
    w.pg.sql(FILL.format(a=a, b=b, d0=31, d1=32))
    assert differences(w, 31, 32) == 0
    before = {parts: chart(parts) for parts in (2, 5, 700)}
    wait_for('folded', lambda: fold(w) or left(w, 'sample_wide', 31, 32) == 0)
    wait_for('in its place', lambda: left(w, 'sample_part' if is_today else 'sample_day', 31, 32) > 0)
    assert differences(w, 31, 32) == 0
    assert w.pg.sql(f"SELECT count(u) FROM {'sample_part' if is_today else 'sample_time'} t, sample_day_times(t.day, NULL, t.t) u WHERE device_id = 31") == '720'
    for parts, was in before.items():
        now = chart(parts)
        assert now['n'] == was['n'] and all(abs(x - y) < 1e-3 for k in ('min', 'avg', 'max') for x, y in zip(now[k], was[k])), parts
    for table in ('sample_part', 'sample_day', 'sample_time'):
        w.pg.sql(f'DELETE FROM {table} WHERE device_id IN (31, 32)')


@contextlib.contextmanager
def reader(w, table):
    """Somebody who reads a table, so that it cannot be dropped."""
    p = subprocess.Popen(['psql', '-XAtq', w.pg.conninfo], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        p.stdin.write(f'BEGIN; SELECT count(*) FROM {table};\n')
        p.stdin.flush()
        wait_for('it reads', lambda: w.pg.sql(f"SELECT count(*) FROM pg_locks WHERE relation = to_regclass('{table}') AND granted") != '0')
        yield
    finally:
        p.kill()
        p.wait()


def test_historyd_killed_while_folding_neither_loses_nor_doubles_a_sample(suite):
    w = suite
    day, n = DAY0 + 44, 40
    d0, d1 = 1001, 1000 + n
    date = w.pg.sql(f"SELECT to_char(date '1970-01-01' + {day}, 'YYYYMMDD')")
    is_done = lambda: left(w, 'sample_wide', d0, d1) + left(w, 'sample_part', d0, d1) == 0
    waits = lambda: w.pg.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") != '0'
    w.pg.sql(f"SELECT sample_part_ensure(date '1970-01-01' + {day})")
    # when its parts are written and the window is about to go; when its day rows are and the parts are; at once. Each hour unites with those before
    for hour, table in enumerate((f'sample_wide_{date}_000000', f'sample_part_{date}', 'schema_version')):
        w.pg.sql(FILL.format(a=iso(day, 3600 * hour), b=iso(day, 3600 * hour + 3600), d0=d0, d1=d1))
        w.pg.sql(f"SELECT sample_part_ensure(date '1970-01-01' + {day})")
        with reader(w, table):
            fold(w)
            if hour < 2:
                wait_for('it stands before the drop', waits)
            w.extra[-1].kill()
            w.extra.pop().wait()
            w.pg.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            wait_for('its work is undone', lambda: not waits())
        assert differences(w, d0, d1) == 0, hour
        w.start_daemon('historyd')
        wait_for('historyd answers', lambda: answers(w))
        wait_for('day rows', lambda: fold(w) or is_done())
    assert differences(w, d0, d1) == 0 and left(w, 'sample_day', d0, d1) == 2 * n
    # an hour of it once more: nothing counts twice
    w.pg.sql(FILL.split('    INSERT INTO truth')[0].format(a=iso(day), b=iso(day, 3600), d0=d0, d1=d1))
    wait_for('united', lambda: fold(w) or is_done())
    assert differences(w, d0, d1) == 0


def test_rows_of_older_programs_are_read_and_united_with_what_comes_late(suite):
    w = suite
    day = DAY0 + 47
    put_old = lambda series, scale, d, v: w.pg.sql(f"""SELECT sample_day_ensure(date '1970-01-01' + {day});
        INSERT INTO sample_day (site_id, device_id, day, series, scale, d, v, hmin, havg, hmax, hn) SELECT 0, 51, date '1970-01-01' + {day}, series, {scale}, {d}, {v},
            array_fill(1::float4, '{{24}}'), array_fill(1::float4, '{{24}}'), array_fill(1::float4, '{{24}}'), array_fill(0::int2, '{{24}}')
            FROM series WHERE point = 'ambient.{series}.temperature' AND idx = ''""")
    w.pg.sql("SELECT layout_ensure(77, '{ambient.1.temperature}', '{\"\"}'), layout_ensure(78, '{ambient.1.temperature,ambient.2.temperature}', '{\"\",\"\"}')")
    put_old(1, 1, "'{200,1,NULL,-2}'", 'NULL')
    put_old(2, -1, 'NULL', "'{0.1234567,NULL,2,3}'")
    w.pg.sql(f"INSERT INTO sample_time (site_id, device_id, day, dt, last) VALUES (0, 51, date '1970-01-01' + {day}, '{{36000,100,100,100}}', 36300)")
    seen = lambda: w.pg.sql("SELECT string_agg(extract(epoch FROM at)::bigint % 86400 || ' ' || round(value::numeric, 4), ', ' ORDER BY point, at) FROM sample WHERE device_id = 51")
    old = '3600 20.0000, 3610 20.1000, 3630 19.9000, 3600 0.1235, 3620 2.0000, 3630 3.0000'
    assert seen() == old
    names = ['ambient.1.temperature', 'ambient.2.temperature']
    chart = lambda parts: [s['n'] for s in query(w, iso(day, 3600), iso(day, 7200), parts, device='51', names=names)['series']]
    assert chart(360) == [[1, 1, 1], [1, 1, 1]] and chart(2) == [[3], [3]]
    at = iso(day, 3620)
    w.pg.sql(f"SELECT sample_window_ensure('{at}', 3600); INSERT INTO sample_wide VALUES (0, 51, '{at}', 77, '{{25.5}}')")
    wait_for('united', lambda: fold(w) or left(w, 'sample_wide', 51, 51) + left(w, 'sample_part', 51, 51) == 0)
    assert seen() == old.replace('3610 20.1000,', '3610 20.1000, 3620 25.5000,')
    assert chart(360) == [[1, 1, 1, 1], [1, 1, 1]] and chart(2) == [[4], [3]]
    assert w.pg.sql('SELECT count(p), count(d), count(v) FROM sample_day WHERE device_id = 51') == '2|0|0'


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
