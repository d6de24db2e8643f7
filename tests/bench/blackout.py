# SPDX-License-Identifier: Apache-2.0
"""Ten thousand devices go on battery in the same second; and PostgreSQL is away for a minute of that. What of it is durable when, what is in
PostgreSQL when, and whether anybody was polled late meanwhile."""
import subprocess
import threading
import time

from stack import program, wait_for

AWAY_S = 60
WAVE_S = 12         # all on battery, all back, ...


class Follower:
    """Reads alarmd's log as notifyd does: a record comes when it is durable."""

    def __init__(self, stack):
        self.seen = []          # (number, kind, rule, Unix time)
        self.process = subprocess.Popen([program('bus-probe'), stack.run, 'bench', 'test'], text=True, bufsize=1, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.process.stdin.write('pull bench\n')
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            if line.startswith('record '):
                f = line.split()
                self.seen.append((int(f[1]), f[3], f[6], time.time()))

    def caught_up(self, stack):
        last = int(stack.psql('SELECT coalesce(max(jseq), 0) FROM events')[0][0])
        return not last or (self.seen and self.seen[-1][0] >= last)

    def raised(self, since):
        return [r for r in self.seen[since:] if r[1] == 'raise' and r[2] == 'on_battery']

    def close(self):
        self.process.kill()
        self.process.wait()


def in_database(stack, jseq):
    return int(stack.psql('SELECT coalesce(max(jseq), 0) FROM applied')[0][0]) >= jseq


def blackout(t, stack, fleet, devices, log, punctual, ids):
    begin, shares = len(log.seen), []
    watch = threading.Thread(target=lambda: shares.append(punctual(stack, 20, ids)))
    watch.start()
    start = time.monotonic()
    wait_for('polls before it are counted, too', lambda: time.monotonic() - start > 6, 20, 0.1)
    wall = time.time()
    fleet.do('all onbattery')
    wait_for('all durable', lambda: len(log.raised(begin)) >= devices, 60, 0.02)
    raised = log.raised(begin)
    wait_for('all in PostgreSQL', lambda: in_database(stack, raised[-1][0]), 60, 0.02)
    stored = time.time() - wall
    at = {int(j): float(a) for j, a in stack.psql('SELECT jseq, extract(epoch FROM at) FROM events WHERE jseq >= %d' % raised[0][0])}
    t.add('blackout of %d: transition -> durable and told, worst' % devices, max(r[3] - at[r[0]] for r in raised), 's', 1,
          'outage -> last one durable %.2f s; status is polled each 2 s' % (raised[-1][3] - wall))
    t.add('    outage -> all in PostgreSQL', stored, 's', 5)
    watch.join()
    t.add('    polled on time meanwhile', shares[0][0], '%', 99.9, better='>=')
    fleet.do('all return')
    wait_for('all clear', lambda: sum(1 for r in log.seen[begin:] if r[1] == 'clear' and r[2] == 'on_battery') >= devices, 60, 0.1)


def backlog(t, stack, fleet, log):
    begin = len(log.seen)
    stack.stop('postgres')
    start, on = time.monotonic(), False
    while time.monotonic() - start < AWAY_S:
        on = not on
        fleet.do('all onbattery' if on else 'all return')
        until = min(start + AWAY_S, time.monotonic() + WAVE_S)
        wait_for('the next wave', lambda u=until: time.monotonic() >= u, 60, 0.1)
    fleet.do('all return')
    wait_for('quiet', lambda: time.time() - log.seen[-1][3] > 5, 60, 0.2)
    stack.start('postgres')
    back = time.monotonic()
    waiting = len(log.seen) - begin
    wait_for('backlog in PostgreSQL', lambda: in_database(stack, log.seen[-1][0]), 300, 0.05)
    t.add('PostgreSQL away %d s, then the backlog of %d records' % (AWAY_S, waiting), time.monotonic() - back, 's', 10, 'from the first connection it takes')


def run(t, stack, fleet, devices, punctual, ids):
    log = Follower(stack)
    try:
        wait_for('the record so far', lambda: log.caught_up(stack), 120, 0.2)
        blackout(t, stack, fleet, devices, log, punctual, ids)
        backlog(t, stack, fleet, log)
    finally:
        log.close()
