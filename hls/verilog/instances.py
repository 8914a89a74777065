# SPDX-License-Identifier: Apache-2.0
"""The primitive of each operation: its module, parameters and what its ports take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch

from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program import values
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value
from hls.project.rtl_text import hexadecimal
from hls.verilog import latency
from hls.verilog.latency import Style


@dataclass(frozen=True)
class Port:
    """An input: values side by side, the first one lowest, each extended to `width` bits."""

    name: str
    width: int
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Instance:
    """One primitive; `width` of its output, and `behind` the cycles from that to the value.

    Without a module it is a wire. A point of the grid has its own, unless `whole`. address: the
    instance makes the address of a table that lies outside, in a memory of all layers.
    """

    module: str
    parameters: Mapping[str, int | str]
    inputs: tuple[Port, ...]
    output: str
    width: int
    whole: bool = False
    address: bool = False

    @property
    def operands(self) -> list[Value]:
        """What it takes, in the order of its ports."""
        return [value for port in self.inputs for value in port.values]

    @property
    def cycles(self) -> int:
        """From its operands to its output."""
        return latency.cycles(self.module, self.parameters) if self.module else 0

    @property
    def behind(self) -> int:
        """A register's, or a memory's, between the output and the value."""
        return int(self.module in latency.REGISTERED or self.address)


@dataclass(frozen=True)
class Context:
    """What an operation's instance depends on beside its operands.

    merged: whether a sum's or a negated term is made within the sum that takes it; file: of a
    table's memory.
    """

    program: Program
    style: Style
    merged: Callable[[Value], bool]
    file: Callable[[Lookup], str]


@singledispatch
def instance(value: Value, context: Context) -> Instance:
    """The primitive of an operation."""
    raise values.unknown(value, "RTL view")


def width(value: Value) -> int:
    """The bits of a value in two's complement; of decided bits one for each."""
    if isinstance(value, values.Sliced):
        return len(value.thresholds).bit_length()
    return value.format.bits


def carried(program: Program, value: Value) -> int:
    """The bits of a value between two functions: those of the wire's format, if it is one."""
    formats = [part.formats[name] for part in (*program.once, program.layer)
               for name, wire in part.wires.items() if wire is value]  # fmt: skip
    if isinstance(value, values.Sliced):
        return width(value)
    return max([width(value), *(fmt.bits + (not fmt.signed) for fmt in formats)])


def _port(name: str, *taken: Value, bits: int | None = None) -> Port:
    return Port(name, bits or max(map(width, taken)), taken)


@dataclass(frozen=True)
class Term:
    """A value in a sum: shifted left, then perhaps negated."""

    value: Value
    left: int = 0
    negative: bool = False


def terms(value: Value, merged: Callable[[Value], bool], term: Term | None = None) -> list[Term]:
    """A sum with the sums and signs within it that nothing else takes, one level of terms."""
    term = term or Term(value)
    inner: list[Term] = []
    match value:
        case values.Total():
            inner = [Term(each, term.left + left, term.negative)
                     for each, left in zip(value.terms, value.left, strict=True)]  # fmt: skip
        case values.Negated():
            inner = [Term(value.of, term.left, not term.negative)]
        case values.Declared():
            inner = [Term(value.of, term.left, term.negative)]
    return [found for each in inner for found in (
        terms(each.value, merged, each) if merged(each.value) else [each])]  # fmt: skip


@instance.register
def _(value: values.Total | values.Negated, context: Context) -> Instance:
    found, bits = terms(value, context.merged), width(value)
    lefts = "".join(f"{term.left:02x}" for term in reversed(found))
    signs = sum(term.negative << i for i, term in enumerate(found))
    parameters: dict[str, int | str] = {
        "Count": len(found), "Width": bits, "Lefts": f"{8 * len(found)}'h{lefts}",
        "Negative": f"{len(found)}'h{signs:x}",
    }  # fmt: skip
    taken = _port("terms_i", *(term.value for term in found), bits=bits)
    return Instance("aligned_sum", parameters, (taken,), "sum_o", bits)


@instance.register
def _(value: values.Declared, context: Context) -> Instance:
    return Instance("", {}, (_port("", value.of, bits=width(value)),), "", width(value))


@instance.register
def _(value: values.Product, context: Context) -> Instance:
    """The first factor is the wider one, as a multiplier has it; the narrower one in logic."""
    one, other = sorted((value.one, value.other), key=width, reverse=not value.logic)
    a, b = width(one), width(other)
    bits = max(width(value), a + 1, b + 1)  # a factor's bits are all used
    module = "either_product" if value.logic else context.style.product(a, b)
    parameters: dict[str, int | str] = {"AWidth": a, "BWidth": b, "ProductWidth": bits}
    if module != "short_product":
        parameters["MultiplierWidth"] = "MultiplierWidth"
    if value.logic:
        parameters["Logic"] = "Packed"
    ports = _port("a_i", one), _port("b_i", other)
    return Instance(module, parameters, ports, "product_o", bits)


@instance.register
def _(value: values.Rounded, context: Context) -> Instance:
    if not value.target.signed:
        raise DefinitionError(f"the RTL view requantizes to signed formats, not to {value.target}",
                              value.where)  # fmt: skip
    return _requantized(context.style.requantize, value.of, value.shift, value.target.bits)


