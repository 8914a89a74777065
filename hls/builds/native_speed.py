# SPDX-License-Identifier: Apache-2.0
"""How fast the native library is: CPU time of one core, the fast path alone, median of runs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fixedpoint.support.table import table
from hls.builds.native import Native
from hls.cases import Case

VECTORS = 16_384
BLOCK = 128
RUNS = 9


@dataclass(frozen=True)
class Rate:
    """One build and one way to share H."""

    build: str
    vectors_a_block: int
    median: float
    best: float


def measure(case: Case) -> list[Rate]:
    """Vectors/s for this machine and portable, with H shared by a block and an H for each vector.

    Of stored matrices these for H; a block's vectors take the SNR of its first.

    Inputs are in the library's own types; all its wires were compared elsewhere.
    """
    inputs, spec = case.inputs(VECTORS, 0), case.spec
    rates = []
    for portable in (False, True):
        native = Native.build(spec, portable=portable)
        y, index = inputs.y.reshape(-1, spec.rows), inputs.index.reshape(-1)
        for size in (BLOCK, 1):
            blocks = VECTORS // size
            h = np.resize(inputs.h, (blocks, spec.matrix_rows, spec.columns))
            entries = index.reshape(blocks, size)
            if spec.one_snr_a_block:
                entries = np.repeat(entries[:, :1], size, axis=1)
            call = native.caller(native.carried(h, y.reshape(blocks, size, -1), entries))
            call()
            seconds = [_cpu_seconds(call) for _ in range(RUNS)]
            build = "portable" if portable else "this machine"
            middle = VECTORS / statistics.median(seconds)
            rates.append(Rate(build, size, middle, VECTORS / min(seconds)))
    return rates


def render(rates: list[Rate]) -> str:
    """A row for each measurement."""
    rows = [(r.build, r.vectors_a_block, round(r.median), round(r.best)) for r in rates]
    head = ("build", "vectors an H", "vectors/s, median", "best")
    note = f"one core, CPU time, {VECTORS} vectors, median of {RUNS} runs"
    return f"{table(head, rows)}\n\n{note}"


def summary(rates: list[Rate]) -> list[dict[str, object]]:
    """The same for JSON."""
    return [
        {"build": r.build, "vectors_a_block": r.vectors_a_block, "vectors_per_second": r.median,
         "best": r.best}
        for r in rates
    ]  # fmt: skip


def _cpu_seconds(call: Callable[[], None]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start
