#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and runs every test of the project; the last line is "N passed, N failed".

Each suite yields results (name, seconds, outcome, output). Output of what failed is shown; the ten slowest are listed. What is
skipped says why (recordings that are not on the machine, a missing privilege) and counts as neither.
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FUZZ_SECONDS = 5
# Files of tests run side by side: most of their time is waiting for processes. Those that take minutes begin first.
WORKERS = 3
LONGEST = ('test_browser', 'test_chain', 'test_kills', 'test_pause', 'test_link', 'test_soak', 'test_faults', 'test_alarmd', 'test_truth')
RANDOM = 'build/debug/unit/test_alarm_random'
OUTPUT_LINES = 60


class Results:
    def __init__(self):
        self.rows = []

    def add(self, name, seconds, outcome, output=''):
        self.rows.append((name, seconds, outcome))
        if outcome == 'failed':
            print(f'FAILED {name}')
            for line in output.strip().splitlines()[-OUTPUT_LINES:]:
                print('    ' + line)
        elif outcome == 'skipped':
            print(f'skipped {name}: {output.strip()}')
        sys.stdout.flush()

    def count(self, outcome):
        return sum(1 for r in self.rows if r[2] == outcome)


def run(argv, timeout, **kwargs):
    """Returns (exit code, output); a timeout is an exit code of its own and kills the whole process group."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                             start_new_session=True, **kwargs)
        try:
            code = p.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, 9)
            p.wait()
            code = -99
        out.seek(0)
        text = out.read().decode('utf-8', 'replace')
    return code, text + ('\n(killed: ran longer than %d s)' % timeout if code == -99 else '')


def make(results, variant, *targets):
    print('building %s ...' % variant, flush=True)
    start = time.monotonic()
    code, out = run(['make', '-j%d' % (os.cpu_count() or 2), 'WERROR=1', 'VARIANT=' + variant, *targets], 1500)
    results.add('build/' + variant, time.monotonic() - start, 'passed' if code == 0 else 'failed', out)
    return code == 0


def tap(results, prefix, out, code, seconds):
    """TAP lines (cmocka, node --test); nested subtests are indented and belong to their parent."""
    found, before = 0, len(results.rows)
    lines = out.splitlines()
    for i, line in enumerate(lines):
        m = re.match(r'(ok|not ok) \d+ *(?:- )?([^#]*)(#.*)?$', line)
        if not m:
            continue
        found += 1
        name = f'{prefix}/{m[2].strip()}'
        note = m[3] or ''
        if 'skip' in note.lower():
            results.add(name, 0, 'skipped', note.strip('# '))
        else:
            results.add(name, seconds if found == 1 else 0, 'passed' if m[1] == 'ok' else 'failed', '\n'.join(lines[-200:]))
    if found == 0 or (code != 0 and not any(r[2] == 'failed' for r in results.rows[before:])):
        results.add(prefix, seconds, 'failed', out or 'no test ran')


def unit(results, expression):
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT='TAP', ASAN_OPTIONS='detect_leaks=1:abort_on_error=0')
    # The random histories once more without ASan, ten times as many.
    for program in sorted(glob.glob(os.path.join(ROOT, 'build/asan/unit/*'))) + [os.path.join(ROOT, RANDOM)]:
        name = os.path.basename(program)
        if not os.access(program, os.X_OK) or name.endswith('.d') or (expression and expression not in name):
            continue
        start = time.monotonic()
        code, out = run([program], 300, env=env)
        tap(results, ('unit/' if 'asan' in program else 'unit/debug/') + name, out, code, time.monotonic() - start)


def pytest(results, folders, expression, timeout):
    name_of = lambda path: os.path.basename(path)[:-len('.py')]
    files = sorted((f for folder in folders for f in glob.glob(os.path.join(ROOT, folder, 'test_*.py'))),
                   key=lambda f: (LONGEST.index(name_of(f)) if name_of(f) in LONGEST else len(LONGEST), f))
    with tempfile.TemporaryDirectory() as tmp:
        report = os.path.join(tmp, 'report.xml')
        argv = ['/usr/bin/python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-n', str(WORKERS), '--dist', 'loadfile',
                '--junitxml', report, *files]
        if expression:
            argv += ['-k', expression]
        code, out = run(argv, timeout)
        if not os.path.exists(report):
            if code != 5:
                results.add(folders[0], 0, 'failed', out)
            return
        for case in ET.parse(report).iter('testcase'):
            name = '%s::%s' % (case.get('classname', '').split('.')[-1], case.get('name'))
            outcome, text = 'passed', ''
            for kind in ('failure', 'error', 'skipped'):
                node = case.find(kind)
                if node is not None:
                    outcome = 'skipped' if kind == 'skipped' else 'failed'
                    text = (node.get('message') or '') if kind == 'skipped' else (node.text or node.get('message') or '')
            results.add(name, float(case.get('time') or 0), outcome, text)
        if code == -99:
            results.add(folders[0], timeout, 'failed', out)


def node(results, name, folder, env=None, timeout=900):
    files = sorted(glob.glob(os.path.join(ROOT, folder, '*.test.mjs')))
    for f in files:
        start = time.monotonic()
        code, out = run(['node', '--test', '--test-reporter=tap', f], timeout, env=dict(os.environ, **(env or {})))
        tap(results, name + '/' + os.path.basename(f), out, code, time.monotonic() - start)


def fuzz_one(program, seconds):
    corpus = os.path.join(ROOT, 'tests/fuzz/corpus', os.path.basename(program)[len('fuzz_'):])
    with tempfile.TemporaryDirectory() as work:
        argv = [program, '-max_total_time=%d' % seconds, '-timeout=5', '-rss_limit_mb=2048', '-print_final_stats=0',
                '-artifact_prefix=' + work + '/', work]
        if os.path.isdir(corpus):
            argv.append(corpus)
        start = time.monotonic()
        code, out = run(argv, seconds + 120)
        return code, out, time.monotonic() - start


def fuzz(results, expression, seconds):
    programs = [p for p in sorted(glob.glob(os.path.join(ROOT, 'build/fuzz/fuzz/fuzz_*')))
                if not expression or expression in os.path.basename(p)]
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for program, (code, out, took) in zip(programs, pool.map(lambda p: fuzz_one(p, seconds), programs)):
            results.add('fuzz/' + os.path.basename(program), took, 'passed' if code == 0 else 'failed', out)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--only', choices=['unit', 'integration', 'e2e', 'fuzz'])
    p.add_argument('-k', metavar='EXPRESSION', help='only tests whose name holds this')
    p.add_argument('--fuzz-seconds', type=int, default=FUZZ_SECONDS)
    a = p.parse_args()
    results, start = Results(), time.monotonic()

    wants = lambda suite: a.only in (None, suite)
    built = make(results, 'release', 'all', 'ui')
    if wants('integration') and built:
        make(results, 'debug', 'all')
    if wants('unit') or wants('integration'):
        make(results, 'asan', 'all', 'units')
    if wants('unit'):
        make(results, 'debug', RANDOM)
    if wants('fuzz'):
        make(results, 'fuzz', 'fuzzers')

    if wants('unit'):
        print('unit tests ...', flush=True)
        unit(results, a.k)
        node(results, 'ui', 'webd/ui/test')
    folders = [f for f in ('integration', 'e2e') if wants(f)]
    if folders and built:
        print('%s tests (several minutes) ...' % ' and '.join(folders), flush=True)
        pytest(results, ['tests/' + f for f in folders], a.k, 2100)
    if wants('fuzz'):
        print('fuzz targets ...', flush=True)
        fuzz(results, a.k, a.fuzz_seconds)

    print('\nThe ten slowest:')
    for name, seconds, _ in sorted(results.rows, key=lambda r: -r[1])[:10]:
        print('  %7.1f s  %s' % (seconds, name))
    print('\n%.0f s in all, %d skipped' % (time.monotonic() - start, results.count('skipped')))
    passed, failed = results.count('passed'), results.count('failed')
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
