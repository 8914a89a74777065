# SPDX-License-Identifier: Apache-2.0
"""A bitfold detector for resource grids: `PUSCHReceiver(…, mimo_detector=BitfoldOFDMDetector(…))`.

Vectors of a grid with equal channels and noise are one coherence block. Where an estimator
interpolates, no two subcarriers are equal; `group` neighbours then share the mean of their channels
and covariances, and with it one preparation, at the price of the mean's error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from sionna.phy.mimo import StreamManagement
from sionna.phy.ofdm import OFDMDetector, ResourceGrid
from torch import Tensor

from fixedpoint.specs.detector import DetectorSpec
from model.link import pilots
from model.link.blocks import BitfoldDetector
from model.link.engines import RunIntegers


class BitfoldOFDMDetector(OFDMDetector):
    """As `sionna.phy.ofdm.LinearDetector` is called, with (y, h_hat, err_var, no).

    Args:
        spec, hard_out, gain, outside, engine, precision, device: as of `BitfoldDetector`.
        resource_grid, stream_management: as of Sionna's detectors.
        group: subcarriers, side by side, that share one preparation in each OFDM symbol; 1 for
            equal channels alone.
        check_pilots: whether y and h_hat must fit the grid's pilots; False where y holds none.

    Output: (batch, transmitters, streams, data symbols · bits), LLRs or decisions.

    Raises `ValueError`, one line, on a grid or channels of other sizes than the spec's or the
    grid's, on a grid with other pilots than the one here (`model.link.pilots`), and where `no` is
    not above 0.
    """

    def __init__(
        self,
        spec: str | Path | DetectorSpec,
        resource_grid: ResourceGrid,
        stream_management: StreamManagement,
        hard_out: bool = False,
        *,
        group: int = 1,
        check_pilots: bool = True,
        gain: float | None = None,
        outside: str = "clamp",
        engine: str | RunIntegers = "golden",
        precision: Any = None,
        device: Any = None,
    ) -> None:
        block = BitfoldDetector(
            spec, "bit", hard_out, gain=gain, outside=outside, engine=engine,
            precision=precision, device=device,
        )  # fmt: skip
        streams = int(stream_management.num_streams_per_rx)
        if streams != block.streams:
            raise ValueError(f"a receiver of this grid has {streams} streams, spec "
                             f"{block.spec.name} {block.streams}")  # fmt: skip
        if group < 1:
            raise ValueError(f"group {group}: 1 subcarrier or more was expected")
        super().__init__(
            detector=block,
            output="bit",
            resource_grid=resource_grid,
            stream_management=stream_management,
            precision=precision,
            device=device,
        )
        self.block, self.group, self.check_pilots = block, group, check_pilots

    @property
    def prepared(self) -> int:
        """How many coherence blocks the last call had."""
        return self.block.prepared

    def call(self, y: Tensor, h_hat: Tensor, err_var: Tensor, no: Tensor) -> Tensor:
        """See the class and `sionna.phy.ofdm.OFDMDetector`."""
        noise = torch.as_tensor(no, dtype=self.dtype, device=y.device)
        self._check(y, h_hat, noise)
        if self.check_pilots:
            error = torch.as_tensor(err_var, dtype=self.dtype, device=y.device)
            pilots.check(self._resource_grid, self._removed_nulled_scs(y), h_hat, error, noise)
        samples, channels, covariance = self._preprocess_inputs(y, h_hat, err_var, noise)
        if self.group > 1:
            channels, covariance = (_meaned(each, self.group) for each in (channels, covariance))
        found: Tensor = self._extract_datasymbols(self.block(samples, channels, covariance))
        return found

    def _check(self, y: Tensor, h_hat: Tensor, no: Tensor) -> None:
        """`ValueError` unless all are of this grid."""
        grid, sm, antennas = self._resource_grid, self._stream_management, self.block.antennas
        batch = y.shape[0] if y.dim() else 0
        symbols = int(grid.num_ofdm_symbols)
        size = (batch, int(sm.num_rx), antennas, symbols, int(grid.fft_size))
        if tuple(y.shape) != size:
            raise ValueError(f"y has the shape {tuple(y.shape)}, {size} was expected: another "
                             "grid, or other antennas than the spec's")  # fmt: skip
        streams = (int(sm.num_tx), int(sm.num_streams_per_tx))
        carriers = int(grid.num_effective_subcarriers)
        wanted = (*size[:3], *streams, symbols, carriers)
        if tuple(h_hat.shape) != wanted:
            raise ValueError(f"h_hat has the shape {tuple(h_hat.shape)}, {wanted} was expected: "
                             "pilots of another grid")  # fmt: skip
        allowed = [size[:n] for n in range(4)]
        if tuple(no.shape) not in [*allowed, (1,)]:
            raise ValueError(f"no has the shape {tuple(no.shape)}, the first dimensions of "
                             f"{size[:3]} were expected")  # fmt: skip
        if not bool((torch.isfinite(no) & (no > 0)).all()):
            raise ValueError(f"no {float(no.min()):g}: a noise variance above 0 was expected")


def _meaned(values: Tensor, group: int) -> Tensor:
    """(…, symbols, subcarriers, i, j) with each group's mean in place of its members."""
    parts = [part.mean(dim=-3, keepdim=True).expand_as(part)
             for part in values.split(group, dim=-3)]  # fmt: skip
    return torch.cat(parts, dim=-3)
