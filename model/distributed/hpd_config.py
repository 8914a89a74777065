# SPDX-License-Identifier: Apache-2.0
"""What a spec of HPD for a system of one's own is made of, checked when made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from model.distributed.config import BANK, WORDS, DistributedRecipe
from model.store.config import Config
from model.systems.system import System
from model.systems.text import bank_of


@dataclass(frozen=True)
class HpdConfig(Config):
    """HPD has nothing to train.

    Args:
        system: a text of `model.systems.text`, with converters of 1 to 4 bits.
        layers: L.
        words: 10 or 8 bits.
        bank: the first and the last SNR of the converters' thresholds, in dB.
        seed: of nothing.

    Raises `ValueError` that names the entry, its value and what was expected.
    """

    system: str
    layers: int = 5
    words: int = 10
    bank: str = BANK
    seed: int = 0

    subject = "HPD configuration"
    ranges: ClassVar[Mapping[str, tuple[int, int]]] = {"layers": (1, 64)}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.words not in WORDS:
            raise ValueError(f"words {self.words} is not one of {', '.join(map(str, WORDS))}")
        _ = self.recipe.receiver, bank_of(self.bank)

    @property
    def receiver(self) -> System:
        """The system of that text."""
        return self.recipe.receiver

    @property
    def recipe(self) -> DistributedRecipe:
        """What its spec is made of."""
        return DistributedRecipe(self.system, words=WORDS[self.words], bank=self.bank)

    @property
    def end(self) -> tuple[str, int]:
        """No epoch."""
        return "float", 0
