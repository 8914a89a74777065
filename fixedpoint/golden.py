"""Golden vectors of one layer: `python -m fixedpoint.golden --layer pgd5`.

`pgd5` is the fifth layer of PGD-Net, fed by the four before it; `slicer` decides the bits of the
last layer's state. Prints formats, ranges, headroom, saturations and the error against the float
twin, and writes the integers of the inputs and of every wire up to the named layer to a file.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint import channel as channels
from fixedpoint import cli, pgd, vectors
from fixedpoint import spec as specs
from fixedpoint.detector import Detector, Integers, named
from fixedpoint.format import Format, IntArray
from fixedpoint.report import TwinError, WireReport, twin_error, wire_report
from fixedpoint.spec import DetectorSpec
from fixedpoint.table import table

FloatArray = NDArray[np.float64]
DEFAULT_SPEC = "pgd"
LONGEST_BLOCK = 16


@dataclass(frozen=True)
class Stimulus:
    """Real inputs: h (G, M, N), y (G, B, M), snr_db (G, B), and what was sent, if known."""

    h: FloatArray
    y: FloatArray
    snr_db: FloatArray
    bits: IntArray | None


@dataclass(frozen=True)
class Golden:
    """One run of the golden model with its reports; `depth` is the number of layers."""

    spec: DetectorSpec
    layer: str
    depth: int
    seed: int
    inputs: Integers
    wires: list[pgd.LayerWires]
    report: list[WireReport]
    twin: TwinError
    bit_error_rate: float | None

    def vectors(self) -> vectors.GoldenVectors:
        """Inputs and wires as they go into a file."""
        return collect(self.spec, self.layer, self.seed, self.inputs, self.wires)


def collect(
    spec: DetectorSpec, layer: str, seed: int, inputs: Integers, wires: list[pgd.LayerWires]
) -> vectors.GoldenVectors:
    """Inputs and the wires of the layers up to `layer`, with their formats."""
    f, kinds = spec.formats, pgd.wire_formats(spec)
    index = Format(spec.snr.index_bits, 0, signed=False)
    arrays = {"h": inputs.h, "y": inputs.y, "snr_index": inputs.index[..., None]}
    arrays |= named(spec, wires)
    formats = {"h": f.h, "y": f.y, "snr_index": index}
    formats |= {name: kinds[name.split(".")[1]] for name in arrays if name not in formats}
    return vectors.GoldenVectors(spec.digest, layer, seed, arrays, formats)


def layer_names(spec: DetectorSpec) -> list[str]:
    """Every layer that can be asked for: pgd1 … pgdK, slicer."""
    return [f"{spec.detector}{k}" for k in range(1, len(spec.layers) + 1)] + ["slicer"]


def last_layer(spec: DetectorSpec) -> str:
    """The name of the detector's last layer, `pgd5`."""
    return f"{spec.detector}{len(spec.layers)}"


def layer_depth(spec: DetectorSpec, layer: str) -> int:
    """How many layers to run for the named one. `ValueError` on an unknown name."""
    names = layer_names(spec)
    if layer not in names:
        raise ValueError(f"layer {layer!r} is unknown, expected one of {', '.join(names)}")
    return min(names.index(layer) + 1, len(spec.layers))


