# SPDX-License-Identifier: Apache-2.0
"""`NAME:key=value,…`: how a detector of a list is named, and its options read and checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from model.systems.scene import Detector
from model.systems.system import System

MOST = 10**6
"""Of a count: beyond it a detector would take more memory or time than anyone has."""


class Options:
    """The options of one detector; every reader names the value that it refuses."""

    def __init__(self, text: str) -> None:
        self.name, _, rest = text.partition(":")
        self._values: dict[str, str] = {}
        self._read: set[str] = set()
        for part in filter(None, rest.split(",")):
            key, equals, value = part.partition("=")
            if not equals:
                raise ValueError(f"detector {text!r}: {part!r} is not key=value")
            self._values[key] = value

    def number(self, key: str, default: float, above: float = -math.inf) -> float:
        """A finite number > `above`."""
        text = self._value(key, str(default))
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > above):
            limit = "" if above == -math.inf else f" above {above:g}"
            raise ValueError(f"detector {self.name}: {key} {text!r} is not a number{limit}")
        return value

    def integer(self, key: str, default: int, least: int = 1) -> int:
        """An integer from `least` to `MOST`."""
        text = self._value(key, str(default))
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise ValueError(f"detector {self.name}: {key} {text!r} is not an integer >= {least}")
        if value > MOST:
            raise ValueError(f"detector {self.name}: {key} {text} is above {MOST}")
        return value

    def word(self, key: str, default: str, choices: Sequence[str] = ()) -> str:
        """One of `choices`, or any word if there are none."""
        value = self._value(key, default)
        if choices and value not in choices:
            known = ", ".join(choices)
            raise ValueError(f"detector {self.name}: {key} {value!r} is not one of {known}")
        return value

    def finish(self) -> None:
        """`ValueError` if an option was given that nobody read."""
        unknown = sorted(self._values.keys() - self._read)
        if unknown:
            known = ", ".join(sorted(self._read)) or "none"
            raise ValueError(
                f"detector {self.name}: unknown option {', '.join(unknown)}; it takes {known}"
            )

    def _value(self, key: str, default: str) -> str:
        self._read.add(key)
        return self._values.get(key, default)


Build = Callable[[System, Options], Detector]
"""Makes a detector for a system; `ValueError` if the system or the options don't fit."""
