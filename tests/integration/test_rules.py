# SPDX-License-Identifier: Apache-2.0
"""Rules from the API and busbarctl to the alarm: a real agent is polled, alarmd judges, PostgreSQL keeps what people said."""
import os
import struct

import pytest

from snmpd import UPS, Snmpd
from stack import wait_for
from webd import Webd

TEMPERATURE = '2.7.0'


@pytest.fixture(scope='module')
def agent():
    with Snmpd(['ops SHA-256 authentic-words AES private-words'], values={TEMPERATURE: ('integer', 31)}) as s:
        yield s


@pytest.fixture(scope='module')
def suite(agent):
    w = Webd(migrate=False)
    try:
        w.make_keys()
        w.ctl('migrate')
        w.start()
        for d in ('busd', 'alarmd', 'collect-snmp'):
            w.start_daemon(d)
        for key in ('r/hot', 'r/other', 'q/third'):
            w.ctl('device', 'add', key, '--address', '127.0.0.1', '--port', str(agent.port), '--community', 'public', '--status-interval', '0.3',
                  '--interval', '0.5')
        for key in ('r/hot', 'r/other', 'q/third'):
            wait_for(key, lambda key=key: point(w, key, 'battery.temperature') == 31)
        yield w
    finally:
        w.close()


def device_id(suite, key):
    return next(d['id'] for d in suite.local.get('/devices').json['items'] if d['key'] == key)


def point(suite, key, name):
    d = suite.local.get('/devices/%s' % device_id(suite, key)).json
    return next((p['value'] for p in d.get('points', []) if p['name'] == name), None)


def limit(rule, high, scope=None, **more):
    return dict({'id': rule, 'scope': scope or {}, 'kind': 'limit', 'point': 'battery.temperature', 'on_delay_s': 0, 'off_delay_s': 0,
                 'limits': {'high': {'raise': high, 'clear': high - 1, 'severity': 'major'}}, 'action': 'open the door'}, **more)


def alarms(suite, rule):
    return {a['device']: a for a in suite.local.get('/alarms?filter=rule:%s' % rule).json['items']}


def events(suite, rule):
    return [(e['kind'], e['device'], e['user']) for e in suite.local.get('/events?filter=rule:%s&sort=at' % rule).json['items']]


def put(suite, rule, entry=None):
    a = suite.local.request('PUT', '/rules/%s' % entry, rule, headers={'If-Match': '*'}) if entry else suite.local.post('/rules', rule)
    assert a.status in (200, 201), a
    return a.json['entry']


def test_a_limit_for_one_device_raises_there_and_ends_with_the_rule(suite):
    entry = put(suite, limit('warm', 30, {'device': 'r/hot'}, title='Warm'))
    wait_for('alarm', lambda: 'r/hot' in alarms(suite, 'warm'))
    a = alarms(suite, 'warm')
    assert set(a) == {'r/hot'} and a['r/hot']['severity'] == 'major' and a['r/hot']['value'] == 31 and a['r/hot']['limit'] == 30
    # The level above it: the same alarm, worse.
    rule = limit('warm', 30, {'device': 'r/hot'})
    rule['limits']['high_high'] = {'raise': 30.5, 'clear': 30.2, 'severity': 'critical'}
    put(suite, rule, entry)
    wait_for('worse', lambda: alarms(suite, 'warm')['r/hot']['severity'] == 'critical')
    assert alarms(suite, 'warm')['r/hot']['id'] == a['r/hot']['id']
    assert suite.local.request('DELETE', '/rules/%s' % entry).status == 204
    wait_for('ended', lambda: not alarms(suite, 'warm'))
    wait_for('recorded', lambda: [e[0] for e in events(suite, 'warm')] == ['raise', 'severity', 'removed'])
    assert events(suite, 'warm')[-1][2]


