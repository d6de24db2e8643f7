# SPDX-License-Identifier: Apache-2.0
"""Figures per day: a synthetic log of 30 days against figures calculated here, to the last digit."""
import collections
import datetime
import random
import zoneinfo

import pytest

from webd import Webd

UTC = datetime.timezone.utc
FIRST, DAYS = datetime.date(2026, 3, 10), 30        # the clocks of Berlin go forward on 29 March
ZONE = zoneinfo.ZoneInfo('Europe/Berlin')
SEVERITY = {1: 'critical', 2: 'major', 4: 'minor'}


def midnight(day, zone):
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1e6)


MARKS = {1: ('shelve', 'unshelve'), 2: ('suppress', 'unsuppress'), 4: ('maintenance', 'maintenance_end'), 8: ('out_of_service', 'in_service')}
NAMES = {1: 'shelved', 2: 'suppressed', 4: 'maintenance', 8: 'out_of_service'}


def make_quiet(rng, rows, episode, at, length):
    """One in four is quiet for a while: from its raise or later, until its end or earlier. Its rows carry the marks of their moment."""
    chance = rng.random()
    if chance >= 0.25:
        return
    bit = rng.choice(list(MARKS))
    begin = at if chance < 0.15 else at + int(length * rng.uniform(0.1, 0.4))
    end = at + int(length * rng.uniform(0.5, 0.9)) if rng.random() < 0.6 else at + 10**15
    episode['quiet'] = (begin, end, bit)
    for r in rows:
        if r['alarm'] == episode['alarm'] and begin <= r['at'] < end:
            r['marks'] = bit
    state = lambda when: 3 if any(r['alarm'] == episode['alarm'] and r['kind'] == 'ack' and r['at'] <= when for r in rows) else 2
    base = {k: episode[k] for k in ('device', 'rule', 'severity', 'raised', 'test', 'alarm')}
    if begin > at:
        rows.append(dict(base, at=begin, kind=MARKS[bit][0], f=state(begin), t=state(begin), marks=bit))
    if end < at + length:
        rows.append(dict(base, at=end, kind=MARKS[bit][1], f=state(end), t=state(end), marks=0))


def make_log():
    """Episodes of alarms: raise, maybe an acknowledgement, maybe a clear; bursts of raises; shelves."""
    rng = random.Random(30)
    rows, episodes, lo = [], [], midnight(FIRST, UTC) - 3 * 86400 * 10**6
    starts = [lo + rng.randrange((DAYS + 3) * 86400) * 10**6 + rng.randrange(10**6) for _ in range(700)]
    for burst in range(8):
        at = lo + rng.randrange(DAYS * 86400) * 10**6
        starts += [at + rng.randrange(400) * 10**6 + i for i in range(rng.randrange(9, 40))]
    for n, at in enumerate(sorted(starts)):
        device, rule, severity = rng.choice(['hh/a/u%d' % rng.randrange(6), 'hh/b/u1', 'm/u9']), rng.choice(['on_battery', 'overload']), rng.choice([1, 2, 2, 4])
        length = int(rng.expovariate(1 / 7200) * 1e6) if rng.random() < 0.95 else rng.randrange(10**11, 5 * 10**11)
        acked = rng.random() < 0.6
        ack = at + int(length * rng.uniform(0.1, 1.5)) if acked else None
        test = rng.random() < 0.03
        base = {'device': device, 'rule': rule, 'severity': severity, 'raised': at, 'test': test, 'alarm': 'x-%d' % n}
        rows.append(dict(base, at=at, kind='raise', f=1, t=2))
        if acked and ack < at + length:
            rows += [dict(base, at=ack, kind='ack', f=2, t=3), dict(base, at=at + length, kind='clear', f=3, t=1)]
        else:
            rows.append(dict(base, at=at + length, kind='clear', f=2, t=4))
            if acked:
                rows.append(dict(base, at=ack, kind='ack', f=4, t=1))
        episodes.append(dict(base, ends=at + length))
        make_quiet(rng, rows, episodes[-1], at, length)
    for _ in range(20):
        at = lo + rng.randrange(DAYS * 86400) * 10**6
        shelf = {'device': 'hh/s/u%d' % len(rows), 'rule': 'overload', 'severity': 2, 'raised': at, 'test': False, 'alarm': 's', 'f': 1, 't': 1}
        rows += [dict(shelf, at=at, kind='shelve'), dict(shelf, at=at + rng.randrange(1, 6 * 86400) * 10**6, kind='unshelve')]
    rows.append(dict(base, rule='event', at=lo + 10**12, kind='trap', f=1, t=1))
    return rows, episodes


