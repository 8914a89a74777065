# SPDX-License-Identifier: Apache-2.0
"""Recipes of unfolded nets that Algorithm 1 of the KAQ paper trains."""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import torch

from fixedpoint.cli import Parser
from fixedpoint.numbers.bank import StepFormats
from fixedpoint.numbers.format import Format
from fixedpoint.specs.detector import DetectorSpec
from model.quant.constants import bank_of, constant
from model.quant.steps import StepSize
from model.recipes.recipe import Command, Recipe
from model.store import checkpoint as checkpoints
from model.store import shipped as shipped_nets
from model.store.checkpoint import Checkpoint
from model.store.commands import add_options, command_line, config_of, progress_bar, reporter, train
from model.store.resume import Report
from model.unfolded.config import CHOICES, TrainConfig
from model.unfolded.nets import UnfoldedNet
from model.unfolded.trainer import Trainer

L = TypeVar("L")
Export = Callable[[Checkpoint, TrainConfig, str, str], DetectorSpec]
"""The spec of a quantized net: checkpoint, its configuration, name, provenance."""


@dataclass(frozen=True)
class Column:
    """A constant of each layer: its values, its format and the least integer that it may be."""

    values: Sequence[float]
    format: Format
    least: int


def tables_of(net: UnfoldedNet) -> list[torch.Tensor]:
    """Δ of each layer at every SNR entry, (entries,)."""
    return [cast(StepSize, step).table() for step in net.steps]


def layers(
    make: Callable[..., L],
    formats: StepFormats,
    tables: Sequence[torch.Tensor],
    columns: Mapping[str, Column],
) -> tuple[L, ...]:
    """The integers of each layer. Raises `ValueError` on what its format cannot hold."""
    found = []
    for k, table in enumerate(tables):
        at = f"layer {k + 1}:"
        integers: dict[str, Any] = {}
        for name, column in columns.items():
            value, what = column.values[k], f"{at} {name.replace('_', ' ')}"
            if column.least == 0 > value:
                raise ValueError(f"{what} {value:g} is negative")
            integers[name] = constant(what, value, column.format, column.least)
        step, inverse = bank_of(at, table, formats)
        found.append(make(step=step, inverse=inverse, **integers))
    return tuple(found)


class Unfolded(Recipe):
    """A net of `model.unfolded.config.NETWORKS`."""

    def __init__(
        self,
        network: str,
        title: str,
        networks: Mapping[str, TrainConfig],
        specs: Mapping[str, str],
        make: Export,
    ) -> None:
        self.detector, self.networks, self.specs, self.make = network, networks, specs, make
        self.command = Command(network, f"train {title}", self._options, self._train)

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
        folder = work / name
        resume = (folder / checkpoints.FILE).exists()
        if resume and finished(checkpoints.load(folder), config):
            return checkpoints.load(folder)
        started = time.process_time()
        with progress_bar() as progress:
            last = Trainer(config, folder, resume, reporter(progress, name)).run()
        print(f"{name}: {time.process_time() - started:.0f} s of CPU", flush=True)
        return last

    def shipped(self, name: str, network: Checkpoint | None = None) -> DetectorSpec:
        """As in the base class."""
        source, version = self.specs[name], torch.__version__.split("+")[0]
        if network is None:
            version = checkpoints.notes(shipped_nets.locate(source))["torch"]
            network = shipped_nets.checkpoint_of(source)
        return self._spec(network, name, f"python -m model.rebuild {name} (torch {version})")

    def export(self, checkpoint: Checkpoint, name: str, like: str = "") -> DetectorSpec:
        """As in the base class; the configuration has the word lengths."""
        if like:
            raise ValueError(f"like {like!r}: a {self.detector} net has word lengths of its own")
        config = TrainConfig.from_json(checkpoint.config)
        command = command_line(f"python -m model.train {self.detector}", config, ("network",))
        return self._spec(checkpoint, name, f"{command} && python -m model.export --name {name}")

    def _spec(self, checkpoint: Checkpoint, name: str, provenance: str) -> DetectorSpec:
        if checkpoint.stage != "quantized":
            raise ValueError(
                f"the checkpoint's stage is {checkpoint.stage}: only a quantized net has Δ"
            )
        config = TrainConfig.from_json(checkpoint.config)
        return self.make(checkpoint, config, name, provenance)

    def _options(self, parser: Parser) -> None:
        folder = Path("build/train") / self.detector
        add_options(parser, TrainConfig, folder, ("network",), CHOICES)
        parser.set_defaults(network=self.detector)

    def _train(self, arguments: argparse.Namespace) -> int:
        config, out = config_of(TrainConfig, arguments), arguments.out

        def shown(last: Mapping[str, Any]) -> list[str]:
            at = config.template.snr.snr_db
            lines = [f"  {at[int(i)]:5.1f} dB  BER {ber:.4f}" for i, ber in last["ber"].items()]
            return [*lines, f"  mean     BER {last['mean_ber']:.4f}"]

        def make(report: Report) -> Trainer:
            return Trainer(config, out, arguments.resume, report)

        return train(self.detector, out, make, shown)


def finished(saved: Checkpoint, config: TrainConfig) -> bool:
    """True if nothing of a training is left to do."""
    stage, epochs = "quantized", config.epochs
    if config.quantizer == "float":
        stage, epochs = "float", config.float_epochs
    same = TrainConfig.from_json(saved.config) == config
    return same and (saved.stage, saved.epoch) == (stage, epochs)
