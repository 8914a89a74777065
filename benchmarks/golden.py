# SPDX-License-Identifier: Apache-2.0
"""Speed of the golden model against fxpmath: the same five layers, the same vectors, the same run.

    python -m benchmarks.golden [--spec pgd] [--rounds 5] [--json]

CPU time on one thread (set OPENBLAS_NUM_THREADS=1, as the Makefile does), medians over rounds.
fxpmath runs the layers with an `Fxp` at each lossy step: batched (128 vectors at a time) and vector
by vector. Its last layer must equal the golden model's before it is timed. Of other detectors than
PGD-Net the golden model alone is timed.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable

import numpy as np
from fxpmath.objects import Fxp
from numpy.typing import NDArray

from fixedpoint import cli
from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.library import DetectorSpec, PgdSpec
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.receivers import channel, family
from fixedpoint.support.table import table

BLOCK = 128
FAST_BLOCKS = 200
BATCHED_BLOCKS = 4
SINGLE_VECTORS = 48
MOST = 1_000_000
"""Rounds."""


def inputs(detector: DetectorSpec, blocks: int, seed: int) -> Integers:
    """`blocks` coherence blocks of 128 vectors over the whole bank."""
    rng = np.random.default_rng(seed)
    one = detector.one_snr_a_block
    snr_db = rng.choice(detector.snr.snr_db, (blocks, 1 if one else BLOCK))
    snr_db = np.broadcast_to(snr_db, (blocks, BLOCK))
    drawn = channel.draw(rng, detector.constellation, detector.rows, detector.columns, snr_db)
    return Detector(detector).quantize(drawn.h, drawn.y, drawn.snr_db)


def fxp_cast(exact: NDArray[np.float64], target: Format) -> NDArray[np.float64]:
    """One lossy step by fxpmath: half up (floor after adding half a step), saturating."""
    fxp = Fxp(  # type: ignore[no-untyped-call]
        exact + target.step / 2,
        signed=True,
        n_word=target.bits,
        n_frac=target.frac,
        rounding="floor",
        overflow="saturate",
    )
    values: NDArray[np.float64] = fxp.get_val()  # type: ignore[no-untyped-call]
    limit = target.max * target.step
    return np.clip(values, -limit, limit)


def fxp_layers(detector: PgdSpec, h: IntArray, y: IntArray, index: IntArray) -> NDArray[np.float64]:
    """The five layers on B vectors of one block, real values between `Fxp` casts: the state v."""
    f = detector.formats
    matrix, samples = f.h.value(h), f.y.value(y)
    x = np.zeros((len(y), detector.columns))
    state = x
    for layer in detector.layers:
        residual = fxp_cast(x @ matrix.T - samples, f.residual)
        update = fxp_cast(x - layer.eta * f.eta.step * (residual @ matrix), f.state)
        threshold = layer.threshold * f.state.step
        if detector.prox == "box":
            state = np.clip(update, -threshold, threshold)
        else:
            state = np.sign(update) * np.maximum(np.abs(update) - threshold, 0)
        inverse = np.array(layer.inverse)[index][:, None] * f.inverse.step
        code = fxp_cast(state * inverse, f.code)
        x = code * np.array(layer.step)[index][:, None] * f.step.step
    return state


def rate(work: Callable[[], object], vectors: int, rounds: int) -> list[float]:
    """Vectors a second of CPU time in each round, after one round that is not counted."""
    work()
    rates = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        rates.append(vectors / (time.process_time() - start))
    return rates


def measure(name: str, rounds: int, seed: int) -> dict[str, list[float]]:
    """Rates of the golden model and, of PGD-Net, of fxpmath's two ways to the same state."""
    detector = spec.load(name)
    data = inputs(detector, FAST_BLOCKS, seed)
    fast = Detector(detector)
    rates = {
        "golden, blocks of 128": rate(
            lambda: fast.run_integers(data.h, data.y, data.index), FAST_BLOCKS * BLOCK, rounds
        )
    }
    return rates | (peers(detector, data, rounds) if isinstance(detector, PgdSpec) else {})


def peers(detector: PgdSpec, data: Integers, rounds: int) -> dict[str, list[float]]:
    """fxpmath's rates. Raises `ValueError` if it computes another state."""
    golden = family.run(detector, data.h[:1], data.y[:1], data.index[:1])[-1].state[0]
    other = fxp_layers(detector, data.h[0], data.y[0], data.index[0])
    if not np.array_equal(detector.formats.state.value(golden), other):
        raise ValueError("fxpmath computes another state than the golden model")

    def batched() -> None:
        for g in range(BATCHED_BLOCKS):
            fxp_layers(detector, data.h[g], data.y[g], data.index[g])

    def single() -> None:
        for b in range(SINGLE_VECTORS):
            fxp_layers(detector, data.h[0], data.y[0, b : b + 1], data.index[0, b : b + 1])

    return {
        "fxpmath, batches of 128": rate(batched, BATCHED_BLOCKS * BLOCK, rounds),
        "fxpmath, one by one": rate(single, SINGLE_VECTORS, rounds),
    }


def main() -> int:
    """Print the table, or JSON."""
    parser = cli.Parser(prog="python -m benchmarks.golden", description=__doc__)
    parser.add_argument("--spec", default="pgd")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    def body() -> int:
        cli.check_count(arguments.rounds, MOST, "rounds")
        rates = measure(arguments.spec, arguments.rounds, arguments.seed)
        if arguments.json:
            print(json.dumps(rates))
            return 0
        first = statistics.median(next(iter(rates.values())))
        rows = [
            (way, f"{statistics.median(r):,.0f}", f"{min(r):,.0f}", f"{max(r):,.0f}",
             f"{first / statistics.median(r):.0f}x")
            for way, r in rates.items()
        ]  # fmt: skip
        threads = os.environ.get("OPENBLAS_NUM_THREADS", "all")
        print(f"spec {arguments.spec}, seed {arguments.seed}, {arguments.rounds} rounds, "
              f"{threads} BLAS threads; vectors a second of CPU time")  # fmt: skip
        print(table(("", "median", "lowest", "highest", "golden is faster by"), rows))
        return 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
