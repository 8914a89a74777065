# SPDX-License-Identifier: Apache-2.0
"""What training, export and rebuilding ask of a detector's recipe."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from fixedpoint.cli import Parser
from fixedpoint.receivers.receiver import Supplier
from fixedpoint.specs.detector import DetectorSpec
from model.store.checkpoint import Checkpoint


@dataclass(frozen=True)
class Command:
    """`python -m model.train NAME …`."""

    name: str
    title: str
    options: Callable[[Parser], None]
    body: Callable[[argparse.Namespace], int]


class Recipe(ABC):
    """A detector's: its command, if it is trained, and what is shipped of it.

    detector, title: whose specs these are; networks: how each is trained, by name; specs: the
    network that each is made of, or none; likes: whether a checkpoint takes its word lengths from
    one of these; entry: of a configuration, which only that of such a network has.
    """

    detector = title = ""
    command: Command | None = None
    networks: Mapping[str, Any] = {}
    specs: Mapping[str, str] = {}
    likes = False
    entry = ""

    def owns(self, config: Mapping[str, Any]) -> bool:
        """Whether a checkpoint's configuration is that of such a network."""
        return self.entry in config

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

    def export(self, checkpoint: Checkpoint, name: str, like: str = "") -> DetectorSpec:
        """The spec of a user's own checkpoint.

        like: one of `specs` whose word lengths are taken. Raises `ValueError` on another one, on a
        checkpoint that holds no such network, or constants that no spec of it can hold.
        """
        if self.likes and like not in self.specs:
            raise ValueError(f"like {like!r} is not one of {', '.join(self.specs)}")
        if like and not self.likes:
            raise ValueError(f"like {like!r}: {self.title} has word lengths of its own")
        return self.spec_of(checkpoint, name, like)

    @abstractmethod
    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> DetectorSpec:
        """As `export`, of a `like` that can be one."""

    def network_twin(self, spec: Any, rounding: nn.Module) -> Supplier | None:
        """In torch, what supplies a spec's program with numbers at run time, if anything does."""
        return None

    def beside(self, spec: Any) -> list[str]:
        """The float detectors of the lab to hold beside a spec's float twin."""
        return []
