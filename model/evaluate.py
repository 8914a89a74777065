# SPDX-License-Identifier: Apache-2.0
r"""BER, SER and vector-error rate against SNR, for any list of detectors and systems.

    python -m model.evaluate --detectors lmmse kbest:k=64 --snr 0:30:5 --plot curves.svg
    python -m model.evaluate --detectors golden:spec=pgd twin:spec=pgd pgd-soft \
        --against twin:spec=pgd
    python -m model.evaluate --spec hpd-16qam-2bit --errors 4000
    python -m model.evaluate --spec admm-box --errors 4000 --max-vectors 60000
    python -m model.evaluate --system 64x8-16qam-2bit 64x8-16qam-2bit:adc_bits=3 \
        --detectors bmmse hpd:kappa=1.5 --snr 0,5,7.5:15:2.5 --journal sweep.jsonl

Every detector of a system sees the same channels, bits and noise. Intervals and paired differences
are over independent coherence blocks. A detector ends a point at --errors bit errors or
--max-vectors vectors, counted in the order of the tasks: the result is the same to the last digit
for any number of workers. --spec evaluates a spec in its system: the integers against their float
twin and the float detector, with the dB lost at BER 1e-2 and 1e-3. Exit status 0; 1 if a detector
beats its ML bound; 2 with one line on bad options; 130 after Ctrl-C, with the points that were
done printed and written. What an exact search costs is said before it starts.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from fixedpoint.cli import MISMATCH, Parser, run
from fixedpoint.detectors import library as specs
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.files import write_text
from model.detectors import recorded
from model.detectors.catalog import CATALOG, can_serve
from model.detectors.golden import expected
from model.lab import arguments as words
from model.lab import cost, plot, report
from model.lab.loss import Loss, losses
from model.lab.plan import Plan
from model.lab.result import CONFIDENCE, Result
from model.lab.schedule import Point
from model.lab.sweep import Interrupted, Report, sweeps
from model.recipes.registry import beside
from model.systems.recorded import SCALES
from model.systems.system import AGCS, CHANNELS, QUANTIZERS, SYSTEMS
from model.systems.text import FIELDS, antennas, system_of

DEFAULT_SYSTEM = "16x16-16qam"
QUIET_S = 30.0
"""After so long a time without one, progress is a line where there is no bar."""
PAIRED = ("lmmse", "golden:spec=pgd", "twin:spec=pgd")
SNRS, SPEC_SNRS, UNIT_SNRS = "0:25:5", "0:20:5,21:26:1,28,30", "0:14:1,16:20:2"
"""In dB: of detectors by name, of a single receiver's spec, of one of distributed units."""


