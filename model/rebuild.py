# SPDX-License-Identifier: Apache-2.0
"""Rebuild shipped networks and specs from nothing.

    python -m model.rebuild admm-box-int8-snr    # a network, and before it what it starts from
    python -m model.rebuild pgd                  # a spec: its network, exported
    python -m model.rebuild --all                # everything (`make retrain`)

A name may be a network's and a spec's. Deterministic by seed on one machine and torch version; go
on after an interruption by calling it again. The last bits of a float differ between processors:
another machine may train another network.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from pathlib import Path

import torch

from fixedpoint.cli import Parser, run
from fixedpoint.spec import SHIPPED
from model import checkpoint as checkpoints
from model import shipped
from model.checkpoint import Checkpoint
from model.config import TrainConfig
from model.export import export, known, named, network_of, provenance
from model.fpd_shipped import freeze
from model.fpd_trainer import FpdTrainer
from model.recipes import FPD_RECIPES, RECIPES, SPECS
from model.resume import read_log
from model.train import progress_bar, reporter
from model.trainer import Trainer


def train(name: str, work: Path) -> Checkpoint:
    """Train the recipe `name` in `work`/name, unless it is done, after what it starts from."""
    config = RECIPES[name]
    for other in filter(None, (config.start, config.teacher)):
        train(other, work)
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


def train_fpd(name: str, work: Path) -> Checkpoint:
    """Train the FPD recipe `name` in `work`/name, what is left of it, and freeze it."""
    folder = work / name
    resume = (folder / checkpoints.FILE).exists()
    started = time.process_time()
    with progress_bar() as progress:
        report = reporter(progress, name)
        last = freeze(FpdTrainer(FPD_RECIPES[name], folder, resume, report).run(), report)
    print(f"{name}: {time.process_time() - started:.0f} s of CPU", flush=True)
    return last


def finished(saved: Checkpoint, config: TrainConfig) -> bool:
    """True if nothing of a training is left to do."""
    stage, epochs = "quantized", config.epochs
    if config.quantizer == "float":
        stage, epochs = "float", config.float_epochs
    same = TrainConfig.from_json(saved.config) == config
    return same and (saved.stage, saved.epoch) == (stage, epochs)


def rebuild(name: str, work: Path, networks: Path, specs: Path) -> list[Path]:
    """Train what is called `name` below `work`; returns the network and spec files written."""
    command = f"python -m model.rebuild {name}"
    written = []
    if name in RECIPES:
        written.append(networks / f"{name}.safetensors")
        last = train(name, work)
        shipped.store(last, written[-1], RECIPES[name], command, read_log(work / name))
    frozen = None
    if name in FPD_RECIPES:
        written.append(networks / f"{name}.safetensors")
        frozen = train_fpd(name, work)
        shipped.store(frozen, written[-1], FPD_RECIPES[name], command, read_log(work / name))
    if name in SPECS:
        version = torch.__version__.split("+")[0]
        spec = export(train(SPECS[name], work), name, provenance(name, version))
        written.append(specs / f"{name}.json")
        spec.save(written[-1])
    if name in known():
        if network_of(name) and frozen is None:
            frozen = train_fpd(network_of(name), work)
        written.append(specs / f"{name}.json")
        named(name, frozen).save(written[-1])
    return written


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on an unknown name or an output that cannot be written."""
    parser = Parser(
        prog="python -m model.rebuild",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    offered = list(dict.fromkeys([*RECIPES, *FPD_RECIPES, *SPECS, *known()]))
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(offered))
    parser.add_argument("--all", action="store_true", help="every network and spec")
    parser.add_argument("--work", type=Path, default=Path("build/train"), help="checkpoints")
    parser.add_argument("--out", type=Path, default=shipped.FOLDER, help="folder of the networks")
    parser.add_argument("--specs", type=Path, default=SHIPPED, help="folder of the specs")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)

    def body() -> int:
        names = offered if arguments.all else arguments.names
        unknown = sorted(set(names) - set(offered))
        if unknown or not names:
            raise ValueError(f"name {', '.join(unknown) or '(none)'}: one of {', '.join(offered)}")
        for name in names:
            for path in rebuild(name, arguments.work, arguments.out, arguments.specs):
                print(path, flush=True)
        return 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
