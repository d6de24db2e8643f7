# SPDX-License-Identifier: Apache-2.0
"""collect-snmp among its peers: simulator, net-snmp's snmpd, agents that lie, a configuration that changes."""
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from collector import Collector, points, row
from stack import Fleet, free_port, temp_dir, wait_for

UPS = '1.3.6.1.2.1.33.1'


@pytest.fixture(scope='module')
def fleet():
    with Fleet(['127.80.0.1-127.80.0.40', '127.80.1.1 delay_ms=700', '127.80.1.2 mtu=200', '127.80.1.3 phases=3 mtu=484',
                '127.80.1.4']) as f:
        yield f


@pytest.fixture
def collector():
    # Without confirmations every pass is a reading, which is what most tests count.
    with Collector(conf='confirm = false; alarm_walk_ms = 300; backoff_max_ms = 600;') as c:
        yield c


def status(c, key):
    r = c.latest.get((key, 'status'))
    return points(r)['ups.status'][0] if r and not r['missed'] and 'ups.status' in points(r) else None


def flag(c, key, name):
    r = c.latest.get((key, 'status'))
    return r and points(r).get('alarm.' + name, (None,))[0]


def sample_count(c, key, group='status'):
    return sum(m.get('key') == key and m.get('group') == group and m['missed'] == 0 for m in c.lines)


def test_an_outage_is_seen_and_its_end(fleet, collector):
    collector.config([row(1, 'hh/a', '127.80.0.1', fleet.port, status_interval_ms=200)])
    collector.wait('on mains', lambda c: status(c, 'hh/a') == 'OL' and flag(c, 'hh/a', 'ups.on_battery') is False)
    fleet.do('127.80.0.1 onbattery')
    collector.wait('on battery', lambda c: status(c, 'hh/a') == 'OB' and flag(c, 'hh/a', 'ups.on_battery') is True)
    fleet.do('127.80.0.1 low')
    collector.wait('low', lambda c: status(c, 'hh/a') == 'OB LB' and flag(c, 'hh/a', 'battery.low') is True)
    fleet.do('127.80.0.1 return')
    collector.wait('back', lambda c: status(c, 'hh/a') == 'OL' and flag(c, 'hh/a', 'ups.on_battery') is False)


def test_flags_are_withheld_while_the_alarm_table_is_older_than_the_count(fleet, collector):
    """Between the pass that sees another count and the walk, no flag may say "false"."""
    collector.config([row(1, 'hh/a', '127.80.0.2', fleet.port, status_interval_ms=200)])
    collector.wait('walked', lambda c: flag(c, 'hh/a', 'fan.failed') is False)
    fleet.do('127.80.0.2 alarm fan.failed on')
    collector.wait('fan', lambda c: flag(c, 'hh/a', 'fan.failed') is True)
    for m in collector.lines:
        if m.get('group') == 'status' and not m['missed'] and points(m)['ups.alarm.count'][0] == 1:
            assert points(m).get('alarm.fan.failed', (True,))[0] is True


def test_a_wrong_community_and_a_dead_address_say_what_to_check(fleet, collector):
    collector.config([row(1, 'hh/wrong', '127.80.0.3', fleet.port, community='nope'),
                      row(2, 'hh/dead', '127.80.9.9', fleet.port, version='1'),
                      row(3, 'hh/name', 'ups.example', fleet.port), row(4, 'hh/profile', '127.80.0.4', fleet.port, profile='nosuch'),
                      row(5, 'hh/version', '127.80.0.4', fleet.port, version='4'), row(6, 'hh/good', '127.80.0.4', fleet.port)])

    def reason(key):
        return collector.wait('reason of ' + key, lambda c: c.latest.get((key, 'status'), {}).get('missed', 0) >= 3 and
                              c.latest[key, 'status']['reason'])

    assert reason('hh/wrong').startswith('no answer from 127.80.0.3:%d to SNMP v2c, tries: ' % fleet.port)
    assert reason('hh/wrong').endswith('check address, community and access list of the card')
    assert 'SNMP v1' in reason('hh/dead')
    assert 'no numeric IPv4 or IPv6 address' in reason('hh/name')
    assert 'there is no SNMP profile "nosuch"' in reason('hh/profile')
    assert 'SNMP version "4" is not supported' in reason('hh/version')
    assert collector.good('hh/good', 'status')
    assert 'nope' not in collector.log('collect-snmp')


