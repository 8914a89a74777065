# SPDX-License-Identifier: Apache-2.0
"""What a training of a detector of one's own is made of, checked when made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fixedpoint.detectors import found
from fixedpoint.detectors.own import FewBits
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.own_start import sizes, start
from model.store.config import LARGEST_SEED, Config
from model.systems.system import System
from model.systems.text import bank_of, kept

LOSSES = ("decisions", "squared", "soft")


@dataclass(frozen=True)
class OwnConfig(Config):
    """Constants and banks are trained on draws of the KAQ paper's channel, each new.

    Args:
        detector: the name in its definition.
        system: a text of `model.systems.text`, in place of antennas, modulation and units; draws
            are its own. bank: the first and the last SNR of the spec, in dB.
        antennas: receive x transmit.
        modulation: the constellation.
        units: distributed ones; 0: one, where the definition has any.
        layers: how many; 0: as many as the definition says.
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

    detector: str
    antennas: str = "16x16"
    modulation: str = "16qam"
    units: int = 0
    layers: int = 0
    blocks: int = 72
    vectors: int = 8
    steps: int = 100
    float_epochs: int = 10
    epochs: int = 10
    learning_rate: float = 0.02
    clip: float = 5.0
    loss: str = "decisions"
    deep: float = 0.2
    balance: float = 0.7
    snr_low_db: float = 0.0
    snr_high_db: float = 30.0
    validation: int = 2000
    seed: int = 0
    system: str = ""
    bank: str = "-5:30"
    spread: float = 0.0
    soft_wire: str = "state"

    later = ("system", "bank", "spread", "soft_wire")
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"loss": LOSSES}
    ranges: ClassVar[Mapping[str, tuple[int, int]]] = {
        "units": (0, 1024),
        "layers": (0, 64),
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

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_system()
        if not 0 <= self.spread <= 100:
            raise ValueError(f"spread {self.spread} is outside 0 to 100 entries")
        if not len(self.trained):
            raise ValueError(
                f"snr {self.snr_low_db} to {self.snr_high_db} dB holds no entry of the bank"
            )

    @property
    def spec(self) -> OwnSpec:
        """Where the training starts. Raises `ValueError` on a system that cannot be one."""
        own, system = found.required(self.detector), self.receiver
        if system is None:
            return start(own, *sizes(self.antennas), self.modulation, layers=self.layers,
                         units=self.units, snr=bank_of(self.bank))  # fmt: skip
        return start(own, system.rows, system.columns, system.modulation, layers=self.layers,
                     units=system.units * own.units, snr=bank_of(self.bank))  # fmt: skip

    @property
    def receiver(self) -> System | None:
        """The system of that text, if there is one."""
        return kept(self.system) if self.system else None

    def _check_system(self) -> None:
        system = self.receiver
        if system is None:
            return
        own = found.required(self.detector)
        bits = own.adc.bits if isinstance(own.adc, FewBits) else 0
        if system.adc_bits != bits:
            raise ValueError(f"system {self.system}: adc_bits {system.adc_bits}, but detector "
                             f"{own.name} has converters of {bits} bits (0: unquantized)"
                             )  # fmt: skip
        if system.units > 1 and not own.units:
            raise ValueError(f"system {self.system}: {system.units} units, but detector {own.name} "
                             "is a single receiver")  # fmt: skip

    @property
    def end(self) -> tuple[str, int]:
        """The last stage, and how many epochs it has."""
        return "quantized", self.epochs

    @property
    def trained(self) -> range:
        """The SNR entries that are drawn."""
        snr = bank_of(self.bank).snr_db
        inside = [i for i, x in enumerate(snr) if self.snr_low_db <= x <= self.snr_high_db]
        return range(inside[0], inside[-1] + 1) if inside else range(0)
