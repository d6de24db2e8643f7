# SPDX-License-Identifier: Apache-2.0
"""Boots systemd in namespaces of its own, installs as docs/install.md says, and looks whether the hardened units really work: filters,
users, credentials, sockets of the run folder, the socket unit, PostgreSQL by peer names."""
import os
import shutil
import subprocess
import time

import pytest

from stack import ROOT, build_dir, temp_dir

DAEMONS = ('alarmd', 'busd', 'collect-snmp', 'collect-snmptrap', 'historyd', 'notifyd', 'shutdownd', 'webd')
HERE = os.path.join(ROOT, 'tests/integration/boot')
UNSHARE = ['unshare', '--mount', '--pid', '--uts', '--ipc', '--net', '--cgroup', '--fork', '--kill-child']


def cgroup2():
    """Where this machine has cgroup v2 mounted."""
    with open('/proc/self/mountinfo', encoding='utf-8') as f:
        return next((line.split()[4] for line in f if ' - cgroup2 ' in line), None)


def reason_to_skip():
    if os.geteuid() != 0:
        return 'needs root for namespaces'
    if not cgroup2() or not os.access(cgroup2(), os.W_OK):
        return 'no writable cgroup v2'
    with open('/proc/self/mountinfo', encoding='utf-8') as f:
        if any(' / / ' in line and ' - overlay ' in line for line in f):
            return 'the root is an overlay already, and overlays do not stack on it'
    if subprocess.run([*UNSHARE, 'true'], capture_output=True, check=False).returncode != 0:
        return 'namespaces are not allowed here'
    return None


def facts(work):
    try:
        with open(os.path.join(work, 'out/facts'), encoding='utf-8') as f:
            return f.read().splitlines()
    except FileNotFoundError:
        return []


class Booted:
    def __init__(self, work):
        self.facts = facts(work)
        self.report = ''
        for name in ('console', 'out/log', 'out/page', 'out/journal'):
            if os.path.exists(os.path.join(work, name)):
                with open(os.path.join(work, name), encoding='utf-8', errors='replace') as f:
                    self.report += '--- %s\n%s\n' % (name, f.read()[-6000:])

    def needs(self, *wanted):
        missing = [fact for fact in wanted if fact not in self.facts]
        assert not missing, 'missing %r of %r\n%s' % (missing, self.facts, self.report)


def boot(work, group):
    """systemd in its own cgroup; ends when the steps have."""
    pg_bin = subprocess.run(['pg_config', '--bindir'], text=True, capture_output=True, check=True).stdout.strip()
    with open(os.path.join(work, 'console'), 'wb') as console:
        p = subprocess.Popen(['sh', '-c', 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"', 'sh', group, *UNSHARE, '/bin/bash',
                              os.path.join(HERE, 'enter.sh'), work], stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                             env=dict(os.environ, PG_BIN=pg_bin))
    try:
        deadline = time.monotonic() + 400
        while p.poll() is None and 'end' not in facts(work) and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        p.kill()
        p.wait()


@pytest.fixture(scope='module')
def booted():
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    work = temp_dir('busbar-boot-')
    group = os.path.join(cgroup2(), os.path.basename(work))
    build = build_dir()
    os.makedirs(os.path.join(work, 'out'))
    os.mkdir(group)
    try:
        subprocess.run(['make', '-s', 'B=' + build, 'VARIANT=' + os.path.basename(build), 'DESTDIR=' + os.path.join(work, 'dest'),
                        'install'], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(os.path.join(HERE, 'steps.sh'), os.path.join(work, 'out'))
        boot(work, group)
        yield Booted(work)
    finally:
        deadline = time.monotonic() + 20
        while os.path.exists(group) and time.monotonic() < deadline:
            try:
                remove_groups(group)
            except OSError:
                time.sleep(0.2)
        shutil.rmtree(work, ignore_errors=True)


def remove_groups(group):
    for folder, _, _ in os.walk(group, topdown=False):
        os.rmdir(folder)


def test_everything_runs_without_postgres(booted):
    booted.needs('running without postgres')


def test_each_daemon_is_its_own_user_without_rights(booted):
    # CapEff, NoNewPrivs, Seccomp mode "filter"
    booted.needs(*(f'process {d} bb-{d}:busbar 0000000000000000 1 2' for d in DAEMONS))


def test_page_comes_through_the_socket_unit(booted):
    booted.needs('page')


def test_record_is_made_as_the_document_says(booted):
    booted.needs('migrated', 'running with postgres')


def test_alarm_passes_from_the_collector_to_the_list(booted):
    booted.needs('device added', 'alarm')


def test_nothing_had_to_be_started_again(booted):
    booted.needs(*(f'restarts {d} 0' for d in DAEMONS))


def test_target_stops_everything(booted):
    booted.needs('stopped', 'end')
