# SPDX-License-Identifier: Apache-2.0
"""The driver of each top module."""

from __future__ import annotations

from typing import Any

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Frame, frame
from hls import tops
from hls.cases import find
from verification.drivers.detector import DetectorDriver
from verification.drivers.stored import StoredDriver
from verification.drivers.unit import UnitDriver
from verification.regression.claims import configuration
from verification.traffic.scoreboard import Scoreboard


async def start(dut: Any, scoreboard: Scoreboard) -> Any:
    """The driver of the configuration's top: connected, its clock started, reset."""
    case = find(configuration().detector or "")
    kind: type[DetectorDriver] = DetectorDriver
    if configuration().top == tops.of(case.spec).unit:
        kind = UnitDriver
    elif frame(program(case.spec)) is Frame.STORED:
        kind = StoredDriver
    return await kind.start(dut, scoreboard, case)
