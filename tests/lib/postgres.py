# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL without network: data and socket in a folder of its own, run as an ordinary user."""
import os
import pwd
import shutil
import signal
import subprocess

from stack import temp_dir, wait_for


def _ordinary_user():
    """PostgreSQL refuses root; "nobody" is on every Debian."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam('nobody')
    return {'user': entry.pw_uid, 'group': entry.pw_gid, 'extra_groups': []}


class Postgres:
    def __init__(self):
        self.bin = subprocess.run(['pg_config', '--bindir'], text=True, capture_output=True, check=True).stdout.strip()
        self.dir = temp_dir('busbar-pg-')
        self.who = _ordinary_user()
        if self.who:
            os.chown(self.dir, self.who['user'], self.who['group'])
        self.data = os.path.join(self.dir, 'data')
        self.conninfo = 'host=%s user=busbar dbname=postgres' % self.dir
        self.process = None
        subprocess.run([self._program('initdb'), '-D', self.data, '-U', 'busbar', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8',
                        '--no-sync'], check=True, stdout=subprocess.DEVNULL, cwd='/', **self.who)

    def _program(self, name):
        return os.path.join(self.bin, name)

    def start(self):
        log = open(os.path.join(self.dir, 'log'), 'ab')
        self.process = subprocess.Popen(
            [self._program('postgres'), '-D', self.data, '-k', self.dir, '-c', 'listen_addresses=', '-c', 'fsync=off'],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/', start_new_session=True, **self.who)
        log.close()
        wait_for('PostgreSQL up', lambda: subprocess.run([self._program('pg_isready'), '-q', '-h', self.dir],
                                                         check=False).returncode == 0)

    def stop(self, how=signal.SIGQUIT):
        """SIGQUIT is the immediate stop, SIGINT the fast one."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def pause(self):
        """The whole server stands still, as on a machine that swaps."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.killpg(self.process.pid, signal.SIGCONT)

    def sql(self, text):
        p = subprocess.run(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', self.conninfo, '-c', text], text=True, capture_output=True,
                           check=True)
        return p.stdout.strip()

    def close(self):
        if self.process:
            self.go_on()
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
