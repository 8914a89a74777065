# SPDX-License-Identifier: Apache-2.0
"""The loss on soft bits themselves: what their ratios lack of a bit, in nats.

With L = log p(1)/p(0) by the max-log rule (`model.soft.rule`) of the last layer's wire w and κ, and
the Gray bits b that were sent, the binary cross-entropy of the ratios

    E[ log(1 + exp((1 − 2b)·L)) ] = log 2 · (1 − I)

falls as the information I that they carry of a bit rises. κ is trained beside the detector: one
factor of the weights of streams, where blocks say how sure each is, else one an SNR entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.modulation import Modulation
from fixedpoint.program.domain import COLUMN
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.specs.detector import DetectorSpec
from model.own.data import by_entry

TRIED = tuple(2.0 ** (k / 4) for k in range(-36, 13))
"""Factors that κ may start from."""


def check_wire(spec: DetectorSpec, wire: str) -> None:
    """`ValueError` unless soft bits can be taken from it: a column's, at the state's point."""
    layer, frac = program(spec).layer, spec.state_format.frac
    offered = [name for name, value in layer.wires.items()
               if value.domain == COLUMN and layer.formats[name].frac == frac
               and layer.formats[name].signed]  # fmt: skip
    if wire not in offered:
        raise ValueError(f"soft-wire {wire!r} is not one of {', '.join(offered)}")


def max_log(w: Tensor, weight: Tensor, modulation: Modulation) -> Tensor:
    """L of each bit, (…, b), of w and κ (…): `model.soft.rule.max_log` with gradients."""
    positions = np.arange(modulation.levels)
    points, words = modulation.modulate(positions), modulation.gray(positions)
    squares = (w[..., None] - torch.from_numpy(points).to(w.dtype)).square()
    ratios = [squares[..., words[:, b] == 0].amin(-1) - squares[..., words[:, b] == 1].amin(-1)
              for b in range(modulation.bits)]  # fmt: skip
    return torch.stack(ratios, -1) * (weight / 2)[..., None]


def entropy(w: Tensor, weight: Tensor, x: Tensor, modulation: Modulation) -> Tensor:
    """Nats that are lost of a bit in the mean of each vector, (G, B), of w, κ, x (G, B, N)."""
    position = ((x + modulation.peak) / 2).round().long().numpy()
    signs = torch.from_numpy(1 - 2 * modulation.gray(position)).to(w.dtype)
    return softplus(signs * max_log(w, weight, modulation)).mean((-2, -1))


class Kappa(nn.Module):
    """κ of the last layer: the exponent of `logarithms`, (1,) or (entries,), by the certainty."""

    def __init__(self, spec: DetectorSpec) -> None:
        super().__init__()
        self.spec = spec
        count = 1 if spec.weighs_streams else len(spec.snr)
        self.logarithms = nn.Parameter(torch.zeros(count))

    def forward(self, inputs: Inputs) -> Tensor:
        """(G, B, 1 or N)."""
        at = np.zeros_like(inputs.index) if self.spec.weighs_streams else inputs.index
        return self.logarithms[torch.from_numpy(at)].exp()[..., None] * self._certainty(inputs)

    @torch.no_grad()
    def start(self, inputs: Inputs, w: Tensor, x: Tensor) -> None:
        """The one of `TRIED` that loses least of the bits of x, of w (G, B, N); each entry's own.

        An entry that was not drawn has that of all.
        """
        share, modulation = self._certainty(inputs), self.spec.constellation
        lost = [entropy(w, (factor * share).expand_as(w), x, modulation) for factor in TRIED]
        logarithms = torch.tensor(TRIED).log()
        self.logarithms.fill_(logarithms[torch.stack([each.mean() for each in lost]).argmin()])
        if not self.spec.weighs_streams:
            means = torch.stack([by_entry(each, inputs.index)[0] for each in lost])
            self.logarithms[np.unique(inputs.index)] = logarithms[means.argmin(0)]

    def groups(self, rate: float) -> list[dict[str, Any]]:
        """Of an optimizer: a rate is relative to κ."""
        return [{"params": [self.logarithms], "lr": rate}]

    def _certainty(self, inputs: Inputs) -> Tensor:
        """(G, 1, N) or 1."""
        spec = self.spec
        if spec.certainty is None:
            return torch.ones(())
        found = spec.certainty(_matrices(spec, inputs))
        return torch.from_numpy(found[:, None]).to(self.logarithms.dtype)


def _matrices(spec: DetectorSpec, inputs: Inputs) -> Mapping[str, Any]:
    """Real matrices (G, R, N), the units' rows one below the other's."""
    return {part.name: np.asarray(inputs.matrices[part.name]).reshape(-1, part.rows, spec.columns)
            * part.format.step for part in spec.matrix_parts}  # fmt: skip
