# SPDX-License-Identifier: Apache-2.0
"""PM-Net: five and ten layers, trained on independent and correlated channels in one mixture."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from typing import Any

from fixedpoint.specs.detector import DetectorSpec
from model.own.config import OwnConfig
from model.own.export import export
from model.own.trainer import GraphTrainer
from model.recipes.own import Defined
from model.store import shipped
from model.store.checkpoint import Checkpoint
from model.systems.system import System

DETECTOR = "pm"
MIXTURE = "16x16-16qam:channel=mixture,receive_correlation=0.9,transmit_correlation=0.9"
"""Half of the blocks independent; the others with ρ uniform in 0 to .9, the same on both sides."""
FIVE = OwnConfig(
    DETECTOR, system=MIXTURE, layers=5, blocks=72, vectors=8, steps=200, float_epochs=12,
    epochs=6, learning_rate=0.03, snr_low_db=-5.0, spread=1.5, seed=5,
)  # fmt: skip
NETWORKS: dict[str, OwnConfig] = {
    "pm5-16x16-16qam": FIVE,
    "pm10-16x16-16qam": dataclasses.replace(FIVE, layers=10, seed=10),
    "pm5-16x8-16qam": dataclasses.replace(FIVE, system=MIXTURE.replace("16x16", "16x8")),
    "pm5-64x8-16qam": dataclasses.replace(FIVE, system=MIXTURE.replace("16x16", "64x8")),
}
SOFT = {f"{name}-soft": name for name in NETWORKS}


class Pm(Defined):
    """Trained as any definition; each shipped spec is made of the network of its name."""

    words = "python -m model.train pm"

    def __init__(self) -> None:
        super().__init__(DETECTOR, "PM-Net", OwnConfig, GraphTrainer, NETWORKS,
                         {name: name for name in NETWORKS})  # fmt: skip
        self.soft = SOFT

    def owns(self, config: Mapping[str, Any]) -> bool:
        """As in the base class."""
        return config.get("detector") == self.detector

    def usual(self, system: System) -> Mapping[str, Any]:
        """As in the base class, of this definition."""
        return {"detector": self.detector, **super().usual(system)}

    def shipped(self, name: str, network: Checkpoint | None = None) -> DetectorSpec:
        """As in the base class."""
        if name not in self.specs:
            super().shipped(name)
        made = network or shipped.checkpoint_of(self.specs[name])
        return export(made, name, f"python -m model.rebuild {name}")

    def train(self, arguments: argparse.Namespace) -> int:
        """As in the base class."""
        arguments.detector = self.detector
        return super().train(arguments)


RECIPE = Pm()
