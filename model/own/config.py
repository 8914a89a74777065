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
from fixedpoint.numbers.bank import SnrBank
from model.own.graph_config import GraphConfig
from model.systems.system import System
from model.systems.text import bank_of, kept


@dataclass(frozen=True)
class OwnConfig(GraphConfig):
    """Constants and banks of a definition, on draws of the KAQ paper's channel, each new.

    Entries besides those of the base class:

    Args:
        detector: the name in its definition.
        system: a text of `model.systems.text`, in place of antennas, modulation and units; draws
            are its own. bank: the first and the last SNR of the spec, in dB.
        antennas: receive x transmit.
        modulation: the constellation.
        units: distributed ones; 0: one, where the definition has any.
        layers: how many; 0: as many as the definition says.
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
    ranges: ClassVar[Mapping[str, tuple[int, int]]] = {
        "units": (0, 1024),
        "layers": (0, 64),
        **GraphConfig.ranges,
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_system()
        self.check_entries()

    @property
    def spec(self) -> OwnSpec:
        """As in the base class: on a system that cannot be one."""
        own, system = found.required(self.detector), self.receiver
        if system is None:
            return start(own, *sizes(self.antennas), self.modulation, layers=self.layers,
                         units=self.units, snr=bank_of(self.bank))  # fmt: skip
        return start(own, system.rows, system.columns, system.modulation, layers=self.layers,
                     units=system.units * own.units, snr=bank_of(self.bank))  # fmt: skip

    @property
    def receiver(self) -> System | None:
        """As in the base class."""
        return kept(self.system) if self.system else None

    @property
    def snr(self) -> SnrBank:
        """As in the base class."""
        return bank_of(self.bank)

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
