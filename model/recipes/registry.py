# SPDX-License-Identifier: Apache-2.0
"""Every detector's recipe: nothing else of training, export and rebuilding names a detector."""

from __future__ import annotations

from typing import Any

from torch import nn

from fixedpoint.receivers.receiver import Supplier
from fixedpoint.specs.detector import DetectorSpec
from model.recipes import admm, fpd, hpd, own, pgd, pm, tuned
from model.recipes.recipe import Recipe
from model.store.checkpoint import Checkpoint
from model.unfolded.config import TrainConfig

RECIPES: tuple[Recipe, ...] = (
    pgd.RECIPE, admm.RECIPE, hpd.RECIPE, fpd.RECIPE, pm.RECIPE, own.RECIPE, tuned.RECIPE,
)  # fmt: skip


def networks() -> dict[str, Recipe]:
    """The recipe of each shipped network."""
    return {name: recipe for recipe in RECIPES for name in recipe.networks}


def specs() -> dict[str, Recipe]:
    """The recipe of each shipped spec."""
    return {name: recipe for recipe in RECIPES for name in (*recipe.specs, *recipe.soft)}


def likes() -> dict[str, Recipe]:
    """The recipe of each shipped spec whose word lengths a checkpoint can take."""
    return {name: recipe for recipe in RECIPES if recipe.likes for name in recipe.specs}


def config_of(network: str) -> Any:
    """How a shipped network is trained."""
    return networks()[network].networks[network]


def recipe_of(detector: str) -> Recipe:
    """A detector's, by its name: that of definitions of one's own, if none has the name."""
    return next((recipe for recipe in RECIPES if recipe.detector == detector), own.RECIPE)


def owner(checkpoint: Checkpoint) -> Recipe:
    """The recipe of a checkpoint's network. `ValueError` on a configuration of none."""
    for recipe in RECIPES:
        if recipe.owns(checkpoint.config):
            return recipe
    TrainConfig.from_json(checkpoint.config)  # says what is wrong with it
    raise ValueError("the checkpoint's configuration is that of no recipe")


def beside(spec: DetectorSpec) -> list[str]:
    """The float detectors of the lab beside a spec's float twin."""
    return recipe_of(spec.detector).beside(spec)


def network_twin(spec: DetectorSpec, rounding: nn.Module) -> Supplier | None:
    """In torch, what supplies a spec's program with numbers at run time, if anything does."""
    return recipe_of(spec.detector).network_twin(spec, rounding)