def test_the_nearest_scope_wins_and_can_switch_off(suite):
    everywhere = put(suite, limit('near', 30))
    wait_for('three', lambda: set(alarms(suite, 'near')) == {'r/hot', 'r/other', 'q/third'})
    site = put(suite, limit('near', 40, {'site': 'r'}))
    wait_for('r is fine', lambda: set(alarms(suite, 'near')) == {'q/third'})
    near = put(suite, limit('near', 20, {'device': 'r/other'}))
    wait_for('one of r', lambda: set(alarms(suite, 'near')) == {'q/third', 'r/other'})
    put(suite, {'id': 'near', 'scope': {'device': 'r/other'}, 'enabled': False}, near)
    wait_for('off', lambda: set(alarms(suite, 'near')) == {'q/third'})
    in_force = {r['id']: r for r in suite.local.get('/devices/%s/rules' % device_id(suite, 'r/hot')).json['items']}
    assert in_force['near']['from'] == {'site': 'r'} and in_force['on_battery']['from'] == 'builtin'
    assert 'near' not in {r['id'] for r in suite.local.get('/devices/%s/rules' % device_id(suite, 'r/other')).json['items']}
    for entry in (everywhere, site, near):
        suite.local.request('DELETE', '/rules/%s' % entry)
    wait_for('none', lambda: not alarms(suite, 'near'))


def test_text_goes_round_and_is_all_or_nothing(suite):
    path = os.path.join(suite.dir, 'rules.conf')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('rules = (\n{ id = "room"; scope = { site = "r"; }; kind = "limit"; point = "ambient.*.temperature"; action = "cool it";\n'
                '  limits = { high = { raise = 28; clear = 26.5; severity = "minor"; }; low = { raise = 5.0; severity = "info"; }; }; },\n'
                '{ id = "on_battery"; on_delay_s = 5; }\n);\n')
    assert suite.ctl('rule', 'import', path, '--json')['added'] == 2
    text = suite.ctl('rule', 'export')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    def imported(*more):
        got = suite.ctl('rule', 'import', path, '--json', *more)
        assert ('# State: %s' % got.pop('state')) in suite.ctl('rule', 'export')
        return got
    assert imported() == {'dry_run': False, 'added': 0, 'changed': 0, 'same': 2, 'removed': 0}
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text.replace('raise = 28', 'raise = 29').replace('"on_battery"', '"low_battery"'))
    want = {'added': 1, 'changed': 1, 'same': 0, 'removed': 1}
    assert imported('--dry-run') == dict(want, dry_run=True)
    assert suite.ctl('rule', 'export').split('\n', 2)[2] == text.split('\n', 2)[2]
    assert imported() == dict(want, dry_run=False)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text.replace('"minor"', '"loud"'))
    p = suite.ctl('rule', 'import', path, check=False)
    line = next(n for n, words in enumerate(text.split('\n'), 1) if '"minor"' in words)
    assert p.returncode == 1 and 'line %d,' % line in p.stderr and 'severities' in p.stderr, p.stderr
    assert 'built-in' in suite.ctl('rule', 'list') and 'room' in suite.ctl('rule', 'show', 'room')
    suite.ctl('rule', 'remove', 'room')
    suite.ctl('rule', 'remove', 'low_battery')
    assert suite.ctl('rule', 'export').split('\n', 2)[2] == 'rules = (\n);\n'


# ---- preview ----

def sql(suite, text):
    suite.pg.sql(text)


