# SPDX-License-Identifier: Apache-2.0
"""What is simulated: antennas, modulation, converters, units, and what the receiver gets wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.modulation import ALIASES, MODULATIONS, Modulation
from fixedpoint.receivers.channel import Channel, Correlation
from fixedpoint.receivers.fading import Mixture, Recorded, Rician
from model.store.config import Checked
from model.systems.recorded import SCALES, recorded

QUANTIZERS = ("lloyd-max", "uniform")
AGCS = ("statistics", "measured")
CHANNELS = ("iid", "kronecker", "mixture", "rician", "file")


@dataclass(frozen=True)
class System(Checked):
    """A receiver of `nr` antennas for `nt` single-antenna users.

    Args:
        nt, nr: users (transmit antennas) and receive antennas.
        modulation: a name of `MODULATIONS`, or 4qam for qpsk.
        adc_bits: bits of each converter, 1 to 4; 0 for unquantized samples.
        quantizer, agc: the converter's thresholds and its scale; see `model.systems.converter`.
        units: distributed units, each with nr / units antennas.
        channel_gain: E|h|² of a complex entry; 0 stands for 1/nr, the KAQ paper's.
        vectors: vectors of a coherence block, B.
        receive_correlation, transmit_correlation: ρ of the exponential Kronecker model.
        channel: iid, kronecker (the same with a ρ above 0), mixture (with each block's ρ anywhere
            from 0 to these, see `fixedpoint.receivers.fading.Mixture`), rician, or file.
        rician_k_db: K of a Rician channel, see `fixedpoint.receivers.fading.Rician`.
        channel_file, channel_scale: a file's H, see `model.systems.recorded`.
        csi_error: variance of the channel estimate's error over that of an entry.
        snr_mismatch_db: the SNR that the receiver believes, less the true one.

    Raises `ValueError` that names the entry, its value and what was expected.
    """

    nt: int
    nr: int
    modulation: str
    adc_bits: int = 0
    quantizer: str = "lloyd-max"
    agc: str = "statistics"
    units: int = 1
    channel_gain: float = 0.0
    vectors: int = 1
    receive_correlation: float = 0.0
    transmit_correlation: float = 0.0
    csi_error: float = 0.0
    snr_mismatch_db: float = 0.0
    channel: str = "iid"
    rician_k_db: float = 0.0
    channel_file: str = ""
    channel_scale: str = "mean"

    subject = "system"
    later = ("channel", "rician_k_db", "channel_file", "channel_scale")
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "modulation": (*MODULATIONS, *ALIASES),
        "quantizer": QUANTIZERS,
        "agc": AGCS,
        "channel": CHANNELS,
        "channel_scale": SCALES,
    }
    ranges: ClassVar[Mapping[str, tuple[int, int]]] = {
        "nt": (1, 4096),
        "nr": (1, 4096),
        "units": (1, 4096),
        "vectors": (1, 10**6),
    }

    def __post_init__(self) -> None:
        name = ALIASES.get(self.modulation, self.modulation)
        object.__setattr__(self, "modulation", name)
        super().__post_init__()
        if not 0 <= self.adc_bits <= 4:
            raise ValueError(f"adc_bits {self.adc_bits} is not 1 to 4, or 0 for unquantized")
        if self.nr % self.units:
            raise ValueError(f"units {self.units} do not divide {self.nr} antennas")
        for field in ("channel_gain", "csi_error"):
            if not 0 <= getattr(self, field) < math.inf:
                raise ValueError(f"{field} {getattr(self, field)} is not a number >= 0")
        if not math.isfinite(self.snr_mismatch_db):
            raise ValueError(f"snr_mismatch_db {self.snr_mismatch_db} is not a number")
        self._check_channel()

    def _check_channel(self) -> None:
        plain = self.correlation == Correlation()
        if self.channel in ("kronecker", "mixture") and plain:
            raise ValueError(
                f"channel {self.channel} without correlation: receive_correlation or "
                "transmit_correlation above 0 was expected"
            )
        if self.rician_k_db and self.channel != "rician":
            raise ValueError(f"rician_k_db {self.rician_k_db} with channel {self.channel}: "
                             "channel rician was expected")  # fmt: skip
        if bool(self.channel_file) != (self.channel == "file"):
            raise ValueError(
                f"channel {self.channel} with channel_file {self.channel_file!r}: channel file "
                "and the path of its .npz or .mat go together"
            )
        if self.channel == "file" and not plain:
            raise ValueError("channel file has correlations of its own, none was expected")
        if self.channel == "rician":
            _ = Rician(self.rician_k_db, self.correlation)
        if self.channel == "kronecker":  # one system, one text
            object.__setattr__(self, "channel", "iid")

    @property
    def constellation(self) -> Modulation:
        """The modulation of every user."""
        return MODULATIONS[self.modulation]

    @property
    def correlation(self) -> Correlation:
        """Of both sides."""
        return Correlation(self.receive_correlation, self.transmit_correlation)

    def fading(self, part: str) -> Channel:
        """What draws H, E|h|² = 1/nr; of a file one of `model.systems.recorded.PARTS`.

        Raises `ValueError` on a file that holds no such H.
        """
        if self.channel == "file":
            return Recorded(recorded(self.channel_file, self.channel_scale, part, self.nr, self.nt))
        if self.channel == "rician":
            return Rician(self.rician_k_db, self.correlation)
        if self.channel == "mixture":
            return Mixture(self.correlation)
        return self.correlation

    @property
    def overloaded(self) -> bool:
        """Whether there are more users than receive antennas."""
        return self.nt > self.nr

    @property
    def rows(self) -> int:
        """M = 2·nr, real dimensions at the receiver."""
        return 2 * self.nr

    @property
    def columns(self) -> int:
        """N = 2·nt, real dimensions that are sent."""
        return 2 * self.nt

    @property
    def bits(self) -> int:
        """Bits that one vector carries."""
        return self.columns * self.constellation.bits

    @property
    def gain(self) -> float:
        """E|h|² of a complex entry."""
        return self.channel_gain or 1 / self.nr

    @property
    def signal_variance(self) -> float:
        """E(Hx)² in one real dimension: Nt·Es·E|h|²/2."""
        return self.nt * self.constellation.symbol_energy * self.gain / 2

    def noise_variance(self, snr_db: float) -> float:
        """σ² in one real dimension at an SNR per receive antenna, E‖Hx‖²/E‖n‖²."""
        return float(self.signal_variance / 10 ** (snr_db / 10))

    def unit_rows(self) -> NDArray[np.int64]:
        """Rows [Re; Im] of each unit in the real form, shape (units, 2·nr/units)."""
        antennas = np.arange(self.nr).reshape(self.units, -1)
        return np.concatenate([antennas, antennas + self.nr], axis=1)


SYSTEMS = {
    "16x16-16qam": System(nt=16, nr=16, modulation="16qam"),
    "64x8-4qam-1bit": System(nt=8, nr=64, modulation="qpsk", adc_bits=1, units=4, channel_gain=1.0),
    "64x8-16qam-2bit": System(
        nt=8, nr=64, modulation="16qam", adc_bits=2, units=4, channel_gain=1.0
    ),
}
"""The settings of the KAQ paper, and of figures 4 and 5 of the paper on few-bit units."""
