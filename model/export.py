# SPDX-License-Identifier: Apache-2.0
"""A net's constants become the integers of a spec.

    python -m model.export CHECKPOINT --name mine --out FILE                         # PGD, ADMM
    python -m model.export CHECKPOINT --name mine --like fpd-16qam-2bit --out FILE   # an FPD-Net
    python -m model.export CHECKPOINT --name mine --detector FILE.py --out FILE      # one's own
    python -m model.export --name admm-box --out FILE                                # as shipped

Which network a checkpoint holds decides the spec. One of FPD-Net that holds no table yet is frozen
first. ADMM-Net's layers must share one ρ, since a block has one F and one P.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from fixedpoint.cli import Parser, run
from fixedpoint.spec import AdmmSpec, DetectorSpec, PgdFormats, PgdLayer, PgdSpec
from model import admm_export, distributed_export, fpd_shipped, hyper_export, shipped
from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint
from model.config import TrainConfig
from model.constants import bank_of, constant
from model.nets import net_of
from model.own import export as own_export
from model.recipes import DISTRIBUTED, SPECS
from model.steps import StepSize
from model.train import progress_bar, reporter


def layer_of(
    name: str, prox: str, eta: float, threshold: float, table: Tensor, formats: PgdFormats
) -> PgdLayer:
    """The integers of one layer; `table` holds Δ at every SNR entry, shape (entries,)."""
    if threshold < 0:
        raise ValueError(f"{name} threshold {threshold:g} is negative")
    step, inverse = bank_of(name, table, formats)
    return PgdLayer(
        eta=constant(f"{name} eta", eta, formats.eta, 1),
        threshold=constant(f"{name} threshold", threshold, formats.state, int(prox == "box")),
        step=step,
        inverse=inverse,
    )


def export(checkpoint: Checkpoint, name: str, provenance: str) -> PgdSpec | AdmmSpec:
    """The spec of a quantized PGD- or ADMM-Net.

    Raises `ValueError` if the checkpoint holds none, or constants that no spec of it can hold.
    """
    if checkpoint.stage != "quantized":
        raise ValueError(
            f"the checkpoint's stage is {checkpoint.stage}: only a quantized net has Δ"
        )
    config = TrainConfig.from_json(checkpoint.config)
    if config.network == "admm":
        return admm_export.export(checkpoint, name, provenance)
    net, template = net_of(checkpoint), config.template
    with torch.no_grad():
        etas, thresholds = net.constants()
        tables = [cast(StepSize, step).table() for step in net.steps]
    layers = [
        layer_of(f"layer {k + 1}:", config.prox, eta, threshold, tables[k], template.formats)
        for k, (eta, threshold) in enumerate(zip(etas.tolist(), thresholds.tolist(), strict=True))
    ]
    return template.replace(
        name=name, provenance=provenance, prox=config.prox, layers=tuple(layers)
    )


def training_command(config: TrainConfig) -> str:
    """The command line that trains `config`: what differs from the defaults, and the seed."""
    words = [f"python -m model.train {config.network}"]
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if field.name == "network":
            continue
        if value != field.default or field.name == "seed":
            words.append(f"--{field.name.replace('_', '-')} {value}")
    return " ".join(words)


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on a checkpoint that cannot be exported."""
    parser = Parser(
        prog="python -m model.export",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "checkpoint", type=Path, nargs="?", help="a checkpoint, or the folder of one"
    )
    offered = ", ".join([*SPECS, *known()])
    parser.add_argument("--name", required=True, help=f"the spec's; without checkpoint: {offered}")
    parser.add_argument("--like", help="an FPD-Net's: which of these has its word lengths")
    parser.add_detector()
    parser.add_argument("--out", type=Path, required=True, help="the spec file to write")
    arguments = parser.parse_args(argv)

    def body() -> int:
        spec = _spec(arguments.name, arguments.checkpoint, arguments.like)
        spec.save(arguments.out)
        print(f"{arguments.out}: {spec.name} {spec.digest}")
        return 0

    return run(body)


def trained(name: str) -> PgdSpec | AdmmSpec:
    """One of `SPECS` from its shipped network, as `model.rebuild` writes it after the training."""
    torch_version = checkpoints.notes(shipped.locate(SPECS[name]))["torch"]
    return export(shipped.checkpoint_of(SPECS[name]), name, provenance(name, torch_version))


def provenance(name: str, torch_version: str) -> str:
    """What one of `SPECS` says about its making."""
    return f"python -m model.rebuild {name} (torch {torch_version})"


def known() -> list[str]:
    """The shipped specs of HPD and FPD-Net."""
    return [*DISTRIBUTED, *hyper_export.SPECS]


def network_of(name: str) -> str:
    """The FPD-Net that one of `known` is made from; none for HPD."""
    return hyper_export.SPECS[name] if name in hyper_export.SPECS else DISTRIBUTED[name].network


def named(name: str, frozen: Checkpoint | None = None) -> DetectorSpec:
    """One of `known`, with the shipped network or that of a frozen checkpoint."""
    if name in hyper_export.SPECS:
        return hyper_export.export(name, frozen)
    return distributed_export.export(name, frozen)


def _spec(name: str, path: Path | None, like: str | None) -> DetectorSpec:
    """By its recipe, or of the checkpoint; `like`: the recipe of an FPD-Net of another name."""
    recipe = like or name
    checkpoint = None if path is None else checkpoints.load(path)
    if recipe in known():
        spec = named(recipe, None if checkpoint is None else _frozen(checkpoint))
        if checkpoint is None and name == recipe:
            return spec
        command = f"python -m model.export CHECKPOINT --name {name} --like {recipe}"
        return spec.replace(name=name, provenance=command)
    if like is not None:
        raise ValueError(f"like {like!r} is not one of {', '.join(known())}")
    if checkpoint is None:
        if name not in SPECS:
            names = ", ".join([*SPECS, *known()])
            raise ValueError(f"no checkpoint, and {name!r} is not one of {names}")
        return trained(name)
    if "detector" in checkpoint.config:
        return own_export.export(checkpoint, name)
    command = training_command(TrainConfig.from_json(checkpoint.config))
    return export(checkpoint, name, f"{command} && python -m model.export --name {name}")


def _frozen(checkpoint: Checkpoint) -> Checkpoint:
    """An FPD-Net's checkpoint with its table, which is made if a training has just ended."""
    if fpd_shipped.TABLE in checkpoint.tensors:
        return checkpoint
    with progress_bar() as progress:
        return fpd_shipped.freeze(checkpoint, reporter(progress, "table"))


if __name__ == "__main__":
    raise SystemExit(main())
