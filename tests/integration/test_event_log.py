# SPDX-License-Identifier: Apache-2.0
"""The event log through webd: every filter against a plain search in Python over the same rows, pages both ways, histogram, export."""
import csv
import datetime
import io
import json
import json
import random
import re
from urllib.parse import quote

import pytest

from stack import wait_for
from webd import Webd

PASSWORD = 'correct horse battery staple'
SEVERITY = [None, 'critical', 'major', 'unknown', 'minor', 'info']
STATE = [None, 'normal', 'active_unack', 'active_ack', 'cleared_unack']
ROWS = 14000
JOURNAL = '00' * 15 + '07'
START = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)
SPAN_S = 75 * 86400     # three partitions and a hole in none of them


def make_rows():
    rng = random.Random(41)
    rows = []
    for n in range(1, ROWS + 1):
        device = rng.randrange(1, 60)
        site = 'de/%s/%s' % (rng.choice(['hamburg', 'hamburg-west']) if device % 3 else 'berlin', 'b%d' % (device % 4))
        is_event = rng.random() < 0.1
        kind = 'trap' if is_event else rng.choice(['raise', 'raise', 'clear', 'ack', 'comment'])
        after = {'raise': 2, 'clear': 1, 'ack': 3, 'comment': 3, 'trap': 1}[kind]
        rule = 'event' if is_event else rng.choice(['on_battery'] * 6 + ['battery_low'] * 3 + ['fan_failed'])
        text = {'on_battery': 'UPS is on battery', 'battery_low': 'battery charge %d %% is below 20 %%' % rng.randrange(20),
                'fan_failed': 'Lüfter 2 of de/x has failed', 'event': 'Input-Voltage 3.5 lost'}[rule]
        rows.append({
            'jseq': n, 'us': int(START.timestamp() * 1000000) + (n // 3) * (SPAN_S * 1000000 // (ROWS // 3)), 'device_id': str(device), 'device': '%s/ups-%d' % (site, device),
            'rule': rule, 'kind': kind, 'to': after, 'severity': {'on_battery': 2, 'battery_low': 1, 'fan_failed': 4, 'event': 5}[rule],
            'user': rng.choice(['anna', 'bert', "o'neil"]) if kind in ('ack', 'comment') else None,
            'comment': 'seen, calling "Müller"' if kind == 'comment' else None, 'text': text, 'subject': 'upsTrapOnBattery' if is_event else 'ups.status',
            'source': '10.0.0.%d' % (device % 5) if is_event else None, 'test': rng.random() < 0.02, 'alarm_id': '%s-%d' % (JOURNAL, n // 7 * 7 + 1)})
    return rows


def quoted(v):
    return 'NULL' if v is None else "'%s'" % str(v).replace("'", "''")


def insert(pg, rows):
    pg.sql("SELECT events_partition_ensure('2026-01-01Z'::timestamptz + make_interval(months => m)) FROM generate_series(0, 2) m")
    for i in range(0, len(rows), 350):
        pg.sql('INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state, severity, '
               'user_name, comment, text, test, source) VALUES ' + ','.join(
                   "(1, unix_us(%d), '\\x%s', %d, %s, %s, %s, %s, %s, %s, 1, %d, %d, %s, %s, %s, %s, %s)" % (
                       r['us'], JOURNAL, r['jseq'], r['device_id'], quoted(r['device']), quoted(r['alarm_id']), quoted(r['rule']), quoted(r['subject']),
                       quoted(r['kind']), r['to'], r['severity'], quoted(r['user']), quoted(r['comment']), quoted(r['text']), r['test'],
                       quoted(r['source'])) for r in rows[i:i + 350]))


@pytest.fixture(scope='module')
def rows():
    return make_rows()


@pytest.fixture(scope='module')
def webd(rows):
    w = Webd()
    try:
        w.make_keys()
        w.start()
        w.session = w.admin(PASSWORD)
        w.pg.sql("INSERT INTO site (key, name) VALUES ('de/hamburg', 'hamburg')")
        w.pg.sql("INSERT INTO device (key, site_id, address) SELECT 'dev-' || g, 1, '127.0.0.1' FROM generate_series(1, 59) g")
        w.pg.sql("INSERT INTO device_group (key, name) VALUES ('small', 'small'), ('large', 'large'), ('empty', 'empty')")
        w.pg.sql("INSERT INTO device_group_member (group_id, device_id) SELECT 1, g FROM generate_series(3, 5) g")
        w.pg.sql("INSERT INTO device_group_member (group_id, device_id) SELECT 2, g FROM generate_series(6, 59) g")
        w.pg.sql('INSERT INTO device_group_member (group_id, member_id) VALUES (2, 1)')
        insert(w.pg, rows)
        yield w
    finally:
        w.close()


# ---- the other search ----

def words(r):
    return re.findall(r'\w+', re.sub(r'[_]', ' ', ' '.join(filter(None, (r['text'], r['comment'], r['subject'])))).lower())


def has_words(r, sought, is_prefix):
    have = words(r)
    for i in range(len(have) - len(sought) + 1):
        if have[i:i + len(sought) - 1] == sought[:-1] and (have[i + len(sought) - 1].startswith(sought[-1]) if is_prefix else
                                                          have[i + len(sought) - 1] == sought[-1]):
            return True
    return False


def text_matches(r, text):
    for minus, phrase, word in re.findall(r'(-?)(?:"([^"]*)"|([^\s"]+))', text):
        sought = re.findall(r'\w+', (phrase or word).lower().replace('_', ' '))
        if has_words(r, sought, not phrase) == bool(minus):
            return False
    return True


GROUP = {'small': range(3, 6), 'large': range(3, 60), 'empty': range(0)}
MATCH = {
    'site': lambda r, v: r['device'].startswith(v + '/'),
    'device': lambda r, v: r['device'] == v or 'dev-' + r['device_id'] == v,
    'group': lambda r, v: int(r['device_id']) in GROUP[v],
    'kind': lambda r, v: r['kind'] == v, 'rule': lambda r, v: r['rule'] == v, 'severity': lambda r, v: SEVERITY[r['severity']] == v,
    'state': lambda r, v: STATE[r['to']] == v, 'user': lambda r, v: r['user'] == v, 'source': lambda r, v: r['source'] == v,
    'alarm': lambda r, v: r['alarm_id'] == v, 'test': lambda r, v: r['test'] == (v == 'yes'),
}


def expected(rows, f):
    out = []
    for r in rows:
        ok = all(any(MATCH[n](r, v) for v in vs) for n, vs in f.items() if n in MATCH)
        ok = ok and ('since' not in f or r['us'] >= micros(f['since'][0])) and ('until' not in f or r['us'] < micros(f['until'][0]))
        if ok and all(text_matches(r, t) for t in f.get('text', [])):
            out.append(r['jseq'])
    return out


def micros(t):
    return int(datetime.datetime.fromisoformat(t.replace('Z', '+00:00')).timestamp() * 1000000)


def filter_text(f):
    return ';'.join('%s:%s' % (n, ','.join(vs)) for n, vs in f.items())


def query(f):
    return quote(filter_text(f), safe='')


VALUES = {
    'since': [['2026-02-01T00:00:00Z'], ['2026-03-10T12:30:00.5Z']],
    'until': [['2026-02-01T00:00:00Z'], ['2026-01-10T00:00:00Z']],
    'site': [['de'], ['de/hamburg'], ['de/berlin/b1'], ['de/ham'], ['de/hamburg', 'de/berlin']],
    'device': [['dev-7'], ['nothing'], ['dev-8', 'dev-9']],
    'group': [['small'], ['large'], ['empty'], ['small', 'empty']],
    'kind': [['raise'], ['trap', 'comment'], ['nothing']],
    'rule': [['on_battery'], ['fan_failed'], ['event', 'battery_low']],
    'severity': [['critical'], ['info', 'minor'], ['unknown']],
    'state': [['normal'], ['active_ack', 'active_unack']],
    'user': [['anna'], ["o'neil"], ['nobody']],
    'source': [['10.0.0.3'], ['10.0.0.1', '10.0.0.2']],
    'test': [['yes'], ['no']],
    'text': [['batt'], ['"on battery"'], ['-battery'], ['below -charge'], ['charge "below 20"'], ['input-volt'], ['Lüfter'], ['Müller'], ['upstrap lost'],
             ['"battery lost"'], ['3.5']],
}


def pages(client, path, limit):
    items, cursor = [], ''
    while cursor is not None:
        a = client.get('%s&limit=%d%s' % (path, limit, '&cursor=' + cursor if cursor else ''))
        assert a.status == 200, a
        items += a.json['items']
        cursor = a.json['next']
    return items


def numbers(items):
    return [i['jseq'] for i in items]


# ---- tests ----

@pytest.mark.parametrize('name', sorted(VALUES))
def test_each_filter_finds_what_a_plain_search_finds(webd, rows, name):
    for values in VALUES[name]:
        f = {name: values}
        want = expected(rows, f)
        for sort in ('at', '-at'):
            got = numbers(pages(webd.session, '/events?sort=%s&filter=%s' % (sort, query(f)), 1000))
            assert got == (want if sort == 'at' else want[::-1]), (f, sort, len(got), len(want))


def test_combined_filters_find_what_a_plain_search_finds(webd, rows):
    rng = random.Random(7)
    for _ in range(60):
        f = {n: rng.choice(VALUES[n]) for n in rng.sample(sorted(VALUES), rng.choice([2, 2, 3]))}
        want = expected(rows, f)
        got = numbers(pages(webd.session, '/events?filter=%s' % query(f), rng.choice([100, 1000])))
        assert got == want[::-1], (f, len(got), len(want))


def test_an_alarm_is_found_by_its_id(webd, rows):
    f = {'alarm': [rows[5000]['alarm_id']]}
    assert numbers(webd.session.get('/events?sort=at&filter=' + query(f)).json['items']) == expected(rows, f) != []


@pytest.mark.parametrize('places', [[100], [7000], [13900], [100, 13900], [6000, 7000]])
def test_words_beside_something_rare_are_found_in_whatever_month_it_lies(webd, rows, places):
    for text in ('ups', '"UPS is"', '-charge'):
        f = {'alarm': [rows[n]['alarm_id'] for n in places], 'text': [text]}
        want = expected(rows, f)
        for sort in ('at', '-at'):
            got = numbers(pages(webd.session, '/events?sort=%s&filter=%s' % (sort, query(f)), 3))
            assert got == (want if sort == 'at' else want[::-1]), (f, sort)
        assert want or text != 'ups'


def test_a_search_that_runs_out_of_time_goes_on_where_it_stopped(webd, rows):
    """Time for nothing: each call ends after its first step, and together they find all."""
    for name, newest in (('fan_failed', 'true'), ('fan_failed', 'false'), ('on_battery', 'true')):
        want = expected(rows, {'rule': [name], 'user': ['bert']})
        place, got, calls = 'NULL, NULL, NULL', [], 0
        while place:
            out = webd.pg.sql("SELECT kind IS NULL, (extract(epoch FROM at) * 1000000)::bigint, jseq, encode(journal_id, 'hex') FROM events_page("
                              "'{\"rule\": [\"%s\"], \"user\": [\"bert\"]}', %s, %s, 50, 0)" % (name, newest, place))
            found = [line.split('|') for line in out.splitlines()]
            got += [int(f[2]) for f in found if f[0] == 'f']
            place = "unix_us(%s), %s, '\\x%s'" % tuple(found[-1][1:]) if found and (found[-1][0] == 't' or len(found) == 50) else None
            calls += 1
        assert got == (want[::-1] if newest == 'true' else want) and calls > 2


@pytest.mark.parametrize('f', [{'group': ['large'], 'text': ['-battery']}, {'group': ['small']}, {'test': ['no'], 'text': ['-on']}, {'user': ['bert']}, {}])
def test_what_lies_beyond_the_first_look_is_found(webd, rows, f):
    doc = dict(f, **({'test': f['test'] == ['yes']} if 'test' in f else {}))
    for text in doc.pop('text', []):
        doc['words'] = [{'t': text.lstrip('-'), 'exact': False, 'not': text.startswith('-')}]
    got = webd.pg.sql("SELECT jseq FROM events_page('%s', true, NULL, NULL, NULL, 20000, 60000)" % json.dumps(doc)).split()
    assert [int(n) for n in got] == expected(rows, f)[::-1]


def test_pages_go_back_as_they_came(webd):
    s, path = webd.session, '/events?filter=%s&limit=60' % query({'rule': ['fan_failed']})
    seen, a = [], s.get(path).json
    assert a['prev'] is None
    while True:
        seen.append(numbers(a['items']))
        if not a['next']:
            break
        a = s.get(path + '&cursor=' + a['next']).json
    assert len(seen) > 10
    back = []
    while a['prev']:
        a = s.get(path + '&cursor=' + a['prev']).json
        back.insert(0, numbers(a['items']))
    assert back == seen[:-1]
    assert numbers(s.get(path + '&cursor=' + a['next']).json['items']) == seen[1]


def test_cursor_stands_when_events_come(webd, rows):
    s, path = webd.session, '/events?filter=until:2027-01-01T00:00:00Z&limit=10'
    first = s.get(path).json
    webd.pg.sql("INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, kind, from_state, to_state, severity) "
                "VALUES (1, '2026-06-01Z', '\\x%s', %d, 1, 'late', 'x', 'on_battery', 'raise', 1, 2, 1)" % (JOURNAL, ROWS + 1))
    try:
        second = s.get(path + '&cursor=' + first['next']).json
        assert numbers(first['items'] + second['items']) == [r['jseq'] for r in rows[:-21:-1]]
        assert numbers(s.get(path + '&cursor=' + second['prev']).json['items']) == numbers(first['items'])
    finally:
        webd.pg.sql("DELETE FROM events WHERE device = 'late'")


@pytest.mark.parametrize('f', [{}, {'severity': ['critical']}, {'rule': ['fan_failed'], 'state': ['active_ack']}, {'group': ['small']}, {'user': ['nobody']}])
def test_histogram_counts_each_slice(webd, rows, f):
    a = webd.session.get('/events:histogram?buckets=7&filter=' + query(f))
    assert a.status == 200, a
    h = a.json
    assert h['complete'] and not h['estimate'] and h['total'] == len(expected(rows, f))
    lo, width = micros(h['from']), h['bucket_s'] * 1e6
    counts = [0] * 7
    want = set(expected(rows, f))
    for r in rows:
        if r['jseq'] in want:
            counts[min(6, int((r['us'] - lo) // width))] += 1
    assert all(abs(a - b) <= 3 for a, b in zip(counts, h['counts'])), (counts, h)     # `from` has milliseconds


@pytest.mark.parametrize('sort', ['at', '-at'])
@pytest.mark.parametrize('f', [{}, {'kind': ['comment'], 'site': ['de/berlin']}, {'user': ['nobody']}])
def test_export_holds_what_the_screen_shows(webd, f, sort):
    shown = pages(webd.session, '/events?sort=%s&filter=%s' % (sort, query(f)), 1000)
    a = webd.session.get('/events:export?format=json&sort=%s&filter=%s' % (sort, query(f)))
    assert a.status == 200 and a.json == shown and 'attachment' in a.headers['Content-Disposition']
    a = webd.session.get('/events:export?format=csv&sort=%s&filter=%s' % (sort, query(f)))
    got = list(csv.reader(io.StringIO(a.body.decode(), newline='')))
    names = got[0]
    assert names[:3] == ['jseq', 'at', 'device'] and len(names) == 19
    text = lambda v: '' if v is None else str(v).lower() if isinstance(v, bool) else str(v)
    assert got[1:] == [[text(i[n]) for n in names] for i in shown]


def test_busbarctl_lists_and_exports_what_the_screen_shows(webd, tmp_path):
    f = {'kind': ['comment'], 'site': ['de/berlin'], 'text': ['"20 %" -input'], 'until': ['2026-02-10T00:00:00Z']}
    options = [x for name, values in f.items() for x in ('--' + name, ','.join(values))]
    shown = pages(webd.session, '/events?filter=' + query(f), 1000)
    assert shown and webd.ctl('event', 'list', '--json', *options) == shown[::-1]
    assert webd.ctl('event', 'list', '--json', '--limit', '5', *options) == shown[:5]
    webd.ctl('event', 'export', str(tmp_path / 'e.json'), *options)
    assert json.loads((tmp_path / 'e.json').read_text(encoding='utf-8')) == shown
    webd.ctl('event', 'export', str(tmp_path / 'e.csv'), *options)
    assert len(list(csv.reader((tmp_path / 'e.csv').open(newline='', encoding='utf-8')))) == len(shown) + 1
    p = webd.ctl('event', 'export', str(tmp_path / 'no.csv'), '--group', 'none', check=False)
    assert p.returncode == 1 and 'there is no group "none"' in p.stderr and not (tmp_path / 'no.csv').exists()


def test_export_makes_no_formulas(webd):
    webd.pg.sql("INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, kind, from_state, to_state, severity, comment, text) "
                "VALUES (1, '2026-06-01Z', '\\x%s', %d, 1, 'evil', 'x', 'on_battery', 'raise', 1, 2, 1, E'a\\nb', '=1+\"1\"')" % (JOURNAL, ROWS + 2))
    try:
        a = webd.session.get('/events:export?filter=device:evil')
        row = next(r for r in csv.DictReader(io.StringIO(a.body.decode(), newline='')))
        assert row['text'] == '\'=1+"1"' and row['comment'] == 'a\nb'
    finally:
        webd.pg.sql("DELETE FROM events WHERE device = 'evil'")


def test_a_client_that_leaves_frees_its_export(webd):
    for _ in range(6):
        c = webd.session._connection()
        c.request('GET', '/api/v1/events:export?format=json', headers=webd.session.headers('GET'))
        r = c.getresponse()
        assert r.status == 200
        r.read(100)
        c.sock.close() if c.sock else None
        r.close()
        c.close()
    wait_for('an export again', lambda: webd.session.get('/events:export?filter=user:nobody').status == 200, 60)


@pytest.mark.parametrize('query', ['filter=group:none', 'filter=text:%25', 'filter=text:', 'filter=text:%22open', 'filter=test:maybe', 'filter=state:x',
                                   'filter=state:normal;to:normal', 'filter=since:2026-01-01T00:00:00Z,2026-01-02T00:00:00Z', 'colour=red'])
def test_bad_filters_are_named(webd, query):
    for path in ('/events', '/events:histogram', '/events:export'):
        a = webd.session.get('%s?%s' % (path, query))
        assert a.status == 400 and a.json['errors'], (path, a)
    for path in ('/events:histogram?buckets=0', '/events:histogram?buckets=401', '/events:export?format=xml', '/events:export?sort=text'):
        assert webd.session.get(path).status == 400
