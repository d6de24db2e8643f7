# SPDX-License-Identifier: Apache-2.0
"""Files of alarmd's journal that are damaged (F18): what is found, what is put back under its own number, from the file itself and from
PostgreSQL, and what happens with the rest. A seed is printed; BUSBAR_SEED repeats it, BUSBAR_ROUNDS makes it long."""
import os
import random
import signal
import sqlite3

from stack import wait_for
from test_alarmd import Alarmd, Probe, add_devices, check_fold, check_record, configured, events, pg, rows, server, settle, toggle, world   # noqa: F401 (fixtures)

DEVICES = 180
OURS = "device LIKE 'f/%'"
OWN_ALARM = "rule = 'journal_damaged' AND kind = 'raise'"


def story(world, pg):
    """180 alarms came and went, f/1, f/2 and f/3 stand again, f/3 acknowledged, f/2 shelved. A consumer has read nothing yet."""
    add_devices(pg, DEVICES)
    alarmd = world(Alarmd, pg, busd=True, settings='journal_records = 100; snapshot_ms = 300; database_down_ms = 600000;')
    configured(alarmd, DEVICES)
    collector, person = world(Probe, alarmd.run), world(Probe, alarmd.run, 'tester', 'test')
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    for devices in (range(1, 61), range(61, 121), range(121, 181)):
        toggle(collector, alarmd, pg, devices, 'OB', 60)
        toggle(collector, alarmd, pg, devices, 'OL', 0)
    toggle(collector, alarmd, pg, (1, 2, 3), 'OB', 3)
    ids = {a['device']: a['id'] for a in alarms(person)}
    assert person.command('alarmd', 'ack', items=[ids['f/3']])[0] == 1
    assert person.command('alarmd', 'shelve', comment='@comment=generator;until_clear=true', items=[ids['f/2']])[0] == 1
    settle(alarmd, pg)
    alarmd.kill(signal.SIGTERM)
    return alarmd, collector, person


def files(alarmd):
    found = sorted(n for n in os.listdir(alarmd.journal()) if n.endswith('.db'))
    assert len(found) > 2
    return [os.path.join(alarmd.journal(), n) for n in found]


def spoil_record(path, jseq=None):
    """One record is not what was written."""
    with sqlite3.connect(path) as db:
        low, high = db.execute('SELECT min(jseq), max(jseq) FROM record').fetchone()
        jseq = jseq or random.randint(low, high)
        assert db.execute("UPDATE record SET data = x'00' WHERE jseq = ?", (jseq,)).rowcount == 1
    db.close()
    return jseq


def destroy(path):
    """Nothing in it can be read."""
    with open(path, 'r+b') as f:
        f.write(b'\0' * 4096)


def alarms(person):
    """alarmd may not be there yet."""
    return wait_for('alarms', lambda: person.command('alarmd', 'alarms')[3])


def shelved(person):
    return [a['device'] for a in alarms(person) if a.get('shelved_by')]


def followed(world, alarmd, last):
    """A consumer that begins with the first record reads every one up to `last`."""
    consumer = world(Probe, alarmd.run, 'tester2', 'test')
    consumer.say('pull notifyd')
    seen = []
    while not seen or seen[-1] < last:
        seen.append(int(consumer.expect('record ', 60).split()[1]))
    assert seen == list(range(1, last + 1))


def stands(pg):
    return rows(pg, 'SELECT alarm_id, state FROM alarm_state WHERE %s ORDER BY 1' % OURS)


def test_a_damaged_record_is_put_back_under_its_number(world, pg):
    """In any file, at any place: no hole, no jump, nothing raised or cleared by it, and the shelf is where it was."""
    seed = int(os.environ.get('BUSBAR_SEED', 0)) or random.randrange(1, 10 ** 6)
    random.seed(seed)
    print('seed', seed)
    alarmd, _, person = story(world, pg)
    before, last = stands(pg), int(pg.sql('SELECT max(jseq) FROM events'))
    assert len(before) == 3
    for i in range(int(os.environ.get('BUSBAR_ROUNDS', 0)) or 3):
        # the newest, which every start reads whole, and any other
        name = files(alarmd)[-1] if i % 2 == 0 else random.choice(files(alarmd)[:-1])
        print('record', spoil_record(name), 'of', name)
        alarmd.start()
        settle(alarmd, pg)
        assert stands(pg) == before and shelved(person) == ['f/2']
        assert len(events(pg, "kind = 'raise' AND " + OURS)) == 183
        followed(world, alarmd, last)
        check_record(pg)
        assert pg.sql("SELECT text FROM alarm_state WHERE rule = 'journal_damaged'").find('all its records were put back') > 0 or i % 2
        alarmd.kill(random.choice([signal.SIGTERM, signal.SIGKILL]))
    assert len(events(pg, OWN_ALARM)) == 1


