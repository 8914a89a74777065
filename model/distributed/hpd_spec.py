# SPDX-License-Identifier: Apache-2.0
"""The spec of HPD."""

from __future__ import annotations

from fixedpoint.detectors import hpd
from fixedpoint.specs.hpd import HpdFormats, HpdLayer, HpdSpec
from model.distributed.config import DistributedRecipe
from model.distributed.hpd import HPD, STEP_A_UNIT
from model.distributed.penalty import ETA, best_weight
from model.distributed.unit_specs import entries_of, formats_of, table_of
from model.quant.constants import constant, fitting


def hpd_spec(name: str, recipe: DistributedRecipe, provenance: str, depth: int = 5) -> HpdSpec:
    """HPD with the constants of `distributed.hpd.HPD`, its step that of the system's units.

    Raises `ValueError` if one doesn't fit.
    """
    system, words = recipe.receiver, recipe.words
    detector = HPD(system, layers=depth, step=STEP_A_UNIT * system.units)
    alpha = best_weight(system.constellation.peak)
    weights = [detector.step * alpha * gamma / system.units for gamma in detector.weights()]
    step = detector.kappa * detector.step
    pull = table_of(lambda a: hpd.pull_gradient(a, ETA), words.distance, words.constants)
    formats = HpdFormats(
        **formats_of(recipe, detector.kappa, step, detector.layers),
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
        **entries_of(
            name, HpdSpec.of, recipe, provenance, detector.kappa, formats, detector.layers
        ),
        formats=formats,
        eta=constant("eta", ETA, formats.eta, 1),
        pull=pull,
        layers=layers,
    )
