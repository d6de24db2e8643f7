# SPDX-License-Identifier: Apache-2.0
"""The launcher: side by side, a second start, a kill, an occupied port, a full disk."""
import os
import signal
import socket
import subprocess

import pytest

from stack import Stack, temp_dir, wait_for


def alive(pid):
    try:
        with open('/proc/%d/stat' % pid, encoding='ascii') as f:
            return f.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def launcher_pid(stack):
    with open(os.path.join(stack.dir, 'stack.lock'), encoding='ascii') as f:
        return int(f.read())


def log_of(stack, name):
    with open(os.path.join(stack.dir, 'log', name + '.log'), encoding='utf-8', errors='replace') as f:
        return f.read()


def test_two_stacks_run_side_by_side_and_a_third_in_the_same_folder_is_refused():
    with Stack() as one, Stack() as two:
        for s in (one, two):
            status = s.status()
            assert status['address'] == s.url + '/'
            assert all(d['state'] == 'ready' and d['pid'] > 0 for d in status['daemons'])
        p = one.up(check=False)
        assert p.returncode != 0 and 'already runs' in p.stderr
        assert one.ctl('device', 'list') == []


def test_children_die_with_a_killed_launcher_and_the_next_start_is_clean():
    with Stack() as s:
        pids = [d['pid'] for d in s.status()['daemons']]
        os.kill(launcher_pid(s), signal.SIGKILL)
        wait_for('all processes are gone', lambda: not any(alive(p) for p in pids))
        s.up()
        assert all(d['state'] == 'ready' for d in s.status()['daemons'])


def test_an_occupied_port_is_named():
    with socket.create_server(('127.0.0.1', 0)) as taken:
        s = Stack(http=taken.getsockname()[1])
        p = s.up(check=False)
        s.down()
    assert p.returncode != 0 and 'port %d is taken' % s.http in p.stderr and '--http' in p.stderr


def test_long_folder_names_get_short_sockets():
    s = Stack(directory=os.path.join(temp_dir(), 'a-folder-with-a-rather-long-name-as-people-make-them', 'below', 'it'))
    os.makedirs(s.dir)
    with s:
        assert len(s.run) < 60 and s.ctl('device', 'list') == []


def test_a_full_disk_is_told_and_nothing_else_stops():
    """alarmd's folder on a small file system that somebody fills: alarms go on, the own-alarm says where."""
    s = Stack()
    small = os.path.join(s.dir, 'lib', 'alarmd')
    os.makedirs(small)
    if os.geteuid() != 0 or subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', small], check=False,
                                           capture_output=True).returncode != 0:
        pytest.skip('a small tmpfs cannot be mounted here')
    try:
        with s:
            with open(os.path.join(small, 'hog'), 'wb') as hog:
                try:
                    while hog.write(b'x' * 65536):
                        hog.flush()
                except OSError:
                    pass
            # what is written from here on empties the reserve; then only memory is left
            s.ctl('recipient', 'add', 'a', 'a@example.org')
            pid = s.ready('alarmd')
            wait_for('alarmd has heard historyd', lambda: 'publisher_back publisher=historyd' in log_of(s, 'alarmd'))
            s.stop('historyd')
            alarms = wait_for('the lost daemon is an alarm', lambda: [a for a in s.ctl('alarm', 'list') if a['rule'] == 'daemon_lost'], 60)
            assert alarms[0]['device'] == 'busbar/historyd'
            wait_for('the own-alarm of the full disk', lambda: [a for a in s.ctl('alarm', 'list') if a['rule'].startswith('journal_')], 60)
            assert s.ready('alarmd') == pid
            s.start('historyd')
            wait_for('clear again', lambda: not [a for a in s.ctl('alarm', 'list') if a['rule'] == 'daemon_lost'], 60)
    finally:
        subprocess.run(['umount', '-l', small], check=False)
