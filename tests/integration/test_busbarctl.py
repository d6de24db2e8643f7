# SPDX-License-Identifier: Apache-2.0
"""busbarctl against webd, alarmd, busd and collect-snmp with real peers: PostgreSQL and the fleet simulator."""
import json
import os
import signal
import socket
import subprocess

import pytest

from postgres import Postgres
from stack import free_port, program, wait_for
from webd import Stream, Webd

HEADER = 'key,collector,address,port,version,community,interval_s,profile\n'


@pytest.fixture(scope='module')
def suite():
    w = Webd(migrate=False)
    try:
        w.make_keys()
        w.ctl('migrate')
        w.start()
        for d in ('busd', 'alarmd', 'collect-snmp', 'shutdownd'):
            w.start_daemon(d)
        wait_for('all alive', lambda: {d['name'] for d in w.local.get('/system').json['daemons'] if d['state'] == 'alive'} >=
                 {'busd', 'alarmd', 'collect-snmp', 'shutdownd', 'webd'})
        yield w
    finally:
        w.close()


def write(suite, name, text):
    path = os.path.join(suite.dir, name)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    return path


# ---- usage ----

def test_every_command_has_help_and_wrong_usage_is_2(suite):
    text = suite.ctl('--help')
    for command in ('device add', 'device import', 'alarm ack', 'event list', 'plan put', 'password reset', 'doctor'):
        assert command in text
        assert suite.ctl(*command.split(), '--help').startswith('usage: busbarctl')
    for args in (('nothing',), ('device', 'add'), ('device', 'show', 'a', 'b'), ('device', 'list', '--colour'), ('plan', 'mode', 'a')):
        assert suite.ctl(*args, check=False).returncode == 2, args


def test_without_webd_one_clear_sentence(suite):
    p = subprocess.run([program('busbarctl'), '--dir', os.path.join(suite.dir, 'etc'), 'device', 'list'], env=suite.env, text=True,
                       capture_output=True, check=False)
    assert p.returncode == 1 and p.stderr.count('\n') == 1 and 'is the suite running' in p.stderr


# ---- devices ----

def test_device_life(suite):
    suite.ctl('device', 'add', 'hh/one', '--address', '127.0.0.1', '--port', str(free_port()), '--community', '-', stdin='from-stdin\n')
    d = suite.ctl('device', 'show', 'hh/one', '--json')
    assert {'id', 'key', 'model', 'profile', 'status', 'severity', 'points'} <= set(d)
    assert d['key'] == 'hh/one' and d['profile'] == 'auto'
    suite.ctl('device', 'set', 'hh/one', '--interval', '2.5', '--status-interval', '1')
    assert suite.ctl('device', 'show', 'hh/one', '--json')['interval_s'] == 2.5
    suite.ctl('device', 'rename', 'hh/one', 'hh/two')
    assert suite.ctl('device', 'show', 'hh/two', '--json')['id'] == d['id']
    assert suite.ctl('device', 'show', 'hh/one', check=False).returncode == 1
    assert 'hh/two' in [x['key'] for x in suite.ctl('device', 'list', '--json')]
    suite.ctl('device', 'remove', 'hh/two')
    assert 'hh/two' not in [x['key'] for x in suite.ctl('device', 'list', '--json')]


