# SPDX-License-Identifier: Apache-2.0
"""What a planted fault is judged by: programs of every kind through one view.

    python -m tests.planted_check --view rtl [--only NAME,NAME] [--quick] [--text]

Exit status 1 where an integer differs, 2 where emitter, compiler or simulator refuse. `--text`
prints the digest of what is emitted for each program instead, the smallest program first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fixedpoint import cli
from fixedpoint.detectors import own_start, registry
from fixedpoint.program.graph import Program
from fixedpoint.specs.detector import DetectorSpec
from hls import cases
from hls.builds import toolchain
from hls.cpp import hyper
from hls.cpp.program import PRIMITIVES
from hls.project import cpp as emit_cpp
from hls.project import rtl as emit_rtl
from hls.verilog import latency
from hls.verilog.emit import emitted
from tests import fuzz_native, odd_programs
from tests.fuzz_programs import OPERATIONS, Generator
from tests.limit_specs import few_layers
from verification import functions
from verification.regression import suite

ROOT = Path(__file__).parent.parent
RANDOM, KINDS, VECTORS = 24, 4, 400
WIDE = ("stress-wide-8x4", "stress-left-8x4")
Files = Mapping[str, str]


@dataclass(frozen=True)
class View:
    """Where a view's emitter and primitives are, what it emits, and how many integers differ.

    graph: tests of what neither compiles nor simulates; others: what else looks at the programs
    whose text is another one, the quickest first.
    """

    emitter: str
    primitives: Callable[[Path], list[Path]]
    files: Callable[[Program, DetectorSpec | None], Files]
    differing: Callable[[Mapping[str, Program], int, bool], int]
    graph: tuple[str, ...]
    others: Callable[[Sequence[str]], Iterator[list[str]]]


@cache
def known() -> dict[str, DetectorSpec]:
    """Shipped and stress specs, those of one and two layers, and the examples' detectors."""
    found = {case.name: case.spec for case in cases.all_cases()}
    for file in sorted((ROOT / "examples").glob("*.py")):
        found[file.stem] = own_start.start(registry.use(file), 8, 8, "16qam", layers=3)
    return found | {f"{s.detector}-of-{s.depth}": s for s in few_layers()}


def programs(view: str, seed: int) -> dict[str, Program]:
    """Those of the specs that the view has, and random ones."""
    made = {name: registry.program(spec) for name, spec in known().items()
            if view == "cpp" or emit_rtl.has_rtl(spec)}  # fmt: skip
    made |= {"codes": odd_programs.sent_codes(), "twice": odd_programs.used_twice(),
             "points": odd_programs.two_points()}  # fmt: skip
    if view == "cpp":
        made["late"] = odd_programs.read_late()  # it fits no frame of the RTL
    generators = [Generator, fuzz_native.Shapes] if view == "cpp" else [Generator]
    for number in range(seed, seed + RANDOM):
        made[str(number)] = generators[number % len(generators)](number, OPERATIONS).program()
    return made


def digests(view: str, seed: int) -> dict[str, str]:
    """Of the code that is emitted for each program, without comments and line breaks."""
    found = {}
    for name, program in programs(view, seed).items():
        files = VIEWS[view].files(program, known().get(name))
        text = "\n".join(f"{file}\n{code(text)}" for file, text in sorted(files.items()))
        found[len(text), name] = hashlib.sha256(text.encode()).hexdigest()
    return {name: found[size, name] for size, name in sorted(found)}


def some(names: Sequence[str]) -> list[str]:
    """The first one of each detector, as many random programs, and those of wide products."""
    found = {name: name for name in names if name in WIDE}
    for name in names:
        random = int(name) % KINDS if name.isdecimal() else name
        kind = known()[name].detector if name in known() else f"{random}"
        found.setdefault(kind, name)
    return [*found.values()]


def code(text: str) -> str:
    """A text's words but those of comments."""
    return " ".join(re.sub(r"//[^\n]*", "", text).split())


