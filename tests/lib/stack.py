# SPDX-License-Identifier: Apache-2.0
"""A whole suite for tests: deploy/stack in a folder of its own, busbarctl, and the simulator's control socket."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def build_dir():
    return os.environ.get('BUSBAR_BUILD') or os.path.join(ROOT, 'build', 'release')


def program(name, build=None):
    return os.path.join(build or build_dir(), 'bin', name)


def debug_dir():
    """The build with a clock and points that a test can set; release builds know none."""
    return os.environ.get('BUSBAR_BUILD_DEBUG') or os.path.join(os.path.dirname(build_dir()), 'debug')


def free_port(kind=socket.SOCK_STREAM, address='127.0.0.1'):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def wait_for(what, check, timeout=30.0, interval=0.05):
    """Polls `check` until it returns something true, which is returned; fails with `what` and the last answer."""
    deadline = time.monotonic() + timeout
    last = None
    while time.monotonic() < deadline:
        last = check()
        if last:
            return last
        time.sleep(interval)
    raise AssertionError('not within %g s: %s (last: %.2000r)' % (timeout, what, last))


def temp_dir(prefix='busbar-'):
    """A folder that an ordinary user may enter (PostgreSQL and the daemons are not root)."""
    d = tempfile.mkdtemp(prefix=prefix, dir='/tmp')
    os.chmod(d, 0o755)
    return d


class Stack:
    def __init__(self, empty=True, watchdog=True, env=None, directory=None, http=None, build=None):
        self.dir = directory or temp_dir()
        self.http = http or free_port()
        self.empty, self.watchdog = empty, watchdog
        self.env = dict(os.environ, **(env or {}))
        if build:
            self.env['BUSBAR_BUILD'] = build
        self.build = build or build_dir()

    def _stack(self, *args, check=True, timeout=120):
        p = subprocess.run([os.path.join(ROOT, 'deploy/stack'), *args, '--dir', self.dir], env=self.env, text=True,
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
        if check and p.returncode != 0:
            raise AssertionError('deploy/stack %s: exit %d\n%s%s\n%s' % (' '.join(args), p.returncode, p.stdout, p.stderr,
                                                                      self.log_tails()))
        return p

    def up(self, check=True):
        args = ['up', '--detach', '--http', str(self.http)]
        if self.empty:
            args.append('--empty')
        if not self.watchdog:
            args.append('--no-watchdog')
        return self._stack(*args, check=check)

    def down(self, remove=True):
        self._stack('down', check=False)
        if remove:
            shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down(remove=False)
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print(self.log_tails())
        self.down()

    def status(self):
        return json.loads(self._stack('status', '--json', check=False).stdout or '{}')

    def daemon(self, name):
        return next((d for d in self.status().get('daemons', []) if d['name'] == name), None)

    def is_down(self, name):
        d = self.daemon(name)
        return d is not None and d['pid'] == 0

    def pid(self, name):
        d = self.daemon(name)
        return d['pid'] if d and d['state'] == 'ready' else 0

    def ready(self, name, timeout=30):
        return wait_for('%s ready' % name, lambda: self.pid(name), timeout)

    def kill(self, name, signal=9):
        """SIGKILL and wait until the launcher has it ready again under another pid."""
        old = self.ready(name)
        os.kill(old, signal)
        return wait_for('%s back' % name, lambda: self.pid(name) not in (0, old) and self.pid(name))

    def stop(self, name):
        self._stack('stop', name)
        wait_for('%s stopped' % name, lambda: self.is_down(name))

    def crash(self, name):
        self._stack('crash', name)
        wait_for('%s dead' % name, lambda: self.is_down(name))

    def start(self, name):
        self._stack('start', name)
        return self.ready(name)

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.http

    @property
    def run(self):
        marker = os.path.join(self.dir, 'run.path')
        if os.path.exists(marker):
            with open(marker, encoding='utf-8') as f:
                return f.read().strip()
        return os.path.join(self.dir, 'run')

    def first_password(self):
        with open(os.path.join(self.run, 'first-password'), encoding='utf-8') as f:
            return f.read().split()[-1]

    def ctl(self, *args, check=True, stdin=None, timeout=60):
        """busbarctl with --json; returns the decoded answer (or the text when it is not JSON)."""
        p = subprocess.run([os.path.join(self.build, 'bin/busbarctl'), '--dir', self.dir, '--json', *map(str, args)], text=True,
                           input=stdin, capture_output=True, timeout=timeout, env=self.env)
        if check and p.returncode != 0:
            raise AssertionError('busbarctl %s: exit %d\n%s%s' % (' '.join(map(str, args)), p.returncode, p.stdout, p.stderr))
        try:
            return json.loads(p.stdout) if check else (p.returncode, p.stdout, p.stderr)
        except json.JSONDecodeError:
            return p.stdout

    def psql(self, sql):
        """Rows as lists of text."""
        p = subprocess.run(['psql', '-X', '-A', '-t', '-F', '\t', '-h', self.run, '-p', '5432', '-U', 'busbar', '-d', 'busbar', '-c',
                            sql], text=True, capture_output=True, timeout=60)
        if p.returncode != 0:
            raise AssertionError('psql: ' + p.stderr)
        return [line.split('\t') for line in p.stdout.splitlines()]

    def log_tails(self, lines=15):
        out = []
        folder = os.path.join(self.dir, 'log')
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if name.endswith('.log') and 'truth' not in name:
                with open(os.path.join(folder, name), encoding='utf-8', errors='replace') as f:
                    out.append('--- %s\n%s' % (name, ''.join(f.readlines()[-lines:])))
        return '\n'.join(out)


class Fleet:
    """fleetsim on a free port; `lines` is the fleet description; truth() reads its log of what really happened."""

    def __init__(self, lines, *options, directory=None):
        self.dir = directory or temp_dir('fleet-')
        self.port = free_port(socket.SOCK_DGRAM, '0.0.0.0')
        self.conf = os.path.join(self.dir, 'fleet.conf')
        self.control = os.path.join(self.dir, 'control.sock')
        self.log = os.path.join(self.dir, 'truth.log')
        with open(self.conf, 'w', encoding='utf-8') as f:
            f.write('\n'.join(lines) + '\n')
        self.options = list(options)
        self.process = None

    def __enter__(self):
        with open(os.path.join(self.dir, 'fleetsim.log'), 'ab') as out:
            self.process = subprocess.Popen([program('fleetsim'), '--port', str(self.port), '--fleet', self.conf, '--control',
                                             self.control, '--log', self.log, *self.options], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=out)
        wait_for('fleetsim control socket', lambda: os.path.exists(self.control) or self.process.poll() is not None)
        if self.process.poll() is not None:
            with open(os.path.join(self.dir, 'fleetsim.log'), encoding='utf-8') as f:
                raise AssertionError('fleetsim ended: ' + f.read())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)

    def do(self, line):
        """One control line, e.g. "127.0.1.1 onbattery"."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(self.control)
            s.sendall(line.encode() + b'\n')
            answer = b''
            while not answer.endswith(b'\n'):
                part = s.recv(4096)
                if not part:
                    break
                answer += part
        text = answer.decode().strip()
        assert text.startswith('OK'), '%s: %s' % (line, text)
        return text

    def truth(self):
        with open(self.log, encoding='utf-8') as f:
            return [json.loads(line) for line in f if line.endswith('\n')]


def devices_csv(path, rows):
    """rows: (key, address, port[, interval_s[, community]])"""
    with open(path, 'w', encoding='utf-8') as f:
        f.write('key,collector,address,port,version,community,interval_s,profile\n')
        for key, address, port, *more in rows:
            interval = more[0] if more else 10
            community = more[1] if len(more) > 1 else 'public'
            f.write('%s,collect-snmp,%s,%d,2c,%s,%s,auto\n' % (key, address, port, community, interval))
    os.chmod(path, 0o644)
    return path