def test_dead_devices_do_not_delay_the_living(fleet, collector):
    collector.config([row(i, 'live/%d' % i, '127.80.0.%d' % i, fleet.port, status_interval_ms=300) for i in range(1, 41)] +
                     [row(100 + i, 'dead/%d' % i, '127.80.9.%d' % i, fleet.port, status_interval_ms=300) for i in range(1, 41)])
    keys = ['live/%d' % i for i in range(1, 41)]
    for k in keys:
        collector.good(k, 'status')
    collector.wait('the dead given up', lambda c: all(c.latest.get(('dead/%d' % i, 'status'), {}).get('missed', 0) >= 3 for i in range(1, 41)))
    before = {k: sample_count(collector, k) for k in keys}
    collector.wait('ten more passes of each', lambda c: all(sample_count(c, k) >= before[k] + 10 for k in keys))
    assert not any(m['missed'] for m in collector.lines if m.get('key') in keys)


def test_a_lost_device_is_published_as_missed_and_comes_back(fleet, collector):
    collector.config([row(1, 'hh/a', '127.80.0.5', fleet.port, status_interval_ms=300)])
    collector.good('hh/a', 'status')
    collector.good('hh/a', 'measure')
    fleet.do('127.80.0.5 silent')
    lost = collector.wait('lost', lambda c: c.latest['hh/a', 'status']['missed'] >= 3 and c.latest['hh/a', 'measure']['missed'] >= 1 and
                          c.latest['hh/a', 'status'])
    assert lost['points'] == [] and 'no answer from' in lost['reason']
    fleet.do('127.80.0.5 answer')
    collector.wait('back', lambda c: c.latest['hh/a', 'status']['missed'] == 0 and c.latest['hh/a', 'measure']['missed'] == 0)
    assert ' device_lost ' in collector.log('collect-snmp') and ' device_back ' in collector.log('collect-snmp')


def test_a_slow_card_is_asked_less_often_and_not_given_up(fleet, collector):
    collector.config([row(1, 'hh/slow', '127.80.1.1', fleet.port, status_interval_ms=300, interval_ms=3000)])
    r = collector.wait('a stretched interval', lambda c: c.latest.get(('hh/slow', 'status'), {}).get('interval_ms', 0) >= 2000 and
                       c.latest['hh/slow', 'status'], 60)
    assert r['missed'] == 0
    assert collector.good('hh/slow', 'measure')


@pytest.mark.parametrize('address,name', [('127.80.1.2', 'input.voltage'), ('127.80.1.3', 'output.L3-N.voltage')])
def test_a_card_with_small_answers_is_asked_for_less(fleet, collector, address, name):
    collector.config([row(1, 'hh/small', address, fleet.port)])
    assert points(collector.good('hh/small', 'measure'))[name][1] == 'good'
    assert status(collector, 'hh/small') == 'OL'


def test_a_restarted_card_is_recognised_anew(fleet, collector):
    collector.config([row(1, 'hh/a', '127.80.0.6', fleet.port)])
    collector.good('hh/a', 'ident')
    wait_for('uptime above zero', lambda: points(collector.good('hh/a', 'measure'))['device.uptime'][0] > 1)
    seen = sample_count(collector, 'hh/a', 'ident')
    fleet.do('127.80.0.6 reboot')
    collector.wait('identity again', lambda c: sample_count(c, 'hh/a', 'ident') > seen)


