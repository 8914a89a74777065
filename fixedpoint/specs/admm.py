# SPDX-License-Identifier: Apache-2.0
"""The spec of an ADMM-Net whose layers share one ρ, and whether its entries go together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fixedpoint.numbers.adc import Adc, Levels
from fixedpoint.numbers.bank import constant_faults, step_faults
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.prox import PROXES
from fixedpoint.specs.detector import DetectorSpec, FloatArray, MatrixPart
from fixedpoint.specs.prepare import Prepared, prepare
from fixedpoint.support.reading import brief


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
class AdmmSpec(DetectorSpec):
    """ADMM-Net. `prox` is soft or box; `rho` holds ρ at each entry of the SNR bank."""

    prox: str
    adc: Adc
    formats: AdmmFormats
    rho: tuple[int, ...]
    layers: tuple[AdmmLayer, ...]

    @classmethod
    def detector_name(cls) -> str:
        """As in the base class."""
        return "admm"

    @property
    def depth(self) -> int:
        """As in the base class."""
        return len(self.layers)

    @property
    def h_format(self) -> Format:
        """As in the base class."""
        return max(self.formats.f, self.formats.p, key=lambda fmt: fmt.bits)

    @property
    def parts(self) -> tuple[MatrixPart, ...]:
        """Fᵀ, a row for each row of y, and P: both products sum over rows of what is stored."""
        return (
            MatrixPart("f", self.rows, self.formats.f),
            MatrixPart("p", self.columns, self.formats.p),
        )

    @property
    def one_snr_a_block(self) -> bool:
        """F and P are made for one ρ."""
        return True

    @property
    def converter(self) -> Levels:
        """As in the base class."""
        return Levels(self.adc, self.formats.y)

    def prepare(self, h: FloatArray, index: IntArray) -> tuple[Mapping[str, FloatArray], int]:
        """As in the base class: Fᵀ and P."""
        made = self.prepared(h, index)
        matrices = {"f": made.f.transpose(0, 2, 1), "p": made.p}
        return matrices, int(np.count_nonzero(made.doublings))

    def prepared(self, h: FloatArray, index: IntArray) -> Prepared:
        """F and P of blocks. Raises as `prepare`."""
        rho: FloatArray = self.formats.rho.value(self.rho)
        return prepare(self.formats.f, rho, h, index)

    @property
    def state_format(self) -> Format:
        """As in the base class."""
        return self.formats.state

    @property
    def entry_variance(self) -> float:
        """As in the base class: 1/Nr."""
        return 2 / self.rows

    def faults(self) -> list[str]:
        """As in the base class."""
        found = []
        if self.prox not in PROXES:
            found.append(f"prox: {brief(self.prox)} is not one of {', '.join(PROXES)}")
        found += self._format_faults() + self.adc.faults(self.formats.y)
        if len(self.rho) != len(self.snr):
            found.append(f"rho: {len(self.rho)} entries, {len(self.snr)} expected")
        for i, rho in enumerate(self.rho):
            found += constant_faults(f"rho[{i}]", rho, 1, self.formats.rho)
        return found + self._layer_faults()

    def _format_faults(self) -> list[str]:
        formats, faults = self.formats, []
        for field in dataclasses.fields(formats):
            if not getattr(formats, field.name).signed:
                faults.append(f"formats.{field.name}.signed: false, true expected")
        if formats.code.frac != 0:
            faults.append(f"formats.code.frac: {formats.code.frac} is not 0 (codes count steps)")
        if formats.state.frac + formats.inverse.frac < 0:
            faults.append(f"formats.inverse.frac: {formats.inverse.frac} is below -state.frac")
        for name in ("relaxation", "dual_step"):
            frac = getattr(formats, name).frac
            if frac < 0:
                faults.append(f"formats.{name}.frac: {frac} is below 0")
        return faults

    def _layer_faults(self) -> list[str]:
        formats, faults = self.formats, []
        for k, layer in enumerate(self.layers):
            path = f"layers[{k}]"
            for name in ("relaxation", "dual_step"):
                fmt = getattr(formats, name)
                faults += constant_faults(f"{path}.{name}", getattr(layer, name), fmt.min, fmt)
            lowest = 0 if self.prox == "soft" else 1
            faults += constant_faults(f"{path}.threshold", layer.threshold, lowest, formats.state)
            faults += step_faults(path, layer, len(self.snr), formats)
        return faults
