# SPDX-License-Identifier: Apache-2.0
"""The spec of an ADMM-Net whose layers share one ρ, and whether its entries go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.bank import constant_faults
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.specs import gram
from fixedpoint.specs.block import Certainty, MatrixPart
from fixedpoint.specs.detector import FloatArray
from fixedpoint.specs.prepare import Prepared, checked, inverse_share, prepare
from fixedpoint.specs.stepped import SteppedSpec


@dataclass(frozen=True)
class AdmmFormats:
    """The formats of ADMM-Net's wires and constants.

    f, p: entries of F = W·Hᵀ and P = ρ·W; y: received samples; front: x₀ = F·y; difference: z − u;
    state: x, its relaxation, their sum with u, v, and z; dual: u; code: z in steps Δ (frac 0);
    step: Δ; inverse: 1/Δ; relaxation, dual_step: the constants of x's and u's updates; rho: ρ.
    """

    f: Format
    p: Format
    y: Format
    front: Format
    difference: Format
    state: Format
    dual: Format
    code: Format
    step: Format
    inverse: Format
    relaxation: Format
    dual_step: Format
    rho: Format


@dataclass(frozen=True)
class AdmmLayer:
    """The constants of one layer, integers of the formats above.

    `relaxation` weighs x against the z before; `dual_step` scales u's update; both may be negative.
    `threshold`, `step`, `inverse` as of a layer of PGD-Net.
    """

    relaxation: int
    dual_step: int
    threshold: int
    step: tuple[int, ...]
    inverse: tuple[int, ...]


@dataclass(frozen=True)
class AdmmSpec(SteppedSpec):
    """ADMM-Net. `prox` is soft or box; `rho` holds ρ at each entry of the SNR bank."""

    of: ClassVar[str] = "admm"

    prox: str
    adc: Adc
    formats: AdmmFormats
    rho: tuple[int, ...]
    layers: tuple[AdmmLayer, ...]

    @property
    def matrix_parts(self) -> tuple[MatrixPart, ...]:
        """Fᵀ, a row for each row of y, and P: both products sum over rows of what is stored."""
        return (
            MatrixPart("f", self.rows, self.formats.f),
            MatrixPart("p", self.columns, self.formats.p),
        )

    @property
    def one_snr_a_block(self) -> bool:
        """F and P are made for one ρ."""
        return True

    def prepare(self, h: FloatArray, index: IntArray) -> tuple[Mapping[str, FloatArray], int]:
        """As in the base class: Fᵀ and P."""
        made = self.prepared(h, index)
        matrices = {"f": made.f.transpose(0, 2, 1), "p": made.p}
        return matrices, int(np.count_nonzero(made.doublings))

    def quantized_matrices(self, h: FloatArray, index: IntArray) -> tuple[IntArray, int]:
        """As in the base class, most blocks by their Gram matrices (`gram`): the same integers."""
        index = checked(h, index)
        rho: FloatArray = self.formats.rho.value(self.rho)
        found, sure = gram.quantized(self.formats.f, self.formats.p, h, rho[index[:, 0]])
        if sure.all():
            return found, 0
        found[~sure], raised = super().quantized_matrices(h[~sure], index[~sure])
        return found, raised

    @property
    def certainty(self) -> Certainty:
        """As in the base class: (1 − P_ii)/P_ii."""
        return lambda matrices: inverse_share(matrices["p"])

    def prepared(self, h: FloatArray, index: IntArray) -> Prepared:
        """F and P of blocks. Raises as `prepare`."""
        rho: FloatArray = self.formats.rho.value(self.rho)
        return prepare(self.formats.f, rho, h, index)

    @property
    def number_formats(self) -> Mapping[str, str]:
        """As in the base class."""
        own = {f"layers.{name}": name for name in ("relaxation", "dual_step")}
        return {**super().number_formats, **own, "rho": "rho"}

    def faults(self) -> list[str]:
        """As in the base class."""
        formats, found = self.formats, super().faults()
        if len(self.rho) != len(self.snr):
            found.append(f"rho: {len(self.rho)} entries, {len(self.snr)} expected")
        for i, rho in enumerate(self.rho):
            found += constant_faults(f"rho[{i}]", rho, 1, formats.rho)
        for name in ("relaxation", "dual_step"):
            fmt = getattr(formats, name)
            if fmt.frac < 0:
                found.append(f"formats.{name}.frac: {fmt.frac} is below 0")
            for k, layer in enumerate(self.layers):
                found += constant_faults(f"layers[{k}].{name}", getattr(layer, name), fmt.min, fmt)
        return found
