# SPDX-License-Identifier: Apache-2.0
"""Programs of what no shipped detector and no random program has."""

from __future__ import annotations

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import constant, integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import total
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import pgd as stress
from hls import cases


def read_late() -> Program:
    """A wire of the layer before is read in a later pass than the one that makes its successor."""
    spec = stress.spec("box", 8, 4, layers=3)
    t, kept = Trace(spec), Format(9, 3)
    h = t.matrix("h")
    t.given("y", spec.y_format)
    with t.layers():
        x, e = t.before("state", spec.state_format), t.before("extra", kept)
        made = t.wire("extra", total(h.T @ (h @ x).to(kept, "rows"), e, integer(5)).to(kept))
        again = (h.T @ (h @ made).to(kept, "more_rows")).to(kept, "more")
        t.wire("state", total(x, again, e).to(spec.state_format))
        t.wire("bits", t.sliced(t.layer_part.wires["state"]))  # type: ignore[union-attr]
    return t.program()


def sent_codes() -> Program:
    """A product takes a wire of an unsigned format: the converter's codes as they come."""
    spec = distributed_stress.spec("hpd", rows=8, columns=4, units=2, bits=2, layers=2)
    t = Trace(spec, spec.units, spec.unit_size)
    h, y = t.matrix("h"), t.given("y", spec.y_format)
    with t.layers():
        x = t.before("state", spec.state_format)
        t.wire("codes", y)
        rows = t.wire("rows", (h @ x - y).to(Format(9, 2)))
        sent = t.wire("sent", (h.T @ y + h.T @ rows).to(Format(10, 2)))
        t.wire("state", total(x, t.over_units(sent)).to(spec.state_format))
        t.wire("bits", t.sliced(t.layer_part.wires["state"]))  # type: ignore[union-attr]
    return t.program()


def used_twice() -> Program:
    """A constant that two stages of a pipeline take."""
    spec, kept = stress.spec("box", 8, 4, layers=3), Format(9, 3)
    t = Trace(spec)
    h = t.matrix("h")
    t.given("y", spec.y_format)
    with t.layers():
        x, c = t.before("state", spec.state_format), constant("c", Format(5, 2), [7, -9, 11])
        once = t.wire("once", ((h.T @ (h @ x).to(kept, "rows")) * c).to(kept))
        t.wire("state", total(once * c, x, integer(3)).to(spec.state_format))
        t.wire("bits", t.sliced(t.layer_part.wires["state"]))  # type: ignore[union-attr]
    return t.program()


def two_points() -> Program:
    """A table of each layer is read at both points of the least grid."""
    spec, kept, address = cases.find("stress-soft-8x4-qpsk").spec, Format(9, 3), Format(4, 1)
    entries = range(2 * address.max + 1)
    tables = [Lookup(address, Format(6, 3), tuple((5 * q + 7 * k) % 63 - 31 for q in entries))
              for k in range(spec.depth)]  # fmt: skip
    t, fmt = Trace(spec), spec.state_format
    h = t.matrix("h")
    t.given("y", spec.y_format)
    with t.layers():
        x = t.before("state", fmt)
        near = t.wire("near", (h.T @ (h @ x).to(kept, "rows") + integer(9)).to(fmt))
        read = t.read("table", near - t.grid(fmt), tables, lambda x, _: x)
        t.wire("state", total(x, read.over_grid()).to(fmt))
        t.wire("bits", t.sliced(t.layer_part.wires["state"]))  # type: ignore[union-attr]
    return t.program()
