# SPDX-License-Identifier: Apache-2.0
"""The real shutdownd and busd; shutdown-feed plays collector and alarmd, and a UDP listener counts what arrives."""
import collections
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import pytest

from stack import build_dir, debug_dir, free_port, program, temp_dir, wait_for

FRONT = 'CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_TEXT '
DEBUG = debug_dir()


def stays(what, check, seconds):
    """`check` is true the whole time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert check(), what
        time.sleep(0.05)


class Listener:
    """A server's RCCMD client, as far as anybody outside can see."""

    def __init__(self):
        self.port = free_port(socket.SOCK_DGRAM)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', self.port))
        self.got = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                data = self.socket.recv(4096)
            except OSError:
                return
            self.got.append(data.decode())

    def close(self):
        self.socket.close()


class Bed:
    def __init__(self, conf='', interval_ms=500, env=None, build=None):
        self.dir = temp_dir('shutdownd-')
        for d in ('etc', 'run', 'lib/shutdownd', 'lib/busd', 'alarmd'):
            os.makedirs(os.path.join(self.dir, d))
        with open(os.path.join(self.dir, 'etc/busbar.conf'), 'w') as f:
            f.write('shutdownd = { %s };\n' % conf)
        self.env, self.interval_ms = dict(os.environ, **(env or {})), interval_ms
        self.build = build or build_dir()
        self.processes, self.listeners = {}, []

    def _start(self, name, *args, **kwargs):
        with open(os.path.join(self.dir, name + '.log'), 'ab') as log:
            path = os.path.join(self.build, 'bin', name) if name == 'shutdownd' else program(name)
            self.processes[name] = subprocess.Popen([path, *args], env=self.env, stderr=log, **kwargs)
        return self.processes[name]

    def log(self, name='shutdownd'):
        with open(os.path.join(self.dir, name + '.log'), encoding='utf-8', errors='replace') as f:
            return f.read()

    def start(self):
        before = self.log().count(' ready ') if os.path.exists(os.path.join(self.dir, 'shutdownd.log')) else 0
        self._start('shutdownd', '--dir', self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for('shutdownd ready', lambda: self.log().count(' ready ') > before)

    def __enter__(self):
        try:
            self._start('busd', '--dir', self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            wait_for('busd ready', lambda: ' ready ' in self.log('busd'))
            self._start('shutdown-feed', self.dir, str(self.interval_ms), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert self.processes['shutdown-feed'].stdout.readline() == 'up\n', self.log('shutdown-feed')
            self.start()
        except BaseException:
            self.__exit__(BaseException)
            raise
        return self

    def __exit__(self, kind, *exc):
        if kind is not None:
            print(self.log()[-6000:])
        for p in self.processes.values():
            if p.poll() is None:
                p.send_signal(signal.SIGCONT)
                p.kill() if kind else p.terminate()
        for name, p in self.processes.items():
            code = p.wait(20)
            if kind is None:
                assert code in (0, -9) or name == 'shutdown-feed', '%s ended with %d:\n%s' % (name, code, self.log(name)[-4000:])
        for s in self.listeners:
            s.close()
        shutil.rmtree(self.dir)

    # ---- the rest of the suite ----

    def feed(self, *lines):
        p, answer = self.processes['shutdown-feed'], []
        for line in lines:
            p.stdin.write(line + '\n')
            p.stdin.flush()
            answer = []
            while not answer or answer[-1] != 'ok':
                got = p.stdout.readline()
                assert got and got != 'what?\n', '%s: %r\n%s' % (line, got, self.log('shutdown-feed'))
                answer.append(got.rstrip('\n'))
        return answer

    def command(self, *words):
        """(code, text, json)"""
        answer = self.feed('command ' + ' '.join(words))
        code, text = re.match(r'reply (\d+) ?(.*)$', answer[0]).groups()
        return int(code), text, json.loads(answer[1][5:]) if answer[1].startswith('json ') else None

    def listener(self):
        self.listeners.append(Listener())
        return self.listeners[-1]

    def plan(self, *listeners, version=1, mode='auto', need=0, hold=1, restore=1, validity=60, devices=(1,), template='message',
             text='#DEVICE_is_on_battery._Plan_#PLAN,_run_#RUN.'):
        targets = ['%d:127.0.0.1:%d:%s:%s' % (i + 1, s.port, template, text) for i, s in enumerate(listeners)]
        self.feed(*['device %d hh/ups-%d' % (d, d) for d in devices],
                  'plan 3 hh/servers %d %s %d %d %d %d %s %s' % (version, mode, need, hold, restore, validity, ','.join(map(str, devices)),
                                                               ' '.join(targets)), 'config')
        wait_for('the plan is there', lambda: any(p['version'] == version and p['mode'] == mode for p in self.plans()))

    def plans(self):
        code, _, data = self.command('plans')
        return data['plans'] if code == 1 else []

    def state(self):
        return wait_for('plans', self.plans)[0]

    def reaches(self, *states, timeout=30):
        return wait_for(' or '.join(states), lambda: (lambda p: p if p['state'] in states else None)(self.state()), timeout)

    def simulated(self):
        code, text, _ = self.command('simulate', 'hh/servers')
        assert code == 1, text

    def outage(self, *devices):
        for d in devices or (1,):
            self.feed('status %d OB' % d, 'alarm %d on' % d)

    def mains(self, *devices):
        for d in devices or (1,):
            self.feed('status %d OL' % d, 'alarm %d off' % d)

    def ready_plan(self, *listeners, **kwargs):
        """A simulated auto plan whose UPSs are on mains."""
        self.plan(*listeners, **kwargs)
        self.simulated()
        self.mains(*kwargs.get('devices', (1,)))
        self.reaches('idle')

    def ledger(self):
        """All records, as a person would read them."""
        folder, records = os.path.join(self.dir, 'lib/shutdownd/ledger'), []
        for name in sorted(n for n in os.listdir(folder) if re.fullmatch(r'[0-9a-f]{16}\.db', n)):
            db = sqlite3.connect('file:%s?mode=ro' % os.path.join(folder, name), uri=True)
            records += [json.loads(row[0]) for row in db.execute('SELECT data FROM record ORDER BY jseq')]
            db.close()
        return records

    def kill(self):
        self.processes['shutdownd'].kill()
        self.processes['shutdownd'].wait(10)


def test_an_outage_is_told_to_each_server_with_three_equal_datagrams():
    with Bed() as b:
        one, two = b.listener(), b.listener()
        b.ready_plan(one, two)
        assert one.got == []
        b.outage()
        p = b.reaches('closing')
        want = FRONT + 'hh/ups-1 is on battery. Plan hh/servers, run %d.' % p['run']
        wait_for('six datagrams', lambda: len(one.got) + len(two.got) == 6)
        assert one.got == two.got == [want] * 3
        assert [(o['id'], o['state'], o['copies']) for o in p['orders']] == [('3-%d-%d' % (p['run'], t), 'sent', 3) for t in (1, 2)]
        # The run closes when mains is back; a new outage is a new run.
        b.mains()
        b.reaches('idle')
        b.outage()
        again = b.reaches('closing')
        assert again['run'] > p['run']
        wait_for('three more', lambda: len(one.got) == 6)
        assert one.got[3:] == [want.replace(str(p['run']), str(again['run']))] * 3


def test_neither_key_alone_sends():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s)
        # alarmd says so, our own readings do not.
        b.feed('alarm 1 on')
        wait_for('the alarm', lambda: b.state()['devices'][0]['alarm'])
        stays('an order without own evidence', lambda: not s.got and b.state()['state'] == 'idle', 2.5)
        # Our readings say so, alarmd does not.
        b.feed('alarm 1 off')
        wait_for('no alarm', lambda: not b.state()['devices'][0]['alarm'])
        b.feed('status 1 OB')
        b.reaches('armed')
        wait_for('the hold is over', lambda: b.state().get('fires_in_s') == 0)
        stays('an order without alarmd', lambda: not s.got and b.state()['state'] == 'armed', 1.5)
        b.feed('alarm 1 on')
        wait_for('the order', lambda: s.got)


def test_a_silent_ups_and_a_test_of_its_battery_send_nothing():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s, hold=2)
        b.outage()
        b.reaches('armed')
        b.feed('missed 1 5')
        wait_for('unproven', lambda: b.state()['condition'] == 'unproven')
        assert b.state()['state'] in ('hold', 'idle')
        b.feed('status 1 OB_TEST')
        wait_for('a test', lambda: b.state()['devices'][0]['power'] == 'other')
        b.feed('status 1 -')
        wait_for('silence', lambda: b.state()['devices'][0]['power'] == 'unknown')
        stays('an order without evidence', lambda: not s.got, 1)


def test_two_of_three():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s, need=2, devices=(1, 2, 3))
        b.outage(2)
        b.feed('status 3 -')
        wait_for('unproven', lambda: b.state()['condition'] == 'unproven')
        assert not s.got
        b.outage(1)
        wait_for('the order', lambda: s.got)
        assert 'hh/ups-1 and 1 more is on battery' in s.got[0]


