# SPDX-License-Identifier: Apache-2.0
"""Every shipped network and spec has one recipe, and every recipe what is shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixedpoint.detectors import library as specs
from model.recipes import registry
from model.recipes.recipe import Recipe
from model.store import checkpoint as checkpoints
from model.store.shipped import FOLDER

NETWORKS = sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def test_networks_and_specs_are_those_that_are_shipped() -> None:
    assert sorted(registry.networks()) == NETWORKS
    assert sorted(registry.specs()) == sorted(specs.shipped())


@pytest.mark.parametrize("name", specs.shipped())
def test_a_shipped_spec_is_what_its_recipe_makes_of_its_shipped_network(name: str) -> None:
    recipe, shipped = registry.specs()[name], specs.load(name)
    made = recipe.made(name)
    assert made == shipped
    assert made.digest == shipped.digest
    assert recipe.detector == shipped.detector


@pytest.mark.parametrize("name", NETWORKS)
def test_a_shipped_network_is_owned_by_its_recipe_alone(name: str) -> None:
    checkpoint = checkpoints.load(FOLDER / f"{name}.safetensors")
    owners = [recipe for recipe in registry.RECIPES if recipe.owns(checkpoint.config)]
    assert owners == [registry.owner(checkpoint)] == [registry.networks()[name]]


def test_a_configuration_of_no_recipe_is_named() -> None:
    for config, words in (({"layers": "5"}, "layers"), ({"depth": 5}, "unknown entries depth")):
        checkpoint = checkpoints.Checkpoint(config, "quantized", 1, {})
        with pytest.raises(ValueError, match=words):
            registry.owner(checkpoint).export(checkpoint, "mine")


@pytest.mark.parametrize("recipe", registry.RECIPES, ids=lambda recipe: type(recipe).__name__)
def test_a_recipe_ships_nothing_of_another_name(recipe: Recipe, tmp_path: Path) -> None:
    if not recipe.networks:
        with pytest.raises(ValueError, match="network 'other': one of none expected"):
            recipe.retrain("other", tmp_path)
    if not recipe.specs:
        with pytest.raises(ValueError, match="spec 'other': one of none expected"):
            recipe.shipped("other")
