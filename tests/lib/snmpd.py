# SPDX-License-Identifier: Apache-2.0
"""net-snmp's own agent as a peer that nobody here wrote: a small UPS on loopback, with SNMPv3 users."""
import os
import shutil
import socket
import subprocess

import pytest

from stack import free_port, temp_dir, wait_for

UPS = '1.3.6.1.2.1.33.1'
# v2c, community public, GET of sysDescr.0
GET_DESCR = bytes.fromhex('302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500')
VALUES = {'2.1.0': ('integer', 2), '2.2.0': ('integer', 0), '2.3.0': ('integer', 17), '2.4.0': ('integer', 88),
          '4.1.0': ('integer', 3), '6.1.0': ('gauge', 0), '4.2.0': ('integer', 500), '4.4.1.2.1': ('integer', 229),
          '4.4.1.5.1': ('integer', 31), '1.2.0': ('octet_str', '"net-snmp"')}


class Snmpd:
    """What it keeps over stop() and start(), such as its boots, it writes to snmpd.conf of the same folder.

    values: {oid below the UPS-MIB, or with a dot in front: (type, value)}; "rw:" before it makes it writable.
    users: lines behind createUser, such as 'ops SHA password1 AES password2'."""

    def __init__(self, users=(), engine_id=None, values=None, conf=''):
        if not os.path.exists('/usr/sbin/snmpd'):
            pytest.skip('snmpd is not installed')
        self.dir = temp_dir('snmpd-')
        self.port = free_port(socket.SOCK_DGRAM)
        self.process = None
        with open(os.path.join(self.dir, 'agent.conf'), 'w', encoding='utf-8') as f:
            f.write('agentaddress udp:127.0.0.1:%d\nrocommunity public\nrwcommunity private\nsysDescr test\n%s\n' % (self.port, conf))
            if engine_id:
                f.write('exactEngineID 0x%s\n' % engine_id)
            for user in users:
                words = user.split()
                f.write('createUser %s\nrwuser %s %s\n' % (user, words[0], 'auth' if len(words) > 1 else 'noauth'))
            for oid, (kind, value) in {**VALUES, **(values or {})}.items():
                name = oid.removeprefix('rw:')
                f.write('override %s%s %s %s\n' % ('-rw ' if oid != name else '', name if name[0] == '.' else '.%s.%s' % (UPS, name), kind, value))
        self.start()

    def start(self):
        with open(os.path.join(self.dir, 'log'), 'ab') as log:
            self.process = subprocess.Popen(
                ['/usr/sbin/snmpd', '-f', '-Lo', '-C', '-c', os.path.join(self.dir, 'agent.conf'), '-I', '-smux', '-p', os.path.join(self.dir, 'pid')],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(os.environ, SNMP_PERSISTENT_DIR=self.dir, MIBS=''))

        wait_for('snmpd answers', self._answers)

    def _answers(self):
        assert self.process.poll() is None, open(os.path.join(self.dir, 'log'), encoding='utf-8').read()[-500:]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            s.connect(('127.0.0.1', self.port))
            try:
                s.send(GET_DESCR)
                return s.recv(2000)
            except OSError:
                return None

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
