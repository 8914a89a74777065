# SPDX-License-Identifier: Apache-2.0
"""The main job on a shipped detector: `make demo`.

Channel vectors go through the ADC and through one detector in four views: the golden model, native
C++, `ap_int` C++ (csim) and the RTL on Verilator, stalled at random. Every wire of every layer is
compared; the exit status is the verdict.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fixedpoint import cli
from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import channel
from fixedpoint.receivers.family import named
from fixedpoint.support.table import table
from fixedpoint.vectors import layers as golden
from fixedpoint.vectors.compare import Comparison, compare
from hls import cases, csim
from hls.builds.native import Native
from verification.rtl import runs
from verification.rtl.model import Rtl, Traffic

LANES = 32
BER_VECTORS = 2000
MOST = 1_000_000


@dataclass(frozen=True)
class View:
    """One view's comparison with the golden model, and the seconds that it took with its build."""

    name: str
    comparison: Comparison
    seconds: float


def views(case: cases.Case, count: int, seed: int) -> list[View]:
    """Compare the three other views on the same `count` vectors."""
    spec, inputs = case.spec, case.inputs(count, seed)
    expected = runs.golden(spec, inputs)
    layers = named(spec, expected.layers)
    return [
        _timed("native C++", lambda: _native(spec, inputs, layers, seed)),
        _timed("C++ with ap_int (csim)", lambda: csim.run_case(case, count, seed).comparison),
        _timed(f"RTL, {LANES} lanes, stalled", lambda: _rtl(spec, inputs, expected.wires, seed)),
    ]


def bit_error_rates(spec: DetectorSpec, seed: int) -> list[tuple[str, str]]:
    """The integer detector's BER at 0, 5 … 25 dB on fresh channels, own H for each vector."""
    rows = []
    for snr_db in range(0, 26, 5):
        rng = np.random.default_rng([seed, snr_db])
        shape = np.full((BER_VECTORS, 1), float(snr_db))
        drawn = channel.draw_of(rng, spec, shape)
        detector = Detector(spec)
        inputs = detector.quantize(drawn.h, drawn.y, drawn.snr_db, quiet=True)
        bits = detector.run_integers(inputs.h, inputs.y, inputs.index).bits
        rows.append((f"{snr_db} dB", f"{np.mean(bits != drawn.bits):.4f}"))
    return rows


def render(spec: DetectorSpec, count: int, seed: int, compared: list[View]) -> str:
    """The table that compares the views."""
    rows = [
        (view.name, count, view.comparison.total, sum(view.comparison.differing.values()),
         f"{view.seconds:.1f}", "equal" if view.comparison.equal else "DIFFERS")
        for view in compared
    ]  # fmt: skip
    header = ("view", "vectors", "integers", "differ", "seconds", "golden model")
    lines = [
        "",
        f"{spec.name} ({spec.digest[:16]}…): every wire of {spec.depth} layers, seed {seed}",
        table(header, rows),
    ]
    lines += [str(view.comparison) for view in compared if not view.comparison.equal]
    rates = bit_error_rates(spec, seed)
    lines += ["", f"bit error rate of the integers, {BER_VECTORS} vectors a point:"]
    lines.append("  ".join(f"{snr}: {rate}" for snr, rate in rates))
    return "\n".join(lines)


def _timed(name: str, run: Callable[[], Comparison]) -> View:
    print(f"{name} …", flush=True)
    started = time.perf_counter()
    comparison = run()
    return View(name, comparison, time.perf_counter() - started)


def _native(
    spec: DetectorSpec, inputs: Integers, expected: Mapping[str, IntArray], seed: int
) -> Comparison:
    found = named(spec, Native.build(spec).wires(inputs.h, inputs.y, inputs.index))
    return compare("native C++", expected, found, seed=seed, repeat=_repeat(inputs, spec, seed))


def _rtl(
    spec: DetectorSpec, inputs: Integers, expected: Mapping[str, IntArray], seed: int
) -> Comparison:
    traffic = Traffic(seed=seed, stalls=True)
    run = Rtl.build(spec, lanes=LANES).run(inputs.h, inputs.y, inputs.index, traffic)
    return compare("RTL", expected, run.wires, seed=seed, repeat=_repeat(inputs, spec, seed))


def _repeat(inputs: Integers, spec: DetectorSpec, seed: int) -> str:
    count = inputs.index.size
    return f"python -m verification.demo --spec {spec.name} --vectors {count} --seed {seed}"


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if a view differs."""
    parser = cli.Parser(prog="python -m verification.demo", description=__doc__)
    default = golden.default_spec("slicer")
    parser.add_argument("--spec", default=default, help="a shipped spec or a file")
    parser.add_argument("--vectors", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)

    def body() -> int:
        cli.check_count(arguments.vectors, MOST)
        case = cases.find(arguments.spec)
        compared = views(case, arguments.vectors, arguments.seed)
        print(render(case.spec, arguments.vectors, arguments.seed, compared))
        return 0 if all(view.comparison.equal for view in compared) else cli.MISMATCH

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
