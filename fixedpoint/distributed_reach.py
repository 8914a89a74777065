# SPDX-License-Identifier: Apache-2.0
"""Which events of HPD and FPD-Net a legal input can cause, bounded from constants and tables.

Layer after layer, each wire gets the range and the spacing (`Lattice`) that it can have in the
worst case, and every operation is tried there. An event that does not occur so is out of reach:

- an argument that ends inside its table: in the first layer z = 0, and the thresholds alone
  address the sigmoid; the distance from the grid ends where z or d does;
- a saturation that the worst sum does not reach: the mean of C projected estimates, mostly;
- a tie, where no bit is dropped, or where all terms are multiples of 2^shift: 1/C = 2^-c exactly.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from fixedpoint.coverage import Events, add
from fixedpoint.detectors.registry import program
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import IntArray
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hpd_spec import HpdSpec
from fixedpoint.lattice import Lattice
from fixedpoint.program import golden
from fixedpoint.program.events import of_layer
from fixedpoint.program.graph import Program
from fixedpoint.program.interpret import Inputs, Layer
from fixedpoint.program.leaves import Carried, Given
from fixedpoint.program.values import Rounded, UnitSum, Value, walk

ZERO = Lattice(0, 0, 0)


@lru_cache(maxsize=16)
def possible(spec: HpdSpec | FpdSpec) -> dict[str, bool]:
    """Every event that the program of these specs has, and whether an input can cause it.

    Of specs with constant θ: b then decides about all that follows in a column of FPD-Net.
    """
    found = {f"adc code {c}": 1 for c in range(spec.adc.code.max + 1)}
    state = z = ZERO
    for k in range(spec.depth):
        step = Step(program(spec), k)
        gradient = step.rows(spec, z)
        estimates = step.column(z, gradient)
        state, z = step.fusion(estimates, state)
        found |= step.events
    return {name: times > 0 for name, times in found.items()}


class Step:
    """A layer, piece by piece: each from all that its first values can be."""

    def __init__(self, made: Program, number: int) -> None:
        self.program, self.number, self.events = made, number, Events()
        self.wires, self.order = made.layer.wires, made.layer.order

    def of(self, wanted: Value, known: dict[Value, Any]) -> IntArray:
        """A value, by others; the events on the way are kept. Scalars stand for one integer."""
        nothing = Inputs({}, {}, np.zeros((1, 1), np.int64))
        arrays = {value: np.asarray(q, dtype=np.int64) for value, q in known.items()}
        layer = Layer(self.program, nothing, self.number, {}, arrays)
        golden.evaluate(layer, [wanted])
        name = f"{self.program.spec.detector}{self.number + 1}"
        self.events = add(self.events, of_layer(name, self.program.layer, layer))
        found: IntArray = layer[wanted]
        return found

    def carried(self, wire: str) -> Value:
        """What a layer reads of the one before."""
        return next(v for v in self.order if isinstance(v, Carried) and v.wire == wire)

    def rounded(self, value: Rounded, total: Lattice) -> IntArray:
        """What a requantization makes of its operand, ascending."""
        self.of(value, {value.of: total.samples(1 << max(value.shift, 0))[:, None]})
        return total.requantized(value.shift, value.target)

    def rows(self, spec: DistributedSpec, z: Lattice) -> Lattice:
        """The gradient H_cᵀe, where every code of every SNR entry meets the ends of Hz."""
        index = np.arange(len(spec.snr))[:, None]
        codes = np.broadcast_to(np.arange(1 << spec.adc.bits), (len(index), 1, 1 << spec.adc.bits))
        product, residual = self.wires["accumulator"], self.wires["residual"]
        reach = product.largest // product.operands[0].largest * max(-z.low, z.high)
        cells = zip(self.program.once[0].wires.values(), spec.adc.cells(codes, index), strict=True)
        known: dict[Value, Any] = {value: q[:, :, None, :, None] for value, q in cells}
        code = next(v for v in walk([residual]) if isinstance(v, Given) and v.name == "y")
        known |= {code: codes[:, :, None, :, None],
                  product: np.array([-reach, reach]).reshape(1, 2, 1, 1, 1)}  # fmt: skip
        q = self.of(residual, known)
        terms = self.wires["gradient"].largest // residual.largest
        unit = int(np.gcd.reduce(q, axis=None)) if reach == 0 else 1
        return Lattice.symmetric(terms * int(np.abs(q).max()), unit)

    def column(self, z: Lattice, gradient: Lattice) -> IntArray:
        """The estimates: what follows the first requantization hangs on that alone."""
        product, start = self.wires["gradient"], self.carried("extrapolated")
        first = next(v for v in self.order if isinstance(v, Rounded) and product in walk([v]))
        points = z.values()[:, None]
        still = self.of(first.of, {start: points, product: 0})
        slope = self.of(first.of, {start: points[:1], product: 1}) - still[:1]
        total = Lattice.of(still) + gradient * int(slope.ravel()[0])
        values = self.rounded(first, total)
        return np.unique(self.of(self.wires["estimate"], {first: values[:, None]}))

    def fusion(self, estimates: IntArray, before: Lattice) -> tuple[Lattice, Lattice]:
        """s and z behind the fusion node."""
        summed = next(v for v in self.order if isinstance(v, UnitSum))
        state, last = self.wires["state"], self.wires["extrapolated"]
        assert isinstance(last, Rounded)
        sums = _sums(estimates, self.program.units)[:, None]
        found, earlier = Lattice.of(self.of(state, {summed: sums})), self.carried("state")
        of_state, of_earlier = (
            int(self.of(last.of, {state: one, earlier: other})) for one, other in ((1, 0), (0, 1))
        )
        total = found * of_state + before * of_earlier
        return found, Lattice.of(self.rounded(last, total))


def _sums(values: IntArray, terms: int) -> IntArray:
    """All sums of that many of the integers, repeated or not."""
    low, span = int(values.min()), int(values.max() - values.min())
    member = np.bincount(values - low, minlength=span + 1) > 0
    sums = np.ones(1, dtype=bool)
    for _ in range(terms):
        sums = np.convolve(sums.astype(np.float64), member.astype(np.float64)) > 0.5
    return terms * low + np.flatnonzero(sums)


def reachable(spec: HpdSpec | FpdSpec, event: str) -> bool:
    """Whether a legal input can cause the event.

    With a hyper-network only the codes are asked for: what θ it can give is not bounded.
    """
    if isinstance(spec, FpdSpec) and spec.hyper is not None:
        return event.startswith("adc code")
    return possible(spec)[event]
