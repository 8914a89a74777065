# SPDX-License-Identifier: Apache-2.0
"""The tables of a system's file: their keys, what they start with, and what each one means.

`[system]` and `[channel]` hold the entries of `model.systems.system.System`, `[training]` those of
the detector's training configuration: these check themselves. All others are here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

DRAWN = "channels.npz"
"""What a build draws 3GPP channels into, in its folder."""


def key(default: Any, meaning: str) -> Any:
    """A key that may be left out, and a line about it."""
    return dataclasses.field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class SystemTable:
    """Antennas, symbols and converters."""

    title: ClassVar[str] = "system"

    antennas: str = key("8x8", "receive x transmit")
    modulation: str = key("16qam", "qpsk, 16qam, 64qam or 256qam")
    units: int = key(1, "distributed units that share the receive antennas")
    adc_bits: int = key(0, "of each converter, 1 to 4; 0: samples of the detector's own format")
    quantizer: str = key("lloyd-max", "cells of few-bit converters: lloyd-max or uniform")
    agc: str = key("statistics", "gain control: statistics (of signal and noise) or measured")


@dataclass(frozen=True)
class DetectorTable:
    """Which detector, and how deep."""

    title: ClassVar[str] = "detector"

    name: str = key(default="admm", meaning="a shipped detector; empty if a file has your own")
    file: str = key("", "the definition of a detector of your own, beside this file")
    layers: int = key(0, "0: as many as the detector starts with")


@dataclass(frozen=True)
class SnrTable:
    """The entries of the SNR bank, one for each dB."""

    title: ClassVar[str] = "snr"

    bank: str = key("", 'dB, "-5:30": an entry for each; empty: by the modulation')


@dataclass(frozen=True)
class WordsTable:
    """Word lengths. Any other key is a format of the spec, "bits.frac": state = "12.8"."""

    title: ClassVar[str] = "words"
    more: ClassVar[bool] = True

    mode: str = key("given", "given: by rule, or below; auto: the narrowest that lose little")
    loss_db: float = key(0.1, "auto: the most that narrow words may lose, in dB")
    ber: float = key(0.01, "auto: at this bit error rate")
    quick: bool = key(False, "auto: few draws, for a first look")
    soft_bits: int = key(0, "of each soft bit, 3 to 12; 0: decisions alone")


@dataclass(frozen=True)
class HardwareTable:
    """The core."""

    title: ClassVar[str] = "hardware"

    lanes: int = key(0, "products a cycle; 0: chosen for the sizes")
    slots: int = key(0, "vectors (or pairs) in flight, up to 64; 0: enough for these lanes")
    packed: bool = key(False, "two vectors at a time, which share each multiplier")
    clock_mhz: float = key(0.0, "for Mbit/s; 0: as routed")
    route: bool = key(False, "place and route for a clock, which takes minutes")


@dataclass(frozen=True)
class CompareTable:
    """How many vectors are compared, integer by integer."""

    title: ClassVar[str] = "compare"

    golden: int = key(200, "written as golden vectors, every wire of every layer")
    csim: int = key(2000, "golden model against C++ with ap_int")
    native: int = key(100_000, "golden model against native C++")
    rtl: int = key(5000, "golden model against RTL in simulation")
    seed: int = key(0, "of the draws")


@dataclass(frozen=True)
class EvaluateTable:
    """Bit error rates."""

    title: ClassVar[str] = "evaluate"

    snr: str = key("", 'dB, "0:30:2,25.5"; empty: by the bank')
    errors: int = key(4000, "bit errors that end a point")
    max_vectors: int = key(20_000, "vectors that end a point")
    beside: str = key("", "other detectors of model.evaluate, by blanks; empty: what is feasible")
    words: int = key(100, "coded words at an SNR, of a spec with soft bits; 0: none")
    seed: int = key(1, "of the draws")


TABLES = (DetectorTable, SnrTable, WordsTable, HardwareTable, CompareTable, EvaluateTable)
"""But `[system]`, `[channel]` and `[training]`."""
