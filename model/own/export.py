# SPDX-License-Identifier: Apache-2.0
"""The spec of a trained detector of one's own: its constants and banks in their formats."""

from __future__ import annotations

from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.own_start import with_constants
from model.own.config import OwnConfig
from model.own.trainer import view_of
from model.store import checkpoint as checkpoints
from model.store.checkpoint import Checkpoint


def export(checkpoint: Checkpoint, name: str, provenance: str) -> OwnSpec:
    """Rounded half up and saturated. Raises `ValueError` if the checkpoint does not fit it."""
    spec = OwnConfig.from_json(checkpoint.config).spec
    leaves = view_of(spec, checkpoint.stage).leaves
    checkpoints.restore(leaves, checkpoint.part("net"), "checkpoint, net")
    constants, banks = ({key: p.detach().double().numpy() for key, p in kind.items()}
                        for kind in (leaves.constants, leaves.banks))  # fmt: skip
    return with_constants(spec, constants, banks, provenance).replace(name=name)