def wait_s(seconds):
    """Time itself is what happens here: the process under test is stopped."""
    end = time.monotonic() + seconds
    wait_for('%g s' % seconds, lambda: time.monotonic() >= end, seconds + 30)


def test_after_a_stop_no_order_leaves_for_an_outage_that_is_over():
    with Bed('max_away_ms = 1000;') as b:
        s = b.listener()
        b.ready_plan(s, hold=3)
        b.outage()
        b.reaches('armed')
        b.processes['shutdownd'].send_signal(signal.SIGSTOP)
        wait_s(3)
        b.mains()
        wait_s(1)
        b.processes['shutdownd'].send_signal(signal.SIGCONT)
        b.reaches('idle')
        stays('an order after a stop', lambda: not s.got, 1.5)
        assert ' pause ' in b.log()


def test_after_a_stop_the_hold_starts_again():
    with Bed('max_away_ms = 1000;') as b:
        s = b.listener()
        b.ready_plan(s, hold=3)
        b.outage()
        b.reaches('armed')
        b.processes['shutdownd'].send_signal(signal.SIGSTOP)
        wait_s(4)
        b.processes['shutdownd'].send_signal(signal.SIGCONT)
        went_on = time.monotonic()
        wait_for('the order', lambda: s.got)
        assert time.monotonic() - went_on > 2.9


