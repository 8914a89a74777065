# SPDX-License-Identifier: Apache-2.0
"""Train an unfolded net.

python -m model.train pgd                              # the paper's protocol, SNR-driven Δ
python -m model.train pgd --prox box --quantizer float # a full-precision net
python -m model.train admm --form shared --prox box --quantizer snr --last wide
python -m model.train pgd --start pgd-soft --epochs 0  # PTQ of a shipped net
python -m model.train pgd --resume --out DIR           # go on after an interruption
python -m model.train fpd --system 64x8-16qam-2bit
python -m model.train own --detector examples/momentum.py --antennas 16x16
python -m model.train choose-epsilon --mmd kde         # ε of eq. (16), also --network admm
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import time
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fixedpoint.cli import Parser, run
from model import config as configs
from model.config import TrainConfig
from model.epsilon import best, choose_epsilon
from model.fpd_config import FpdConfig
from model.fpd_trainer import FpdTrainer
from model.own.config import OwnConfig
from model.own.trainer import OwnTrainer
from model.trainer import Report, Trainer


def add_options(
    parser: argparse.ArgumentParser,
    kind_of: type[TrainConfig] | type[FpdConfig] | type[OwnConfig] = TrainConfig,
) -> None:
    """The options of a training; the defaults are those of its configuration."""
    choices = configs.CHOICES
    for field in dataclasses.fields(kind_of):
        if field.name in ("network", "detector"):
            continue
        kind = type(field.default)
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=kind,
            default=field.default,
            choices=choices.get(field.name),
            metavar=None if field.name in choices else kind.__name__.upper(),
            help=f"default {field.default!r}",
        )


def config_of(arguments: argparse.Namespace) -> TrainConfig:
    """The configuration that parsed options describe; `ValueError` if they don't fit."""
    names = [field.name for field in dataclasses.fields(TrainConfig)]
    return TrainConfig(**{name: getattr(arguments, name) for name in names})


def progress_bar() -> Progress:
    """One line: stage, epoch, steps, time left."""
    text = TextColumn("{task.description}")
    return Progress(text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


def reporter(progress: Progress, title: str) -> Report:
    """A callback that draws one bar for the epoch under way."""
    task = progress.add_task(title, total=None)

    def report(stage: str, epoch: int, done: int, total: int) -> None:
        text = f"{title}: {stage} epoch {epoch + 1}"
        progress.update(task, description=text, completed=done, total=total)

    return report


def train_net(arguments: argparse.Namespace) -> int:
    """Train one net and say where it lies and how good it is."""
    config = config_of(arguments)
    started = time.process_time()
    with progress_bar() as progress:
        report = reporter(progress, config.network)
        trainer = Trainer(config, arguments.out, arguments.resume, report)
        trainer.run()
    last = trainer.log[-1]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"seed {config.seed}, {last['stage']} epoch {last['epoch']}: loss {last['loss']:.4f}")
    for entry, ber in last["ber"].items():
        print(f"  {config.template.snr.snr_db[int(entry)]:5.1f} dB  BER {ber:.4f}")
    print(f"  mean     BER {last['mean_ber']:.4f} on {config.validation} validation vectors")
    print(
        f"{time.process_time() - started:.0f} s of CPU, {memory:.2f} GiB at most; {arguments.out}"
    )
    return 0


def train_fpd(arguments: argparse.Namespace) -> int:
    """Train FPD-Net and say where it lies and how good it is."""
    names = [field.name for field in dataclasses.fields(FpdConfig)]
    config = FpdConfig(**{name: getattr(arguments, name) for name in names})
    started = time.process_time()
    with progress_bar() as progress:
        report = reporter(progress, "fpd")
        trainer = FpdTrainer(config, arguments.out, arguments.resume, report)
        trainer.run()
    last = trainer.log[-1]
    print(f"seed {config.seed}, epoch {last['epoch']}: loss {last['loss']:.4f}")
    for snr_db, ber in last["ber"].items():
        print(f"  {snr_db:>5} dB  BER {ber:.2e} on {config.validation} validation vectors")
    print(f"{time.process_time() - started:.0f} s of CPU; {arguments.out}")
    return 0


def train_own(arguments: argparse.Namespace) -> int:
    """Train a detector of one's own and say where it lies and how good it is."""
    names = [field.name for field in dataclasses.fields(OwnConfig)]
    arguments.detector = arguments.detector.name
    config = OwnConfig(**{name: getattr(arguments, name) for name in names})
    out = arguments.out or Path("build/train") / config.detector
    started = time.process_time()
    with progress_bar() as progress:
        trainer = OwnTrainer(config, out, arguments.resume, reporter(progress, config.detector))
        trainer.run()
    last = trainer.log[-1]
    print(f"seed {config.seed}, {last['stage']} epoch {last['epoch']}: loss {last['loss']:.4f}")
    for snr_db, ber in last["ber"].items():
        print(f"  {snr_db:>5} dB  BER {ber:.2e} on {config.validation} validation vectors")
    print(f"{time.process_time() - started:.0f} s of CPU; {out}")
    return 0


def choose(arguments: argparse.Namespace) -> int:
    """Train several ε and say which one is best on validation data."""
    if arguments.mmd != "none" and arguments.epsilon == 0:
        arguments.epsilon = arguments.epsilons[0]
    config = config_of(arguments)
    with progress_bar() as progress:
        report = reporter(progress, "choose-epsilon")
        choices = choose_epsilon(
            config, arguments.epsilons, arguments.seeds, arguments.vectors, arguments.out, report
        )
    print("epsilon   mean BER   gain over 0 (paired, 95%)   BER of each seed")
    for c in choices:
        seeds = " ".join(f"{ber:.5f}" for ber in c.ber_of_seeds)
        gain = f"{c.gain:+.5f} ± {c.gain_half_width:.5f}"
        print(f"{c.epsilon:7g}   {c.ber:.5f}    {gain}        {seeds}")
    print(f"chosen: {best(choices).epsilon:g}; {arguments.out / 'choice.json'}")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on options that don't fit."""
    parser = Parser(
        prog="python -m model.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for network, title in (("pgd", "PGD-Net"), ("admm", "ADMM-Net")):
        training = commands.add_parser(network, help=f"train {title}")
        add_options(training)
        training.add_argument("--out", type=Path, default=Path("build/train") / network)
        training.add_argument(
            "--resume", action="store_true", help="go on from the checkpoint in --out"
        )
        training.set_defaults(body=train_net, network=network)
    fused = commands.add_parser("fpd", help="train FPD-Net")
    add_options(fused, FpdConfig)
    fused.add_argument("--out", type=Path, default=Path("build/train/fpd"))
    fused.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    fused.set_defaults(body=train_fpd)
    own = commands.add_parser("own", help="train a detector of your own")
    own.add_detector(required=True)
    add_options(own, OwnConfig)
    own.add_argument("--out", type=Path, help="default build/train/ and the detector's name")
    own.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    own.set_defaults(body=train_own)
    choosing = commands.add_parser("choose-epsilon", help="choose ε of eq. (16)")
    add_options(choosing)
    choosing.add_argument("--out", type=Path, default=Path("build/train/epsilon"))
    choosing.add_argument("--epsilons", type=float, nargs="+", default=[1.0, 10.0, 100.0, 1000.0])
    choosing.add_argument("--seeds", type=int, default=2, help="trainings of each ε")
    choosing.add_argument("--vectors", type=int, default=4000, help="draws at each SNR")
    choosing.add_argument("--network", choices=configs.NETWORKS, default=configs.NETWORKS[0])
    choosing.set_defaults(body=choose)
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    return run(lambda: arguments.body(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