def test_import_takes_good_lines_names_bad_ones_and_ends_with_1(suite):
    f = write(suite, 'mixed.csv', HEADER + 'imp/a,collect-snmp,127.0.0.1,40001,2c,pub,10,auto\n'
              'imp/b,collect-snmp,nohost,40001,2c,pub,10,auto\n'
              'imp/c,collect-snmp,127.0.0.1,99999,2c,pub,10,auto\n'
              '# a remark\n'
              'imp/d,collect-snmp,127.0.0.1,40001,2c,pub,10,no-such-profile\n'
              'imp/a,collect-snmp,127.0.0.1,40001,2c,pub,10,auto\n'
              'imp/e,collect-snmp,127.0.0.1,40001,3,pub,10,auto\n'
              'imp/f,collect-snmp,127.0.0.1,40001,1,"with ""quotes"", comma",10,auto\n'
              'imp/g,collect-snmp,127.0.0.1,40001,2c,,10,auto\n')
    dry = suite.ctl('device', 'import', f, '--dry-run', '--json', check=False)
    assert dry.returncode == 1 and json.loads(dry.stdout)['added'] == 2
    assert suite.ctl('device', 'list', '--json') == []
    p = suite.ctl('device', 'import', f, check=False)
    assert p.returncode == 1
    bad = [line.split(': ', 1)[0].rsplit(':', 1)[1] for line in p.stderr.splitlines()]
    assert bad == ['3', '4', '6', '7', '8', '10'] and all(line.startswith(f + ':') for line in p.stderr.splitlines())
    assert [d['key'] for d in suite.ctl('device', 'list', '--json')] == ['imp/a', 'imp/f']


def test_import_is_an_upsert_and_export_gives_the_same(suite):
    out = os.path.join(suite.dir, 'out.csv')
    suite.ctl('device', 'export', out)
    again = suite.ctl('device', 'import', out, '--json')
    assert (again['same'], again['added'], again['changed']) == (2, 0, 0)
    f = write(suite, 'change.csv', HEADER + 'imp/a,collect-snmp,127.0.0.1,40002,2c,pub,10,auto\nimp/f,,127.0.0.1,40001,1,"with ""quotes"", comma",10,auto\n')
    r = suite.ctl('device', 'import', f, '--json')
    assert (r['same'], r['changed']) == (1, 1)
    f = write(suite, 'community.csv', 'key,address,port,community\nimp/a,127.0.0.1,40002,other\n')
    assert suite.ctl('device', 'import', f, '--json')['changed'] == 1
    assert suite.ctl('device', 'import', f, '--json')['same'] == 1


def test_snmpv3_devices_travel_in_lists_without_their_passwords(suite):
    before = {d['key'] for d in suite.ctl('device', 'list', '--json')}
    suite.ctl('device', 'add', 'v3/one', '--address', '127.0.0.1', '--port', '40003', '--v3-user', 'ops', '--v3-auth', 'SHA', '--v3-priv', 'AES',
              '--v3-auth-password', '-', '--v3-priv-password', '-', stdin='first pass\nsecond pass\n')
    f = write(suite, 'v3.csv', 'key,address,port,version,v3_user,v3_auth,v3_priv,v3_auth_password,v3_priv_password\n'
              'v3/one,127.0.0.1,40003,3,ops,SHA,AES-128,first pass,second pass\n'
              'v3/two,127.0.0.1,40004,3,ops,SHA-512,AES-256,first pass,short\n'
              'v3/three,127.0.0.1,40004,3,ops,SHA-512,,first pass,\n'
              'v3/four,127.0.0.1,40004,3,ops,SHA-512,AES-256,,\n')
    p = suite.ctl('device', 'import', f, '--json', check=False)
    r = json.loads(p.stdout)
    assert (r['same'], r['added'], [(e['line'], e['reason'].split(':')[0]) for e in sorted(r['errors'], key=lambda e: e['line'])]) == \
        (1, 1, [(3, 'v3_priv_password'), (5, 'the SNMPv3 passwords are missing; give v3_auth_password and v3_priv_password')])
    out = os.path.join(suite.dir, 'v3-out.csv')
    suite.ctl('device', 'export', out)
    text = open(out, encoding='utf-8').read()
    assert 'pass,' not in text and 'v3/one,collect-snmp,127.0.0.1,40003,3,,10,auto,0,ops,SHA,AES-128,' in text
    assert suite.ctl('device', 'import', out, '--json')['same'] == len(before) + 2
    archive = os.path.join(suite.dir, 'v3.json')
    suite.ctl('backup', archive)
    boxes = suite.pg.sql("SELECT string_agg(encode(v3_sealed, 'hex'), ',' ORDER BY key) FROM device WHERE removed_at IS NULL AND version = '3'")
    # Nobody but the collector is given the box.
    wait_for('generation', lambda: b'v3/three' in open(os.path.join(suite.dir, 'lib/alarmd/generation-collect-snmp'), 'rb').read())
    for daemon in ('collect-snmp', 'webd', 'historyd', 'shutdownd', 'alarmd'):
        text = open(os.path.join(suite.dir, 'lib/alarmd/generation-' + daemon), 'rb').read()
        assert [bytes.fromhex(b) in text for b in boxes.split(',')] == 2 * [daemon == 'collect-snmp'], daemon
    suite.ctl('device', 'remove', 'v3/one')
    suite.ctl('device', 'remove', 'v3/three')
    suite.ctl('restore', archive)
    again = "SELECT string_agg(encode(v3_sealed, 'hex'), ',' ORDER BY key) FROM device WHERE removed_at IS NULL AND version = '3'"
    assert suite.pg.sql(again) == boxes
    suite.ctl('device', 'remove', 'v3/one')
    suite.ctl('device', 'remove', 'v3/three')


