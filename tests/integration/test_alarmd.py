# SPDX-License-Identifier: Apache-2.0
"""alarmd as a process: real journal, real PostgreSQL, a scripted collector; killed, starved of its database, restored."""
import errno
import json
import os
import queue
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

from postgres import Postgres
from stack import ROOT, build_dir, program, temp_dir, wait_for

MIGRATIONS = sorted(os.listdir(os.path.join(ROOT, 'deploy/migrations')))
ACTIVE, NORMAL = '2', '1'


class Probe:
    """A bus-probe: publishes readings, sends commands, follows the alarm log."""

    def __init__(self, run, name='collect-snmp', role='collector'):
        self.process = subprocess.Popen([program('bus-probe'), run, name, role], text=True, bufsize=1, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.expect('ready')

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))

    def say(self, line):
        self.process.stdin.write(line + '\n')

    def status(self, device, words, missed=0):
        self.say('reading %d f/%d status %d 2000 ups.status=%s' % (device, device, missed, words.replace(' ', '_')))

    def expect(self, start, timeout=30):
        deadline = time.monotonic() + timeout
        while True:
            line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            if line.startswith(start):
                return line

    def command(self, daemon, verb, user='anna', key='-', comment='-', items=()):
        """Returns (code, text, {item: (code, text)}, json)."""
        self.say(' '.join(['command', daemon, verb, user, key, comment, *items]))
        code, _, text = self.expect('reply ')[6:].partition(' ')
        answers, data = {}, None
        while True:
            line = self.lines.get(timeout=10)
            if line == 'end':
                return int(code), text, answers, data
            if line.startswith('item '):
                item, c, t = (line[5:].split(' ', 2) + [''])[:3]
                answers[item] = (int(c), t)
            if line.startswith('json '):
                data = json.loads(line[5:])

    def close(self):
        self.process.kill()
        self.process.wait()


class Alarmd:
    """One alarmd in a folder of its own, with busd if asked."""

    def __init__(self, pg, busd=False, settings='', conninfo=None, faults=False):
        self.dir = temp_dir('busbar-alarmd-')
        self.env = dict(os.environ)
        if faults:
            self.faults = os.path.join(self.dir, 'faults')
            self.fail()
            self.env.update(ASAN_OPTIONS='verify_asan_link_order=0', LD_PRELOAD=os.path.join(build_dir(), 'lib/faultfs.so'), FAULTFS_FILE=self.faults)
        self.run = os.path.join(self.dir, 'run')
        self.log = os.path.join(self.dir, 'log')
        os.makedirs(os.path.join(self.dir, 'etc'))
        with open(os.path.join(self.dir, 'etc/busbar.conf'), 'w') as f:
            f.write('common: { database = "%s"; };\nalarmd: { %s };\n' % (conninfo or pg.conninfo, settings))
        self.others = []
        self.process = None
        if busd:
            self.others.append(subprocess.Popen([program('busd'), '--dir', self.dir], stderr=open(self.log + '.busd', 'ab')))
        self.start()

    def start(self):
        with open(self.log, 'ab') as log:
            at = log.tell()
            self.process = subprocess.Popen([program('alarmd'), '--dir', self.dir], stderr=log, env=self.env)
        wait_for('alarmd ready', lambda: self.process.poll() is not None or ' ready ' in self.text(at), 20, 0.02)

    def text(self, since=0):
        with open(self.log, 'rb') as f:
            f.seek(since)
            return f.read().decode(errors='replace')

    def fail(self, sync=0, write=0, path=''):
        """From now on these calls on files with that path fail with that errno, for ever."""
        with open(self.faults, 'r+b' if os.path.exists(self.faults) else 'wb') as f:
            f.write(struct.pack('6i240s', sync, 0, -1 if sync else 0, write, 0, -1 if write else 0, path.encode()))

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        return self.process.wait(20)

    def dump(self):
        path = os.path.join(self.run, 'alarmd.dump')
        if os.path.exists(path):
            os.unlink(path)
        self.process.send_signal(signal.SIGUSR1)
        wait_for('dump', lambda: os.path.exists(path) and 'devices\n' in open(path).read(), 10, 0.02)
        return open(path).read()

    def metric(self, name):
        text = self.dump()
        m = re.search(r'^%s (\S+)$' % name, text, re.M)
        assert m, name + text
        return float(m.group(1))

    def journal(self):
        return os.path.join(self.dir, 'lib/alarmd/journal')

    def close(self):
        for p in [self.process, *self.others]:
            if p and p.poll() is None:
                p.kill()
                p.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def migrate(pg):
    for name in MIGRATIONS:
        pg.sql(open(os.path.join(ROOT, 'deploy/migrations', name)).read())


