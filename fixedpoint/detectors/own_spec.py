# SPDX-License-Identifier: Apache-2.0
"""The spec of a detector of one's own: sizes, formats, constants, banks and tables by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fixedpoint.detectors import found
from fixedpoint.detectors.own import COLUMNS, ONE, ROWS, FewBits, OwnDetector
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.adc import Adc, Levels
from fixedpoint.numbers.bank import check_blocks, constant_faults, reciprocal_faults
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.digest import digest
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.leaves import Bank, Constant, bank, constant
from fixedpoint.specs.block import Certainty, MatrixPart
from fixedpoint.specs.detector import DetectorSpec, FloatArray
from fixedpoint.support.schema import Entries


@dataclass(frozen=True)
class OwnSpec(DetectorSpec):
    """A detector of one's own, with trained constants.

    graph: the digest of the program that its definition traces; layers: how many; constants: an
    integer for each layer; banks: for each layer and SNR entry; tables: of functions. All of the
    formats of their names. adc or cells: its converter, of levels or of few-bit codes; units: how
    many, 0 of a single receiver.
    """

    graph: str
    layers: int
    formats: Entries[Format]
    constants: Entries[tuple[int, ...]]
    banks: Entries[tuple[tuple[int, ...], ...]]
    tables: Entries[Lookup]
    adc: Adc | None = None
    cells: FewBitAdc | None = None
    units: int = 0

    @cached_property
    def definition(self) -> OwnDetector:
        """Its file's. Raises `DefinitionError` if none of that name is found."""
        return found.required(self.detector)

    def __getstate__(self) -> dict[str, object]:
        """Without the definition, which another process finds again by its name."""
        return {name: value for name, value in vars(self).items() if name != "definition"}

    def format(self, name: str) -> Format:
        """Of a wire, constant, bank or matrix. Raises `DefinitionError` if the spec has none."""
        if name not in self.formats:
            raise DefinitionError(f"no format {name!r}: one of {', '.join(self.formats)} expected")
        return self.formats[name]

    def constant(self, name: str) -> Constant:
        """A number of each layer. Raises as `format`."""
        if name not in self.constants:
            expected = ", ".join(self.constants) or "none"
            raise DefinitionError(f"no constant {name!r}: one of {expected} expected")
        return constant(name, self.format(name), self.constants[name])

    def bank(self, name: str, before: bool = False) -> Bank:
        """A number for each layer and SNR entry; `before`: of the layer before. As `format`."""
        if name not in self.banks:
            expected = ", ".join(self.banks) or "none"
            raise DefinitionError(f"no bank {name!r}: one of {expected} expected")
        return bank(name, self.format(name), self.banks[name], before)

    def table(self, name: str) -> Lookup:
        """A table. Raises as `format`."""
        if name not in self.tables:
            expected = ", ".join(self.tables) or "none"
            raise DefinitionError(f"no table {name!r}: one of {expected} expected")
        return self.tables[name]

    @property
    def depth(self) -> int:
        """As in the base class."""
        return self.layers

    @property
    def matrix_parts(self) -> tuple[MatrixPart, ...]:
        """As in the base class: numbers of each column first, then the definition's matrices."""
        sizes = {ONE: 1, ROWS: self.rows, COLUMNS: self.columns}
        named = sorted(self.definition.matrices.items(), key=lambda each: each[1] != ONE)
        return tuple(MatrixPart(name, sizes[size], self.format(name)) for name, size in named)

    @property
    def certainty(self) -> Certainty | None:
        """As in the base class: as the definition says."""
        return self.definition.certainty

    @property
    def one_snr_a_block(self) -> bool:
        """Where matrices are prepared, they are for one SNR."""
        return self.definition.prepare is not None

    @property
    def converter(self) -> Levels | FewBitAdc:
        """As in the base class."""
        return self.cells or Levels(self.adc or Adc(1, 1), self.formats["y"])

    @property
    def unit_count(self) -> int:
        """As in the base class."""
        return self.units

    @property
    def state_format(self) -> Format:
        """As in the base class."""
        return self.formats["state"]

    def prepare(self, h: FloatArray, index: IntArray) -> tuple[Mapping[str, FloatArray], int]:
        """As in the base class. Raises `ValueError` on a block with two SNR entries."""
        prepare = self.definition.prepare
        if prepare is None:
            return super().prepare(h, index)
        check_blocks(index)
        if not np.all(np.isfinite(h)):
            raise ValueError("H holds NaN or infinity, finite numbers were expected")
        made = prepare(self, h, index[:, 0])
        for part in self.matrix_parts:
            shape = (len(h), part.rows, self.columns)
            got = np.shape(made[part.name]) if part.name in made else None
            if got != shape:
                raise ValueError(f"detector {self.detector} prepares {part.name} as {got}, "
                                 f"{shape} was expected")  # fmt: skip
        return made, 0

    @property
    def number_formats(self) -> Mapping[str, str]:
        """As in the base class: each constant and bank of its own name's."""
        made = {f"constants.{name}": name for name in self.constants}
        return made | {f"banks.{name}": name for name in self.banks
                       if name not in self.definition.reciprocals}  # fmt: skip

    @property
    def reciprocal_entries(self) -> Mapping[str, str]:
        """As in the base class."""
        named = self.definition.reciprocals.items()
        return {f"banks.{name}": f"banks.{of}" for name, of in named}

    @property
    def untrained(self) -> frozenset[str]:
        """As in the base class: as the definition says."""
        return frozenset(self.definition.fixed)

    @property
    def table_formats(self) -> Mapping[str, tuple[str, str]]:
        """As in the base class."""
        return {f"tables.{name}": (f"tables.{name}.address", f"tables.{name}.output")
                for name in self.tables}  # fmt: skip

    def sealed(self) -> OwnSpec:
        """As in the base class: under the digest of today's graph."""
        return self.replace(graph=digest(program(self)))

    def common_faults(self) -> list[str]:
        """As in the base class."""
        wanted = ("state",) if self.cells else ("y", "state")
        missing = [f"formats.{name}: missing" for name in wanted if name not in self.formats]
        return missing or super().common_faults()

    def name_faults(self) -> list[str]:
        """As in the base class: a definition of that name must be found."""
        try:
            _ = self.definition
        except ValueError as error:
            return [str(error)]
        return []

    def faults(self) -> list[str]:
        """As in the base class."""
        if self.name_faults():
            return []
        made = self.definition
        kinds: dict[str, tuple[Iterable[str], Iterable[str]]] = {
            "formats": (self.formats, made.formats),
            "constants": (self.constants, made.constants),
            "banks": (self.banks, {**made.banks, **made.reciprocals}),
            "tables": (self.tables, made.tables),
        }
        for kind, (mine, wanted) in kinds.items():
            if set(mine) != set(wanted):
                shown, expected = (", ".join(sorted(each)) or "none" for each in (mine, wanted))
                return [f"{kind}: {shown}; {expected} expected by detector {self.detector}"]
        found = [f"formats.{name}.signed: false, true expected"
                 for name, fmt in self.formats.items() if not fmt.signed]  # fmt: skip
        found += self._receiver_faults()
        for name, values in self.constants.items():
            found += self._row_faults(f"constants.{name}", name, values, self.layers, "layers")
        for name, rows in self.banks.items():
            if len(rows) != self.layers:
                found.append(f"banks.{name}: {len(rows)} layers, {self.layers} expected")
            for k, row in enumerate(rows):
                path = f"banks.{name}[{k}]"
                found += self._row_faults(path, name, row, len(self.snr), "entries")
        for name, table in self.tables.items():
            found += table.faults(f"tables.{name}")
        return found or self._reciprocal_faults()

    def _receiver_faults(self) -> list[str]:
        """The converter that the definition wants, and units if it wants any."""
        few, found = isinstance(self.definition.adc, FewBits), []
        if (self.adc is None, self.cells is None) != (few, not few):
            wanted = "cells" if few else "adc"
            return [f"adc and cells: only {wanted} expected by detector {self.detector}"]
        if self.cells is not None:
            found += [fault.replace("adc.", "cells.", 1) for fault in
                      self.cells.faults(len(self.snr))]  # fmt: skip
        if self.adc is not None:
            found += self.adc.faults(self.formats["y"])
        if self.units or self.definition.units:
            found += self.unit_faults(self.units)
        if self.units and not self.definition.units:
            found.append(f"units: {self.units}, 0 expected by detector {self.detector}")
        return found

    def _row_faults(
        self, path: str, name: str, values: tuple[int, ...], count: int, what: str
    ) -> list[str]:
        if len(values) != count:
            return [f"{path}: {len(values)} {what}, {count} expected"]
        fmt = self.formats[name]
        return [fault for i, q in enumerate(values)
                for fault in constant_faults(f"{path}[{i}]", q, fmt.min, fmt)]  # fmt: skip

    def _reciprocal_faults(self) -> list[str]:
        fmt = self.formats
        return [fault for name, of in self.definition.reciprocals.items()
                for k, pairs in enumerate(zip(self.banks[of], self.banks[name], strict=True))
                for i, pair in enumerate(zip(*pairs, strict=True))
                for fault in reciprocal_faults(f"banks.{of}[{k}][{i}]", f"banks.{name}[{k}][{i}]",
                                               *pair, fmt[of], fmt[name])]  # fmt: skip
