# SPDX-License-Identifier: Apache-2.0
"""HPD, which is not trained: its specs, with the constants of `model.distributed.hpd.HPD`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fixedpoint.specs.hpd import HpdSpec
from model.distributed.config import EIGHT, WORDS, DistributedRecipe
from model.distributed.hpd_config import HpdConfig
from model.distributed.hpd_spec import hpd_spec
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

    detector, title, likes, kind = "hpd", "HPD", True, HpdConfig
    specs = dict.fromkeys(MADE_OF, "")

    def shipped(self, name: str, network: Checkpoint | None = None) -> HpdSpec:
        """As in the base class."""
        return hpd_spec(name, MADE_OF[name], f"python -m model.export --name {name}")

    def watched(self, config: HpdConfig) -> tuple[HpdSpec, bool]:
        """As in the base class."""
        return hpd_spec(self.detector, config.recipe, "", config.layers), True

    def spec(
        self, config: HpdConfig, checkpoint: Checkpoint | None, name: str, provenance: str
    ) -> HpdSpec:
        """As in the base class."""
        return hpd_spec(name, config.recipe, provenance, config.layers)

    def untrained(self, system: str, name: str, like: str) -> HpdSpec:
        """As in the base class, with the word lengths of one that is shipped."""
        bits = next(bits for bits, words in WORDS.items() if words == MADE_OF[like].words)
        config = self.configuration(system, words=bits)
        command = f"python -m model.export --name {name} --like {like} --system {system}"
        return hpd_spec(name, HpdConfig.from_json(config.to_json()).recipe, command)

    def owns(self, config: Mapping[str, Any]) -> bool:
        """As in the base class: HPD has no checkpoints."""
        return False

    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> HpdSpec:
        """As in the base class."""
        raise ValueError(f"spec {name}: HPD is not trained, no checkpoint was expected")

    def beside(self, spec: HpdSpec) -> list[str]:
        """As in the base class."""
        return ["hpd"]


RECIPE = Hpd()
