"""Rebuild a shipped spec from nothing: train, export, and store the full-precision net beside it.

    python -m model.rebuild pgd
    python -m model.rebuild pgd-box

Deterministic by seed on one machine and torch version; go on after an interruption by calling it
again. The last bits of a float differ between processors: another machine may train another spec.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import torch

from fixedpoint.cli import Parser, run
from fixedpoint.spec import SHIPPED
from model import checkpoint as checkpoints
from model import floats
from model.config import TrainConfig
from model.export import export
from model.nets import load_float_net
from model.train import progress_bar, reporter
from model.trainer import Trainer

RECIPES = {
    "pgd": TrainConfig(prox="soft", quantizer="snr", mmd="kde", epsilon=1.0),
    "pgd-box": TrainConfig(prox="box", quantizer="snr"),
}


def rebuild(name: str, work: Path, out: Path, float_out: Path) -> str:
    """Train the recipe `name` below `work`; write the spec to `out`. Returns its digest."""
    recipe = RECIPES[name]
    command = f"python -m model.rebuild {name} (torch {torch.__version__.split('+')[0]})"
    full = dataclasses.replace(recipe, quantizer="float", mmd="none", epsilon=0.0)
    with progress_bar() as progress:
        report = reporter(progress, name)
        for folder, config in (("float", full), ("quantized", _started(recipe, work / "float"))):
            resume = (work / folder / checkpoints.FILE).exists()
            last = Trainer(config, work / folder, resume, report).run()
    spec = export(last, name, command)
    floats.store(load_float_net(work / "float"), recipe.prox, command, float_out)
    spec.save(out)
    return spec.digest


def _started(recipe: TrainConfig, folder: Path) -> TrainConfig:
    return dataclasses.replace(recipe, start=str(folder))


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on an unknown name or an output that cannot be written."""
    parser = Parser(
        prog="python -m model.rebuild",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--work", type=Path, help="checkpoints (default build/train/NAME)")
    parser.add_argument("--out", type=Path, help="the spec (default: in the package)")
    parser.add_argument("--float-out", type=Path, default=floats.SHIPPED, help="the float net")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    work = arguments.work or Path("build/train") / arguments.name
    out = arguments.out or SHIPPED / f"{arguments.name}.json"

    def body() -> int:
        digest = rebuild(arguments.name, work, out, arguments.float_out)
        print(f"{out}: {digest}")
        return 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
