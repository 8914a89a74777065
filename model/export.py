"""A trained net's constants become the integers of a spec.

python -m model.export CHECKPOINT --name pgd --out FILE
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from fixedpoint.cli import Parser, run
from fixedpoint.format import Format
from fixedpoint.spec import DetectorSpec, PgdFormats, PgdLayer, odd_reciprocal
from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint
from model.config import TrainConfig
from model.nets import net_of
from model.steps import StepSize, step_limits


def constant(name: str, value: float, target: Format, least: int) -> int:
    """`value` as an integer of `target`, rounded half up.

    Raises `ValueError` if it would saturate, is below `least`, or is NaN: training must keep a
    constant in range, export doesn't mend it.
    """
    if not least * target.step - target.step / 2 <= value < (target.max + 0.5) * target.step:
        raise ValueError(f"{name} {value:g} is outside {least} to {target.max} of {target}")
    return int(target.quantize(value))


def layer_of(
    name: str, prox: str, eta: float, threshold: float, table: Tensor, formats: PgdFormats
) -> PgdLayer:
    """The integers of one layer; `table` holds Δ at every SNR entry, shape (entries,)."""
    if threshold < 0:
        raise ValueError(f"{name} threshold {threshold:g} is negative")
    smallest = formats.step.quantize(step_limits(formats)[0])
    step = tuple(
        constant(f"{name} step[{i}]", delta, formats.step, int(smallest))
        for i, delta in enumerate(table.tolist())
    )
    return PgdLayer(
        eta=constant(f"{name} eta", eta, formats.eta, 1),
        threshold=constant(f"{name} threshold", threshold, formats.state, int(prox == "box")),
        step=step,
        inverse=tuple(odd_reciprocal(q, formats.step, formats.inverse) for q in step),
    )


def export(checkpoint: Checkpoint, name: str, provenance: str) -> DetectorSpec:
    """The spec of a quantized net.

    Raises `ValueError` if the checkpoint holds none, or constants that don't fit their formats.
    """
    if checkpoint.stage != "quantized":
        raise ValueError(
            f"the checkpoint's stage is {checkpoint.stage}: only a quantized net has Δ"
        )
    config = TrainConfig.from_json(checkpoint.config)
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
    parser = Parser(prog="python -m model.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a checkpoint, or the folder of one")
    parser.add_argument("--name", required=True, help="the spec's name")
    parser.add_argument("--out", type=Path, required=True, help="the spec file to write")
    arguments = parser.parse_args(argv)

    def body() -> int:
        checkpoint = checkpoints.load(arguments.checkpoint)
        config = TrainConfig.from_json(checkpoint.config)
        provenance = f"{training_command(config)} && python -m model.export --name {arguments.name}"
        spec = export(checkpoint, arguments.name, provenance)
        spec.save(arguments.out)
        print(f"{arguments.out}: {spec.name} {spec.digest}, epoch {checkpoint.epoch}")
        return 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
