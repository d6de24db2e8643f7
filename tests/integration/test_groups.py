# SPDX-License-Identifier: Apache-2.0
"""Device groups and redundancy groups in the running suite: set by API and busbarctl, told live, recorded, taken up after a kill."""
import os

import pytest

from stack import Fleet, Stack, devices_csv, wait_for
from webd import Client, Stream

SOURCE = '1.3.6.1.2.1.33.1.4.1.0'               # upsOutputSource: 3 normal, 4 bypass, 5 battery
KEYS = ['hh/a/ups1', 'hh/a/ups2', 'hh/b/ups3']
ADDRESS = dict(zip(KEYS, ['127.92.0.1', '127.92.0.2', '127.92.0.3']))


@pytest.fixture(scope='module')
def world():
    with Fleet(['127.92.0.1-127.92.0.3']) as fleet, Stack() as s:
        s.fleet = fleet
        s.ctl('device', 'import', devices_csv(os.path.join(fleet.dir, 'd.csv'), [(k, ADDRESS[k], fleet.port, 1) for k in KEYS]))
        wait_for('all devices answer', lambda: [d for d in s.ctl('device', 'list') if d['status'] == 'OL'] and
                 all(d['comm'] == 'ok' and d['status'].startswith('OL') for d in s.ctl('device', 'list')), 60)
        s.api = Client(local=os.path.join(s.run, 'api.sock'))
        yield s


def group(s, key):
    return s.api.get('/device-groups/' + key).json


def redundancy(s, key):
    return s.api.get('/redundancy-groups/' + key).json


def alarms(s, key):
    return {a['rule']: a for a in s.ctl('alarm', 'list') if a['device'] == 'redundancy/' + key}


def events(s):
    return int(s.psql("SELECT count(*) FROM events WHERE device LIKE 'redundancy/%'")[0][0])


def test_a_device_group_counts_each_device_once_and_refuses_cycles(world):
    s = world
    assert s.ctl('group', 'set', 'hall', 'site:hh/a', 'hh/a/ups1', '--name', 'Hall A')['key'] == 'hall'
    s.ctl('group', 'set', 'all', 'group:hall', 'site:hh', 'hh/b/ups3')
    wait_for('both groups are live', lambda: group(s, 'hall')['members'] == 2 and group(s, 'all')['members'] == 3)
    assert group(s, 'hall')['counts']['normal'] == 2 and group(s, 'hall')['severity'] == 'normal'
    assert sorted(group(s, 'all')['device_ids']) == sorted(d['id'] for d in s.ctl('device', 'list'))

    r = s.api.request('PUT', '/device-groups/hall', {'groups': ['all']})
    assert r.status == 409 and 'hold itself' in r.json['detail']
    r = s.api.request('DELETE', '/device-groups/hall')
    assert r.status == 409 and 'group/all' in r.json['detail']
    for body, why in [({'key': 'Hall'}, 'a key is'), ({'key': 'x', 'devices': ['hh/a/ups1', 5]}, 'not a key'), ({'key': 'x', 'what': 1}, '')]:
        r = s.api.post('/device-groups', body)
        assert r.status == 400 and why in r.json['errors'][0]['detail'], (body, r)
    assert s.api.post('/device-groups', {'key': 'x', 'devices': ['hh/none']}).status == 409
    assert s.api.post('/device-groups', {'key': 'hall'}).status == 409
    assert s.api.get('/device-groups/none').status == 404


def test_what_can_never_work_or_names_nothing_is_refused_with_the_place(world):
    s = world
    ups = {'device': 'hh/a/ups1'}
    load = dict(ups, point='ups.load', op='<', value=50)
    for members, where, why in [
            ([dict(load, point='ups.lod')], '/members/0', 'no point'),
            ([ups, dict(load, op='has')], '/members/1', 'cannot be asked'),
            ([dict(load, value='much')], '/members/0', 'is a number'),
            ([dict(load, value=5000)], '/members/0', 'never change'),
            ([dict(ups, group='hall')], '/members/0', 'one of them'),
            ([ups, ups], '/members/1', 'the same as member 0'),
            ([dict(ups, point='ups.load')], '/members/0', 'a condition is')]:
        r = s.api.post('/redundancy-groups', {'key': 'x', 'need': 1, 'members': members})
        assert r.status == 400, r
        assert r.json['errors'][0]['pointer'] == where and why in r.json['errors'][0]['detail'], r
    r = s.api.post('/redundancy-groups', {'key': 'x', 'need': 1, 'members': [ups], 'fails_on': ['OFFF']})
    assert r.status == 400 and r.json['errors'][0]['pointer'] == '/fails_on/0'
    r = s.api.post('/redundancy-groups', {'key': 'x', 'need': 1, 'members': [ups], 'fails_on': ['ups_fault', 'ups_falt']})
    assert r.status == 409 and 'no rule "ups_falt"' in r.json['detail']
    r = s.api.post('/redundancy-groups', {'key': 'x', 'need': 2, 'members': [ups]})
    assert r.status == 409 and 'only 1 members' in r.json['detail']


