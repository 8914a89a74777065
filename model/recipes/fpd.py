# SPDX-License-Identifier: Apache-2.0
"""FPD-Net: its shipped networks, and specs with their frozen tables or hyper-networks.

With 1 bit HPD is near ML from 7.5 dB on, and those SNRs need more weight. `-mse` is the loss (41)
to the letter, every vector with the same weight, and a table of means.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fixedpoint.cli import Parser
from fixedpoint.specs.fpd import FpdSpec
from model.distributed.config import EIGHT, DistributedRecipe
from model.fpd import hyper_export
from model.fpd import shipped as fpd_shipped
from model.fpd.config import FpdConfig
from model.fpd.export import fpd_spec
from model.fpd.trainer import FpdTrainer
from model.recipes.recipe import Command, Recipe
from model.store import checkpoint as checkpoints
from model.store.checkpoint import Checkpoint
from model.store.commands import add_options, config_of, progress_bar, reporter, train
from model.store.shipped import FOLDER

_QPSK, _QAM = "64x8-4qam-1bit", "64x8-16qam-2bit"
_ONE_BIT = FpdConfig(_QPSK, snr_low_db=-2.5, snr_high_db=12.5, floor=1e-5, balance=0.93, polish=400)
_TWO_BITS = FpdConfig(_QAM)
MADE_OF = {
    "fpd-4qam-1bit": DistributedRecipe(_QPSK, "fpd-4qam-1bit"),
    "fpd-4qam-1bit-8bit": DistributedRecipe(_QPSK, "fpd-4qam-1bit", EIGHT),
    "fpd-16qam-2bit": DistributedRecipe(_QAM, "fpd-16qam-2bit"),
    "fpd-16qam-2bit-8bit": DistributedRecipe(_QAM, "fpd-16qam-2bit", EIGHT),
}
HYPER = {f"{network}-hyper": network for network in fpd_shipped.NETWORKS.values()}
"""Specs whose θ the hyper-network gives; all else is that of the spec called like the network."""


class Fpd(Recipe):
    """FPD-Net."""

    networks: Mapping[str, FpdConfig] = {
        "fpd-4qam-1bit": _ONE_BIT,
        "fpd-16qam-2bit": _TWO_BITS,
        "fpd-4qam-1bit-mse": replace(_ONE_BIT, balance=0.0, polish=0),
        "fpd-16qam-2bit-mse": replace(_TWO_BITS, balance=0.0),
    }
    detector, likes = "fpd", True
    specs: Mapping[str, str] = {
        **{name: recipe.network for name, recipe in MADE_OF.items()},
        **HYPER,
    }

    def __init__(self) -> None:
        self.command = Command("fpd", "train FPD-Net", self._options, self._train)

    def owns(self, config: Mapping[str, Any]) -> bool:
        """As in the base class."""
        return "system" in config

    def retrain(self, name: str, work: Path) -> Checkpoint:
        """As in the base class, and frozen."""
        folder, started = work / name, time.process_time()
        resume = (folder / checkpoints.FILE).exists()
        with progress_bar() as progress:
            report = reporter(progress, name)
            trained = FpdTrainer(self.networks[name], folder, resume, report).run()
            last = fpd_shipped.freeze(trained, report)
        print(f"{name}: {time.process_time() - started:.0f} s of CPU", flush=True)
        return last

    def shipped(self, name: str, network: Checkpoint | None = None) -> FpdSpec:
        """As in the base class. Raises `ValueError` on a checkpoint of another system."""
        source = network or checkpoints.load(FOLDER / f"{self.specs[name]}.safetensors")
        provenance = f"python -m model.export --name {name}"
        if name in HYPER:
            base, config = self.shipped(HYPER[name], source), FpdConfig.from_json(source.config)
            made = hyper_export.with_network(base, fpd_shipped.net_of(source).hyper, config)
            return made.replace(name=name, provenance=provenance)
        table, recipe = fpd_shipped.table_of(source, f"spec {name}"), MADE_OF[name]
        config = FpdConfig.from_json(source.config)
        if config.system != recipe.system:
            raise ValueError(f"spec {name}: the checkpoint's system is {config.system}, "
                             f"{recipe.system} was expected")  # fmt: skip
        return fpd_spec(name, recipe, provenance, table, config.kappa)

    def export(self, checkpoint: Checkpoint, name: str, like: str = "") -> FpdSpec:
        """As in the base class. A net that has just been trained is frozen first."""
        if like not in self.specs:
            raise ValueError(f"like {like!r} is not one of {', '.join(self.specs)}")
        if fpd_shipped.TABLE not in checkpoint.tensors:
            with progress_bar() as progress:
                checkpoint = fpd_shipped.freeze(checkpoint, reporter(progress, "table"))
        command = f"python -m model.export CHECKPOINT --name {name} --like {like}"
        return self.shipped(like, checkpoint).replace(name=name, provenance=command)

    def beside(self, spec: FpdSpec) -> list[str]:
        """As in the base class."""
        return ["fpd" if spec.hyper is None else "fpd:theta=hyper"]

    def _options(self, parser: Parser) -> None:
        add_options(parser, FpdConfig, Path("build/train/fpd"))

    def _train(self, arguments: argparse.Namespace) -> int:
        config, out = config_of(FpdConfig, arguments), arguments.out
        return train("fpd", out, lambda report: FpdTrainer(config, out, arguments.resume, report))


RECIPE = Fpd()
