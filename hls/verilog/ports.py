# SPDX-License-Identifier: Apache-2.0
"""What a function exchanges with the hardware around it, which knows no names of wires.

    sum      products with matrices, or what is summed over the units
    record   what is kept of a row or column: samples, wires of a stage ahead, of the layer before
    brought  what a block brings for each column, where matrices are stored
    late     wires of the layer before that are read when the function comes to them
    result   what the next products or the sum over the units take
    kept     the next record, or what is read late in the next layer
    output   the last layer's state, code, bits and soft bits

Each is a port with its values side by side, the first one lowest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.program.domain import COLUMN, DefinitionError, Domain
from fixedpoint.program.frame import DECISION, Frame, fits, output
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Brought, Carried, Given
from fixedpoint.program.values import Transformed, UnitSum, Value
from hls.verilog.schedule import Schedule
from hls.verilog.sections import FUSION, layered

ROW = "row"


@dataclass(frozen=True)
class Roles:
    """The values of a function by port.

    kept: None in place of a wire of a stage ahead, which passes along; empty if any of the record's
    is made elsewhere.
    """

    sum: tuple[Value, ...]
    brought: tuple[Value, ...]
    record: tuple[Value, ...]
    late: tuple[Value, ...]
    result: tuple[Value, ...]
    kept: tuple[Value | None, ...]
    output: tuple[Value, ...]


def roles(schedule: Schedule) -> Roles:
    """Of a scheduled function."""
    function, wires = schedule.function, schedule.function.wires
    cuts = _cuts(schedule.program)
    inputs = dict.fromkeys(map(schedule.same, function.inputs))
    summed = {cut.of for cut in cuts if isinstance(cut, UnitSum)}
    sums = [value for value in inputs if isinstance(value, Transformed) or value in summed]
    late = [value for value in inputs if schedule.late(value)]
    found = {value.name: value for value in inputs if isinstance(value, Brought)}
    brought = [found[part.name] for part in schedule.program.spec.parts if part.name in found]
    others = {*sums, *late, *brought}
    record = _record(schedule, [value for value in inputs if value not in others], cuts)
    own = {*wires.values(), *function.outputs}
    made = wires if layered(function) else {}
    results = [_made(made, cut.of) for cut in cuts]
    decides = DECISION in wires
    leaving = [wires[name] for name in output(schedule.program) if decides and name in wires]
    return Roles(
        tuple(sums), tuple(brought), tuple(record), tuple(late),
        tuple(dict.fromkeys(value for value in results if value in own)),
        _kept(schedule, record or late), tuple(leaving),
    )  # fmt: skip


def _cuts(program: Program) -> list[Transformed | UnitSum]:
    parts = (*program.once, program.layer)
    return [value for part in parts for value in part.order
            if isinstance(value, Transformed | UnitSum) and value not in part.known]  # fmt: skip


def _made(wires: dict[str, Value], value: Value) -> Value | None:
    """A value, or the wire that it is in the layer before."""
    return wires.get(value.wire) if isinstance(value, Carried) else value


def _record(
    schedule: Schedule, values: list[Value], cuts: Sequence[Transformed | UnitSum]
) -> list[Value]:  # fmt: skip
    """Operands of products over columns come first, then wires of stages ahead, then the rest."""
    function = schedule.function
    ahead = list(schedule.program.layer.known)
    operands = [schedule.same(cut.of) for cut in cuts if isinstance(cut, Transformed)
                and not cut.transposed and isinstance(cut.of, Carried)]  # fmt: skip
    columns = any(value.domain.axis == COLUMN.axis for value in function.wires.values())
    if not columns or not layered(function) or function.name == FUSION:
        operands = []
    stages = [v for part in schedule.program.once for v in part.wires.values() if v in ahead]
    known = [schedule.same(value) for value in stages if schedule.same(value) in values]
    if fits(schedule.program) is Frame.UNITS and function.name == ROW:
        return _cell(schedule.program, values)
    return list(dict.fromkeys([*operands, *known, *values]))


def _cell(program: Program, values: Sequence[Value]) -> list[Value]:
    """What a unit's row gets of its sample, whether the function takes it or not, low end first."""
    converter = program.spec.converter
    if not isinstance(converter, FewBitAdc):
        raise DefinitionError("units with converters of levels: few-bit codes were expected")
    named = {value.name: value for value in values if isinstance(value, Given)}
    formats = {"low": converter.threshold, "up": converter.threshold, "y": converter.code}
    return [named.get(name) or Given(name, frac=fmt.frac, largest=fmt.max, domain=Domain(ROW, True))
            for name, fmt in formats.items()]  # fmt: skip


def _kept(schedule: Schedule, fields: Sequence[Value]) -> tuple[Value | None, ...]:
    """The next layer's fields; of a stage what the layer takes of it."""
    function, layer = schedule.function, schedule.program.layer
    if not layered(function):
        used = {operand for value in layer.order if value not in layer.known
                for operand in value.operands}  # fmt: skip
        return tuple(value for value in function.wires.values() if value in used)
    kept: list[Value | None] = []
    for value in fields:
        made = function.wires.get(value.wire) if isinstance(value, Carried) else None
        if made is None and value not in layer.known:
            return ()
        kept.append(made)
    return tuple(kept) if any(kept) else ()
