# SPDX-License-Identifier: Apache-2.0
"""`fixedpoint`, `model`, `hls` and `verification` are names that a user's own files may have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("fixedpoint", "model", "hls", "verification")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A working folder whose files are called as bitfold's packages."""
    for room in (*ROOMS, "benchmarks"):
        (tmp_path / f"{room}.py").write_text("raise SystemExit('a file of the working folder')\n")
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """bitfold on the path as an installed package is: behind the working folder, if that counts."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=kept | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "module", ["fixedpoint.golden", "model.evaluate", "hls.emit", "verification.rtl"]
)
def test_without_the_working_folder_on_the_path_its_files_do_no_harm(
    hostile: Path, module: str
) -> None:
    assert python(hostile, "-m", module, "--help").returncode == 1
    done = python(hostile, "-P", "-m", module, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage:" in done.stdout


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("model.evaluate", "fixedpoint"),
        ("hls.emit", "fixedpoint"),
        ("verification.rtl", "fixedpoint"),
        ("verification.rtl", "hls"),
    ],
)
@pytest.mark.parametrize("package", [False, True])
def test_a_neighbour_that_is_not_bitfolds_is_one_line(
    tmp_path: Path, module: str, name: str, package: bool
) -> None:
    path = tmp_path / (f"{name}/__init__.py" if package else f"{name}.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text("raise SystemExit('run')\n")
    done = python(tmp_path, "-m", module, "--help")
    assert done.returncode == 2
    words = f"error: {name} is {path}, not bitfold's: python -P -m leaves the working folder out\n"
    assert (done.stdout, done.stderr) == ("", words)


def test_from_python_it_is_an_import_error(tmp_path: Path) -> None:
    (tmp_path / "fixedpoint.py").touch()
    done = python(tmp_path, "-c", "import hls")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: fixedpoint is ")
