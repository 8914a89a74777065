# SPDX-License-Identifier: Apache-2.0
"""Whether what a grid's pilots received is what those pilots sent.

With p the pilots that a grid sends and H what the detector is given, y = Hp + n at its pilots, so
that ‖Hp‖² − 2·Re⟨y, Hp⟩ is about −‖Hp‖². Of other pilots, or of data in their place, ⟨y, Hp⟩ is
about 0, and the sum about ‖Hp‖². Noise moves it by √(2·no)·‖Hp‖, one standard deviation, and an
error of H's estimate lifts it by its variance.
"""

from __future__ import annotations

import torch
from sionna.phy.ofdm import ResourceGrid
from torch import Tensor

DEVIATIONS = 5.0
"""What more noise than this many standard deviations would have to explain is other pilots."""


def sent(grid: ResourceGrid) -> tuple[Tensor, Tensor]:
    """Where all streams of a grid send pilots, (E,) of its flat symbols and subcarriers, and what.

    The pilots are (transmitters · streams, E); elements where one stream has data are left out.
    """
    pattern = grid.pilot_pattern
    mask = pattern.mask.bool().flatten(2).flatten(0, 1)
    pilots = pattern.pilots.flatten(0, 1)
    whole = torch.zeros(mask.shape, dtype=pilots.dtype, device=pilots.device)
    whole[mask] = pilots.flatten()
    at = torch.nonzero(mask.all(dim=0))[:, 0]
    return at, whole[:, at]


def check(grid: ResourceGrid, y: Tensor, h_hat: Tensor, err_var: Tensor, no: Tensor) -> None:
    """`ValueError`, one line, where a grid's pilots aren't what was sent at their places.

    y (batch, receivers, antennas, symbols, subcarriers) without nulled subcarriers, h_hat (batch,
    receivers, antennas, transmitters, streams, symbols, subcarriers), err_var: the variance of its
    error, which broadcasts to it; no: of noise. A grid whose streams have no pilots at the same
    places is not judged.
    """
    at, pilots = sent(grid)
    if not len(at):
        return
    seen = y.flatten(-2)[..., at]
    channels = h_hat.flatten(-2)[..., at].flatten(3, 4)
    error = err_var.expand(h_hat.shape).flatten(-2)[..., at].flatten(3, 4)
    expected = (channels * pilots).sum(dim=3)
    power = float(expected.abs().square().sum())
    unknown = float((error * pilots.abs().square()).sum())
    common = float((seen.conj() * expected).real.sum())
    noise = 2 * float(no.max()) + float(error.max())
    if power - unknown - 2 * common > DEVIATIONS * (noise * power) ** 0.5:
        energy = max(float(seen.abs().square().sum()), 1e-30)
        symbols = sorted({int(i) for i in at // int(grid.num_effective_subcarriers)})
        places = ", ".join(map(str, symbols))
        raise ValueError(
            f"y and h_hat don't fit the pilots that this grid has in its symbols {places} (‖y − "
            f"Hp‖² is {1 + (power - 2 * common) / energy:.2f} of ‖y‖² there): the grid that was "
            "sent was expected, with its own pilots"
        )
