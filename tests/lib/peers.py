# SPDX-License-Identifier: Apache-2.0
"""Real servers as peers of our daemons, each private: own configuration, own folder, a high port on loopback."""
import email
import email.policy
import os
import pwd
import shutil
import socket
import subprocess

from stack import free_port, temp_dir, wait_for


def can_run_postfix():
    """None, or why not."""
    if os.geteuid() != 0:
        return 'Postfix must be started by root'
    if not shutil.which('postfix', path=os.environ.get('PATH', '') + ':/usr/sbin'):
        return 'Postfix is not installed'
    return None


MASTER = '''
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
'''

MAIN = '''
compatibility_level = 3.6
queue_directory = {dir}/spool
data_directory = {dir}/data
maillog_file = {dir}/mail.log
maillog_file_prefixes = {dir}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {dir}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_transport = virtual
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = {checks}
smtpd_client_connection_rate_limit = 0
smtpd_tls_security_level = {tls}
smtpd_tls_cert_file = {dir}/cert.pem
smtpd_tls_key_file = {dir}/key.pem
'''


class Postfix:
    """Takes mail for anybody at example.org into one maildir. Addresses in `unknown` get 550, in `greylisted` 450."""

    def __init__(self, tls=False, unknown=(), greylisted=(), port=None):
        self.dir = temp_dir('busbar-postfix-')
        self.port = port or free_port()
        self.tls = tls
        self.guard = None
        self.unknown, self.greylisted = list(unknown), list(greylisted)
        self.maildir = os.path.join(self.dir, 'mail', 'all')
        nobody = pwd.getpwnam('nobody')
        self.ca_file = os.path.join(self.dir, 'cert.pem')
        os.makedirs(os.path.join(self.dir, 'conf'))
        os.makedirs(os.path.join(self.dir, 'spool'))
        os.makedirs(os.path.join(self.dir, 'data'))
        os.makedirs(self.maildir)
        shutil.chown(os.path.join(self.dir, 'data'), 'postfix')
        for path in (os.path.dirname(self.maildir), self.maildir):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        self._write('conf/master.cf', MASTER.format(port=self.port))
        self._write('conf/main.cf', MAIN.format(
            dir=self.dir, uid=nobody.pw_uid, gid=nobody.pw_gid, tls='may' if tls else 'none',
            checks='check_recipient_access inline:{%s}' % ', '.join(
                ['{%s = 550 5.1.1 no such person}' % a for a in self.unknown] +
                ['{%s = 450 4.7.1 come back later}' % a for a in self.greylisted])
            if self.unknown or self.greylisted else ''))
        if tls:
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
                            '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', self._path('key.pem'),
                            '-out', self.ca_file], check=True, capture_output=True)

    def _path(self, name):
        return os.path.join(self.dir, name)

    def _write(self, name, text):
        with open(self._path(name), 'w', encoding='ascii') as f:
            f.write(text)

    def _postfix(self, verb, check=True):
        env = dict(os.environ, PATH=os.environ.get('PATH', '') + ':/usr/sbin')
        return subprocess.run(['postfix', '-c', self._path('conf'), verb], env=env, text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, check=check, timeout=60)

    def answers(self):
        try:
            with socket.create_connection(('127.0.0.1', self.port), 5) as s:
                return s.recv(200).startswith(b'220')
        except OSError:
            return False

    def start(self):
        # Postfix is nobody's child; the guard ends it when this process closes the pipe, or dies.
        if not self.guard:
            self.guard = subprocess.Popen(
                ['sh', '-c', 'read x; PATH=$PATH:/usr/sbin postfix -c "$0/conf" abort; rm -rf "$0"', self.dir], cwd='/',
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        p = self._postfix('start', check=False)
        if p.returncode != 0:
            raise AssertionError('postfix start: %s%s' % (p.stdout, p.stderr))
        wait_for('Postfix answers', self.answers)
        return self

    def stop(self):
        self._postfix('stop', check=False)
        wait_for('Postfix is gone', lambda: not self.answers())

    def close(self):
        if self.guard:
            self.guard.stdin.close()
            self.guard.wait(60)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.close()

    def messages(self):
        """All that was delivered, oldest first, as email.message objects."""
        found = []
        new = os.path.join(self.maildir, 'new')
        if not os.path.isdir(new):
            return found
        names = [os.path.join(new, n) for n in os.listdir(new)]
        for name in sorted(names, key=lambda n: (os.stat(n).st_mtime_ns, n)):
            with open(name, 'rb') as f:
                found.append(email.message_from_binary_file(f, policy=email.policy.default))
        return found

    def ids(self):
        return [m['Message-ID'] for m in self.messages()]

    def log(self):
        try:
            with open(self._path('mail.log'), encoding='utf-8', errors='replace') as f:
                return f.read()
        except OSError:
            return ''
