# SPDX-License-Identifier: Apache-2.0
"""The spec of a training by the graph: its constants and banks in their formats."""

from __future__ import annotations

from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.entries import with_constants
from model.own.config import OwnConfig
from model.own.graph_config import GraphConfig
from model.own.trainer import view_of
from model.own.tune_config import TuneConfig
from model.store import checkpoint as checkpoints
from model.store.checkpoint import Checkpoint

TUNED = "source"
"""An entry that only the configuration of a training from a spec has."""


def config_of(checkpoint: Checkpoint) -> GraphConfig:
    """Its configuration. Raises `ValueError` on one of no training by the graph."""
    kind = TuneConfig if TUNED in checkpoint.config else OwnConfig
    return kind.from_json(checkpoint.config)


def export(checkpoint: Checkpoint, name: str, provenance: str) -> DetectorSpec:
    """Rounded half up and saturated. Raises `ValueError` if the checkpoint does not fit it."""
    spec = config_of(checkpoint).spec
    leaves = view_of(spec, checkpoint.stage).leaves
    checkpoints.restore(leaves, checkpoint.part("net"), "checkpoint, net")
    reals = {key: p.detach().double().numpy() for kind in (leaves.constants, leaves.banks)
             for key, p in kind.items() if p.requires_grad}  # fmt: skip
    return with_constants(spec, reals, provenance).replace(name=name)
