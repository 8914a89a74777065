# SPDX-License-Identifier: Apache-2.0
"""HPD, which is not trained: its specs, with the constants of `model.distributed.hpd.HPD`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fixedpoint.detectors import hpd
from fixedpoint.specs.hpd import HpdFormats, HpdLayer, HpdSpec
from model.distributed.config import EIGHT, DistributedRecipe
from model.distributed.hpd import HPD
from model.distributed.penalty import ETA, best_weight
from model.distributed.unit_specs import entries_of, formats_of, table_of
from model.quant.constants import constant, fitting
from model.recipes.recipe import Recipe
from model.store.checkpoint import Checkpoint

MADE_OF = {
    "hpd-4qam-1bit": DistributedRecipe("64x8-4qam-1bit"),
    "hpd-4qam-1bit-8bit": DistributedRecipe("64x8-4qam-1bit", words=EIGHT),
    "hpd-16qam-2bit": DistributedRecipe("64x8-16qam-2bit"),
    "hpd-16qam-2bit-8bit": DistributedRecipe("64x8-16qam-2bit", words=EIGHT),
}


class Hpd(Recipe):
    """Nothing is trained."""

    detector, likes = "hpd", True
    specs = dict.fromkeys(MADE_OF, "")

    def owns(self, config: Mapping[str, Any]) -> bool:
        """As in the base class."""
        return False

    def shipped(self, name: str, network: Checkpoint | None = None) -> HpdSpec:
        """As in the base class."""
        return hpd_spec(name, MADE_OF[name], f"python -m model.export --name {name}")

    def export(self, checkpoint: Checkpoint, name: str, like: str = "") -> HpdSpec:
        """As in the base class."""
        raise ValueError(f"spec {name}: HPD is not trained, no checkpoint was expected")

    def beside(self, spec: HpdSpec) -> list[str]:
        """As in the base class."""
        return ["hpd"]


def hpd_spec(name: str, recipe: DistributedRecipe, provenance: str) -> HpdSpec:
    """HPD with the constants of `distributed.hpd.HPD`. Raises `ValueError` if one doesn't fit."""
    system, words = recipe.receiver, recipe.words
    detector = HPD(system)
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
        **entries_of(name, recipe, provenance, detector.kappa, formats, detector.layers),
        formats=formats,
        eta=constant("eta", ETA, formats.eta, 1),
        pull=pull,
        layers=layers,
    )


RECIPE = Hpd()
