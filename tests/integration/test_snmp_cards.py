# SPDX-License-Identifier: Apache-2.0
"""What cards get wrong, card by card: small recordings of our own go over UDP into the real collector."""
import os
import time

import pytest

from collector import Collector, points, row
from stack import ROOT, Fleet

CARDS = os.path.join(ROOT, 'tests/data/cards')
GOOD, UNKNOWN, BAD, STALE, ABSENT = 'good', 'unknown', 'bad', 'stale', None

# card -> {point: value with good quality, or the quality of what has no value}
EXPECTED = {
    'plain': {
        'ups.status': 'OL', 'battery.status': 'good', 'output.source': 'normal', 'battery.time.onbattery': 0, 'battery.runtime': 1800,
        'battery.charge': 100, 'ups.alarm.count': 0, 'battery.voltage': 54.5, 'battery.current': -1.2, 'battery.temperature': 24,
        'input.quality': 7, 'input.frequency': 49.9, 'input.voltage': 231, 'input.current': 2.1, 'input.realpower': 480,
        'output.frequency': 50, 'output.voltage': 230, 'output.current': 1.9, 'output.realpower': 430, 'ups.load': 43,
        'ups.realpower': 430, 'input.bypass.frequency': 50, 'input.bypass.voltage': 231, 'ups.test.result': 'passed',
        'device.mfr': 'Acme', 'device.model': 'Line 1000', 'ups.firmware': '1.2', 'ups.firmware.aux': 'card 3.4',
        'ups.power.nominal': 1000, 'ups.beeper.status': 'muted', 'alarm.ups.on_battery': False, 'alarm.test.running': False,
        'device.uptime': 3600, 'input.L1-N.voltage': ABSENT, 'input.transfer.low': ABSENT},
    'sentinels': {
        'battery.runtime': UNKNOWN, 'battery.current': UNKNOWN, 'battery.temperature': UNKNOWN, 'input.current': UNKNOWN,
        'input.realpower': UNKNOWN, 'input.voltage': 234, 'output.realpower': 200, 'ups.load': 7,
        'ups.alarm.count': ABSENT, 'alarm.battery.bad': ABSENT},
    'three_rows_one_phase': {
        'input.voltage': 232, 'input.current': 6.5, 'output.voltage': 230, 'ups.load': 24, 'input.L2-N.voltage': ABSENT,
        'output.L1-N.voltage': ABSENT},
    'null_rows_tenths': {'input.voltage': 231.3, 'output.voltage': 230.2, 'input.current': UNKNOWN, 'input.L2-N.voltage': ABSENT},
    'lost_phase': {
        'input.L1-N.voltage': 230, 'input.L2-N.voltage': 0, 'input.L3-N.voltage': 231, 'input.L2.current': 0, 'input.voltage': ABSENT,
        'output.L2.power.percent': 25, 'ups.load': 30, 'ups.realpower': 1800, 'input.phases': 3},
    'extra_instance': {'input.voltage': 236, 'output.voltage': 230, 'ups.load': 9},
    'no_point_zero': {'device.mfr': 'Minuteman', 'battery.status': 'good', 'battery.runtime': 1320, 'ups.status': 'OL',
                      'output.frequency': 60},
    'kilowatts': {'output.realpower': 1000, 'ups.load': 27, 'output.frequency': 50},
    'zero_watts': {'output.realpower': UNKNOWN, 'ups.realpower': UNKNOWN, 'battery.temperature': UNKNOWN, 'battery.current': UNKNOWN},
    'zero_minutes': {'battery.runtime': UNKNOWN, 'battery.charge': 100, 'ups.status': 'OL'},
    'zero_minutes_on_battery': {'battery.runtime': 0, 'ups.status': 'OB LB', 'alarm.battery.low': True, 'alarm.battery.bad': False,
                                'battery.time.onbattery': 60},
    'inverter': {'ups.status': 'OL', 'output.source': 'normal', 'alarm.battery.bad': False, 'ups.alarm.unrecognised': 0},
    'numbers_as_text': {'battery.runtime': 1800, 'battery.charge': 97.5, 'ups.status': 'OL', 'battery.voltage': 54.5,
                        'battery.temperature': BAD, 'device.model': 'Line'},
    'alarms': {
        'alarm.fan.failed': True, 'alarm.output.overload': True, 'alarm.ups.on_bypass': True, 'alarm.fuse.failed': False,
        'ups.alarm': '1.3.6.1.4.1.99999.1', 'ups.alarm.unrecognised': 1, 'ups.status': 'BYPASS OVER', 'output.source': 'other'},
    'fewer_rows_than_counted': {'alarm.fan.failed': True, 'alarm.fuse.failed': False, 'ups.alarm.unrecognised': 2},
    'card_link_lost': {'alarm.comm.lost': True, 'ups.alarm.count': 1, 'battery.charge': STALE, 'battery.voltage': STALE,
                       'ups.status': STALE},
    'impossible': {'battery.status': BAD, 'battery.charge': BAD, 'battery.temperature': BAD, 'output.realpower': BAD, 'ups.status': 'OL'},
    'tripplite_whole_units': {'output.frequency': 60, 'output.current': 14, 'ups.load': 10.5},
    # the phases by their orientation, high precision where it tells something, bits of two texts
    'apc_three_phase': {
        'ups.status': 'OB RB OVER', 'output.source': 'battery', 'battery.charge': 97, 'battery.voltage': 123.4, 'battery.runtime': 1200,
        'input.L1-L2.voltage': 401, 'input.L3-L1.voltage': 403, 'input.L2.current': 10.2, 'input.L1-N.voltage': ABSENT,
        'output.L1-N.voltage': 230, 'output.voltage': ABSENT, 'output.L2.power.percent': 32, 'ups.load': 33,
        'alarm.ups.on_battery': True, 'alarm.output.overload': True, 'alarm.fan.failed': True, 'alarm.charger.failed': False,
        'ups.alarm.detail': 'redundancy lost', 'alarm.ups.minor': True},
    'apc_link_lost': {'ups.comm.status': False, 'battery.charge': STALE, 'output.source': STALE, 'input.voltage': STALE},
    'apc_fahrenheit': {'ambient.1.temperature': 25, 'ambient.3.temperature': 0, 'ambient.2.temperature': ABSENT, 'ambient.1.humidity': 40,
                       'ambient.3.humidity': UNKNOWN, 'ambient.3.name': 'Door', 'ups.status': ABSENT},
    'mge_on_battery': {
        'ups.status': 'OB LB', 'alarm.ups.on_battery': True, 'alarm.battery.low': True, 'alarm.charger.failed': True, 'battery.runtime': 240,
        'battery.replace': False, 'input.transfer.reason': 'no mains', 'ups.inverter.status': 'off', 'output.voltage': 230.4, 'ups.load': 55},
    # two codes of one flag, one that is no trouble, one nobody knows; probes of both generations
    'xups_alarms': {
        'ups.status': 'OL RB', 'alarm.ups.temperature': True, 'alarm.ups.minor': False, 'ups.alarm.unrecognised': 1, 'battery.replace': True,
        'battery.voltage': 240, 'ambient.1.temperature': 25, 'ambient.1.humidity': 41.2},
    # probes by port, in the unit of each; what is off-line says nothing, whatever stands there
    'sensor_ports': {
        'ambient.1.temperature': 21.4, 'ambient.1.name': 'Rack', 'ambient.1.humidity': 44, 'ambient.2.temperature': 25,
        'ambient.2.status': 'warning high', 'ambient.3.temperature': ABSENT, 'ambient.3.present': 'no', 'ambient.2.humidity': ABSENT,
        'ambient.contacts.1.state': 'critical', 'ambient.contacts.2.state': ABSENT, 'device.status': 'ok'},
    # a table of variables in which each sensor takes several rows
    'sensor_variables': {
        'ambient.1.temperature': 21.5, 'ambient.1.name': 'Rack front', 'ambient.1.status': 'OK', 'ambient.2.name': 'Door',
        'ambient.2.contacts.1.status': 'open', 'ambient.2.status': 'Open', 'ambient.33.humidity': 45, 'ambient.33.name': 'Rack rear',
        'relay.34.status': 'on', 'ambient.2.temperature': ABSENT, 'device.status': 'ok'},
    'no_system_group': {'ups.status': 'OB', 'battery.status': 'good'},
}