@pytest.fixture(scope='module')
def history(suite):
    """Two days of 10 s: ten minutes of each hour at 35 degrees, a slow rise in the second device, four mains failures of which one is short."""
    sql(suite, """DO $$ DECLARE d bigint := (SELECT device_id FROM device WHERE key = 'r/hot'); o bigint := (SELECT device_id FROM device WHERE key = 'r/other');
        s bigint := (SELECT site_id FROM site WHERE key = 'r'); t0 timestamptz := '2025-03-01 00:00:00Z'; x int;
        BEGIN
        PERFORM layout_ensure(4711, ARRAY['battery.temperature'], ARRAY['']);
        FOR x IN 0..2 LOOP PERFORM sample_window_ensure(t0 + x * interval '1 day', 86400); END LOOP;
        INSERT INTO sample_wide (site_id, device_id, at, layout_id, v) SELECT s, d, t0 + n * interval '10 s', 4711,
            ARRAY[CASE WHEN n % 360 < 60 THEN 35 ELSE 20 END::float4] FROM generate_series(0, 17279) n;
        INSERT INTO sample_wide (site_id, device_id, at, layout_id, v) SELECT s, o, t0 + n * interval '10 s', 4711,
            ARRAY[(20 + n / 1728.0)::float4] FROM generate_series(0, 17279) n;
        PERFORM text_change_ensure(t0);
        INSERT INTO series (point, idx) VALUES ('ups.status', '') ON CONFLICT DO NOTHING;
        INSERT INTO text_change SELECT s, d, t0 + t * interval '1 s', (SELECT series FROM series WHERE point = 'ups.status' AND idx = ''), v FROM (VALUES
            (0, 'OL'), (3600, 'OB'), (3660, 'OL'), (7200, 'OB'), (7210, 'OL'), (90000, 'OB'), (93600, 'OL'), (100000, 'OB')) q (t, v);
        END $$""")
    return {'from': '2025-03-01T00:00:00Z', 'to': '2025-03-03T00:00:00Z'}


def preview(suite, history, rule):
    a = suite.local.post('/rules:preview', dict(history, rule=rule))
    assert a.status == 200, a
    assert a.json['complete'], a.json
    return a.json


def test_the_preview_counts_what_the_rule_would_have_done(suite, history):
    p = preview(suite, history, limit('warm', 30, {'site': 'r'}))
    assert (p['devices'], p['samples'], p['raises']) == (2, 2 * 17280, 48), p
    assert p['by_device'] == [{'key': 'r/hot', 'raises': 48, 'seconds': 48 * 600}] and p['alarm_seconds'] == 48 * 600
    assert p['by_day'] == [{'day': '2025-03-01', 'raises': 24}, {'day': '2025-03-02', 'raises': 24}]
    # Held for longer than it lasts, it never fires.
    rule = limit('warm', 30, {'device': 'r/hot'}, on_delay_s=601)
    assert preview(suite, history, rule)['raises'] == 0
    rule = {'id': 'rising', 'scope': {'site': 'r'}, 'kind': 'rate', 'point': 'battery.temperature', 'per_s': 300, 'over': 5, 'action': 'look'}
    assert [d['key'] for d in preview(suite, history, rule)['by_device']] == ['r/hot']
    assert preview(suite, history, limit('warm', 30, {'site': 'q'}))['samples'] == 0


def test_the_preview_of_a_state_knows_how_long_it_lasted(suite, history):
    rule = {'id': 'ob', 'scope': {}, 'kind': 'state', 'point': 'ups.status', 'values': ['OB'], 'on_delay_s': 30, 'action': 'look'}
    p = preview(suite, history, rule)
    assert p['raises'] == 3 and p['by_device'][0]['key'] == 'r/hot', p
    # 30 s each until it is believed; back after the second reading without it; the last one stands at the end.
    assert abs(p['alarm_seconds'] - (32 + 3572 + 72770)) <= 15, p


