# SPDX-License-Identifier: Apache-2.0
"""Where a symbolic integer lives, and what is wrong with a definition that mixes such places."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent
OURS = (str(PACKAGE), str(PACKAGE.parent / "detectors" / "own_spec.py"))


class DefinitionError(ValueError):
    """A detector's definition that cannot be one: its file, its line, and what was expected."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where or line()}: {message}")


def line() -> str:
    """File and line of the definition that is being run: the nearest caller out of this package."""
    frame = sys._getframe(1)
    while frame.f_back and _inside(frame.f_code.co_filename):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def _inside(file: str) -> bool:
    """This package, a spec that gives leaves, what Python makes for a dataclass, its `with`."""
    return file.startswith((*OURS, "<", contextlib.__file__))


@dataclass(frozen=True)
class Domain:
    """One integer for each row or each column of a vector, or one alone.

    axis: row, column, or empty for one number; unit: each unit has its own; grid: each point of the
    constellation's grid has its own.
    """

    axis: str = ""
    unit: bool = False
    grid: bool = False

    def meet(self, other: Domain) -> Domain:
        """That of an operation on two. Raises `DefinitionError` on a row beside a column."""
        if self.axis and other.axis and self.axis != other.axis:
            raise DefinitionError(
                f"a value of each {self.axis} meets one of each {other.axis}: "
                "a product with a matrix is expected between them"
            )
        return Domain(self.axis or other.axis, self.unit or other.unit, self.grid or other.grid)


NUMBER, ROW, COLUMN = Domain(), Domain("row"), Domain("column")
