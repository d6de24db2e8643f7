# SPDX-License-Identifier: Apache-2.0
"""One process stands still and goes on (F07): nothing is lost or doubled, nothing is done late, logins and streams go on where they were.
BUSBAR_PAUSE_S makes the pause longer."""
import os
import signal
import threading
import time

from stack import wait_for
from test_chain import KEYS, Chain, need_postfix
from webd import Client, Stream

PAUSE_S = int(os.environ.get('BUSBAR_PAUSE_S', 0)) or 14        # longer than 10 s, after which a silent one counts as lost


class Browser:
    """A login and its stream of alarms, read all the time."""

    def __init__(self, stack):
        self.client = Client(port=stack.http)
        first = stack.first_password()
        assert self.client.login('admin', first).status == 200
        a = self.client.post('/me/password', {'old': first, 'new': 'correct horse battery staple'})
        assert a.status == 200, a
        self.client.take_session(a)
        self.stream = Stream(self.client, '/stream?topics=alarms')
        assert self.stream.next()[1] == 'hello'
        self.has_ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while self.stream.next():
                pass
        except OSError:
            pass
        self.has_ended = True

    def told(self, key):
        return any(key in str(data) for _, event, data in self.stream.seen if event.startswith('alarm'))


class Paused:
    def __init__(self, stack, *names):
        self.pids = [stack.ready(n) for n in names]

    def __enter__(self):
        for p in self.pids:
            os.kill(p, signal.SIGSTOP)
        self.since = time.monotonic()

    def __exit__(self, kind, value, trace):
        try:
            if not kind:
                wait_for('the pause is over', lambda: time.monotonic() - self.since > PAUSE_S, 300)
        finally:
            for p in self.pids:
                os.kill(p, signal.SIGCONT)


def transitions(c, key):
    return [x[0] for x in c.stack.psql("SELECT kind FROM events WHERE device = '%s' AND rule = 'on_battery' ORDER BY jseq" % key)]


def same_processes(c, names):
    return {n: c.stack.pid(n) for n in names}


def check_mails(c, counts):
    """So many different mails about each device, and none twice."""
    wait_for('the mails', lambda: all(len(c.mails_of(KEYS[i])) >= n for i, n in counts.items()), 60)
    ids = c.mail.ids()
    assert len(ids) == len(set(ids))
    assert {i: len(c.mails_of(KEYS[i])) for i in counts} == counts


def test_after_a_pause_everybody_goes_on_where_he_was():
    need_postfix()
    with Chain(watchdog=False) as c:
        pids = same_processes(c, ('notifyd', 'webd', 'busd', 'alarmd', 'collect-snmp', 'shutdownd'))
        browser = Browser(c.stack)
        c.plan(KEYS[3])
        # notifyd and webd: an outage begins and ends unseen, another begins and stands
        with Paused(c.stack, 'notifyd', 'webd'):
            c.outage(0)
            wait_for('recorded', lambda: transitions(c, KEYS[0]) == ['raise'], 60)
            c.mains(0)
            c.outage(1)
            wait_for('recorded', lambda: transitions(c, KEYS[0]) == ['raise', 'clear'] and transitions(c, KEYS[1]) == ['raise'], 60)
            assert not c.mails_of(KEYS[0])
        wait_for('the stream goes on', lambda: browser.told(KEYS[1]), 60)
        assert not browser.has_ended and browser.client.get('/me').status == 200
        check_mails(c, {0: 2, 1: 1})
        assert [m['Subject'].split(']')[0] for m in c.mails_of(KEYS[0])] == ['[MAJOR', '[cleared']
        # busd: what stands does not clear, what begins is told when it goes on, an order needs no busd that stood
        with Paused(c.stack, 'busd'):
            c.outage(2)
            c.outage(3)
            c.mains(3)
        wait_for('recorded', lambda: transitions(c, KEYS[2]) == ['raise'], 60)
        wait_for('contact everywhere', lambda: all(d['comm'] == 'ok' for d in c.stack.ctl('device', 'list')), 60)
        assert transitions(c, KEYS[1]) == ['raise'] and transitions(c, KEYS[3]) in ([], ['raise', 'clear'])
        assert c.listener.datagrams == [], 'mains was back before anybody could know'
        wait_for('the stream goes on', lambda: browser.told(KEYS[2]), 60)
        check_mails(c, {0: 2, 1: 1, 2: 1})
        assert not browser.has_ended and browser.client.get('/me').status == 200
        for i in (1, 2):
            c.mains(i)
        wait_for('all clear', lambda: not c.alarms(), 60)
        check_mails(c, {0: 2, 1: 2, 2: 2})
        assert same_processes(c, pids) == pids
        own = c.stack.psql("SELECT device, kind FROM events WHERE device_id = 0 AND rule LIKE '%_lost' ORDER BY device, jseq")
        assert own == [['busbar/' + n, k] for n in ('busd', 'notifyd', 'webd') for k in ('raise', 'clear')]
