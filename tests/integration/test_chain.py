# SPDX-License-Identifier: Apache-2.0
"""The whole chain on real parts: simulated card -> collector -> alarmd -> PostgreSQL, bus, mail (Postfix), RCCMD datagrams."""
import json
import os
import signal
import time

import pytest
import zmq

import oracle
from peers import Postfix, can_run_postfix
from stack import ROOT, Fleet, Stack, devices_csv, wait_for

POLL_S = 2
ADDRESSES = ['127.31.0.%d' % i for i in range(1, 6)]
KEYS = ['hh/ups-%d' % i for i in range(1, 6)]


class Chain:
    def __init__(self, mail=True, **stack):
        self.fleet = Fleet(['%s-%s model=rfc1628 phases=1 community=public' % (ADDRESSES[0], ADDRESSES[-1])])
        self.mail = Postfix() if mail else None
        self.stack = Stack(**stack)
        self.listener = oracle.Listener()

    def __enter__(self):
        self.fleet.__enter__()
        if self.mail:
            self.mail.start()
        self.stack.__enter__()
        self.configure()
        return self

    def __exit__(self, *exc):
        self.stack.__exit__(*exc)
        if self.mail:
            self.mail.close()
        self.fleet.__exit__(*exc)
        self.listener.close()

    def configure(self):
        s = self.stack
        if self.mail:
            for name, value in (('smtp.host', '127.0.0.1'), ('smtp.port', self.mail.port), ('smtp.from', 'busbar@example.org'),
                                ('smtp.tls', 'none')):
                s.ctl('setting', 'set', name, value)
            s.ctl('recipient', 'add', 'noc', 'noc@example.org')
        s.ctl('device', 'import', devices_csv(os.path.join(self.fleet.dir, 'd.csv'),
                                              [(k, a, self.fleet.port, 10) for k, a in zip(KEYS, ADDRESSES)]))
        wait_for('all devices answer', lambda: all(d['comm'] == 'ok' for d in s.ctl('device', 'list')), 40)

    def plan(self, device, hold_s=1, mode='auto'):
        path = os.path.join(self.fleet.dir, 'plan.json')
        with open(path, 'w', encoding='utf-8') as f:
            json.dump({'key': 'p', 'hold_s': hold_s, 'restore_hold_s': 3, 'validity_s': 30, 'need': 0, 'devices': [device], 'targets': [
                {'name': 't', 'address': '127.0.0.1', 'port': self.listener.port, 'method': 'rccmd-udp', 'template': 'message',
                 'text': '#DEVICE plan=#PLAN run=#RUN'}]}, f)
        self.stack.ctl('plan', 'put', path)
        wait_for('the plan is simulated', lambda: self.stack.ctl('plan', 'simulate', 'p', check=False)[0] == 0)
        if mode != 'simulate':
            self.stack.ctl('plan', 'mode', 'p', mode)
            wait_for('shutdownd has the mode', lambda: (self.stack.ctl('plan', 'show', 'p').get('run') or {}).get('mode') == mode)

    def outage(self, i=0):
        self.fleet.do('%s onbattery' % ADDRESSES[i])
        return time.time()

    def mains(self, i=0):
        self.fleet.do('%s return' % ADDRESSES[i])

    def alarms(self, rule='on_battery'):
        return [a for a in self.stack.ctl('alarm', 'list') if a['rule'] == rule]

    def mails_of(self, key):
        """Mails about one device; own-alarms of the suite are mailed as well."""
        return [m for m in self.mail.messages() if key in m['Subject']]


def need_postfix():
    if can_run_postfix():
        pytest.skip(can_run_postfix())


