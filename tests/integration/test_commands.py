# SPDX-License-Identifier: Apache-2.0
"""Commands from busbarctl and webd to net-snmp's agent, and what the event log says about them."""
import json
import os
import subprocess

import pytest

from snmpd import UPS, Snmpd
from stack import wait_for
from webd import Webd

OUTLETS = '.1.3.6.1.4.1.99999.1'
STRIP = '''name = "strip"; title = "A strip"; transport = "snmp"; source = "test"; base = "rfc1628"; root = "%s";
detect = ( { sysobjectid = ".1.3.6.1.4.1.99999"; } );
values = ( { name = "on"; map = ( { value = 1; text = "off"; }, { value = 2; text = "on"; } ); } );
tables = ( { name = "outlets"; max_rows = 8; } );
points = ( { point = "outlet.{i}.status"; column = "2"; table = "outlets"; group = "measure"; values = "on"; } );
commands = ( { command = "outlet.{n}.load.off"; title = "Off"; rows = "outlet.{i}.status"; danger = true; set = ( { oid = "3"; value = 1; } ); readback = "3"; is = [ 1 ]; },
{ command = "test.system.start"; title = "Test"; set = ( { oid = "3.1"; value = 2; } ); readback = "2.1"; is = [ 9 ]; } );
''' % OUTLETS


@pytest.fixture(scope='module')
def agent():
    with Snmpd(['ops SHA-256 authentic-words AES private-words'], values={
            'rw:7.1.0': ('object_id', '.%s.7.7.1' % UPS), 'rw:7.2.0': ('integer', 4711), '7.3.0': ('integer', 5), 'rw:9.8.0': ('integer', 2),
            OUTLETS + '.2.1': ('integer', 2), OUTLETS + '.2.2': ('integer', 2), 'rw:%s.3.1' % OUTLETS: ('integer', 2),
            'rw:%s.3.2' % OUTLETS: ('integer', 2)}) as s:
        yield s


@pytest.fixture(scope='module')
def suite(agent):
    w = Webd(migrate=False)
    try:
        w.make_keys()
        os.makedirs(os.path.join(w.dir, 'etc/profiles'), exist_ok=True)
        with open(os.path.join(w.dir, 'etc/profiles/strip.profile'), 'w', encoding='utf-8') as f:
            f.write(STRIP)
        w.ctl('migrate')
        w.start()
        for d in ('busd', 'alarmd', 'collect-snmp'):
            w.start_daemon(d)
        add = ('--address', '127.0.0.1', '--port', str(agent.port), '--status-interval', '0.3', '--interval', '0.5')
        w.ctl('device', 'add', 'c/rw', '--community', 'private', *add)
        w.ctl('device', 'add', 'c/ro', '--community', 'public', *add)
        w.ctl('device', 'add', 'c/v3', '--v3-user', 'ops', '--v3-auth', 'SHA-256', '--v3-priv', 'AES', '--v3-auth-password', 'authentic-words',
              '--v3-priv-password', 'private-words', *add)
        w.ctl('device', 'add', 'c/strip', '--community', 'private', '--profile', 'strip', *add)
        w.ctl('device', 'add', 'c/dead', '--address', '127.0.0.1', '--port', '1', '--community', 'x')
        for key in ('c/rw', 'c/ro', 'c/v3', 'c/strip'):
            wait_for(key, lambda key=key: any(i['available'] for i in w.ctl('device', 'command', key, '--json')))
        yield w
    finally:
        w.close()


def run(suite, key, command, *more):
    p = suite.ctl('device', 'command', key, command, '--json', *more, check=False)
    return p.returncode, json.loads(p.stdout) if p.stdout else p.stderr


def get(agent, oid):
    return subprocess.run(['snmpget', '-v2c', '-c', 'public', '-Oqv', '-On', '127.0.0.1:%d' % agent.port, oid], capture_output=True, text=True,
                          check=True, env=dict(os.environ, MIBS='')).stdout.strip()


