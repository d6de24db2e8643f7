# SPDX-License-Identifier: Apache-2.0
"""From a card nobody knew to a profile, by the steps of CONTRIBUTING.md; and what a recording must not tell."""
import os
import re
import shutil
import textwrap

import pytest

from stack import ROOT, Fleet, wait_for
from webd import Webd

SHARED = os.environ.get('BUSBAR_SHARED', os.path.join(ROOT, '../shared'))
RECORDING = os.path.join(SHARED, 'fixtures/snmprec/samlex_psr-1200-48.snmprec')
SECRETS = '''1.3.6.1.2.1.1.1.0|4|Card of acme-dc1 at 10.20.30.40
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.49075
1.3.6.1.2.1.1.3.0|67|123456
1.3.6.1.2.1.1.4.0|4|Jane Roe
1.3.6.1.2.1.1.5.0|4|acme-dc1
1.3.6.1.2.1.1.6.0|4|Vault 7
1.3.6.1.2.1.2.2.1.6.1|4x|0011223344ff
1.3.6.1.2.1.4.20.1.1.10.20.30.40|64|10.20.30.40
1.3.6.1.4.1.49075.1.1.1.0|4|model of Jane Roe
1.3.6.1.4.1.49075.1.1.2.0|4|1.0.2704
1.3.6.1.4.1.49075.1.1.3.0|4|trap to 10.20.30.40 and 10.20.30.41, mail jane@acme.example
1.3.6.1.4.1.49075.1.1.4.0|64|10.20.30.41
1.3.6.1.4.1.49075.1.1.5.0|4|00:11:22:33:44:FF
1.3.6.1.4.1.49075.1.1.6.0|4|secret-word!
1.3.6.1.4.1.49075.1.1.7.0|4x|41636d65c3bc
1.3.6.1.4.1.49075.1.3.1.2.0|2|1186
1.3.6.1.4.1.49075.1.3.1.3.0|66|4000000000
1.3.6.1.6.3.16.1.2.1.3.1|4|acme-dc1
'''


@pytest.fixture(scope='module')
def suite(tmp_path_factory):
    if not os.path.exists(RECORDING):
        pytest.skip('no recordings of real devices in %s (BUSBAR_SHARED)' % SHARED)
    hidden = tmp_path_factory.mktemp('rec') / 'secrets.snmprec'
    hidden.write_text(SECRETS)
    w = Webd(migrate=False)
    try:
        os.remove(os.path.join(w.share, 'profiles/samlex.profile'))
        w.make_keys()
        os.makedirs(os.path.join(w.dir, 'etc/profiles'), exist_ok=True)
        w.ctl('migrate')
        w.start()
        for d in ('busd', 'alarmd'):
            w.start_daemon(d)
        w.collector = w.start_daemon('collect-snmp')
        with Fleet(['127.91.0.1 model=recording file=%s' % RECORDING, '127.91.0.2 model=recording file=%s community=secret-word!' % hidden]) as f:
            w.fleet = f
            yield w
    finally:
        w.close()


def steps():
    """The profile of the section, as it stands there."""
    text = open(os.path.join(ROOT, 'CONTRIBUTING.md'), encoding='utf-8').read()
    section = text[text.index('## A device nobody knew'):]
    return textwrap.dedent(re.search(r'^ {8}name = .*?^ {8}\);\n', section, re.S | re.M).group(0))


def test_a_device_nobody_knew_takes_one_file(suite):
    w = suite
    w.ctl('device', 'add', 'test/new', '--address', '127.91.0.1', '--port', str(w.fleet.port), '--community', 'public', '--interval', '0.5')
    shown = wait_for('nobody knows it', lambda: (lambda d: d['profile'] == 'unrecognised' and d['severity'] == 'unknown' and d['points'] and d)(
        w.ctl('device', 'show', 'test/new', '--json')))
    assert any(p['name'] == 'device.sysobjectid' and p['value'].startswith('1.3.6.1.4.1.49075') for p in shown['points'])
    recording = os.path.join(w.dir, 'new.snmprec')
    with open(recording, 'w', encoding='utf-8') as f:
        f.write(w.ctl('device', 'record', 'test/new'))
    # It is the whole tree, and as a recording serves as the original does.
    lines = lambda name: {line.split('|')[0] for line in open(name, encoding='utf-8') if line.startswith('1.3.6.1.4.1.49075.')}
    assert lines(recording) == lines(RECORDING)
    draft = w.ctl('device', 'draft', recording)
    for line in ('root = ".1.3.6.1.4.1.49075";', 'detect = ( { sysobjectid = ".1.3.6.1.4.1.49075"; } );', 'oid = "1.3.1.2.0"', '"PSR-1200-48"'):
        assert line in draft, draft
    profile = os.path.join(w.dir, 'etc/profiles/new.profile')
    for text in (draft, steps()):
        with open(profile, 'w', encoding='utf-8') as f:
            f.write(text)
        w.collector.terminate()
        w.collector.wait(20)
        w.collector = w.start_daemon('collect-snmp')
        name = re.search(r'^name = "(.*)"', text, re.M).group(1)
        wait_for('profile ' + name, lambda name=name: w.ctl('device', 'show', 'test/new', '--json')['profile'] == name)
    want = {'output.voltage': 118.6, 'output.current': 1.9, 'output.realpower': 211.4, 'output.frequency': 59.9, 'input.voltage': 54.4,
            'alarm.fan.failed': False, 'device.model': 'PSR-1200-48'}
    shown = wait_for('all points', lambda: (lambda p: set(want) <= set(p) and p)(
        {p['name']: p['value'] for p in w.ctl('device', 'show', 'test/new', '--json')['points'] if p['quality'] == 'good'}))
    assert {k: shown[k] for k in want} == want


def test_a_recording_does_not_tell_whose_device_it_is(suite):
    w = suite
    w.ctl('device', 'add', 'test/hidden', '--address', '127.91.0.2', '--port', str(w.fleet.port), '--community', 'secret-word!')
    text = wait_for('a recording', lambda: w.ctl('device', 'record', 'test/hidden', check=False).stdout)
    for secret in ('acme-dc1', 'Jane', 'Vault', '10.20.30', 'jane@', '0011223344ff', '00:11:22', 'secret-word', '1.3.6.1.2.1.4.', '1.3.6.1.6.3.'):
        assert secret not in text, secret
    assert '1.3.6.1.4.1.49075.1.3.1.2.0|2|1186' in text and '1.3.6.1.4.1.49075.1.3.1.3.0|66|4000000000' in text
    assert '49075.1.1.2.0|4|1.0.2704' in text and '49075.1.1.7.0|4x|41636d65c3bc' in text
    # The same by the same.
    assert re.search(r'1\.1\.1\.0\|4\|Card of name-1 at (192\.0\.2\.\d+)', text).group(1) == \
        re.search(r'1\.1\.3\.0\|4\|trap to (192\.0\.2\.\d+) and', text).group(1)
    assert '49075.1.1.1.0|4|model of contact-1' in text