def _requantized(module: str, of: Value, shift: int, bits: int, address: bool = False) -> Instance:
    parameters = {"SourceWidth": width(of), "Shift": shift, "TargetWidth": bits}
    return Instance(module, parameters, (_port("value_i", of),), "value_o", bits, address=address)


@instance.register
def _(value: values.Clipped, context: Context) -> Instance:
    bits = max(width(value.of), width(value.limit))
    ports = _port("update_i", value.of, bits=bits), _port("bound_i", value.limit, bits=bits)
    return Instance("box", {"Width": bits}, ports, "state_o", bits)


@instance.register
def _(value: values.Softened, context: Context) -> Instance:
    bits = max(width(value.of), width(value.threshold))
    ports = _port("update_i", value.of, bits=bits), _port("threshold_i", value.threshold, bits=bits)
    return Instance("soft_threshold", {"Width": bits}, ports, "state_o", bits)


@instance.register
def _(value: values.Folded, context: Context) -> Instance:
    bits = max(width(value.of), width(value.crease))
    ports = _port("value_i", value.of, bits=bits), _port("crease_i", value.crease, bits=bits)
    return Instance("fold", {"Width": bits}, ports, "folded_o", bits)


def _thresholds(of: Value, thresholds: tuple[int, ...], peak: int) -> dict[str, int | str]:
    """Parameters of grid_position: a width that holds the value, its thresholds and the grid."""
    largest = max(peak, *map(abs, thresholds))
    bits, count = max(width(of), largest.bit_length() + 1), len(thresholds)
    packed = sum((q & (1 << bits) - 1) << i * bits for i, q in enumerate(thresholds))
    return {
        "Width": bits, "Bits": count.bit_length(), "Count": count,
        "Thresholds": f"{count * bits}'h{hexadecimal(packed, count * bits)}",
    }  # fmt: skip


@instance.register
def _(value: values.Distance, context: Context) -> Instance:
    points = value.points
    peak, spacing = points[-1], points[1] - points[0]
    own = {"DistanceWidth": width(value), "Peak": peak, "Spacing": spacing}
    parameters = _thresholds(value.of, value.thresholds, peak) | own
    taken = _port("state_i", value.of, bits=int(parameters["Width"]))
    return Instance("grid_distance", parameters, (taken,), "distance_o", width(value))


@instance.register
def _(value: values.Sliced, context: Context) -> Instance:
    parameters = _thresholds(value.of, value.thresholds, 0)
    taken = _port("state_i", value.of, bits=int(parameters["Width"]))
    return Instance("slicer", parameters, (taken,), "bits_o", width(value))


@instance.register
def _(value: values.Read, context: Context) -> Instance:
    table = value.tables[0]
    shift = value.of.frac - table.address.frac
    if not table.address.signed:
        raise DefinitionError("the RTL view reads tables at signed addresses", value.where)
    if len(value.tables) > 1:
        return _requantized("requantize_stage", value.of, shift, table.address.bits, address=True)
    parameters: dict[str, int | str] = {
        "SourceWidth": width(value.of), "Shift": shift, "AddressWidth": table.address.bits,
        "Width": width(value), "File": context.file(table),
    }  # fmt: skip
    return Instance("table_read", parameters, (_port("value_i", value.of),), "entry_o",
                    width(value))  # fmt: skip


@instance.register
def _(value: values.Chosen, context: Context) -> Instance:
    code, bits = width(value.code), width(value)
    parameters: dict[str, int | str] = {
        "CodeWidth": code, "Equals": f"{code}'h{hexadecimal(value.equals, code)}", "Width": bits,
    }  # fmt: skip
    ports = (_port("code_i", value.code), _port("then_i", value.then, bits=bits),
             _port("otherwise_i", value.otherwise, bits=bits))  # fmt: skip
    return Instance("choose", parameters, ports, "value_o", bits)


@instance.register
def _(value: values.GridSum | values.UnitSum, context: Context) -> Instance:
    count, bits = context.program.units, carried(context.program, value.of)
    if isinstance(value, values.GridSum):
        count, bits = len(values.points_of(value.of)), width(value.of)
    parameters = {"Count": count, "Width": bits, "SumWidth": width(value)}
    taken = _port("terms_i", value.of, bits=count * bits)
    return Instance("adder_tree", parameters, (taken,), "sum_o", width(value), whole=True)


@instance.register
def _(value: values.Quotient, context: Context) -> Instance:
    table, top = value.reciprocal, value.denominator.largest.bit_length() - 1
    point = value.numerator.frac + table.output.frac - value.denominator.frac
    parameters: dict[str, int | str] = {
        "NumeratorWidth": width(value.numerator), "DenominatorWidth": width(value.denominator),
        "Top": top, "TableShift": top - table.address.frac,
        "AddressWidth": table.address.bits + (not table.address.signed),
        "EntryWidth": table.output.bits, "File": context.file(table),
        "Shift": point - value.target.frac, "TargetWidth": value.target.bits,
    }  # fmt: skip
    ports = _port("numerator_i", value.numerator), _port("denominator_i", value.denominator)
    return Instance("quotient", parameters, ports, "value_o", width(value))
