# SPDX-License-Identifier: Apache-2.0
"""Recipes of unfolded nets that Algorithm 1 of the KAQ paper trains."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from fixedpoint.cli import Parser
from fixedpoint.specs.detector import DetectorSpec
from model.recipes.trained import NONE, Trained
from model.store import checkpoint as checkpoints
from model.store import shipped as shipped_nets
from model.store.checkpoint import Checkpoint
from model.store.commands import command_line, trained_in
from model.systems.system import System
from model.unfolded.config import BANK, CHOICES, TrainConfig
from model.unfolded.trainer import Trainer

Export = Callable[[Checkpoint, TrainConfig, str, str], DetectorSpec]
"""The spec of a quantized net: checkpoint, its configuration, name, provenance."""

RANGES = {1: (-5.0, 20.0), 2: (0.0, 30.0), 3: (12.0, 37.0), 4: (18.0, 43.0)}
"""SNRs in dB that a default training draws, by the bits of a dimension; 5 dB less with twice as
many receive antennas as users."""


class Unfolded(Trained):
    """A net of `model.unfolded.config.NETWORKS`."""

    fixed, choices = ("network",), CHOICES

    def __init__(
        self,
        network: str,
        title: str,
        networks: Mapping[str, TrainConfig],
        specs: Mapping[str, str],
        make: Export,
        short: Mapping[str, Any] = NONE,
        soft: Mapping[str, str] = NONE,
    ) -> None:
        super().__init__(network, title, TrainConfig, Trainer, networks, specs)
        self.make, self.short, self.soft = make, short, soft

    def usual(self, system: System) -> Mapping[str, Any]:
        """As in the base class: box, SNR-driven Δ from the least squared error, wide last layer.

        In the loss every SNR counts alike (measured: docs/model.md).
        """
        low, high = RANGES[system.constellation.bits]
        gain = 5.0 if system.nr >= 2 * system.nt and low >= 0 else 0.0
        found = {"network": self.detector, "prox": "box", "quantizer": "snr", "initial": "mse",
                 "last": "wide", "balance": 1.0, "float_epochs": 20, "epochs": 8, "halve_every": 4,
                 "snr_low_db": low - gain, "snr_high_db": high - gain,
                 "bank": BANK if system.constellation.bits < 3 else "-5:45"}  # fmt: skip
        return {**found, **self.short}

    def watched(self, config: TrainConfig) -> tuple[DetectorSpec, bool]:
        """As in the base class."""
        return config.template, not config.gram

    def spec(
        self, config: TrainConfig, checkpoint: Checkpoint | None, name: str, provenance: str
    ) -> DetectorSpec:
        """As in the base class."""
        if checkpoint is None:
            raise ValueError(f"spec {name}: {self.title} is trained, a checkpoint was expected")
        return self._spec(checkpoint, name, provenance)

    def owns(self, config: Mapping[str, Any]) -> bool:
        """As in the base class."""
        own = {field.name for field in dataclasses.fields(TrainConfig)}
        return set(config) <= own and config.get("network", TrainConfig.network) == self.detector

    def retrain(self, name: str, work: Path) -> Checkpoint:
        """As in the base class, after what it starts from; nothing is trained twice."""
        config, last = self.networks[name], self._trained(name, work)
        return dataclasses.replace(last, config=config.to_json())

    def _trained(self, name: str, work: Path) -> Checkpoint:
        config = self.networks[name]
        for other in filter(None, (config.start, config.teacher)):
            self._trained(other, work)
        start, teacher = (other and str(work / other) for other in (config.start, config.teacher))
        config = dataclasses.replace(config, start=start, teacher=teacher)
        return trained_in(work / name, config, Trainer)

    def shipped(self, name: str, network: Checkpoint | None = None) -> DetectorSpec:
        """As in the base class."""
        source, version = self.specs[name], torch.__version__.split("+")[0]
        if network is None:
            version = checkpoints.notes(shipped_nets.locate(source))["torch"]
            network = shipped_nets.checkpoint_of(source)
        return self._spec(network, name, f"python -m model.rebuild {name} (torch {version})")

    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> DetectorSpec:
        """As in the base class; the configuration has the word lengths."""
        config = TrainConfig.from_json(checkpoint.config)
        command = command_line(f"python -m model.train {self.detector}", config, self.fixed)
        return self._spec(checkpoint, name, f"{command} && python -m model.export --name {name}")

    def _spec(self, checkpoint: Checkpoint, name: str, provenance: str) -> DetectorSpec:
        if checkpoint.stage != "quantized":
            raise ValueError(
                f"the checkpoint's stage is {checkpoint.stage}: only a quantized net has Δ"
            )
        config = TrainConfig.from_json(checkpoint.config)
        return self.make(checkpoint, config, name, provenance)

    def options(self, parser: Parser) -> None:
        """As in the base class; the command says which network."""
        super().options(parser)
        parser.set_defaults(network=self.detector)

    def shown(self, config: TrainConfig, last: Mapping[str, Any]) -> list[str]:
        """As in the base class, by the bank's entries, and their mean."""
        at = config.template.snr.snr_db
        lines = [f"  {at[int(i)]:5.1f} dB  BER {ber:.4f}" for i, ber in last["ber"].items()]
        return [*lines, f"  mean     BER {last['mean_ber']:.4f}"]
