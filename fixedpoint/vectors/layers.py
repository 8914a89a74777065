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

from fixedpoint.detector import Integers
from fixedpoint.numbers.format import Format
from fixedpoint.receivers import family
from fixedpoint.receivers.inputs import split
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors.given import read_input
from fixedpoint.vectors.report import TwinError, WireReport
from fixedpoint.vectors.stimulus import LONGEST_BLOCK, Source, Stimulus, draw
from fixedpoint.vectors.tally import LayerTally, Ran
from fixedpoint.vectors.writer import Header, writing

__all__ = [
    "ALL", "DEFAULTS", "LONGEST_BLOCK", "SLICER", "Golden", "LayerReport", "Stimulus", "collect",
    "default_spec", "draw", "last_layer", "layer_depth", "layer_names", "read_input", "run",
    "run_layers", "write_layers",
]  # fmt: skip
SLICER, ALL = vectors.SLICER, "all"
DEFAULTS = {
    "pgd": "pgd",
    "admm": "admm-box",
    "front": "admm-box",
    "pm": "pm5-16x16-16qam",
    "hpd": "hpd-16qam-2bit",
    "fpd": "fpd-16qam-2bit",
    "adc": "hpd-16qam-2bit",
    "hyper": "fpd-16qam-2bit-hyper",
}
"""The spec that a layer's name, less its number, stands for where no other is named."""


@dataclass(frozen=True)
class LayerReport:
    """One layer of one run: its wires, its error against the float twin, and what was wrong.

    count: vectors, in so many blocks; raised: blocks whose F and P were made with a larger ρ than
    the spec's.
    """

    spec: DetectorSpec
    layer: str
    seed: int
    count: int
    blocks: int
    raised: int
    report: list[WireReport]
    twin: TwinError | None
    bit_error_rate: float | None


@dataclass(frozen=True)
class Golden(LayerReport):
    """One run of the golden model in one piece, up to `layer`."""

    inputs: Integers
    wires: list[Any]

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


def run(spec: DetectorSpec, layer: str, stimulus: Stimulus, seed: int) -> Golden:
    """The golden model of `layer` on real inputs, with its reports."""
    return run_layers(spec, [layer], stimulus, seed)[0]


def run_layers(
    spec: DetectorSpec, layers: list[str], stimulus: Stimulus, seed: int
) -> list[Golden]:
    """The same of several layers, from one run of the detector; every wire stays in memory."""
    made = _Run(spec, layers, seed, (stimulus.y.shape[0], stimulus.y.shape[1]))
    ran = Ran.of(spec, stimulus)
    made.add(ran, opens=True)
    return [
        Golden(
            **vars(report), inputs=ran.inputs, wires=ran.wires[: layer_depth(spec, report.layer)]
        )
        for report in made.reports()
    ]


def write_layers(
    spec: DetectorSpec, layers: list[str], source: Source, seed: int, path: Path
) -> list[LayerReport]:
    """The reports of several layers, and the last one's golden vectors in a file.

    In chunks: the memory this takes does not grow with the vectors. Raises `ValueError` if the path
    is not writable; there is no file then, nor if anything else fails.
    """
    made, last = _Run(spec, layers, seed, source.shape), layers[-1]
    with writing(path, Header(spec.digest, last, seed, *source.shape)) as writer:
        for chunk, stimulus in source.parts():
            ran = Ran.of(spec, stimulus)
            made.add(ran, chunk.opens)
            kept = collect(spec, last, seed, ran.inputs, ran.wires[: layer_depth(spec, last)])
            writer.add(kept.wires, kept.formats, opens=chunk.opens)
    return made.reports()


class _Run:
    """The tallies of the layers that were asked for; `shape` is G and B of the whole."""

    def __init__(
        self, spec: DetectorSpec, layers: list[str], seed: int, shape: tuple[int, int]
    ) -> None:
        self._spec, self._seed, self._shape, self._raised = spec, seed, shape, 0
        depths = {layer: layer_depth(spec, layer) for layer in layers}
        self._tallies = {k: LayerTally(spec, depth - 1, shape) for k, depth in depths.items()}

    def add(self, ran: Ran, opens: bool) -> None:
        """The next vectors; opens: False if a block goes on."""
        self._raised += ran.inputs.raised if opens else 0
        for tally in self._tallies.values():
            tally.add(ran, opens)

    def reports(self) -> list[LayerReport]:
        """In the order of the layers; of the slicer, what it decides and from what."""
        made, blocks = [], self._shape[0]
        for layer, tally in self._tallies.items():
            rows = tally.rows
            if layer == SLICER:
                rows = [row for row in rows if row.wire.endswith((".state", ".bits"))]
            made.append(LayerReport(
                self._spec, layer, self._seed, blocks * self._shape[1], blocks, self._raised,
                rows, tally.twin_error, tally.bit_error_rate,
            ))  # fmt: skip
        return made


def default_spec(layer: str) -> str:
    """The spec that a layer's name stands for, `pgd` for `pgd5`; that of `slicer` is `pgd`."""
    detector = layer.rstrip("0123456789")
    return DEFAULTS.get(detector, DEFAULTS["pgd"])
