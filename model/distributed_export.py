# SPDX-License-Identifier: Apache-2.0
"""Specs of HPD and FPD-Net: word lengths, formats, tables and constants from their real values.

Formats of constants and tables take the most fractional bits that hold the largest value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.bank import SnrBank
from fixedpoint.detector_spec import SCHEMA
from fixedpoint.detectors import fpd, hpd
from fixedpoint.detectors.units import sigmoid
from fixedpoint.format import Format
from fixedpoint.fpd_spec import SCALES, FpdFormats, FpdLayer, FpdSpec
from fixedpoint.hpd_spec import HpdFormats, HpdLayer, HpdSpec
from fixedpoint.lookup import Lookup
from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint
from model.constants import constant, fitting
from model.distributed_config import DistributedRecipe
from model.few_bit_export import adc_of
from model.fpd_config import FpdConfig
from model.fpd_shipped import table_of
from model.hpd import HPD
from model.hyper import NAMES
from model.penalty import ETA, best_weight
from model.recipes import DISTRIBUTED
from model.shipped import FOLDER

BANK = SnrBank(-5, 30)
REACH = 1.25
"""The state holds so many times the largest coordinate: z overshoots it by a quarter."""

FloatArray = NDArray[np.float64]


def export(name: str, checkpoint: Checkpoint | None = None) -> HpdSpec | FpdSpec:
    """A spec of `DISTRIBUTED` by its name.

    Args:
        name: of the recipe.
        checkpoint: a frozen FPD-Net; by default the shipped one that the recipe names.

    Raises `ValueError` on a checkpoint of another system or without a table, and on constants that
    don't fit their formats.
    """
    recipe, provenance = DISTRIBUTED[name], f"python -m model.export --name {name}"
    if not recipe.network:
        if checkpoint is not None:
            raise ValueError(f"spec {name}: HPD is not trained, no checkpoint was expected")
        return hpd_spec(name, recipe, provenance)
    source = checkpoint or checkpoints.load(FOLDER / f"{recipe.network}.safetensors")
    table = table_of(source, f"spec {name}")
    config = FpdConfig.from_json(source.config)
    if config.system != recipe.system:
        raise ValueError(
            f"spec {name}: the checkpoint's system is {config.system}, {recipe.system} was expected"
        )
    return fpd_spec(name, recipe, provenance, table, config.kappa)


def hpd_spec(name: str, recipe: DistributedRecipe, provenance: str) -> HpdSpec:
    """HPD with the constants of `model.hpd.HPD`. Raises `ValueError` if one doesn't fit."""
    system, words = recipe.receiver, recipe.words
    detector = HPD(system)
    alpha = best_weight(system.constellation.peak)
    weights = [detector.step * alpha * gamma / system.units for gamma in detector.weights()]
    step = detector.kappa * detector.step
    pull = _table(lambda a: hpd.pull_gradient(a, ETA), words.distance, words.constants)
    formats = HpdFormats(
        **_formats(recipe, detector.kappa, step, detector.layers),
        weight=fitting(words.constants, weights),
        eta=fitting(words.constants, [ETA]),
    )
    layers = tuple(
        HpdLayer(
            step=constant("step", step, formats.step, 1),
            weight=constant(f"layer {k + 1}: weight", weight, formats.weight, 0),
        )
        for k, weight in enumerate(weights)
    )
    return HpdSpec(
        **_common(name, recipe, provenance, detector.kappa, formats, detector.layers),
        formats=formats,
        eta=constant("eta", ETA, formats.eta, 1),
        pull=pull,
        layers=layers,
    )


