# SPDX-License-Identifier: Apache-2.0
"""Recipes of detectors that are trained: the command, and the shipped networks again."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fixedpoint.cli import Parser
from fixedpoint.numbers.modulation import MODULATIONS, modulation_name
from fixedpoint.specs.detector import DetectorSpec
from model.recipes.recipe import Command, Recipe
from model.store.checkpoint import Checkpoint
from model.store.commands import add_options, by_snr, train, trained_in
from model.store.config import Config
from model.store.resume import Report, Training
from model.systems.text import antennas, system_of, text_of

FOLDER = Path("build/train")
NONE: Mapping[str, Any] = MappingProxyType({})


class Trained(Recipe):
    """What all of them share.

    fixed: entries of a configuration that are no options; choices: of those that have some; kept:
    what is shipped of the last checkpoint; base: the system whose antennas or modulation an option
    changes.
    """

    base = "16x16-16qam"
    fixed: Sequence[str] = ()
    choices: Mapping[str, tuple[str, ...]] = {}
    kind: type[Config]

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

    def trained(self, config: Any, folder: Path) -> Checkpoint:
        """As in the base class."""
        return self.kept(trained_in(folder, config, self.trainer))

    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> DetectorSpec:
        """As in the base class, with the word lengths of one that is shipped."""
        command = f"python -m model.export CHECKPOINT --name {name} --like {like}"
        made = self.shipped(like, self.kept(checkpoint))
        return made.replace(name=name, provenance=command)

    def options(self, parser: Parser) -> None:
        """Of the command."""
        add_options(parser, self.kind, None, self.fixed, self.choices)
        entries = {field.name for field in dataclasses.fields(self.kind)}
        for name, words in (("antennas", "receive antennas x users, as 64x8"),
                            ("modulation", ", ".join(MODULATIONS))):  # fmt: skip
            if name not in entries:
                parser.add_argument(f"--{name}", help=f"{words}: of --system, changed")
        parser.set_defaults(**dict.fromkeys(entries - {*self.fixed}))

    def train(self, arguments: argparse.Namespace) -> int:
        """The command: in --out, or in a folder that is called like what is trained."""
        config: Any = self.asked(arguments)
        name = self.trains(config)
        out, odd = arguments.out or FOLDER / name, self.remark(config)
        if odd is not None:
            print(f"warning: {odd}", file=sys.stderr)

        def make(report: Report) -> Training[Any]:
            return self.trainer(config, out, arguments.resume, report)

        return train(name, out, make, lambda last: self.shown(config, last))

    def asked(self, arguments: argparse.Namespace) -> Config:
        """The configuration of the options: of a system the default training, with what is given.

        Without a system, the defaults of the configuration itself.
        """
        names = [field.name for field in dataclasses.fields(self.kind)]
        given = {name: vars(arguments)[name] for name in names if vars(arguments)[name] is not None}
        changed: dict[str, object] = {}
        if "antennas" not in names and arguments.antennas:
            changed |= antennas(arguments.antennas)
        if "modulation" not in names and arguments.modulation:
            changed["modulation"] = modulation_name(arguments.modulation)
        text = given.pop("system", "")
        if not text and not changed:
            return self.kind(**given)
        made = system_of(text or self.base, changed)
        return self.configuration(text_of(made), **given)

    def trains(self, config: Any) -> str:
        """What is trained, by its name."""
        return self.detector

    def shown(self, config: Any, last: Mapping[str, Any]) -> list[str]:
        """Lines about the last epoch of the log."""
        return by_snr(last)
