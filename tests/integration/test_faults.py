# SPDX-License-Identifier: Apache-2.0
"""alarmd among faults of its process and its machine, one table of what must hold: nothing recorded is lost or doubled, the record has no
hole over all partitions, and what stands is what the devices say. A seed is printed; BUSBAR_SEED repeats it, BUSBAR_ROUNDS makes it long."""
import errno
import os
import random
import shutil
import signal
import struct
import threading
import time

import pytest

from stack import Fleet, Stack, build_dir, debug_dir, devices_csv, temp_dir, wait_for
from test_alarmd import (Alarmd, Probe, add_devices, check_fold, check_record, configured, events, pg, rows, server, settle,   # noqa: F401 (fixtures)
                         toggle, world)

DEVICES = 8
KILL = -1


def rounds(n):
    return int(os.environ.get('BUSBAR_ROUNDS', 0)) or n


def seeded():
    seed = int(os.environ.get('BUSBAR_SEED', 0)) or random.randrange(1, 10 ** 6)
    print('seed', seed)
    return random.Random(seed)


class Faulty(Alarmd):
    """An alarmd with a preloaded library that fails its n-th write, sync or allocation, or kills it there."""

    def __init__(self, pg, library, *args, **kwargs):
        self.library = library
        super().__init__(pg, *args, **kwargs)

    def start(self):
        self.rules = os.path.join(self.dir, 'rules')
        if not os.path.exists(self.rules):
            self.arm_none()
        self.env.update(ASAN_OPTIONS='verify_asan_link_order=0', LD_PRELOAD=os.path.join(build_dir(), 'lib/%s.so' % self.library),
                        FAULTFS_FILE=self.rules, OOM_FILE=self.rules)
        super().start()

    def _write(self, data):
        with open(self.rules, 'r+b' if os.path.exists(self.rules) else 'wb') as f:
            f.write(data)

    def arm_none(self):
        self._write(struct.pack('6i240s', 0, 0, 0, 0, 0, 0, b'') if self.library == 'faultfs' else struct.pack('3i', 0, 0, 0))

    def arm(self, op, error, skip, count=1, path='/journal/'):
        mine = (error, skip, count)
        self._write(struct.pack('6i240s', *(mine + (0, 0, 0) if op == 'sync' else (0, 0, 0) + mine), path.encode()))

    def arm_alloc(self, skip, count):
        self._write(struct.pack('3i', skip, count, 0))

    def allocations(self):
        with open(self.rules, 'rb') as f:
            return struct.unpack('3i', f.read(12))[2]

    def is_dead(self):
        return self.process.poll() is not None


class Feeder:
    """A collector's script: eight devices that change at random, told again and again; the truth is what was said last."""

    def __init__(self, probe, rng):
        self.probe, self.rng, self.stopping = probe, rng, threading.Event()
        self.truth = {d: 'OL' for d in range(1, DEVICES + 1)}
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.wait(0.02):
            self.truth[self.rng.randrange(1, DEVICES + 1)] = self.rng.choice(['OL', 'OB', 'OB LB', 'OL BYPASS'])
            self.say()

    def say(self):
        for d, words in self.truth.items():
            self.probe.status(d, words)

    def stop(self):
        self.stopping.set()
        self.thread.join()


def open_alarms(pg):
    return {(x[0], x[1]) for x in rows(pg, "SELECT device, rule FROM alarm_state WHERE device LIKE 'f/%'")}


def judge(feeder, alarmd, pg):
    """After quiescence: what stands is what was said last, and the record is whole."""
    rule = {'OB': 'on_battery', 'LB': 'low_battery', 'BYPASS': 'bypass'}
    want = {('f/%d' % d, rule[w]) for d, words in feeder.truth.items() for w in words.split() if w in rule}

    def amiss():
        feeder.say()
        return sorted(open_alarms(pg) ^ want)
    try:
        wait_for('what stands is what the devices say', lambda: not amiss(), 60, 0.2)
    except AssertionError:
        raise AssertionError('amiss: %s\n%s' % (amiss(), '\n'.join(alarmd.text().splitlines()[-40:]))) from None
    print(''.join(line + '\n' for line in alarmd.text().splitlines() if 'damaged' in line))
    settle(alarmd, pg)
    try:
        check_record(pg)
    except AssertionError:
        # An own-alarm of the disk ended between the two questions: ask again.
        settle(alarmd, pg)
        check_record(pg)
    strange = pg.sql("SELECT string_agg(DISTINCT rule, ' ') FROM events WHERE site_id <> 0 AND rule NOT IN ('on_battery', 'low_battery', 'bypass')")
    assert strange == ''


