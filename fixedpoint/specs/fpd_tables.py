# SPDX-License-Identifier: Apache-2.0
"""What FPD-Net has besides θ: its formats, and the tables that serve every θ."""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.distributed import DistributedFormats, DistributedSpec


@dataclass(frozen=True)
class FpdFormats(DistributedFormats):
    """Besides those of both detectors, the parameters θ of a layer and the scales made of them.

    quartic_scale, quartic_step: η^¼ and μ₂η^¼ of (34); gaussian_scale, gaussian_step: √β and μ₃√β
    of (35); cosine_step: πμ₄ of (36); phi: φ of (36).
    """

    quartic_scale: Format
    quartic_step: Format
    gaussian_scale: Format
    gaussian_step: Format
    cosine_step: Format
    phi: Format


SCALES = (
    "step",
    "quartic_scale",
    "quartic_step",
    "gaussian_scale",
    "gaussian_step",
    "cosine_step",
)
"""The run-time scales of a layer, by name, in the order in which hardware takes them."""
THETA = (*SCALES, "phi")
"""All of θ that a layer takes at run time."""


@dataclass(frozen=True)
class FpdTables(DistributedSpec):
    """The entries of FPD-Net but for θ.

    quartic, gaussian: F(v) = 4v³/(v⁴ + 1)² and G(v) = 2v·e^(−v²), which serve every η and β:
    ∇g₁ = η^¼·ΣF(η^¼(b − j)), ∇g₂ = √β·ΣG(√β(p − j)). cosine_address, cosine_output: formats of
    the third penalty's tables −sin πa/(φ − cos πa) over the distance a of d from the nearest point
    of the grid, which is sin πd/(cos πd + φ).
    """

    formats: FpdFormats
    quartic: Lookup
    gaussian: Lookup
    cosine_address: Format
    cosine_output: Format