def test_configuration_changes_touch_only_what_changed(fleet, collector):
    rows = [row(i, 'hh/%d' % i, '127.80.0.%d' % (10 + i), fleet.port, status_interval_ms=300) for i in range(1, 6)]
    collector.config(rows)
    for i in range(1, 6):
        collector.good('hh/%d' % i, 'ident')
    rows[0] = row(1, 'hh/renamed', '127.80.0.11', fleet.port, status_interval_ms=300)
    rows[1] = row(2, 'hh/2', '127.80.0.12', fleet.port, status_interval_ms=450)
    rows[2] = row(3, 'hh/4', '127.80.0.13', fleet.port, status_interval_ms=300)       # takes the key of the next
    rows[3] = row(4, 'hh/3', '127.80.0.14', fleet.port, status_interval_ms=300)
    del rows[4]
    mark = len(collector.lines)
    wait_for('a heartbeat', lambda: collector.metric('snmp_recognised') == 5)
    collector.config(rows)
    collector.wait('gone', lambda c: {'gone': 'reading/hh/5/status/'} in c.lines and {'gone': 'reading/hh/1/status/'} in c.lines)
    collector.wait('renamed', lambda c: sample_count(c, 'hh/renamed'))
    collector.wait('new interval', lambda c: c.latest['hh/2', 'status']['interval_ms'] == 450)
    before = {k: sample_count(collector, k) for k in ('hh/2', 'hh/3', 'hh/4', 'hh/renamed')}
    collector.wait('all go on', lambda c: all(sample_count(c, k) > n + 2 for k, n in before.items()))
    assert not any(m.get('missed') for m in collector.lines[mark:])
    assert collector.metric('snmp_recognised') == 5     # nobody had to be recognised again
    late = [m for m in collector.lines[mark:] if m.get('key') == 'hh/1']
    assert not [m for m in late if collector.lines.index(m) > collector.lines.index({'gone': 'reading/hh/1/status/'})]


def test_intervals_that_change_together_do_not_make_all_poll_together(fleet, collector):
    def of(c, i, interval):
        return [m['sampled_ms'] for m in c.lines if m.get('key') == 'ph/%d' % i and m.get('group') == 'measure' and m['interval_ms'] == interval]

    for before, after in ((1000, 2000), (2000, 1500)):
        for interval in (before, after):
            collector.config([row(i, 'ph/%d' % i, '127.80.0.%d' % i, fleet.port, interval_ms=interval) for i in range(1, 31)])
            collector.wait('all polled', lambda c: all(len(of(c, i, interval)) >= 2 for i in range(1, 31)))
        at = sorted(of(collector, i, after)[-1] % after for i in range(1, 31))
        crowd = max(sum(0 <= (b - a) % after < 200 for b in at) for a in at)
        assert crowd < 15, '%d of 30 are polled within 200 of %d ms' % (crowd, after)


def test_a_longer_interval_is_told_within_the_old_one(fleet, collector):
    """Whoever counts on the old interval would take the silence for a lost device."""
    collector.config([row(1, 'hh/a', '127.80.0.36', fleet.port)])
    collector.good('hh/a', 'status')
    collector.config([row(1, 'hh/a', '127.80.0.36', fleet.port, status_interval_ms=3600000)])
    collector.wait('told', lambda c: c.latest['hh/a', 'status']['interval_ms'] == 3600000)


def test_commands(fleet, collector):
    collector.config([row(1, 'hh/a', '127.80.0.20', fleet.port, status_interval_ms=60000, interval_ms=60000)])
    wait_for('busd knows the way', lambda: collector.command('poll', 'hh/a')['reply'] == 1)
    collector.good('hh/a', 'status')
    seen = sample_count(collector, 'hh/a')
    assert collector.command('poll', 'hh/a')['reply'] == 1
    collector.wait('polled out of turn', lambda c: sample_count(c, 'hh/a') > seen)
    assert collector.command('poll', 'hh/nobody')['reply'] == 4
    collector.good('hh/a', 'measure')
    source = {s['name']: s['oid'] for s in collector.command('sources', 'hh/a')['json']}
    assert source['battery.charge'] == UPS + '.2.4.0' and source['input.voltage'] == UPS + '.3.3.1.3.1'
    assert source['ups.status'] is None and source['ups.realpower'] is None
    wait_for('a heartbeat', lambda: collector.metric('devices') == 1)
    assert collector.command('dance')['reply'] == 4