def fpd_spec(
    name: str, recipe: DistributedRecipe, provenance: str, theta: Tensor, kappa: float
) -> FpdSpec:
    """FPD-Net with a table of constants.

    Args:
        name, recipe, provenance: of the spec.
        theta: (L, 7), columns as `model.hyper.NAMES`.
        kappa: the normalisation that it was trained with.

    Raises `ValueError` on a θ that is negative or not finite, on φ ≤ 1, and on a constant that
    doesn't fit its format.
    """
    words, depth = recipe.words, len(theta)
    _check(theta)
    scales = [_scales(dict(zip(NAMES, row, strict=True)), kappa) for row in theta.tolist()]
    phi = [float(row[NAMES.index("phi")]) for row in theta.tolist()]
    own = {key: fitting(words.constants, [row[key] for row in scales]) for key in SCALES[1:]}
    formats = FpdFormats(
        **_formats(recipe, kappa, max(row["step"] for row in scales), depth),
        **own,
        phi=fitting(words.constants, phi),
    )
    phis = [
        constant(f"layer {k + 1}: phi", value, formats.phi, (1 << formats.phi.frac) + 1)
        for k, value in enumerate(phi)
    ]
    cosines = [_cosine(float(formats.phi.value(q))) for q in phis]
    distances = words.distance.value(np.arange(words.distance.min, words.distance.max + 1))
    output = fitting(words.constants, [v for f in cosines for v in f(distances).tolist()])
    layers = tuple(
        FpdLayer(
            **{
                key: constant(f"layer {k + 1}: {key}", row[key], getattr(formats, key), 0)
                for key in SCALES
            },
            phi=phis[k],
            cosine=Lookup.of(cosines[k], words.distance, output).values,
        )
        for k, row in enumerate(scales)
    )
    return FpdSpec(
        **_common(name, recipe, provenance, kappa, formats, depth),
        formats=formats,
        quartic=_table(fpd.quartic_slope, words.penalty, words.constants),
        gaussian=_table(fpd.gaussian_slope, words.penalty, words.constants),
        cosine_address=words.distance,
        cosine_output=output,
        layers=layers,
    )


def _check(theta: Tensor) -> None:
    for k, row in enumerate(theta.tolist()):
        for key, value in zip(NAMES, row, strict=True):
            least = 1.0 if key == "phi" else 0.0
            if not least < value < math.inf:
                raise ValueError(f"layer {k + 1}: {key} {value:g} is not a number above {least:g}")


def _scales(theta: dict[str, float], kappa: float) -> dict[str, float]:
    """The run-time scales of a layer, by the names of `SCALES`."""
    quartic, gaussian = theta["eta"] ** 0.25, theta["beta"] ** 0.5
    return {
        "step": kappa * theta["mu1"],
        "quartic_scale": quartic,
        "quartic_step": theta["mu2"] * quartic,
        "gaussian_scale": gaussian,
        "gaussian_step": theta["mu3"] * gaussian,
        "cosine_step": math.pi * theta["mu4"],
    }


def _cosine(phi: float) -> Callable[[FloatArray], FloatArray]:
    return lambda a: fpd.cosine_slope(a, phi)


def _table(function: Callable[[FloatArray], FloatArray], address: Format, bits: int) -> Lookup:
    """A function's table, its output format from its largest value."""
    values = function(address.value(np.arange(address.min, address.max + 1)))
    return Lookup.of(function, address, fitting(bits, values.tolist()))


def _formats(recipe: DistributedRecipe, kappa: float, step: float, depth: int) -> dict[str, Format]:
    words, system = recipe.words, recipe.receiver
    return {
        "h": words.h,
        "state": fitting(words.state, [REACH * system.constellation.peak]),
        "residual": words.residual,
        "step": fitting(words.constants, [step]),
        "kappa": fitting(words.constants, [kappa]),
        "mean": fitting(words.constants, [1 / system.units]),
        "momentum": fitting(words.constants, _momenta(depth)),
    }


def _momenta(depth: int) -> list[float]:
    """t/(t + 3) of eq. (23), t from 1."""
    return [t / (t + 3) for t in range(1, depth + 1)]


def _common(
    name: str,
    recipe: DistributedRecipe,
    provenance: str,
    kappa: float,
    formats: HpdFormats | FpdFormats,
    depth: int,
) -> dict[str, Any]:
    """The entries of `DistributedSpec` but its formats."""
    system, words = recipe.receiver, recipe.words
    return {
        "schema": SCHEMA,
        "name": name,
        "detector": name.partition("-")[0],
        "provenance": provenance,
        "modulation": system.modulation,
        "rows": system.rows,
        "columns": system.columns,
        "snr": BANK,
        "slicer": system.constellation.thresholds(formats.state),
        "units": system.units,
        "kappa": constant("kappa", kappa, formats.kappa, 1),
        "adc": adc_of(system, BANK, words.constants),
        "sigmoid": Lookup.of(lambda a: sigmoid(kappa * a), words.sigmoid, words.residual),
        "mean": constant("mean", 1 / system.units, formats.mean, 1),
        "momentum": tuple(
            constant(f"layer {k + 1}: momentum", value, formats.momentum, 0)
            for k, value in enumerate(_momenta(depth))
        ),
    }
