# SPDX-License-Identifier: Apache-2.0
"""A detector for your system, from a file of it to hardware, bit for bit.

    bitfold new mine.toml          a commented file to start from
    bitfold build mine.toml        everything that follows, in build/mine, and the page about it
    bitfold train mine.toml        one stage, and what it needs: channels, train, export, words,
                                   golden, evaluate, csim, native, rtl, area, emit, report

A build goes on where it was; only what has changed is run anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bitfold.build.plan import STAGES
from bitfold.system import start
from fixedpoint.cli import Parser, run
from fixedpoint.support.files import write_text

BUILDS = Path("build")


def main(argv: list[str] | None = None) -> int:
    """Exit status 0; 1 if views disagree; 2 with one line on a mistake; 130 when interrupted."""
    parser = Parser(prog="bitfold", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    new = commands.add_parser("new", help="write a commented file to start from")
    new.add_argument("file", type=Path, nargs="?", default=Path("mine.toml"))
    build = commands.add_parser("build", help="run all stages")
    _options(build)
    for stage in STAGES:
        _options(commands.add_parser(stage.name, help=stage.title))
    arguments = parser.parse_args(argv)
    body = {"new": _new}.get(arguments.command, _build)
    return run(lambda: body(arguments))


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the system's file")
    parser.add_argument("--out", type=Path, help="the folder (default: build/NAME)")
    parser.add_argument("--anew", action="store_true", help="from the first stage, training too")


def _new(arguments: argparse.Namespace) -> int:
    path: Path = arguments.file
    if path.exists():
        raise ValueError(f"{path} is there already: another name was expected")
    name = path.stem if start.NAME.fullmatch(path.stem) else "mine"
    write_text(path, start.text(name, str(path)))
    print(f"{path}: edit it, then run  bitfold build {path}")
    return 0


def _build(arguments: argparse.Namespace) -> int:
    from bitfold.build import run as builds  # torch, which takes seconds
    from bitfold.system.description import load

    made = load(arguments.file)
    every = [stage.name for stage in STAGES]
    wanted = every if arguments.command == "build" else (arguments.command,)
    return builds.run(made, arguments.out or BUILDS / made.name, wanted, arguments.anew)


if __name__ == "__main__":
    raise SystemExit(main())
