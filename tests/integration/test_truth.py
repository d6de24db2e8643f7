# SPDX-License-Identifier: Apache-2.0
"""Recordings of real devices, served over UDP, read by the real collector, judged by what another project reads from them.

`python3 tests/integration/test_truth.py [-v] [-s] [NAME ...]` prints a row per recording and per family (all recordings without
names; a name may be the beginning of names); -v adds what is missing and what is surplus, -s compares states. A star in the list of
recordings without a profile: it holds nothing but the identity, so only the detection can be judged.
"""
import collections
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lib'))
import disputed  # noqa: E402
import recordings  # noqa: E402

FLOOR = 0.97            # of the readings of all relevant recordings, those left out that are not the truth (disputed.py)
PLAIN_FLOOR = 0.91      # of all of them
STATES_FLOOR = 0.88     # of their states: the same meaning, or there at least where nobody judges
MUST_BE_RIGHT = ['deltaups', 'dell-ups_tower1000w', 'generex-ups_cs121', 'generex-ups_cs141-v22036']
UPS_MIB = '1.3.6.1.2.1.33.'
HEAD = '%-34s %6s %6s %8s %8s %8s %6s'

pytestmark = pytest.mark.skipif(not os.path.isdir(recordings.RECORDINGS),
                                reason='no recordings of real devices in %s (BUSBAR_SHARED)' % recordings.RECORDINGS)

Score = collections.namedtuple('Score', 'exact other relevant missed surplus')


def judge_all(read):
    truth = recordings.judge()
    return {name: Score(*truth.compare(recordings.expected(name), shown)) for name, shown in read.items()}


def undisputed(scores):
    """The same without the readings of the other project that are not the truth."""
    left = {}
    for name, s in scores.items():
        missed = [m for m in s.missed if not disputed.reason(name, m['oid'])]
        left[name] = s._replace(missed=missed, relevant=s.relevant - (len(s.missed) - len(missed)))
    return left


def share(scores):
    scores = list(scores)
    relevant = sum(s.relevant for s in scores)
    return sum(s.exact + s.other for s in scores) / relevant if relevant else 1.0


def is_relevant(name):
    return recordings.kind_of(name, recordings.expected(name)) in recordings.RELEVANT


@pytest.fixture(scope='module')
def read():
    return recordings.read_all(recordings.names())


def test_every_recording_is_read_or_its_trouble_is_told(read):
    silent = {n: s['reason'] for n, s in read.items() if not s['settled'] or not (s['profile'] or 'no profile fits' in s['reason'])}
    assert not silent


def test_the_floor_of_right_readings_holds(read):
    scores = {n: s for n, s in judge_all(read).items() if is_relevant(n)}
    assert share(undisputed(scores).values()) >= FLOOR, \
        {n: [m['oid'] for m in s.missed] for n, s in undisputed(scores).items() if s.missed}
    assert share(scores.values()) >= PLAIN_FLOOR


def test_only_readings_that_differ_are_called_disputed(read):
    assert disputed.superfluous({n: s.missed for n, s in judge_all(read).items()}) == []


def test_recordings_that_must_be_right_are_right(read):
    """Below the UPS MIB, that is: what a vendor's tree tells finer stands in for its object, and is judged by the floor."""
    truth = recordings.judge()
    for name in MUST_BE_RIGHT:
        want = recordings.expected(name)
        sensors = [s for s in want['sensors'] if str(s['oid']).lstrip('.').startswith(UPS_MIB)]
        score = Score(*truth.compare(dict(want, sensors=sensors), read[name]))
        assert score.relevant >= 12
        assert (name, score.missed) == (name, []) and score.exact >= score.relevant - 2


def test_only_registered_points_are_published(read):
    wrong = {(n, p['name']) for n, shown in read.items() for p in shown['points'] if p['unit'] == '?'}
    assert not wrong


def test_states_mean_what_the_other_project_shows(read):
    found = [recordings.states(recordings.expected(n), shown) for n, shown in read.items() if is_relevant(n)]
    count = {k: sum(len(f[k]) for f in found) for k in found[0]}
    assert (count['same'] + count['present']) / sum(count.values()) >= STATES_FLOOR, count
    assert [(s['oid'], p) for f in found for s, p in f['different']] == []


