# SPDX-License-Identifier: Apache-2.0
"""5G PUSCH slots of several users, with estimated channels, over TDL or CDL models.

Each user has one layer and a DMRS port of its own (configuration 1, two symbols, one more
position); the receiver estimates channels by least squares and linear interpolation, detects, and
decodes each user's transport block. All detectors see the same slots. E|h|² is 1 for each user.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sionna.phy import config
from sionna.phy.channel import ApplyOFDMChannel, cir_to_ofdm_channel, subcarrier_frequencies
from sionna.phy.channel.tr38901 import CDL, TDL, Antenna, AntennaArray
from sionna.phy.mimo import StreamManagement
from sionna.phy.nr import PUSCHConfig, PUSCHReceiver, PUSCHTransmitter
from sionna.phy.ofdm import LinearDetector
from torch import Tensor

from fixedpoint.specs.detector import DetectorSpec
from model.link.ofdm import BitfoldOFDMDetector
from model.link.outcome import Wrong
from model.systems.threads import one_thread

PORTS = 8
CARRIER_HZ, DELAY_S, SPEED_M_S = 3.5e9, 100e-9, 3.0
MODELS = ("tdl-a", "tdl-b", "tdl-c", "cdl-a", "cdl-b", "cdl-c")
MCS = {"qpsk": 5, "16qam": 12, "64qam": 20}
"""Of table 1, by default."""
BATCH = 10


@dataclass(frozen=True)
class Slots:
    """What is sent, and how it is detected.

    blocks: resource blocks of 12 subcarriers; mcs: of table 1, None for `MCS`; groups: subcarriers
    that share a preparation, a receiver for each.
    """

    spec: DetectorSpec
    model: str = "cdl-c"
    blocks: int = 4
    mcs: int | None = None
    groups: tuple[int, ...] = (1,)

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise ValueError(f"channel {self.model!r} is not one of {', '.join(MODELS)}")
        if not 1 <= self.blocks <= 275:
            raise ValueError(f"{self.blocks} resource blocks: 1 to 275 were expected")
        if self.users > PORTS:
            raise ValueError(f"spec {self.spec.name} has {self.users} streams: PUSCH has {PORTS} "
                             "DMRS ports, a spec of so many at most was expected")  # fmt: skip
        if not self.groups or min(self.groups) < 1 or len(set(self.groups)) < len(self.groups):
            raise ValueError(f"groups {', '.join(map(str, self.groups))}: different numbers of "
                             "subcarriers, 1 or more, were expected")  # fmt: skip
        if self.mcs is None and self.spec.modulation not in MCS:
            raise ValueError(f"modulation {self.spec.modulation}: {', '.join(MCS)} was expected")

    @property
    def users(self) -> int:
        """One for each stream of the spec."""
        return self.spec.columns // 2


@dataclass(frozen=True)
class Drawn:
    """sent (slots, users, bits); the signal Hx of the grid and noise of the variance 1."""

    sent: Tensor
    signal: Tensor
    noise: Tensor


class Cell:
    """Users, their channels and the receivers of one base station."""

    def __init__(self, slots: Slots, seed: int) -> None:
        config.seed, self.slots = seed, slots
        self.transmitter = PUSCHTransmitter([_user(slots, port) for port in range(slots.users)])
        grid = self.transmitter.resource_grid
        streams = StreamManagement(np.ones([1, slots.users], bool), 1)
        bits = 2 * slots.spec.constellation.bits
        linear = LinearDetector("lmmse", "bit", "app", grid, streams, "qam", bits)
        self.ours = {
            _name(slots.spec, group): BitfoldOFDMDetector(slots.spec, grid, streams, group=group)
            for group in slots.groups
        }
        self.receivers = {
            name: PUSCHReceiver(self.transmitter, mimo_detector=each, stream_management=streams)
            for name, each in {"lmmse": linear, **self.ours}.items()
        }
        self.grid, self.apply = grid, ApplyOFDMChannel()
        self.model = _model(slots.model, slots.spec.rows // 2)
        self.frequencies = subcarrier_frequencies(grid.fft_size, grid.subcarrier_spacing)

    def draw(self, count: int) -> Drawn:
        """What `count` slots send and receive; the same for all SNRs and receivers."""
        x, sent = self.transmitter(count)
        signal = self.apply(x, self._channels(count))
        noise = torch.randn(signal.shape, dtype=signal.dtype, generator=config.torch_rng("cpu"))
        return Drawn(sent, signal, noise)

    def wrong(self, drawn: Drawn, snr_db: float) -> dict[str, Wrong]:
        """Which transport blocks of slots each receiver gets wrong, (slots, users)."""
        no = torch.tensor(self.slots.users / 10 ** (snr_db / 10))
        y = drawn.signal + no.sqrt() * drawn.noise
        return {name: np.asarray((receiver(y, no) != drawn.sent).any(dim=-1).numpy())
                for name, receiver in self.receivers.items()}  # fmt: skip

    def _channels(self, count: int) -> Tensor:
        """(count, 1, Nr, users, 1, symbols, subcarriers)."""
        symbols, rate = self.grid.num_ofdm_symbols, 1 / self.grid.ofdm_symbol_duration
        each = [cir_to_ofdm_channel(self.frequencies, *self.model(count, symbols, rate), True)
                for _ in range(self.slots.users)]  # fmt: skip
        return torch.cat(each, dim=3)


def _user(slots: Slots, port: int) -> PUSCHConfig:
    """`ValueError` on an MCS of another modulation than the spec's."""
    made = PUSCHConfig()
    made.carrier.n_size_grid = slots.blocks
    made.num_layers = made.num_antenna_ports = 1
    made.dmrs.config_type, made.dmrs.length, made.dmrs.additional_position = 1, 2, 1
    made.dmrs.num_cdm_groups_without_data, made.dmrs.dmrs_port_set = 2, [port]
    made.tb.mcs_table = 1
    made.tb.mcs_index = MCS[slots.spec.modulation] if slots.mcs is None else slots.mcs
    bits = 2 * slots.spec.constellation.bits
    found = int(made.tb.num_bits_per_symbol)
    if found != bits:
        raise ValueError(f"mcs {slots.mcs} has {found} bits a symbol, "
                         f"{slots.spec.modulation} has {bits}")  # fmt: skip
    return made