def test_after_a_kill_it_goes_on_with_its_last_configuration(fleet, collector):
    collector.config([row(1, 'hh/a', '127.80.0.21', fleet.port)])
    collector.good('hh/a', 'status')
    collector.processes['collect-snmp'].kill()
    collector.processes['collect-snmp'].wait()
    collector.start()
    seen = sample_count(collector, 'hh/a')      # what the killed one had sent was read while this one started
    collector.wait('readings again', lambda c: sample_count(c, 'hh/a') > seen + 2)


def test_a_stopped_process_neither_loses_devices_nor_passes_old_answers_off_as_new(fleet, collector):
    collector.config([row(i, 'hh/%d' % i, '127.80.0.%d' % (21 + i), fleet.port, status_interval_ms=100) for i in range(1, 10)])
    for i in range(1, 10):
        collector.good('hh/%d' % i, 'status')
    pid = collector.processes['collect-snmp'].pid
    os.kill(pid, signal.SIGSTOP)
    stopped = time.monotonic()
    fleet.do('127.80.0.22 onbattery')           # what was answered before the stop says mains
    wait_for('three seconds', lambda: time.monotonic() - stopped > 3)
    mark = len(collector.lines)
    os.kill(pid, signal.SIGCONT)
    collector.wait('on battery', lambda c: status(c, 'hh/1') == 'OB')
    fleet.do('127.80.0.22 return')
    collector.wait('ten more of each', lambda c: all(sample_count(c, 'hh/%d' % i) > 20 for i in range(1, 10)))
    after = [m for m in collector.lines[mark:] if 'group' in m]
    assert not [m for m in after if m['missed'] >= 3]
    # An answer that waited in the kernel keeps its age.
    for m in after:
        if m['key'] == 'hh/1' and m['group'] == 'status' and points(m)['ups.status'][0] == 'OL' and m['age_ms'] < 1000:
            assert [x for x in after[:after.index(m)] if status_of(x) == 'OB'], 'fresh "OL" before "OB"'


def status_of(m):
    return points(m).get('ups.status', (None,))[0] if m['group'] == 'status' and not m['missed'] else None


def test_a_calm_device_is_confirmed_and_a_change_goes_out_at_once(fleet):
    with Collector(conf='confirm = true; alarm_walk_ms = 300;') as c:
        c.config([row(7, 'hh/a', '127.80.0.35', fleet.port, status_interval_ms=200)])
        c.wait('confirmed', lambda c: sum(m.get('confirmed') == 7 for m in c.lines) >= 5)
        held = c.latest['hh/a', 'status']
        assert status(c, 'hh/a') == 'OL'
        newest = [m for m in c.lines if m.get('confirmed') == 7][-1]
        assert newest['topic_seq'] == held['topic_seq'] and newest['before_ms'] < 5000
        fleet.do('127.80.0.35 onbattery')
        c.wait('on battery', lambda c: status(c, 'hh/a') == 'OB')
        confirmed, seen = sum(m.get('confirmed') == 7 for m in c.lines), sample_count(c, 'hh/a')
        c.wait('every pass of an outage', lambda c: sample_count(c, 'hh/a') > seen + 5)
        assert sum(m.get('confirmed') == 7 for m in c.lines) == confirmed
        fleet.do('127.80.0.35 return')
        c.wait('confirmed again', lambda c: sum(m.get('confirmed') == 7 for m in c.lines) > confirmed)
        fleet.do('127.80.0.35 silent')
        c.wait('lost', lambda c: c.latest['hh/a', 'status']['missed'] >= 3)
        fleet.do('127.80.0.35 answer')


def test_a_broken_profile_is_refused_with_file_and_line_and_the_rest_go_on(fleet):
    broken = 'name = "mine"; title = "t"; transport = "snmp"; source = "s"; root = ".1.3.6.1.4.1.1";\npoints = (\n' \
             '  { point = "battery.charm"; oid = "1.0"; group = "status"; }\n);\n'
    with Collector(profiles={'mine.profile': broken}) as c:
        c.config([row(1, 'hh/a', '127.80.0.30', fleet.port)])
        assert c.good('hh/a', 'status')
        assert 'mine.profile:3: point \\"battery.charm\\" is not in the registry' in c.log('collect-snmp')
        c.wait('own-alarm', lambda c: any('profile_refused' in m.get('trouble', []) for m in c.lines))


