# SPDX-License-Identifier: Apache-2.0
"""Train an unfolded net.

python -m model.train pgd                              # the paper's protocol, SNR-driven Δ
python -m model.train pgd --prox box --quantizer float # a full-precision net
python -m model.train admm --form shared --prox box --quantizer snr --last wide
python -m model.train pgd --start pgd-soft --epochs 0  # PTQ of a shipped net
python -m model.train pgd --resume --out DIR           # go on after an interruption
python -m model.train fpd --system 64x8-16qam-2bit
python -m model.train own --detector examples/momentum.py --antennas 16x16
python -m model.train tune --spec pgd-box --loss soft  # on from a spec, of any detector
python -m model.train choose-epsilon --mmd kde         # ε of eq. (16), also --network admm
"""

from __future__ import annotations

import argparse

import torch

from fixedpoint.cli import Parser, run
from model.recipes.registry import RECIPES
from model.unfolded.epsilon import COMMAND


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on options that don't fit."""
    parser = Parser(
        prog="python -m model.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (*(recipe.command for recipe in RECIPES), COMMAND):
        if command is not None:
            training = commands.add_parser(command.name, help=command.title)
            command.options(training)
            training.set_defaults(body=command.body)
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    return run(lambda: arguments.body(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
