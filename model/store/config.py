# SPDX-License-Identifier: Apache-2.0
"""What configurations have in common: entries checked when made, and as JSON."""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from model.store.entries import typed

LARGEST_SEED = (1 << 63) - 1


@dataclass(frozen=True)
class Checked:
    """The base of a frozen dataclass; `__post_init__` of one that checks more calls this one.

    subject: what errors call it. By the names of entries: choices, one of a few words; ranges,
    integers and from where to where; positive, numbers above 0; shares, numbers of 0 to 1; later,
    those that JSON leaves out where they are the default, since files of before lack them.

    Raises `ValueError` that names the entry, its value and what was expected.
    """

    subject: ClassVar[str] = "configuration"
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    ranges: ClassVar[Mapping[str, tuple[int, int]]] = {}
    positive: ClassVar[tuple[str, ...]] = ()
    shares: ClassVar[tuple[str, ...]] = ()
    later: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name, offered in self.choices.items():
            value = getattr(self, name)
            if value not in offered:
                what = f"{name.replace('_', '-')} {value!r}"
                raise ValueError(f"{what} is not one of {', '.join(offered)}")
        for name, (least, most) in self.ranges.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} {getattr(self, name)} is below {least}")
            if getattr(self, name) > most:
                raise ValueError(f"{name} {getattr(self, name)} is above {most}")
        for name in self.positive:
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} {getattr(self, name)} is not a positive number")
        for name in self.shares:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} {getattr(self, name)} is not 0 to 1")

    def to_json(self) -> dict[str, Any]:
        """The entries as a dictionary that JSON can hold."""
        defaults = {f.name: f.default for f in dataclasses.fields(self)}
        entries = dataclasses.asdict(self).items()
        return {k: v for k, v in entries if k not in self.later or v != defaults[k]}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The inverse of `to_json`; `ValueError` names what is unknown or of another type."""
        return typed(cls, data, cls.subject)


class Config(Checked, ABC):
    """What a training is made of."""

    @property
    @abstractmethod
    def seed(self) -> int:
        """Of every draw."""

    @property
    @abstractmethod
    def end(self) -> tuple[str, int]:
        """The last stage, and how many epochs it has."""
