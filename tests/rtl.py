# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Verilated library share."""

from __future__ import annotations

from fixedpoint.compare import compare
from fixedpoint.detector import Integers
from verification import rtl_run
from verification.library import Rtl
from verification.rtl_run import RtlRun


def assert_equal(rtl: Rtl, inputs: Integers, *, seed: int = 0, stalls: bool = False) -> RtlRun:
    expected = rtl_run.golden(rtl.spec, inputs).wires
    found = rtl.run(inputs.h, inputs.y, inputs.index, seed=seed, stalls=stalls)
    result = compare("RTL", expected, found.wires, seed=seed, repeat="this test")
    assert result.equal, str(result)
    return found