def add_devices(pg, n):
    pg.sql("INSERT INTO site (site_id, key, name) VALUES (7, 'f', 'Fleet') ON CONFLICT DO NOTHING;"
           "INSERT INTO device (key, site_id, address) SELECT 'f/' || i, 7, '127.0.0.1' FROM generate_series(1, %d) i" % n)


def configured(alarmd, n):
    wait_for('%d devices configured' % n, lambda: alarmd.metric('devices') == n, 20)


def rows(pg, sql):
    text = pg.sql(sql)
    return [line.split('|') for line in text.split('\n')] if text else []


def events(pg, where='true'):
    """Without the marks of many alarms at once."""
    return rows(pg, "SELECT jseq, device, rule, kind, from_state, to_state FROM events WHERE (%s) AND rule <> 'flood' AND kind NOT LIKE 'chatter%%' "
                "ORDER BY jseq" % where)


def check_record(pg, journals=1):
    """I03, I04, I05: no hole and no duplicate per journal, legal order per alarm, state = fold of the events."""
    for journal, n, first, last in rows(pg, 'SELECT journal_id, count(*), min(jseq), max(jseq) FROM events GROUP BY 1'):
        refused = int(pg.sql("SELECT count(*) FROM refused WHERE journal_id = '%s'" % journal))
        assert int(n) + refused == int(last) - (int(first) if not refused else 1) + 1, journal
        assert int(first) == 1 or refused
    check_fold(pg)


def check_fold(pg, overlap=False):
    """No number twice; each alarm goes on from where it was; what stands is what the events add up to. `overlap`: two episodes may stand
    in the record for a while, each for itself legal."""
    assert int(pg.sql('SELECT count(*) - count(DISTINCT (journal_id, jseq)) FROM events')) == 0
    state = {}
    for device, rule, alarm, before, after in rows(
            pg, 'SELECT device_id || device, rule, alarm_id, from_state, to_state FROM events e '
            'ORDER BY (SELECT min(at) FROM events x WHERE x.journal_id = e.journal_id), jseq'):
        what = (device, rule, alarm if overlap else '')
        assert state.get(what, NORMAL) == before, (device, rule, alarm)
        state[what] = after
    want = sorted('%s|%s|%s' % (d, r, s) for (d, r, _), s in state.items() if s != NORMAL)
    have = sorted('|'.join(x) for x in rows(pg, 'SELECT device_id || device, rule, state FROM alarm_state'))
    assert have == want


class Proxy:
    """Between alarmd and PostgreSQL: can swallow what the server says, and cut."""

    def __init__(self, pg):
        self.dir = temp_dir('busbar-proxy-')
        self.server = os.path.join(pg.dir, '.s.PGSQL.5432')
        self.swallow = False
        self.pairs = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.dir, '.s.PGSQL.5432'))
        self.listener.listen()
        self.conninfo = pg.conninfo.replace(pg.dir, self.dir)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server)
            except OSError:
                return
            self.pairs.append((client, server))
            threading.Thread(target=self._copy, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._copy, args=(server, client, True), daemon=True).start()

    def _copy(self, source, sink, is_answer):
        try:
            while data := source.recv(65536):
                if not (is_answer and self.swallow):
                    sink.sendall(data)
        except OSError:
            pass

    def cut(self):
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for s in pair:
                s.close() if s.fileno() < 0 else s.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()
        self.cut()
        shutil.rmtree(self.dir, ignore_errors=True)


@pytest.fixture(scope='module')
def server():
    pg = Postgres()
    pg.start()
    yield pg
    pg.close()


