# SPDX-License-Identifier: Apache-2.0
"""LUTs and multipliers of a spec's core: a linear model of its emitted program, fitted to Yosys'.

What the model counts, in bits of one column's pipelines: terms of sums, sources of requantizations,
factors of products, other operations; registers are as wide as their values. And of the engine the
entries of its lanes and the widths of its sums. Coefficients are none below 0 (least squares).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import products
from fixedpoint.program.values import Transformed
from fixedpoint.specs.detector import DetectorSpec
from hls import lanes as sizes
from hls import tops
from hls.synthesis import cells
from hls.verilog.emit import emitted

DSP_LUTS = 264
"""LUTs that a multiplier stands for: 63,400 to 240 in an XC7A100T."""
WIDE, NARROW = 25, 18
SUMS = ("aligned_sum", "adder_tree")
ROUNDED = ("requantize_stages", "requantize_stage")


@dataclass(frozen=True)
class Cost:
    """LUTs, for logic and as memory, and multipliers of Xilinx 7."""

    lut: float
    dsp: float

    @property
    def total(self) -> float:
        """In LUTs."""
        return self.lut + DSP_LUTS * self.dsp


def features(spec: DetectorSpec, lanes: int) -> dict[str, float]:
    """What the model multiplies with its coefficients."""
    made = program(spec)
    found = dict.fromkeys(("sums", "rounded", "factors", "other", "registers"), 0.0)
    tiles = 0.0
    for array in emitted(made).arrays.values():
        schedule = array.pipeline.schedule
        for value, instance in schedule.instances.items():
            numbers = {key: n for key, n in instance.parameters.items() if isinstance(n, int)}
            if instance.module in SUMS:
                found["sums"] += numbers["Count"] * numbers["Width"]
            elif instance.module in ROUNDED:
                found["rounded"] += numbers["SourceWidth"]
            elif "AWidth" in numbers:
                found["factors"] += numbers["AWidth"] + numbers["BWidth"]
                tiles += _tiles(numbers["AWidth"], numbers["BWidth"])
            else:
                found["other"] += instance.width
            uses = schedule.uses.get(value, (0,))
            found["registers"] += instance.width * (max(uses) - min(uses) + 1)
    entries = {part.name: part.format.bits for part in spec.parts}
    order = [product for part in (*made.once, made.layer) for product in products(part)]
    found["lanes"] = lanes * max(entries[p.matrix] + p.of.format.bits for p in order)
    found["engine"] = float(sum(_width(p) for p in order))
    found["one"] = 1.0
    found["multipliers"] = tiles
    found["tiles"] = lanes * max(_tiles(entries[p.matrix], p.of.format.bits) for p in order)
    return found


LUT = ("one", "sums", "rounded", "factors", "other", "registers", "lanes", "engine")
DSP = ("multipliers", "tiles")


def _width(product: Transformed) -> int:
    return product.format.bits


def _tiles(a: int, b: int) -> int:
    """Multipliers that a product takes."""
    wide, narrow = max(a, b), min(a, b)
    return -(-(wide - 1) // (WIDE - 1)) * -(-(narrow - 1) // (NARROW - 1))


@dataclass(frozen=True)
class Model:
    """Coefficients of LUTs and of multipliers by the names of features."""

    lanes: int
    lut: Mapping[str, float]
    dsp: Mapping[str, float]

    def __call__(self, spec: DetectorSpec) -> Cost:
        """Of a spec's core."""
        found = features(spec, self.lanes)
        lut, dsp = (sum(weight * found[name] for name, weight in each.items())
                    for each in (self.lut, self.dsp))  # fmt: skip
        return Cost(lut, dsp)


def synthesized(spec: DetectorSpec, lanes: int) -> Cost:
    """What Yosys maps the top to. Raises as `cells.synthesize`."""
    area = cells.synthesize(spec, tops.of(spec).names[0], lanes, False, cells.XILINX).area
    return Cost(area.lut_logic + area.lut_memory, area.dsp)


def fitted(specs: Sequence[DetectorSpec], costs: Sequence[Cost], lanes: int) -> Model:
    """The model of least squares, relative errors, of synthesized specs."""
    rows = [features(spec, lanes) for spec in specs]
    lut = _fit(rows, LUT, [cost.lut for cost in costs])
    return Model(lanes, lut, _fit(rows, DSP, [cost.dsp for cost in costs]))


def _fit(
    rows: Sequence[Mapping[str, float]], names: Sequence[str], wanted: Sequence[float]
) -> dict[str, float]:
    """Weighted so that each row counts alike; a feature's scale is its mean."""
    a: NDArray[np.float64] = np.array([[row[name] for name in names] for row in rows])
    b = np.array(wanted)
    scale = np.maximum(np.abs(a).mean(axis=0), 1e-9)
    heavy = 1 / np.maximum(b, 1)
    found, _ = nnls(a / scale * heavy[:, None], b * heavy)
    return {name: float(weight) for name, weight in zip(names, found / scale, strict=True)}


def fits(spec: DetectorSpec, lanes: int) -> int:
    """The lanes, or the least that fit if none are given."""
    if lanes:
        sizes.check(spec, lanes)
        return lanes
    return sizes.fitting_lanes(spec)[0]
