# SPDX-License-Identifier: Apache-2.0
"""The simulator against a real peer: net-snmp's command line tools."""
import json
import os
import re
import shutil
import socket
import subprocess

import pytest

from stack import ROOT, Fleet, temp_dir, wait_for

UPS = '1.3.6.1.2.1.33.1.'
SHARED = os.environ.get('BUSBAR_SHARED') or os.path.join(ROOT, '..', 'shared')


def snmp(fleet, tool, address, *oids, version='2c', community='public', args=()):
    """{oid: value} as net-snmp prints it, or its error text."""
    p = subprocess.run(['snmp' + tool, '-v' + version, '-c', community, '-m', '', '-One', '-r', '1', '-t', '2', *args,
                        '%s:%d' % (address, fleet.port), *oids], capture_output=True, text=True, timeout=60)
    if p.returncode:
        return p.stderr + p.stdout
    return {k: v for k, v in re.findall(r'^\.(\S+) = (.*)$', p.stdout, re.M) if 'No more variables' not in v}


def control(fleet, line):
    """The answer as it is; Fleet.do() would raise on ERR."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(fleet.control)
        s.sendall(line.encode() + b'\n')
        return s.makefile().readline().rstrip('\n')


@pytest.fixture(scope='module')
def fleet():
    with Fleet(['127.77.0.1-127.77.0.4', '127.77.0.5 phases=3 community=privat mtu=600']) as f:
        yield f


def test_a_walk_and_a_bulk_walk_see_the_same(fleet):
    walk = snmp(fleet, 'walk', '127.77.0.5', '.1', version='1', community='privat')
    bulk = snmp(fleet, 'bulkwalk', '127.77.0.5', '.1', community='privat', args=('-Cr40',))
    assert len(walk) > 80
    assert set(walk) == set(bulk)


def test_an_answer_leaves_from_the_address_that_was_asked(fleet):
    names = {a: snmp(fleet, 'get', a, '1.3.6.1.2.1.1.5.0')['1.3.6.1.2.1.1.5.0'] for a in ('127.77.0.1', '127.77.0.4')}
    assert names == {'127.77.0.1': 'STRING: "ups-77-0-1"', '127.77.0.4': 'STRING: "ups-77-0-4"'}


def test_an_outage_is_seen_by_the_peer_and_stands_in_the_truth(fleet):
    assert control(fleet, '127.77.0.2 onbattery') == 'OK'
    assert control(fleet, '127.77.0.2 alarm 1.3.6.1.4.1.99999.7.4294967295 on') == 'OK'
    seen = snmp(fleet, 'bulkwalk', '127.77.0.2', UPS + '6')
    assert seen[UPS + '6.1.0'] == 'Gauge32: 2'
    assert seen[UPS + '6.2.1.2.1'] == 'OID: .' + UPS + '6.3.2'
    assert seen[UPS + '6.2.1.2.2'] == 'OID: .1.3.6.1.4.1.99999.7.4294967295'
    assert snmp(fleet, 'get', '127.77.0.2', UPS + '4.1.0')[UPS + '4.1.0'] == 'INTEGER: 5'
    assert control(fleet, '127.77.0.2 return') == 'OK'
    assert snmp(fleet, 'get', '127.77.0.2', UPS + '4.1.0')[UPS + '4.1.0'] == 'INTEGER: 3'
    mine = [t for t in fleet.truth() if t['addr'] == '127.77.0.2']
    assert [t['what'] for t in mine] == ['onbattery', 'alarm', 'return']
    span = (mine[2]['boot_ns'] - mine[0]['boot_ns']) / 1e6
    assert abs(mine[2]['duration_ms'] - span) < 1000
    assert control(fleet, '127.77.0.2 return') == 'OK'
    assert [t['what'] for t in fleet.truth() if t['addr'] == '127.77.0.2'] == ['onbattery', 'alarm', 'return']


def test_errors_are_those_of_the_version(fleet):
    v1 = snmp(fleet, 'get', '127.77.0.1', UPS + '2.4.0', UPS + '2.99.0', version='1', args=('-Cf',))
    assert 'noSuchName' in v1 and UPS + '2.99.0' in v1
    v2 = snmp(fleet, 'get', '127.77.0.1', UPS + '2.4.0', UPS + '2.99.0', UPS + '2.4.1')
    assert v2[UPS + '2.99.0'].startswith('No Such Object') and v2[UPS + '2.4.1'].startswith('No Such Instance')
    assert v2[UPS + '2.4.0'] == 'INTEGER: 100'
    assert 'notWritable' in snmp(fleet, 'set', '127.77.0.1', UPS + '8.2.0', 'i', '5')
    assert 'noSuchName' in snmp(fleet, 'set', '127.77.0.1', UPS + '8.2.0', 'i', '5', version='1')
    many = [UPS + '1.2.0'] * 30
    assert 'tooBig' in snmp(fleet, 'get', '127.77.0.5', *many, community='privat')
    assert 'tooBig' in snmp(fleet, 'get', '127.77.0.5', *many, community='privat', version='1')


def test_silence_loss_and_slowness(fleet):
    assert 'Timeout' in snmp(fleet, 'get', '127.77.0.1', UPS + '2.4.0', community='wrong', args=('-r', '0', '-t', '0.3'))
    assert control(fleet, '127.77.0.3 silent') == 'OK'
    assert 'Timeout' in snmp(fleet, 'get', '127.77.0.3', UPS + '2.4.0', args=('-r', '0', '-t', '0.3'))
    assert control(fleet, '127.77.0.3 answer') == 'OK'
    assert control(fleet, '127.77.0.3 slow 700') == 'OK'
    assert 'Timeout' in snmp(fleet, 'get', '127.77.0.3', UPS + '2.4.0', args=('-r', '0', '-t', '0.3'))
    assert snmp(fleet, 'get', '127.77.0.3', UPS + '2.4.0', args=('-t', '10'))[UPS + '2.4.0'] == 'INTEGER: 100'
    assert control(fleet, '127.77.0.3 slow 0') == 'OK'
    assert control(fleet, '127.77.0.3 loss 100') == 'OK'
    assert 'Timeout' in snmp(fleet, 'get', '127.77.0.3', UPS + '2.4.0', args=('-r', '0', '-t', '0.3'))
    assert control(fleet, '127.77.0.3 loss 0') == 'OK'


def test_the_control_socket_says_what_is_wrong(fleet):
    for line, reason in (('127.77.0.99 low', 'nobody lives'), ('127.77.0.1 explode', 'unknown verb'), ('x low', 'no IPv4'),
                         ('127.77.0.1 slow', 'takes 1'), ('127.77.0.1 alarm fan.failed maybe', 'on or off'), ('low', 'write ADDR')):
        answer = control(fleet, line)
        assert answer.startswith('ERR ') and reason in answer
    assert json.loads(control(fleet, 'state 127.77.0.1')[3:])['on_battery'] is False


def test_a_script_runs_at_its_times():
    d = temp_dir('busbar-sim-')
    script = os.path.join(d, 'script')
    with open(script, 'w') as f:
        f.write('# outage\n+0.4 127.78.0.1 return\n+0.1 127.78.0.1-127.78.0.2 onbattery\n+0.2 127.78.0.2 low\n')
    with Fleet(['127.78.0.1-127.78.0.2'], '--script', script) as f:
        wait_for('the script to end', lambda: f.truth()[-1]['what'] == 'return')
        assert [(t['addr'][-1:], t['what']) for t in f.truth()[1:]] == [
            ('1', 'onbattery'), ('2', 'onbattery'), ('2', 'low'), ('1', 'return')]
    shutil.rmtree(d)


def test_toggling_repeats_and_ends_on_mains():
    def members(seed):
        with Fleet(['127.79.0.1-127.79.0.50'], '--dead', '2', '--toggle',
                   '%d,fraction=0.2,min_on_ms=50,max_on_ms=150,min_off_ms=50,max_off_ms=150' % seed) as f:
            wait_for('40 changes', lambda: len([t for t in f.truth() if t['what'] == 'return']) >= 40)
            assert control(f, 'quiesce') == 'OK'
            truth = f.truth()
            toggled = {t['addr'] for t in truth if t['what'] == 'onbattery'}
            for a in toggled:
                mine = [t['what'] for t in truth if t['addr'] == a]
                assert mine == ['onbattery', 'return'] * (len(mine) // 2)
            assert {t['addr'] for t in truth if t['what'] == 'silent'} == {'127.79.0.49', '127.79.0.50'}
            return toggled
    assert len(members(5)) == 10
    assert members(5) == members(5) != members(6)


def test_every_recording_at_hand_is_served():
    folder = os.path.join(SHARED, 'fixtures', 'snmprec')
    if not os.path.isdir(folder):
        pytest.skip('no recordings: %s is missing' % folder)
    files = sorted(n for n in os.listdir(folder) if n.endswith('.snmprec'))
    lines = ['127.80.1.%d model=recording file=%s' % (i + 1, os.path.join(folder, n)) for i, n in enumerate(files)]
    with Fleet(lines) as f:
        assert json.loads(control(f, 'stats')[3:])['agents'] == len(files)
        walk = snmp(f, 'bulkwalk', '127.80.1.%d' % (files.index('deltaups_mini-snmp.snmprec') + 1), UPS + '3')
        # Lines 2 and 3 of this card are ASN.1 NULL.
        assert walk[UPS + '3.3.1.3.2'] == 'NULL'


def start_fails(reason, lines, *options, port=None):
    fleet = Fleet(lines, *options)
    fleet.port = port or fleet.port
    with pytest.raises(AssertionError, match=reason):
        fleet.__enter__()
    shutil.rmtree(fleet.dir)


def test_what_cannot_be_started_says_why():
    start_fails('fleet.conf:1: .* not on loopback', ['10.0.0.1'])
    start_fails('the fleet is empty', ['# nobody'])
    start_fails('twice', ['127.0.0.1', '127.0.0.1'])
    start_fails('"/nowhere"', ['127.0.0.1 model=recording file=/nowhere'])
    start_fails('fraction', ['127.0.0.1'], '--toggle', '1,fraction=2')
    with Fleet(['127.81.0.1']) as f:
        start_fails('cannot bind UDP port', ['127.81.0.2'], port=f.port)