@pytest.fixture
def pg(server):
    if not server.process:
        server.start()
    server.sql('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    migrate(server)
    return server


@pytest.fixture
def world(pg):
    """Makes alarmds and probes and ends them."""
    made = []

    def make(kind, *args, **kwargs):
        made.append(kind(*args, **kwargs))
        return made[-1]
    yield make
    for m in reversed(made):
        m.close()


def settle(alarmd, pg):
    wait_for('everything in the database', lambda: alarmd.metric('projection_lag') == 0 and alarmd.metric('journal_queue') == 0)


def test_outage_reaches_database_bus_and_log(world, pg):
    add_devices(pg, 3)
    alarmd = world(Alarmd, pg, busd=True)
    configured(alarmd, 3)
    collector, person = world(Probe, alarmd.run), world(Probe, alarmd.run, 'tester', 'test')
    person.say('pull notifyd')
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    for d in (1, 2, 3):
        collector.status(d, 'OL')
    collector.status(2, 'OB DISCHRG')
    wait_for('event', lambda: events(pg))
    assert events(pg) == [['1', 'f/2', 'on_battery', 'raise', NORMAL, ACTIVE]]
    record = person.expect('record ')
    assert record.startswith('record 1 1 raise 1 2 on_battery f/2 ')
    alarm_id = record.split()[-1]

    code, _, _, alarms = person.command('alarmd', 'alarms')
    assert code == 1 and [(a['device'], a['rule'], a['state'], a['severity']) for a in alarms] == [
        ('f/2', 'on_battery', 'active_unack', 'major')]

    key = '00112233445566778899aabbccddeeff'
    code, text, items, _ = person.command('alarmd', 'ack', 'anna', key, 'on-my-way', [alarm_id])
    assert code == 1 and items[alarm_id][0] == 1 and 'anna' in items[alarm_id][1]
    # I01: the positive answer is durable already, whatever happens now.
    alarmd.kill()
    alarmd.start()
    wait_for('ack in the database', lambda: len(events(pg)) == 2)
    assert rows(pg, 'SELECT user_name, comment, state FROM alarm_state') == [['anna', 'on-my-way', '3']]
    again = wait_for('answer', lambda: [x for x in [person.command('alarmd', 'ack', 'anna', key, 'on-my-way', [alarm_id])] if x[0] == 1])
    assert again[0][2][alarm_id] == items[alarm_id]
    assert person.command('alarmd', 'ack', 'bert', '-', '-', [alarm_id])[2][alarm_id] == items[alarm_id]
    assert person.command('alarmd', 'ack', 'bert', '-', '-', [alarm_id.replace('-1', '-9')])[0] == 4
    assert len(events(pg)) == 2
    wait_for('collector heard', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') == 2)
    collector.status(2, 'OL')
    collector.status(2, 'OL')
    wait_for('clear', lambda: len(events(pg)) == 3)
    assert person.command('alarmd', 'ack', 'bert', '-', '-', [alarm_id])[0] == 3
    check_record(pg)


def test_twenty_kills_lose_and_double_nothing(world, pg):
    """F01: the publisher's script is the oracle; after quiescence every device is what it said last."""
    seed = int(os.environ.get('BUSBAR_SEED', 0)) or random.randrange(1, 10 ** 6)
    print('seed', seed)
    rng = random.Random(seed)
    n = 40
    add_devices(pg, n)
    alarmd = world(Alarmd, pg, settings='snapshot_ms = 300;')
    configured(alarmd, n)
    collector, consumer = world(Probe, alarmd.run), world(Probe, alarmd.run, 'tester', 'test')
    consumer.say('pull notifyd')
    truth = {d: 'OL' for d in range(1, n + 1)}
    stop = threading.Event()

    def feed():
        while not stop.is_set():
            for d in rng.sample(range(1, n + 1), 10):
                truth[d] = rng.choice(['OL', 'OB', 'OB LB', 'OL BYPASS'])
            for d, words in truth.items():
                collector.status(d, words)
            stop.wait(0.05)
    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        for _ in range(20):
            time.sleep(rng.uniform(0.05, 0.8))      # a random instant is the point, nothing is waited for
            alarmd.kill()
            alarmd.start()
    finally:
        stop.set()
        feeder.join()
    wait_for('collector heard', lambda: alarmd.dump().count('collect-snmp collector expected alive'))

    def settled():
        for d, words in truth.items():
            collector.status(d, words)
        open_ = {(x[0], x[1]) for x in rows(pg, "SELECT device, rule FROM alarm_state WHERE device LIKE 'f/%'")}
        rule = {'OB': 'on_battery', 'LB': 'low_battery', 'BYPASS': 'bypass'}
        return open_ == {('f/%d' % d, rule[w]) for d, words in truth.items() for w in words.split() if w in rule}
    wait_for('what stands is what the devices say', settled, 30, 0.2)
    settle(alarmd, pg)
    check_record(pg)
    last = int(pg.sql('SELECT max(jseq) FROM events'))
    seen = []
    while not seen or seen[-1] < last:
        seen.append(int(consumer.expect('record ').split()[1]))
    assert sorted(set(seen)) == list(range(1, last + 1))
    assert int(pg.sql("SELECT count(*) FROM events WHERE rule NOT IN ('on_battery', 'low_battery', 'bypass') AND site_id <> 0")) == 0


def test_an_event_of_a_collector_is_recorded_once_whoever_dies(world, pg):
    """I11: a stored event is in the record exactly once, though both sides die again and again and the collector says some twice."""
    add_devices(pg, 2)
    alarmd = world(Alarmd, pg, settings='snapshot_ms = 300;')
    configured(alarmd, 2)
    spool = os.path.join(alarmd.dir, 'spool')
    os.makedirs(spool)
    rng = random.Random(5)
    stored, n = set(), 0

    def collector():
        p = world(Probe, alarmd.run)
        p.say('spool ' + spool)
        p.expect('spooling')
        return p

    probe = collector()
    for _ in range(12):
        for code in range(n, n + 20):
            probe.say('event 1 c%d' % code)
        if rng.random() < 0.5:
            alarmd.kill()
        if rng.random() < 0.5:
            stored.add(probe.expect('stored ').split()[1])
            probe.process.kill()        # what it did not call stored may be there or not
            probe.process.wait()
            while not probe.lines.empty():
                line = probe.lines.get()
                if line.startswith('stored '):
                    stored.add(line.split()[1])
            probe = collector()
            for code in sorted(stored)[-5:]:
                probe.say('event 1 ' + code)    # as after an answer that was lost
        else:
            stored |= {probe.expect('stored ').split()[1] for _ in range(20)}
        if alarmd.process.poll() is not None:
            alarmd.start()
        n += 20
    probe.say('event 99 last')
    wait_for('the last event', lambda: rows(pg, "SELECT 1 FROM events WHERE subject = 'last'"), 60)
    have = [r[0] for r in rows(pg, "SELECT subject FROM events WHERE rule = 'event' AND subject <> 'last'")]
    assert len(have) == len(set(have))
    assert stored <= set(have), stored - set(have)
    assert rows(pg, "SELECT DISTINCT device, kind, text, source, user_name, from_state, to_state, severity FROM events WHERE subject <> 'last'") == [
        ['f/1', 'trap', 'something happened', '127.1.2.3', 'trapper', NORMAL, NORMAL, '5']]
    assert rows(pg, 'SELECT count(*) FROM alarm_state WHERE rule = \'event\'') == [['0']]
    check_record(pg)


def toggle(collector, alarmd, pg, devices, words, active):
    for _ in range(2):
        for d in devices:
            collector.status(d, words)
    wait_for('alarms %s' % words, lambda: alarmd.metric('alarms_open') >= active if active else alarmd.metric('alarms_open') == 0)


def test_database_stopped_delays_the_record_only(world, pg):
    """F08, F09, F13: raise with PostgreSQL down, also from a cold start; immediate stops while writing; everything exactly once."""
    add_devices(pg, 50)
    alarmd = world(Alarmd, pg, settings='database_down_ms = 500;')
    configured(alarmd, 50)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    pg.stop()
    toggle(collector, alarmd, pg, range(1, 51), 'OB', 50)
    alarmd.kill()
    alarmd.start()
    wait_for('collector heard again', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') == 2)
    assert alarmd.metric('devices') == 50
    wait_for('own-alarm', lambda: 'database_down major active' in alarmd.dump())
    toggle(collector, alarmd, pg, range(1, 51), 'OL', 1)
    wait_for('cleared without a database', lambda: alarmd.metric('cleared_total') == 50)
    toggle(collector, alarmd, pg, range(1, 51), 'OB', 50)
    pg.start()
    for _ in range(5):
        toggle(collector, alarmd, pg, range(1, 51), 'OL', 0)
        pg.stop(signal.SIGQUIT)
        pg.start()
        toggle(collector, alarmd, pg, range(1, 51), 'OB', 50)
    wait_for('own-alarm over', lambda: 'database_down' not in alarmd.dump().partition('publishers\n')[2], 60)
    settle(alarmd, pg)
    check_record(pg)
    assert len(events(pg, "device LIKE 'f/%'")) == 150 + 10 * 50


def test_ten_thousand_alarms_are_recorded_in_five_seconds(world, pg):
    add_devices(pg, 10000)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 10000)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    collector.say('burst 1 10000 OL')
    wait_for('all read', lambda: alarmd.metric('evaluated_total') >= 10000)
    start = time.monotonic()
    collector.say('burst 1 10000 OB')
    wait_for('all in the database', lambda: pg.sql("SELECT count(*) FROM events WHERE kind = 'raise'") == '10000', 60)
    took = time.monotonic() - start
    print('10,000 alarms in PostgreSQL after %.2f s' % took)
    check_record(pg)
    # The floor is five seconds on an idle machine; noise of a shared one is not our failure.
    assert took < 30


def test_an_old_schema_is_named_with_its_remedy(world, server, pg):
    server.sql('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    alarmd = world(Alarmd, pg)
    wait_for('sentence', lambda: 'is version 0, this alarmd needs version 12: run busbarctl migrate' in alarmd.text())
    wait_for('own-alarm', lambda: 'schema_old major active' in alarmd.dump())
    migrate(server)
    wait_for('own-alarm in the database', lambda: events(pg, "rule = 'schema_old'"))
    wait_for('over', lambda: len(events(pg, "rule = 'schema_old'")) == 2)


def test_a_record_the_tables_refuse_is_kept_and_the_rest_goes_on(world, pg):
    add_devices(pg, 20)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 20)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    pg.sql("ALTER TABLE events ADD CHECK (device <> 'f/13')")
    toggle(collector, alarmd, pg, range(1, 21), 'OB', 20)
    wait_for('refused', lambda: pg.sql('SELECT count(*) FROM refused') == '1')
    wait_for('the others and the own-alarm', lambda: len(events(pg, "device LIKE 'f/%'")) == 19 and events(pg, "rule = 'record_refused'"))
    assert len(events(pg, "rule = 'record_refused'")) == 1
    assert 'check constraint' in pg.sql('SELECT reason FROM refused')
    assert pg.sql('SELECT type, length(chain) FROM refused') == '1|32'
    pg.sql('DELETE FROM refused')
    # Counted again at the next connection.
    pg.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'alarmd'")
    wait_for('own-alarm over', lambda: len(events(pg, "rule = 'record_refused'")) == 2)


def verify(alarmd, *args):
    p = subprocess.run([program('busbarctl'), '--dir', alarmd.dir, '--json', 'verify-log', *args], text=True, capture_output=True, timeout=60)
    assert p.returncode in (0, 1) and p.stdout, p
    a = json.loads(p.stdout)
    assert (p.returncode == 0) == (a['n_findings'] == 0)
    return a


def test_verify_log_finds_each_removed_and_each_changed_record(world, pg):
    add_devices(pg, 20)
    alarmd = world(Alarmd, pg, busd=True)
    configured(alarmd, 20)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    pg.sql("ALTER TABLE events ADD CONSTRAINT unlucky CHECK (device <> 'f/13')")
    toggle(collector, alarmd, pg, range(1, 21), 'OB', 20)
    for _ in range(2):
        for d in range(1, 13):
            collector.status(d, 'OL')
    wait_for('refused', lambda: pg.sql('SELECT count(*) FROM refused') == '1')
    wait_for('the others', lambda: len(events(pg, "kind = 'raise' AND device LIKE 'f/%'")) == 19)
    pg.sql('ALTER TABLE events DROP CONSTRAINT unlucky')
    ids = [i for i, in rows(pg, "SELECT alarm_id FROM events WHERE kind = 'raise' AND device IN ('f/14', 'f/15')")]
    person = world(Probe, alarmd.run, 'tester', 'test')
    answer = person.command('alarmd', 'ack', 'anna', '-', 'geht-klar', ids)
    assert answer[0] in (0, 1), answer
    wait_for('all recorded', lambda: pg.sql("SELECT count(*) FILTER (WHERE kind = 'clear' AND rule = 'on_battery'), count(*) FILTER (WHERE kind = 'ack') FROM events") == '12|2')
    n = int(pg.sql('SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM refused)'))
    a = verify(alarmd)
    assert (a['n_findings'], a['records'], a['compared'], a['without_hash']) == (0, n, n - 1, 0), a
    assert a['heads'][0]['hash'] == pg.sql("SELECT encode(chain, 'hex') FROM events ORDER BY jseq DESC LIMIT 1")
    assert pg.sql("SELECT count(*) FROM events WHERE get_byte(rest, 0) <> 1") == '0'       # the short form fits all of them
    since = pg.sql("SELECT to_char(min(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM events")
    assert verify(alarmd, '--since', since)['n_findings'] == 0

    def tampered(*deeds):
        """All of them at once; afterwards the tables are as before."""
        pg.sql('CREATE TABLE kept AS SELECT * FROM events; CREATE TABLE kept_refused AS SELECT * FROM refused; ' + '; '.join(deeds))
        a = verify(alarmd)
        pg.sql('TRUNCATE events, refused; INSERT INTO events SELECT * FROM kept; INSERT INTO refused SELECT * FROM kept_refused; '
               'DROP TABLE kept, kept_refused')
        return [(f['what'], f['first'], f['last']) for f in a['findings']]
    columns = rows(pg, "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'events'::regclass AND attnum > 0 AND NOT attisdropped "
                       "AND attname NOT IN ('journal_id', 'jseq', 'chain')")
    other = {'text': "coalesce(%s, '') || 'x'", 'bigint': '%s + 1', 'smallint': '%s + 1', 'integer': 'coalesce(%s, 1) + 1', 'boolean': 'NOT %s',
             'double precision': 'coalesce(%s, 0) + 1', 'timestamp with time zone': "coalesce(%s, 'epoch') + interval '1 us'", 'bytea': "%s || '\\x00'"}
    numbers = [int(r[0]) for r in rows(pg, 'SELECT jseq FROM events ORDER BY jseq')]
    assert len(numbers) > len(columns)
    assert tampered(*['UPDATE events SET %s = %s WHERE jseq = %d' % (name, other[kind] % name, numbers[i]) for i, (name, kind) in enumerate(columns)]) == \
        [('changed', numbers[i], numbers[i]) for i in range(len(columns))]
    refused, upto = int(pg.sql('SELECT jseq FROM refused')), max(numbers)
    assert 4 < refused < upto - 2 and numbers[-1] == upto
    assert tampered('DELETE FROM events WHERE jseq IN (1, 3, 4, %d)' % upto, "UPDATE refused SET record = record || '\\x00'",
                    'UPDATE events SET chain = NULL, rest = NULL WHERE jseq = %d' % (upto - 1)) == [
        ('removed', 1, 1), ('removed', 3, 4), ('changed', refused, refused), ('changed', upto - 1, upto - 1), ('removed', upto, upto)]
    assert tampered('DELETE FROM events', 'DELETE FROM refused') == [('removed', 1, upto)]
    # A chain that was made anew from there on fits itself, but not the journal here.
    assert tampered("UPDATE events SET chain = substring(chain FROM 1 FOR 31) || '\\x00' WHERE jseq = %d" % upto) == [('changed', upto, upto)] * 2
    assert verify(alarmd)['n_findings'] == 0


def test_a_lost_journal_begins_with_what_the_database_knows(world, pg):
    add_devices(pg, 3)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 3)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    toggle(collector, alarmd, pg, (1, 2), 'OB', 2)
    wait_for('both recorded', lambda: len(events(pg)) == 2)
    alarmd.kill()
    shutil.rmtree(alarmd.journal())
    alarmd.start()
    wait_for('both taken over', lambda: alarmd.metric('alarms_open') == 2)
    wait_for('difference recorded', lambda: len(events(pg, "kind = 'carried'")) == 2)
    wait_for('collector heard', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') == 2)
    collector.status(1, 'OB')
    collector.status(2, 'OL')
    collector.status(2, 'OL')
    wait_for('cleared under the old id', lambda: rows(
        pg, "SELECT count(DISTINCT alarm_id), count(DISTINCT journal_id) FROM events WHERE device = 'f/2'") == [['1', '2']])
    wait_for('state follows', lambda: rows(pg, 'SELECT device FROM alarm_state') == [['f/1']])


def test_a_restored_journal_does_not_use_numbers_twice(world, pg):
    """The journal is older than the database: a new one begins, with the alarms of the old one."""
    add_devices(pg, 3)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 3)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    toggle(collector, alarmd, pg, (1,), 'OB', 1)
    wait_for('recorded', lambda: len(events(pg)) == 1)
    alarmd.kill(signal.SIGTERM)
    backup = alarmd.dir + '/backup'
    shutil.copytree(alarmd.journal(), backup)
    alarmd.start()
    wait_for('collector heard', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') == 2)
    toggle(collector, alarmd, pg, (2, 3), 'OB', 3)
    wait_for('recorded', lambda: len(events(pg)) == 3)
    alarmd.kill()
    shutil.rmtree(alarmd.journal())
    shutil.copytree(backup, alarmd.journal())
    alarmd.start()
    assert alarmd.process.wait(20) == 1
    assert 'starting anew with another journal' in alarmd.text()
    alarmd.start()
    # One alarm comes from the old journal, two that only the database knew are taken over; fresh readings decide about them.
    wait_for('collector heard', lambda: alarmd.text().count('publisher_back publisher=collect-snmp') >= 3)
    wait_for('taken over', lambda: sorted(x[1] for x in events(pg, "kind = 'carried'")) == ['f/1', 'f/2', 'f/3'])
    toggle(collector, alarmd, pg, (3,), 'OL', 2)
    collector.status(1, 'OB')
    collector.status(2, 'OB')
    wait_for('what stands', lambda: sorted(rows(pg, 'SELECT device FROM alarm_state')) == [['f/1'], ['f/2']])
    assert len(events(pg, "kind = 'raise'")) == 3
    assert int(pg.sql('SELECT count(*) - count(DISTINCT (journal_id, jseq)) FROM events')) == 0


def test_a_database_restored_from_an_old_dump_is_filled_again(world, pg):
    add_devices(pg, 5)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 5)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    toggle(collector, alarmd, pg, (1, 2), 'OB', 2)
    wait_for('recorded', lambda: len(events(pg)) == 2)
    dump = subprocess.run([pg._program('pg_dump'), '--clean', pg.conninfo], text=True, capture_output=True, check=True).stdout
    toggle(collector, alarmd, pg, (3, 4, 5), 'OB', 5)
    toggle(collector, alarmd, pg, (1,), 'OL', 1)
    wait_for('recorded', lambda: len(events(pg)) == 6)
    subprocess.run(['psql', '-Xq', pg.conninfo], input=dump, text=True, capture_output=True, check=True)
    pg.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'alarmd%'")
    wait_for('hole closed', lambda: len(events(pg)) == 6)
    check_record(pg)


def test_configuration_changes_take_effect_by_themselves(world, pg):
    add_devices(pg, 3)
    pg.sql("INSERT INTO setting (name, value) VALUES ('smtp.host', 'localhost');"
           "INSERT INTO setting (name, value_sealed, reader) VALUES ('smtp.password', '\\x01', 'notifyd');"
           "UPDATE device SET community_sealed = '\\x02'")
    alarmd = world(Alarmd, pg)
    configured(alarmd, 3)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    toggle(collector, alarmd, pg, (1, 2), 'OB', 2)
    wait_for('recorded', lambda: len(events(pg)) == 2)
    pg.sql("UPDATE device SET key = 'g/new' WHERE device_id = 1; UPDATE device SET removed_at = now() WHERE device_id = 2")
    wait_for('alarm of the removed device closed', lambda: events(pg, "kind = 'removed'"))
    assert events(pg, "kind = 'removed'")[0][1] == 'f/2'
    dump = alarmd.dump()
    assert 'g/new' in dump and 'on_battery major active ' in dump and 'f/2 ' not in dump
    lib = os.path.join(alarmd.dir, 'lib/alarmd')
    for daemon in ('alarmd', 'webd', 'historyd', 'notifyd', 'shutdownd', 'collect-snmp'):
        assert os.path.exists(os.path.join(lib, 'generation-' + daemon)), daemon
    # Secrets only to who can open them, settings only to who uses them.
    body = {d: open(os.path.join(lib, 'generation-' + d), 'rb').read() for d in ('webd', 'notifyd', 'collect-snmp')}
    assert b'smtp.password' in body['notifyd'] and b'smtp' not in body['webd'] and b'smtp' not in body['collect-snmp']
    assert b'g/new' in body['webd'] and b'g/new' in body['collect-snmp']
    check_record(pg)


def test_a_slow_database_does_not_delay_evaluation(world, pg):
    """F11: a lock on the table; alarms are raised meanwhile, and recorded when it is gone."""
    add_devices(pg, 30)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 30)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    lock = subprocess.Popen(['psql', '-Xq', pg.conninfo], stdin=subprocess.PIPE, text=True)
    lock.stdin.write('BEGIN; LOCK TABLE events IN EXCLUSIVE MODE;\n')
    lock.stdin.flush()
    wait_for('lock', lambda: int(pg.sql("SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation = 'events'::regclass")))
    try:
        toggle(collector, alarmd, pg, range(1, 31), 'OB', 30)
        assert alarmd.metric('projection_lag') >= 30
    finally:
        lock.stdin.write('ROLLBACK;\n')
        lock.stdin.close()
        lock.wait(20)
    settle(alarmd, pg)
    assert len(events(pg)) == 30