@pytest.fixture(scope='module')
def log():
    return make_log()


@pytest.fixture(scope='module')
def webd(log):
    w = Webd()
    try:
        w.make_keys()
        w.start()
        w.session = w.admin()
        rows = sorted(log[0], key=lambda r: r['at'])
        for i in range(0, len(rows), 400):
            w.pg.sql('INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, kind, from_state, to_state, severity, raised_at, test, marks) VALUES '
                     + ','.join("(1, unix_us(%d), '\\x07', %d, 1, '%s', '%s', '%s', '%s', %d, %d, %d, unix_us(%d), %s, %s)" % (
                         r['at'], i + k + 1, r['device'], r['alarm'], r['rule'], r['kind'], r['f'], r['t'], r['severity'], r['raised'], r['test'], r.get('marks', 'NULL'))
                         for k, r in enumerate(rows[i:i + 400])))
        yield w
    finally:
        w.close()


def most_within(ats, width, lo, hi):
    return max([sum(1 for b in ats if a - width < b <= a) for a in ats if lo <= a < hi], default=0)


def flood_seconds(ats, lo, hi):
    """Event by event: a raise comes, or one gets ten minutes old."""
    moments = sorted([(a, 1) for a in ats] + [(a + 600 * 10**6, -1) for a in ats])
    young, since, total = 0, None, 0
    for at, change in moments:
        young += change
        if since is None and young >= 11:
            since = at
        elif since is not None and young < 5:
            total += max(0, min(at, hi) - max(since, lo))
            since = None
    return total / 1e6


def is_shelved(changes, at):
    """Number of shelves that stand then; one ends with the next word about it, or after a week."""
    return sum(kind == 'shelve' and begin < at <= min([end for end, _ in changes[n + 1:n + 2]] + [begin + 7 * 86400 * 10**6])
               for n, (begin, kind) in enumerate(changes))


def day_of(rows, episodes, lo, hi):
    rows = [r for r in rows if not r['test'] and r['rule'] != 'event']
    loud = [r for r in rows if not r.get('marks')]
    all_raises = sorted(r['at'] for r in loud if r['kind'] == 'raise')
    raises = [r for r in loud if r['kind'] == 'raise' and lo <= r['at'] < hi]
    left_out = [r['marks'] for r in rows if r['kind'] == 'raise' and lo <= r['at'] < hi and r.get('marks')]
    stand = [e for e in episodes if not e['test'] and e['raised'] < hi <= e['ends']]
    asleep = [e for e in stand if 'quiet' in e and e['quiet'][0] < hi <= e['quiet'][1]]
    stand = [e for e in stand if e not in asleep]
    heard = {e['alarm']: e['quiet'][1] if 'quiet' in e and e['quiet'][1] < e['ends'] else e['raised'] for e in episodes}

    def since(r):   # it was raised, or its quiet ended before
        return r['at'] - (heard[r['alarm']] if heard[r['alarm']] < r['at'] else r['raised'])
    acks = [since(r) for r in loud if r['kind'] == 'ack' and r['f'] == 2 and lo <= r['at'] < hi]
    clears = [since(r) for r in loud if r['kind'] == 'clear' and lo <= r['at'] < hi]
    shelves = collections.defaultdict(list)
    for r in rows:
        if r['kind'] in ('shelve', 'unshelve'):
            shelves[r['device'], r['rule']].append((r['at'], r['kind']))
    pairs = collections.Counter((r['rule'], r['device']) for r in raises)
    restless = set()
    for pair in pairs:
        ats = sorted(r['at'] for r in raises if (r['rule'], r['device']) == pair)
        if any(c - a < 60 * 10**6 for a, c in zip(ats, ats[2:])) or any(c - a < 600 * 10**6 for a, c in zip(ats, ats[4:])):
            restless.add(pair)
    order = sorted(pairs, key=lambda p: (-pairs[p], p))
    return {
        'raises': len(raises), 'peak_10min': most_within(all_raises, 600 * 10**6, lo, hi), 'peak_1min': most_within(all_raises, 60 * 10**6, lo, hi),
        'flood_s': flood_seconds(all_raises, lo, hi), 'standing': len(stand), 'stale': sum(e['raised'] <= hi - 86400 * 10**6 for e in stand),
        'shelved': sum(is_shelved(sorted(a), hi) for a in shelves.values()),
        'left_out': dict({name: sum(1 for m in left_out if m == bit) for bit, name in NAMES.items()}, raises=len(left_out), standing=len(asleep)),
        'acks': len(acks), 'ack_mean_s': sum(acks) / len(acks) / 1e6 if acks else None,
        'normals': len(clears), 'normal_mean_s': sum(clears) / len(clears) / 1e6 if clears else None,
        'by_severity': dict({'unknown': 0, 'info': 0}, **{SEVERITY[s]: sum(r['severity'] == s for r in raises) for s in SEVERITY}),
        'top': [(r, d, pairs[r, d], round(pairs[r, d] / len(raises), 4)) for r, d in order[:10]],
        'chattering': [(r, d, pairs[r, d]) for r, d in order if (r, d) in restless],
    }