def test_prune_removes_the_rest_but_never_beside_a_bad_line(suite):
    bad = write(suite, 'prune-bad.csv', HEADER + 'imp/a,,127.0.0.1,40002,2c,other,10,auto\nBAD,,127.0.0.1,1,2c,x,10,auto\n')
    p = suite.ctl('device', 'import', bad, '--prune', check=False)
    assert p.returncode == 1 and 'nothing was done' in p.stderr and ':3:' in p.stderr
    assert len(suite.ctl('device', 'list', '--json')) == 2
    good = write(suite, 'prune.csv', HEADER + 'imp/a,,127.0.0.1,40002,2c,other,10,auto\n')
    dry = suite.ctl('device', 'import', good, '--prune', '--dry-run', '--json')
    assert [i['key'] for i in dry['items'] if i['op'] == 'remove'] == ['imp/f']
    assert suite.ctl('device', 'import', good, '--prune', '--json')['removed'] == 1
    assert [d['key'] for d in suite.ctl('device', 'list', '--json')] == ['imp/a']


def test_large_import_is_one_transaction(suite):
    f = write(suite, 'large.csv', HEADER + ''.join('big/s%d/ups-%d,,127.0.0.1,%d,2c,pub,600,auto\n' % (i % 50, i, 40000 + i % 9) for i in range(5000)))
    before = int(suite.pg.sql('SELECT count(*) FROM audit'))
    assert suite.ctl('device', 'import', f, '--json')['added'] == 5000
    assert int(suite.pg.sql('SELECT count(*) FROM audit')) == before + 1
    assert len(suite.ctl('device', 'list', '--json')) == 5001
    suite.ctl('device', 'import', write(suite, 'none.csv', HEADER), '--prune')
    assert suite.ctl('device', 'list', '--json') == []


# ---- a device that answers ----

