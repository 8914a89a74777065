# SPDX-License-Identifier: Apache-2.0
"""The matrices of a block as a definition sees them."""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.numbers.format import Format
from fixedpoint.program.domain import DefinitionError, Domain
from fixedpoint.program.values import Transformed, Value


@dataclass(frozen=True)
class Matrix:
    """A matrix that a block brings, as it is stored: `M @ v` over columns, `M.T @ r` over rows."""

    name: str
    format: Format
    rows: int
    columns: int
    by_unit: bool
    transposed: bool = False

    @property
    def T(self) -> Matrix:  # noqa: N802 - as in numpy
        """The transposed matrix."""
        return Matrix(self.name, self.format, self.rows, self.columns, self.by_unit, True)

    def __matmul__(self, v: Value) -> Value:
        """Over columns, or transposed over the rows as stored: of y, or of a column each."""
        over, made, terms = ("row", "column", self.rows) if self.transposed else (
            "column", "row", self.columns)  # fmt: skip
        stored = self.transposed and self.rows == self.columns and not self.by_unit
        if v.domain.grid or (v.domain.axis != over and not (stored and v.domain.axis)):
            raise DefinitionError(
                f"a product of {self.name} over its {over}s with a value that has no {over}s"
            )
        if v.domain.unit and not self.transposed:
            raise DefinitionError(
                f"a product of {self.name} over its columns with a value of each unit: "
                "one that all units share is expected"
            )
        return Transformed(v, self.name, self.transposed, frac=self.format.frac + v.frac,
                           largest=terms * self.format.max * v.largest,
                           domain=Domain(made, self.by_unit or v.domain.unit))  # fmt: skip