def test_a_users_profile_fills_in_from_its_base(fleet):
    mine = 'name = "mine"; title = "t"; transport = "snmp"; source = "s"; base = "rfc1628"; root = ".1.3.6.1.2.1.33.1";\n' \
           'points = ( { point = "device.part"; oid = "1.2.0"; group = "ident"; },\n' \
           '  { point = "battery.charge"; oid = "2.4.0"; group = "status"; unit = "%"; scale = 0.5; } );\n'
    with Collector(profiles={'mine.profile': mine}) as c:
        c.config([row(1, 'hh/a', '127.80.0.31', fleet.port, profile='mine')])
        assert points(c.good('hh/a', 'status'))['battery.charge'] == (50, 'good')
        assert points(c.good('hh/a', 'ident'))['device.part'][1] == 'good'
        assert points(c.good('hh/a', 'measure'))['input.voltage'][1] == 'good'


# ---- agents that lie ----

class Liar:
    """A UDP socket that answers with whatever `answer(datagram)` makes of the request: a list of datagrams."""

    def __init__(self, answer):
        self.answer = answer
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(('127.0.0.1', 0))
        self.sock.settimeout(0.2)
        self.port = self.sock.getsockname()[1]
        self.asked = 0
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self.ended:
            try:
                data, peer = self.sock.recvfrom(4096)
            except socket.timeout:
                continue
            self.asked += 1
            for out in self.answer(data):
                self.sock.sendto(out, peer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        self.sock.close()


def as_response(data):
    return data.replace(b'\xa0', b'\xa2', 1).replace(b'\xa1', b'\xa2', 1)


def other_id(data):
    at = data.index(b'\xa2') + 4               # tag and length of the PDU, then tag and length of the id
    at += 1 if data[at - 3] & 0x80 else 0
    return data[:at + 1] + bytes([data[at + 1] ^ 1]) + data[at + 2:]


LIES = {
    'garbage': lambda d: [b'\x30\x82\xff\xff' + d[4:], b'', b'\x00' * 60],
    'request thrown back': lambda d: [d],
    'nothing but nulls': lambda d: [as_response(d)],
    'another community': lambda d: [as_response(d).replace(b'public', b'publiC')],
    'another id': lambda d: [other_id(as_response(d))],
    'cut off': lambda d: [as_response(d)[:n] for n in range(0, len(d), 3)],
    'a flood': lambda d: [as_response(d).replace(b'public', b'flood!')] * 300,
}


@pytest.mark.parametrize('lie', sorted(LIES))
def test_a_liar_disturbs_nobody(fleet, collector, lie):
    with Liar(LIES[lie]) as liar:
        collector.config([row(1, 'hh/liar', '127.0.0.1', liar.port, status_interval_ms=300),
                          row(2, 'hh/good', '127.80.0.33', fleet.port, status_interval_ms=300)])
        collector.wait('the liar is lost', lambda c: c.latest.get(('hh/liar', 'status'), {}).get('missed', 0) >= 3, 60)
        assert liar.asked
        seen = sample_count(collector, 'hh/good')
        collector.wait('the other goes on', lambda c: sample_count(c, 'hh/good') > seen + 5)
    assert not any(m['missed'] for m in collector.lines if m.get('key') == 'hh/good')
    assert collector.processes['collect-snmp'].poll() is None


def test_an_answer_from_another_address_or_community_is_not_taken(fleet, collector):
    """The right answer, from the wrong port or under the wrong name."""
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    relay.settimeout(1)

    def through(data):
        relay.sendto(data, ('127.80.0.34', fleet.port))
        try:
            return [relay.recv(4096)]
        except socket.timeout:
            return []

    class Crooked(Liar):
        def _run(self):
            while not self.ended:
                try:
                    data, peer = self.sock.recvfrom(4096)
                except socket.timeout:
                    continue
                for out in self.answer(data):
                    other.sendto(out, peer)

    def as_another(data):
        return [answer.replace(b'public', b'publiC') for answer in through(data)]

    with Liar(through) as straight, Crooked(through) as crooked, Liar(as_another) as stranger:
        collector.config([row(1, 'hh/straight', '127.0.0.1', straight.port), row(2, 'hh/crooked', '127.0.0.1', crooked.port),
                          row(3, 'hh/stranger', '127.0.0.1', stranger.port)])
        collector.good('hh/straight', 'status')
        for key in ('hh/crooked', 'hh/stranger'):
            collector.wait('lost', lambda c, k=key: c.latest.get((k, 'status'), {}).get('missed', 0) >= 3)
            assert not any(m['missed'] == 0 for m in collector.lines if m.get('key') == key)
    wait_for('a heartbeat', lambda: collector.metric('snmp_answers_rejected') > 0)
    other.close()
    relay.close()


# ---- a real agent ----

@pytest.fixture
def snmpd():
    if not shutil.which('snmpd') and not os.path.exists('/usr/sbin/snmpd'):
        pytest.skip('snmpd is not installed')
    d = temp_dir('snmpd-')
    port = free_port(socket.SOCK_DGRAM)
    values = {'2.1.0': ('integer', 2), '2.2.0': ('integer', 0), '2.3.0': ('integer', 17), '2.4.0': ('integer', 88),
              '4.1.0': ('integer', 3), '6.1.0': ('gauge', 0), '4.2.0': ('integer', 500), '4.4.1.2.1': ('integer', 229),
              '4.4.1.5.1': ('integer', 31), '1.2.0': ('octet_str', '"net-snmp"')}
    with open(os.path.join(d, 'snmpd.conf'), 'w', encoding='utf-8') as f:
        f.write('agentaddress udp:127.0.0.1:%d\nrocommunity public\nsysDescr test\n' % port)
        for oid, (kind, value) in values.items():
            f.write('override .%s.%s %s %s\n' % (UPS, oid, kind, value))
    log = open(os.path.join(d, 'log'), 'wb')
    p = subprocess.Popen(['/usr/sbin/snmpd', '-f', '-Lo', '-C', '-c', os.path.join(d, 'snmpd.conf'), '-I', '-smux', '-p', os.path.join(d, 'pid')],
                         stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(os.environ, SNMP_PERSISTENT_DIR=d, MIBS=''))
    yield port
    p.terminate()
    p.wait(10)
    log.close()
    shutil.rmtree(d, ignore_errors=True)


@pytest.mark.parametrize('version', ['1', '2c'])
def test_net_snmps_own_agent_is_read(snmpd, collector, version):
    collector.config([row(1, 'hh/snmpd', '127.0.0.1', snmpd, version=version)])
    read = points(collector.good('hh/snmpd', 'status'))
    assert read['battery.charge'] == (88, 'good') and read['battery.runtime'] == (1020, 'good')
    assert read['ups.status'] == ('OL', 'good')
    measured = points(collector.good('hh/snmpd', 'measure'))
    assert measured['output.voltage'] == (229, 'good') and measured['ups.load'] == (31, 'good')
    assert points(collector.good('hh/snmpd', 'ident'))['device.model'] == ('net-snmp', 'good')


# ---- the example of a transport ----

def test_the_skeleton_is_a_complete_collector():
    with Collector('collect-skeleton') as c:
        c.config([(1, 'clock', 'clock', 0, '', '', 200, 200, ''), (2, 'sundial', 'sun', 0, '', '', 200, 200, '')])
        assert 20 <= points(c.good('clock', 'measure'))['ambient.temperature'][0] < 27
        assert points(c.good('clock', 'ident'))['device.model'] == ('clock', 'good')
        assert c.wait('refused', lambda c: c.latest.get(('sundial', 'status'), {}).get('missed', 0) >= 3 and
                      c.latest['sundial', 'status'])['reason'] == 'address "sun" is not "clock"'
