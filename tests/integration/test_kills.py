# SPDX-License-Identifier: Apache-2.0
"""Every part of one running suite is killed three times while a fleet toggles; nothing is lost, doubled or ordered wrongly."""
import random

import pytest

from nemesis import Nemesis
from peers import can_run_postfix


def test_nothing_is_lost_or_doubled_when_anything_is_killed():
    why = can_run_postfix()
    if why:
        pytest.skip(why)
    problems = Nemesis(seed=random.SystemRandom().randrange(1 << 31), rounds=3).run()
    assert problems == []
