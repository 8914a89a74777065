# SPDX-License-Identifier: Apache-2.0
"""Lint of C++ and RTL: `python -m hls.lint`, or `--spec NAME` for the RTL of one spec alone.

g++ (-Wall -Wextra -Werror) reads each header by itself, with native integers and with ap_int.
Verilator (`--lint-only -Wall`, no waivers) and Yosys (the slang front end, `proc`, `hierarchy
-check`) read every top of every shipped and stress spec at every number of lanes that fits, or at
the most that do where a spec is small, with one vector and, where the top can, with two a slot.
Yosys reads a detector of several units whole at its least number of lanes; at any other one the
units once, by themselves, and what joins them around units of which it knows the ports alone.
`--jobs` of them run side by side. Exit status 1 with the tool's words on a fault.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from fixedpoint import cli
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support import jobs, scratch
from hls import cases, tops
from hls import lanes as sizes
from hls.builds import compiler, toolchain, tools
from hls.project import rtl as emit_rtl
from hls.project.rtl import design_files

HEADERS = Path(__file__).parent / "include" / "bitfold"
Parameters = Mapping[str, int]
Tool = Callable[[Path, "Design", Sequence[str], Parameters], str]


@dataclass(frozen=True)
class Design:
    """One top at a number of lanes; `packed` with two vectors a slot.

    unit: the module that Yosys takes as a box, of which it knows the ports; empty to read all.
    """

    spec: DetectorSpec
    top: str
    lanes: int
    packed: bool = False
    unit: str = ""

    def __str__(self) -> str:
        """As verdicts name it."""
        return f"{self.spec.name}, {self.top}, {self.lanes} lanes{', packed' * self.packed}"


def header(path: Path, ap_int: bool) -> str:
    """g++'s complaints about one header, included by itself; empty if it has none."""
    flags = [*compiler.WARNINGS, "-fsyntax-only", f"-I{path.parent.parent}"]
    if ap_int:
        flags += [*compiler.AP_TYPES_WARNINGS, "-DBITFOLD_AP_INT"]
        flags += ["-isystem", str(compiler.ap_types_folder())]
    command = [*compiler.find_compiler(), "-std=c++17", *flags, "-x", "c++", "-"]
    source = f'#include "{path.parent.name}/{path.name}"\n'
    done = tools.run(command, given=source)
    return "" if done.returncode == 0 else done.stderr


def verilator(folder: Path, design: Design, sources: Sequence[str], parameters: Parameters) -> str:
    """Verilator's complaints; empty if it has none."""
    arguments = ["--lint-only", "-Wall", "--quiet", "--top-module", design.top]
    values = [f"-G{name}={value}" for name, value in parameters.items()]
    done = toolchain.verilator([*arguments, *values, *sources], folder)
    return "" if done.returncode == 0 else done.stderr + done.stdout


def parameter_flags(parameters: Parameters) -> str:
    """As `read_slang` takes them."""
    return " ".join(f"-G {name}={value}" for name, value in parameters.items())


def yosys(folder: Path, design: Design, sources: Sequence[str], parameters: Parameters) -> str:
    """Yosys' complaints, warnings and latches included; empty if it has none."""
    box = f"--blackboxed-module {design.unit} " if design.unit else ""
    script = (
        f"read_slang --threads 1 {box}--top {design.top} {parameter_flags(parameters)} "
        f"{' '.join(sources)}; hierarchy -check -top {design.top}; proc; check -assert; "
        "select -assert-none t:$dlatch"
    )
    command = [str(toolchain.wheel_program(toolchain.YOSYS)), "-q", "-e", ".", "-p", script]
    done = tools.run(command, folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def check(design: Design, tools: Sequence[Tool] = (verilator, yosys)) -> str:
    """The complaints of the first tool that has any about one design."""
    parameters = sizes.parameters(design.spec, design.lanes, design.packed)
    files, sources = design_files(design.spec, design.top)
    with scratch.folder("lint") as folder:
        toolchain.write_files(folder, files)
        return next(
            (said for tool in tools if (said := tool(folder, design, sources, parameters))), ""
        )


def designs(name: str | None = None) -> list[Design]:
    """Every top of every shipped and stress spec, or of one, at every number of lanes that fits.

    A spec with a hyper-network has none. Raises `ValueError` on an unknown name.
    """
    chosen = cases.all_cases() if name is None else [cases.find(name)]
    return [
        Design(spec, top, lanes, packed, _boxed(spec, top, lanes, packed))
        for spec in (case.spec for case in chosen if emit_rtl.has_rtl(case.spec))
        for top in tops.of(spec).names
        for packed in (False, True)
        for lanes in sizes.fitting_lanes(spec, packed)
    ]


def _boxed(spec: DetectorSpec, top: str, lanes: int, packed: bool) -> str:
    """The unit, a top of its own, inside a larger top at any but the least number of lanes."""
    unit = tops.of(spec).unit
    return "" if top == unit or lanes == sizes.fitting_lanes(spec, packed)[0] else unit


def _header_check(path: Path) -> Callable[[], str]:
    return lambda: header(path, False) or header(path, True)


def _design_check(design: Design) -> Callable[[], str]:
    return lambda: check(design)


def run(checks: Mapping[str, Callable[[], str]], at_once: int) -> bool:
    """Print each verdict as it comes; True if nobody complained."""
    clean = True
    pool = ThreadPoolExecutor(at_once)
    try:
        running = {pool.submit(made): name for name, made in checks.items()}
        for done in as_completed(running):
            said, name = done.result(), running[done]
            if said:
                print(said, file=sys.stderr)
            print(f"FAILED: {name}" if said else f"{name} clean", flush=True)
            clean = clean and not said
    finally:
        pool.shutdown(cancel_futures=True)
    return clean


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if a tool complains, 2 if one is missing."""
    parser = cli.Parser(
        prog="python -m hls.lint",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--spec", help="a shipped spec, a stress spec, or a file: its RTL alone")
    jobs.add_option(parser)
    arguments = parser.parse_args(argv)

    def body() -> int:
        jobs.checked(arguments.jobs)
        toolchain.environment()
        toolchain.wheel_program(toolchain.YOSYS)
        chosen = designs(arguments.spec)
        if not chosen:
            raise ValueError(f"spec {arguments.spec} has no RTL")
        headers = () if arguments.spec else sorted(HEADERS.glob("*.hpp"))
        checks = {f"{path.name}: g++ -Wall -Wextra": _header_check(path) for path in headers}
        checks |= {
            f"{made}: verilator -Wall, yosys{' around its units' * bool(made.unit)}": (
                _design_check(made)
            )
            for made in chosen
        }
        return 0 if run(checks, arguments.jobs) else cli.MISMATCH

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