def _verilog_primitives(root: Path) -> list[Path]:
    """Those of the table of latencies, and the modules that they hold."""
    used = toolchain.closure(latency.CYCLES, {})
    return [path for path in sorted((root / "hls/rtl").rglob("*.sv")) if path.name in used]


def _verilog_files(program: Program, spec: DetectorSpec | None) -> Files:
    return emit_rtl.rtl_files(spec) if spec else emitted(program).files()


def _verilog(made: Mapping[str, Program], seed: int, _quick: bool) -> int:
    return sum(functions.compare(made, VECTORS, seed).values())


def _cpp_primitives(root: Path) -> list[Path]:
    return [root / "hls/include/bitfold" / f"{name}.hpp" for name in PRIMITIVES]


def _cpp_files(program: Program, spec: DetectorSpec | None) -> Files:
    if spec is None:
        return emit_cpp.headers(program)
    return emit_cpp.firmware_files(spec) | emit_cpp.bench_files(spec)


def _cpp(made: Mapping[str, Program], seed: int, quick: bool) -> int:
    """With native integers; if these hold what a wire does not, with `ap_int`."""
    named = {f"p{i}": program for i, program in enumerate(made.values())}
    for ap_int in (False,) if quick else (False, True):
        library = fuzz_native.library(named, ap_int)
        for name, program in named.items():
            try:
                fuzz_native.record(library, name, program, seed)
            except AssertionError:
                return 1
    return 0


def _cpp_others(changed: Sequence[str]) -> Iterator[list[str]]:
    """Tests of the primitives; csim of a spec of each detector."""
    yield ["pytest", "-x", "-q", "tests/test_hls_scalars.py"]
    detectors: set[str] = set()
    for name in changed:
        if name in {case.name for case in cases.all_cases()}:
            kind = f"{known()[name].detector} {hyper.network(known()[name]) is None}"
            if kind not in detectors:
                yield ["hls.csim", "--spec", name, "--vectors", "40"]
            detectors.add(kind)


def _verilog_others(changed: Sequence[str]) -> Iterator[list[str]]:
    """Lint and latencies of functions; the benches of whole tops."""
    words = "latencies or clean or arithmetic or wait"
    yield ["pytest", "-x", "-q", "tests/test_rtl_functions.py", "-k", words]
    for bench in BENCHES:
        if suite.find(bench).detector in changed:
            yield ["verification.regress", "--bench", bench]


BENCHES = ("fusion-stress-hpd-24x4x3-16qam-3bit", "stress-soft-8x4-qpsk@16",
           "stress-admm-box-8x4@16", "unit-stress-fpd-24x4x3-16qam-3bit@8",
           "stress-soft-8x4-qpsk@16-packed")  # fmt: skip
VIEWS = {
    "rtl": View("hls/verilog", _verilog_primitives, _verilog_files, _verilog,
                ("tests/test_rtl_schedule.py",), _verilog_others),
    "cpp": View("hls/cpp", _cpp_primitives, _cpp_files, _cpp,
                ("tests/test_hls_widths.py", "tests/test_hls_emit.py", "-k",
                 "width or holds or shown or names or which_spec"), _cpp_others),
}  # fmt: skip


def main() -> int:
    """The command line; exit status 1 on a difference."""
    parser = cli.Parser(prog="python -m tests.planted_check", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--view", choices=sorted(VIEWS), required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="these programs, by name (default: all)")
    parser.add_argument("--quick", action="store_true", help="C++ with native integers alone")
    parser.add_argument("--text", action="store_true", help="digests of what is emitted")
    arguments = parser.parse_args()

    def body() -> int:
        view, seed = arguments.view, arguments.seed
        if arguments.text:
            print(json.dumps(digests(view, seed)))
            return 0
        made = programs(view, seed)
        if arguments.only:
            made = {name: made[name] for name in arguments.only.split(",")}
        differ = VIEWS[view].differing(made, seed, arguments.quick)
        print(f"{len(made)} programs: {differ} integers differ")
        return cli.MISMATCH if differ else 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
