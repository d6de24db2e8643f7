# SPDX-License-Identifier: Apache-2.0
"""What our words mean to somebody who only knows 0 good, 1 warning, 2 critical, 3 unknown (the other project's generic states)."""

import re

GOOD, WARNING, CRITICAL, UNKNOWN = range(4)

# A point's words; '*' is any other word. None: the word judges nothing.
WORDS = {
    'battery.status': {'good': GOOD, 'low': WARNING, 'depleted': CRITICAL, 'fault': CRITICAL, 'absent': WARNING, 'unknown': None},
    'output.source': {'normal': GOOD, 'booster': GOOD, 'reducer': GOOD, 'battery': WARNING, 'bypass': WARNING, 'none': CRITICAL,
                      'other': None},
    'battery.charger.status': {'charging': GOOD, 'floating': GOOD, 'floating, temperature compensated': GOOD, 'resting': GOOD, 'equalising': GOOD,
                               'discharging': WARNING, 'off': None},
    'generator.status': {'ready': GOOD, 'running': WARNING, 'off': None},
    'ups.test.result': {'passed': GOOD, 'running': GOOD, 'none': GOOD, 'warning': WARNING, 'aborted': WARNING, 'failed': CRITICAL},
}

# Words that mean the same wherever they stand.
ANYWHERE = dict.fromkeys(('good', 'ok', 'normal', 'passed', 'active', 'running', 'ready', 'automatic'), GOOD)
# Words that judge nothing: whether a switch should be on is not ours to say.
NEUTRAL = set('on off open closed yes no unknown other none absent inactive standby enabled disabled stopped'.split()) | {'not applicable'}
# Points that name what is wrong wherever the word is none of these.
JUDGING = re.compile(r'(^|\.)(status|state|fuse)$')


def meaning(point):
    """GOOD, WARNING or CRITICAL; None where the point judges nothing."""
    name, value = point['name'], point['value']
    if isinstance(value, bool):
        judges = name.startswith('alarm.') or name in ('battery.replace', 'battery.fault', 'battery.capacity.low') or \
            name.rsplit('.', 1)[-1] in ('leak', 'smoke', 'door', 'motion')
        return (CRITICAL if value else GOOD) if judges else None
    if not isinstance(value, str):
        return None
    for words in (WORDS.get(name, {}), ANYWHERE):
        if value in words:
            return words[value]
    return None if value in NEUTRAL or not JUDGING.search(name) else WARNING
