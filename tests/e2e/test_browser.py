# SPDX-License-Identifier: Apache-2.0
"""The interface in a real Chromium: against the mock server (what it does by itself), then on a whole running stack."""
import os
import re
import subprocess
import sys

import pytest

from snmpd import Snmpd
from stack import ROOT, Fleet, Stack, devices_csv, temp_dir, wait_for

HERE = os.path.join(ROOT, 'tests/e2e')
TARGET = 'de/testtown/hall/ups-target'
TARGET_ADDRESS = '127.61.1.1'
POLL_S = 2.0
UPS_TEST = {'rw:7.1.0': ('object_id', '.1.3.6.1.2.1.33.7.7.1'), 'rw:7.2.0': ('integer', 4711), '7.3.0': ('integer', 5)}
TRAP = ("sh -c 'snmptrap --clientaddr=127.61.77.7 -v 2c -c public 127.0.0.1:$0 \"\" .1.3.6.1.2.1.33.2.1'")


@pytest.fixture(scope='module', autouse=True)
def packages():
    """playwright-core and axe-core, as pinned; a second run finds them."""
    lock = os.path.join(HERE, 'package-lock.json')
    done = os.path.join(HERE, 'node_modules/.package-lock.json')
    if not os.path.exists(done) or os.path.getmtime(done) < os.path.getmtime(lock):
        subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], cwd=HERE, check=True, stdin=subprocess.DEVNULL)
        os.utime(done)


def node(name, env=None, timeout=900):
    p = subprocess.run(['node', '--test', '--test-reporter=tap', os.path.join(HERE, name)], text=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, env=dict(os.environ, **(env or {})))
    for line in p.stdout.splitlines():
        if re.match(r'\s*((not )?ok \d|# (raise|offline|5,000))', line):
            print(line)
    failed = re.findall(r'^ *not ok .*?^ *\.\.\.$', p.stdout, re.M | re.S)
    assert p.returncode == 0, '\n'.join(failed) or p.stdout
    assert not re.search(r'^ok .* # SKIP', p.stdout, re.M), p.stdout


def test_screens_do_what_the_design_asks_by_themselves():
    node('mock/mock.test.mjs')


def test_screens_for_setting_up_do_what_the_design_asks_by_themselves():
    node('mock/setup.test.mjs')


def test_screens_of_alarm_management_do_what_the_design_asks_by_themselves():
    node('mock/manage.test.mjs')


@pytest.fixture(scope='module')
def running():
    folder = temp_dir('busbar-e2e-')
    with Fleet([TARGET_ADDRESS + '-127.61.1.12 model=rfc1628', '127.61.2.1-127.61.2.3 model=rfc1628']) as fleet, \
            Snmpd(['ops SHA-256 authentic-words AES authentic-words'], values=UPS_TEST) as agent, Stack(empty=True) as stack:
        rows = [(TARGET, TARGET_ADDRESS, fleet.port)]
        rows += [('de/testtown/%s/ups-%d' % ('hall' if i < 7 else 'office', i), '127.61.1.%d' % i, fleet.port) for i in range(2, 13)]
        stack.ctl('device', 'import', devices_csv(os.path.join(folder, 'fleet.csv'), rows))
        wait_for('one-time password', lambda: os.path.exists(os.path.join(stack.run, 'first-password')))
        wait_for('every device heard', lambda: all(d['comm'] == 'ok' for d in stack.ctl('device', 'list')), 60)
        yield fleet, agent, stack


def test_operator_sees_acknowledges_and_is_told_when_the_server_is_away(running):
    fleet, agent, stack = running
    python = '%s %s' % (sys.executable, os.path.join(HERE, 'verb.py'))
    control = '%s/deploy/stack %%s webd --dir %s' % (ROOT, stack.dir)
    node('stack.test.mjs', {
        'BUSBAR_URL': stack.url,
        'BUSBAR_PASSWORD': stack.first_password(),
        'BUSBAR_DEVICE': TARGET.rsplit('/', 1)[1],
        'BUSBAR_OUTAGE': '%s %s %s' % (python, fleet.control, TARGET_ADDRESS),
        'BUSBAR_RAISE_MS': str(int((POLL_S + 1) * 1000)),
        'BUSBAR_CARD': '127.61.2.1:%d' % fleet.port,
        'BUSBAR_RANGE': '127.61.2.0/29',
        'BUSBAR_AGENT': '127.0.0.1:%d' % agent.port,
        'BUSBAR_AGENT_PASSWORD': 'authentic-words',
        'BUSBAR_DEVICE_KEY': TARGET,
        'BUSBAR_TRAP': TRAP,
        'BUSBAR_VERB': '%s %s' % (python, fleet.control),
        'BUSBAR_OTHERS': ','.join('127.61.1.%d' % i for i in range(2, 11)),
        'BUSBAR_FLUTTERS': '127.61.1.12,ups-12',
        'BUSBAR_BYPASSED': '127.61.1.11',
        'BUSBAR_STOP': control % 'stop',
        'BUSBAR_START': control % 'start',
        'BUSBAR_BUILD': stack.build,
    })
