# SPDX-License-Identifier: Apache-2.0
"""Detectors of one's own in the tops of their frames, every wire against the golden model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixedpoint.detector import Integers
from fixedpoint.stress import extreme
from hls import lanes
from tests.rtl import assert_equal
from tests.test_own import EXAMPLES, made
from verification.regression import suite
from verification.rtl.model import Rtl

ROOT = EXAMPLES.parent


@pytest.mark.parametrize("name", ["momentum", "oamp", "staircase", "cells"])
def test_every_wire_is_the_golden_models(name: str) -> None:
    """A record of two wires; a decision without a code; numbers of each column; two units."""
    mine = made(name, 8, 4, "qpsk")
    rtl = Rtl.build(mine, lanes=lanes.fitting_lanes(mine)[0])
    assert_equal(rtl, Integers(*extreme.vectors(mine, 0, 6, 8)))


def test_the_regression_covers_units_of_ones_own(tmp_path: Path) -> None:
    """Their fronthaul's wires have names of their own."""
    made("cells", 16, 4, "qpsk").save(tmp_path / "mine.json")
    command = [sys.executable, "-m", "verification.regress", "--spec", "mine.json", "--bench",
               "unit", "--json", "--detector", str(EXAMPLES / "cells.py")]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          text=True, capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    tests = json.loads(done.stdout.splitlines()[-1])["tests"]
    assert {one["configuration"] for one in tests} == {"unit-cells@4"}
    assert len(tests) > 15
    assert sum(one["integers"] for one in tests) > 10_000


def test_a_spec_without_rtl_or_of_no_name_is_one_line() -> None:
    with pytest.raises(ValueError, match="spec 'nonesuch' is unknown: one of"):
        suite.of_spec("nonesuch")
    with pytest.raises(ValueError, match="spec fpd-4qam-1bit-hyper has no RTL"):
        suite.of_spec("fpd-4qam-1bit-hyper")
