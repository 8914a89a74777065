# SPDX-License-Identifier: Apache-2.0
"""What every training by the graph of a program has, whatever it starts from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from fixedpoint.numbers.bank import SnrBank
from fixedpoint.specs.detector import DetectorSpec
from model.store.config import LARGEST_SEED, Config
from model.systems.system import System

LOSSES = ("decisions", "squared", "soft")


class GraphConfig(Config):
    """Entries that each kind declares as fields, with defaults of its own.

    Args:
        blocks, vectors: of a step: coherence blocks, each with a channel and an SNR of its own,
            and vectors of each. Every SNR entry comes as often as any other.
        steps, float_epochs, epochs: steps of an epoch, epochs without rounding, epochs with it.
        learning_rate: Adam's first one, over the size of each constant; it falls linearly to 0 in
            each of the two stages.
        clip: the largest norm of a gradient.
        deep: the weight of a layer's error over that of the next layer's; 0: the last one counts.
        loss: decisions or squared, see `model.own.loss`; soft: of the last layer the cross-entropy
            of soft bits, see `model.own.soft`, and decisions of the others.
        balance: an SNR entry's loss is divided by its mean in the step to this power. 0 leaves it
            as it is, 1 gives every entry the same weight.
        snr_low_db, snr_high_db: entries that are trained; those beyond take over what the nearest
            of these learned.
        spread: entries of a bank learn from their neighbours, too: gradients are averaged by a
            Gaussian of this many entries. 0: each learns from its own draws alone.
        soft_wire: that the loss on soft bits takes them from.
        validation: vectors at each SNR after each epoch.
        seed: of every draw.

    Raises `ValueError` that names the entry, its value and what was expected.
    """

    blocks: int
    vectors: int
    steps: int
    float_epochs: int
    epochs: int
    learning_rate: float
    clip: float
    loss: str
    deep: float
    balance: float
    snr_low_db: float
    snr_high_db: float
    spread: float
    soft_wire: str
    validation: int

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"loss": LOSSES}
    ranges: ClassVar[Mapping[str, tuple[int, int]]] = {
        "blocks": (1, 10**6),
        "vectors": (1, 10**6),
        "steps": (1, 10**8),
        "float_epochs": (0, 10**6),
        "epochs": (0, 10**6),
        "validation": (1, 10**8),
        "seed": (0, LARGEST_SEED),
    }
    positive = ("learning_rate", "clip")
    shares = ("deep", "balance")

    @property
    @abstractmethod
    def spec(self) -> DetectorSpec:
        """Where the training starts. Raises `ValueError` where it cannot."""

    @property
    @abstractmethod
    def snr(self) -> SnrBank:
        """The entries of the spec."""

    @property
    @abstractmethod
    def receiver(self) -> System | None:
        """The system whose draws are taken; None: the spec's own, with exact estimates."""

    @property
    def end(self) -> tuple[str, int]:
        """The last stage, and how many epochs it has."""
        return "quantized", self.epochs

    @property
    def trained(self) -> range:
        """The SNR entries that are drawn."""
        snr = self.snr.snr_db
        inside = [i for i, x in enumerate(snr) if self.snr_low_db <= x <= self.snr_high_db]
        return range(inside[0], inside[-1] + 1) if inside else range(0)

    def check_entries(self) -> None:
        """`ValueError` on a spread out of range, and where no SNR entry is trained."""
        if not 0 <= self.spread <= 100:
            raise ValueError(f"spread {self.spread} is outside 0 to 100 entries")
        if not len(self.trained):
            raise ValueError(
                f"snr {self.snr_low_db} to {self.snr_high_db} dB holds no entry of the bank"
            )
