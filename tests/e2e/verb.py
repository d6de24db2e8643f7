# SPDX-License-Identifier: Apache-2.0
"""usage: verb.py CONTROL-SOCKET ADDRESS on|off|VERB...   - takes a simulated device's mains away or gives it back, or any verb of fleetsim"""
import socket
import sys

path, address, *words = sys.argv[1:]
state = ' '.join(words)
with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(10)
    s.connect(path)
    s.sendall(('%s %s\n' % (address, {'on': 'onbattery', 'off': 'return'}.get(state, state))).encode())
    answer = s.makefile().readline().strip()
if not answer.startswith('OK'):
    sys.exit(answer)
