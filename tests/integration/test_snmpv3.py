# SPDX-License-Identifier: Apache-2.0
"""SNMPv3 of collect-snmp, with net-snmp's agent as the peer; what it cannot do is in tests/unit/test_snmp_usm.c."""
import pytest

from collector import Collector, points, row
from snmpd import Snmpd
from stack import wait_for

AUTHS = ('MD5', 'SHA', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512')
PRIVS = ('', 'DES', 'AES-128', 'AES-192', 'AES-256', 'AES-192-C', 'AES-256-C')
PASS, SECRET = 'authentic-words', 'private-words'


def name_of(auth, priv):
    return ('u%s%s' % (auth, priv)).replace('-', '')


def user_line(auth, priv):
    return ' '.join([name_of(auth, priv), auth, PASS] + ([{'AES-128': 'AES', 'AES-192-C': 'AES192C', 'AES-256-C': 'AES256C'}.get(priv, priv), SECRET] if priv else []))


def secure(user, auth='SHA', priv='AES-128', password=PASS, private=SECRET, context='', engine_id=''):
    return ':'.join((user, auth, priv, context, engine_id, password if auth else '', private if priv else ''))


def v3(number, key, port, *args, **kwargs):
    return row(number, key, '127.0.0.1', port, version='3', community=secure(*args, **kwargs), status_interval_ms=300)


@pytest.fixture
def collector():
    with Collector(conf='confirm = false; backoff_max_ms = 600; timeout1_ms = 400; timeout2_ms = 400; timeout3_ms = 400;') as c:
        yield c


@pytest.fixture(scope='module')
def agent():
    with Snmpd([user_line(a, p) for a in AUTHS for p in PRIVS] + ['plain']) as s:
        yield s


def reason(collector, key, words):
    return collector.wait('%s: %s' % (key, words), lambda c: words in (c.latest.get((key, 'status'), {}).get('reason') or '') and
                          c.latest[key, 'status']['reason'])


def test_every_pair_of_protocols_is_read(agent, collector):
    pairs = [(a, p) for a in AUTHS for p in PRIVS] + [('', '')]
    collector.config([v3(i, 'hh/%d' % i, agent.port, name_of(a, p) if a else 'plain', a, p) for i, (a, p) in enumerate(pairs, 1)])
    for i, pair in enumerate(pairs, 1):
        assert points(collector.good('hh/%d' % i, 'status'))['battery.charge'] == (88, 'good'), pair
    # One probe per device, and nobody had to be asked twice who he is.
    wait_for('one probe each', lambda: collector.metric('snmp_v3_probes') == len(pairs))
    assert collector.metric('snmp_v3_bad_digests') == 0


@pytest.mark.parametrize('change,words', [
    ({'user': 'nobody'}, 'does not know the SNMPv3 user "nobody" (unknownUserNames): check the user'),
    ({'password': 'another-word'}, 'refuses the authentication of SNMPv3 user "uSHAAES128" (wrongDigests): check authentication password and protocol (SHA)'),
    ({'auth': 'SHA-256'}, '(wrongDigests): check authentication password and protocol (SHA-256)'),
    ({'private': 'another-word'}, 'check privacy password'),
    ({'user': 'uSHA'}, 'does not take security level authPriv from SNMPv3 user "uSHA" (unsupportedSecLevels)'),
    ({'context': 'elsewhere'}, 'context "elsewhere"'),
    ({'engine_id': '80001f8880aabbccdd'}, 'has another SNMPv3 engine id than 80001f8880aabbccdd: correct it'),
    ({'password': 'short'}, 'the SNMPv3 authentication password has fewer than 8 characters'),
    ({'private': 'short'}, 'the SNMPv3 privacy password has fewer than 8 characters'),
    ({'priv': 'ROT-13'}, 'there is no encryption "ROT-13"'),
    ({'user': ''}, 'no SNMPv3 user')])
def test_what_is_refused_says_what_to_check(agent, collector, change, words):
    collector.config([v3(1, 'hh/bad', agent.port, **{'user': 'uSHAAES128', **change}),
                      v3(2, 'hh/good', agent.port, 'uSHAAES128')])
    reason(collector, 'hh/bad', words)
    collector.good('hh/good', 'status')
    assert PASS not in collector.log('collect-snmp') and 'another-word' not in collector.log('collect-snmp')


def test_a_given_engine_id_saves_the_probe(collector):
    engine = '80001f888001020304'
    with Snmpd([user_line('SHA', 'AES-128')], engine_id=engine) as s:
        collector.config([v3(1, 'hh/a', s.port, 'uSHAAES128', engine_id=engine)])
        collector.good('hh/a', 'status')
        wait_for('the clock is asked for', lambda: collector.metric('snmp_v3_resyncs') >= 1)
        assert collector.metric('snmp_v3_probes') == 0


def test_an_agent_that_starts_anew_is_followed(collector):
    with Snmpd([user_line('SHA-256', 'AES-128')]) as s:
        collector.config([v3(1, 'hh/a', s.port, 'uSHA256AES128', 'SHA-256')])
        collector.good('hh/a', 'status')
        s.stop()
        collector.wait('missed', lambda c: c.latest['hh/a', 'status']['missed'] > 0)
        s.start()
        collector.wait('back', lambda c: c.latest['hh/a', 'status']['missed'] == 0)


def test_cloned_engine_ids_are_named_and_both_are_read(collector):
    engine = '80001f8880c10ed0'
    user = [user_line('SHA', 'AES-128')]
    with Snmpd(user, engine_id=engine) as a, Snmpd(user, engine_id=engine, values={'2.4.0': ('integer', 55)}) as b:
        b.stop()
        b.start()        # Same id, other boots: whoever keeps time by engine id goes wrong here.
        collector.config([v3(1, 'hh/first', a.port, 'uSHAAES128'), v3(2, 'hh/second', b.port, 'uSHAAES128')])
        said = collector.wait('the clones', lambda c: next((m for m in c.lines if 'engine_id_twice' in m.get('trouble', [])), None))
        assert any('"hh/first"' in t and '"hh/second"' in t and engine in t for t in said['text']), said
        for _ in range(2):
            for key, charge in (('hh/first', 88), ('hh/second', 55)):
                n = sum(m.get('key') == key and m.get('missed') == 0 for m in collector.lines)
                collector.wait('more of ' + key, lambda c: sum(m.get('key') == key and m.get('missed') == 0 for m in c.lines) > n + 2)
                assert points(collector.good(key, 'status'))['battery.charge'] == (charge, 'good')
        assert collector.metric('snmp_v3_out_of_window') == 0 and collector.metric('snmp_v3_probes') == 2
        collector.config([v3(1, 'hh/first', a.port, 'uSHAAES128')])
        collector.wait('all is well', lambda c: [m for m in c.lines if 'trouble' in m][-1]['trouble'] == [])


def test_unsigned_answers_do_not_count_for_a_v3_device(collector):
    """An agent that answers v2c as well: nothing unsigned is taken, and a v2c device beside it is read."""
    with Snmpd([user_line('SHA', 'AES-128')]) as s:
        collector.config([v3(1, 'hh/v3', s.port, 'uSHAAES128'), row(2, 'hh/v2c', '127.0.0.1', s.port)])
        collector.good('hh/v3', 'status')
        collector.good('hh/v2c', 'status')