@pytest.mark.parametrize('point', ['before_intent', 'after_intent', 'after_sendto'])
def test_killed_at_an_order_it_leaves_once(point):
    if not os.path.exists(os.path.join(DEBUG, 'bin/shutdownd')):
        pytest.skip('no debug build in %s: kill points are not in release builds' % DEBUG)
    marks = temp_dir('shutdownd-mark-')
    env = {'BB_TEST_KILL_FILE': os.path.join(marks, 'point')}
    with open(env['BB_TEST_KILL_FILE'], 'w', encoding='ascii') as f:
        f.write(point)
    with Bed(env=env, build=DEBUG) as b:
        one, two = b.listener(), b.listener()
        b.ready_plan(one, two)
        b.outage()
        assert b.processes['shutdownd'].wait(30) == -signal.SIGKILL
        b.start()
        b.reaches('closing')
        for s in (one, two):
            wait_for('an order', lambda: s.got)
            # One logical order: the same bytes, no more than three.
            assert len(set(s.got)) == 1 and len(s.got) <= 3
        orders = b.state()['orders']
        assert [o['state'] for o in orders] == ['sent', 'sent']
    shutil.rmtree(marks)


def test_killed_after_its_orders_nothing_is_repeated_and_runs_grow():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s)
        b.outage()
        first = b.reaches('closing')['run']
        b.kill()
        b.start()
        b.reaches('closing')
        stays('a restart repeats an order', lambda: len(s.got) == 3, 1.5)
        b.mains()
        b.reaches('idle')
        b.outage()
        wait_for('the next run', lambda: len(set(s.got)) == 2)
        assert b.state()['run'] > first


def test_a_plan_that_was_never_simulated_only_simulates():
    with Bed() as b:
        s = b.listener()
        b.plan(s)
        b.mains()
        b.reaches('idle')
        b.outage()
        p = b.reaches('closing')
        assert [o['state'] for o in p['orders']] == ['simulated'] and p['simulated_version'] == 1
        b.mains()
        b.reaches('idle')
        assert s.got == []
        b.outage()
        wait_for('the order', lambda: s.got)


def test_a_changed_plan_forgets_its_simulation():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s)
        b.plan(s, version=2)
        b.outage()
        p = b.reaches('closing')
        assert p['orders'][0]['state'] == 'simulated' and not s.got


