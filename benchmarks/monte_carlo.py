# SPDX-License-Identifier: Apache-2.0
"""Monte-Carlo speed on one core against Sionna's: 16×16 16-QAM, a channel a vector.

    python -m benchmarks.monte_carlo [--detectors lmmse golden:spec=NAME] [--rounds 7] [--json]

A round draws bits, H and noise, detects, and counts bit errors; its speed is in vectors a second of
CPU time. bitfold: a task of `model.evaluate`'s sweep, double precision, with LMMSE and with the
golden integers of a spec, whose matrices are prepared for each channel. Sionna: its LMMSE, that is
its binary source, mapper, flat-fading channel and `LinearDetector` with hard decisions on
bits, in double and in single precision, at the fastest of several batch sizes. Rounds alternate
between the ways, so that a busy machine slows all alike. Ratios are medians over the rounds.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fixedpoint import cli
from fixedpoint.support.table import table
from model.detectors.catalog import make
from model.lab.task import Task, run
from model.systems.system import SYSTEMS

SYSTEM = SYSTEMS["16x16-16qam"]
SNR_DB = 17.0
VECTORS = 8192
MOST = 1_000_000
"""Rounds."""
DETECTORS = ("lmmse", "golden:spec=admm-box")
BATCHES = (64, 128, 256, 512, 1024, 2048)
Round = Callable[[int], int]
"""Simulates `VECTORS` vectors, the argument says which, and returns the wrong bits."""


@dataclass(frozen=True)
class Result:
    """One way: wrong bits a bit, vectors a second of each round, and their ratio to Sionna's.

    over_sionna: to its double precision, in each round.
    """

    way: str
    ber: float
    rates: list[float]
    over_sionna: list[float]

    @property
    def mbit(self) -> float:
        """Simulated bits a second, in millions; the median."""
        return statistics.median(self.rates) * SYSTEM.bits / 1e6


def bitfold(detector: str, seed: int) -> Round:
    """The lab's sweep."""

    def simulate(index: int) -> int:
        task = Task(0, SYSTEM, (detector,), SNR_DB, seed, index, VECTORS, "cpu")
        return int(run(task).sums.errors[0, 0])

    return simulate


def sionna(precision: str, batch: int, seed: int) -> Round:
    """Sionna's blocks, as its tutorial on MIMO flat fading connects them."""
    from sionna.phy import config
    from sionna.phy.channel import FlatFadingChannel
    from sionna.phy.mapping import BinarySource, Mapper
    from sionna.phy.mimo import LinearDetector

    config.device, config.seed = "cpu", seed
    bits = 2 * SYSTEM.constellation.bits
    source = BinarySource(precision=precision)
    mapper = Mapper("qam", bits, precision=precision)
    channel = FlatFadingChannel(SYSTEM.nt, SYSTEM.nr, return_channel=True, precision=precision)
    detector = LinearDetector(
        "lmmse", "bit", "maxlog", "qam", bits, hard_out=True, precision=precision
    )
    no = SYSTEM.nt / 10 ** (SNR_DB / 10)
    complex_type = torch.complex128 if precision == "double" else torch.complex64
    covariance = (no * torch.eye(SYSTEM.nr, dtype=complex_type)).expand(batch, -1, -1)

    def step() -> Tensor:
        sent: Tensor = source([batch, SYSTEM.nt, bits])
        y, h = channel(mapper(sent).squeeze(-1), no)
        wrong: Tensor = (detector(y, h, covariance) != sent).sum()
        return wrong

    return lambda index: sum(int(step()) for _ in range(VECTORS // batch))


def rate(simulate: Round, index: int) -> tuple[float, int]:
    """Vectors a second of CPU time, and the wrong bits."""
    start = time.process_time()
    wrong = simulate(index)
    return VECTORS / (time.process_time() - start), wrong


def fastest_sionna(precision: str, seed: int) -> tuple[int, Round]:
    """Sionna at the best of `BATCHES`, each the best of four rounds."""
    rounds = {batch: sionna(precision, batch, seed) for batch in BATCHES}
    speed = {b: max(rate(simulate, i)[0] for i in range(4)) for b, simulate in rounds.items()}
    batch = max(speed, key=lambda b: speed[b])
    return batch, rounds[batch]


def measure(detectors: Sequence[str], rounds: int, seed: int) -> list[Result]:
    """Every way, bitfold's first. Raises `ValueError` on a detector that the catalog lacks."""
    if rounds < 1:
        raise ValueError(f"rounds {rounds}: at least 1 was expected")
    cli.check_count(rounds, MOST, "rounds")
    for detector in detectors:
        make(detector, SYSTEM)
    ways = {f"bitfold, {detector}": bitfold(detector, seed) for detector in detectors}
    for simulate in ways.values():
        simulate(rounds)
    reference = ""
    for precision in ("single", "double"):
        batch, simulate = fastest_sionna(precision, seed)
        reference = f"Sionna, LMMSE, {precision}, batches of {batch}"
        ways[reference] = simulate
    found: dict[str, list[tuple[float, int]]] = {way: [] for way in ways}
    for index in range(rounds):
        for way, simulate in ways.items():
            found[way].append(rate(simulate, index))
    theirs = [speed for speed, _ in found[reference]]
    results = []
    for way, pairs in found.items():
        rates = [speed for speed, _ in pairs]
        ber = sum(wrong for _, wrong in pairs) / (rounds * VECTORS * SYSTEM.bits)
        ratios = [ours / other for ours, other in zip(rates, theirs, strict=True)]
        results.append(Result(way, ber, rates, ratios))
    return results


def report(results: list[Result], seed: int) -> str:
    """The table."""
    rows = [
        (r.way, f"{statistics.median(r.rates):,.0f}", f"{min(r.rates):,.0f}",
         f"{max(r.rates):,.0f}", f"{r.mbit:.2f}", f"{r.ber:.4f}",
         f"{statistics.median(r.over_sionna):.2f} ({min(r.over_sionna):.2f} to "
         f"{max(r.over_sionna):.2f})")
        for r in results
    ]  # fmt: skip
    head = ("", "median", "lowest", "highest", "Mbit/s", "BER", "over Sionna's, double")
    return (
        f"16x16 16-QAM, {SNR_DB:g} dB, seed {seed}, {len(results[0].rates)} rounds of "
        f"{VECTORS} vectors; vectors a second of CPU time, one thread\n" + table(head, rows)
    )


def main() -> int:
    """Print the table, or JSON."""
    parser = cli.Parser(prog="python -m benchmarks.monte_carlo", description=__doc__)
    parser.add_argument("--detectors", nargs="+", default=DETECTORS, metavar="NAME[:KEY=VALUE,…]")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    def body() -> int:
        with torch.no_grad():
            results = measure(arguments.detectors, arguments.rounds, arguments.seed)
        if arguments.json:
            shown = [dataclasses.asdict(r) | {"mbit_per_second": r.mbit} for r in results]
            print(json.dumps(shown))
        else:
            print(report(results, arguments.seed))
        return 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
