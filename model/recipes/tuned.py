# SPDX-License-Identifier: Apache-2.0
"""Trainings that go on from a spec of any detector, by its graph; none is shipped."""

from __future__ import annotations

import argparse

from fixedpoint.cli import Parser
from fixedpoint.specs.detector import DetectorSpec
from model.own.export import TUNED, export
from model.own.graph_config import LOSSES
from model.own.trainer import GraphTrainer
from model.own.tune_config import TuneConfig
from model.recipes.recipe import Command
from model.recipes.trained import Trained
from model.store.checkpoint import Checkpoint
from model.store.commands import add_options, command_line

NAME = "tune"


class Tuned(Trained):
    """Whatever `--spec` names; a spec says which detector's it is."""

    fixed, choices, entry = (TUNED, "digest"), {"loss": LOSSES}, TUNED

    def __init__(self) -> None:
        super().__init__("", "a spec of any detector further", TuneConfig, GraphTrainer)
        self.command = Command(NAME, f"train {self.title}", self.options, self.train)

    def options(self, parser: Parser) -> None:
        """As in the base class; the spec has the system."""
        parser.add_argument("--spec", required=True, help="a shipped spec or a file")
        add_options(parser, TuneConfig, None, self.fixed, self.choices)

    def asked(self, arguments: argparse.Namespace) -> TuneConfig:
        """As in the base class."""
        names = [name for name in vars(arguments) if name in TuneConfig.__dataclass_fields__]
        return TuneConfig(arguments.spec, **{name: getattr(arguments, name) for name in names})

    def watched(self, config: TuneConfig) -> tuple[DetectorSpec, bool]:
        """As in the base class."""
        return config.spec, True

    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> DetectorSpec:
        """As in the base class; the spec that it started from has the word lengths."""
        config = TuneConfig.from_json(checkpoint.config)
        command = command_line(f"python -m model.train {NAME} --spec {config.spec.name}", config,
                               self.fixed)  # fmt: skip
        return export(checkpoint, name, f"{command} && python -m model.export --name {name}")

    def trains(self, config: TuneConfig) -> str:
        """As in the base class."""
        return f"{config.spec.name}-{config.loss}"


RECIPE = Tuned()