def packed(numbers):
    """Blocks of 64 numbers: how many bits each has, then the bits."""
    out = b''
    for block in (numbers[i:i + 64] for i in range(0, len(numbers), 64)):
        width = max(block).bit_length()
        bits = ''.join(format(n, '0%db' % width) for n in block) if width else ''
        bits = bits.ljust(-(-len(bits) // 8) * 8, '0')
        out += bytes([width]) + (int(bits, 2).to_bytes(len(bits) // 8, 'big') if bits else b'')
    return out


def test_the_preview_of_an_age_tells_gaps_from_silence(suite, history):
    """A sensor away for half an hour while the device answers is an age; the whole device away for an hour is none."""
    sql(suite, """DO $$ DECLARE d bigint := (SELECT device_id FROM device WHERE key = 'q/third'); s bigint := (SELECT site_id FROM site WHERE key = 'q');
        t0 timestamptz := '2025-03-01 00:00:00Z'; BEGIN
        PERFORM layout_ensure(4712, ARRAY['battery.charge', 'ambient.1.temperature'], ARRAY['', '']);
        INSERT INTO sample_wide (site_id, device_id, at, layout_id, v) SELECT s, d, t0 + n * interval '10 s', 4712,
            ARRAY[100, CASE WHEN n BETWEEN 1000 AND 1179 OR n BETWEEN 9000 AND 9005 THEN NULL ELSE 21 END]::float4[]
            FROM generate_series(0, 17279) n WHERE n NOT BETWEEN 5000 AND 5359;
        END $$""")
    rule = {'id': 'old', 'scope': {'device': 'q/third'}, 'kind': 'age', 'point': 'ambient.1.temperature', 'max_age_s': 300, 'action': 'look'}
    p = preview(suite, history, rule)
    assert p['raises'] == 1 and p['by_day'][0]['raises'] == 1, p
    assert abs(p['alarm_seconds'] - (1810 - 300)) <= 30, p
    assert p['samples'] == 17280 - 360 - 180 - 6, p
    assert preview(suite, history, dict(rule, max_age_s=50))['raises'] == 2
    assert preview(suite, history, dict(rule, max_age_s=3600))['raises'] == 0
    # Never there although the device answers: that is one, each time it answers again.
    p = preview(suite, history, dict(rule, point='ambient.2.temperature'))
    assert (p['samples'], p['raises']) == (0, 2), p
    assert preview(suite, history, dict(rule, scope={'site': 'r'}))['raises'] == 2, 'each of two devices never had it'
    # Folded days say the same: a value that is missing in them, too.
    sql(suite, """DO $$ DECLARE dev bigint := (SELECT device_id FROM device WHERE key = 'q/third'); s bigint := (SELECT site_id FROM site WHERE key = 'q');
        none float4[] := array_fill(NULL::float4, ARRAY[24]); BEGIN
        PERFORM sample_day_ensure('2025-03-05');
        INSERT INTO sample_time SELECT s, dev, '2025-03-05', array_agg(CASE n WHEN 0 THEN 0 WHEN 5000 THEN 36100 ELSE 100 END ORDER BY n)
            FROM generate_series(0, 8000) n;
        INSERT INTO sample_day SELECT s, dev, '2025-03-05', series, 0, (SELECT array_agg(CASE WHEN n BETWEEN 1000 AND 1179 THEN NULL WHEN n = 0 THEN 21 ELSE 0 END::int2
            ORDER BY n) FROM generate_series(0, 8000) n), NULL, none, none, none, array_fill(0::int2, ARRAY[24]) FROM series
            WHERE point = 'ambient.1.temperature' AND idx = '';
        END $$""")
    p = preview(suite, {'from': '2025-03-05T00:00:00Z', 'to': '2025-03-06T00:00:00Z'}, rule)
    assert (p['samples'], p['raises']) == (8001 - 180, 1) and abs(p['alarm_seconds'] - (1810 - 300)) <= 30, p
    steps = [36100 if n == 5000 else 100 for n in range(1, 8001)]
    times = struct.pack('>Iii', 8001, 0, 100) + packed([2 * (step - 100) for step in steps])
    there = ''.join('0' if 1000 <= n <= 1179 else '1' for n in range(8001)).ljust(8008, '0')
    values = b'\x80' + int(there, 2).to_bytes(1001, 'big') + struct.pack('>i', 21) + packed([0] * 8001)
    for table, day, rest in (('sample_day', '2025-03-06', "INSERT INTO sample_time (site_id, device_id, day, t) VALUES (s, dev, '2025-03-06', '\\x%s')" % times.hex()),
                             ('sample_part', '2025-03-07', '')):
        columns, row = (('series, scale, p, hmin, havg, hmax, hn', "x, 0, '\\x%s', none, none, none, array_fill(0::int2, ARRAY[24])" % values.hex())
                        if table == 'sample_day' else ('first, last, series, scale, ends, t, p', "0, 863000, ARRAY[x], ARRAY[0]::int2[], ARRAY[%d], '\\x%s', '\\x%s'" % (
                            len(values), times.hex(), values.hex())))
        sql(suite, """DO $$ DECLARE dev bigint := (SELECT device_id FROM device WHERE key = 'q/third'); s bigint := (SELECT site_id FROM site WHERE key = 'q');
            x int := (SELECT series FROM series WHERE point = 'ambient.1.temperature' AND idx = ''); none float4[] := array_fill(NULL::float4, ARRAY[24]); BEGIN
            PERFORM %s_ensure('%s'); %s INSERT INTO %s (site_id, device_id, day, %s) VALUES (s, dev, '%s', %s); END $$""" % (
            table, day, rest and rest + ';', table, columns, day, row))
        p = preview(suite, {'from': day + 'T00:00:00Z', 'to': day + 'T23:59:59Z'}, rule)
        assert (p['samples'], p['raises']) == (8001 - 180, 1) and abs(p['alarm_seconds'] - (1810 - 300)) <= 30, (table, p)
    for bad in (dict(rule, point='ups.status'), dict(rule, point='alarm.fan.failed'), {'id': 'comm_lost', 'on_delay_s': 9},
                {'id': 'temperature', 'on_delay_s': 9}):
        a = suite.local.post('/rules:preview', dict(history, rule=bad))
        assert a.status == 400 and a.json['errors'][0]['pointer'] == '/rule', a


def test_the_preview_of_a_built_in_rule_knows_words_and_flags(suite, history):
    """Words from what was stored of them, flags from the alarms that were recorded because of them."""
    p = preview(suite, history, {'id': 'on_battery', 'on_delay_s': 30})
    assert p['raises'] == 3 and p['note'] == '' and abs(p['alarm_seconds'] - (32 + 3572 + 72770)) <= 15, p
    assert preview(suite, history, {'id': 'on_battery', 'on_delay_s': 120})['raises'] == 2
    flag = {'id': 'fan', 'kind': 'flag', 'point': 'alarm.fan.failed', 'action': 'x', 'scope': {'device': 'r/hot'}}
    p = preview(suite, history, flag)
    assert p['raises'] == 0 and 'no rule looked' in p['note'], p
    sql(suite, """INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state, severity)
        SELECT 1, timestamptz '2025-02-28 23:00:00Z' + t * interval '1 s', '\\x77', t, d.device_id, 'r/hot', 'f-' || t, 'fan_failed', 'alarm.fan.failed', k, f, n, 2
        FROM device d, (VALUES (0, 'raise', 1, 2), (7200, 'clear', 2, 1), (20000, 'raise', 1, 2), (20005, 'ack', 2, 3), (20010, 'clear', 3, 1),
            (90000, 'raise', 1, 2)) v (t, k, f, n) WHERE d.key = 'r/hot'""")
    p = preview(suite, history, flag)
    assert p['raises'] == 3 and 'taken from there' in p['note'], p
    assert abs(p['alarm_seconds'] - (3600 + 10 + (172800 + 3600 - 90000))) <= 20, p
    assert preview(suite, history, dict(flag, on_delay_s=30))['raises'] == 2
    assert preview(suite, history, {'id': 'fan_failed', 'severity': 'minor'})['raises'] == 3
    # Both at once: the battery's word and its flag are one rule.
    assert preview(suite, history, {'id': 'replace_battery', 'latch': True})['raises'] == 0


def test_a_preview_that_cannot_be_is_refused(suite, history):
    for body in ({'rule': limit('warm', 30), 'from': history['to'], 'to': history['from']},
                 {'rule': limit('warm', 30), 'from': '2025-01-01T00:00:00Z', 'to': '2025-03-01T00:00:00Z'},
                 {'rule': limit('warm', 30, point='no.such'), **history}, history):
        assert suite.local.post('/rules:preview', body).status == 400, body
    path = os.path.join(suite.dir, 'one.conf')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('rules = ( { id = "warm"; kind = "limit"; point = "battery.temperature"; action = "x"; limits = { high = { raise = 30; }; }; } );')
    assert 'raises on 3 devices' in suite.ctl('rule', 'preview', path, '--days', '1')


BAD = [
    (limit('a', 30, point='battery.temprature'), '/point', 'no point'),
    (limit('a', 30, point='alarm.fan.failed'), '/point', 'never fire'),
    (limit('a', 30, limits={'high': {'raise': 1000}}), '/limits/high/raise', 'never fire'),
    (limit('a', 30, limits={'high': {'raise': 30, 'clear': 35}}), '/limits/high/clear', 'contradicts itself'),
    (limit('a', 30, limits={'high': {'raise': 30}, 'low': {'raise': 35}}), '/limits', 'overlap'),
    (limit('a', 30, limits={'high': {'raise': 30}, 'high_high': {'raise': 25}}), '/limits/high_high/raise', 'beyond'),
    (limit('a', 30, action=''), '/action', 'say what to do'),
    (limit('a', 30, surprise=1), '/surprise', 'no such member'),
    (limit('a', 30, values=['OB']), '/values', 'no such member'),
    (limit('a', 30, {'device': 'no/such'}), None, 'no device'),
    (limit('a', 30, {'site': 'nowhere'}), None, 'no site'),
    (limit('a', 30, {'group': 'nobody'}), None, 'no device group'),
    (limit('a', 30, {'profile': 'nobody'}), '/scope/profile', 'no profile'),
    ({'id': 'a', 'kind': 'state', 'point': 'ups.status', 'values': ['ONLINE'], 'action': 'x'}, '/values/0', 'no word'),
    ({'id': 'a', 'kind': 'rate', 'point': 'battery.charge', 'per_s': 60, 'over': -120, 'action': 'x'}, '/over', 'never fire'),
    (limit('test', 30), '/id', 'Busbar itself'),
    (limit('redundancy_lost', 30), '/id', 'Busbar itself'),
    ({'id': 'a', 'title': 'no kind'}, '/kind', 'no built-in rule'),
    ({'id': 'event', 'enabled': False}, '/id', 'events'),
]


@pytest.mark.parametrize('rule,pointer,part', BAD)
def test_a_rule_that_cannot_be_is_refused_with_the_reason(suite, rule, pointer, part):
    a = suite.local.post('/rules', rule)
    assert a.status == 400, a
    errors = a.json.get('errors') or [{'pointer': None, 'detail': a.json['detail']}]
    assert errors[0]['pointer'] == pointer and part in errors[0]['detail'], a.json
    assert 'a' not in {r['id'] for r in suite.local.get('/rules').json['items']}


# ---- two people, and who needs a rule ----

def test_two_people_do_not_overwrite_each_other(suite):
    api = suite.local
    made = api.post('/rules', limit('both', 60))
    entry, first = made.json['entry'], made.headers['ETag']
    assert first == '"1"' and made.json['version'] == 1
    anna = api.request('PUT', '/rules/%s' % entry, limit('both', 61), headers={'If-Match': first})
    assert anna.status == 200 and anna.headers['ETag'] == '"2"'
    ben = api.request('PUT', '/rules/%s' % entry, limit('both', 62), headers={'If-Match': first})
    assert ben.status == 412 and ben.json['type'] == '/problems/stale-version', ben
    assert 'version 2' in ben.json['detail'] and 'changed by' in ben.json['detail']
    [r] = [r for r in api.get('/rules').json['items'] if r['id'] == 'both']
    assert r['limits']['high']['raise'] == 61 and r['version'] == 2
    assert api.request('PUT', '/rules/%s' % entry, limit('both', 62)).status == 428, 'nobody overwrites what he has not seen'
    for bad in ('1', '"', 'W/"1"'):
        assert api.request('DELETE', '/rules/%s' % entry, headers={'If-Match': bad}).status == 428, bad
    assert api.request('DELETE', '/rules/%s' % entry, headers={'If-Match': first}).status == 412
    assert 'version 2' in suite.ctl('rule', 'show', 'both')
    p = suite.ctl('rule', 'remove', 'both', '--version', '1', check=False)
    assert p.returncode == 1 and 'version 2' in p.stderr, p.stderr
    # All of them as text: who imports names what he exported.
    text = api.get('/rules:export')
    assert ('# State: %s' % text.headers['ETag'].strip('"')) in text.body.decode()
    put(suite, limit('both', 63), entry)
    late = api.request('POST', '/rules:import', {'text': text.body.decode()}, headers={'If-Match': text.headers['ETag']})
    assert late.status == 412 and 'export them again' in late.json['detail'], late
    new = api.get('/rules:export').headers['ETag']
    again = api.request('POST', '/rules:import', {'text': text.body.decode()}, headers={'If-Match': new})
    assert again.status == 200 and again.json['changed'] == 1 and again.json['state'] == api.get('/rules:export').headers['ETag'].strip('"')
    suite.ctl('rule', 'remove', 'both', '--version', '4')
    assert api.request('DELETE', '/rules/%s' % entry).status == 404


def test_a_rule_or_group_that_is_needed_stays(suite):
    api = suite.local
    entry = put(suite, limit('needed', 70))
    suite.ctl('group', 'set', 'crowd', 'r/hot')
    scoped = [put(suite, limit(name, 70, {'group': 'crowd'})) for name in ('in_crowd', 'there_too')]
    for key in ('pair', 'couple'):
        a = api.post('/redundancy-groups', {'key': key, 'need': 1, 'members': [{'device': 'r/hot'}, {'device': 'r/other'}], 'fails_on': ['OFF', 'needed', 'on_battery']})
        assert a.status == 201, a
    for answer in (api.request('DELETE', '/rules/%s' % entry), api.request('PUT', '/rules/%s' % entry, limit('other', 70), headers={'If-Match': '*'}),
                   api.post('/rules:import', {'text': 'rules = ( );'}), api.post('/rules:import', {'text': 'rules = ( );', 'dry_run': True})):
        assert answer.status == 409 and all(word in answer.json['detail'] for word in ('"needed"', '"pair"', '"couple"')), answer
    assert put(suite, limit('needed', 71), entry) == entry
    # Another entry of the same id is enough, and so is a built-in rule.
    near = put(suite, limit('needed', 50, {'device': 'r/hot'}))
    assert api.request('DELETE', '/rules/%s' % near).status == 204
    built_in = put(suite, {'id': 'on_battery', 'on_delay_s': 3})
    assert api.request('DELETE', '/rules/%s' % built_in).status == 204
    p = suite.ctl('group', 'remove', 'crowd', check=False)
    assert p.returncode == 1 and '"in_crowd", "there_too"' in p.stderr, p.stderr
    for key in ('pair', 'couple'):
        assert api.request('DELETE', '/redundancy-groups/%s' % key).status == 204
    for e in scoped + [entry]:
        assert api.request('DELETE', '/rules/%s' % e).status == 204
    suite.ctl('group', 'remove', 'crowd')
