# SPDX-License-Identifier: Apache-2.0
"""The bus and its neighbours seen from Python: commands, a stopwatch over all ways an alarm takes, a mail server that only takes the time."""
import http.client
import importlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time

import zmq

from stack import ROOT


def proto(name):
    """The generated module of proto/<name>.proto, made on first use."""
    out = os.path.join(ROOT, 'build', 'python')
    if not os.path.exists(os.path.join(out, name + '_pb2.py')):
        os.makedirs(out, exist_ok=True)
        subprocess.run(['protoc', '--proto_path=' + os.path.join(ROOT, 'proto'), '--python_out=' + out, name + '.proto'], check=True)
    if out not in sys.path:
        sys.path.insert(0, out)
    return importlib.import_module(name + '_pb2')


def command(stack, daemon, verb, **args):
    pb = proto('command')
    s = zmq.Context.instance().socket(zmq.DEALER)
    s.setsockopt(zmq.LINGER, 0)
    s.setsockopt(zmq.RCVTIMEO, 10000)
    s.connect('ipc://%s/busd.cmd' % stack.run)
    rq = pb.CommandRequest(cmd_key=os.urandom(16), verb=verb, user='test', timeout_ms=8000)
    rq.arg_name.extend(args)
    rq.arg.extend(str(v) for v in args.values())
    s.send_multipart([b'request', daemon.encode(), rq.SerializeToString()])
    reply = pb.CommandReply.FromString(s.recv_multipart()[-1])
    s.close()
    if reply.code != pb.CommandReply.CODE_OK:
        raise AssertionError('%s %s: %s' % (daemon, verb, reply.text))
    return reply


class MailSink:
    """Speaks just enough SMTP to take mails; keeps (CLOCK_BOOTTIME, text)."""

    def __init__(self, port):
        self.port, self.mails, self.on_mail = port, [], None
        self.listener = socket.create_server(('127.0.0.1', port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer):
        f = peer.makefile('rwb')

        def say(text):
            f.write(text.encode() + b'\r\n')
            f.flush()
        say('220 sink')
        for line in f:
            verb = line[:4].upper().strip()
            if verb == b'DATA':
                say('354 go on')
                lines = []
                for part in f:
                    if part == b'.\r\n':
                        break
                    lines.append(part)
                at = time.clock_gettime(time.CLOCK_BOOTTIME)
                text = b''.join(lines).decode('utf-8', 'replace')
                self.mails.append((at, text))
                if self.on_mail:
                    self.on_mail(at, text)
                say('250 taken')
            elif verb == b'QUIT':
                say('221 bye')
                return
            else:
                say('250 ok')

    def close(self):
        self.listener.close()


class Stopwatch:
    """For each device the first time (CLOCK_BOOTTIME, s) of: `answer` its card answered "on battery", `commit` the raise is in PostgreSQL,
    `sse` the alarm is in an event stream, `mail` the mail was handed over."""

    def __init__(self, stack, keys):
        self.keys, self.stack = set(keys), stack
        self.seen = {'answer': {}, 'commit': {}, 'sse': {}, 'mail': {}}
        self.stopping = False
        stack.mail_sink.on_mail = self._mail
        stack.psql("CREATE OR REPLACE FUNCTION bench_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.kind = 'raise' THEN PERFORM "
                   "pg_notify('bench', NEW.device); END IF; RETURN NULL; END $$; DROP TRIGGER IF EXISTS bench ON events; "
                   "CREATE TRIGGER bench AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION bench_event()")
        token = stack.ctl('token', 'create', 'bench')['token']
        self.threads = [threading.Thread(target=f, args=a, daemon=True) for f, a in (
            (self._bus, ()), (self._commit, ()), (self._sse, (token,)))]
        self.ready = threading.Barrier(4)
        for thread in self.threads:
            thread.start()
        self.ready.wait(20)

    def _note(self, where, key, at):
        if key in self.keys:
            self.seen[where].setdefault(key, at)

    def _mail(self, at, text):
        for key in self.keys - set(self.seen['mail']):
            if key + ' ' in text.replace('\r\n', ' ') or key + ':' in text:
                self._note('mail', key, at)

    def _bus(self):
        pb = proto('reading')
        s = zmq.Context.instance().socket(zmq.SUB)
        s.setsockopt(zmq.RCVTIMEO, 200)
        s.setsockopt(zmq.RCVHWM, 100000)
        for key in self.keys:
            s.setsockopt(zmq.SUBSCRIBE, b'reading/%s/status/' % key.encode())
        s.connect('ipc://%s/busd.out' % self.stack.run)
        self.ready.wait(20)
        while not self.stopping:
            try:
                _, envelope, body = s.recv_multipart()
            except zmq.Again:
                continue
            r = pb.Reading.FromString(body)
            if any(n == 'ups.status' and 'OB' in v.split() for n, v in zip(r.text_name, r.text)):
                self._note('answer', r.key, pb.Envelope.FromString(envelope).sampled_boot_ns / 1e9)
        s.close()

    def _commit(self):
        import psycopg2
        c = psycopg2.connect(host=self.stack.run, port=5432, user='busbar', dbname='busbar')
        c.autocommit = True
        c.cursor().execute('LISTEN bench')
        self.ready.wait(20)
        while not self.stopping:
            if select.select([c], [], [], 0.2)[0]:
                c.poll()
                at = time.clock_gettime(time.CLOCK_BOOTTIME)
                while c.notifies:
                    self._note('commit', c.notifies.pop(0).payload, at)
        c.close()

    def _sse(self, token):
        c = http.client.HTTPConnection('127.0.0.1', self.stack.http, timeout=30)
        c.request('GET', '/api/v1/stream?topics=alarms', headers={'Authorization': 'Bearer ' + token})
        f = c.getresponse()
        self.ready.wait(20)
        event = None
        while not self.stopping:
            line = f.readline().decode()
            at = time.clock_gettime(time.CLOCK_BOOTTIME)
            if line.startswith('event:'):
                event = line[6:].strip()
            elif line.startswith('data:') and event == 'alarm':
                alarm = json.loads(line[5:])['alarm']
                if alarm['rule'] == 'on_battery':
                    self._note('sse', alarm['device'], at)
        c.close()

    def close(self):
        self.stopping = True
        self.stack.mail_sink.on_mail = None
        for thread in self.threads:
            thread.join(35)
        self.stack.psql('DROP TRIGGER bench ON events')
