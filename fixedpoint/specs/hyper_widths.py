# SPDX-License-Identifier: Apache-2.0
"""Shifts and worst cases of FPD-Net's hyper-network, which is no program."""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.numbers.widths import needed, rounded
from fixedpoint.specs.fpd_tables import FpdTables
from fixedpoint.specs.hyper import AFFINE, Affine, HyperSpec


@dataclass(frozen=True)
class HyperShifts:
    """Shifts besides those of `Affine`; each of a requantization.

    level: of a converter's level to the image. quartic_step, gaussian_step: of the products with μ₂
    and μ₃.
    """

    level: int
    quartic_step: int
    gaussian_step: int

    @classmethod
    def of(cls, spec: FpdTables, hyper: HyperSpec) -> HyperShifts:
        """All shifts of a spec's network."""
        f = spec.formats
        return cls(
            level=spec.adc.level.frac - hyper.image.frac,
            quartic_step=hyper.mu2.output.frac + f.quartic_scale.frac - f.quartic_step.frac,
            gaussian_step=hyper.mu3.output.frac + f.gaussian_scale.frac - f.gaussian_step.frac,
        )


def bounds(spec: FpdTables, hyper: HyperSpec) -> dict[str, int]:
    """The largest magnitude of every intermediate of the network, in order."""
    f, shifts = spec.formats, HyperShifts.of(spec, hyper)
    found = {"level_rounded": rounded(spec.adc.level.max, shifts.level)}
    largest = hyper.image.max
    for name, size in zip(AFFINE, hyper.inputs(spec.unit_size, spec.columns), strict=True):
        layer: Affine = getattr(hyper, name)
        found[name] = size * layer.weight.max * largest + layer.bias.max
        found[f"{name}_rounded"] = rounded(found[name], layer.shift)
        largest = layer.output.max
    found["quartic_product"] = hyper.mu2.output.max * f.quartic_scale.max
    found["quartic_product_rounded"] = rounded(found["quartic_product"], shifts.quartic_step)
    found["gaussian_product"] = hyper.mu3.output.max * f.gaussian_scale.max
    found["gaussian_product_rounded"] = rounded(found["gaussian_product"], shifts.gaussian_step)
    return found


def faults(spec: FpdTables, hyper: HyperSpec) -> list[str]:
    """Intermediates that pass the carriers."""
    return [f"hyper.{name} {fault}" for name, magnitude in bounds(spec, hyper).items()
            if (fault := needed(magnitude))]  # fmt: skip
