# SPDX-License-Identifier: Apache-2.0
r"""A net's constants become the integers of a spec.

    python -m model.export CHECKPOINT --name mine --out FILE
    python -m model.export CHECKPOINT --name mine --like fpd-16qam-2bit --out FILE   # its bits
    python -m model.export CHECKPOINT --name mine --detector FILE.py --out FILE      # one's own
    python -m model.export --name mine --like hpd-16qam-2bit --out FILE \
        --system 32x4-16qam:adc_bits=3,units=2
    python -m model.export --name admm-box --out FILE                                # as shipped

Which network a checkpoint holds decides the spec, and whether its word lengths are the training's
or those of a shipped spec. A net that has just been trained is frozen first where the spec has a
table in place of a network.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fixedpoint.cli import Parser, run
from fixedpoint.detectors import library
from fixedpoint.specs.detector import DetectorSpec
from model.recipes import registry
from model.store import checkpoint as checkpoints


def spec_of(name: str, path: Path | None, like: str, system: str = "") -> DetectorSpec:
    """A shipped spec again, or that of a checkpoint; `like`: the shipped spec to take after.

    system: of a spec that nothing is trained of, a text of `model.systems.text`.

    Raises `ValueError` on a name of none, and on a checkpoint that cannot be one.
    """
    likes, shipped = registry.likes(), registry.specs()
    if like and like not in likes:
        raise ValueError(f"like {like!r} is not one of {', '.join(likes)}")
    if system and (path is not None or not like):
        raise ValueError(f"system {system!r}: a checkpoint says by itself what it is for; for a "
                         f"detector that is not trained, --like was expected as well, "
                         f"{', '.join(likes)}")  # fmt: skip
    if system:
        return likes[like].untrained(system, name, like)
    if path is not None:
        checkpoint, taken = checkpoints.load(path), like or (name if name in likes else "")
        recipe = likes[taken] if taken else registry.owner(checkpoint)
        return recipe.export(checkpoint, name, taken)
    if (like or name) not in shipped:
        raise ValueError(f"no checkpoint, and {name!r} is not one of {', '.join(shipped)}")
    made = shipped[like or name].shipped(like or name)
    if not like:
        return made
    command = f"python -m model.export --name {name} --like {like}"
    return made.replace(name=name, provenance=command)


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
    offered = ", ".join(registry.specs())
    parser.add_argument("--name", required=True, help=f"the spec's; without checkpoint: {offered}")
    parser.add_argument("--like", default="", help="a shipped spec, whose word lengths it has")
    parser.add_detector()
    parser.add_argument("--out", type=Path, required=True, help="the spec file to write")
    parser.add_argument("--system", default="", metavar="NAME[:KEY=VALUE,…]",
                        help="of a detector that nothing is trained of, as 32x4-16qam:adc_bits=3,"
                        "units=2; default: that of --like")  # fmt: skip
    arguments = parser.parse_args(argv)

    def body() -> int:
        spec = spec_of(arguments.name, arguments.checkpoint, arguments.like,
                       arguments.system)  # fmt: skip
        library.save(spec, arguments.out)
        units = f", {spec.unit_count} units" if spec.unit_count else ""
        size = f"{spec.rows // 2}x{spec.columns // 2} {spec.modulation}{units}"
        print(f"{arguments.out}: {spec.name} {spec.digest}, for {size}")
        return 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