def test_redundancy_is_lost_told_recorded_and_survives_a_kill(world):
    s = world
    s.ctl('redundancy', 'set', 'feed', '2', 'group:hall', 'hh/b/ups3', '--name', 'Feed A')
    s.ctl('redundancy', 'set', 'both', '2', 'redundancy:feed', 'hh/b/ups3:ups.status:has:OL')
    wait_for('it works', lambda: redundancy(s, 'feed')['state'] == 'works' and redundancy(s, 'both')['state'] == 'works', 60)
    r = redundancy(s, 'feed')
    assert (r['total'], r['working'], r['failed'], r['unknown'], r['spare'], r['alarms']) == (3, 3, 0, 0, 1, [])
    stream = Stream(s.api, '/stream?topics=groups')
    stream.until('the beginning', lambda event, data: event == 'hello')

    # A question, not an event: nothing is recorded and nothing changes.
    before = events(s)
    [a] = s.api.post('/redundancy-groups/feed:what-if', {'fail': ['hh/a/ups1', 'hh/a/ups2']}).json['also']
    assert (a['key'], a['now']['state'], a['then']['state']) == ('both', 'works', 'fails')
    told = s.ctl('redundancy', 'what-if', 'feed', 'hh/a/ups1')
    assert (told['now']['spare'], told['then']['state'], told['then']['spare'], told['also']) == (1, 'works', 0, [])
    assert s.api.post('/redundancy-groups/feed:what-if', {'fail': ['hh/none']}).status == 400
    assert s.api.post('/redundancy-groups/none:what-if', {'fail': ['hh/a/ups1']}).status == 404
    assert redundancy(s, 'feed')['working'] == 3 and events(s) == before and not alarms(s, 'feed')

    s.fleet.do('127.92.0.1 set %s 4' % SOURCE)
    reduced = wait_for('the spare is used', lambda: alarms(s, 'feed').get('redundancy_reduced'), 60)
    assert (reduced['severity'], reduced['site']) == ('minor', 'hh') and 'hh/a/ups1 (BYPASS)' in reduced['text']
    s.fleet.do('127.92.0.2 set %s 4' % SOURCE)
    lost = wait_for('the redundancy is lost', lambda: alarms(s, 'feed').get('redundancy_lost'), 60)
    assert lost['severity'] == 'critical' and lost['state'] == 'active_unack'
    wait_for('and what builds on it', lambda: alarms(s, 'both').get('redundancy_lost'), 60)
    site = wait_for('the site shows the loss', lambda: next((g for g in s.api.get('/groups').json['items'] if g['key'] == 'hh'
                                                             and g['severity'] == 'critical'), None))
    assert site['members'] == 3 and site['counts']['critical'] == 0, 'the group is counted as a device'
    parts = wait_for('why', lambda: redundancy(s, 'feed')['parts'])
    assert sorted((p['name'], p['state'], p['why']) for p in parts) == [
        ('hh/a/ups1', 'fails', 'BYPASS'), ('hh/a/ups2', 'fails', 'BYPASS'), ('hh/b/ups3', 'works', '')]
    stream.until('the loss is told live', lambda event, data: event == 'redundancy' and
                 any(r['key'] == 'feed' and r['state'] == 'fails' and 'redundancy_lost' in r['alarms'] for r in data['ch']))
    stream.until('the device group is told live', lambda event, data: event == 'device_group' or
                 any(e == 'device_group' for _, e, _ in stream.seen))
    stream.close()

    s.ctl('alarm', 'ack', lost['id'], '--comment', 'on our way')
    s.kill('alarmd')
    s.ready('alarmd')
    again = wait_for('the alarm is there again', lambda: alarms(s, 'feed').get('redundancy_lost'), 60)
    assert (again['id'], again['state'], again['comment']) == (lost['id'], 'active_ack', 'on our way')
    wait_for('known again', lambda: redundancy(s, 'feed')['failed'] == 2 and not alarms(s, 'feed')['redundancy_lost']['stale'], 60)
    assert s.psql("SELECT count(*) FROM events WHERE device = 'redundancy/feed' AND rule = 'redundancy_lost' AND kind = 'raise'") == [['1']]

    code, _, text = s.ctl('device', 'remove', 'hh/b/ups3', check=False)
    assert code == 1 and 'redundancy group' in text
    r = s.api.request('PUT', '/device-groups/hall', {'devices': []})
    assert r.status == 409 and 'could never work' in r.json['detail']

    for a in ('127.92.0.1', '127.92.0.2'):
        s.fleet.do('%s unset' % a)
    wait_for('it works again', lambda: redundancy(s, 'feed')['state'] == 'works' and not alarms(s, 'feed'), 60)
    archive = os.path.join(s.fleet.dir, 'archive')
    s.ctl('backup', archive)
    made = [{k: g[k] for k in ('key', 'name', 'devices', 'sites', 'groups')} for g in s.ctl('group', 'list')]
    s.ctl('redundancy', 'remove', 'both')
    s.ctl('redundancy', 'set', 'feed', '1', 'hh/b/ups3')
    s.ctl('group', 'set', 'hall', 'hh/b/ups3')
    s.ctl('restore', archive)
    assert [{k: g[k] for k in ('key', 'name', 'devices', 'sites', 'groups')} for g in s.ctl('group', 'list')] == made
    assert [(r['key'], r['need'], len(r['members'])) for r in s.ctl('redundancy', 'list')] == [('both', 2, 2), ('feed', 2, 2)]
    s.ctl('redundancy', 'remove', 'both')
    s.ctl('redundancy', 'remove', 'feed')
    assert s.ctl('redundancy', 'list') == [] and s.api.get('/redundancy-groups/feed').status == 404
    s.ctl('group', 'remove', 'all')
    s.ctl('group', 'remove', 'hall')
    assert s.ctl('group', 'list') == []
