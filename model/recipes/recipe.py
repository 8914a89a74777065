# SPDX-License-Identifier: Apache-2.0
"""What training, export and rebuilding ask of a detector's recipe."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from fixedpoint.cli import Parser
from fixedpoint.receivers.receiver import Supplier
from fixedpoint.specs.detector import DetectorSpec
from model.soft import calibrate
from model.store.checkpoint import Checkpoint
from model.store.config import Config
from model.systems.care import of_channels
from model.systems.system import System
from model.systems.text import bank_of, system_of, text_of


@dataclass(frozen=True)
class Command:
    """`python -m model.train NAME …`."""

    name: str
    title: str
    options: Callable[[Parser], None]
    body: Callable[[argparse.Namespace], int]


class Recipe(ABC):
    """A detector's: its command, if it is trained, and what is shipped of it.

    detector, title: whose specs these are; kind: of its configurations; networks: how each is
    trained, by name; specs: the network that each is made of, or none; likes: whether a checkpoint
    takes its word lengths from one of these; soft: shipped specs with soft bits, each with the one
    of `specs` that it is made of; entry: of a configuration, which only that of such a
    network has.
    """

    detector = title = ""
    command: Command | None = None
    networks: Mapping[str, Any] = {}
    specs: Mapping[str, str] = {}
    soft: Mapping[str, str] = {}
    kind: type[Config] | None = None
    likes = False
    entry = ""

    def owns(self, config: Mapping[str, Any]) -> bool:
        """Whether a checkpoint's configuration is that of such a network."""
        return self.entry in config

    def usual(self, system: System) -> Mapping[str, Any]:
        """Entries of a default training for a system: short, and good."""
        return {}

    def configuration(self, system: str, **entries: Any) -> Config:
        """How a detector for a system is trained by default, with entries of one's own.

        system: a text of `model.systems.text`; entries: of the configuration, by name. Raises
        `ValueError` on an unknown one, with the nearest right word, and on what does not fit.
        """
        if self.kind is None:
            raise ValueError(f"{self.title} has no configuration")
        known = [field.name for field in dataclasses.fields(self.kind) if field.name != "system"]
        for name in entries:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                meant = f", {near[0]} perhaps" if near else ""
                raise ValueError(f"{self.title} has no entry {name!r}{meant}; "
                                 f"one of {', '.join(known)} was expected")  # fmt: skip
        of = system_of(system)
        if of.overloaded:
            print(f"warning: {of.nt} users and {of.nr} receive antennas: an overloaded system",
                  file=sys.stderr)  # fmt: skip
        usual = dict(self.usual(of))
        if "bank" in entries:  # a default range of SNRs lies within it
            bank = bank_of(str(entries["bank"]))
            for end in usual.keys() & {"snr_low_db", "snr_high_db"}:
                usual[end] = float(min(max(usual[end], bank.first_db), bank.last_db))
        return self.kind.from_json({**usual, **entries, "system": text_of(of)})

    def watched(self, config: Any) -> tuple[DetectorSpec, bool]:
        """A spec with the formats of H and y that a configuration trains for.

        And whether H is what will be stored.
        """
        raise ValueError(f"{self.title} has no formats before it is a spec")

    def remark(self, config: Any) -> str | None:
        """What is odd about the channels that a configuration trains on, if these are a file's."""
        system = config.receiver
        if system is None or not system.channel_file:
            return None
        spec, stores = self.watched(config)
        return of_channels(spec, system, "train", stores)

    def trained(self, config: Any, folder: Path) -> Checkpoint | None:
        """Train what is left of a configuration in its folder; None if there is nothing to train.

        Raises `ValueError` on a folder of another configuration.
        """
        return None

    def spec(
        self, config: Any, checkpoint: Checkpoint | None, name: str, provenance: str
    ) -> DetectorSpec:
        """The spec of what `trained` gave, for the configuration's system.

        Raises `ValueError` on a checkpoint that cannot be one.
        """
        raise ValueError(f"{self.title} has no spec of a system of one's own")

    def retrain(self, name: str, work: Path) -> Checkpoint:
        """Train what is left of one of `networks` in `work`/name, as it is to be shipped.

        Raises `ValueError` on another name: a recipe that ships no network has none.
        """
        raise ValueError(f"network {name!r}: one of {', '.join(self.networks) or 'none'} expected")

    def shipped(self, name: str, network: Checkpoint | None = None) -> DetectorSpec:
        """One of `specs`, of its shipped network or of that one, trained again.

        Raises `ValueError` on another name: a recipe that ships no spec has none.
        """
        raise ValueError(f"spec {name!r}: one of {', '.join(self.specs) or 'none'} expected")

    def made(self, name: str, network: Checkpoint | None = None) -> DetectorSpec:
        """One of `specs` or of `soft`, as `shipped`."""
        if name in self.soft:
            return calibrate.shipped(self.shipped(self.soft[name], network), name)
        return self.shipped(name, network)

    def export(self, checkpoint: Checkpoint, name: str, like: str = "") -> DetectorSpec:
        """The spec of a user's own checkpoint.

        like: one of `specs` whose word lengths are taken, or none. Raises `ValueError` on another
        one, on a checkpoint that holds no such network, or constants that no spec of it can hold.
        """
        if self.likes and not like and self.kind is not None:
            command = f"python -m model.export CHECKPOINT --name {name}"
            return self.spec(self.kind.from_json(checkpoint.config), checkpoint, name, command)
        if self.likes and like not in self.specs:
            raise ValueError(f"like {like!r} is not one of {', '.join(self.specs)}")
        if like and not self.likes:
            raise ValueError(f"like {like!r}: {self.title} has word lengths of its own")
        return self.spec_of(checkpoint, name, like)

    def untrained(self, system: str, name: str, like: str) -> DetectorSpec:
        """The spec of a system for a detector that nothing is trained of.

        Raises `ValueError` on any other one.
        """
        raise ValueError(f"spec {name}: {self.title} is trained, a checkpoint was expected")

    @abstractmethod
    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> DetectorSpec:
        """As `export`, of a `like` that can be one."""

    def network_twin(self, spec: Any, rounding: nn.Module) -> Supplier | None:
        """In torch, what supplies a spec's program with numbers at run time, if anything does."""
        return None

    def beside(self, spec: Any) -> list[str]:
        """The float detectors of the lab to hold beside a spec's float twin."""
        return []
