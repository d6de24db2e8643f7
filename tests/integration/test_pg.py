# SPDX-License-Identifier: Apache-2.0
"""common/pg against a real PostgreSQL: results in order, COPY, errors, and every way a server goes away."""
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from postgres import Postgres
from stack import program, temp_dir, wait_for


class Probe:
    """A pg-probe; `expect` reads its lines until one begins as asked."""

    def __init__(self, conninfo, timeout_ms=0, max_queue=0):
        self.process = subprocess.Popen([program('pg-probe'), conninfo, str(timeout_ms), str(max_queue)], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))

    def say(self, *lines):
        self.process.stdin.write(''.join(line + '\n' for line in lines))

    def expect(self, start, timeout=30):
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError('no line "%s...", only %r' % (start, self.seen)) from None
            self.seen.append(line)
            if line.startswith(start):
                return line

    def close(self):
        if self.process.poll() is None:
            self.say('end')
        code = self.process.wait(30)
        self.process.stdin.close()
        self.process.stdout.close()
        assert code == 0


@pytest.fixture(scope='module')
def server():
    s = Postgres()
    try:
        s.start()
        yield s
    finally:
        s.close()


@pytest.fixture
def running(server):
    if not server.process:
        server.start()
    return server


@pytest.fixture
def probe(running):
    p = Probe(running.conninfo)
    p.expect('up')
    yield p
    p.close()


def test_results_come_in_order(probe):
    probe.say(*('query q%d SELECT %d' % (i, i) for i in range(50)))
    for i in range(50):
        assert probe.expect('result') == 'result q%d ok 1 %d' % (i, i)


def test_parameters_are_text_binary_and_null(probe):
    probe.say("params p hello SELECT concat_ws('|', $1::text, length($2::bytea), $3::text IS NULL)")
    assert probe.expect('result') == 'result p ok 1 hello|5|t'


def test_several_statements_are_one_transaction(probe):
    probe.say('query a CREATE TABLE both_or_none (x int); SELECT 1/0', 'query b SELECT to_regclass(\'both_or_none\') IS NULL')
    assert probe.expect('result a') == 'result a error 22012 division by zero'
    assert probe.expect('result b') == 'result b ok 1 t'


def test_refused_statement_leaves_the_connection_up(probe):
    probe.say('query bad SELEC', 'query good SELECT 1', 'query empty ;')
    assert probe.expect('result bad').startswith('result bad error 42601 syntax error')
    assert probe.expect('result good') == 'result good ok 1 1'
    assert probe.expect('result empty').startswith('result empty error')


def test_detail_of_an_error_is_told(probe):
    probe.say('query t CREATE TEMP TABLE t (x int PRIMARY KEY)', 'query i INSERT INTO t VALUES (1), (1)')
    assert probe.expect('result i') == ('result i error 23505 duplicate key value violates unique constraint "t_pkey" '
                                        '(Key (x)=(1) already exists.)')


def test_copy_larger_than_any_buffer_arrives_whole(probe):
    probe.say('query t CREATE TEMP TABLE t (x int)', 'copy c 20000000 COPY t FROM STDIN', 'query n SELECT count(*) = max(x) FROM t')
    assert probe.expect('result c').startswith('result c ok')
    assert probe.expect('result n') == 'result n ok 1 t'


def test_refused_copy_ends_and_the_next_statement_runs(probe):
    probe.say('query t CREATE TEMP TABLE t (x int CHECK (x < 3))', 'copy c 20000000 COPY t FROM STDIN',
              'copy d 20000000 COPY nowhere FROM STDIN', 'copy e 10 SELECT 5', 'query f COPY t FROM STDIN', 'query n SELECT 7')
    assert probe.expect('result c').startswith('result c error 23514 new row for relation "t" violates check')
    assert probe.expect('result d').startswith('result d error 42P01')
    assert probe.expect('result e') == 'result e ok 1 5'
    assert probe.expect('result f').startswith('result f ok')
    assert probe.expect('result n') == 'result n ok 1 7'


