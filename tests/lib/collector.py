# SPDX-License-Identifier: Apache-2.0
"""One collector alone: busd, the collector and collector-probe, which plays alarmd (serves its configuration, hears its readings)."""
import json
import os
import shutil
import subprocess
import threading

from stack import ROOT, program, temp_dir, wait_for


class Collector:
    """rows are (id, key, address, port) with keywords version, community, interval_ms, status_interval_ms, profile."""

    def __init__(self, name='collect-snmp', conf='', profiles=None):
        self.name = name
        self.dir = temp_dir('collector-')
        self.lines = []             # every JSON line of the probe, in order
        self.latest = {}            # (key, group) -> newest reading
        self.changed = threading.Condition()
        self.processes = {}
        for d in ('etc/profiles', 'lib/' + name, 'lib/busd', 'run', 'share'):
            os.makedirs(os.path.join(self.dir, d))
        os.symlink(os.path.join(ROOT, 'collectors/profiles'), os.path.join(self.dir, 'share/profiles'))
        for file, text in (profiles or {}).items():
            with open(os.path.join(self.dir, 'etc/profiles', file), 'w', encoding='utf-8') as f:
                f.write(text)
        with open(os.path.join(self.dir, 'etc/busbar.conf'), 'w', encoding='utf-8') as f:
            f.write('%s = { %s };\n' % (name, conf) if conf else '')
        self.env = dict(os.environ, BUSBAR_SHARE=os.path.join(self.dir, 'share'))

    def _start(self, name, *args, **kwargs):
        log = open(os.path.join(self.dir, name + '.log'), 'ab')
        self.processes[name] = subprocess.Popen([program(name), *args], env=self.env, stderr=log, **kwargs)
        log.close()
        return self.processes[name]

    def __enter__(self):
        try:
            self._start('busd', '--dir', self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            wait_for('busd', lambda: 'ready' in self.log('busd'))
            self.probe = self._start('collector-probe', self.dir, self.name, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.reader = threading.Thread(target=self._read, daemon=True)
            self.reader.start()
            self.config([])
            self.start()
        except BaseException:
            self.__exit__(BaseException)
            raise
        return self

    def start(self):
        before = self.log(self.name).count(' ready ')
        self._start(self.name, '--dir', self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for(self.name, lambda: self.log(self.name).count(' ready ') > before)

    def stop(self, name=None):
        p = self.processes.pop(name or self.name)
        p.terminate()
        return p.wait(20)

    def __exit__(self, kind=None, *_):
        codes = {}
        for name in (self.name, 'collector-probe', 'busd'):
            p = self.processes.get(name)
            if p and p.poll() is None:
                p.terminate()
                try:
                    p.wait(20)
                except subprocess.TimeoutExpired:
                    p.kill()
                    p.wait()
            codes[name] = p.returncode if p else 0
        if kind is None:
            assert codes[self.name] == 0, '%s ended with %s: %s' % (self.name, codes[self.name], self.log(self.name)[-3000:])
        if kind is not None:
            print(self.log(self.name)[-3000:])
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self, name):
        path = os.path.join(self.dir, name + '.log')
        if not os.path.exists(path):
            return ''
        with open(path, encoding='utf-8', errors='replace') as f:
            return f.read()

    def _read(self):
        for line in self.probe.stdout:
            message = json.loads(line)
            with self.changed:
                self.lines.append(message)
                if 'group' in message:
                    self.latest[message['key'], message['group']] = message
                self.changed.notify_all()

    def say(self, line):
        self.probe.stdin.write(line + '\n')
        self.probe.stdin.flush()

    def wait(self, what, check, timeout=30.0):
        """check(self) is tried after every message."""
        with self.changed:
            if not self.changed.wait_for(lambda: check(self), timeout):
                raise AssertionError('not within %g s: %s; last: %.3000s' % (timeout, what, list(self.latest.values())[-4:]))
            return check(self)

    def config(self, rows):
        path = os.path.join(self.dir, 'devices.csv')
        with open(path, 'w', encoding='utf-8') as f:
            for r in rows:
                f.write('%d,%s,%s,%d,%s,%s,%d,%d,%s\n' % tuple(r))
        served = sum('served' in m for m in self.lines)
        self.say('config ' + path)
        self.wait('configuration served', lambda c: sum('served' in m for m in c.lines) > served)

    def command(self, verb, *items):
        replies = sum('reply' in m for m in self.lines)
        self.say(' '.join(('command', verb) + items))
        self.wait('reply to ' + verb, lambda c: sum('reply' in m for m in c.lines) > replies)
        return [m for m in self.lines if 'reply' in m][-1]

    def metric(self, name):
        """As in the newest heartbeat, so up to a second old."""
        return self.command('metrics')['json']['metrics'].get(name, 0)

    def good(self, key, group, timeout=30.0):
        """The newest reading of the group, once there is one that answered."""
        return self.wait('%s of %s' % (group, key),
                         lambda c: c.latest.get((key, group), {'missed': 1})['missed'] == 0 and c.latest[key, group], timeout)


def row(number, key, address, port, version='2c', community='public', interval_ms=1000, status_interval_ms=500, profile='auto'):
    return (number, key, address, port, version, community, interval_ms, status_interval_ms, profile)


def points(reading):
    """{name: (value, quality)}"""
    return {p['name']: (p['value'], p['quality']) for p in reading['points']}
