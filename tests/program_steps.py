# SPDX-License-Identifier: Apache-2.0
"""Steps of a layer by themselves, from wires that a test makes up."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.program.leaves import Supplied
from fixedpoint.program.values import Distance, Read, walk
from fixedpoint.program.views.golden import evaluate, resume
from fixedpoint.program.views.interpret import Inputs, Layer
from fixedpoint.receivers import receiver
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.specs.fpd import FpdSpec

ROWS = ("accumulator", "residual", "gradient")


def rows(made: DistributedSpec, h: Any, y: Any, index: Any, z: Any) -> Any:
    """The products of a layer that starts at z."""
    given, _ = receiver.inputs(made, h, y, index)
    cell = {f"adc.{side}": given.given[side] for side in ("low", "up")}
    return resume(program(made), 1, cell, {"extrapolated": z}, ROWS, given)


def third(spec: FpdSpec, address: Any, phi: Any) -> Any:
    """The golden model's third penalty at distances that are integers of `cosine_address`."""
    made = program(spec)
    value = made.layer.wires["cosine"]
    (scale,) = (v for v in walk([value]) if isinstance(v, Supplied) and v.name == "phi")
    reads = (v for v in walk([value]) if isinstance(v, Read))
    tables = [v for v in reads if isinstance(v.of, Distance)]
    found = {v: np.array(v.table(0).values)[address - spec.cosine_address.min] for v in tables}
    assert len(found) == 2
    nothing = Inputs({}, {}, np.zeros((1, 1), np.int64))
    layer = Layer(made, nothing, 0, {}, found | {scale: phi})
    evaluate(layer, [value])
    return layer[value]


def edges(adc: FewBitAdc, codes: Any, index: Any) -> tuple[Any, Any]:
    """q_low and q_up as real values, −∞ and ∞ where the cell is open."""
    low, up = (adc.threshold.value(q) for q in adc.cells(codes, index))
    return np.where(codes == 0, -np.inf, low), np.where(codes == adc.code.max, np.inf, up)
