# SPDX-License-Identifier: Apache-2.0
"""What the file of a detector of one's own says: `DETECTOR = OwnDetector(…)`.

Its formats and the start of its constants, with its layer as a program. Everything else is derived.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.definition import Definition
from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.program.domain import DefinitionError

FloatArray = NDArray[np.float64]
NAME = re.compile(r"[a-z][a-z_]{0,30}")
ROWS, COLUMNS, ONE = "rows", "columns", "one"
SIZES = (ROWS, COLUMNS, ONE)

Start = float | Sequence[float]
"""A constant before it is trained: the same in all layers, or each layer's."""
BankStart = float | Callable[[FloatArray, int], FloatArray]
"""A bank before it is trained: a number, or of the entries' SNR in dB and the layer from 0."""
Prepare = Callable[[Any, FloatArray, IntArray], Mapping[str, FloatArray]]
"""The matrices of blocks, (G, R, N) by name, of a spec, real H (G, M, N) and SNR entries (G,)."""


@dataclass(frozen=True)
class Table:
    """A function that is a table of integers: rounded once, at export, and stored in the spec."""

    function: Callable[[FloatArray], FloatArray]
    address: Format
    output: Format


@dataclass(frozen=True)
class FewBits:
    """Converters of 1 to 4 bits behind a gain control: `FewBitAdc` before its system is known.

    `define` is given the codes `y`, in the format `code`, and the ends of their cells, `low` and
    `up`, in the format `threshold`; a cell's open end repeats its other one. quantizer: lloyd-max
    or uniform.
    """

    bits: int
    threshold: Format
    level: Format
    quantizer: str = "lloyd-max"

    @property
    def code(self) -> Format:
        """The format of a code."""
        return Format(self.bits, 0, signed=False)


@dataclass(frozen=True)
class OwnDetector(Definition):
    """A detector of one's own.

    name: lower-case letters and `_`; the layers are called after it. formats: of y, of every
    matrix, constant and bank by its name, and of whatever wires `define` asks for. constants, banks
    and tables: where they start. reciprocals: a bank that holds the odd reciprocals of another one.
    matrices: what a coherence block brings, each of `rows` rows, of `columns`, or `one` row, which
    is a number of each column. prepare: how they are made of H; without one the block brings H.
    layers: how many, where nobody says. adc: the converter whose levels y are, by default
    all of y's format; or the converters of few bits whose codes y are. units: whether its rows are
    those of distributed units, whose number the system says: `define` sums over them.
    fixed: constants and banks that training leaves alone. certainty: the weight of each stream's
    soft bits, (G, N), of the real matrices of blocks by name; without one each SNR entry has one.

    Raises `DefinitionError` where these do not go together.
    """

    name: str = ""
    formats: Mapping[str, Format] = field(default_factory=dict)
    constants: Mapping[str, Start] = field(default_factory=dict)
    banks: Mapping[str, BankStart] = field(default_factory=dict)
    reciprocals: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    matrices: Mapping[str, str] = field(default_factory=lambda: {"h": ROWS})
    prepare: Prepare | None = None
    layers: int = 5
    adc: Adc | FewBits | None = None
    units: bool = False
    fixed: tuple[str, ...] = ()
    certainty: Callable[[Mapping[str, FloatArray]], FloatArray] | None = None

    def __post_init__(self) -> None:
        fault = self._fault()
        if fault:
            code = self.define.__code__
            raise DefinitionError(fault, f"{code.co_filename}:{code.co_firstlineno}")

    def _fault(self) -> str:
        if not NAME.fullmatch(self.name):
            return f"name {self.name!r} is not of up to 31 lower-case letters and '_'"
        wanted = {"y", "state", *self.matrices, *self.constants, *self.banks, *self.reciprocals}
        if isinstance(self.adc, FewBits):
            wanted.remove("y")
        missing = sorted(wanted - set(self.formats))
        if missing:
            return f"no format of {', '.join(missing)}: of each constant, bank, matrix, y, state"
        for name, size in self.matrices.items():
            if size not in SIZES:
                return f"matrix {name} of size {size!r}: one of {', '.join(SIZES)} expected"
        if self.units != isinstance(self.adc, FewBits):
            return "converters of few bits and units go together; a single receiver is one unit"
        if self.units and self.prepare is not None:
            return "units and prepared matrices: units have their own rows of H itself"
        if self.prepare is None and dict(self.matrices) != {"h": ROWS}:
            return f"matrices {', '.join(self.matrices)} and nothing that prepares them"
        for name, of in self.reciprocals.items():
            if of not in self.banks or name in self.banks:
                return f"reciprocals {name} of {of}: a bank expected, and none of its own name"
        for name in self.fixed:
            if name not in self.constants and name not in self.banks:
                return f"fixed {name} is no constant and no bank"
        return ""