def parser() -> Parser:
    """The options; defaults are those of `Plan`."""
    made = Parser(
        prog="python -m model.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add, defaults = made.add_argument, {f.name: f.default for f in dataclasses.fields(Plan)}
    add(
        "--system",
        nargs="+",
        metavar="NAME[:KEY=VALUE,…]",
        help=f"of {', '.join(SYSTEMS)}, with entries of model.systems.system.System changed; "
        f"default {DEFAULT_SYSTEM}",
    )
    add(
        "--detectors",
        nargs="+",
        metavar="NAME[:KEY=VALUE,…]",
        help=f"of {', '.join(sorted(CATALOG))}; default {' '.join(PAIRED)}",
    )
    add("--spec", help="a shipped spec or a file: its integers, their float twin, the float net")
    add(
        "--snr",
        help=f"dB: 0,5,10:25:5; --snr=-5:5:1 if the first is negative; default {SNRS}, "
        f"of a spec {SPEC_SNRS}, of one of units {UNIT_SNRS}",
    )
    add("--seed", type=int, default=defaults["seed"])
    add("--errors", type=int, default=defaults["errors"], help="bit errors that end a point")
    add("--max-vectors", type=int, default=defaults["max_vectors"])
    add("--min-vectors", type=int, default=defaults["min_vectors"])
    add("--limit", nargs="+", default=[], metavar="NAME=VECTORS", help="of a costly detector")
    add("--task-vectors", type=int, default=0, help="vectors of a seeded task; 0 chooses")
    _system_options(made)
    add("--workers", type=int, default=0, help="processes; 0: one a core")
    add("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://HOST:PORT")
    add("--device", default="cpu", help="of torch; draws are the same on every device")
    add("--journal", type=Path, help="records every task, so that --resume can go on")
    add("--resume", action="store_true")
    add("--confidence", type=float, default=CONFIDENCE)
    add("--against", metavar="DETECTOR", help="give paired differences of BER to this one")
    add("--rate", choices=tuple(plot.RATES), default="ber", help="what is plotted")
    add("--csv", type=Path)
    add("--json", type=Path)
    add("--plot", type=Path, action="append", default=[], help=".png or .svg; repeatable")
    return made  # fmt: skip


def _system_options(made: Parser) -> None:
    group = made.add_argument_group("entries changed in every system")
    add = group.add_argument
    add("--antennas", metavar="RxT", help="receive antennas x users, as 64x8")
    add("--modulation", help="qpsk (4qam), 16qam, 64qam or 256qam")
    add("--adc-bits", type=int, help="1 to 4; 0 for unquantized")
    add("--quantizer", choices=QUANTIZERS)
    add("--agc", choices=AGCS)
    add("--units", type=int)
    add("--vectors-per-block", type=int, dest="vectors", help="of a coherence block")
    add("--channel-gain", type=float, help="E|h|^2; 0 for 1/nr")
    add("--correlation-receive", type=float, dest="receive_correlation")
    add("--correlation-transmit", type=float, dest="transmit_correlation")
    add("--channel", choices=CHANNELS)
    add("--rician-k-db", type=float, help="K of a Rician channel")
    add("--channel-file", metavar="FILE", help="an .npz or .mat with H, for --channel file")
    add("--channel-scale", choices=SCALES, help="of a file's H: its mean, each draw's, or as it is")
    add("--csi-error", type=float, help="variance over that of a channel entry")
    add("--snr-mismatch-db", type=float)


def of_spec(options: argparse.Namespace) -> argparse.Namespace:
    """The options with system, detectors and reference of `options.spec`.

    The system is that of its name, or else one of the spec's sizes and converters. Raises
    `ValueError` on a broken spec, and on options that it brings.
    """
    for name in ("system", "detectors", "against"):
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} with --spec: the spec {options.spec} brings its own")
    spec = specs.load(options.spec)
    pair, text = [f"golden:spec={options.spec}", f"twin:spec={options.spec}"], _system_for(spec)
    near = [name for name in beside(spec) if can_serve(name, system_of(text))]
    changed = {"detectors": [*pair, *(near or ["lmmse"])], "against": pair[1], "system": [text]}
    usual = UNIT_SNRS if spec.unit_count else SPEC_SNRS
    changed["snr"] = usual if options.snr is None else options.snr
    return argparse.Namespace(**vars(options) | changed)


def _system_for(spec: DetectorSpec) -> str:
    """A named system that has what a spec expects, or one that is changed into that."""
    wanted = expected(spec)
    for name, system in SYSTEMS.items():
        if all(getattr(system, entry) == value for entry, value in wanted.items()):
            return name
    if not math.isclose(spec.entry_variance, 2 / spec.rows):
        wanted["channel_gain"] = spec.entry_variance
    return f"{DEFAULT_SYSTEM}:" + ",".join(f"{key}={value}" for key, value in wanted.items())


def plans_of(options: argparse.Namespace) -> list[Plan]:
    """A plan for each system. Raises `ValueError` on options that don't fit."""
    changed = {name: getattr(options, name) for name in FIELDS if hasattr(options, name)}
    changed = {name: value for name, value in changed.items() if value is not None}
    if options.antennas:
        changed |= antennas(options.antennas)
    return [
        Plan(
            system=system_of(text, changed),
            detectors=tuple(options.detectors or PAIRED),
            snr_db=words.snr_list(SNRS if options.snr is None else options.snr),
            seed=options.seed,
            errors=options.errors,
            max_vectors=options.max_vectors,
            min_vectors=options.min_vectors,
            limits=words.limits(options.limit),
            task_vectors=options.task_vectors,
        )
        for text in options.system or [DEFAULT_SYSTEM]
    ]


