# SPDX-License-Identifier: Apache-2.0
"""The judge of the kill tests must itself find what is wrong."""
from oracle import Outage, judge_device, judge_orders, outages


def test_outages_come_from_the_truth_log():
    log = [{'unix_us': 1000000, 'addr': 'a', 'what': 'onbattery'}, {'unix_us': 3000000, 'addr': 'a', 'what': 'return'},
           {'unix_us': 9000000, 'addr': 'a', 'what': 'onbattery'}]
    assert outages(log, 12)['a'] == [Outage(1, 3), Outage(9, 12)]


def test_a_right_history_has_no_problem():
    truth = [Outage(10, 30), Outage(60, 62)]
    assert judge_device('d', truth, [(11, 'raise'), (33, 'clear')], 10, 8) == []
    assert judge_device('d', truth, [(11, 'raise'), (33, 'clear'), (61, 'raise'), (64, 'clear')], 10, 8) == []


def test_each_kind_of_wrong_history_is_found():
    truth = [Outage(10, 30)]
    assert 'no alarm' in judge_device('d', truth, [], 10, 8)[0]
    assert '2 alarms' in judge_device('d', truth, [(11, 'raise'), (30, 'clear'), (31, 'raise'), (33, 'clear')], 10, 8)[0]
    assert 'without an outage' in judge_device('d', [], [(11, 'raise'), (12, 'clear')], 10, 8)[0]
    assert 'never cleared' in judge_device('d', truth, [(11, 'raise')], 10, 8)[0]
    assert 'without a raise' in judge_device('d', truth, [(11, 'clear')], 10, 8)[0]
    assert 'without a clear' in judge_device('d', truth, [(11, 'raise'), (12, 'raise')], 10, 8)[0]
    assert 'while the outage lasted' in judge_device('d', truth, [(11, 'raise'), (15, 'clear')], 10, 8)[0]


def test_orders_are_judged():
    truth = {'p': [Outage(10, 30)]}
    line = b'CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_TEXT d plan=p run=1'
    assert judge_orders({('p', 1): [(15, line), (16, line)]}, truth, 10, 3, 5) == []
    assert 'differ' in judge_orders({('p', 1): [(15, line), (16, line + b'x')]}, truth, 10, 3, 5)[0]
    assert 'outside' in judge_orders({('p', 1): [(11, line)]}, truth, 10, 3, 5)[0]
    assert 'no order' in judge_orders({}, truth, 10, 3, 5)[0]
    assert 'no order' in judge_orders({('?', b'x'): [(15, b'x')]}, truth, 10, 3, 5)[0]
