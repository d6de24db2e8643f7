# SPDX-License-Identifier: Apache-2.0
"""Battery strings and blocks, from the card to the database: a BACS with two strings of twenty blocks, written down here."""
import os

from collector import Collector, row
from stack import Fleet, Stack, devices_csv, temp_dir, wait_for

STRINGS, BLOCKS = 2, 20
U = '1.3.6.1.2.1.33.1.'
BACS = '1.3.6.1.2.1.33.5.2.'


def walk(source=3, first_row=1, blocks=STRINGS * BLOCKS):
    """Block n of all has 12 V + n hundredths, 20 °C + n tenths, 5 mΩ + n hundredths."""
    rows = [('1.3.6.1.2.1.1.1.0', 4, 'The Cs141 SNMP Agent'), ('1.3.6.1.2.1.1.2.0', 6, '1.3.6.1.2.1.33'), ('1.3.6.1.2.1.1.3.0', 67, '1000'),
            (U + '1.2.0', 4, 'BACS'), (U + '2.1.0', 2, 2), (U + '2.4.0', 2, 100), (U + '4.1.0', 2, source), (U + '6.1.0', 66, 0)]
    for n in range(blocks):
        rows += [('%s5.1.%d.%d' % (BACS, c, n + first_row), 2, v) for c, v in ((1, n + first_row), (2, 1200 + n), (3, 200 + n), (5, 500 + n))]
    for s in range(1, STRINGS + 1):
        rows += [('%s7.1.%d.%d' % (BACS, c, s), 2, v) for c, v in ((1, s), (2, -150 * s), (3, 24000 + s), (4, 1209))]
    rows.sort(key=lambda r: [int(x) for x in r[0].split('.')])
    return ''.join('%s|%s|%s\n' % r for r in rows)


def fleet_of(*walks):
    folder = temp_dir('bacs-')
    lines = []
    for i, text in enumerate(walks, 1):
        path = os.path.join(folder, '%d.snmprec' % i)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        lines.append('127.77.0.%d model=recording file=%s' % (i, path))
    return Fleet(lines, directory=folder)


def cells(reading):
    return {(p['name'], p['index']): (round(p['value'], 6), p['quality']) for p in reading['points'] if p['index']}


def start(c, fleet, n):
    c.config([row(i, 'hh/bacs%d' % i, '127.77.0.%d' % i, fleet.port) for i in range(1, n + 1)])


def test_blocks_are_numbered_string_by_string_and_scaled():
    with fleet_of(walk(), walk(first_row=0)) as f, Collector() as c:
        start(c, f, 2)
        for key in ('hh/bacs1', 'hh/bacs2'):
            got = cells(c.good(key, 'cells'))
            assert len(got) == 3 * STRINGS * BLOCKS
            assert got['battery.block.voltage', 's1.b1'] == (12, 'good')
            assert got['battery.block.voltage', 's2.b20'] == (12.39, 'good')
            assert got['battery.block.temperature', 's2.b1'] == (22, 'good')
            assert got['battery.block.resistance', 's1.b20'] == (0.00519, 'good')
            assert cells(c.good(key, 'measure'))['battery.string.current', 's2'] == (-3, 'good')
            assert cells(c.good(key, 'measure'))['battery.string.voltage', 's1'] == (240.01, 'good')
        sources = {(s['name'], s['index']): s['oid'] for s in c.command('sources', 'hh/bacs1')['json']}
        assert sources['battery.block.voltage', 's2.b17'] == BACS + '5.1.2.37'


def test_strings_of_unequal_length_keep_the_numbers_of_the_card():
    with fleet_of(walk(blocks=41)) as f, Collector() as c:
        start(c, f, 1)
        got = cells(c.good('hh/bacs1', 'cells'))
        assert got['battery.block.voltage', 's1.b41'][0] == 12.4 and ('battery.block.voltage', 's2.b1') not in got


def test_blocks_are_read_often_only_while_the_battery_carries_the_load():
    with fleet_of(walk(source=3), walk(source=5)) as f, \
            Collector(conf='cells_interval_ms = 3600000; cells_discharge_interval_ms = 1000;') as c:
        start(c, f, 2)
        c.wait('on battery: again and again', lambda c: sum(m.get('group') == 'cells' and m['key'] == 'hh/bacs2' and not m['missed']
                                                           for m in c.lines) >= 4)
        assert c.latest['hh/bacs2', 'cells']['interval_ms'] == 1000
        assert c.good('hh/bacs1', 'cells')['interval_ms'] == 3600000
        assert sum(m.get('group') == 'cells' and m['key'] == 'hh/bacs1' and not m['snapshot'] for m in c.lines) <= 2


