# SPDX-License-Identifier: Apache-2.0
"""What our words mean to somebody who only knows 0 good, 1 warning, 2 critical, 3 unknown (the other project's generic states)."""

GOOD, WARNING, CRITICAL, UNKNOWN = range(4)

# A point's words; '*' is any other word. None: the word judges nothing.
WORDS = {
    'battery.status': {'good': GOOD, 'low': WARNING, 'depleted': CRITICAL, 'fault': CRITICAL, 'absent': WARNING, 'unknown': None},
    'output.source': {'normal': GOOD, 'booster': GOOD, 'reducer': GOOD, 'battery': WARNING, 'bypass': WARNING, 'none': CRITICAL,
                      'other': None},
    'ups.test.result': {'passed': GOOD, 'running': GOOD, 'none': GOOD, 'warning': WARNING, 'aborted': WARNING, 'failed': CRITICAL},
}

# Words that mean the same wherever they stand.
ANYWHERE = {
    'good': GOOD, 'ok': GOOD, 'normal': GOOD, 'passed': GOOD, 'active': GOOD,
    'warning': WARNING, 'low': WARNING, 'high': WARNING, 'minor': WARNING, 'major': CRITICAL, 'alarm': CRITICAL,
    'critical': CRITICAL, 'critically low': CRITICAL, 'critically high': CRITICAL, 'fault': CRITICAL, 'failed': CRITICAL,
}


def meaning(point):
    """GOOD, WARNING or CRITICAL; None where the point judges nothing."""
    value = point['value']
    if isinstance(value, bool):
        judges = point['name'].startswith('alarm.') or point['name'] == 'battery.replace' or \
            point['name'].rsplit('.', 1)[-1] in ('leak', 'smoke', 'door', 'motion')
        return (CRITICAL if value else GOOD) if judges else None
    if not isinstance(value, str):
        return None
    words = WORDS.get(point['name'], {})
    return words[value] if value in words else words.get('*', ANYWHERE.get(value))