def seen(collector, key):
    all_points = {}
    for group in ('status', 'measure', 'ident'):
        all_points.update(points(collector.latest.get((key, group), {'points': []})))
    return all_points


def fits(have, want):
    if want is ABSENT:
        return have is None
    if have is None:
        return False
    value, quality = have
    if want in (UNKNOWN, BAD, STALE):
        return quality == want
    if quality != 'good' or isinstance(value, bool) != isinstance(want, bool):
        return False
    return value == want if isinstance(want, (str, bool)) else abs(value - want) < 1e-9


@pytest.fixture(scope='module')
def collector():
    names = sorted(EXPECTED) + ['not_a_ups']
    fleet = ['127.79.%d.%d model=recording file=%s/%s.snmprec' % (v, i + 1, CARDS, n) for v in (1, 2) for i, n in enumerate(names)]
    with Fleet(fleet) as f, Collector(conf='alarm_walk_ms = 500;') as c:
        c.config([row(v * 100 + i, 'v%d/%s' % (v, n), '127.79.%d.%d' % (v, i + 1), f.port, version='1' if v == 1 else '2c',
                      interval_ms=600, status_interval_ms=300) for v in (1, 2) for i, n in enumerate(names)])
        yield c


@pytest.mark.parametrize('version', [1, 2])
@pytest.mark.parametrize('card', sorted(EXPECTED))
def test_card(collector, card, version):
    key = 'v%d/%s' % (version, card)

    def wrong(c):
        have = seen(c, key)
        return {n: (want, have.get(n)) for n, want in EXPECTED[card].items() if not fits(have.get(n), want)}

    # A pass of every group, and for some quirks a second one, must have come; then all of it must fit at the same time.
    for group in ('status', 'measure', 'ident'):
        collector.good(key, group)
    try:
        collector.wait('all points of ' + key, lambda c: not wrong(c), 15)
    except AssertionError:
        pytest.fail('%s: expected, seen: %s' % (key, wrong(collector)))