def print_score(title, scores, note=''):
    scores = list(scores)
    print(HEAD % (title[:34], sum(s.exact for s in scores), sum(s.other for s in scores), sum(len(s.missed) for s in scores),
                  sum(len(s.surplus) for s in scores), sum(s.relevant for s in scores), '%.1f' % (100 * share(scores))), note)


def print_details(name, score):
    for s in score.missed:
        why = disputed.reason(name, s['oid'])
        print('      disputed' if why else '      missing', s['class'], str(s['oid']).lstrip('.'), s.get('descr'), s.get('polled', s['current']), why or '')
    for p in score.surplus:
        print('      surplus', p[1], p[4] or '', p[2], p[3], p[0])


def print_readings(read, verbose):
    scores, by_kind = judge_all(read), {}
    print(HEAD % ('family / recording', 'exact', 'other', 'missing', 'surplus', 'relevant', '%'))
    for name in read:
        want = recordings.expected(name)
        by_kind.setdefault(recordings.kind_of(name, want), {}).setdefault(want.get('os') or name, []).append(name)
    for kind, families in sorted(by_kind.items()):
        print('\n' + kind)
        for family, members in sorted(families.items()):
            if len(members) > 1:
                print_score(' ' + family, [scores[n] for n in members])
            for n in members:
                shown = read[n]
                print_score('   ' + n, [scores[n]], shown['profile'] or shown['reason'] or '(silent)')
                if verbose:
                    print_details(n, scores[n])
    print()
    for kind, families in sorted(by_kind.items()):
        print_score(kind, [scores[n] for members in families.values() for n in members])
    relevant = {n: s for n, s in scores.items() if is_relevant(n)}
    print_score('all relevant kinds', relevant.values())
    print_score('  without the disputed ones', undisputed(relevant).values())
    unknown = [n for n in read if not read[n]['profile'] and is_relevant(n)]
    print('no profile for %d of %d: %s' % (len(unknown), sum(map(is_relevant, read)),
                                           ' '.join(n + ('*' if recordings.only_identity(n) else '') for n in unknown)))


def print_states(read, verbose):
    """States per family."""
    total = collections.Counter()
    families = {}
    for name, shown in read.items():
        families.setdefault(recordings.expected(name).get('os') or name, []).append((name, shown))
    print('\n%-34s %6s %8s %10s %7s' % ('states', 'same', 'present', 'different', 'absent'))
    for family, members in sorted(families.items()):
        found = [(n, recordings.states(recordings.expected(n), shown)) for n, shown in members]
        count = collections.Counter({k: sum(len(f[k]) for _, f in found) for k in ('same', 'present', 'different', 'absent')})
        total += count
        if not sum(count.values()):
            continue
        print('%-34s %6d %8d %10d %7d' % (family, count['same'], count['present'], count['different'], count['absent']))
        for name, f in found if verbose else []:
            for k in ('different', 'absent'):
                for s, points in f[k]:
                    print('     ', name, k, str(s['oid']).lstrip('.'), s.get('descr'), s['current'],
                          [(p['name'], p['value']) for p in points])
    print('%-34s %6d %8d %10d %7d' % ('all', total['same'], total['present'], total['different'], total['absent']))


def main(argv):
    wanted = [a for a in argv if not a.startswith('-')]
    chosen = [n for n in recordings.names() if not wanted or any(n == w or n.startswith(w) for w in wanted)]
    if not chosen:
        sys.exit('truth: no recording of that name in ' + recordings.RECORDINGS)
    read = recordings.read_all(chosen)
    print_readings(read, '-v' in argv)
    if '-s' in argv or not wanted:
        print_states(read, '-v' in argv)
    return 0


if __name__ == '__main__':
    if not os.path.isdir(recordings.RECORDINGS):
        print('truth: no recordings of real devices in %s; set BUSBAR_SHARED' % recordings.RECORDINGS)
        sys.exit(0)
    sys.exit(main(sys.argv[1:]))
