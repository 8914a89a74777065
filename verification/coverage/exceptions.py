# SPDX-License-Identifier: Apache-2.0
"""The points of the RTL that the benches need not hit, each with its reason.

An exception that no missed point needs any more fails `python -m verification.rtl_coverage`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fixedpoint.program.leaves import Bank, Constant
from fixedpoint.program.values import Grid, Product, Value
from verification.coverage.points import LINE, TOGGLE, Point

Signals = Mapping[tuple[str, str], Sequence[Value]]
"""By the names of an emitted module and of a signal: its value in each detector of a kind."""
STAGE = re.compile(r"(_\d+)?(_[io])?\[.*")
"""What follows a value's name: its stage, its direction, its bit."""


@dataclass(frozen=True)
class Excepted:
    """Missed points of a kind in modules, both patterns whole, and the reason why they stay so.

    operation: of an emitted module, what the signal's value is.
    """

    modules: str
    kind: str
    name: str
    reason: str
    operation: Callable[[Value], bool] | None = None

    def holds(self, point: Point, signals: Signals) -> bool:
        """True if it excuses the point."""
        return (
            point.kind == self.kind
            and re.fullmatch(self.modules, point.module) is not None
            and re.fullmatch(self.name, point.name) is not None
            and (self.operation is None or self._computes(point, signals))
        )

    def _computes(self, point: Point, signals: Signals) -> bool:
        found = signals.get((point.module, STAGE.sub("", point.name)), ())
        return bool(found) and all(map(self.operation or bool, found))


def constant(value: Value) -> bool:
    """Whether a value is one of the spec's."""
    return isinstance(value, Constant | Bank)


def of_grid(value: Value) -> bool:
    """Whether a value is a multiple of the points of the grid."""
    return isinstance(value, Product) and any(isinstance(v, Grid) for v in value.operands)


EMITTED = r"\w+\.\w+_(function|pipeline)"
CONSTANT = "a constant of the spec: the stress specs' have no other bits"
PADDING = "zeros up to whole bytes"
NUMBERS = "the numbers of a column that a block brings: most of these specs bring none, so zeros"
FEW = "a row of numbers of these specs is one beat, and less than a word"
UNUSED = "places of a memory that no slot, word or group uses: their number is no power of two"

EXCEPTIONS: tuple[Excepted, ...] = (
    Excepted(".*_top", TOGGLE, r"(spec|graph|gen_unit\[\d\]\.unused)_(digest|graph).*",
             "the digests of spec and graph"),
    Excepted("constant_rom", TOGGLE, r"memory.*", "a table that nobody writes"),
    Excepted("loaded_memory", TOGGLE, r"memory.*",
             "bank 0 is read only; a scale is never negative"),
    Excepted("bank_rom|loaded_constant", TOGGLE, r"(base|entry|constant_o)\[.*", CONSTANT),
    Excepted(EMITTED, TOGGLE, r".*", CONSTANT, constant),
    Excepted("engine", TOGGLE, r"result_word_i\[.*",
             "in column passes alone a result's word is its group: their port is wider"),
    Excepted("row_factors", LINE, r".*record_i\[.*cond_then\)",
             "of column passes alone, whose branches Verilator gives other numbers: hit there"),
    Excepted(EMITTED, TOGGLE, r".*",
             "a scale times a point of the grid: zeros of the point's fraction, the point's sign",
             of_grid),
    Excepted("grid_distance", TOGGLE, r"point\[.*", "a point of the grid is an odd integer"),
    Excepted("(passes|stored)_top", TOGGLE, r"m_axis_x_tdata\[.*", PADDING),
    Excepted("output_bytes|output_streams|fusion", TOGGLE, r"(bytes|x_data)_o\[.*", PADDING),
    Excepted("brought_numbers", LINE, r".*word_columns.*", "sizes, which elaboration computes"),
    Excepted("brought_numbers", LINE, r"beat_q <= row_end.*cond_else\)", FEW),
    Excepted("brought_numbers", TOGGLE,
             r"gen_rows\.(row_end|gen_row\[\d\]\.(write|word)\[).*", FEW),
    Excepted("aligned_sum", TOGGLE, r"(terms|aligned)\[[45]\]\[.*", "absent terms, which are 0"),
    Excepted("h_banks|engine|column_drain", TOGGLE,
             r"(h_tag_i|tags_[oq]|block_tags(_i)?|column_tag_o)\[.*", NUMBERS),
    Excepted("choose", TOGGLE, r"then_i\[.*", "a number of the definition"),
    Excepted(r"\w+\.column_function", TOGGLE, r"(write_\w+|bank_i)\[.*|write_i:.*",
             "constants at run time, which a unit's frame offers and these columns do not take"),
    Excepted(r"\w+\.\w+_function", TOGGLE, r"unused_(packed|index|loading):.*",
             "what a function does not take"),
    Excepted(r"\w+\.fusion_function", TOGGLE, r"(index|side)_i\[.*",
             "constant: the node reads no bank, and nothing travels beside a vector"),
    Excepted("stored_top", TOGGLE, r"row_(valid|sum).*", "row passes, of which it has none"),
    Excepted("units_top", TOGGLE, r"(m_axis_x_t|up_|down_)data\[.*", PADDING),
    Excepted("units_top", TOGGLE, r"(m_axis_llr_t\w+|llr_valid)[:\[].*",
             "soft bits: of the small detectors of units the fusion nodes alone have them"),
    Excepted("units_top", TOGGLE, r"(up|down)_frame_errors?\[.*",
             "units and node send each other whole messages alone; their own benches send others"),
    Excepted("units_top", TOGGLE, r"unused_counts:.*", "parity of counters that are all alike"),
    Excepted("fusion.*", TOGGLE, r"(gen_slot\[\d\]\.users_q|(head_)?users(_[io])?)\[.*",
             "the slot's number in the tags that are kept for the slot"),
    Excepted("lane_memory|output_buffer", TOGGLE, r"(gen_slice\[\d\]\.)?memory\[.*", UNUSED),
    Excepted("stream_fifo", TOGGLE, r"memory\[.*", UNUSED),
)  # fmt: skip


def excused(
    missed: Iterable[Point], signals: Signals
) -> tuple[dict[Point, Excepted], list[Excepted]]:
    """The missed points that are excused, and the exceptions that no point needs."""
    found: dict[Point, Excepted] = {}
    for point in missed:
        exception = next((e for e in EXCEPTIONS if e.holds(point, signals)), None)
        if exception is not None:
            found[point] = exception
    return found, [e for e in EXCEPTIONS if e not in found.values()]
