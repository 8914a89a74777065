# SPDX-License-Identifier: Apache-2.0
"""Soft bits as part of every program whose spec has them: max-log of Gray PAM.

With p = κ·w, and 2^b levels ±1, ±3, … of a dimension, the first bit's is piecewise linear,

    L(p, b) = 2·( p + Σ over 0 < k < 2^(b−1) of soft(p, 2kκ) ),  soft(p, θ) = sgn(p)·max(|p| − θ, 0)

and the bits behind it are those of the folded axis, 2^(b−1)·κ − |p| with b − 1 bits: the Gray code
is reflected. So one product with κ gives all bits of a dimension; what follows are sums, each with
the sign of p.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixedpoint.program.domain import COLUMN, DefinitionError
from fixedpoint.program.graph import Part
from fixedpoint.program.leaves import bank, integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import Value, total
from fixedpoint.specs.soft import WEIGHT, SoftBits

NAME = re.compile(r"llr\d+")
SCALED = "llr_scaled"


def append(t: Trace, soft: SoftBits) -> None:
    """Add the wires `llr_scaled`, and `llr0` … of the bits of a dimension, to the layer.

    Raises `DefinitionError` where the wire is none of a column.
    """
    with t.more_of_the_layer() as part:
        value = part.wires.get(soft.wire)
        columns = [name for name, each in part.wires.items() if each.domain == COLUMN]
        if value is None or value.domain != COLUMN:
            raise DefinitionError(
                f"soft bits of the wire {soft.wire!r}: one of {', '.join(columns)} expected"
            )
        rows = [soft.constants] * t.spec.depth
        by_stream = t.spec.weighs_streams
        if by_stream:
            weight = t.brought(WEIGHT) + integer(soft.offset, soft.weight.frac)
        else:
            weight = bank(WEIGHT, soft.weight, rows)
        scaled = t.wire(SCALED, (weight * value).to(soft.scaled))
        for number, found in enumerate(max_log(scaled, weight, t.spec.constellation.bits)):
            t.wire(f"llr{number}", found.to(soft.llr))


def wires(layer: Part) -> list[str]:
    """The wires of the soft bits, the first bit first; none without."""
    return [name for name in layer.wires if NAME.fullmatch(name)]


def max_log(p: Value, weight: Value, bits: int) -> Iterator[Value]:
    """The soft bits of each bit of a dimension, exact, of p = κ·w and κ at p's point or ahead."""
    half, fine = 1 << bits - 1, p.frac - weight.frac
    knees = [p.soft(weight * integer(2 * k << fine, fine), f"llr knee {2 * k}")
             for k in range(1, half)]  # fmt: skip
    yield (total(p, *knees) if knees else p) * integer(2)
    if bits > 1:
        yield from max_log(p.fold(weight * integer(half << fine, fine)), weight, bits - 1)
