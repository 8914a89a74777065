# SPDX-License-Identifier: Apache-2.0
"""FPD-Net: its shipped networks, and specs with their frozen tables or hyper-networks.

With 1 bit HPD is near ML from 7.5 dB on, and those SNRs need more weight. `-mse`: the loss (41).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from model.distributed.config import EIGHT, DistributedRecipe
from model.distributed.hpd_spec import hpd_spec
from model.fpd.config import FpdConfig
from model.fpd.export import fpd_spec, shipped_spec
from model.fpd.hyper_twin import HyperTwin, hyper_twin
from model.fpd.shipped import frozen, table_of
from model.fpd.trainer import FpdTrainer
from model.recipes.trained import Trained
from model.store.checkpoint import Checkpoint
from model.systems.system import System

_QPSK, _QAM = "64x8-4qam-1bit", "64x8-16qam-2bit"
_ONE_BIT = FpdConfig(_QPSK, snr_low_db=-2.5, snr_high_db=12.5, floor=1e-5, balance=0.93, polish=400)
NETWORKS = {
    "fpd-4qam-1bit": _ONE_BIT,
    "fpd-16qam-2bit": FpdConfig(_QAM),
    "fpd-4qam-1bit-mse": replace(_ONE_BIT, balance=0.0, polish=0),
    "fpd-16qam-2bit-mse": FpdConfig(_QAM, balance=0.0),
}
RANGES = {1: (-5.0, 15.0), 2: (0.0, 20.0), 3: (5.0, 30.0), 4: (10.0, 35.0)}
"""SNRs in dB that a default training draws, by the bits of a dimension."""
MADE_OF = {
    "fpd-4qam-1bit": DistributedRecipe(_QPSK, "fpd-4qam-1bit"),
    "fpd-4qam-1bit-8bit": DistributedRecipe(_QPSK, "fpd-4qam-1bit", EIGHT),
    "fpd-4qam-1bit-hyper": DistributedRecipe(_QPSK, "fpd-4qam-1bit", hyper=True),
    "fpd-16qam-2bit": DistributedRecipe(_QAM, "fpd-16qam-2bit"),
    "fpd-16qam-2bit-8bit": DistributedRecipe(_QAM, "fpd-16qam-2bit", EIGHT),
    "fpd-16qam-2bit-hyper": DistributedRecipe(_QAM, "fpd-16qam-2bit", hyper=True),
}


class Fpd(Trained):
    """FPD-Net."""

    likes, entry, base = True, "kappa", _QAM

    def shipped(self, name: str, network: Checkpoint | None = None) -> FpdSpec:
        """As in the base class. Raises `ValueError` on a checkpoint of another system."""
        return shipped_spec(name, MADE_OF[name], network, f"python -m model.export --name {name}")

    def usual(self, system: System) -> Mapping[str, Any]:
        """As in the base class: half of the shipped epochs."""
        low, high = RANGES[system.constellation.bits]
        return {"epochs": 8, "decay": 4, "snr_low_db": low, "snr_high_db": high}

    def watched(self, config: FpdConfig) -> tuple[HpdSpec, bool]:
        """As in the base class: of the same words and converters as one that needs no training."""
        return hpd_spec(self.detector, config.recipe, "", config.layers), True

    def spec(
        self, config: FpdConfig, checkpoint: Checkpoint | None, name: str, provenance: str
    ) -> FpdSpec:
        """As in the base class, with the table."""
        if checkpoint is None:
            raise ValueError(f"spec {name}: {self.title} is trained, a checkpoint was expected")
        table = table_of(self.kept(checkpoint), f"spec {name}")
        return fpd_spec(name, config.recipe, provenance, table, config.kappa)

    def spec_of(self, checkpoint: Checkpoint, name: str, like: str) -> FpdSpec:
        """As in the base class, for the system that the checkpoint was trained for."""
        if name == like:  # a shipped spec again
            return self.shipped(name, self.kept(checkpoint))
        config = FpdConfig.from_json(checkpoint.config)
        made = replace(MADE_OF[like], system=config.system, bank=config.bank)
        command = f"python -m model.export CHECKPOINT --name {name} --like {like}"
        return shipped_spec(name, made, self.kept(checkpoint), command)

    def network_twin(self, spec: FpdSpec, rounding: nn.Module) -> HyperTwin | None:
        """As in the base class."""
        return hyper_twin(spec, rounding)

    def beside(self, spec: FpdSpec) -> list[str]:
        """As in the base class."""
        return ["fpd" if spec.hyper is None else "fpd:theta=hyper"]


SPECS = {name: made.network for name, made in MADE_OF.items()}
RECIPE = Fpd("fpd", "FPD-Net", FpdConfig, FpdTrainer, NETWORKS, SPECS, frozen)
