# SPDX-License-Identifier: Apache-2.0
"""The command line of the native library: `python -m hls.native`.

Compares every wire of every layer up to --layer with the golden model (and the fast path, which
records no inner wires, where the last layer is asked for), or measures the fast path with --bench.
"""

from __future__ import annotations

import argparse
import json

from fixedpoint import cli
from fixedpoint.program import coverage
from fixedpoint.receivers import family
from fixedpoint.support.table import table
from fixedpoint.vectors import layers as golden
from fixedpoint.vectors.compare import Comparison, compare
from hls.builds import native_speed
from hls.builds.native import Native
from hls.cases import Case, find

CHUNK = 4000
VIEW = "native"


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if an integer differs, 2 on a user's mistake."""
    parser = cli.Parser(prog="python -m hls.native", description=__doc__)
    parser.add_argument("--layer", help="a layer by its name, or slicer")
    parser.add_argument("--spec", help="a shipped spec, a stress spec, or a file")
    parser.add_argument("--vectors", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--portable", action="store_true", help="not for this machine alone")
    parser.add_argument("--sanitize", action="store_true", help="under -fsanitize=undefined")
    parser.add_argument("--bench", action="store_true", help="measure vectors/s instead")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def compare_case(
    native: Native, case: Case, depth: int, count: int, seed: int, repeat: str
) -> tuple[Comparison, coverage.Events]:
    """`count` vectors in chunks, each with a seed of its own.

    Wires are named as in a golden vector file; `run.state` and so on are the fast path's.
    """
    comparison, events = Comparison(VIEW, {}, {}, None), coverage.Events()
    asked = list(family.layer_formats(case.spec))[:depth]
    for drawn_with, inputs in case.chunks(count, seed, CHUNK):
        wires = family.run(case.spec, inputs.h, inputs.y, inputs.index)
        expected = family.named(case.spec, wires)
        found = family.named(case.spec, native.wires(inputs.h, inputs.y, inputs.index))
        expected = {w: a for w, a in expected.items() if w.split(".")[0] in asked}
        if len(asked) == len(wires):
            output = native.run(inputs.h, inputs.y, inputs.index).named()
            expected |= {f"run.{wire}": getattr(wires[-1], wire) for wire in output}
            found |= {f"run.{wire}": array for wire, array in output.items()}
        again = f"{repeat} --seed {drawn_with} --vectors {inputs.index.size}"
        comparison += compare(VIEW, expected, found, seed=drawn_with, repeat=again)
        counted = family.count(case.spec, inputs.h, inputs.y, inputs.index, wires)
        events = coverage.add(events, counted)
    return comparison, events


def _main(arguments: argparse.Namespace) -> int:
    cli.check_count(arguments.vectors)
    cli.check_seed(arguments.seed)
    case = find(arguments.spec or golden.default_spec(arguments.layer or ""))
    if arguments.bench:
        rates = native_speed.measure(case)
        text = json.dumps(native_speed.summary(rates))
        print(text if arguments.json else native_speed.render(rates))
        return 0
    if arguments.layer is None:
        raise ValueError(f"no layer: --layer {golden.layer_names(case.spec)[-2]}, or --bench")
    depth = golden.layer_depth(case.spec, arguments.layer)
    native = Native.build(case.spec, portable=arguments.portable, sanitize=arguments.sanitize)
    options = "".join(f" --{o}" for o in ("portable", "sanitize") if getattr(arguments, o))
    repeat = f"python -m hls.native --layer {arguments.layer} --spec {case.name}{options}"
    comparison, events = compare_case(
        native, case, depth, arguments.vectors, arguments.seed, repeat
    )
    missed = case.missed(events, arguments.vectors)
    if arguments.json:
        print(json.dumps({
            "spec": case.spec.name, "digest": case.spec.digest, "vectors": arguments.vectors,
            "seed": arguments.seed, "compared": dict(comparison.compared),
            "differing": dict(comparison.differing), "events": events, "missed": missed,
            "equal": comparison.equal,
        }))  # fmt: skip
    else:
        print(_render(native, arguments, comparison, events, missed))
    return 0 if comparison.equal and not missed else cli.MISMATCH


def _render(
    native: Native,
    arguments: argparse.Namespace,
    comparison: Comparison,
    events: coverage.Events,
    missed: list[str],
) -> str:
    kinds = ("saturated low", "saturated high", "tie")
    rows = [
        (wire, count, comparison.differing[wire],
         *(events.get(f"{wire} {kind}", "") for kind in kinds))
        for wire, count in comparison.compared.items()
    ]  # fmt: skip
    spec = native.spec
    hit = sum(1 for event, n in events.items() if event.startswith("snr index") and n)
    lines = [
        f"{arguments.layer} of spec {spec.name}, digest {spec.digest}",
        f"{arguments.vectors} vectors, seed {arguments.seed}, {hit} of {len(spec.snr)} SNR entries",
        f"library {native.path}",
        "",
        table(("wire", "compared", "differ", "sat. low", "sat. high", "ties"), rows),
        "",
        str(comparison),
    ]
    return "\n".join(lines + ([f"FAILED, never hit: {', '.join(missed)}"] if missed else []))


if __name__ == "__main__":
    raise SystemExit(main())
