# SPDX-License-Identifier: Apache-2.0
"""Lint of C++ and RTL: `python -m hls.lint`, or `--spec NAME` for the RTL of one spec alone.

g++ (-Wall -Wextra -Werror) reads each header by itself, with native integers and with ap_int.
Verilator (`--lint-only -Wall`, no waivers) and Yosys (the slang front end, `proc`, `hierarchy
-check`) read every top of every shipped and stress spec at every number of lanes that fits, or at
the most that do where a spec is small, with one vector and, where the top can, with two a slot.
Exit status 1 with the tool's words on a fault.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fixedpoint import cli, scratch
from fixedpoint.detector_spec import DetectorSpec
from hls import cases, compiler, emit, toolchain, tools
from hls import lanes as sizes
from hls.emit_rtl import design_files

HEADERS = Path(__file__).parent / "include" / "bitfold"
Parameters = Mapping[str, int]
Tool = Callable[[Path, Sequence[str], str, Parameters], str]


def header(path: Path, ap_int: bool) -> str:
    """g++'s complaints about one header, included by itself; empty if it has none."""
    flags = [*compiler.WARNINGS, "-fsyntax-only", f"-I{path.parent.parent}"]
    if ap_int:
        flags += [*compiler.AP_TYPES_WARNINGS, "-DBITFOLD_AP_INT"]
        flags += ["-isystem", str(compiler.ap_types_folder())]
    command = [compiler.find_compiler(), "-std=c++17", *flags, "-x", "c++", "-"]
    source = f'#include "{path.parent.name}/{path.name}"\n'
    done = tools.run(command, given=source)
    return "" if done.returncode == 0 else done.stderr


def verilator(folder: Path, sources: Sequence[str], top: str, parameters: Parameters) -> str:
    """Verilator's complaints; empty if it has none."""
    arguments = ["--lint-only", "-Wall", "--quiet", "--top-module", top]
    values = [f"-G{name}={value}" for name, value in parameters.items()]
    done = toolchain.verilator([*arguments, *values, *sources], folder)
    return "" if done.returncode == 0 else done.stderr + done.stdout


def parameter_flags(parameters: Parameters) -> str:
    """As `read_slang` takes them."""
    return " ".join(f"-G {name}={value}" for name, value in parameters.items())


def yosys(folder: Path, sources: Sequence[str], top: str, parameters: Parameters) -> str:
    """Yosys' complaints, warnings and latches included; empty if it has none."""
    script = (
        f"read_slang --threads 1 --top {top} {parameter_flags(parameters)} {' '.join(sources)}; "
        f"hierarchy -check -top {top}; proc; check -assert; select -assert-none t:$dlatch"
    )
    command = [str(toolchain.wheel_program(toolchain.YOSYS)), "-q", "-e", ".", "-p", script]
    done = tools.run(command, folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def check(
    spec: DetectorSpec,
    top: str,
    lanes: int,
    packed: bool = False,
    tools: Sequence[Tool] = (verilator, yosys),
) -> str:
    """The complaints of the first tool that has any about one design."""
    parameters = sizes.parameters(spec, lanes, packed)
    files, sources = design_files(spec, top)
    with scratch.folder("lint") as folder:
        toolchain.write_files(folder, files)
        return next(
            (said for tool in tools if (said := tool(folder, sources, top, parameters))), ""
        )


def designs() -> list[tuple[DetectorSpec, str, int, bool]]:
    """Every top of every shipped and stress spec with RTL, at every number of lanes that fits.

    The last is True with two vectors a slot. A spec with a hyper-network has none.
    """
    return [
        (spec, top, lanes, packed)
        for spec in (case.spec for case in cases.all_cases() if emit.has_rtl(case.spec))
        for top in toolchain.TOPS[spec.detector]
        for packed in (False, True)
        for lanes in sizes.fitting_lanes(spec, packed)
    ]


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if a tool complains, 2 if one is missing."""
    parser = cli.Parser(prog="python -m hls.lint", description=__doc__)
    parser.add_argument("--spec", help="a shipped or a stress spec: its RTL alone")
    arguments = parser.parse_args(argv)

    def body() -> int:
        toolchain.environment()
        toolchain.wheel_program(toolchain.YOSYS)
        chosen = [made for made in designs() if arguments.spec in (None, made[0].name)]
        if not chosen:
            raise ValueError(f"spec {arguments.spec!r} has no RTL, or is no shipped or stress spec")
        for path in () if arguments.spec else sorted(HEADERS.glob("*.hpp")):
            said = header(path, False) or header(path, True)
            if said:
                print(said, file=sys.stderr)
                print(f"FAILED: {path.name}")
                return cli.MISMATCH
            print(f"{path.name}: g++ -Wall -Wextra clean", flush=True)
        for spec, top, lanes, packed in chosen:
            size = f"{spec.name}, {top}, {lanes} lanes{', packed' if packed else ''}"
            said = check(spec, top, lanes, packed)
            if said:
                print(said, file=sys.stderr)
                print(f"FAILED: {size}")
                return cli.MISMATCH
            print(f"{size}: verilator -Wall, yosys clean", flush=True)
        return 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