def test_a_destroyed_file_comes_back_from_the_database(world, pg):
    """All that PostgreSQL has of it; where it ended is not known, so numbers jump."""
    alarmd, collector, person = story(world, pg)
    before, last = stands(pg), int(pg.sql('SELECT max(jseq) FROM events'))
    destroy(files(alarmd)[-1])
    alarmd.start()
    wait_for('own-alarm', lambda: events(pg, OWN_ALARM))
    settle(alarmd, pg)
    assert stands(pg) == before and shelved(person) == ['f/2']
    assert rows(pg, 'SELECT min(jseq) > %d + 90000 FROM events WHERE jseq > %d' % (last, last)) == [['t']]
    followed(world, alarmd, last)
    wait_for('collector heard', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') == 2)
    for _ in range(2):
        for d in (1, 2, 3):
            collector.status(d, 'OL')
    wait_for('cleared under their ids', lambda: len(events(pg, "kind = 'clear' AND " + OURS)) == 183)
    alarmd.kill()
    alarmd.start()
    wait_for('told once, standing on', lambda: rows(pg, 'SELECT rule FROM alarm_state') == [['journal_damaged']])
    settle(alarmd, pg)
    assert len(events(pg, "rule = 'journal_damaged'")) == 1
    check_fold(pg)


def test_without_the_database_a_damaged_file_loses_one_record(world, pg):
    """The others are proven by the file itself; the lost one is made up for when PostgreSQL comes back."""
    alarmd, _, person = story(world, pg)
    before, last = stands(pg), int(pg.sql('SELECT max(jseq) FROM events'))
    ack = int(pg.sql("SELECT jseq FROM events WHERE kind = 'ack' AND device = 'f/3'"))
    spoil_record(files(alarmd)[-1], ack)
    pg.stop()
    alarmd.start()
    assert {'f/1', 'f/2', 'f/3'} <= {a['device'] for a in alarms(person)}
    assert shelved(person) == ['f/2']
    consumer = world(Probe, alarmd.run, 'tester2', 'test')
    consumer.say('pull notifyd')
    seen = []
    while last not in seen:
        seen.append(int(consumer.expect('record ', 60).split()[1]))
    assert seen == [n for n in range(1, last + 1) if n != ack]
    pg.start()
    wait_for('own-alarm', lambda: events(pg, OWN_ALARM), 60)
    wait_for('as it was', lambda: stands(pg) == before)
    settle(alarmd, pg)
    assert stands(pg) == before and shelved(person) == ['f/2']
    assert len(events(pg, "kind = 'raise' AND " + OURS)) == 183
    check_fold(pg)


def test_a_destroyed_file_is_made_up_for_when_the_database_comes_back_late(world, pg):
    """Readings decide meanwhile, and what they decided is not undone."""
    alarmd, collector, _ = story(world, pg)
    for name in files(alarmd)[-2:]:
        destroy(name)
    pg.stop()
    alarmd.start()
    wait_for('collector heard', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') == 2)
    for _ in range(2):
        for d, words in ((1, 'OB'), (2, 'OL'), (180, 'OL')):
            collector.status(d, words)
    wait_for('raised anew', lambda: 'on_battery major active' in alarmd.dump())
    pg.start()
    wait_for('own-alarm', lambda: events(pg, OWN_ALARM), 60)
    wait_for('the old one of f/1 is over', lambda: events(pg, "device = 'f/1' AND kind = 'removed'"), 60)

    def settled():
        collector.status(2, 'OL')
        return rows(pg, "SELECT device, count(*) FROM alarm_state WHERE %s GROUP BY 1 ORDER BY 1" % OURS) == [['f/1', '1'], ['f/3', '1']]
    wait_for('one alarm of f/1, none of f/2, f/3 as it was', settled, 60)
    settle(alarmd, pg)
    check_fold(pg, overlap=True)


def test_a_database_that_hangs_does_not_keep_alarmd_from_starting(world, pg):
    alarmd, collector, _ = story(world, pg)
    destroy(files(alarmd)[-1])
    pg.pause()
    try:
        alarmd.start()
        assert 'cannot be asked for lost records' in alarmd.text()
        wait_for('collector heard', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') == 2)
        for _ in range(2):
            collector.status(7, 'OB')
        wait_for('it evaluates', lambda: alarmd.metric('raised_total') >= 1)
    finally:
        pg.go_on()
    wait_for('raised', lambda: events(pg, "device = 'f/7' AND kind = 'raise' AND jseq > 90000"), 60)