def test_alarms_travel_with_the_status_whatever_they_are_read_with(collector):
    """The rules look for them there; the charger's flag is read with the measurements."""
    key = 'v2/mge_on_battery'
    collector.wait('the flag', lambda c: points(c.latest.get((key, 'status'), {'points': []})).get('alarm.charger.failed') == (True, 'good'))
    assert not any(n.startswith('alarm.') for n in points(collector.latest[key, 'measure']))


@pytest.mark.parametrize('card,says', [('plain', 1577836800), ('xups_alarms', 1577844000)])
def test_the_clock_of_a_card_is_told_as_what_it_is_off(collector, card, says):
    """hrSystemDate with a zone; a text of a vendor."""
    def drift(c):
        value, quality = seen(c, 'v2/' + card).get('device.clock.drift', (0, ''))
        return quality == 'good' and abs(value - (says - time.time())) < 120
    collector.wait('the drift', drift)


def test_what_a_card_calls_its_time_may_be_none(collector):
    collector.good('v2/kilowatts', 'measure')
    assert seen(collector, 'v2/kilowatts').get('device.clock.drift', (None, 'bad'))[1] == 'bad'
    assert 'device.clock.drift' not in seen(collector, 'v2/sentinels')


def test_what_fits_no_profile_tells_its_system_group_and_never_looks_normal(collector):
    want = {'device.description': ('a switch', 'good'), 'device.sysobjectid': ('1.3.6.1.4.1.9.1.1', 'good'),
            'alarm.device.unrecognised': (True, 'good'), 'device.status': ('unrecognised', 'good')}
    collector.wait('the system group', lambda c: want.items() <= seen(c, 'v2/not_a_ups').items())
    assert 'ups.status' not in seen(collector, 'v2/not_a_ups')


def test_what_fits_no_profile_is_recognised_as_soon_as_it_says_more():
    """A card that starts answers for itself before it knows its UPS."""
    with Fleet(['127.79.4.1 model=recording file=%s/not_a_ups.snmprec' % CARDS]) as f, Collector(conf='fallback_ms = 1000;') as c:
        c.config([row(1, 'hh/starting', '127.79.4.1', f.port, interval_ms=600, status_interval_ms=300)])
        c.wait('nothing known', lambda c: seen(c, 'hh/starting').get('alarm.device.unrecognised') == (True, 'good'))
        f.do('127.79.4.1 set 1.3.6.1.2.1.33.1.2.1.0 2')
        f.do('127.79.4.1 set 1.3.6.1.2.1.33.1.4.1.0 3')
        c.wait('a UPS', lambda c: seen(c, 'hh/starting').get('ups.status', ('',))[0] == 'OL')
        c.wait('the flag is gone', lambda c: 'alarm.device.unrecognised' not in points(c.latest['hh/starting', 'status']))


def test_a_probe_that_is_plugged_in_is_found():
    with Fleet(['127.79.3.1 model=recording file=%s/sensor_ports.snmprec' % CARDS]) as f, Collector() as c:
        c.config([row(1, 'hh/probes', '127.79.3.1', f.port, interval_ms=600, status_interval_ms=300)])
        c.wait('two probes', lambda c: 'ambient.1.temperature' in seen(c, 'hh/probes'))
        assert 'ambient.3.temperature' not in seen(c, 'hh/probes')
        f.do('127.79.3.1 set 1.3.6.1.4.1.3854.1.2.2.1.16.1.14.2 195')
        f.do('127.79.3.1 set 1.3.6.1.4.1.3854.1.2.2.1.16.1.5.2 1')
        c.wait('the third', lambda c: seen(c, 'hh/probes').get('ambient.3.temperature') == (19.5, 'good'))
        assert seen(c, 'hh/probes')['ambient.1.temperature'] == (21.4, 'good')
