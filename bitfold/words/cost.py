# SPDX-License-Identifier: Apache-2.0
"""What a spec's core takes: a linear model of its emitted program, fitted to Yosys' counts.

What the model counts, in bits of one column's pipelines: terms of sums, sources of requantizations,
factors of products, entries of tables, other operations; registers are as wide as their values. And
of the engine the entries of its lanes, the widths of its sums, and the matrices that it stores.
Coefficients are none below 0; a few syntheses cannot tell all of them apart, so that each is held
near what a LUT does.
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
RAM_LUTS = 235
"""The same of a block RAM of 18 Kbit: 63,400 to 270."""
HELD = 0.02
"""How much the first guess of a coefficient counts beside a synthesis that is 100 % off."""
WIDE, NARROW = 25, 18
SUMS = ("aligned_sum", "adder_tree")
ROUNDED = ("requantize_stages", "requantize_stage")


@dataclass(frozen=True)
class Cost:
    """Of Xilinx 7: LUTs for logic, memory in LUTs (block RAMs for `RAM_LUTS`), multipliers.

    Yosys stores some widths in LUTs that it stores in block RAMs when they are a bit wider, so that
    neither says anything without the other.
    """

    lut: float
    memory: float
    dsp: float

    @property
    def total(self) -> float:
        """In LUTs."""
        return self.lut + self.memory + DSP_LUTS * self.dsp

    def __str__(self) -> str:
        return f"{self.lut:,.0f} LUTs, memory {self.memory:,.0f}, {self.dsp:.0f} multipliers"


def features(spec: DetectorSpec, lanes: int) -> dict[str, float]:
    """What the model multiplies with its coefficients."""
    made = program(spec)
    found = dict.fromkeys(("sums", "rounded", "factors", "other", "registers", "tables"), 0.0)
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
            if "AddressWidth" in numbers:
                found["tables"] += instance.width * 2.0 ** numbers["AddressWidth"]
            uses = schedule.uses.get(value, (0,))
            found["registers"] += instance.width * (max(uses) - min(uses) + 1)
    entries = {part.name: part.format.bits for part in spec.parts}
    order = [product for part in (*made.once, made.layer) for product in products(part)]
    found["lanes"] = lanes * max(entries[p.matrix] + p.of.format.bits for p in order)
    found["engine"] = float(sum(_width(p) for p in order))
    found["stored"] = float(sum(part.rows * part.format.bits for part in spec.parts))
    found["one"] = 1.0
    found["multipliers"] = tiles
    found["tiles"] = lanes * max(_tiles(entries[p.matrix], p.of.format.bits) for p in order)
    return found


LUT = {"one": 0.0, "sums": 1.0, "rounded": 1.0, "factors": 0.1, "other": 1.0, "registers": 0.1,
       "lanes": 1.0, "engine": 1.0, "tables": 1 / 64}  # fmt: skip
MEMORY = {"one": 0.0, "stored": 1.0, "tables": 0.0}
DSP = {"multipliers": 1.0, "tiles": 1.0}
"""Features, and first guesses of what each bit of them takes."""


def _width(product: Transformed) -> int:
    return product.format.bits


def _tiles(a: int, b: int) -> int:
    """Multipliers that a product takes."""
    wide, narrow = max(a, b), min(a, b)
    return -(-(wide - 1) // (WIDE - 1)) * -(-(narrow - 1) // (NARROW - 1))


@dataclass(frozen=True)
class Model:
    """Coefficients of LUTs, memory and multipliers by the names of features."""

    lanes: int
    lut: Mapping[str, float]
    memory: Mapping[str, float]
    dsp: Mapping[str, float]

    def __call__(self, spec: DetectorSpec) -> Cost:
        """Of a spec's core."""
        found = features(spec, self.lanes)
        lut, memory, dsp = (sum(weight * found[name] for name, weight in each.items())
                            for each in (self.lut, self.memory, self.dsp))  # fmt: skip
        return Cost(lut, memory, dsp)


def synthesized(spec: DetectorSpec, lanes: int) -> Cost:
    """What Yosys maps the top to. Raises as `cells.synthesize`."""
    area = cells.synthesize(spec, tops.of(spec).names[0], lanes, False, cells.XILINX).area
    return Cost(area.lut_logic, area.lut_memory + RAM_LUTS * area.block_ram, area.dsp)


def fitted(specs: Sequence[DetectorSpec], costs: Sequence[Cost], lanes: int) -> Model:
    """The model of least squares, relative errors, of synthesized specs."""
    rows = [features(spec, lanes) for spec in specs]
    return Model(
        lanes,
        _fit(rows, LUT, [cost.lut for cost in costs]),
        _fit(rows, MEMORY, [cost.memory for cost in costs]),
        _fit(rows, DSP, [cost.dsp for cost in costs]),
    )


def _fit(
    rows: Sequence[Mapping[str, float]], guesses: Mapping[str, float], wanted: Sequence[float]
) -> dict[str, float]:
    """Of relative errors; a coefficient that is 0 in place of its guess counts as `HELD` rows."""
    a: NDArray[np.float64] = np.array([[row[name] for name in guesses] for row in rows])
    b, guess = np.maximum(np.array(wanted), 1.0), np.array(list(guesses.values()))
    held = np.sqrt(HELD) * np.diag([1 / g if g else 0.0 for g in guess])
    found, _ = nnls(
        np.vstack([a / b[:, None], held]), np.concatenate([np.ones(len(b)), held @ guess])
    )
    return {name: float(weight) for name, weight in zip(guesses, found, strict=True)}


def fits(spec: DetectorSpec, lanes: int) -> int:
    """The lanes, or the least that fit if none are given."""
    if lanes:
        sizes.check(spec, lanes)
        return lanes
    return sizes.fitting_lanes(spec)[0]