def test_nothing_is_sent_without_a_confirmation(suite, agent):
    code, said = run(suite, 'c/rw', 'beeper.mute')
    assert code == 1 and 'confirm with --yes' in said
    ident = suite.ctl('device', 'show', 'c/rw', '--json')['id']
    a = suite.local.post('/devices/%s/commands' % ident, {'command': 'beeper.mute'})
    assert a.status == 400 and a.json['errors'][0]['pointer'] == '/confirm'
    assert get(agent, '.%s.9.8.0' % UPS) == '2'


@pytest.mark.parametrize('key', ['c/rw', 'c/v3'])
def test_the_beeper_is_set_and_read_back(suite, agent, key):
    for command, value, word in (('beeper.disable', '1', 'disabled'), ('beeper.enable', '2', 'enabled')):
        assert run(suite, key, command, '--yes') == (0, {'state': 'done', 'readback': word, 'text': 'the card says "%s"' % word})
        assert get(agent, '.%s.9.8.0' % UPS) == value


def test_a_test_is_started_by_its_oid_together_with_the_spin_lock(suite, agent):
    code, said = run(suite, 'c/rw', 'test.battery.start.quick', '--yes')
    assert (code, said['state'], said['readback']) == (0, 'done', 'running')
    assert get(agent, '.%s.7.1.0' % UPS).endswith('33.1.7.7.4')


def test_the_log_has_it_before_and_after_with_its_user(suite):
    run(suite, 'c/rw', 'beeper.enable', '--yes')
    events = wait_for('both', lambda: (lambda e: len(e) >= 2 and e)(
        [e for e in suite.ctl('event', 'list', '--device', 'c/rw', '--json') if e['kind'] == 'command' and 'beeper.enable' in (e['text'] or '')][:2]))
    texts = sorted(e['text'] for e in events)
    assert texts[0].startswith('beeper.enable (Beeper on) is sent to the device') and 'done' in texts[1], texts
    assert all(e['user'] for e in events), events


def test_a_card_that_refuses_says_failed(suite, agent):
    before = get(agent, '.%s.9.8.0' % UPS)
    code, said = run(suite, 'c/ro', 'beeper.mute', '--yes')
    assert code == 1 and said['state'] == 'failed' and 'may not write' in said['text'], said
    assert get(agent, '.%s.9.8.0' % UPS) == before


def test_a_test_that_goes_on_running_was_not_aborted(suite):
    code, said = run(suite, 'c/rw', 'test.battery.stop', '--yes')
    assert (code, said['state'], said['readback']) == (1, 'failed', 'running'), said


def test_what_cannot_be_seen_in_the_card_is_unconfirmed(suite):
    code, said = run(suite, 'c/strip', 'test.system.start', '--yes')
    assert (code, said['state']) == (1, 'unconfirmed') and said['text'] == 'read back: 2', said


def test_an_outlet_is_switched_by_its_number(suite, agent):
    items = suite.ctl('device', 'command', 'c/strip', '--json')
    assert [(i['instance'], i['danger']) for i in items if i['command'] == 'outlet.{n}.load.off'] == [('1', True), ('2', True)]
    code, said = run(suite, 'c/strip', 'outlet.2.load.off', '--yes')
    assert (code, said['state']) == (0, 'done'), said
    assert (get(agent, OUTLETS + '.3.1'), get(agent, OUTLETS + '.3.2')) == ('2', '1')
    code, said = run(suite, 'c/strip', 'outlet.7.load.off', '--yes')
    assert code == 1 and 'no command' in said


def test_what_is_not_offered_is_refused(suite):
    for command in ('shutdown.return', 'load.off', 'outlet.1.load.off'):
        code, said = run(suite, 'c/rw', command, '--yes')
        assert code == 1 and 'has no command' in said, said
    assert run(suite, 'c/dead', 'beeper.mute', '--yes')[0] == 1
