# SPDX-License-Identifier: Apache-2.0
"""notifyd between a real pull log and a real Postfix, and against a mail server that misbehaves; killed at any moment."""
import collections
import os
import random
import shutil
import signal
import struct
import subprocess
import threading
import time

import pytest

from peers import Postfix, can_run_postfix
from smtp_stub import SmtpStub, header
from stack import build_dir, free_port, program, temp_dir, wait_for

needs_postfix = pytest.mark.skipif(can_run_postfix() is not None, reason=str(can_run_postfix()))


class AlarmLog:
    """The alarm-log tool: what notifyd sees of alarmd."""

    def __init__(self, directory):
        self.directory = directory
        self.lines, self.changed = [], threading.Condition()
        self.start()

    def start(self):
        self.process = subprocess.Popen([program('alarm-log'), self.directory], text=True, bufsize=1, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        self.expect('up')

    def _read(self, stream):
        for line in stream:
            with self.changed:
                self.lines.append(line.rstrip('\n'))
                self.changed.notify_all()

    def say(self, *lines):
        self.process.stdin.write(''.join(line + '\n' for line in lines))

    def expect(self, start, after=0, timeout=30):
        """The first line that begins so, at or behind index `after`."""
        deadline = time.monotonic() + timeout
        with self.changed:
            while True:
                for line in self.lines[after:]:
                    if line.startswith(start):
                        return line
                left = deadline - time.monotonic()
                assert left > 0, 'no line "%s...": %r' % (start, self.lines[-20:])
                self.changed.wait(left)

    def mark(self):
        with self.changed:
            return len(self.lines)

    def ask(self, *words):
        mark = self.mark()
        self.say('ask ' + ' '.join(words))
        return self.expect('reply', after=mark)

    def metric(self, name):
        with self.changed:
            for line in reversed(self.lines):
                if line.startswith('metrics'):
                    values = dict(p.split('=') for p in line.split()[1:])
                    return float(values.get(name, 'nan'))
        return None

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


class World:
    def __init__(self, settings='retry_min_ms = 50; retry_max_ms = 400; timeout_ms = 2000;'):
        self.dir = temp_dir('busbar-notifyd-')
        for d in ('etc', 'run', 'lib', 'lib/alarmd', 'lib/notifyd'):
            os.makedirs(os.path.join(self.dir, d))
        self.configure(settings)
        self.daemon = None
        self.log = AlarmLog(self.dir)
        self.env = dict(os.environ)

    def configure(self, settings):
        with open(os.path.join(self.dir, 'etc', 'busbar.conf'), 'w', encoding='utf-8') as f:
            f.write('notifyd = { %s };\n' % settings)

    def server(self, port, *more, recipients=('recipient 1 ops@example.org info Operators',), host='127.0.0.1'):
        self.log.say('setting smtp.host ' + host, 'setting smtp.port %d' % port, 'setting smtp.from busbar@example.net', *more,
                     *recipients, 'commit notifyd')

    def start(self, **env):
        with open(os.path.join(self.dir, 'log'), 'ab') as log:
            self.daemon = subprocess.Popen([program('notifyd'), '--dir', self.dir], stdin=subprocess.DEVNULL, stdout=log,
                                           stderr=log, env=dict(self.env, **env))

    def kill(self, how=signal.SIGKILL):
        self.daemon.send_signal(how)
        code = self.daemon.wait(30)
        self.daemon = None
        return code

    def text(self):
        with open(os.path.join(self.dir, 'log'), encoding='utf-8', errors='replace') as f:
            return f.read().replace('\\"', '"')

    def close(self):
        if self.daemon:
            self.kill()
        if self.log.process.poll() is None:
            self.log.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


@pytest.fixture
def world():
    w = World()
    try:
        yield w
    finally:
        w.close()


@pytest.fixture
def postfix():
    with Postfix() as p:
        yield p


def raised(device=1, episode=1, key='hh/ups-1', rule='on_battery', severity='major', text='the load runs on battery'):
    return 'raise %d %s %s %s %d %s' % (device, key, rule, severity, episode, text)


def cleared(*args, **kwargs):
    return 'clear' + raised(*args, **kwargs)[5:]


# ---- what a person gets ----

@needs_postfix
def test_a_raise_and_its_clear_are_mailed_once_each(world, postfix):
    world.server(postfix.port)
    world.start()
    world.log.say(raised(), 'other ack hh/ups-1', cleared())
    wait_for('two mails', lambda: len(postfix.messages()) >= 2)
    up, down = sorted(postfix.messages(), key=lambda m: m['X-Busbar-Kind'] != 'raise')
    assert up['Subject'] == '[MAJOR] hh/ups-1: the load runs on battery'
    assert down['Subject'] == '[cleared] hh/ups-1: the load runs on battery'
    assert up['To'] == '"Operators" <ops@example.org>' or up['To'].addresses[0].addr_spec == 'ops@example.org'
    assert up['From'].addresses[0].addr_spec == 'busbar@example.net'
    assert up['X-Busbar-Alarm'] == down['X-Busbar-Alarm'] == 'j-1-on_battery-1'
    assert up['X-Busbar-Attempt'] is None and up['Date'] and up['Message-ID'].endswith('.busbar>')
    assert down['In-Reply-To'] == up['Message-ID'] != down['Message-ID']
    assert 'Severity      major' in up.get_content() and 'hh/ups-1' in up.get_content()
    wait_for('metrics', lambda: world.log.metric('sent_total') == 2 and world.log.metric('queue_depth') == 0)
    assert world.log.metric('log_lag') == 0
    assert len(postfix.messages()) == 2


@needs_postfix
def test_a_mail_says_what_to_do_in_the_words_the_alarm_carries(world, postfix):
    world.server(postfix.port)
    world.start()
    own = 'call Änne: ' + 'she knows the way to the rectifier and the meter ' * 6 + 'end'
    world.log.say(raised(), 'action ' + own, raised(device=2, key='hh/ups-2'), cleared(device=2, key='hh/ups-2'),
                  raised(device=3, key='hh/ups-3', rule='unheard_of'), 'action ', raised(device=4, key='hh/ups-4', rule='unheard_of'))
    wait_for('five mails', lambda: len(postfix.messages()) >= 5)
    mails = {(m['Subject'].split('hh/')[1][:5], m['X-Busbar-Kind']): m.get_content() for m in postfix.messages()}

    def words(key, kind='raise'):
        """Label -> text; lines that begin with a space go on with the one before."""
        found, label = {}, None
        for line in mails[key, kind].splitlines():
            assert len(line) <= 78
            label = line[:14].strip() or label
            found[label] = (found.get(label, '') + ' ' + line[14:]).strip()
        return found
    built_in = words('ups-1')
    assert built_in['What to do'].startswith('Find out whether the building') and built_in['Cause'].startswith('Mains failed')
    assert built_in['Consequence'] == 'The load stops when the battery is empty'
    assert words('ups-2')['What to do'] == own and words('ups-2')['Cause'] == built_in['Cause']
    assert 'What to do' not in mails['ups-2', 'clear'], 'nothing is to be done any more'
    assert words('ups-3')['What to do'] == own and 'Cause' not in mails['ups-3', 'raise']
    assert 'What to do' not in mails['ups-4', 'raise']


@needs_postfix
def test_recipients_get_what_is_bad_enough_for_them(world, postfix):
    world.server(postfix.port, recipients=('recipient 1 all@example.org info All', 'recipient 2 boss@example.org critical Boss'))
    world.start()
    world.log.say(raised(), raised(device=2, key='hh/ups-2', severity='critical'))
    wait_for('three mails', lambda: len(postfix.messages()) >= 3)
    got = collections.Counter((m['Delivered-To'], m['Subject'].split(']')[0]) for m in postfix.messages())
    assert got == {('all@example.org', '[MAJOR'): 1, ('all@example.org', '[CRITICAL'): 1, ('boss@example.org', '[CRITICAL'): 1}
    assert len(set(postfix.ids())) == 3


@needs_postfix
def test_text_of_devices_stays_text(world, postfix):
    world.server(postfix.port)
    world.start()
    world.log.say(raised(text='Überlast\tBcc: evil@example.org\x1b[31m ' + 'x' * 300 + ' \u2603'))
    wait_for('the mail', postfix.messages)
    m = postfix.messages()[0]
    assert m['Bcc'] is None and m['Delivered-To'] == 'ops@example.org'
    assert m['Subject'].startswith('[MAJOR] hh/ups-1: Überlast') and '\x1b' not in m['Subject']
    assert '\u2603' in m.get_content()


@needs_postfix
def test_starttls_is_used_and_the_certificate_is_checked(world):
    with Postfix(tls=True) as p:
        world.server(p.port, 'setting smtp.tls starttls')
        world.start()
        world.log.say(raised())
        wait_for('the refusal', lambda: 'mail_failed' in world.text() and 'certificate' in world.text())
        assert not p.messages() and 'message-id' not in p.log()
        world.server(p.port, 'setting smtp.tls starttls', 'setting smtp.ca_file ' + p.ca_file)
        wait_for('the mail', p.messages)
        assert 'with ESMTPS' in p.messages()[0]['Received']


# ---- configuration ----

def test_without_a_server_messages_wait_and_it_is_said(world):
    world.log.say('recipient 1 ops@example.org info Ops', 'commit notifyd')
    world.start()
    world.log.say(raised())
    world.log.expect('trouble notify_not_configured 4')
    wait_for('the task', lambda: world.log.metric('queue_depth') == 1)
    stub = SmtpStub()
    world.server(stub.port)
    wait_for('the mail', lambda: len(stub.taken) == 1)
    world.log.expect('trouble notify_not_configured 0')
    stub.close()


def test_records_before_the_first_configuration_are_not_lost(world):
    world.log.say(raised(), cleared())
    world.start()
    wait_for('the heartbeat', lambda: world.log.metric('queue_depth') == 0)
    stub = SmtpStub()
    world.server(stub.port)
    wait_for('both mails', lambda: len(stub.taken) == 2)
    stub.close()


@pytest.mark.parametrize('lines, reason', [
    (['recipient 1 no-address info X'], '"no-address" is not a mail address'),
    (['recipient 1 a@b.example>x info X'], 'is not a mail address'),
    (['setting smtp.port 70000'], 'setting "smtp.port"'),
    (['setting smtp.tls perhaps'], 'none of none, starttls, tls'),
    (['setting smtp.password secret'], 'must be sealed'),
    (['sealed notifyd smtp.password secret'], 'travel in clear'),
    (['setting smtp.host bad host'], 'is not a host name'),
])
def test_bad_settings_are_refused_by_name_and_the_old_ones_stay(world, lines, reason):
    stub = SmtpStub()
    world.log.say('sealed notifyd smtp.unused x')       # makes the keys before notifyd looks for them
    world.server(stub.port)
    world.start()
    world.log.say(raised())
    wait_for('the first mail', lambda: len(stub.taken) == 1)
    world.log.say('recipient 9 z@example.org info Z', *lines, 'commit notifyd')
    world.log.expect('trouble config_refused')
    assert reason in world.text()
    world.log.say(cleared())
    wait_for('the second mail', lambda: len(stub.taken) == 2)
    assert header(stub.taken[1], 'Subject').startswith('[cleared]')
    assert b'ops@example.org' in stub.taken[1]
    stub.close()


def test_it_starts_from_its_file_while_alarmd_is_away(world):
    refuse = threading.Event()
    stub = SmtpStub(lambda s, step: '451 later' if step == 'end' and not refuse.is_set() else None)
    world.server(stub.port)
    world.start()
    world.log.say(raised())
    wait_for('a try', lambda: stub.tries)
    world.kill()
    world.log.stop()
    refuse.set()
    world.start()
    wait_for('the mail', lambda: len(stub.taken) == 1)
    assert header(stub.taken[0], 'Message-ID') == header(stub.tries[0], 'Message-ID')
    assert int(header(stub.taken[0], 'X-Busbar-Attempt')) >= 2
    stub.close()


# ---- a server on a bad day ----

def test_a_temporary_refusal_is_tried_again_with_the_same_identity(world):
    stub = SmtpStub(lambda s, step: '450 4.7.1 greylisted' if step == 'rcpt' and s.stub.asked.pop() else None)
    stub.asked = [False, True, True]
    world.server(stub.port)
    world.start()
    world.log.say(raised())
    wait_for('the mail', lambda: len(stub.taken) == 1)
    assert header(stub.taken[0], 'X-Busbar-Attempt') == '3'
    stub.close()


def test_death_before_the_answer_sends_again_with_the_same_identity(world):
    stub = SmtpStub(lambda s, step: 'die' if step == 'end' and len(s.stub.swallowed) < 2 else None)
    world.server(stub.port)
    world.start()
    world.log.say(raised())
    wait_for('the mail', lambda: len(stub.taken) == 1)
    assert len(stub.tries) == 3 and len({header(m, 'Message-ID') for m in stub.tries}) == 1
    assert [header(m, 'X-Busbar-Attempt') for m in stub.tries] == [None, '2', '3']
    stub.close()


@pytest.mark.parametrize('where', ['greet', 'rcpt', 'end'])
def test_a_stalling_server_is_left_after_the_timeout_and_stops_nothing_else(world, where):
    stub = SmtpStub(lambda s, step: 'stall' if step == where and not s.stub.stalled.is_set() and
                    not s.stub.stalled.set() else None)
    stub.stalled = threading.Event()
    world.configure('retry_min_ms = 50; timeout_ms = 5000;')
    world.server(stub.port)
    world.start()
    world.log.say(raised())
    wait_for('the stall', stub.stalled.is_set)
    beats = world.log.mark()
    world.log.say(raised(device=2, key='hh/ups-2'))
    world.log.expect('metrics', after=beats, timeout=4.5)       # the loop turns: a heartbeat before the timeout of 5 s
    wait_for('both mails', lambda: len(stub.taken) == 2)
    stub.close()


def test_a_permanent_refusal_fails_at_once_and_is_an_own_alarm_until_a_later_mail_arrives(world):
    bad = {'no@example.org'}
    stub = SmtpStub(lambda s, step: '550 5.1.1 no such person' if step == 'rcpt' and s.address in bad else None)
    world.server(stub.port, recipients=('recipient 1 no@example.org info No', 'recipient 2 ops@example.org info Ops'))
    world.start()
    world.log.say(raised())
    line = world.log.expect('trouble notify_failed 2')
    assert 'no@example.org' in line and '550' in line
    wait_for('the other mail', lambda: len(stub.taken) == 1)
    wait_for('the end', lambda: world.log.metric('failed_total') == 1 and world.log.metric('queue_depth') == 0)
    bad.clear()
    world.log.say(cleared())
    wait_for('all mails', lambda: len(stub.taken) == 3)
    world.log.expect('trouble notify_failed 0')
    stub.close()


def test_a_server_that_refuses_everybody_costs_no_message(world):
    """535, 554 at the greeting and a refused sender are the server's matter: nothing has failed for good."""
    closed = threading.Event()
    stub = SmtpStub(lambda s, step: ('554 go away' if step == 'greet' else '553 not you') if not closed.is_set() and
                    step in ('greet', 'mail') and (step == 'greet') == (len(s.stub.seen) % 2 == 0) and not s.stub.seen.append(1)
                    else None)
    stub.seen = []
    world.server(stub.port)
    world.start()
    world.log.say(*[raised(device=i, key='hh/ups-%d' % i) for i in range(1, 6)])
    wait_for('some refusals', lambda: len(stub.seen) >= 4)
    assert not stub.taken
    closed.set()
    wait_for('all mails', lambda: len(stub.taken) == 5)
    wait_for('the books', lambda: world.log.metric('sent_total') == 5)
    assert world.log.metric('failed_total') == 0
    stub.close()


def test_an_absent_server_is_probed_and_then_gets_all(world):
    port = free_port()
    world.server(port)
    world.start()
    world.log.say('many 20 20')
    wait_for('the tasks', lambda: world.log.metric('queue_depth') == 40)
    wait_for('tries', lambda: 'mail_failed' in world.text())
    stub = SmtpStub(port=port)
    wait_for('all mails', lambda: len(stub.taken) == 40)
    assert len(set(stub.ids())) == 40 and stub.most <= 2
    stub.close()


def test_what_cannot_be_sent_in_time_has_failed(world):
    world.configure('retry_min_ms = 50; retry_max_ms = 200; timeout_ms = 2000; give_up_s = 2;')
    stub = SmtpStub(lambda s, step: '451 never' if step == 'rcpt' else None)
    world.server(stub.port)
    world.start()
    world.log.say(raised())
    line = world.log.expect('trouble notify_failed 2')
    assert '451 never' in line
    wait_for('the end', lambda: world.log.metric('queue_depth') == 0)
    stub.close()


def test_the_clear_waits_for_its_raise(world):
    stub = SmtpStub(lambda s, step: '451 not yet' if step == 'rcpt' and s.stub.asked.pop() else None)
    stub.asked = [False] * 10 + [True, True, True]
    world.server(stub.port)
    world.start()
    world.log.say(raised(), cleared(), raised(episode=2), cleared(episode=2))
    wait_for('four mails', lambda: len(stub.taken) == 4)
    assert [header(m, 'X-Busbar-Kind') for m in stub.taken] == ['raise', 'clear', 'raise', 'clear']
    assert [header(m, 'X-Busbar-Alarm')[-1] for m in stub.taken] == ['1', '1', '2', '2']
    stub.close()


def test_at_most_two_messages_are_under_way(world):
    gate = threading.Event()
    stub = SmtpStub(lambda s, step: None if step != 'end' or gate.wait(20) else None)
    world.configure('timeout_ms = 60000;')
    world.server(stub.port)
    world.start()
    world.log.say('many 10 10')
    wait_for('two open', lambda: len(stub.tries) == 2)
    wait_for('all queued', lambda: world.log.metric('queue_depth') == 20)
    assert len(stub.tries) == 2
    gate.set()
    wait_for('all mails', lambda: len(stub.taken) == 20)
    assert stub.most <= 2
    stub.close()


# ---- the log ----

def test_history_is_not_mailed(world):
    stub = SmtpStub()
    world.log.say('old 4', raised(), cleared(), 'old 0', raised(episode=2))
    world.server(stub.port)
    world.start()
    wait_for('the young mail', lambda: len(stub.taken) == 1)
    assert header(stub.taken[0], 'X-Busbar-Alarm').endswith('-2')
    wait_for('the count', lambda: world.log.metric('suppressed_total') == 2)
    stub.close()


def test_a_restart_does_not_repeat_what_was_sent(world):
    stub = SmtpStub()
    world.server(stub.port)
    world.start()
    world.log.say('many 50 10')
    wait_for('all mails', lambda: len(stub.taken) == 100)
    wait_for('the books', lambda: world.log.metric('queue_depth') == 0)
    for how, code in ((signal.SIGTERM, 0), (signal.SIGKILL, -9), (signal.SIGTERM, 0)):
        assert world.kill(how) == code
        world.start()
        mark = world.log.mark()
        world.log.say(raised(device=99, key='hh/x', episode=mark))
        wait_for('the new mail', lambda: stub.ids() and header(stub.taken[-1], 'X-Busbar-Alarm') == 'j-99-on_battery-%d' % mark)
    assert len(stub.taken) == 103
    stub.close()


def test_missing_records_are_an_own_alarm(world):
    stub = SmtpStub()
    world.server(stub.port)
    world.start()
    world.log.say(raised())
    wait_for('the mail', lambda: len(stub.taken) == 1)
    world.kill()
    world.log.stop()
    # The owner goes back to a copy: its log ends before our cursor.
    shutil.rmtree(os.path.join(world.dir, 'lib/alarmd/journal'))
    world.log.start()
    world.server(stub.port)
    world.start()
    world.log.say(raised(device=2, key='hh/ups-2'))
    wait_for('the mail of the new log', lambda: len(stub.taken) == 2)
    assert "alarmd's log starts anew" in world.text()
    stub.close()


# ---- commands ----

def test_status_and_test_mail_answer(world):
    stub = SmtpStub(lambda s, step: '550 no' if step == 'rcpt' and s.address.startswith('no') else None)
    busd = subprocess.Popen([program('busd'), '--dir', world.dir], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        world.server(stub.port, recipients=('recipient 1 ops@example.org info Ops', 'recipient 2 no@example.org info No'))
        world.start()
        wait_for('the route', lambda: '"configured":true' in world.log.ask('notifyd', 'status'))
        reply = world.log.ask('notifyd', 'test_mail', 'Ops')
        assert reply.startswith('reply 1 1 of 1 test messages'), reply
        wait_for('the test', lambda: stub.taken)
        assert header(stub.taken[0], 'Subject') == '[TEST] Busbar can reach you'
        mark = world.log.mark()
        reply = world.log.ask('notifyd', 'test_mail')
        assert reply.startswith('reply 3 1 of 2'), reply
        assert '550' in world.log.expect('item 3 no@example.org', after=mark)
        assert world.log.ask('notifyd', 'test_mail', 'stranger@example.com').startswith('reply 4')
        assert world.log.ask('notifyd', 'dance').startswith('reply 4')
        assert '"recipients":2' in world.log.ask('notifyd', 'status')
    finally:
        busd.terminate()
        busd.wait(30)
        stub.close()


# ---- a bad disk of our own ----

def test_with_a_dead_disk_mail_still_goes_out(world):
    shim = os.path.join(build_dir(), 'lib', 'faultfs.so')
    rules = os.path.join(world.dir, 'faults')
    with open(rules, 'wb') as f:
        f.write(struct.pack('6i240s', 0, 0, 0, 0, 0, 0, b'/lib/notifyd/'))
    stub = SmtpStub()
    world.server(stub.port)
    world.start(LD_PRELOAD=shim, FAULTFS_FILE=rules, ASAN_OPTIONS='verify_asan_link_order=0')
    world.log.say(raised())
    wait_for('the mail', lambda: len(stub.taken) == 1)
    with open(rules, 'r+b') as f:
        f.write(struct.pack('6i', 5, 0, -1, 5, 0, -1))
    world.log.say(cleared())
    wait_for('the mail', lambda: len(stub.taken) == 2)
    world.log.expect('trouble journal_emergency 1')
    with open(rules, 'r+b') as f:
        f.write(struct.pack('6i', 0, 0, 0, 0, 0, 0))
    world.log.expect('trouble journal_emergency 0')
    world.kill()
    world.start()
    world.log.say(raised(episode=2))
    wait_for('the mail', lambda: len(stub.taken) == 3)
    assert len(set(stub.ids())) == 3
    stub.close()


# ---- killed ----

@needs_postfix
def test_killed_at_random_every_transition_is_mailed(world, postfix):
    seed = random.randrange(1 << 32)
    print('seed', seed)
    rng = random.Random(seed)
    world.server(postfix.port)
    world.start()
    sent = 0
    while sent < 100:
        n = min(rng.randrange(1, 12), 100 - sent)
        # Many at the same device: order must hold, too.
        for i in range(sent, sent + n):
            world.log.say(raised(device=1 + i % 5, key='hh/ups-%d' % (1 + i % 5), episode=i),
                          cleared(device=1 + i % 5, key='hh/ups-%d' % (1 + i % 5), episode=i))
        sent += n
        time.sleep(rng.random() * 0.08)         # the random moment itself
        world.kill()
        world.start()
    wait_for('all mails', lambda: len(set(postfix.ids())) >= 200, timeout=60)
    wait_for('the books', lambda: world.log.metric('queue_depth') == 0 and world.log.metric('log_lag') == 0)
    ids = postfix.ids()
    assert len(set(ids)) == 200
    told = {(m['X-Busbar-Alarm'], m['X-Busbar-Kind']) for m in postfix.messages()}
    assert told == {('j-%d-on_battery-%d' % (1 + i % 5, i), kind) for i in range(100) for kind in ('raise', 'clear')}
    assert len(ids) - 200 <= 2 * world.text().count(' ready'), 'more repeats than messages open at the kills'


def test_killed_while_the_server_hesitates_nothing_is_lost(world):
    """Kills fall into every part of the dialogue: the stub waits at random before it answers the end of data."""
    rng = random.Random()
    stub = SmtpStub(lambda s, step: time.sleep(rng.random() * 0.02))
    world.server(stub.port)
    world.start()
    world.log.say('many 50 7')
    for _ in range(20):
        time.sleep(rng.random() * 0.06)         # the random moment itself
        world.kill()
        world.start()
    wait_for('all mails', lambda: len(set(stub.ids())) >= 100, timeout=60)
    wait_for('the books', lambda: world.log.metric('queue_depth') == 0 and world.log.metric('log_lag') == 0)
    assert len(set(stub.ids())) == 100
    order = collections.defaultdict(list)
    for m in stub.taken:
        order[header(m, 'X-Busbar-Alarm').split('-')[1]].append((header(m, 'X-Busbar-Alarm'), header(m, 'X-Busbar-Kind')))
    for device, got in order.items():
        first = list(dict.fromkeys(got))
        assert [k for _, k in first] == ['raise', 'clear'] * (len(first) // 2), (device, first)
    stub.close()
