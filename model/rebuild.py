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
from pathlib import Path

import torch

from fixedpoint.cli import Parser, run
from fixedpoint.detectors import library
from model.recipes import registry
from model.store import shipped
from model.store.checkpoint import Checkpoint
from model.store.resume import read_log


def rebuild(name: str, work: Path, networks: Path, specs: Path) -> list[Path]:
    """Train what is called `name` below `work`; returns the network and spec files written."""
    written: list[Path] = []
    trained: dict[str, Checkpoint] = {}

    def retrained(network: str) -> Checkpoint:
        if network not in trained:
            trained[network] = registry.networks()[network].retrain(network, work)
        return trained[network]

    if name in registry.networks():
        written.append(networks / f"{name}.safetensors")
        last, config = retrained(name), registry.config_of(name)
        command = f"python -m model.rebuild {name}"
        shipped.store(last, written[-1], config, command, read_log(work / name))
    if name in registry.specs():
        recipe = registry.specs()[name]
        network = recipe.specs[recipe.soft.get(name, name)]
        spec = recipe.made(name, retrained(network) if network else None)
        written.append(specs / f"{name}.json")
        library.save(spec, written[-1])
    return written


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on an unknown name or an output that cannot be written."""
    parser = Parser(
        prog="python -m model.rebuild",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    offered = list(dict.fromkeys([*registry.networks(), *registry.specs()]))
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(offered))
    parser.add_argument("--all", action="store_true", help="every network and spec")
    parser.add_argument("--work", type=Path, default=Path("build/train"), help="checkpoints")
    parser.add_argument("--out", type=Path, default=shipped.FOLDER, help="folder of the networks")
    parser.add_argument("--specs", type=Path, default=library.SHIPPED, help="folder of the specs")
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