def test_confirm_needs_the_operator_and_the_number_of_this_run():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s, mode='confirm')
        b.outage()
        run = wait_for('a run that waits', lambda: b.state()['awaits_confirmation'] and b.state()['run'])
        assert b.command('confirm', 'hh/servers')[0] == 3
        assert b.command('confirm', 'hh/servers', str(run - 1))[0] == 3
        assert b.command('confirm', 'hh/nothing', str(run))[0] == 4
        assert not s.got
        assert b.command('confirm', 'hh/servers', str(run))[0] == 1
        wait_for('the order', lambda: s.got)
        assert 'run %d' % run in s.got[0]
        assert b.command('confirm', 'hh/servers', str(run))[0] == 3


def test_the_unverified_template_is_refused_unless_allowed():
    with Bed() as b:
        one = b.listener()
        b.plan(one, template='shutdown')
        code, text, _ = b.command('simulate', 'hh/servers')
        assert code == 3 and '1 of 1' in text
    with Bed('allow_unverified_templates = true;') as b:
        one = b.listener()
        b.ready_plan(one, template='shutdown')
        b.outage()
        wait_for('the order', lambda: one.got)
        assert one.got[0] == 'CONNECT TO RCCMD (SEND) SHUTDOWN'


def test_mains_flapping_is_one_run_at_most():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s, hold=2, restore=30)
        for _ in range(3):
            b.feed('status 1 OB', 'alarm 1 on')
            b.reaches('armed')
            b.feed('status 1 OL', 'alarm 1 off')
            b.reaches('idle')
        assert not s.got
        b.outage()
        b.reaches('closing')
        for _ in range(3):
            b.feed('status 1 OL', 'alarm 1 off')
            wait_for('online', lambda: b.state()['devices'][0]['power'] == 'online')
            b.outage()
            wait_for('on battery', lambda: b.state()['devices'][0]['power'] == 'on_battery')
        stays('a second run', lambda: len(s.got) == 3, 2.5)


def test_a_second_instance_is_refused():
    with Bed() as b:
        p = subprocess.run([program('shutdownd'), '--dir', b.dir], capture_output=True, text=True, timeout=30)
        assert p.returncode == 1 and str(b.processes['shutdownd'].pid) in p.stderr


def test_alarmds_log_is_followed_across_restarts_of_both():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s, devices=(1, 2))
        b.feed('alarm 2 on')
        wait_for('the alarm in the ledger', lambda: [r for r in b.ledger() if 2 in r.get('changes', [])])
        b.kill()
        b.feed('alarm 1 on', 'alarm 2 off', 'log off')
        b.start()
        wait_for('what it knew before', lambda: [d['alarm'] for d in b.state()['devices']] == [False, True])
        b.feed('log on')
        wait_for('what it missed', lambda: [d['alarm'] for d in b.state()['devices']] == [True, False])
        # More than may be in flight: the owner only goes on when it hears what is durable here.
        b.feed(*['alarm 2 on', 'alarm 2 off'] * 700, 'alarm 2 on')
        wait_for('the last of many', lambda: b.state()['devices'][1]['alarm'])
        wait_for('the cursor', lambda: [r for r in b.ledger() if r.get('cursor') == 1406])


def test_the_dump_shows_the_plans():
    with Bed() as b:
        b.ready_plan(b.listener())
        b.processes['shutdownd'].send_signal(signal.SIGUSR1)
        dump = os.path.join(b.dir, 'run/shutdownd.dump')
        wait_for('the dump', lambda: os.path.exists(dump) and open(dump).read().endswith('}\n'))
        text = open(dump).read()
        assert json.loads(text[text.index('{'):])['plans'][0]['plan'] == 'hh/servers'


def test_the_ledger_can_be_read_by_a_person():
    with Bed() as b:
        s = b.listener()
        b.ready_plan(s)
        b.outage()
        b.reaches('closing')
        b.kill()
        records = b.ledger()
        kinds = collections.Counter(r['t'] for r in records)
        assert kinds['simulated'] == 1 and kinds['run'] >= 2
        assert [r['state'] for r in records if r['t'] == 'order'] == ['intent', 'sent']
