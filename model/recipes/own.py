# SPDX-License-Identifier: Apache-2.0
"""Detectors of one's own, which are only a definition: none is shipped."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fixedpoint.cli import Parser
from fixedpoint.specs.own import OwnSpec
from model.own.config import LOSSES, OwnConfig
from model.own.export import export
from model.own.trainer import OwnTrainer
from model.recipes.recipe import Command, Recipe
from model.store.checkpoint import Checkpoint
from model.store.commands import add_options, command_line, config_of, train


class Own(Recipe):
    """Whatever `--detector FILE.py` names."""

    def __init__(self) -> None:
        self.command = Command("own", "train a detector of your own", self._options, self._train)

    def owns(self, config: Mapping[str, Any]) -> bool:
        """As in the base class."""
        return "detector" in config

    def export(self, checkpoint: Checkpoint, name: str, like: str = "") -> OwnSpec:
        """As in the base class; the definition has the word lengths."""
        if like:
            raise ValueError(f"like {like!r}: the definition has the word lengths")
        config = OwnConfig.from_json(checkpoint.config)
        command = command_line(
            "python -m model.train own --detector FILE.py", config, ("detector",)
        )
        return export(checkpoint, name, f"{command} && python -m model.export --name {name}")

    def _options(self, parser: Parser) -> None:
        parser.add_detector(required=True)
        add_options(parser, OwnConfig, None, ("detector",), {"loss": LOSSES})

    def _train(self, arguments: argparse.Namespace) -> int:
        arguments.detector = name = arguments.detector.name
        config, out = config_of(OwnConfig, arguments), arguments.out or Path("build/train") / name
        return train(name, out, lambda report: OwnTrainer(config, out, arguments.resume, report))


RECIPE = Own()
