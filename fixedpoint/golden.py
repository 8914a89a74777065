# SPDX-License-Identifier: Apache-2.0
"""The command line of the golden model: `python -m fixedpoint.golden`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from fixedpoint import cli
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.labels import GRAY, LABELS
from fixedpoint.receivers.scale import Convention
from fixedpoint.support.table import table
from fixedpoint.vectors import layers as golden
from fixedpoint.vectors.given import Given, read_file
from fixedpoint.vectors.layers import (
    ALL,
    DEFAULTS,
    LayerReport,
    default_spec,
    layer_depth,
    layer_names,
)
from fixedpoint.vectors.stimulus import Drawn, Source

MOST = 1_000_000


def render(made: LayerReport, path: Path) -> str:
    """The report as text."""
    rows = [
        (r.wire, r.format, r.ap_fixed, r.lowest, r.highest, f"{r.headroom_bits:.2f}",
         r.saturated_low, r.saturated_high)
        for r in made.report
    ]  # fmt: skip
    header = ("wire", "format", "type", "lowest", "highest", "headroom", "sat. low", "sat. high")
    twin = made.twin
    lines = [
        f"{made.layer} of spec {made.spec.name}, digest {made.spec.digest}",
        f"{made.count} vectors, seed {made.seed}, {made.blocks} coherence blocks",
        "",
        table(header, rows),
    ]
    if made.raised:
        lines += ["", f"rho doubled in {made.raised} blocks until F fitted its format"]
    if twin is not None:
        lines += [
            "",
            f"against the float twin: state off by {twin.rms:.4f} rms, {twin.largest:.4f} at most; "
            f"{twin.differing_bits} of {twin.bits} bits decided differently",
        ]
    if made.bit_error_rate is not None:
        lines.append(f"bit error rate after this layer: {made.bit_error_rate:.4f}")
    return "\n".join([*lines, f"golden vectors: {path}"])


def summary(made: LayerReport, path: Path) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "spec": made.spec.name,
        "digest": made.spec.digest,
        "layer": made.layer,
        "seed": made.seed,
        "vectors": made.count,
        "raised_blocks": made.raised,
        "wires": [dataclasses.asdict(row) for row in made.report],
        "float_twin": None if made.twin is None else dataclasses.asdict(made.twin),
        "bit_error_rate": made.bit_error_rate,
        "file": str(path),
    }


def listing() -> str:
    """Every shipped spec with its layers, and what it is the default of."""
    lines = []
    for name in specs.shipped():
        spec = specs.load(name)
        mark = ""
        if DEFAULTS[spec.detector] == name:
            mark = " (default)"
        elif DEFAULTS["hyper"] == name:
            mark = " (default of hyper)"
        lines.append(f"{name}{mark}: {', '.join(layer_names(spec))}; digest {spec.digest}")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 2 and one line on a user's mistake."""
    parser = cli.Parser(prog="python -m fixedpoint.golden", description=golden.__doc__)
    parser.add_argument("--layer", help="a layer by its name, as --list has it; slicer; or all")
    parser.add_argument("--list", action="store_true", help="name every spec and layer")
    parser.add_argument("--spec", help="a shipped spec or a file; --list shows the defaults")
    parser.add_argument("--vectors", type=int, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--snr-db", type=float, help="one SNR for all vectors")
    parser.add_argument(
        "--input",
        type=Path,
        help="an .npz file with H and y, snr_db (or "
        "it is estimated), and x or bits where a bit error rate is wanted",
    )
    parser.add_argument(
        "--normalise", action="store_true", help="bring H and y of --input to the spec's E|h|^2"
    )
    parser.add_argument(
        "--symbol-energy", type=float, help="E|s|^2 of the symbols of --input: 1 for unit energy"
    )
    parser.add_argument(
        "--labels",
        choices=tuple(LABELS),
        default=GRAY,
        help="of the bits of --input: 38.211 for 5G NR's and Sionna's",
    )
    parser.add_argument("--out", type=Path, default=Path("build/golden"), help="output folder")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    if arguments.list:
        print(listing())
        return 0
    if arguments.layer is None:
        raise ValueError("no layer: --layer NAME, or --list to see them all")
    cli.check_seed(arguments.seed)
    if arguments.vectors is not None:
        cli.check_count(arguments.vectors, MOST)
    if arguments.input is not None and (arguments.vectors, arguments.snr_db) != (None, None):
        raise ValueError("--input brings its own vectors and SNR: no --vectors, no --snr-db")
    convention = Convention(arguments.normalise, arguments.symbol_energy)
    if arguments.input is None and (convention != Convention() or arguments.labels != GRAY):
        raise ValueError("--normalise, --symbol-energy and --labels are of --input, there is none")
    asked = chosen(arguments)
    jobs = zip(asked, sources([spec for spec, _ in asked], arguments), strict=True)
    summaries = []
    for i, ((spec, layers), source) in enumerate(jobs):
        path = arguments.out / f"{spec.name}-{layers[-1]}.vec"
        made = golden.write_layers(spec, layers, source, arguments.seed, path)
        if arguments.json:
            summaries += [summary(one, path) for one in made]
        else:
            print("\n" * (i > 0) + "\n\n".join(render(one, path) for one in made))
    if arguments.json:
        print(json.dumps(summaries if arguments.layer == ALL else summaries[0]))
    return 0


def chosen(arguments: argparse.Namespace) -> list[tuple[DetectorSpec, list[str]]]:
    """Specs and their layers that are asked for; `all` means every layer, of every spec.

    Raises `ValueError` on a layer that the spec does not have.
    """
    if arguments.layer == ALL:
        names = specs.shipped() if arguments.spec is None else [arguments.spec]
        return [(spec, layer_names(spec)) for spec in map(specs.load, names)]
    spec = specs.load(arguments.spec or default_spec(arguments.layer))
    detector = arguments.layer.rstrip("0123456789")
    if detector in specs.CLASSES and detector != spec.detector:
        kinds = f"one of {detector}, spec {spec.name} is of {spec.detector}"
        raise ValueError(f"layer {arguments.layer!r} is {kinds}")
    layer_depth(spec, arguments.layer)
    return [(spec, [arguments.layer])]


def sources(wanted: list[DetectorSpec], arguments: argparse.Namespace) -> list[Source]:
    """The vectors of each spec. Raises `ValueError` on those that a spec does not take."""
    if arguments.input is not None:
        arrays = read_file(arguments.input)
        convention = Convention(arguments.normalise, arguments.symbol_energy)
        given = [Given.of(spec, arrays, convention, arguments.labels) for spec in wanted]
        for one in given:
            _remark(one)
        return [*given]
    count = 1000 if arguments.vectors is None else arguments.vectors
    return [Drawn(spec, count, arguments.seed, arguments.snr_db) for spec in wanted]


def _remark(given: Given) -> None:
    """What was made of a user's inputs, and what is odd about them, on standard error."""
    samples, name = given.samples, given.spec.name
    if samples.h_scale != 1:
        print(f"{name}: H and y were multiplied by {samples.h_scale:.6g}", file=sys.stderr)
    if samples.estimated_db is not None:
        print(f"{name}: SNR estimated as {samples.estimated_db:.1f} dB", file=sys.stderr)
    if given.warning is not None:
        print(f"warning: {name}: {given.warning}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