def test_an_answer_lost_at_commit_is_settled_by_the_cursor(world, pg):
    """F10: the batch is in, its answer is not; nothing is doubled, nothing is left out."""
    add_devices(pg, 5)
    proxy = world(Proxy, pg)
    alarmd = world(Alarmd, pg, conninfo=proxy.conninfo)
    configured(alarmd, 5)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    for i, words in enumerate(('OB', 'OL', 'OB'), 1):
        proxy.swallow = True
        toggle(collector, alarmd, pg, range(1, 6), words, 5 if words == 'OB' else 0)
        wait_for('committed', lambda: events(pg))
        assert alarmd.metric('projection_lag') > 0
        proxy.cut()
        proxy.swallow = False
        wait_for('told again', lambda: len(events(pg)) == 5 * i, 40)
        settle(alarmd, pg)
    check_record(pg)


def test_a_dead_disk_does_not_stop_alarms(world, pg):
    """F15: emergency mode. Raised, told, sent to PostgreSQL; commands say "accepted"; when the disk is back, all of it is durable."""
    add_devices(pg, 4)
    alarmd = world(Alarmd, pg, busd=True, faults=True)
    configured(alarmd, 4)
    collector, person = world(Probe, alarmd.run), world(Probe, alarmd.run, 'tester', 'test')
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    toggle(collector, alarmd, pg, (1,), 'OB', 1)
    wait_for('recorded', lambda: len(events(pg)) == 1)
    alarmd.fail(errno.EIO, errno.EIO, '/journal/')
    toggle(collector, alarmd, pg, (2, 3), 'OB', 3)
    wait_for('own-alarm', lambda: 'journal_emergency critical active' in alarmd.dump())
    wait_for('told the database at once', lambda: len(events(pg, "rule = 'on_battery'")) == 3)
    _, _, _, alarms = person.command('alarmd', 'alarms')
    ids = [a['id'] for a in alarms if a['device'] == 'f/2']
    code, _, items, _ = person.command('alarmd', 'ack', items=ids)
    assert code == 2 and items[ids[0]][0] == 2
    alarmd.fail()
    wait_for('durable again', lambda: events(pg, "rule = 'journal_emergency' AND kind = 'clear'"))
    head = alarmd.metric('journal_head')
    alarmd.kill()
    alarmd.start()
    assert alarmd.metric('journal_head') == head
    dump = alarmd.dump()
    assert dump.count('on_battery major active') == 3 and dump.count('on_battery major active_ack') == 1
    check_record(pg)


