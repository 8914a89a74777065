# SPDX-License-Identifier: Apache-2.0
"""What a training of FPD-Net is made of, checked when made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from model.distributed.config import BANK, WORDS, DistributedRecipe, few_bit_system
from model.distributed.fpd import KAPPA
from model.store.config import LARGEST_SEED, Config
from model.systems.system import System
from model.systems.text import bank_of

SNR_LIMIT_DB, LEAST_BIN_DB = 200.0, 0.01
MOST = 10**8


@dataclass(frozen=True)
class FpdConfig(Config):
    """Batch and rate are the paper's (§V), L = 5 too; the paper leaves the rest out.

    Args:
        system: a text of `model.systems.text`, with converters of 1 to 4 bits.
        layers, kappa: L and the normalisation.
        batch, steps, epochs: every step draws `batch` new vectors, each with a channel and an SNR
            of its own; an epoch is `steps` of them.
        learning_rate, decay: Adam's rate, which falls linearly over the last `decay` epochs.
        clip: the largest norm of a gradient.
        snr_low_db, snr_high_db: SNRs are uniform over this range.
        bin_db, memory, floor: of the running mean squared error: width of its SNR bins, weight of
            a new batch, least value.
        balance: a sample's error is divided by that mean to this power. 0 is the paper's loss (41)
            as it stands, 1 gives every SNR the same weight.
        validation: vectors at each SNR after each epoch.
        table: vectors over which the hyper-network's outputs are averaged for the frozen table.
        polish, polish_batch, polish_rate: steps that fine-tune the table, vectors of each, and
            Adam's first rate, which falls linearly.
        seed: of the weights and of every draw.
        words, bank: of a spec of one's own: 10 or 8 bits, and its SNRs in dB.

    Raises `ValueError` that names the entry, its value and what was expected.
    """

    system: str = "64x8-16qam-2bit"
    layers: int = 5
    kappa: float = KAPPA
    batch: int = 1000
    steps: int = 100
    epochs: int = 16
    learning_rate: float = 1e-3
    decay: int = 6
    clip: float = 5.0
    snr_low_db: float = 0.0
    snr_high_db: float = 20.0
    bin_db: float = 2.5
    memory: float = 0.03
    floor: float = 1e-4
    balance: float = 0.7
    validation: int = 2000
    table: int = 4000
    polish: int = 0
    polish_batch: int = 4000
    polish_rate: float = 4e-3
    seed: int = 0
    words: int = 10
    bank: str = BANK

    subject = "FPD configuration"
    later = ("words", "bank")
    ranges: ClassVar[Mapping[str, tuple[int, int]]] = {
        "layers": (1, 100),
        "batch": (1, MOST),
        "steps": (1, MOST),
        "epochs": (1, 10**6),
        "validation": (1, MOST),
        "table": (1, MOST),
        "polish": (0, MOST),
        "polish_batch": (1, MOST),
        "seed": (0, LARGEST_SEED),
    }
    positive = ("kappa", "learning_rate", "polish_rate", "clip", "bin_db", "memory", "floor")
    shares = ("balance",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.words not in WORDS:
            raise ValueError(f"words {self.words} is not one of {', '.join(map(str, WORDS))}")
        _ = self.recipe
        if not 0 <= self.decay <= self.epochs:
            raise ValueError(f"decay {self.decay} is not 0 to {self.epochs} epochs")
        if self.memory > 1:
            raise ValueError(f"memory {self.memory} is above 1")
        if not -SNR_LIMIT_DB <= self.snr_low_db < self.snr_high_db <= SNR_LIMIT_DB:
            limits = f"within ±{SNR_LIMIT_DB:g} dB"
            raise ValueError(
                f"snr {self.snr_low_db} to {self.snr_high_db} dB is not a range {limits}"
            )
        if self.bin_db < LEAST_BIN_DB:
            raise ValueError(f"bin_db {self.bin_db} is below {LEAST_BIN_DB}")

    @property
    def receiver(self) -> System:
        """The system of that text; entries of H are scaled to a variance of 1."""
        return few_bit_system(self.system)

    @property
    def recipe(self) -> DistributedRecipe:
        """What a spec of one's own is made of."""
        found = DistributedRecipe(self.system, words=WORDS[self.words], bank=self.bank)
        _ = found.receiver, bank_of(self.bank)
        return found

    @property
    def end(self) -> tuple[str, int]:
        """The last stage, and how many epochs it has."""
        return "float", self.epochs

    @property
    def bins(self) -> int:
        """SNR bins of the running mean squared error."""
        return math.ceil((self.snr_high_db - self.snr_low_db) / self.bin_db)

    def rate(self, epoch: int) -> float:
        """Adam's rate in an epoch, counted from 0."""
        return self.learning_rate * self.share(epoch)

    def share(self, epoch: int) -> float:
        """Of the first rate, in an epoch."""
        return min(1.0, (self.epochs - epoch) / (self.decay + 1))
