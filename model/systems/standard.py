# SPDX-License-Identifier: Apache-2.0
"""Channels of 3GPP TR 38.901 by Sionna (the extra `sionna`): TDL, CDL and UMi.

Uplink, one time instant, lines of vertical omnidirectional antennas half a wavelength apart. TDL
and CDL: one terminal whose antennas are the users, TDL with independent antennas. UMi: every user a
terminal of one antenna, dropped anew for each draw in one sector, without path loss and shadow
fading: a power control makes up for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

BATCH = 250
TDL_MODELS, CDL_MODELS = "ABCDE", "ABCDE"
KINDS = (
    *(f"tdl-{m.lower()}" for m in TDL_MODELS),
    *(f"cdl-{m.lower()}" for m in CDL_MODELS),
    "umi",
)


class Setting(NamedTuple):
    """What is simulated.

    kind: of `KINDS`; nr, nt: receive antennas and users; carrier_ghz; delay_spread_ns: of TDL and
    CDL; subcarriers, spacing_khz: frequencies of each draw around the carrier, a dimension of H
    between draws and antennas if there are several.
    """

    kind: str
    nr: int
    nt: int
    carrier_ghz: float = 3.5
    delay_spread_ns: float = 100.0
    subcarriers: int = 1
    spacing_khz: float = 30.0

    def check(self) -> None:
        """`ValueError` that names the entry, its value and what was expected."""
        if self.kind not in KINDS:
            raise ValueError(f"channel {self.kind!r} is not one of {', '.join(KINDS)}")
        for name in ("nr", "nt", "subcarriers"):
            if not 1 <= getattr(self, name) <= 1024:
                raise ValueError(f"{name} {getattr(self, name)} is outside 1 to 1024")
        for name, least, most in (("carrier_ghz", 0.5, 100), ("spacing_khz", 0.1, 1e5),
                                  ("delay_spread_ns", 0.1, 1e5)):  # fmt: skip
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} {getattr(self, name)} is outside {least} to {most:g}")


def drawn(setting: Setting, draws: int, seed: int) -> Iterator[NDArray[np.complex64]]:
    """H (draws of a batch, nr, nt), or with subcarriers (…, subcarriers, nr, nt), batch by batch.

    Raises `ValueError` where Sionna isn't installed, and on a setting that is none.
    """
    setting.check()
    try:
        from sionna.phy import config
        from sionna.phy.channel import cir_to_ofdm_channel, subcarrier_frequencies
    except ImportError as error:
        raise ValueError(f"3GPP channels need Sionna, pip install sionna-no-rt: {error}") from error
    config.seed = seed
    torch.manual_seed(seed)
    model = _model(setting)
    frequencies = subcarrier_frequencies(setting.subcarriers, setting.spacing_khz * 1e3)
    size = min(BATCH, draws)  # of every batch: a topology keeps its size
    for start in range(0, draws, BATCH):
        a, tau = _response(setting, model, size)
        h = cir_to_ofdm_channel(frequencies, a, tau)[:, 0]  # (size, nr, terminals, antennas, 1, f)
        h = h.flatten(2, 3)[..., 0, :].permute(0, 3, 1, 2)
        found = h[: draws - start].cpu().numpy().astype(np.complex64)
        yield found[:, 0] if setting.subcarriers == 1 else found


def _line(antennas: int, carrier: float) -> Any:
    from sionna.phy.channel.tr38901 import AntennaArray

    return AntennaArray(
        num_rows=1, num_cols=antennas, polarization="single", polarization_type="V",
        antenna_pattern="omni", carrier_frequency=carrier,
    )  # fmt: skip


def _model(setting: Setting) -> Any:
    from sionna.phy.channel import tr38901

    carrier, spread = setting.carrier_ghz * 1e9, setting.delay_spread_ns * 1e-9
    named = re.fullmatch("(tdl|cdl)-(.)", setting.kind)
    if named is None:
        return tr38901.UMi(
            carrier, "low", _line(1, carrier), _line(setting.nr, carrier), "uplink",
            enable_pathloss=False, enable_shadow_fading=False,
        )  # fmt: skip
    letter = named[2].upper()
    if named[1] == "tdl":
        return tr38901.TDL(letter, spread, carrier, num_rx_ant=setting.nr, num_tx_ant=setting.nt)
    arrays = _line(setting.nt, carrier), _line(setting.nr, carrier)
    return tr38901.CDL(letter, spread, carrier, *arrays, direction="uplink")


def _response(setting: Setting, model: Any, size: int) -> tuple[Any, Any]:
    """Path coefficients and delays of a batch, at one instant."""
    if setting.kind != "umi":
        return model(size, 1, 1.0)
    from sionna.phy.channel import gen_single_sector_topology

    model.set_topology(*gen_single_sector_topology(size, setting.nt, "umi"))
    return model(1, 1.0)
