# SPDX-License-Identifier: Apache-2.0
"""webd alone with a private PostgreSQL, and an HTTP client for it (TCP with cookie or token, or the local socket)."""
import glob
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time

from postgres import Postgres
from stack import ROOT, free_port, program, temp_dir, wait_for


class LocalConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=20):
        super().__init__('localhost', timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return 'Answer(%d, %.500r)' % (self.status, self.body)


class Client:
    """One caller: `token`, or a session after login(), or the local socket when `local` is its path."""

    def __init__(self, port=None, local=None, token=None):
        self.port, self.local, self.token = port, local, token
        self.cookie = self.csrf = None

    def _connection(self):
        return LocalConnection(self.local) if self.local else http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)

    def headers(self, method):
        h = {}
        if self.token:
            h['Authorization'] = 'Bearer ' + self.token
        if self.cookie:
            h['Cookie'] = 'bb=' + self.cookie
        if self.csrf and method != 'GET':
            h['X-Busbar-CSRF'] = self.csrf
        return h

    def request(self, method, path, body=None, headers=None, raw=None):
        h = self.headers(method)
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            h['Content-Type'] = 'application/json'
        h.update(headers or {})
        c = self._connection()
        c.request(method, path if path.startswith('/metrics') or not path.startswith('/') or path == '/' else '/api/v1' + path, data,
                  {k: v for k, v in h.items() if v is not None})
        r = c.getresponse()
        a = Answer(r.status, r.headers, r.read())
        c.close()
        return a

    def file(self, path, **headers):
        c = self._connection()
        c.request('GET', path, headers=headers)
        r = c.getresponse()
        a = Answer(r.status, r.headers, r.read())
        c.close()
        return a

    def get(self, path, **kw):
        return self.request('GET', path, **kw)

    def post(self, path, body=None, **kw):
        return self.request('POST', path, {} if body is None else body, **kw)

    def take_session(self, a):
        self.cookie = a.headers['Set-Cookie'].split(';')[0].split('=', 1)[1]
        self.csrf = a.json['csrf']

    def login(self, user, password):
        a = self.request('POST', '/login', {'user': user, 'password': password})
        if a.status == 200:
            self.take_session(a)
        return a


