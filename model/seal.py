# SPDX-License-Identifier: Apache-2.0
"""Give checkpoints of an earlier bitfold the digest that every read checks.

    python -m model.seal build/train/pgd/checkpoint.safetensors

Configuration, epoch, notes and tensors stay what they are. Whatever the file holds becomes what it
should hold: seal what you trust.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fixedpoint.cli import Parser, run
from model.store import checkpoint as checkpoints


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on a file that is no checkpoint without a digest."""
    parser = Parser(
        prog="python -m model.seal",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="FILE")
    arguments = parser.parse_args(argv)

    def body() -> int:
        for path in arguments.checkpoints:
            checkpoint, notes = checkpoints.read(path, sealed=False)
            checkpoint.save(path / checkpoints.FILE if path.is_dir() else path, notes)
            print(path, flush=True)
        return 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
