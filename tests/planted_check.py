# SPDX-License-Identifier: Apache-2.0
"""What a planted fault is judged by: some programs of every kind through one view.

    python -m tests.planted_check --view rtl [--text]

Exit status 1 where an integer differs. `--text` prints a digest of what is emitted instead.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fixedpoint import cli
from fixedpoint.detectors import registry
from fixedpoint.program.graph import Program
from fixedpoint.specs import library as specs
from fixedpoint.specs import own_start
from hls.cpp.program import PRIMITIVES, headers
from hls.verilog import latency
from hls.verilog.emit import emitted
from tests import fuzz_native
from tests.fuzz_programs import OPERATIONS, Generator
from verification import functions

SHIPPED = ("pgd", "pgd-box", "admm-box", "hpd-16qam-2bit", "fpd-16qam-2bit", "fpd-4qam-1bit")
EXAMPLES = Path(__file__).parent.parent / "examples"
RANDOM, VECTORS = 8, 400


@dataclass(frozen=True)
class View:
    """Where a view's emitter and primitives are, what it emits, and how many integers differ."""

    emitter: str
    primitives: Callable[[Path], list[Path]]
    texts: Callable[[Mapping[str, Program]], Iterator[str]]
    differing: Callable[[Mapping[str, Program], int], int]


def programs(seed: int) -> dict[str, Program]:
    """Those of shipped specs, of the examples, and random ones."""
    made = {name: registry.program(specs.load(name)) for name in SHIPPED}
    for file in sorted(EXAMPLES.glob("*.py")):
        spec = own_start.start(registry.use(file), 8, 8, "16qam", layers=3)
        made[file.stem] = registry.program(spec)
    return made | {str(n): Generator(n, OPERATIONS).program() for n in range(seed, seed + RANDOM)}


def _verilog_primitives(root: Path) -> list[Path]:
    files = sorted((root / "hls/rtl").rglob("*.sv"))
    return [path for path in files if path.stem in latency.CYCLES]


def _verilog_texts(made: Mapping[str, Program]) -> Iterator[str]:
    for i, each in enumerate(made.values()):
        for file, text in sorted(emitted(each, f"p{i}_").files().items()):
            code = (line.split("//")[0].rstrip() for line in text.splitlines())
            yield f"{file}\n" + "\n".join(code)


def _verilog(made: Mapping[str, Program], seed: int) -> int:
    return sum(functions.compare(made, VECTORS, seed).values())


def _cpp_primitives(root: Path) -> list[Path]:
    return [root / "hls/include/bitfold" / f"{name}.hpp" for name in PRIMITIVES]


def _cpp_texts(made: Mapping[str, Program]) -> Iterator[str]:
    for program in made.values():
        for file, text in sorted(headers(program).items()):
            code = (line.split("//")[0].rstrip() for line in text.splitlines())
            yield f"{file}\n" + "\n".join(code)


def _cpp(made: Mapping[str, Program], seed: int) -> int:
    """With native integers; if these hold what a wire does not, with `ap_int`."""
    named = {f"p{i}": program for i, program in enumerate(made.values())}
    for ap_int in (False, True):
        library = fuzz_native.library(named, ap_int)
        for name, program in named.items():
            try:
                fuzz_native.record(library, name, program, seed)
            except AssertionError:
                return 1
    return 0


VIEWS = {
    "rtl": View("hls/verilog", _verilog_primitives, _verilog_texts, _verilog),
    "cpp": View("hls/cpp", _cpp_primitives, _cpp_texts, _cpp),
}


def main() -> int:
    """The command line; exit status 1 on a difference."""
    parser = cli.Parser(prog="python -m tests.planted_check", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--view", choices=sorted(VIEWS), required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--text", action="store_true")
    arguments = parser.parse_args()

    def body() -> int:
        view, made = VIEWS[arguments.view], programs(arguments.seed)
        if arguments.text:
            texts = "\n".join(view.texts(made))
            print(hashlib.sha256(texts.encode()).hexdigest())
            return 0
        differ = view.differing(made, arguments.seed)
        print(f"{len(made)} programs: {differ} integers differ")
        return cli.MISMATCH if differ else 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
