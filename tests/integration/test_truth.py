# SPDX-License-Identifier: Apache-2.0
"""Recordings of real devices, served over UDP, read by the real collector, judged by what another project reads from them.

`python3 tests/integration/test_truth.py` prints the table for all recordings that have readings under the UPS MIB. The recordings are
not ours to ship: they lie beside the repository (BUSBAR_SHARED, default ../shared).
"""
import glob
import importlib.util
import json
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lib'))
from collector import Collector, row  # noqa: E402
from stack import ROOT, Fleet  # noqa: E402

SHARED = os.environ.get('BUSBAR_SHARED') or os.path.join(ROOT, '..', 'shared')
RECORDINGS = os.path.join(SHARED, 'fixtures', 'snmprec')
UPS_MIB = '1.3.6.1.2.1.33.'
MUST_BE_RIGHT = ['deltaups', 'dell-ups_tower1000w', 'generex-ups_cs121', 'generex-ups_cs141-v22036']

pytestmark = pytest.mark.skipif(not os.path.isdir(RECORDINGS), reason='no recordings of real devices in %s (BUSBAR_SHARED)' % SHARED)


def judge():
    spec = importlib.util.spec_from_file_location('truth', os.path.join(SHARED, 'tools', 'truth.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def expected(name):
    """What the other project reads, readings under the UPS MIB only."""
    with open(os.path.join(RECORDINGS, name + '.expected.json'), encoding='utf-8') as f:
        all_of_it = json.load(f)
    sensors = [s for s in all_of_it.get('sensors') or [] if str(s['oid']).lstrip('.').startswith(UPS_MIB)]
    return dict(all_of_it, sensors=sensors)


def names():
    found = (os.path.basename(p)[:-len('.expected.json')] for p in glob.glob(os.path.join(RECORDINGS, '*.expected.json')))
    return sorted(n for n in found if expected(n)['sensors'])


def show(collector, key):
    """Points with their OIDs, in the form of `busbarctl device show --json --sources`."""
    oid = {s['name']: s['oid'] for s in collector.command('sources', key)['json']}
    return {'points': [dict(p, oid=oid.get(p['name'])) for group in ('status', 'measure', 'ident')
                       for p in collector.latest.get((key, group), {'points': []})['points']]}


def key_of(name):
    return 'truth/' + name.lower().replace('+', '-')


def settled(reading):
    """Polled, or known to need a profile that is not there yet (then it simply has no points)."""
    return reading and (reading['missed'] == 0 or 'no profile fits' in reading['reason'])


def read_all(recordings):
    """name -> points, all polled by one collector at the same time."""
    fleet = ['127.78.0.%d model=recording file=%s/%s.snmprec' % (i + 1, RECORDINGS, n) for i, n in enumerate(recordings)]
    with Fleet(fleet) as f, Collector() as c:
        c.config([row(i + 1, key_of(n), '127.78.0.%d' % (i + 1), f.port) for i, n in enumerate(recordings)])
        for n in recordings:
            for group in ('status', 'measure', 'ident'):
                c.wait('%s of %s' % (group, n), lambda c, g=group, n=n: settled(c.latest.get((key_of(n), g))))
        return {n: show(c, key_of(n)) for n in recordings}


def test_every_reading_of_the_ups_mib_is_right():
    truth, read = judge(), read_all(MUST_BE_RIGHT)
    wrong = {}
    for name in MUST_BE_RIGHT:
        exact, _, relevant, missed, _ = truth.compare(expected(name), read[name])
        assert relevant >= 12
        if exact != relevant:
            wrong[name] = [(s['class'], s['oid'], s['current']) for s in missed] or 'not from the same object'
    assert not wrong


def test_states_mean_what_the_other_project_shows():
    """truth.py leaves states out; battery status and output source are compared by their names here."""
    ours = {'Unknown': 'unknown', 'Normal': 'good', 'Low': 'low', 'Depleted': 'depleted'}
    read = read_all(MUST_BE_RIGHT)
    for name in MUST_BE_RIGHT:
        points = {p['name']: p['value'] for p in read[name]['points']}
        want = expected(name)
        battery = {s['value']: s['descr'] for s in want['states']['upsBatteryStatusState']}
        source = {s['value']: s['descr'] for s in want['states']['upsOutputSourceState']}
        for s in want['sensors']:
            if s['oid'].endswith('.33.1.2.1.0'):
                assert points['battery.status'] == ours[battery[s['current']]], name
            if s['oid'].endswith('.33.1.4.1.0'):
                assert points['output.source'] == source[s['current']].lower(), name


def main():
    truth, all_names = judge(), names()
    read = read_all(all_names)
    wrong = 0
    print('%-32s %6s %6s %9s %8s' % ('recording, readings of RFC 1628', 'exact', 'other', 'relevant', 'surplus'))
    for name in all_names:
        exact, other, relevant, missed, surplus = truth.compare(expected(name), read[name])
        must = name in MUST_BE_RIGHT
        wrong += must and exact != relevant
        print('%-32s %6d %6d %9d %8d  %s' % (name, exact, other, relevant, len(surplus), 'must be right' if must else ''))
        for s in missed:
            print('    not so: %s %s %s' % (s['class'], str(s['oid']).lstrip('.'), s.get('polled', s['current'])))
    return 1 if wrong else 0


if __name__ == '__main__':
    if not os.path.isdir(RECORDINGS):
        print('truth: no recordings of real devices in %s; set BUSBAR_SHARED' % RECORDINGS)
        sys.exit(0)
    sys.exit(main())