def test_standing_still_is_not_silence_of_the_others(world, pg):
    """F07: alarmd itself is stopped for longer than a publisher may be silent."""
    add_devices(pg, 2)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 2)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    collector.status(1, 'OB')
    wait_for('recorded', lambda: len(events(pg)) == 1)
    alarmd.process.send_signal(signal.SIGSTOP)
    time.sleep(13)      # the fault itself
    collector.status(2, 'OB')
    alarmd.process.send_signal(signal.SIGCONT)
    wait_for('pause noticed', lambda: ' pause ' in alarmd.text())
    collector.status(1, 'OB')
    collector.status(2, 'OB')
    wait_for('recorded', lambda: len(events(pg)) == 2)
    wait_for('heard again', lambda: alarmd.metric('evaluated_total') >= 3)
    assert [e[1] for e in events(pg)] == ['f/1', 'f/2']
    assert 'publisher_lost' not in alarmd.text()


def test_a_killed_collector_is_one_own_alarm(world, pg):
    """F04: ten seconds of silence; the device alarm stands on, marked stale, and nothing else is said."""
    add_devices(pg, 5)
    alarmd = world(Alarmd, pg)
    configured(alarmd, 5)
    collector = world(Probe, alarmd.run)
    wait_for('collector heard', lambda: 'publisher_back publisher=collect-snmp' in alarmd.text())
    for d in range(1, 6):
        collector.status(d, 'OB' if d == 1 else 'OL')
    wait_for('recorded', lambda: len(events(pg)) == 1)
    collector.close()
    wait_for('own-alarm', lambda: len(events(pg)) == 2)
    assert events(pg)[1][1:4] == ['busbar/collect-snmp', 'collector_lost', 'raise']
    assert re.search(r'on_battery major active count=0 since_ms=0 stale', alarmd.dump())
    collector = world(Probe, alarmd.run)
    wait_for('own-alarm over', lambda: len(events(pg)) == 3)
    for d in range(1, 6):
        collector.status(d, 'OB' if d == 1 else 'OL')
    wait_for('fresh again', lambda: ' stale' not in alarmd.dump())
    assert len(events(pg)) == 3