@contextmanager
def progress_report() -> Iterator[Report]:
    """A bar of points done, with the errors and vectors of the one that was counted last.

    Where standard error is no terminal, a line for each point that has ended instead.
    """
    console, text = Console(stderr=True), TextColumn("{task.description}")
    with Progress(text, BarColumn(), TimeElapsedColumn(), console=console, transient=True,
                  disable=not console.is_terminal) as progress:  # fmt: skip
        bar, said = progress.add_task("sweep", total=1.0), time.monotonic()

        def show(points: Sequence[Point], point: Point) -> None:
            done = sum(point.share for point in points) / len(points)
            ended = sum(not point.running for point in points)
            line = (f"{ended} of {len(points)} points; {point.snr_db:g} dB: {point.errors} errors, "
                    f"{point.vectors} vectors")  # fmt: skip
            progress.update(bar, completed=done, description=line)
            if console.is_terminal:
                return
            nonlocal said
            if not point.running:
                said = time.monotonic()
                print(f"{ended} of {len(points)} points, {point.snr_db:g} dB after {point.vectors} "
                      "vectors", file=sys.stderr)  # fmt: skip
            elif time.monotonic() > said + QUIET_S:
                said = time.monotonic()
                print(line, file=sys.stderr)

        yield show


def evaluate(options: argparse.Namespace) -> int:
    """Run the sweep and write what was asked for."""
    options = of_spec(options) if options.spec else options
    plans = plans_of(options)
    for path in options.plot:
        plot.check_path(path)
    if not 0 < options.confidence < 1:
        raise ValueError(f"confidence {options.confidence} is outside 0 < confidence < 1")
    if options.against and options.against not in plans[0].detectors:
        raise ValueError(f"against {options.against!r}, which is not one of "
                         f"{', '.join(plans[0].detectors)}")  # fmt: skip
    for plan in plans:
        plan.check()
        for line in cost.lines(plan):
            print(line, file=sys.stderr)
        for line in recorded.remarks(plan.system, plan.detectors):
            print(f"warning: {line}", file=sys.stderr)
    try:
        with progress_report() as show:
            found = sweeps(plans, options.workers, options.scheduler, options.journal,
                           options.resume, options.device, show)  # fmt: skip
    except Interrupted as end:
        for point in end.under_way:
            print(f"{point.snr_db:g} dB is not done: {point.vectors} vectors, {point.errors} "
                  "errors of the detector with the fewest", file=sys.stderr)  # fmt: skip
        if end.results:
            give(end.results, options)
        raise
    return give(found, options)


def give(found: Sequence[Result], options: argparse.Namespace) -> int:
    """Print results and write the files that were asked for; the exit status."""
    results = [dataclasses.replace(result, confidence=options.confidence) for result in found]
    print("\n\n".join(report.table(result, options.against) for result in results))
    beside = [recorded.measured(result.plan.system, result.plan.detectors, options.confidence)
              for result in results]  # fmt: skip
    for line in (line for vectors in beside for line in recorded.lines(vectors)):
        print(line)
    lost = _losses(results[0]) if options.spec else []
    for loss in lost:
        print(loss)
    outputs: list[tuple[Path | None, Callable[[], str]]] = [
        (options.csv, lambda: report.to_csv(results)),
        (options.json, lambda: report.to_json(results, options.against, lost, beside)),
    ]
    for path, text in outputs:
        if path is not None:
            write_text(path, text())
    for path in options.plot:
        plot.save(plot.figure(results, options.rate), path)
    return MISMATCH if any(result.flags for result in results) else 0


def _losses(result: Result) -> list[Loss]:
    """Of a spec's integers against the detectors beside them."""
    integers, *others = result.plan.detectors
    return [loss for other in others for loss in losses(result, integers, other)]


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, 1 if a bound was beaten, or 2 with one line on bad options."""
    options = parser().parse_args(argv)
    return run(lambda: evaluate(options))


if __name__ == "__main__":
    raise SystemExit(main())