def lines_of(rows):
    rows = [('1.3.6.1.2.1.1.3.0', 67, '1000')] + rows
    rows.sort(key=lambda r: [int(x) for x in r[0].split('.')])
    return ''.join('%s|%s|%s\n' % r for r in rows)


def test_rows_that_name_string_and_block_are_believed():
    """CyberPower's battery manager: columns 3 and 4 of a row, in whatever order the rows come."""
    b = '1.3.6.1.4.1.3808.1.1.7.5.5.1.'
    rows = [('1.3.6.1.2.1.1.2.0', 6, '1.3.6.1.4.1.3808.1.1.1'), ('1.3.6.1.4.1.3808.1.1.1.2.1.1.0', 2, 2), ('1.3.6.1.4.1.3808.1.1.1.4.1.1.0', 2, 2)]
    for n, (string, block) in enumerate(((2, 1), (2, 2), (1, 1), (1, 2), (1, 3)), 1):
        rows += [(b + '3.%d' % n, 2, string), (b + '4.%d' % n, 2, block), (b + '7.%d' % n, 2, 1300 + n), (b + '8.%d' % n, 2, 10 * n)]
    with fleet_of(lines_of(rows)) as f, Collector() as c:
        start(c, f, 1)
        got = cells(c.good('hh/bacs1', 'cells'))
        assert {k[1]: v[0] for k, v in got.items() if k[0] == 'battery.block.voltage'} == {
            's2.b1': 13.01, 's2.b2': 13.02, 's1.b1': 13.03, 's1.b2': 13.04, 's1.b3': 13.05}
        assert got['battery.block.balance', 's1.b3'] == (50, 'good')


def test_rows_of_two_numbers_are_string_and_block():
    """APC's packs and cartridges, counted from 0."""
    p = '1.3.6.1.4.1.318.1.1.1.2.3.10.2.1.5.'
    rows = [('1.3.6.1.2.1.1.2.0', 6, '1.3.6.1.4.1.318.1.3.27'), ('1.3.6.1.4.1.318.1.1.1.1.1.1.0', 4, 'Smart-UPS'),
            ('1.3.6.1.4.1.318.1.1.1.2.1.1.0', 2, 2), ('1.3.6.1.4.1.318.1.1.1.4.1.1.0', 2, 2)]
    rows += [('%s%d.%d' % (p, pack, cartridge), 2, 200 + 10 * pack + cartridge) for pack in (0, 1) for cartridge in (0, 1)]
    with fleet_of(lines_of(rows)) as f, Collector() as c:
        start(c, f, 1)
        assert cells(c.good('hh/bacs1', 'cells')) == {('battery.block.temperature', i): (t, 'good') for i, t in (
            ('s1.b1', 20.0), ('s1.b2', 20.1), ('s2.b1', 21.0), ('s2.b2', 21.1))}


def test_a_card_without_blocks_has_no_topic_for_them():
    with Fleet(['127.77.0.1 model=rfc1628 phases=1 community=public']) as f, \
            Collector(conf='cells_interval_ms = 1000; cells_discharge_interval_ms = 1000;') as c:
        start(c, f, 1)
        c.wait('many polls', lambda c: sum(m.get('group') == 'status' for m in c.lines) >= 4)
        assert ('hh/bacs1', 'cells') not in c.latest


def test_blocks_reach_the_screen_and_the_database():
    with fleet_of(walk()) as f, Stack() as s:
        s.ctl('device', 'import', devices_csv(os.path.join(f.dir, 'd.csv'), [('hh/bacs', '127.77.0.1', f.port, 2)]))

        def shown():
            points = s.ctl('device', 'show', 'hh/bacs', '--sources').get('points', [])
            return {(p['name'], p.get('index')): p for p in points if p.get('index')}
        points = wait_for('blocks on the screen', lambda: len(shown()) >= 126 and shown(), 60)
        assert points['battery.block.voltage', 's2.b17']['value'] == 12.36
        assert points['battery.block.voltage', 's2.b17']['oid'] == BACS + '5.1.2.37'
        assert wait_for('blocks in the database', lambda: s.psql(
            "SELECT round(value::numeric, 2) FROM sample WHERE point = 'battery.block.voltage' AND idx = 's2.b17' LIMIT 1"), 60) == [['12.36']]