def same(got, want, where):
    got = dict(got, top=[(t['rule'], t['device'], t['count'], t['share']) for t in got['top']],
               chattering=[(c['rule'], c['device'], c['raises']) for c in got['chattering']])
    for name, value in want.items():
        if name in ('ack_mean_s', 'normal_mean_s'):
            assert (got[name] is None) == (value is None) and (value is None or abs(got[name] - value) < 0.001), (where, name, got[name], value)
        elif name == 'flood_s':
            assert abs(got[name] - value) <= 1, (where, name, got[name], value)
        elif name == 'top':
            assert [t[:3] for t in got[name]] == [t[:3] for t in value] and all(abs(a[3] - b[3]) < 2e-4 for a, b in zip(got[name], value)), (where, name)
        else:
            assert got[name] == value, (where, name, got[name], value)


@pytest.mark.parametrize('site,tz', [(None, 'UTC'), ('hh', 'UTC'), ('hh/b', 'Europe/Berlin'), ('nowhere', 'UTC')])
def test_figures_of_thirty_days_are_those_calculated_by_hand(webd, log, site, tz):
    rows, episodes = ([x for x in part if site is None or x['device'].startswith(site + '/')] for part in log)
    last = FIRST + datetime.timedelta(days=DAYS - 1)
    a = webd.session.get('/kpis?from=%s&to=%s&tz=%s%s' % (FIRST, last, tz, '&site=' + site if site else ''))
    assert a.status == 200, a
    k, zone = a.json, UTC if tz == 'UTC' else ZONE
    assert len(k['days']) == DAYS and k['days'][0]['day'] == str(FIRST) and k['days'][-1]['day'] == str(last)
    edges = [midnight(FIRST + datetime.timedelta(days=n), zone) for n in range(DAYS + 1)]
    for n, got in enumerate(k['days']):
        same(got, day_of(rows, episodes, edges[n], edges[n + 1]), got['day'])
    total = day_of(rows, episodes, edges[0], edges[-1])
    same(k['total'], total, 'total')
    if site is None:
        assert total['flood_s'] > 0 and total['chattering'] and total['peak_1min'] > 2
        assert all(any(d[name] for d in k['days']) for name in ('standing', 'stale', 'shelved'))
        assert all(any(d['left_out'][name] for d in k['days']) for name in total['left_out'])


def test_busbarctl_prints_them(webd):
    text = webd.ctl('kpi', '--from', '2026-03-12', '--to', '2026-03-13', '--site', 'hh')
    assert [line.split()[0] for line in text.splitlines()] == ['day', '2026-03-12', '2026-03-13', 'total']


@pytest.mark.parametrize('query', ['from=yesterday', 'from=2026-03-10&to=2026-03-09', 'from=2026-01-01&to=2026-12-31', 'tz=Moon/Base', 'from=2026-13-40', 'colour=red'])
def test_bad_spans_are_named(webd, query):
    assert webd.session.get('/kpis?' + query).status == 400