def test_notification_arrives(probe, server):
    probe.say('query ready SELECT 1')
    probe.expect('result ready')
    server.sql('NOTIFY probe')
    assert probe.expect('notify') == 'notify probe'


def test_queue_has_a_limit(running):
    p = Probe(running.conninfo, max_queue=3)
    p.expect('up')
    p.say('query warm SELECT 1')
    p.expect('result warm')
    p.say('query a SELECT pg_sleep(0.2)', *('query b%d SELECT 1' % i for i in range(9)), 'depth')
    assert p.expect('refused') == 'refused b2'
    assert p.expect('depth') == 'depth 3'
    p.expect('result b1')
    p.say('query c SELECT 1')
    assert p.expect('result c') == 'result c ok 1 1'
    p.close()


def test_slow_statement_is_stopped_by_the_server(running):
    p = Probe(running.conninfo, timeout_ms=300)
    p.expect('up')
    p.say('query slow SELECT pg_sleep(600)', 'query next SELECT 1')
    assert p.expect('result slow').startswith('result slow error 57014')
    assert p.expect('result next') == 'result next ok 1 1'
    assert not any(line.startswith('down') for line in p.seen)
    p.close()


def test_silent_server_counts_as_down(running):
    p = Probe(running.conninfo, timeout_ms=500)
    p.expect('up')
    p.say('query warm SELECT 1')
    p.expect('result warm')
    backend = running.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'pg-probe'")
    subprocess.run(['kill', '-STOP', backend], check=True)
    try:
        p.say('query x SELECT 1', 'query y SELECT 2')
        assert p.expect('result x').startswith('result x error - ')
        assert p.expect('result y').startswith('result y error - ')
        assert p.expect('down') == 'down the server does not answer within the statement\'s time limit'
        p.expect('up')
    finally:
        subprocess.run(['kill', '-CONT', backend], check=True)
    p.close()


@pytest.mark.parametrize('how', [signal.SIGQUIT, signal.SIGINT], ids=['immediate', 'fast'])
def test_stopped_server_fails_what_waits_and_comes_back(running, how):
    p = Probe(running.conninfo)
    p.expect('up')
    p.say('query long SELECT pg_sleep(600)', 'query waiting SELECT 1')
    wait_for('statement under way', lambda: running.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sleep(600)' "
                                                        "AND state = 'active' AND application_name = 'pg-probe'") == '1')
    running.stop(how)
    assert p.expect('result long').startswith('result long error - ')
    assert p.expect('result waiting').startswith('result waiting error - ')
    p.expect('down')
    p.say('query refused SELECT 1')
    assert p.expect('refused') == 'refused refused'
    running.start()
    p.expect('up', timeout=90)
    p.say('query again SELECT 1')
    assert p.expect('result again') == 'result again ok 1 1'
    assert [line.split()[0] for line in p.seen if line.split()[0] in ('up', 'down')] == ['up', 'down', 'up']
    p.close()


def test_idle_connection_notices_the_stop(running, probe):
    running.stop()
    probe.expect('down')


def test_absent_server_is_told_once(running):
    running.stop()
    p = Probe(running.conninfo)
    line = p.expect('down')
    assert 'No such file' in line or 'Connection refused' in line
    running.start()
    p.expect('up')
    assert [line.split()[0] for line in p.seen] == ['down', 'up']
    p.close()


def test_tries_go_on_but_are_told_once():
    d = temp_dir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.join(d, '.s.PGSQL.5432'))
        server.listen()
        server.settimeout(30)
        p = Probe('host=' + d)
        for _ in range(3):
            server.accept()[0].close()
        p.say('depth')
        p.expect('depth')
        p.close()
    assert [line.split()[0] for line in p.seen] == ['down', 'depth']
    shutil.rmtree(d)


def test_wrong_conninfo_is_told():
    p = Probe('host=/tmp nonsense')
    assert 'missing "="' in p.expect('down')
    p.close()


def test_end_fails_what_waits(running):
    p = Probe(running.conninfo)
    p.expect('up')
    p.say('query long SELECT pg_sleep(600)', 'end')
    assert p.expect('result long') == 'result long error - the daemon ends'
    p.close()