def followed(consumer, pg):
    """The log that notifyd and shutdownd follow holds every number the database has."""
    last = int(pg.sql('SELECT max(jseq) FROM events'))
    seen = set()
    while last not in seen:
        seen.add(int(consumer.expect('record ').split()[1]))
    assert sorted(seen) == list(range(1, last + 1))


def fed(world, pg, library, settings='snapshot_ms = 200; database_down_ms = 600000;'):
    add_devices(pg, DEVICES)
    alarmd = world(Faulty, pg, library, settings=settings)
    configured(alarmd, DEVICES)
    collector, consumer = world(Probe, alarmd.run), world(Probe, alarmd.run, 'tester', 'test')
    consumer.say('pull notifyd')
    return alarmd, collector, consumer


def test_killed_at_any_write_nothing_is_lost(world, pg):
    """F01 at its worst places: SIGKILL right before the n-th write or sync of the journal, for many n."""
    rng = seeded()
    alarmd, collector, consumer = fed(world, pg, 'faultfs')
    feeder = Feeder(collector, rng)
    try:
        for i in range(rounds(24)):
            # the first ones fall into the opening of a journal, later ones into groups, checkpoints and snapshots
            alarmd.arm(rng.choice(['write', 'sync']), KILL, rng.choice([i % 12, rng.randrange(40)]))
            if not alarmd.is_dead():
                wait_for('it died', alarmd.is_dead, 60, 0.02)
            for _ in range(3):          # it may die in its start, too
                alarmd.start()
                if not alarmd.is_dead():
                    break
            if alarmd.is_dead():
                alarmd.arm_none()
                alarmd.start()
    finally:
        feeder.stop()
        alarmd.arm_none()
    if alarmd.is_dead():
        alarmd.start()
    judge(feeder, alarmd, pg)
    followed(consumer, pg)


def test_a_write_or_sync_that_fails_loses_nothing(world, pg):
    """F15, F16: the n-th write or sync of the journal fails, once or a few times, with EIO or ENOSPC; alarmd lives on, and so do its records."""
    rng = seeded()
    alarmd, collector, consumer = fed(world, pg, 'faultfs')
    feeder = Feeder(collector, rng)
    pid = alarmd.process.pid
    try:
        for _ in range(rounds(12)):
            alarmd.arm(rng.choice(['write', 'sync']), rng.choice([errno.EIO, errno.ENOSPC]), rng.randrange(20), rng.choice([1, 1, 2, 5]))
            head = alarmd.metric('journal_head')
            wait_for('the record goes on', lambda h=head: alarmd.metric('journal_head') > h + 5, 60, 0.02)
    finally:
        feeder.stop()
        alarmd.arm_none()
    judge(feeder, alarmd, pg)
    assert alarmd.process.pid == pid and not alarmd.is_dead()
    # What is only in memory while nothing can be written ends with the process.
    wait_for('all of it is on disk', lambda: alarmd.metric('journal_emergency') == 0, 60, 0.05)
    head = alarmd.metric('journal_head')
    alarmd.kill()
    alarmd.start()
    assert alarmd.metric('journal_head') >= head
    judge(feeder, alarmd, pg)
    followed(consumer, pg)


@pytest.mark.skipif('asan' in build_dir(), reason='a sanitizer has a malloc of its own')
def test_memory_that_runs_out_damages_no_record(world, pg):
    """F40: the n-th allocation fails. A clean end and a start anew, or an error that is survived; the journal is never torn."""
    rng = seeded()
    alarmd, collector, consumer = fed(world, pg, 'oom')
    feeder = Feeder(collector, rng)
    deaths = 0
    try:
        start = alarmd.allocations()
        for i in range(rounds(16)):
            if i % 2:       # in a start
                alarmd.kill()
                alarmd.arm_alloc(rng.randrange(start), rng.choice([1, 1, 20]))
                alarmd.start()
            else:           # at work
                alarmd.arm_alloc(rng.randrange(300), rng.choice([1, 1, 20]))
                wait_for('it asked for memory', lambda: alarmd.is_dead() or alarmd.allocations() > 600, 60, 0.02)
            alarmd.arm_none()
            if alarmd.is_dead():
                deaths += 1
                alarmd.start()
    finally:
        feeder.stop()
        alarmd.arm_none()
    print('%d deaths' % deaths)
    alarmd.kill()           # whatever it survived, the next start begins with what is durable
    alarmd.start()
    judge(feeder, alarmd, pg)
    assert not [n for n in os.listdir(alarmd.journal()) if 'damaged' in n]
    followed(consumer, pg)
    assert deaths