class Fleet:
    """One simulated UPS and its control socket."""

    def __init__(self, suite):
        self.path = os.path.join(suite.dir, 'run/fleet.sock')
        self.address = '127.9.%d.%d' % (os.getpid() // 250 % 250, os.getpid() % 250 + 1)
        self.process = subprocess.Popen([program('fleetsim'), '--port', '0', '--agent', self.address, '--control', self.path],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split('port ')[1].split(',')[0]

    def tell(self, verb):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(self.path)
            s.sendall(('%s %s\n' % (self.address, verb)).encode())
            assert s.recv(1000).startswith(b'OK')


@pytest.fixture(scope='module')
def ups(suite):
    f = Fleet(suite)
    suite.extra.append(f.process)
    suite.ctl('device', 'add', 'hh/ups', '--address', f.address, '--port', f.port, '--community', 'public', '--status-interval', '0.3',
              '--interval', '1')
    wait_for('values', lambda: any(p['name'] == 'ups.load' or p['name'] == 'battery.charge' for p in show(suite)['points']))
    yield f


def show(suite, *args):
    return suite.ctl('device', 'show', 'hh/ups', '--json', *args)


def alarms(suite, rule):
    return [a for a in suite.ctl('alarm', 'list', '--json') if a['rule'] == rule and a['device'] == 'hh/ups']


def test_device_show_has_values_with_sources(suite, ups):
    d = wait_for('a status', lambda: (lambda x: x if 'OL' in x['status'] and x['severity'] == 'normal' and x['model'] else None)(show(suite)))
    assert d['profile'] == 'rfc1628'
    for p in d['points']:
        assert set(p) == {'name', 'index', 'value', 'unit', 'quality', 'age_s'}
    charge = [p for p in show(suite, '--sources')['points'] if p['name'] == 'battery.charge'][0]
    assert charge['unit'] == '%' and charge['quality'] == 'good' and charge['oid'].startswith('1.3.6.1.2.1.33.')


def test_poll_asks_now(suite, ups):
    r = suite.ctl('poll', 'hh/ups', '--json')
    assert r == [{'key': 'hh/ups', 'ok': True, 'code': 'ok', 'text': 'polling'}]
    assert suite.ctl('poll', 'hh/none', check=False).returncode == 1


def test_tail_prints_what_runs_over_the_bus(suite, ups):
    line = suite.ctl('tail', 'reading/hh/ups', '--json', '--count', '1')
    assert line['topic'].startswith('reading/hh/ups/') and line['kind'] == 'reading' and line['publisher'] == 'collect-snmp'
    assert 'heartbeat/webd/' in suite.ctl('tail', 'heartbeat/webd/', '--count', '1')


def test_alarm_is_listed_streamed_acknowledged_and_logged(suite, ups):
    token = suite.token('operator')
    client = suite.client(token=token)
    stream = Stream(client, '/stream?topics=alarms,events,devices,summary')
    ups.tell('onbattery')
    raised = stream.until('the alarm', lambda e, d: e == 'alarm' and d['alarm']['rule'] == 'on_battery')
    assert raised[0] and raised[2]['op'] == 'put' and raised[2]['alarm']['state'] == 'active_unack'
    a = wait_for('the alarm in the list', lambda: alarms(suite, 'on_battery'))[0]
    assert {'id', 'device', 'rule', 'severity', 'state', 'raised_at', 'text'} <= set(a)
    assert (a['severity'], a['state']) == ('major', 'active_unack')

    first = client.post('/alarms:ack', {'ids': [a['id'], 'x-1'], 'comment': 'seen'}, headers={'Idempotency-Key': 'k1'})
    assert first.status == 200 and [i['ok'] for i in first.json['items']] == [True, False]
    again = client.post('/alarms:ack', {'ids': [a['id'], 'x-1'], 'comment': 'seen'}, headers={'Idempotency-Key': 'k1'})
    assert again.json == first.json
    acked = stream.until('the acknowledgement', lambda e, d: e == 'alarm' and d['alarm']['state'] == 'active_ack')
    assert acked[2]['alarm']['user'] == 'admin' and acked[2]['alarm']['comment'] == 'seen'
    assert suite.ctl('alarm', 'ack', a['id'], check=False).returncode in (0, 1)

    ups.tell('return')
    gone = stream.until('the end', lambda e, d: e == 'alarm' and d['op'] == 'gone' and d['alarm']['id'] == a['id'])
    assert alarms(suite, 'on_battery') == []
    # a client that comes back with the number of the raise hears of acknowledgement and end again
    back = Stream(client, '/stream?topics=alarms', last_id=raised[0])
    back.until('the acknowledgement again', lambda e, d: e == 'alarm' and d['alarm']['state'] == 'active_ack')
    assert back.until('the end again', lambda e, d: e == 'alarm' and d['op'] == 'gone')[0] == gone[0]
    for s in (stream, back):
        s.close()

    events = wait_for('three events', lambda: (lambda x: x if len(x) >= 3 else None)(
        [e for e in suite.ctl('event', 'list', '--device', 'hh/ups', '--since', '10m', '--json') if e['rule'] == 'on_battery']))
    assert [(e['from'], e['to']) for e in events] == [('normal', 'active_unack'), ('active_unack', 'active_ack'), ('active_ack', 'normal')]
    assert events[1]['user'] == 'admin' and {'jseq', 'at', 'device', 'rule', 'from', 'to', 'severity', 'user'} <= set(events[0])
    assert [e['jseq'] for e in events] == sorted(e['jseq'] for e in events)


def test_silent_device_goes_unknown_and_says_why(suite, ups):
    client = suite.client(token=suite.token('viewer'))
    ident = show(suite)['id']
    stream = Stream(client, '/stream?topics=device:' + ident)
    assert stream.until('all values', lambda e, d: e == 'value')[2]['full']
    stream.until('new values', lambda e, d: e == 'value' and not d['full'])
    ups.tell('silent')
    stream.until('values that aged', lambda e, d: e == 'value' and any(p['quality'] in ('stale', 'unknown') for p in d['pt']))
    stream.close()
    d = wait_for('the device is lost', lambda: (lambda x: x if x['comm'] == 'lost' and x['severity'] == 'unknown' else None)(show(suite)))
    assert d['lost_reason'] and all(p['quality'] == 'unknown' for p in d['points'] if p['name'] == 'battery.charge')
    assert alarms(suite, 'comm_lost')[0]['severity'] == 'unknown'
    ups.tell('answer')
    wait_for('the device is back', lambda: show(suite)['severity'] == 'normal' and not alarms(suite, 'comm_lost'))


def test_stopped_alarmd_leaves_nothing_normal(suite, ups):
    alarmd = [p for p in suite.extra if p.args[0].endswith('/alarmd')][0]
    alarmd.send_signal(signal.SIGSTOP)
    try:
        wait_for('severity unknown', lambda: show(suite)['severity'] == 'unknown', timeout=40)
        a = suite.client(token=suite.token('operator')).post('/alarms:ack', {'ids': ['x-1']})
        assert a.status == 503 and 'alarmd' in a.json['detail']
    finally:
        alarmd.send_signal(signal.SIGCONT)
    wait_for('severity normal', lambda: show(suite)['severity'] == 'normal', timeout=40)


def test_removing_a_device_of_a_plan_is_refused(suite, ups):
    f = write(suite, 'plan.json', json.dumps({'key': 'p1', 'hold_s': 5, 'devices': ['hh/ups'],
                                              'targets': [{'name': 'srv', 'address': '127.0.0.1', 'port': free_port(socket.SOCK_DGRAM)}]}))
    suite.ctl('plan', 'put', f)
    p = suite.ctl('device', 'remove', 'hh/ups', check=False)
    assert p.returncode == 1 and 'p1' in p.stderr
    p = suite.ctl('plan', 'mode', 'p1', 'auto', check=False)
    assert p.returncode == 1 and 'simulate' in p.stderr
    wait_for('a simulation', lambda: suite.ctl('plan', 'simulate', 'p1', check=False).returncode == 0)
    suite.ctl('plan', 'mode', 'p1', 'auto')
    assert suite.ctl('plan', 'show', 'p1', '--json')['mode'] == 'auto'
    assert suite.ctl('plan', 'put', f, '--json')['version'] == 1
    assert suite.ctl('plan', 'show', 'p1', '--json')['mode'] == 'auto'
    write(suite, 'plan.json', open(f, encoding='utf-8').read().replace('"hold_s": 5', '"hold_s": 9'))
    assert suite.ctl('plan', 'put', f, '--json')['version'] == 2
    assert suite.ctl('plan', 'show', 'p1', '--json')['mode'] == 'simulate'


def test_backup_comes_back_and_a_changed_one_is_refused(suite, ups):
    archive = os.path.join(suite.dir, 'backup.json')
    suite.ctl('recipient', 'add', 'ops', 'ops@example.org', '--min-severity', 'major')
    suite.ctl('setting', 'set', 'smtp.password', '-', stdin='GEHEIM-WORT\n')
    suite.ctl('setting', 'set', 'smtp.tls', 'tls')
    suite.ctl('credential', 'add', 'lan', '--community', '-', stdin='GEHEIM-LAN\n')
    suite.pg.sql("INSERT INTO device_correction (device_id, point, kind, factor, user_name) SELECT device_id, 'input.voltage', 'factor', 0.1, 'anna' "
                 "FROM device WHERE key = 'hh/ups' AND removed_at IS NULL")
    before = {c: suite.ctl(*c.split(), '--json') for c in ('setting list', 'device export', 'plan list')}
    suite.ctl('backup', archive)
    text = open(archive, encoding='utf-8').read()
    assert os.stat(archive).st_mode & 0o777 == 0o600
    assert 'GEHEIM' not in text and 'argon2' not in text and 'password_hash' not in text
    suite.ctl('plan', 'remove', 'p1')
    suite.ctl('recipient', 'remove', 'ops')
    suite.ctl('credential', 'remove', 'lan')
    suite.ctl('correction', 'remove', suite.ctl('correction', 'list', '--json')[0]['id'])
    suite.ctl('setting', 'set', 'smtp.tls', '')
    suite.ctl('device', 'set', 'hh/ups', '--interval', '77')
    ident = show(suite)['id']
    changed = write(suite, 'changed.json', text.replace('ops@example.org', 'eve@example.org'))
    p = suite.ctl('restore', changed, check=False)
    assert p.returncode == 1 and 'changed' in p.stderr
    assert suite.ctl('recipient', 'list', '--json') == []
    suite.ctl('restore', archive)
    assert suite.ctl('recipient', 'list', '--json')[0]['address'] == 'ops@example.org'
    assert [c['name'] for c in suite.ctl('credential', 'list', '--json')] == ['lan']
    assert [(c['key'], c['point'], c['factor'], c['user']) for c in suite.ctl('correction', 'list', '--json')] == [('hh/ups', 'input.voltage', 0.1, 'anna')]
    after = {c: suite.ctl(*c.split(), '--json') for c in before}
    assert after['setting list'] == before['setting list'] and after['device export'] == before['device export']
    assert [(p['key'], p['mode'], p['devices']) for p in after['plan list']] == [('p1', 'simulate', ['hh/ups'])]
    assert show(suite)['id'] == ident
    wait_for('the device still answers', lambda: show(suite)['severity'] == 'normal')


def test_removed_device_closes_its_alarms_and_keeps_its_history(suite, ups):
    suite.ctl('plan', 'remove', 'p1')
    ups.tell('onbattery')
    wait_for('an alarm', lambda: alarms(suite, 'on_battery'))
    suite.ctl('device', 'remove', 'hh/ups')
    wait_for('no alarm', lambda: not [a for a in suite.ctl('alarm', 'list', '--json') if a['device'] == 'hh/ups'])
    events = wait_for('its last event', lambda: (lambda x: x if x and x[-1]['to'] == 'normal' else None)(
        suite.ctl('event', 'list', '--device', 'hh/ups', '--json')))
    assert len(events) >= 5


def test_webd_starts_and_lets_people_in_while_postgresql_is_down(suite):
    token = suite.token('viewer')
    f = write(suite, 'cold.csv', HEADER + 'cold/ups,,127.0.0.1,40001,2c,c,10,auto\n')
    suite.ctl('device', 'import', f)
    generation = wait_for('the generation file', lambda: os.path.exists(os.path.join(suite.dir, 'lib/webd/generation')))
    assert generation
    wait_for('alarmd has served it', lambda: b'cold/ups' in open(os.path.join(suite.dir, 'lib/webd/generation'), 'rb').read())
    suite.stop()
    suite.pg.stop()
    try:
        suite.start()
        client = suite.client(token=token)
        a = wait_for('a login', lambda: (lambda x: x if x.status != 503 else None)(client.get('/devices')))
        assert 'cold/ups' in [d['key'] for d in a.json['items']]
        assert client.get('/events').status == 503
    finally:
        suite.pg.start()
    wait_for('the database is back', lambda: client.get('/events').status == 200)
    suite.ctl('device', 'remove', 'cold/ups')


# ---- migrate, doctor, password ----

def test_migrate_makes_the_database_and_may_run_twice_at_once():
    pg = Postgres()
    pg.start()
    w = Webd(postgres=pg, migrate=False)
    try:
        with open(os.path.join(w.dir, 'etc/busbar.conf'), 'w', encoding='utf-8') as f:
            f.write('common: { database = "%s"; };\n' % pg.conninfo.replace('dbname=postgres', 'dbname=fresh'))
        both = [subprocess.Popen([program('busbarctl'), '--dir', w.dir, 'migrate', '--json'], env=w.env, stdout=subprocess.PIPE, text=True)
                for _ in range(2)]
        applied = [json.loads(p.communicate(timeout=60)[0]) for p in both]
        assert sorted(a['applied'] > 0 for a in applied) == [False, True] and applied[0]['version'] == applied[1]['version']
    finally:
        w.close()
        pg.close()


def test_migrate_waits_for_a_lock_and_leaves_nothing_half_done():
    pg = Postgres()
    pg.start()
    w = Webd(postgres=pg, migrate=False)
    try:
        path = os.path.join(w.share, 'migrations/9999_bad.sql')
        with open(path, 'w', encoding='ascii') as f:
            f.write('CREATE TABLE half (a int);\nSELECT no_such_function();\n')
        p = w.ctl('migrate', check=False)
        assert p.returncode == 1 and '9999_bad.sql' in p.stderr and 'no_such_function' in p.stderr
        assert pg.sql("SELECT to_regclass('half') IS NULL") == 't'
        os.unlink(path)
        holder = subprocess.Popen(['psql', '-XAtq', pg.conninfo, '-c', 'BEGIN; LOCK TABLE device; SELECT pg_sleep(4);'], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL)
        wait_for('the lock', lambda: pg.sql("SELECT count(*) FROM pg_locks WHERE relation = 'device'::regclass") != '0')
        with open(path, 'w', encoding='ascii') as f:
            f.write('ALTER TABLE device ADD COLUMN extra int;\nINSERT INTO schema_version (version) VALUES (9999);\n')
        assert w.ctl('migrate', '--json')['applied'] == 1
        holder.wait(20)
    finally:
        w.close()
        pg.close()


def test_doctor_says_what_is_wrong(suite):
    lines = suite.ctl('doctor', '--json', check=False)
    checks = {x['check']: x for x in json.loads(lines.stdout)}
    for name in ('libevent', 'postgresql', 'schema', 'sockets', 'webd', 'alarmd', 'key collect-snmp', 'key install'):
        assert checks[name]['ok'], checks[name]
    assert not checks['historyd']['ok'] and 'start it' in checks['historyd']['text']
    assert lines.returncode == 1
    key = os.path.join(suite.dir, 'etc/secret/collect-snmp.key')
    os.chmod(key, 0o644)
    try:
        p = suite.ctl('doctor', check=False)
        assert any(x.startswith('bad') and 'collect-snmp.key' in x and 'chmod 600' in x for x in p.stdout.splitlines())
    finally:
        os.chmod(key, 0o600)


def test_password_reset_makes_a_one_time_password(suite):
    reset = suite.ctl('password', 'reset', 'admin', '--json')
    c = suite.client()
    a = c.login('admin', reset['password'])
    assert a.status == 200 and a.json['must_change']
    assert suite.ctl('password', 'reset', 'nobody-here', check=False).returncode == 1


def test_token_create_gives_a_working_token(suite):
    token = suite.ctl('token', 'create', 'script', '--role', 'viewer').strip()
    c = suite.client(token=token)
    assert c.get('/devices').status == 200
    assert c.post('/alarms:ack', {'ids': ['x-1']}).status == 403
