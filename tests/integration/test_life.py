# SPDX-License-Identifier: Apache-2.0
"""What keeps alarms quiet, end to end: maintenance, out of service, a lost parent; and test alarms. Real cards, mails and database."""
import os
import re

from stack import wait_for
from test_chain import ADDRESSES, KEYS, Chain, need_postfix


def alarm_of(c, key, rule='on_battery'):
    return next((a for a in c.stack.ctl('alarm', 'list') if a['device'] == key and a['rule'] == rule), None)


def kinds(c, key, rule='on_battery'):
    return [r[0] for r in c.stack.psql("SELECT kind FROM events WHERE device = '%s' AND rule = '%s' ORDER BY jseq" % (key, rule))]


def quiet(c):
    """Devices whose severity nobody sees change."""
    return [d['key'] for d in c.stack.ctl('device', 'list') if d['severity'] == 'normal']


def in_force(c):
    """alarmd works with the newest configuration: what happens from here on happens under it."""
    generation = int(c.stack.psql('SELECT generation FROM config_generation')[0][0])

    def newest():
        with open(os.path.join(c.stack.dir, 'log', 'alarmd.log'), encoding='utf-8', errors='replace') as f:
            return max([int(g) for g in re.findall(r'config_new .*?generation=(\d+)', f.read())] or [0])
    wait_for('alarmd has generation %d' % generation, lambda: newest() >= generation, 60)


def check_maintenance(c):
    s = c.stack
    assert s.ctl('maintenance', 'add', 'x', '--reason', 'y', check=False)[0] == 2, 'without an end'
    code, _, text = s.ctl('maintenance', 'add', 'x', '--reason', 'y', '--at', '02:00', '--minutes', '60', '--tz', 'Mars/Olympus', check=False)
    assert code == 1 and 'time zone' in text
    weekly = s.ctl('maintenance', 'add', 'self-test', '--reason', 'y', '--at', '02:00', '--minutes', '60', '--days', 'mon', '--tz',
                   'Europe/Berlin', '--profile', 'none-such')
    once = s.ctl('maintenance', 'add', 'battery exchange', '--reason', 'new blocks', '--for', '1h', '--device', KEYS[0])
    shown = {w['id']: w for w in s.ctl('maintenance', 'list')}
    assert shown[once['id']]['running'] and shown[once['id']]['scope'] == {'device': KEYS[0]}
    assert shown[weekly['id']]['days'] == ['mon'] and shown[weekly['id']]['next_at'] and shown[weekly['id']]['scope'] == {'profile': 'none-such'}
    in_force(c)
    c.outage(0)
    wait_for('the alarm', lambda: (alarm_of(c, KEYS[0]) or {}).get('maintenance') == 'battery exchange', 30)
    assert alarm_of(c, KEYS[0])['quiet'] and KEYS[0] in quiet(c)
    s.kill('alarmd')
    s.ready('alarmd')
    wait_for('still quiet after a restart', lambda: (alarm_of(c, KEYS[0]) or {}).get('maintenance') == 'battery exchange', 30)
    c.outage(1)             # its mail comes after anything the quiet one might have said
    wait_for('the mail of another device', lambda: c.mails_of(KEYS[1]), 60)
    assert not c.mails_of(KEYS[0]), 'mailed in spite of the maintenance'
    s.ctl('maintenance', 'remove', once['id'])
    wait_for('told when it is over', lambda: len(c.mails_of(KEYS[0])) == 1, 60)
    c.mains(0)
    wait_for('and its end', lambda: len(c.mails_of(KEYS[0])) == 2, 60)
    wait_for('the record', lambda: kinds(c, KEYS[0]) == ['raise', 'maintenance_end', 'clear'])


def check_out_of_service(c):
    s = c.stack
    s.ctl('device', 'out-of-service', KEYS[2], 'WO 4711')
    assert [x['work_order'] for x in s.ctl('topology')['out_of_service']] == ['WO 4711']
    in_force(c)
    c.outage(2)
    wait_for('the alarm', lambda: (alarm_of(c, KEYS[2]) or {}).get('out_of_service') == 'WO 4711', 30)
    s.ctl('device', 'in-service', KEYS[2])
    wait_for('told when it is in service', lambda: c.mails_of(KEYS[2]), 60)
    assert kinds(c, KEYS[2])[:2] == ['raise', 'in_service']


def begin_test_alarms(c):
    s = c.stack
    c.plan(KEYS[3])
    test = s.ctl('alarm', 'test', KEYS[3], '--severity', 'critical', '--text', 'is anybody there', '--for', '15s')
    shown = wait_for('it is listed', lambda: alarm_of(c, KEYS[3], 'test'), 14)
    assert shown['test'] and shown['id'] == test['id'] and shown['severity'] == 'critical'
    assert KEYS[3] in quiet(c), 'a test changed the severity of the device'
    assert s.ctl('alarm', 'test', KEYS[3], check=False)[0] == 1, 'two at a time'
    assert s.ctl('alarm', 'test', 'hh', '--site', '--for', '1s')['id']


def end_test_alarms(c):
    s = c.stack
    wait_for('the mail says TEST', lambda: any(m['Subject'].startswith('[TEST] [CRITICAL]') for m in c.mails_of(KEYS[3])), 60)
    wait_for('both end by themselves', lambda: not [a for a in s.ctl('alarm', 'list') if a['test']], 60)
    wait_for('the mail of the end', lambda: any('cleared' in m['Subject'] for m in c.mails_of(KEYS[3])), 60)
    assert not c.listener.datagrams, 'a test alarm made shutdownd act'


def begin_parent(c):
    s = c.stack
    s.ctl('device', 'parent', KEYS[4], KEYS[3])
    code, _, text = s.ctl('device', 'parent', KEYS[3], KEYS[4], check=False)
    assert code == 1 and 'itself' in text
    s.ctl('site', 'link', 'hh', KEYS[3])
    topology = s.ctl('topology')
    assert [(p['key'], p['parent']) for p in topology['parents']] == [(KEYS[4], KEYS[3])]
    assert [(x['site'], x['device']) for x in topology['links']] == [('hh', KEYS[3])]
    s.ctl('site', 'link', 'hh', '-')
    in_force(c)
    c.fleet.do('%s silent' % ADDRESSES[4])
    c.fleet.do('%s silent' % ADDRESSES[3])


def end_parent(c):
    wait_for('one consequence', lambda: (alarm_of(c, KEYS[4], 'comm_lost') or {}).get('suppressed_by') == KEYS[3], 60)
    assert wait_for('one cause', lambda: alarm_of(c, KEYS[3], 'comm_lost'), 60)['suppressed_by'] is None
    wait_for('the mail of the cause', lambda: [m for m in c.mails_of(KEYS[3]) if 'answer' in m['Subject']], 60)
    assert not c.mails_of(KEYS[4]), 'a consequence was mailed'


def test_quiet_alarms_are_recorded_and_told_when_the_quiet_ends():
    need_postfix()
    with Chain() as c:
        begin_test_alarms(c)
        begin_parent(c)         # what takes its time goes on while the rest is looked at, also over a kill of alarmd
        check_maintenance(c)
        check_out_of_service(c)
        end_parent(c)
        end_test_alarms(c)
