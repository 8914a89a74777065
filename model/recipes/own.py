# SPDX-License-Identifier: Apache-2.0
"""Detectors that are only a definition; of one's own, none is shipped."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from fixedpoint.cli import Parser
from fixedpoint.detectors.found import PACKAGED
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.specs.detector import DetectorSpec
from model.own.config import OwnConfig
from model.own.export import export
from model.own.graph_config import LOSSES
from model.own.trainer import GraphTrainer
from model.recipes.trained import Trained
from model.recipes.unfolded import RANGES
from model.store.checkpoint import Checkpoint
from model.store.commands import command_line
from model.systems.system import System


class Defined(Trained):
    """What recipes of definitions share. words: the command that trains one."""

    fixed, choices = ("detector",), {"loss": LOSSES}
    words = ""

    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> DetectorSpec:
        """As in the base class; the definition has the word lengths."""
        command = command_line(self.words, OwnConfig.from_json(checkpoint.config), self.fixed)
        return export(checkpoint, name, f"{command} && python -m model.export --name {name}")

    def usual(self, system: System) -> Mapping[str, Any]:
        """As in the base class."""
        low, high = RANGES[system.constellation.bits]
        return {"snr_low_db": low, "snr_high_db": high,
                "bank": "-5:30" if system.constellation.bits < 3 else "-5:45"}  # fmt: skip

    def watched(self, config: OwnConfig) -> tuple[OwnSpec, bool]:
        """As in the base class."""
        return config.spec, True

    def spec(
        self, config: OwnConfig, checkpoint: Checkpoint | None, name: str, provenance: str
    ) -> DetectorSpec:
        """As in the base class."""
        if checkpoint is None:
            raise ValueError(f"spec {name}: {self.title} is trained, a checkpoint was expected")
        return export(checkpoint, name, provenance)

    def trains(self, config: OwnConfig) -> str:
        """As in the base class."""
        return config.detector


class Own(Defined):
    """Whatever `--detector FILE.py` names."""

    entry, words = "detector", "python -m model.train own --detector FILE.py"

    def owns(self, config: Mapping[str, Any]) -> bool:
        """As in the base class, but of a definition that has a recipe."""
        return super().owns(config) and config[self.entry] not in PACKAGED

    def options(self, parser: Parser) -> None:
        """As in the base class, and the definition."""
        parser.add_detector(required=True)
        super().options(parser)

    def train(self, arguments: argparse.Namespace) -> int:
        """As in the base class, of the detector that the definition names."""
        arguments.detector = arguments.detector.name
        return super().train(arguments)


RECIPE = Own("own", "a detector of your own", OwnConfig, GraphTrainer)
