# SPDX-License-Identifier: Apache-2.0
"""Detectors of one's own in the tops of their frames, every wire against the golden model."""

from __future__ import annotations

import pytest

from fixedpoint.detector import Integers
from fixedpoint.stress import extreme
from hls import lanes
from tests.rtl import assert_equal
from tests.test_own import made
from verification.rtl.model import Rtl


@pytest.mark.parametrize("name", ["momentum", "oamp", "staircase", "cells"])
def test_every_wire_is_the_golden_models(name: str) -> None:
    """A record of two wires; a decision without a code; numbers of each column; two units."""
    mine = made(name, 8, 4, "qpsk")
    rtl = Rtl.build(mine, lanes=lanes.fitting_lanes(mine)[0])
    assert_equal(rtl, Integers(*extreme.vectors(mine, 0, 6, 8)))
