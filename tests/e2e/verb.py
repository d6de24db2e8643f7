# SPDX-License-Identifier: Apache-2.0
"""usage: verb.py CONTROL-SOCKET ADDRESS on|off   - takes a simulated device's mains away or gives it back"""
import socket
import sys

path, address, state = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(10)
    s.connect(path)
    s.sendall(('%s %s\n' % (address, {'on': 'onbattery', 'off': 'return'}[state])).encode())
    answer = s.makefile().readline().strip()
if not answer.startswith('OK'):
    sys.exit(answer)
