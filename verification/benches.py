# SPDX-License-Identifier: Apache-2.0
"""The bench of each top module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hls.cases import find
from verification.admm_bench import AdmmBench
from verification.claims import configuration
from verification.detector_bench import DetectorBench
from verification.distributed_bench import DistributedBench
from verification.pgd_bench import PgdBench
from verification.scoreboard import Scoreboard
from verification.unit_bench import UnitBench

BENCHES: Mapping[str, type[DetectorBench]] = {
    "pgd_top": PgdBench,
    "admm_top": AdmmBench,
    "unit_top": UnitBench,
    "units_top": DistributedBench,
}


async def start(dut: Any, scoreboard: Scoreboard) -> Any:
    """The bench of the configuration's top: connected, its clock started, reset."""
    case = find(configuration().detector or "")
    return await BENCHES[configuration().top].start(dut, scoreboard, case)