class OwnClock:
    """The clock of alarmd and of the probes: offsets in ns on BOOTTIME, MONOTONIC, REALTIME."""

    def __init__(self, monkeypatch):
        self.dir = temp_dir('busbar-clock-')
        self.path = os.path.join(self.dir, 'clock')
        self.offsets = [0, 0, 0]
        self.write()
        monkeypatch.setenv('BUSBAR_BUILD', debug_dir())     # release builds know no other clock
        monkeypatch.setenv('BUSBAR_TEST_CLOCK', self.path)

    def write(self):
        with open(self.path, 'r+b' if os.path.exists(self.path) else 'wb') as f:
            f.write(struct.pack('3q', *self.offsets))

    def wall(self, seconds):
        self.offsets[2] = int(seconds * 1e9)
        self.write()

    def suspend(self, seconds):
        self.offsets[0] += int(seconds * 1e9)
        self.offsets[2] += int(seconds * 1e9)
        self.write()

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)


def of_devices(pg):
    return [e[1:4] for e in events(pg, "device LIKE 'f/%'")]


def test_the_wall_clock_decides_nothing_and_partitions_hold_one_record(world, pg, monkeypatch):
    """F19, I03, I25: hours, months and ten years forth and back. No transition comes of it, and the numbers are whole over all partitions."""
    clock = world(OwnClock, monkeypatch)
    add_devices(pg, 3)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 3)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    collector.status(1, 'OB')
    collector.status(2, 'OL')
    wait_for('raised', lambda: len(of_devices(pg)) == 1)
    want = [['f/1', 'on_battery', 'raise']]
    day, year = 86400, 31557600
    for step in (3600, -3600, 31 * day, 62 * day, 93 * day, -40 * day, 10 * year, -10 * year, 0):
        before = alarmd.metric('evaluated_total')
        clock.wall(step)
        for d, words in ((1, 'OB'), (2, 'OL'), (2, 'OL')):
            collector.status(d, words)
        wait_for('read', lambda b=before: alarmd.metric('evaluated_total') >= b + 3)
        settle(alarmd, pg)
        assert of_devices(pg) == want
        for words in ('OB', 'OL', 'OL'):
            collector.status(2, words)
        want += [['f/2', 'on_battery', 'raise'], ['f/2', 'on_battery', 'clear']]
        wait_for('raised and cleared', lambda: of_devices(pg) == want)
    assert int(pg.sql('SELECT count(DISTINCT tableoid) FROM events')) >= 5
    check_record(pg)
    alarmd.kill()
    alarmd.start()
    assert alarmd.metric('alarms_open') >= 1
    assert of_devices(pg) == want


def test_after_a_suspend_nothing_counts_that_was_begun_before(world, pg, monkeypatch):
    """F20: an hour asleep between the first and the second reading that clear."""
    clock = world(OwnClock, monkeypatch)
    add_devices(pg, 2)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 2)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    for d, words in ((1, 'OB'), (2, 'OL'), (1, 'OL')):
        collector.status(d, words)
    wait_for('raised', lambda: alarmd.metric('evaluated_total') == 3 and len(of_devices(pg)) == 1)
    clock.suspend(3600)
    wait_for('noticed', lambda: ' pause ' in alarmd.text())
    wait_for('stale', lambda: ' stale' in alarmd.dump())
    collector.status(1, 'OL')
    wait_for('read', lambda: alarmd.metric('evaluated_total') == 4)
    settle(alarmd, pg)
    assert of_devices(pg) == [['f/1', 'on_battery', 'raise']]
    collector.status(1, 'OL')
    wait_for('cleared by two readings after it', lambda: len(of_devices(pg)) == 2)


@pytest.mark.parametrize('damage', ['half', 'empty', 'garbage'])
def test_a_half_written_configuration_stops_nothing(world, pg, damage):
    """F38: the file of alarmd's configuration is damaged and PostgreSQL away: the one before is in force, with an own-alarm."""
    add_devices(pg, 3)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 3)
    pg.sql("INSERT INTO device (key, site_id, address) VALUES ('f/4', 7, '127.0.0.1')")
    configured(alarmd, 4)
    alarmd.kill()
    path = os.path.join(alarmd.dir, 'lib/alarmd/generation-alarmd')
    with open(path, 'rb') as f:
        data = f.read()
    with open(path, 'wb') as f:
        f.write({'half': data[:len(data) // 2], 'empty': b'', 'garbage': bytes(255 - b for b in data)}[damage])
    pg.stop()
    alarmd.start()
    configured(alarmd, 3)
    assert 'config_damaged major active' in alarmd.dump()
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') >= 1)
    collector.status(1, 'OB')
    wait_for('raised', lambda: 'on_battery major active' in alarmd.dump())
    pg.start()
    configured(alarmd, 4)
    wait_for('own-alarm over', lambda: events(pg, "rule = 'config_damaged' AND kind = 'clear'"), 60)
