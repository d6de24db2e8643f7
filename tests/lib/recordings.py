# SPDX-License-Identifier: Apache-2.0
"""Recordings of real devices: served over UDP, read by the real collector, all at once, and what another project reads from them.

The recordings are not ours to ship: they lie beside the repository (BUSBAR_SHARED, default ../shared).
"""
import glob
import importlib.util
import json
import os
import re

from collector import Collector, row
from meaning import UNKNOWN, meaning
from stack import ROOT, Fleet

SHARED = os.environ.get('BUSBAR_SHARED') or os.path.join(ROOT, '..', 'shared')
RECORDINGS = os.path.join(SHARED, 'fixtures', 'snmprec')
EMPTY = re.compile('holds no object of profile "([^"]+)"')      # recognised by what it is; the recording holds nothing more
GROUPS = ('status', 'measure', 'ident')
ONLY_IDENTITY = ('1.3.6.1.2.1.1.',)     # nothing but sysDescr, sysObjectID and their kind

# What a family is, by the other project's name of it; the rest are cooling or other.
KINDS = {
    'ups': 'abbups apc apc-mgeups cetpower compas cxc cxrc cyberpower dell-ups deltaups eaton-mgeups eatonups eatonupsm2 fxm '
           'gamatronicups ge-ups generex-ups hpe-rtups huaweiups liebert logmaster marathonups netagent2 netmanplus netvision '
           'netvision-rfc orvaldi-ups poweralert powerwalker powerwalker-vfi snr-ups socomec-ups tripplite unifi-usp vertiv-ita2 '
           'webpower webpower-smart2 apex apc-ups hpe-powerups net-vision stork vertiv-ups vertiv-gxt5 tecnoware-ups',
    'battery': 'bacs bke btess supercap',
    'rectifier': 'algcom-dc-ups argus dpi eaton-matrix eaton-sc200 eaton-sc300 ees eltek-webpower enexus gepulsar huawei-smu ict-mps '
                 'ict-psu ict-pdu samlex tpdin3 valere vertiv-dcs vertiv-netsure alpha dps-ngdu',
    'transfer switch': 'eaton-ats ats apc_ats',
    'environment': 'akcp aos-emu2 avtech controlbox geist-watchdog hwg-poseidon hwg-ste hwg-ste2 hwg-wld interseptor netbotz nti '
                   'papouch-quido papouch-th2e papouch-tme remoteye4 rittal-cmc rittal-cmc-iii-pu sensatronics-em1 serverscheck '
                   'sinetica siteboss siteboss360 siteboss571 siteboss572 siteboss550 snr-erd teracom vutlan webmon websensor wut wxgoos '
                   'apc_environmental-manager',
}
KIND_OF = {os_name: kind for kind, names in KINDS.items() for os_name in names.split()}
KIND_OF.update({name: 'cooling, other' for name in ('apc_airfm', 'apc_inrow-dx', 'apc_uniflair-sp')})
RELEVANT = tuple(KINDS)


def judge():
    spec = importlib.util.spec_from_file_location('truth', os.path.join(SHARED, 'tools', 'truth.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names():
    return sorted(os.path.basename(p)[:-len('.snmprec')] for p in glob.glob(os.path.join(RECORDINGS, '*.snmprec')))


def expected(name):
    """What the other project reads; without its file: nothing, and the family is in the name."""
    path = os.path.join(RECORDINGS, name + '.expected.json')
    if not os.path.exists(path):
        return {'os': name.split('_')[0], 'sensors': None, 'states': {}}
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def kind_of(name, want):
    return KIND_OF.get(name) or KIND_OF.get(want.get('os') or name.split('_')[0], 'cooling, other')


def only_identity(name):
    with open(os.path.join(RECORDINGS, name + '.snmprec'), encoding='utf-8', errors='replace') as f:
        return all(line.lstrip('.').startswith(ONLY_IDENTITY) for line in f if '|' in line)


def _key(name):
    return 'truth/' + name.lower().replace('+', '-')


def _settled(reading):
    """Polled, or known to have nothing to poll."""
    return reading and (reading['missed'] == 0 or 'no profile fits' in reading['reason'] or EMPTY.search(reading['reason']))


def _show(collector, name):
    """Points with their OIDs, in the form of `busbarctl device show --json --sources`, and how it went."""
    readings = {g: collector.latest.get((_key(name), g), {'points': [], 'missed': -1, 'reason': '', 'profile': ''}) for g in GROUPS}
    points = []
    if all(r['missed'] == 0 for r in readings.values()):
        oid = {(s['name'], s.get('index') or ''): s['oid'] for s in collector.command('sources', _key(name))['json']}
        points = [dict(p, oid=oid.get((p['name'], p.get('index') or ''))) for r in readings.values() for p in r['points']]
    empty = EMPTY.search(readings['status']['reason'])
    return {'points': points, 'profile': empty.group(1) if empty else next((r['profile'] for r in readings.values() if r['profile']), ''),
            'reason': readings['status']['reason'], 'settled': all(_settled(r) for r in readings.values() if r['missed'] != -1)}


def read_all(recordings):
    """name -> {points, profile, reason, settled}, all polled by one collector at the same time."""
    fleet = ['127.78.0.%d model=recording file=%s/%s.snmprec' % (i + 1, RECORDINGS, n) for i, n in enumerate(recordings)]
    with Fleet(fleet) as f, Collector() as c:
        c.config([row(i + 1, _key(n), '127.78.0.%d' % (i + 1), f.port, interval_ms=2000, status_interval_ms=2000)
                  for i, n in enumerate(recordings)])
        waiting = {(_key(n), g) for n in recordings for g in GROUPS}

        def all_settled(c):
            waiting.difference_update([w for w in waiting if _settled(c.latest.get(w))])
            return not waiting
        try:
            c.wait('all recordings read', all_settled, 45)
        except AssertionError:
            pass                        # who is left says so in its own row
        return {n: _show(c, n) for n in recordings}


def states(want, shown):
    """(same, present, different, absent) of the states the other project reads, each a list of (sensor, our points).

    Present: the same object is a point of ours that judges nothing (a contact, a switch), or the other side judges nothing."""
    found = {'same': [], 'present': [], 'different': [], 'absent': []}
    by_oid = {}
    for p in shown['points']:
        by_oid.setdefault(str(p.get('oid') or '').lstrip('.'), []).append(p)
    for s in want.get('sensors') or []:
        if s['class'] != 'state':
            continue
        theirs = next((v['generic'] for v in want['states'].get(s.get('state_name') or s['type'], []) if v['value'] == s['current']), UNKNOWN)
        points = by_oid.get(str(s['oid']).lstrip('.'), [])
        ours = [m for m in (meaning(p) for p in points) if m is not None]
        if not points:
            found['absent'].append((s, points))
        elif not ours or theirs == UNKNOWN:
            found['present'].append((s, points))
        else:
            # warning and critical differ by taste, trouble and none do not
            found['same' if (max(ours) > 0) == (theirs > 0) else 'different'].append((s, points))
    return found