def test_a_shelved_alarm_is_quiet_until_the_shelf_ends():
    need_postfix()
    with Chain() as c:
        s = c.stack
        path = os.path.join(c.fleet.dir, 'rules.conf')
        with open(path, 'w', encoding='utf-8') as f:
            f.write('rules = ( { id = "on_battery"; action = "ring Änne, then start the generator"; } );\n')
        assert s.ctl('rule', 'import', path)['added'] == 1
        c.outage()
        wait_for('the alarm', lambda: c.alarms(), 20)
        wait_for('the mail', lambda: c.mails_of(KEYS[0]), 30)
        text = c.mails_of(KEYS[0])[0].get_content()
        assert 'What to do    ring Änne, then start the generator\n' in text and 'Cause         Mains failed' in text, text
        [alarm] = c.alarms()
        assert s.ctl('alarm', 'unack', alarm['id'], check=False)[0] == 1
        s.ctl('alarm', 'take', alarm['id'], '--comment', 'on my way')
        s.ctl('alarm', 'unack', alarm['id'])
        s.ctl('alarm', 'comment', alarm['id'], '--comment', 'generator is checked')
        assert s.ctl('alarm', 'shelve', alarm['id'], '--for', '1h', check=False)[0] == 2, 'a shelf without a reason'
        code, _, text = s.ctl('alarm', 'shelve', alarm['id'], '--for', '8d', '--reason', 'x', check=False)
        assert code == 1 and '7 days' in text
        s.ctl('alarm', 'shelve', alarm['id'], '--for', '1h', '--reason', 'generator test')
        [shelf] = s.ctl('alarm', 'shelved')
        assert (shelf['key'], shelf['rule'], shelf['reason'], shelf['state']) == (KEYS[0], 'on_battery', 'generator test', 'active_unack')
        wait_for('nobody is bothered', lambda: s.ctl('device', 'show', KEYS[0])['severity'] == 'normal', 20)
        c.mains()                               # ends while shelved: who heard of the beginning hears of the end
        wait_for('the end', lambda: len(c.mails_of(KEYS[0])) == 2, 30)
        c.outage()
        wait_for('again', lambda: [a for a in c.alarms() if a['id'] != alarm['id']], 20)
        s.kill('alarmd')
        s.ready('alarmd')
        [again] = wait_for('still there', lambda: c.alarms(), 20)
        assert again['shelved'] and again['shelved']['reason'] == 'generator test', again
        # A second device's mail comes after anything the quiet one might have said.
        c.outage(1)
        wait_for('the mail of another device', lambda: c.mails_of(KEYS[1]), 30)
        assert len(c.mails_of(KEYS[0])) == 2, 'a shelved alarm was mailed'
        s.ctl('alarm', 'unshelve', shelf['id'])
        wait_for('told again, once', lambda: len(c.mails_of(KEYS[0])) == 3, 30)
        kinds = [r[0] for r in s.psql("SELECT kind FROM events WHERE device = '%s' AND rule = 'on_battery' ORDER BY jseq" % KEYS[0])]
        assert kinds == ['raise', 'ack', 'unack', 'comment', 'shelve', 'clear', 'raise', 'unshelve'], kinds


def test_an_outage_reaches_everybody_and_clears_by_itself():
    need_postfix()
    with Chain() as c:
        c.plan(KEYS[0])
        heard = zmq.Context.instance().socket(zmq.SUB)
        heard.setsockopt(zmq.SUBSCRIBE, b'alarm/' + KEYS[0].encode() + b'/')
        heard.connect('ipc://%s/busd.out' % c.stack.run)
        heard.setsockopt(zmq.RCVTIMEO, 15000)
        start = c.outage()
        frames = heard.recv_multipart()
        assert frames[0].startswith(b'alarm/hh/ups-1/') and b'on_battery' in frames[2]
        row = wait_for('the event in PostgreSQL', lambda: c.stack.psql(
            "SELECT extract(epoch FROM at), kind, alarm_state_name(to_state) FROM events WHERE device = 'hh/ups-1' AND rule = 'on_battery'"))
        assert [r[1:] for r in row] == [['raise', 'active_unack']]
        assert float(row[0][0]) - start < 10 * POLL_S       # a generous bound: the machine may be busy; the bench has the figures
        alarm = wait_for('the alarm list', c.alarms)[0]
        assert (alarm['device'], alarm['severity'], alarm['state']) == ('hh/ups-1', 'major', 'active_unack')

        c.stack.ctl('alarm', 'ack', alarm['id'])
        wait_for('acknowledged', lambda: c.alarms()[0]['state'] == 'active_ack')
        wait_for('the mail', lambda: len(c.mails_of(KEYS[0])) == 1)
        wait_for('three datagrams', lambda: len(c.listener.datagrams) == 3)
        assert len({d for _, d in c.listener.datagrams}) == 1
        assert c.listener.datagrams[0][1].startswith(b'CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_TEXT hh/ups-1 plan=p run=')

        c.mains()
        wait_for('clear', lambda: not c.alarms())
        wait_for('the mail of the clear', lambda: len({m['Message-ID'] for m in c.mails_of(KEYS[0])}) == 2)
        events = wait_for('three events', lambda: (lambda e: e if len(e) == 3 else None)(c.stack.ctl('event', 'list', '--device', KEYS[0], '--rule', 'on_battery')))
        assert [(e['from'], e['to']) for e in events] == [('normal', 'active_unack'), ('active_unack', 'active_ack'), ('active_ack', 'normal')]
        assert {'jseq', 'at', 'device', 'rule', 'from', 'to', 'severity', 'user'} <= set(events[0])
        told = wait_for('the log says who was told', lambda: (lambda rows: len(rows) == 2 and rows)(c.stack.psql(
            "SELECT subject, user_name, source, text FROM events WHERE device = 'hh/ups-1' AND kind = 'notified' ORDER BY jseq")))
        assert [r[0] for r in told] == ['on_battery'] * 2 and told[0][2] == 'e-mail' and told[0][1], told
        assert [r[3].split(' of ')[0] for r in told] == ['the begin', 'the end'], told


def test_without_postgresql_mail_and_order_still_go_out_and_the_record_follows():
    need_postfix()
    with Chain() as c:
        c.plan(KEYS[0])
        c.stack.stop('postgres')
        c.outage()
        wait_for('the mail', lambda: c.mails_of(KEYS[0]))
        wait_for('the order', lambda: c.listener.datagrams)
        assert c.alarms()[0]['device'] == KEYS[0]
        c.stack.start('postgres')
        wait_for('the record', lambda: c.stack.psql("SELECT 1 FROM events WHERE device = 'hh/ups-1' AND kind = 'raise'") == [['1']], 60)


