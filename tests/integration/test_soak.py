# SPDX-License-Identifier: Apache-2.0
"""Three minutes at fifty times the usual rate: no daemon ends, and none still grows in the last minute (I27)."""
from soak import Soak

LIMIT_KB = 1024


def test_no_daemon_grows():
    soak = Soak(3, devices=20, rate=50).run()
    assert not soak.restarted
    assert soak.busy > 20
    assert {n: kb for n, kb in soak.last_minute_kb().items() if kb > LIMIT_KB} == {}
