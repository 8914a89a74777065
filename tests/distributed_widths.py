# SPDX-License-Identifier: Apache-2.0
"""Shifts and worst-case bounds of a layer of HPD and of FPD-Net."""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from tests.worst_case import Bound, Combination, rounded


@dataclass(frozen=True)
class DistributedShifts:
    """Shifts that both detectors have.

    threshold_align: q << threshold_align meets Hz; sigmoid: of their difference to the table's
    address; mean: of 1/C·Σx_c to s; extrapolate: s and t/(t + 3)·(s − s_prev) to z.
    """

    threshold_align: int
    sigmoid: int
    mean: int
    extrapolate: Combination


@dataclass(frozen=True)
class HpdShifts(DistributedShifts):
    """pull: of the distance to the table's address; update: z, κμ·g and the weighted pull to x."""

    pull: int
    update: Combination


@dataclass(frozen=True)
class FpdShifts(DistributedShifts):
    """descend: z and κμ₁·g to b. quartic, gaussian, cosine: of an argument to its table's address.

    quartic_update, gaussian_update, cosine_update: b to p, p to d, d to x with the step times the
    table's sum.
    """

    descend: Combination
    quartic: int
    quartic_update: Combination
    gaussian: int
    gaussian_update: Combination
    cosine: int
    cosine_update: Combination


def hpd_shifts(spec: HpdSpec) -> HpdShifts:
    """All shifts of a layer of HPD."""
    f, x = spec.formats, spec.formats.state
    return HpdShifts(
        *_common(spec),
        pull=x.frac - spec.pull.address.frac,
        update=Combination.of(
            x, x.frac, f.step.frac + _gradient_frac(spec), f.weight.frac + spec.pull.output.frac
        ),
    )


def fpd_shifts(spec: FpdSpec) -> FpdShifts:
    """All shifts of a layer of FPD-Net."""
    f, x = spec.formats, spec.formats.state
    tables = (spec.quartic.output, spec.gaussian.output, spec.cosine_output)
    steps = (f.quartic_step, f.gaussian_step, f.cosine_step)
    quartic, gaussian, cosine = (
        Combination.of(x, x.frac, step.frac + table.frac)
        for step, table in zip(steps, tables, strict=True)
    )
    return FpdShifts(
        *_common(spec),
        descend=Combination.of(x, x.frac, f.step.frac + _gradient_frac(spec)),
        quartic=x.frac + f.quartic_scale.frac - spec.quartic.address.frac,
        quartic_update=quartic,
        gaussian=x.frac + f.gaussian_scale.frac - spec.gaussian.address.frac,
        gaussian_update=gaussian,
        cosine=x.frac - spec.cosine_address.frac,
        cosine_update=cosine,
    )


def hpd_bounds(spec: HpdSpec) -> dict[str, Bound]:
    """The bound of every intermediate of a layer of HPD, by name, in the order of computation."""
    f, s, found = spec.formats, hpd_shifts(spec), _row_bounds(spec)
    found["distance"] = _distance(spec)
    found["distance_rounded"] = rounded(found["distance"], s.pull)
    found["g_scaled"] = f.step.max * found["gradient"]
    found["pull_scaled"] = f.weight.max * spec.pull.output.max
    found |= s.update.bounds("change", f.state.max, found["g_scaled"], found["pull_scaled"])
    return _bounds(found | _fusion_bounds(spec, s))


def fpd_bounds(spec: FpdSpec) -> dict[str, Bound]:
    """The bound of every intermediate of a layer of FPD-Net, by name, in order."""
    f, s, found = spec.formats, fpd_shifts(spec), _row_bounds(spec)
    found["g_scaled"] = f.step.max * found["gradient"]
    found |= s.descend.bounds("descent", f.state.max, found["g_scaled"])
    reach, points = f.state.max + spec.peak, spec.constellation.levels
    for name, scale, step, table in (
        ("quartic", f.quartic_scale, f.quartic_step, spec.quartic.output),
        ("gaussian", f.gaussian_scale, f.gaussian_step, spec.gaussian.output),
    ):
        shift = s.quartic if name == "quartic" else s.gaussian
        update = s.quartic_update if name == "quartic" else s.gaussian_update
        found[f"{name}_argument"] = reach * scale.max
        found[f"{name}_argument_rounded"] = rounded(reach * scale.max, shift)
        found[name] = points * table.max
        found[f"{name}_scaled"] = step.max * found[name]
        found |= update.bounds(f"{name}_change", f.state.max, found[f"{name}_scaled"])
    found["distance"] = _distance(spec)
    found["distance_rounded"] = rounded(found["distance"], s.cosine)
    found["cosine_scaled"] = f.cosine_step.max * spec.cosine_output.max
    found |= s.cosine_update.bounds("cosine_change", f.state.max, found["cosine_scaled"])
    return _bounds(found | _fusion_bounds(spec, s))


def _common(spec: DistributedSpec) -> tuple[int, int, int, Combination]:
    f = spec.formats
    accumulated = f.h.frac + f.state.frac
    return (
        accumulated - spec.adc.threshold.frac,
        accumulated - spec.sigmoid.address.frac,
        f.mean.frac,
        Combination.of(f.state, f.state.frac, f.momentum.frac + f.state.frac),
    )


def _gradient_frac(spec: DistributedSpec) -> int:
    return spec.formats.h.frac + spec.formats.residual.frac


def _distance(spec: DistributedSpec) -> int:
    """From the nearest point of the grid: 1 between two points, more beyond the last one."""
    return max(1 << spec.formats.state.frac, spec.formats.state.max - spec.peak)


def _row_bounds(spec: DistributedSpec) -> dict[str, int]:
    f = spec.formats
    accumulated = f.h.frac + f.state.frac
    accumulator = spec.columns * f.h.max * f.state.max
    threshold = spec.adc.threshold.max << max(accumulated - spec.adc.threshold.frac, 0)
    difference = accumulator + threshold
    return {
        "accumulator": accumulator,
        "threshold_aligned": threshold,
        "difference": difference,
        "difference_rounded": rounded(difference, accumulated - spec.sigmoid.address.frac),
        "gradient": spec.unit_size * f.h.max * spec.one,
    }


def _fusion_bounds(spec: DistributedSpec, s: DistributedShifts) -> dict[str, int]:
    f = spec.formats
    total = spec.units * f.state.max  # a unit's message can be any
    mean = total * f.mean.max
    change = 2 * f.state.max
    return {
        "total": total,
        "mean_product": mean,
        "mean_rounded": rounded(mean, s.mean),
        "state_change": change,
        "momentum_scaled": f.momentum.max * change,
        **s.extrapolate.bounds("extrapolation", f.state.max, f.momentum.max * change),
    }


def _bounds(magnitudes: dict[str, int]) -> dict[str, Bound]:
    return {name: Bound(magnitude) for name, magnitude in magnitudes.items()}
