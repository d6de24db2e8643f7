# SPDX-License-Identifier: Apache-2.0
"""Discovery through the API: simulated cards on loopback, webd, the real collector, PostgreSQL."""
import os
import subprocess
import time

import pytest

from stack import Fleet, free_port, wait_for
from webd import Webd


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


def credential(suite, name, community, port=161, version='2c'):
    a = suite.local.post('/credentials', {'name': name, 'version': version, 'port': port, 'community': community})
    assert a.status == 201, a
    return a.json['id']


def scan(suite, ranges, ids, port=None, timeout=60):
    body = {'ranges': ranges, 'credential_ids': ids}
    if port:
        body['port'] = port
    a = suite.local.post('/discovery', body)
    assert a.status == 201, a
    job = a.json['job']
    return wait_for('discovery done', lambda: (lambda s: s if s['done'] else None)(state(suite, job)), timeout, 0.2)


def state(suite, job):
    a = suite.local.get('/discovery/%s?after=0' % job)
    assert a.status == 200, a
    s = a.json
    while s.get('more'):
        b = suite.local.get('/discovery/%s?after=%d' % (job, s['hits'][-1]['seq'])).json
        s['hits'] += b['hits']
        s['more'] = b['more']
    return s


def test_a_card_is_found_added_and_polled(suite):
    with Fleet(['127.60.1.5-127.60.1.6 model=rfc1628 community=secret']) as fleet:
        ids = [credential(suite, 'first', 'wrong', fleet.port), credential(suite, 'second', 'secret', fleet.port)]
        s = scan(suite, ['127.60.1.0/29'], ids)
        assert [h['address'] for h in s['hits']] == ['127.60.1.5', '127.60.1.6'], s
        assert all(h['credential_id'] == ids[1] and h['profile'] == 'rfc1628' and h['known'] is None for h in s['hits']), s
        a = suite.local.post('/discovery/%s/devices' % s['job'], {'items': [{'seq': 1, 'key': 'disc/a'}, {'seq': 9, 'key': 'disc/b'}]})
        assert a.status == 200, a
        assert [(i['seq'], i['ok']) for i in a.json['items']] == [(1, True), (9, False)], a
        wait_for('polled', lambda: suite.local.get('/devices/%s' % a.json['items'][0]['device_id']).json['comm'] == 'ok')


def test_busbarctl_finds_tests_and_forgets(suite):
    with Fleet(['127.60.2.9 model=rfc1628 community=secret']) as fleet:
        suite.ctl('credential', 'add', 'by hand', '--port', str(fleet.port), '--community', '-', stdin='secret\n')
        assert 'by hand' in suite.ctl('credential', 'list') and 'secret' not in suite.ctl('--json', 'credential', 'list', check=False).stdout
        out = suite.ctl('discover', '127.60.2.8-10', '--credential', 'by hand')
        assert '127.60.2.9' in out and 'rfc1628' in out and '3 of 3 datagrams sent, 1 answered' in out, out
        out = suite.ctl('device', 'test', '127.60.2.9', '--credential', 'by hand')
        assert '1.3.6.1.2.1.1.2.0' in out and 'raw            30' in out, out
        p = suite.ctl('device', 'test', '127.60.2.10', '--credential', 'by hand', check=False)
        assert p.returncode == 1 and 'check address, community' in p.stdout, p
        suite.ctl('credential', 'remove', 'by hand')
        assert suite.ctl('discover', '127.60.2.9', '--credential', 'by hand', check=False).returncode == 1


def test_bad_ranges_are_refused_with_a_reason(suite):
    ids = [credential(suite, 'for bad ranges', 'x')]
    for ranges, reason in ((['10.0.0.0/8'], 'larger than a /16'), (['10.0.0.0/16', '10.9.0.0/24'], 'together, more than 65,536'), (['10.1.0.9-10.1.0.1'], 'ends before it begins'),
                           (['host.example'], 'names are not looked up'), (['fd00::/64'], 'IPv6 network'), (['224.0.0.1'], 'no card can have'), ([''], 'is empty')):
        a = suite.local.post('/discovery', {'ranges': ranges, 'credential_ids': ids})
        assert a.status == 400 and reason in a.json['detail'], (ranges, a)
    a = suite.local.post('/discovery', {'ranges': ['127.60.9.1'], 'credential_ids': [99999]})
    assert a.status == 400 and 'not there' in a.json['detail'], a
