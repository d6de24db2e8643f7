# SPDX-License-Identifier: Apache-2.0
"""busd as its neighbours meet it: late lookers, kill -9, requests to who is not there, and the example for integrators."""
import os
import shutil
import subprocess
import threading
import time

import pytest

from stack import ROOT, program, temp_dir, wait_for


class Lines:
    """A process whose output lines are collected while it runs."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.seen.append(line.rstrip('\n'))

    def say(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def expect(self, start, after=0, timeout=30):
        """Index behind the first line from `after` on that begins with `start`."""
        def find():
            return next((i + 1 for i, line in enumerate(self.seen) if i >= after and line.startswith(start)), 0)
        return wait_for('a line "%s..." among %r' % (start, self.seen[-20:]), find, timeout)

    def expect_topic(self, topic, after=0):
        """Live or as a row: which of the two depends on who was first."""
        wait_for(topic, lambda: [x for x in self.seen[after:] if x in ('live ' + topic, 'row ' + topic)])

    def close(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()


class Bus:
    """busd in a folder of its own, with whoever is told to join."""

    def __init__(self):
        self.dir = temp_dir()
        self.run = os.path.join(self.dir, 'run')
        for d in ('etc', 'lib', 'run'):
            os.mkdir(os.path.join(self.dir, d))
        self.others = []
        self.start()

    def start(self):
        self.busd = subprocess.Popen([program('busd'), '--dir', self.dir])
        wait_for('busd listens', lambda: os.path.exists(os.path.join(self.run, 'busd.cmd')))

    def kill(self):
        self.busd.kill()
        self.busd.wait(30)

    def join(self, *command):
        self.others.append(Lines(*command))
        return self.others[-1]

    def publisher(self, name='collect-x'):
        return self.join(program('bus-probe'), self.run, name, 'collector')

    def looker(self, prefix=''):
        return self.join(program('bus-look'), self.run, prefix)

    def close(self):
        for other in self.others:
            other.close()
        self.busd.terminate()
        code = self.busd.wait(30)
        shutil.rmtree(self.dir)
        assert code == 0


@pytest.fixture
def bus():
    b = Bus()
    yield b
    b.close()


def test_late_looker_gets_the_last_value_of_every_topic(bus):
    p = bus.publisher()
    for i in range(3):
        p.say('reading %d hh/ups-%d status 0 2000 ups.status=OL' % (i + 1, i + 1))
    early = bus.looker()
    for i in range(3):
        early.expect_topic('reading/hh/ups-%d/status/' % (i + 1))
    late = bus.looker('reading/hh/ups-2/')
    late.expect('snapshot', late.expect('row reading/hh/ups-2/status/'))
    assert not [line for line in late.seen if 'ups-1' in line]


def test_killed_busd_returns_with_all_it_knew_and_what_it_missed(bus):
    p = bus.publisher()
    p.say('reading 1 hh/ups-1 status 0 2000 ups.status=OL')
    looker = bus.looker()
    looker.expect_topic('reading/hh/ups-1/status/')
    looker.expect('snapshot')
    bus.kill()
    p.say('reading 2 hh/ups-2 status 0 2000 ups.status=OB')
    mark = len(looker.seen)
    bus.start()
    looker.expect('snapshot', looker.expect('peer busd alive new', mark))
    looker.expect_topic('reading/hh/ups-2/status/', mark)
    p.say('reading 1 hh/ups-1 status 0 2000 ups.status=OB')
    looker.expect('live reading/hh/ups-1/status/', mark)
    late = bus.looker('reading/')
    for i in (1, 2):
        late.expect('row reading/hh/ups-%d/status/' % i)


def test_request_to_an_absent_daemon_is_refused_at_once(bus):
    p = bus.publisher()
    begun = time.monotonic()
    p.say('command shutdownd simulate ann %s - rack-1' % ('00' * 16))
    p.expect('reply 5 shutdownd is not connected to the bus, see whether it runs')
    # The client would wait 5 s for an answer.
    assert time.monotonic() - begun < 4


def test_busd_answers_for_itself(bus):
    p = bus.publisher()
    wait_for('busd has said hello to itself', lambda: answers_metrics(p))


def answers_metrics(p):
    mark = len(p.seen)
    p.say('command busd metrics ann %s -' % os.urandom(16).hex())
    p.expect('end', mark)
    return [line for line in p.seen[mark:] if line.startswith('json') and 'forwarded_total' in line]


def test_example_prints_live_readings(bus):
    with open(os.path.join(ROOT, 'deploy/examples/subscribe.py'), encoding='utf-8') as f:
        code = [line for line in f if line.strip() and not line.startswith(('#', '"""', 'import'))]
    assert len(code) <= 20
    p = bus.publisher()
    example = bus.join('/usr/bin/python3', os.path.join(ROOT, 'deploy/examples/subscribe.py'), '--dir', bus.dir, '--count', '2')

    def ended():
        p.say('reading 1 hh/ups-1 measure 0 2000 battery.charge=97.5 ups.status=OL_CHRG')
        return example.process.poll() is not None

    wait_for('the example ends by itself', ended)
    assert example.process.returncode == 0
    wait_for('its lines', lambda: len(example.seen) == 2)
    assert example.seen[0] == 'hh/ups-1 measure battery.charge=97.5 ups.status=OL CHRG'