def test_the_suite_starts_and_alarms_without_postgresql():
    need_postfix()
    with Chain() as c:
        c.plan(KEYS[0])
        c.stack._stack('down')
        pg = os.path.join(c.stack.dir, 'pg')
        os.rename(os.path.join(pg, 'global'), os.path.join(pg, 'global.away'))      # PostgreSQL cannot start
        p = c.stack.up(check=False)
        assert p.returncode != 0 and 'postgres is not ready' in p.stderr
        for name in ('alarmd', 'collect-snmp', 'notifyd', 'shutdownd', 'busd', 'webd', 'historyd'):
            c.stack.ready(name)
        c.outage()
        wait_for('the mail', lambda: c.mails_of(KEYS[0]), 60)
        wait_for('the order', lambda: c.listener.datagrams, 60)
        assert any(a['device'] == KEYS[0] for a in c.alarms())
        os.rename(os.path.join(pg, 'global.away'), os.path.join(pg, 'global'))
        c.stack.ready('postgres')
        wait_for('the record', lambda: c.stack.psql("SELECT 1 FROM events WHERE device = 'hh/ups-1' AND kind = 'raise'") == [['1']], 60)


def test_a_stopped_shutdownd_sends_nothing_late():
    """On battery and back while shutdownd stands still: no order leaves when it goes on."""
    with Chain(mail=False, watchdog=False) as c:
        c.plan(KEYS[0], hold_s=3)
        pid = c.stack.ready('shutdownd')
        os.kill(pid, signal.SIGSTOP)
        try:
            c.outage()
            wait_for('the alarm', c.alarms)
            seen = time.monotonic()
            wait_for('longer than the hold time', lambda: time.monotonic() - seen > 8)
            c.mains()
            wait_for('clear', lambda: not c.alarms())
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_for('shutdownd is idle again', lambda: (c.stack.ctl('plan', 'show', 'p').get('run') or {}).get('state') == 'idle', 60)
        assert c.listener.datagrams == []


def test_removing_a_device_closes_its_alarm_and_keeps_its_history():
    with Chain(mail=False) as c:
        c.outage()
        wait_for('the alarm', c.alarms)
        c.stack.ctl('device', 'remove', KEYS[0])
        wait_for('closed', lambda: not c.alarms())
        wait_for('recorded', lambda: c.stack.psql("SELECT kind FROM events WHERE device = 'hh/ups-1' ORDER BY jseq") == [['raise'], ['removed']])
        assert all(d['key'] != KEYS[0] for d in c.stack.ctl('device', 'list'))


def test_samples_are_written_and_wait_in_the_spool_while_postgresql_is_away():
    with Chain(mail=False) as c:
        count = lambda: int(c.stack.psql("SELECT count(*) FROM sample WHERE device_id = (SELECT device_id FROM device WHERE key = 'hh/ups-2') "
                                         "AND point = 'input.voltage'")[0][0])
        wait_for('samples', lambda: count() >= 2, 60)
        c.stack.stop('postgres')
        spool = os.path.join(c.stack.dir, 'lib/historyd/spool')
        wait_for('a spool file', lambda: any(os.path.getsize(os.path.join(spool, f)) for f in os.listdir(spool)), 40)
        away = time.time()
        wait_for('two polls', lambda: time.time() - away > 21, 40)
        c.stack.start('postgres')
        wait_for('the spool is empty', lambda: not os.listdir(spool), 60)
        gaps = c.stack.psql("SELECT max(extract(epoch FROM at - before)) FROM (SELECT at, lag(at) OVER (ORDER BY at) AS before FROM sample "
                            "WHERE point = 'input.voltage' AND device_id = (SELECT device_id FROM device WHERE key = 'hh/ups-2')) x")
        assert float(gaps[0][0]) < 25       # polls of 10 s: none is missing


def test_the_chain_runs_clean_under_the_sanitizers():
    build = os.path.join(ROOT, 'build/asan')
    if not os.path.exists(os.path.join(build, 'bin/alarmd')):
        pytest.skip('no sanitizer build in %s' % build)
    with Chain(mail=False, build=build, env={'ASAN_OPTIONS': 'detect_leaks=0:abort_on_error=1', 'UBSAN_OPTIONS': 'print_stacktrace=1'}) as c:
        c.plan(KEYS[0])
        c.outage()
        wait_for('the order', lambda: c.listener.datagrams, 60)
        c.stack.ctl('alarm', 'ack', wait_for('the alarm', c.alarms)[0]['id'])
        c.mains()
        wait_for('clear', lambda: not c.alarms(), 60)
        wait_for('three events', lambda: len(c.stack.ctl('event', 'list', '--device', KEYS[0])) == 3, 60)
        assert all(d['restarts'] == 0 for d in c.stack.status()['daemons'])
        found = [line for line in c.stack.log_tails(2000).splitlines() if 'Sanitizer' in line or 'runtime error' in line]
        assert found == []