class Stream:
    """Server-sent events of one connection."""

    def __init__(self, client, path, last_id=None, headers=None):
        self.connection = client._connection()
        h = dict(client.headers('GET'), **{'Sec-Fetch-Site': 'same-origin'})
        if last_id:
            h['Last-Event-ID'] = last_id
        h.update(headers or {})
        self.connection.request('GET', '/api/v1' + path, headers=h)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.seen = []

    def next(self):
        """The next event as (id, event, data); None at the end."""
        event, ident, data = None, None, ''
        while True:
            line = self.answer.readline()
            if not line:
                return None
            line = line.decode().rstrip('\n')
            if not line:
                if event:
                    self.seen.append((ident, event, json.loads(data)))
                    return self.seen[-1]
                continue
            name, _, value = line.partition(': ')
            if name == 'event':
                event = value
            elif name == 'id':
                ident = value
            elif name == 'data':
                data += value

    def until(self, what, check):
        """Read until check(event, data). Pings come every 3 s, so each read ends and the deadline is seen."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            e = self.next()
            assert e, 'the stream ended before: ' + what
            if check(e[1], e[2]):
                return e
        raise AssertionError('not within 60 s: %s; the last events: %.2000r' % (what, self.seen[-5:]))

    def close(self):
        self.answer.close()
        self.connection.close()


class Webd:
    def __init__(self, share=None, postgres=None, migrate=True):
        self.dir = temp_dir('busbar-webd-')
        self.pg = postgres or Postgres()
        self.own_pg = postgres is None
        if self.own_pg:
            self.pg.start()
        self.port = free_port()
        self.process = None
        self.extra = []
        for d in ('etc/keys', 'etc/secret', 'etc/profiles', 'lib/webd', 'run', 'log'):
            os.makedirs(os.path.join(self.dir, d), exist_ok=True)
        with open(os.path.join(self.dir, 'etc/busbar.conf'), 'w', encoding='utf-8') as f:
            f.write('common: { database = "%s"; };\nwebd: { listen = "127.0.0.1:%d"; };\n' % (self.pg.conninfo, self.port))
        self.share = share or self._share()
        self.env = dict(os.environ, BUSBAR_SHARE=self.share)
        self.env.pop('BUSBAR_LISTEN', None)
        if migrate:
            self.migrate()

    def _share(self):
        share = os.path.join(self.dir, 'share')
        os.makedirs(share)
        shutil.copytree(os.path.join(ROOT, 'collectors/profiles'), os.path.join(share, 'profiles'))
        shutil.copytree(os.path.join(ROOT, 'deploy/migrations'), os.path.join(share, 'migrations'))
        return share

    def migrate(self):
        for f in sorted(glob.glob(os.path.join(ROOT, 'deploy/migrations/*.sql'))):
            subprocess.run(['psql', '-Xq1', '-v', 'ON_ERROR_STOP=1', self.pg.conninfo, '-f', f], check=True, capture_output=True, text=True)

    def log(self):
        with open(os.path.join(self.dir, 'log/webd.log'), encoding='utf-8', errors='replace') as f:
            return f.read()

    def spawn(self, name, *args, env=None, build=None):
        log = open(os.path.join(self.dir, 'log/%s.log' % name), 'ab')
        p = subprocess.Popen([program(name, build), '--dir', self.dir, *args], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                             env=dict(self.env, **(env or {})), start_new_session=True)
        log.close()
        return p

    def start(self, env=None):
        self.process = self.spawn('webd', env=env)
        wait_for('webd listens', self._listens)

    def start_known(self):
        """start(), and wait until it knows its users."""
        self.start()
        wait_for('webd knows its users', lambda: self.client().get('/me').status == 401)

    def _listens(self):
        assert self.process.poll() is None, 'webd ended: ' + self.log()[-2000:]
        with socket.socket() as s:
            return s.connect_ex(('127.0.0.1', self.port)) == 0

    def start_daemon(self, name, build=None):
        """Another daemon of the suite in the same folder."""
        os.makedirs(os.path.join(self.dir, 'lib', name), exist_ok=True)
        self.extra.append(self.spawn(name, build=build))
        return self.extra[-1]

    def stop(self, how=signal.SIGTERM):
        if self.process:
            self.process.send_signal(how)
            rc = self.process.wait(30)
            self.process = None
            return rc
        return None

    @property
    def local(self):
        return Client(local=os.path.join(self.dir, 'run/api.sock'))

    def client(self, **kw):
        return Client(self.port, **kw)

    def first_password(self):
        path = os.path.join(self.dir, 'run/first-password')
        wait_for('a first password', lambda: os.path.exists(path) and os.path.getsize(path) > 0)
        with open(path, encoding='ascii') as f:
            return f.read().strip()

    def token(self, role):
        a = wait_for('a token', lambda: (lambda x: x if x.status == 201 else None)(
            self.local.post('/tokens', {'name': 'test-' + role, 'role': role})))
        return a.json['token']

    def admin(self, password='correct horse battery staple'):
        """A logged-in administrator with a password of his own."""
        c = self.client()
        a = c.login('admin', self.first_password())
        assert a.status == 200, a
        a = c.post('/me/password', {'old': self.first_password(), 'new': password})
        assert a.status == 200, a
        c.take_session(a)
        return c

    def make_keys(self):
        subprocess.run([program('busbar-keys'), '--dir', self.dir], check=True, capture_output=True)

    def ctl(self, *args, check=True, stdin=''):
        """busbarctl; the answer is its stdout, parsed when --json is among the arguments."""
        p = subprocess.run([program('busbarctl'), '--dir', self.dir, *args], env=self.env, text=True, capture_output=True, input=stdin,
                           timeout=90)
        if not check:
            return p
        assert p.returncode == 0, (args, p)
        return json.loads(p.stdout) if '--json' in args else p.stdout

    def close(self):
        self.stop(signal.SIGKILL)
        for p in self.extra:
            p.kill()
            p.wait()
        if self.own_pg:
            self.pg.close()
        shutil.rmtree(self.dir, ignore_errors=True)
