# SPDX-License-Identifier: Apache-2.0
"""A flag that several objects may raise stands while one of them says so, whichever it is."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lib'))
from collector import Collector, row  # noqa: E402
from stack import Fleet  # noqa: E402

PROFILE = '''
name = "shelf"; title = "Shelf"; transport = "snmp"; source = "made up"; priority = 99; root = ".1.3.6.1.4.1.99999";
detect = ( { sysobjectid = ".1.3.6.1.4.1.99999"; } );
values = ( { name = "module"; map = ( { value = 1; text = "ok"; }, { value = 2; text = "failed"; code = "rectifier.failed"; } ); } );
tables = ( { name = "module"; max_rows = 8; } );
points = ( { point = "rectifier.{i}.status"; column = "1.1"; table = "module"; group = "measure"; values = "module"; },
	{ point = "output.voltage"; oid = "2.0"; group = "status"; unit = "V"; } );
'''
SYSTEM = ['1.3.6.1.2.1.1.1.0|4|shelf', '1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999', '1.3.6.1.2.1.1.3.0|67|100']


def shelf(folder, name, states):
    path = os.path.join(str(folder), name + '.snmprec')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(SYSTEM + ['1.3.6.1.4.1.99999.1.1.%d|2|%d' % (i + 1, s) for i, s in enumerate(states)] +
                          ['1.3.6.1.4.1.99999.2.0|2|54']) + '\n')
    return path


def test_one_failed_module_of_several_raises_the_flag(tmp_path):
    shelves = {'first': [2, 1, 1], 'middle': [1, 2, 1], 'last': [1, 1, 2], 'none': [1, 1, 1]}
    fleet = ['127.79.0.%d model=recording file=%s' % (i + 1, shelf(tmp_path, n, s)) for i, (n, s) in enumerate(shelves.items())]
    with Fleet(fleet) as f, Collector(profiles={'shelf.profile': PROFILE}) as c:
        c.config([row(i + 1, 'shelf/' + n, '127.79.0.%d' % (i + 1), f.port) for i, n in enumerate(shelves)])
        def flag(name):
            points = c.latest.get(('shelf/' + name, 'status'), {'points': []})['points']
            return next((p['value'] for p in points if p['name'] == 'alarm.rectifier.failed' and p['quality'] == 'good'), None)

        c.wait('all shelves', lambda c: all(flag(n) is not None for n in shelves))
        assert {n: flag(n) for n in shelves} == {'first': True, 'middle': True, 'last': True, 'none': False}
