# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Verilated library share."""

from __future__ import annotations

from fixedpoint.detector import Integers
from fixedpoint.vectors.compare import compare
from verification.rtl import runs
from verification.rtl.model import Rtl, Traffic
from verification.rtl.runs import RtlRun


def assert_equal(rtl: Rtl, inputs: Integers, *, seed: int = 0, stalls: bool = False) -> RtlRun:
    expected = runs.golden(rtl.spec, inputs).wires
    found = rtl.run(inputs.h, inputs.y, inputs.index, Traffic(seed=seed, stalls=stalls))
    result = compare("RTL", expected, found.wires, seed=seed, repeat="this test")
    assert result.equal, str(result)
    return found
