# SPDX-License-Identifier: Apache-2.0
"""The spec of a trained detector of one's own: its constants and banks in their formats."""

from __future__ import annotations

import dataclasses

from fixedpoint.own_spec import OwnSpec
from fixedpoint.own_start import with_constants
from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint
from model.own.config import OwnConfig
from model.own.trainer import view_of


def training_command(config: OwnConfig) -> str:
    """The command line that trains `config`: what differs from the defaults, and the seed."""
    words = ["python -m model.train own --detector FILE.py"]
    for field in dataclasses.fields(config)[1:]:
        value = getattr(config, field.name)
        if value != field.default or field.name == "seed":
            words.append(f"--{field.name.replace('_', '-')} {value}")
    return " ".join(words)


def export(checkpoint: Checkpoint, name: str) -> OwnSpec:
    """Rounded half up and saturated. Raises `ValueError` if the checkpoint does not fit it."""
    config = OwnConfig.from_json(checkpoint.config)
    spec = config.spec
    leaves = view_of(spec, checkpoint.stage).leaves
    checkpoints.restore(leaves, checkpoint.part("net"), "checkpoint, net")
    constants, banks = ({key: p.detach().double().numpy() for key, p in kind.items()}
                        for kind in (leaves.constants, leaves.banks))  # fmt: skip
    provenance = f"{training_command(config)} && python -m model.export --name {name}"
    return with_constants(spec, constants, banks, provenance).replace(name=name)
