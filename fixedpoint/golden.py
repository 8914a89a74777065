# SPDX-License-Identifier: Apache-2.0
"""Golden vectors of one layer: `python -m fixedpoint.golden --layer pgd5`.

`pgd5` is the fifth layer of PGD-Net, fed by the four before it; `slicer` decides the bits of the
last layer's state. Prints formats, ranges, headroom, saturations and the error against the float
twin, and writes the integers of the inputs and of every wire up to the named layer to a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint import channel as channels
from fixedpoint import family, vectors
from fixedpoint.archive import COMPLEX, REAL, read_arrays
from fixedpoint.detector import Detector, Integers
from fixedpoint.format import Format, IntArray
from fixedpoint.inputs import split
from fixedpoint.report import TwinError, WireReport, twin_error, wire_report
from fixedpoint.spec import DetectorSpec

FloatArray = NDArray[np.float64]
SLICER, ALL = vectors.SLICER, "all"
DEFAULTS = {
    "pgd": "pgd",
    "admm": "admm-box",
    "front": "admm-box",
    "hpd": "hpd-16qam-2bit",
    "fpd": "fpd-16qam-2bit",
    "adc": "hpd-16qam-2bit",
    "hyper": "fpd-16qam-2bit-hyper",
}
"""The spec that a layer's name, less its number, stands for where no other is named."""
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
    wires: list[Any]
    report: list[WireReport]
    twin: TwinError | None
    bit_error_rate: float | None

    def vectors(self) -> vectors.GoldenVectors:
        """Inputs and wires as they go into a file."""
        return collect(self.spec, self.layer, self.seed, self.inputs, self.wires)


def collect(
    spec: DetectorSpec, layer: str, seed: int, inputs: Integers, wires: list[Any]
) -> vectors.GoldenVectors:
    """Inputs and the wires of the layers up to `layer`, with their formats."""
    arrays = split(spec, inputs.h) | {"y": inputs.y, "snr_index": inputs.index[..., None]}
    formats = {part.name: part.format for part in spec.parts} | {
        "y": spec.y_format,
        "snr_index": Format(spec.snr.index_bits, 0, signed=False),
    }
    named = family.named(spec, wires)
    layers = family.layer_formats(spec)
    formats |= {name: layers[name.split(".")[0]][name.split(".")[1]] for name in named}
    return vectors.GoldenVectors(spec.digest, layer, seed, arrays | named, formats)


def layer_names(spec: DetectorSpec) -> list[str]:
    """Every layer that can be asked for: pgd1 … pgdK, slicer."""
    return [*family.layer_formats(spec), SLICER]


def last_layer(spec: DetectorSpec) -> str:
    """The name of the detector's last layer, `pgd5`."""
    return layer_names(spec)[-2]


def layer_depth(spec: DetectorSpec, layer: str) -> int:
    """How many layers to run for the named one. `ValueError` on an unknown name."""
    names = layer_names(spec)
    if layer not in names:
        raise ValueError(f"layer {layer!r} is unknown, expected one of {', '.join(names)}")
    return min(names.index(layer) + 1, len(names) - 1)


def draw(spec: DetectorSpec, count: int, seed: int, snr_db: float | None) -> Stimulus:
    """Channel draws: coherence blocks of the largest size up to 16 that divides `count`.

    Without `snr_db` every vector draws an entry of the bank, or every block where its vectors share
    one.
    """
    if count < 1:
        raise ValueError(f"{count} vectors: at least 1 was expected")
    size = next(b for b in range(LONGEST_BLOCK, 0, -1) if count % b == 0)
    shape = (count // size, size)
    rng = np.random.default_rng(seed)
    if snr_db is not None:
        snr = np.full(shape, float(snr_db))
    elif spec.one_snr_a_block:
        snr = np.repeat(rng.choice(spec.snr.snr_db, (shape[0], 1)), size, axis=1)
    else:
        snr = rng.choice(spec.snr.snr_db, shape)
    spec.snr.index(snr)
    drawn = channels.draw(rng, spec.constellation, spec.rows, spec.columns, snr)
    gain = np.sqrt(spec.entry_variance * spec.rows / 2)  # `draw` has E|h|² = 1/Nr
    return Stimulus(drawn.h * gain, drawn.y * gain, drawn.snr_db, drawn.bits)


def read_input(spec: DetectorSpec, path: Path) -> Stimulus:
    """The user's own H, y, snr_db from an .npz file, shapes as in `Detector.quantize`.

    Raises `ValueError` on other files and other shapes, see `archive.read_arrays`.
    """
    found = read_arrays(path, {"H": COMPLEX, "y": COMPLEX, "snr_db": REAL})
    inputs = Detector(spec).real_inputs(found["H"], found["y"], found["snr_db"])
    return Stimulus(inputs.h, inputs.y, inputs.snr_db, None)


def run(spec: DetectorSpec, layer: str, stimulus: Stimulus, seed: int) -> Golden:
    """The golden model of `layer` on real inputs, with its reports."""
    return run_layers(spec, [layer], stimulus, seed)[0]


def run_layers(
    spec: DetectorSpec, layers: list[str], stimulus: Stimulus, seed: int
) -> list[Golden]:
    """The same of several layers, from one run of the detector."""
    depths = [layer_depth(spec, layer) for layer in layers]
    inputs = Detector(spec).quantize(stimulus.h, stimulus.y, stimulus.snr_db)
    wires = family.run(spec, inputs.h, inputs.y, inputs.index)
    twin = family.float_twin(spec, stimulus.h, stimulus.y, inputs.index)
    events = family.count(spec, inputs.y, inputs.index, wires)
    made = []
    for layer, depth in zip(layers, depths, strict=True):
        name = layer_names(spec)[depth - 1]
        report = wire_report(spec, name, inputs.h, inputs.y, wires, events)
        if layer == SLICER:
            report = [row for row in report if row.wire.endswith((".state", ".bits"))]
        last = wires[depth - 1]
        decides = "bits" in family.layer_formats(spec)[name]
        rate, error = None, twin_error(spec, last, twin[depth - 1]) if decides else None
        if decides and stimulus.bits is not None:
            rate = float(np.mean(last.bits != stimulus.bits))
        made.append(Golden(spec, layer, depth, seed, inputs, wires[:depth], report, error, rate))
    return made


def default_spec(layer: str) -> str:
    """The spec that a layer's name stands for, `pgd` for `pgd5`; that of `slicer` is `pgd`."""
    detector = layer.rstrip("0123456789")
    return DEFAULTS.get(detector, DEFAULTS["pgd"])


if __name__ == "__main__":
    from fixedpoint.golden_main import main

    raise SystemExit(main())
