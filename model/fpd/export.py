# SPDX-License-Identifier: Apache-2.0
"""The spec of an FPD-Net, with a table of constants or with its hyper-network."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.detectors import fpd
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.fpd import FpdLayer, FpdSpec
from fixedpoint.specs.fpd_tables import SCALES, FpdFormats
from model.distributed.config import DistributedRecipe
from model.distributed.unit_specs import entries_of, formats_of, table_of
from model.fpd.config import FpdConfig
from model.fpd.hyper import NAMES
from model.fpd.hyper_export import with_network
from model.fpd.shipped import checkpoint_of, net_of
from model.fpd.shipped import table_of as table_of_net
from model.quant.constants import constant, fitting
from model.store.checkpoint import Checkpoint

FloatArray = NDArray[np.float64]


def shipped_spec(
    name: str, recipe: DistributedRecipe, network: Checkpoint | None, provenance: str
) -> FpdSpec:
    """Of a frozen net, or of the shipped one: with its table, or with its hyper-network.

    Raises `ValueError` on a checkpoint of another system, and as `fpd_spec`.
    """
    checkpoint = network or checkpoint_of(recipe.network)
    table, config = table_of_net(checkpoint, f"spec {name}"), FpdConfig.from_json(checkpoint.config)
    if config.system != recipe.system:
        raise ValueError(f"spec {name}: the checkpoint's system is {config.system}, "
                         f"{recipe.system} was expected")  # fmt: skip
    made = fpd_spec(name, recipe, provenance, table, config.kappa)
    return with_network(made, net_of(checkpoint).hyper, config) if recipe.hyper else made


def fpd_spec(
    name: str, recipe: DistributedRecipe, provenance: str, theta: Tensor, kappa: float
) -> FpdSpec:
    """FPD-Net with a table of constants.

    Args:
        name, recipe, provenance: of the spec.
        theta: (L, 7), columns as `model.fpd.hyper.NAMES`.
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
        **formats_of(recipe, kappa, max(row["step"] for row in scales), depth),
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
        **entries_of(name, FpdSpec.of, recipe, provenance, kappa, formats, depth),
        formats=formats,
        quartic=table_of(fpd.quartic_slope, words.penalty, words.constants),
        gaussian=table_of(fpd.gaussian_slope, words.penalty, words.constants),
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
