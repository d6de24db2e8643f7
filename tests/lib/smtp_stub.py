# SPDX-License-Identifier: Apache-2.0
"""A mail server that misbehaves on order: for what a real one does only on bad days."""
import re
import socket
import threading


class SmtpStub:
    """`rule(session)` is asked at each step ('greet', 'mail', 'rcpt', 'data', 'end') and returns a reply line, or None for the good
    one, or 'die' (close without a word), or 'stall' (say nothing until stopped). It sees session.address and session.message.
    A message counts as taken when 250 was sent after its data, or when the rule let the connection die at 'end' (`swallowed`)."""

    GOOD = {'greet': '220 stub', 'mail': '250 ok', 'rcpt': '250 ok', 'data': '354 go on', 'end': '250 taken'}

    def __init__(self, rule=None, port=0):
        self.rule = rule or (lambda session, step: None)
        self.taken, self.swallowed, self.tries = [], [], []
        self.open = self.most = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.listener = socket.create_server(('127.0.0.1', port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._session, args=(s,), daemon=True).start()

    def _session(self, s):
        with self.lock:
            self.open += 1
            self.most = max(self.most, self.open)
        try:
            _Session(self, s).run()
        except (OSError, EOFError):
            pass
        finally:
            with self.lock:
                self.open -= 1
            s.close()

    def close(self):
        self.stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def ids(self):
        return [header(m, 'Message-ID') for m in self.taken]


def header(message, name):
    m = re.search(rb'^%s: *(.*?)\r?$' % name.encode(), message, re.M | re.I)
    return m[1].decode() if m else None


class _Session:
    def __init__(self, stub, s):
        self.stub, self.socket, self.file = stub, s, s.makefile('rb')
        self.address = self.message = None

    def _step(self, step):
        reply = self.stub.rule(self, step)
        if reply == 'die':
            raise EOFError
        if reply == 'stall':
            self.stub.stopping.wait()
            raise EOFError
        self._say(reply or self.stub.GOOD[step])
        return not reply or reply.startswith(('2', '3'))

    def _say(self, line):
        self.socket.sendall(line.encode() + b'\r\n')

    def _data(self):
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError
            if line == b'.\r\n':
                break
            lines.append(line[1:] if line.startswith(b'.') else line)
        self.message = b''.join(lines)
        with self.stub.lock:
            self.stub.tries.append(self.message)
        try:
            good = self._step('end')
        except EOFError:
            with self.stub.lock:
                self.stub.swallowed.append(self.message)
            raise
        if good:
            with self.stub.lock:
                self.stub.taken.append(self.message)

    def run(self):
        if not self._step('greet'):
            return
        while True:
            line = self.file.readline()
            if not line:
                return
            verb = line.split()[0].upper() if line.split() else b''
            if verb in (b'EHLO', b'HELO'):
                self._say('250 stub')
            elif verb == b'MAIL':
                self._step('mail')
            elif verb == b'RCPT':
                self.address = re.search(rb'<(.*)>', line)[1].decode()
                self._step('rcpt')
            elif verb == b'DATA':
                if self._step('data'):
                    self._data()
            elif verb == b'QUIT':
                self._say('221 bye')
                return
            else:
                self._say('250 ok')