def _model(name: str, antennas: int) -> Callable[..., tuple[Tensor, Tensor]]:
    """A model of one user's channel to all antennas; users are drawn apart."""
    kind, letter = name.upper().split("-")
    if kind == "TDL":
        made: Callable[..., tuple[Tensor, Tensor]] = TDL(
            letter, DELAY_S, CARRIER_HZ, min_speed=SPEED_M_S, num_rx_ant=antennas
        )
        return made
    array = AntennaArray(1, antennas, "single", "V", "38.901", CARRIER_HZ)
    user = Antenna("single", "V", "omni", CARRIER_HZ)
    made = CDL(letter, DELAY_S, CARRIER_HZ, user, array, "uplink", min_speed=SPEED_M_S)
    return made


def _name(spec: DetectorSpec, group: int) -> str:
    return f"golden {spec.name}" + (f", groups of {group}" if group > 1 else "")


@one_thread()
def sweep(
    cell: Cell, snr_db: Sequence[float], slots: int, progress: Callable[[], None] = lambda: None
) -> dict[str, Wrong]:
    """Of each receiver by its name: which transport blocks are wrong, (SNRs, slots, users).

    progress: called after each batch at each SNR.
    """
    size = len(snr_db), slots, cell.slots.users
    found = {name: np.zeros(size, bool) for name in cell.receivers}
    for start in range(0, slots, BATCH):
        drawn = cell.draw(min(BATCH, slots - start))
        for at, snr in enumerate(snr_db):
            for name, wrong in cell.wrong(drawn, snr).items():
                found[name][at, start : start + len(wrong)] = wrong
            progress()
    return found
