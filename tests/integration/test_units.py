# SPDX-License-Identifier: Apache-2.0
"""What `make install` puts under DESTDIR: complete, accepted by systemd, and as closed as promised."""
import os
import re
import shutil
import subprocess

import pytest

from stack import ROOT, build_dir, temp_dir

LIMITS = {'alarmd': 0.8, 'busd': 0.8, 'historyd': 0.8, 'webd': 1.3, 'collect-snmp': 1.4, 'collect-snmptrap': 1.4, 'notifyd': 1.4, 'shutdownd': 1.4}
UNITS = 'usr/lib/systemd/system'


def make(destdir, target):
    build = build_dir()
    return subprocess.run(['make', '-s', 'B=' + build, 'VARIANT=' + os.path.basename(build), 'DESTDIR=' + destdir, target], cwd=ROOT,
                          text=True, capture_output=True, check=False)


@pytest.fixture(scope='module')
def installed():
    d = temp_dir('busbar-install-')
    p = make(d, 'install')
    assert p.returncode == 0, p.stdout + p.stderr
    yield d
    shutil.rmtree(d)


def files(d):
    return sorted(os.path.relpath(os.path.join(folder, name), d) for folder, _, names in os.walk(d) for name in names)


def test_every_daemon_has_program_unit_and_user(installed):
    with open(os.path.join(installed, 'usr/lib/sysusers.d/busbar.conf'), encoding='utf-8') as f:
        users = f.read()
    with open(os.path.join(installed, UNITS, 'busbar.target'), encoding='utf-8') as f:
        target = f.read()
    for daemon in LIMITS:
        assert os.access(os.path.join(installed, 'usr/libexec/busbar', daemon), os.X_OK)
        with open(os.path.join(installed, UNITS, f'busbar-{daemon}.service'), encoding='utf-8') as f:
            unit = f.read()
        assert f'User=bb-{daemon}\n' in unit
        assert f'StateDirectory=busbar/{daemon}\n' in unit
        assert f'u bb-{daemon} ' in users and f'm bb-{daemon} busbar\n' in users
        assert f'busbar-{daemon}.service' in target


def test_shared_data_are_complete(installed):
    share = os.path.join(installed, 'usr/share/busbar')
    assert set(os.listdir(os.path.join(ROOT, 'deploy/migrations'))) == set(os.listdir(os.path.join(share, 'migrations')))
    assert 'rfc1628.profile' in os.listdir(os.path.join(share, 'profiles'))
    assert files(os.path.join(ROOT, 'webd/ui/dist')) == files(os.path.join(share, 'web'))
    assert os.access(os.path.join(installed, 'usr/bin/busbarctl'), os.X_OK)


def test_systemd_accepts_the_units(installed):
    """verify looks for programs and units below the root given; the units of the system itself are lent to it."""
    os.makedirs(os.path.join(installed, 'etc/systemd/system'), exist_ok=True)
    names = [n for n in os.listdir(os.path.join(installed, UNITS)) if n.startswith('busbar') and not n.endswith('.d')]
    assert len(names) == len(LIMITS) + 3
    p = subprocess.run(['systemd-analyze', 'verify', '--root=' + installed, '--man=no', '--recursive-errors=no', *names], text=True,
                       capture_output=True, check=False)
    ours = [line for line in (p.stdout + p.stderr).splitlines() if 'busbar' in line]
    assert p.returncode == 0 and not ours, p.stdout + p.stderr


@pytest.mark.parametrize('daemon', LIMITS)
def test_exposure_is_below_its_limit(installed, daemon):
    p = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--root=' + installed, f'busbar-{daemon}.service'], text=True,
                       capture_output=True, check=False)
    found = re.search(r'Overall exposure level for \S+: ([0-9.]+) ', p.stdout)
    assert found, p.stdout + p.stderr
    assert float(found[1]) <= LIMITS[daemon], p.stdout


def test_users_and_folders_can_be_made(installed):
    root = temp_dir('busbar-root-')
    try:
        os.makedirs(os.path.join(root, 'etc'))
        shutil.copytree(os.path.join(installed, 'usr/lib'), os.path.join(root, 'usr/lib'))
        subprocess.run(['systemd-sysusers', '--root=' + root], check=True, capture_output=True)
        with open(os.path.join(root, 'etc/passwd'), encoding='utf-8') as f:
            passwd = f.read()
        with open(os.path.join(root, 'etc/group'), encoding='utf-8') as f:
            members = re.search(r'^busbar:[^:]*:\d+:(.*)$', f.read(), re.M)[1].split(',')
        assert sorted(members) == sorted('bb-' + daemon for daemon in LIMITS)
        assert all(f'bb-{daemon}:' in passwd for daemon in LIMITS)
        if os.geteuid() != 0:
            return
        subprocess.run(['systemd-tmpfiles', '--create', '--root=' + root], check=True, capture_output=True)
        assert os.stat(os.path.join(root, 'run/busbar')).st_mode & 0o7777 == 0o3770
        assert os.stat(os.path.join(root, 'etc/busbar/secret')).st_mode & 0o7777 == 0o700
    finally:
        shutil.rmtree(root)


def test_uninstall_leaves_nothing_but_the_state():
    d = temp_dir('busbar-install-')
    try:
        assert make(d, 'install').returncode == 0
        os.makedirs(os.path.join(d, 'etc/busbar'))
        with open(os.path.join(d, 'etc/busbar/busbar.conf'), 'w', encoding='utf-8'):
            pass
        assert make(d, 'uninstall').returncode == 0
        assert files(d) == ['etc/busbar/busbar.conf']
    finally:
        shutil.rmtree(d)
