"""The command line of the spec: `python -m fixedpoint.spec seal FILE`."""

from __future__ import annotations

from pathlib import Path

from fixedpoint import spec
from fixedpoint.cli import Parser, run


def main(argv: list[str] | None = None) -> int:
    """Seal each FILE; exit status 2 and one line on a spec that is not valid."""
    parser = Parser(prog="python -m fixedpoint.spec", description=spec.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sealing = commands.add_parser("seal", help="check an edited spec and store its new digest")
    sealing.add_argument("file", type=Path)
    arguments = parser.parse_args(argv)

    def body() -> int:
        sealed = spec.seal(arguments.file)
        print(f"{arguments.file}: sealed as {sealed.digest}")
        return 0

    return run(body)
