# SPDX-License-Identifier: Apache-2.0
"""Recipes of detectors that are trained: the command, and the shipped networks again."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fixedpoint.cli import Parser
from fixedpoint.specs.detector import DetectorSpec
from model.recipes.recipe import Command, Recipe
from model.store.checkpoint import Checkpoint
from model.store.commands import add_options, by_snr, config_of, train, trained_in
from model.store.config import Config
from model.store.resume import Report, Training

FOLDER = Path("build/train")
NONE: Mapping[str, Any] = MappingProxyType({})


class Trained(Recipe):
    """What all of them share.

    fixed: entries of a configuration that are no options; choices: of those that have some; kept:
    what is shipped of the last checkpoint.
    """

    fixed: Sequence[str] = ()
    choices: Mapping[str, tuple[str, ...]] = {}

    def __init__(
        self,
        detector: str,
        title: str,
        kind: type[Config],
        trainer: Callable[[Any, Path, bool, Report], Training[Any]],
        networks: Mapping[str, Any] = NONE,
        specs: Mapping[str, str] = NONE,
        kept: Callable[[Checkpoint], Checkpoint] = lambda last: last,
    ) -> None:
        self.detector, self.networks, self.specs = detector, networks, specs
        self.title, self.kind, self.trainer, self.kept = title, kind, trainer, kept
        self.command = Command(detector, f"train {title}", self.options, self.train)

    def retrain(self, name: str, work: Path) -> Checkpoint:
        """As in the base class."""
        if name not in self.networks:
            return super().retrain(name, work)
        return self.kept(trained_in(work / name, self.networks[name], self.trainer))

    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> DetectorSpec:
        """As in the base class, with the word lengths of one that is shipped."""
        command = f"python -m model.export CHECKPOINT --name {name} --like {like}"
        made = self.shipped(like, self.kept(checkpoint))
        return made.replace(name=name, provenance=command)

    def options(self, parser: Parser) -> None:
        """Of the command."""
        add_options(parser, self.kind, None, self.fixed, self.choices)

    def train(self, arguments: argparse.Namespace) -> int:
        """The command: in --out, or in a folder that is called like what is trained."""
        config: Any = config_of(self.kind, arguments)
        name = self.trains(config)
        out = arguments.out or FOLDER / name

        def make(report: Report) -> Training[Any]:
            return self.trainer(config, out, arguments.resume, report)

        return train(name, out, make, lambda last: self.shown(config, last))

    def trains(self, config: Any) -> str:
        """What is trained, by its name."""
        return self.detector

    def shown(self, config: Any, last: Mapping[str, Any]) -> list[str]:
        """Lines about the last epoch of the log."""
        return by_snr(last)