def draw(spec: DetectorSpec, count: int, seed: int, snr_db: float | None) -> Stimulus:
    """Channel draws: coherence blocks of the largest size up to 16 that divides `count`.

    Without `snr_db` every vector draws an entry of the bank.
    """
    if count < 1:
        raise ValueError(f"{count} vectors: at least 1 was expected")
    size = next(b for b in range(LONGEST_BLOCK, 0, -1) if count % b == 0)
    shape = (count // size, size)
    rng = np.random.default_rng(seed)
    snr = rng.choice(spec.snr.snr_db, shape) if snr_db is None else np.full(shape, float(snr_db))
    spec.snr.index(snr)
    drawn = channels.draw(rng, spec.constellation, spec.rows, spec.columns, snr)
    return Stimulus(drawn.h, drawn.y, drawn.snr_db, drawn.bits)


def read_input(spec: DetectorSpec, path: Path) -> Stimulus:
    """The user's own H, y, snr_db from an .npz file, shapes as in `Detector.quantize`."""
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not an .npz file (or is missing): H, y, snr_db expected")
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = ", ".join(sorted({"H", "y", "snr_db"} - set(file.files)))
            if missing:
                raise ValueError(f"{path} lacks {missing}: H, y, snr_db expected")
            h, y, snr_db = file["H"], file["y"], file["snr_db"]
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is not readable as .npz: {error}") from None
    inputs = Detector(spec).real_inputs(h, y, snr_db)
    return Stimulus(inputs.h, inputs.y, inputs.snr_db, None)


def run(spec: DetectorSpec, layer: str, stimulus: Stimulus, seed: int) -> Golden:
    """The golden model of `layer` on real inputs, with its reports."""
    depth = layer_depth(spec, layer)
    detector = Detector(spec)
    inputs = detector.quantize(stimulus.h, stimulus.y, stimulus.snr_db)
    wires = pgd.run(spec, inputs.h, inputs.y, inputs.index)
    twin = pgd.float_twin(spec, stimulus.h, stimulus.y, inputs.index)
    report = wire_report(spec, depth, inputs.h, inputs.y, inputs.index, wires)
    if layer == "slicer":
        report = [row for row in report if row.wire.endswith((".state", ".bits"))]
    last = wires[depth - 1]
    rate = None if stimulus.bits is None else float(np.mean(last.bits != stimulus.bits))
    error = twin_error(spec, last, twin[depth - 1])
    return Golden(spec, layer, depth, seed, inputs, wires[:depth], report, error, rate)


def render(golden: Golden, path: Path) -> str:
    """The report as text."""
    rows = [
        (r.wire, r.format, r.ap_fixed, r.lowest, r.highest, f"{r.headroom_bits:.2f}",
         r.saturated_low, r.saturated_high)
        for r in golden.report
    ]  # fmt: skip
    header = ("wire", "format", "type", "lowest", "highest", "headroom", "sat. low", "sat. high")
    count, twin = golden.inputs.index.size, golden.twin
    lines = [
        f"{golden.layer} of spec {golden.spec.name}, digest {golden.spec.digest}",
        f"{count} vectors, seed {golden.seed}, {golden.inputs.h.shape[0]} coherence blocks",
        "",
        table(header, rows),
        "",
        f"against the float twin: state off by {twin.rms:.4f} rms, {twin.largest:.4f} at most; "
        f"{twin.differing_bits} of {twin.bits} bits decided differently",
    ]
    if golden.bit_error_rate is not None:
        lines.append(f"bit error rate after this layer: {golden.bit_error_rate:.4f}")
    return "\n".join([*lines, f"golden vectors: {path}"])


def summary(golden: Golden, path: Path) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "spec": golden.spec.name,
        "digest": golden.spec.digest,
        "layer": golden.layer,
        "seed": golden.seed,
        "vectors": int(golden.inputs.index.size),
        "wires": [dataclasses.asdict(row) for row in golden.report],
        "float_twin": dataclasses.asdict(golden.twin),
        "bit_error_rate": golden.bit_error_rate,
        "file": str(path),
    }


def listing() -> str:
    """Every shipped spec with its layers."""
    lines = []
    for name in specs.shipped():
        spec = specs.load(name)
        mark = " (default)" if name == DEFAULT_SPEC else ""
        lines.append(f"{name}{mark}: {', '.join(layer_names(spec))}; digest {spec.digest}")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 2 and one line on a user's mistake."""
    parser = cli.Parser(prog="python -m fixedpoint.golden", description=__doc__)
    parser.add_argument("--layer", help="pgd1 … pgd5 or slicer")
    parser.add_argument("--list", action="store_true", help="name every spec and layer")
    parser.add_argument("--spec", default=DEFAULT_SPEC, help="a shipped spec or a file")
    parser.add_argument("--vectors", type=int, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--snr-db", type=float, help="one SNR for all vectors")
    parser.add_argument("--input", type=Path, help="an .npz file with H, y and snr_db")
    parser.add_argument("--out", type=Path, default=Path("build/golden"), help="output folder")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    if arguments.list:
        print(listing())
        return 0
    if arguments.layer is None:
        raise ValueError("no layer: --layer pgd5, or --list to see them all")
    spec = specs.load(arguments.spec)
    layer_depth(spec, arguments.layer)
    if arguments.input is not None:
        if arguments.vectors is not None or arguments.snr_db is not None:
            raise ValueError("--input brings its own vectors and SNR: no --vectors, no --snr-db")
        stimulus = read_input(spec, arguments.input)
    else:
        if arguments.seed < 0:
            raise ValueError(f"seed {arguments.seed}: 0 or more was expected")
        count = 1000 if arguments.vectors is None else arguments.vectors
        stimulus = draw(spec, count, arguments.seed, arguments.snr_db)
    golden = run(spec, arguments.layer, stimulus, arguments.seed)
    path = arguments.out / f"{spec.name}-{arguments.layer}.vec"
    vectors.write(path, golden.vectors())
    print(json.dumps(summary(golden, path)) if arguments.json else render(golden, path))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
