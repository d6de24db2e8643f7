# SPDX-License-Identifier: Apache-2.0
"""Implausible values: found by the collector, shown, judged once by a person, stored for the device."""
import os

from stack import Fleet, Stack, devices_csv, wait_for

CHARGE = '1.3.6.1.2.1.33.1.2.4.0'               # upsEstimatedChargeRemaining, %
SECONDS = '1.3.6.1.2.1.33.1.2.2.0'              # upsSecondsOnBattery
KEY, OTHER = 'hh/liar', 'hh/honest'


def point(stack, key, name):
    return next((p for p in stack.ctl('device', 'show', key)['points'] if p['name'] == name), None)


def good(stack, key, name):
    p = point(stack, key, name)
    return p['value'] if p and p['quality'] == 'good' else None


def test_a_factor_of_ten_is_proposed_confirmed_once_and_stays_corrected():
    with Fleet(['127.91.0.1-127.91.0.2']) as fleet, Stack() as s:
        fleet.do('127.91.0.1 set %s 980' % CHARGE)
        s.ctl('device', 'import', devices_csv(os.path.join(fleet.dir, 'd.csv'),
                                              [(KEY, '127.91.0.1', fleet.port, 1), (OTHER, '127.91.0.2', fleet.port, 1)]))
        found = wait_for('the finding', lambda: s.ctl('finding', 'list'), 60)
        assert [(f['key'], f['point'], f['kind'], f['suggestion']) for f in found] == [(KEY, 'battery.charge', 'factor', {'factor': 0.1})]
        assert found[0]['text'] == '980 % cannot be; times 0.1 it would be 98 %'
        assert good(s, KEY, 'battery.charge') is None, 'a value ten times too high is shown as good'
        assert good(s, OTHER, 'battery.charge') == 100

        s.ctl('finding', 'confirm', found[0]['id'])
        wait_for('the corrected value', lambda: (good(s, KEY, 'battery.charge') or 0) == 98, 40)
        wait_for('the finding ends', lambda: not s.ctl('finding', 'list'), 40)
        code, _, text = s.ctl('finding', 'confirm', found[0]['id'], check=False)
        assert code == 1 and 'no such finding' in text

        s.kill('collect-snmp')                  # the decision is the device's, not the process's
        s.ready('collect-snmp')
        wait_for('corrected after a restart', lambda: (good(s, KEY, 'battery.charge') or 0) == 98, 40)

        [c] = s.ctl('correction', 'list')
        assert (c['key'], c['point'], c['factor'], c['value']) == (KEY, 'battery.charge', 0.1, 980)
        assert s.psql("SELECT count(*) FROM audit WHERE action = 'finding.judge' AND object = '%s'" % KEY) == [['1']]
        s.ctl('correction', 'remove', c['id'])
        wait_for('the finding is back', lambda: s.ctl('finding', 'list'), 60)

        # Seconds left over from an outage, although the load is on mains: never good, and told.
        fleet.do('127.91.0.2 set %s 345' % SECONDS)
        wait_for('the leftover is told', lambda: [f for f in s.ctl('finding', 'list') if (f['key'], f['kind']) == (OTHER, 'leftover')], 60)
        assert good(s, OTHER, 'battery.time.onbattery') is None
        assert not [a for a in s.ctl('alarm', 'list') if a['key'] == OTHER], 'seconds left over made an alarm'
        [id] = [f['id'] for f in s.ctl('finding', 'list') if f['key'] == OTHER]
        s.ctl('finding', 'dismiss', id)
        wait_for('taken as it is', lambda: good(s, OTHER, 'battery.time.onbattery') == 345, 40)
