# SPDX-License-Identifier: Apache-2.0
"""I26: PostgreSQL decides nothing. The same history twice, once with it and once without it in the middle: what is told to notifyd and
shutdownd, and in the end the tables, are the same. A seed is printed; BUSBAR_SEED repeats it, BUSBAR_ROUNDS makes it long."""
import os
import random
import time

from stack import wait_for
from test_alarmd import Alarmd, Probe, add_devices, check_record, configured, pg, rows, server, settle, world   # noqa: F401 (fixtures)

DEVICES = 40
WORDS = ['OL', 'OB', 'OB LB', 'OL BYPASS', 'OL RB', 'OL OVER']
SHELVED_UNTIL = int(time.time() + 7200) * 1000        # a shelf that ends by itself does so with alarmd's next turn
# Marks of many alarms in some minutes depend on how fast this machine plays the history.
TIMED = ('flood',)


def history(seed, n):
    """n deeds: (device, words) or (device, verb, comment). No device more than twice, so that nothing chatters."""
    rng = random.Random(seed)
    deeds, left = [], [d for d in range(1, DEVICES + 1) for _ in range(2)]
    rng.shuffle(left)
    for _ in range(n):
        if rng.random() < 0.6 and left:
            deeds.append((left.pop(), rng.choice(WORDS)))
        else:
            deeds.append((rng.randrange(1, DEVICES + 1), rng.choice(['ack', 'unack', 'comment', 'shelve', 'unshelve']), 'word%d' % rng.randrange(9)))
    return deeds


def play(alarmd, collector, person, deeds, outage):
    """`outage`: called with the number of each deed before it."""
    answers = []
    for i, deed in enumerate(deeds):
        outage(i)
        if len(deed) == 2:
            before = alarmd.metric('evaluated_total')
            for _ in range(3):
                collector.status(*deed)
            wait_for('it is seen', lambda b=before: alarmd.metric('evaluated_total') >= b + 3 and alarmd.metric('journal_queue') == 0)
            continue
        device, verb, comment = deed
        found = sorted(a['id'] for a in person.command('alarmd', 'alarms')[3] if a['device'] == 'f/%d' % device)
        how = '@comment=%s;until_unix_ms=%d' % (comment, SHELVED_UNTIL) if verb == 'shelve' else comment
        answers += [(device, verb, person.command('alarmd', verb, comment=how, items=[a])[0]) for a in found]
    return answers


def told(consumer, pg):
    """What notifyd and shutdownd hear: kind, states, rule and device of every record; ids are random."""
    last, seen = int(pg.sql('SELECT max(jseq) FROM events')), []
    while not seen or seen[-1][0] < last:
        words = consumer.expect('record ', 60).split()
        seen.append((int(words[1]), words[3:8]))
    return [w for _, w in seen if w[3] not in TIMED and not w[4].startswith('busbar/')]


def tables(pg):
    columns = 'device, rule, subject, %s severity, user_name, comment, text, value, unit, test'
    mine = "device LIKE 'f/%' AND rule <> 'flood'"
    return (rows(pg, 'SELECT %s FROM events WHERE %s ORDER BY jseq' % (columns % 'kind, from_state, to_state,', mine)),
            rows(pg, 'SELECT %s FROM alarm_state WHERE %s ORDER BY 1, 2' % (columns % 'state,', mine)))


def one(world, pg, deeds, away):
    add_devices(pg, DEVICES)
    alarmd = world(Alarmd, pg, busd=True, settings='snapshot_ms = 300; database_down_ms = 600000;')
    configured(alarmd, DEVICES)
    collector, person = world(Probe, alarmd.run), world(Probe, alarmd.run, 'tester', 'test')
    consumer = world(Probe, alarmd.run, 'tester2', 'test')
    consumer.say('pull notifyd')
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())

    def outage(i):
        if away and i == len(deeds) // 4:
            pg.stop()
        if away and i == len(deeds) * 3 // 4:
            pg.start()
    answers = play(alarmd, collector, person, deeds, outage)
    settle(alarmd, pg)
    check_record(pg)
    heard, written = told(consumer, pg), tables(pg)
    for m in (collector, person, consumer, alarmd):
        m.close()
    pg.sql('TRUNCATE events, alarm_state, applied, device RESTART IDENTITY CASCADE')
    return answers, heard, written


def test_without_the_database_the_same_happens(world, pg):
    seed = int(os.environ.get('BUSBAR_SEED', 0)) or random.randrange(1, 10 ** 6)
    print('seed', seed)
    deeds = history(seed, int(os.environ.get('BUSBAR_ROUNDS', 0)) or 60)
    here, away = one(world, pg, deeds, False), one(world, pg, deeds, True)
    assert here[0] == away[0] and here[1] == away[1]
    for x, y in zip(here[2], away[2]):
        assert x == y
    assert len(here[2][0]) > 15 and {'raise', 'clear'} <= {e[3] for e in here[2][0]}
