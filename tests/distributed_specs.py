# SPDX-License-Identifier: Apache-2.0
"""Specs of HPD and FPD-Net with the constants of a working detector, at any fineness."""

from __future__ import annotations

import dataclasses
from typing import Any

from fixedpoint.detectors import fpd, hpd, units
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.fpd import FpdLayer, FpdSpec
from fixedpoint.specs.fpd_tables import SCALES, FpdFormats
from fixedpoint.specs.hpd import HpdFormats, HpdLayer, HpdSpec
from fixedpoint.stress import distributed as distributed_stress

CONSTANT = Format(16, 8)
ADDRESS = Format(7, 3)
UNIT = Format(6, 5)
THETA = {
    "step": 0.25, "quartic_scale": 1.7, "quartic_step": 0.05, "gaussian_scale": 1.75,
    "gaussian_step": 0.05, "cosine_step": 0.06, "phi": 2.0,
}  # fmt: skip


def finer(fmt: Format, extra: int) -> Format:
    """The same range with that many more fractional bits."""
    return Format(fmt.bits + extra, fmt.frac + extra)


def averaging(made: HpdSpec | FpdSpec) -> HpdSpec | FpdSpec:
    """A stress spec with a true 1/C, as a file may hold it."""
    kind = HpdSpec if isinstance(made, HpdSpec) else FpdSpec
    entries = {field.name: getattr(made, field.name) for field in dataclasses.fields(made)}
    mean = int(made.formats.mean.quantize(1 / made.units))
    return kind(**entries | {"mean": mean})


def gentle(detector: str, extra: int = 0, **size: Any) -> HpdSpec | FpdSpec:
    """A spec that detects, with `extra` more bits in data, tables and their addresses.

    Its constants have the same values for every `extra`; H and thresholds keep their formats.
    """
    base = distributed_stress.spec(detector, **size)
    state = finer(Format(base.state_format.bits + 4, 7), extra)
    address, unit, output = (finer(f, extra) for f in (ADDRESS, UNIT, Format(11, 8)))
    residual = finer(Format(10, 8), extra)
    common: dict[str, Any] = {
        "h": base.formats.h,
        "state": state,
        "residual": residual,
        "step": CONSTANT,
        "kappa": base.formats.kappa,
        "mean": finer(CONSTANT, extra),
        "momentum": CONSTANT,
    }
    changes: dict[str, Any] = {
        "slicer": base.constellation.thresholds(state),
        "sigmoid": Lookup.of(lambda a: units.sigmoid(1.5 * a), address, residual),
        "mean": int(common["mean"].quantize(1 / base.units)),
        "momentum": tuple(int(CONSTANT.quantize(t / (t + 3))) for t in range(1, base.depth + 1)),
    }
    if isinstance(base, HpdSpec):
        formats = HpdFormats(weight=CONSTANT, eta=CONSTANT, **common)
        layer = HpdLayer(int(CONSTANT.quantize(0.2)), int(CONSTANT.quantize(0.01)))
        pull = Lookup.of(lambda a: hpd.pull_gradient(a, 4.0), unit, output)
        eta = int(CONSTANT.quantize(4.0))
        return base.replace(
            **changes, formats=formats, eta=eta, pull=pull, layers=(layer,) * base.depth
        )
    third = Lookup.of(lambda a: fpd.cosine_slope(a, THETA["phi"]), unit, output)
    constants = {name: int(CONSTANT.quantize(value)) for name, value in THETA.items()}
    fpd_formats = FpdFormats(**dict.fromkeys((*SCALES, "phi"), CONSTANT) | common)
    return base.replace(
        **changes,
        formats=fpd_formats,
        quartic=Lookup.of(fpd.quartic_slope, address, output),
        gaussian=Lookup.of(fpd.gaussian_slope, address, output),
        cosine_address=unit,
        cosine_output=output,
        layers=(FpdLayer(**constants, cosine=third.values),) * base.depth,
    )


def with_layer(spec: HpdSpec | FpdSpec, k: int, **changes: Any) -> HpdSpec | FpdSpec:
    """The spec with some constants of layer k changed, checked anew."""
    layers = list(spec.layers)
    layers[k] = dataclasses.replace(layers[k], **changes)
    return spec.replace(layers=tuple(layers))
