# SPDX-License-Identifier: Apache-2.0
"""Readers of all five kinds against files changed at random; see `tests.fuzz_files`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support import archive, reading
from fixedpoint.vectors import files as vectors
from tests import fuzz_files, fuzz_model

ROOT = Path(__file__).parent.parent
COUNT, HOLE_COUNT = 2000, 150


@pytest.mark.parametrize("kind", [*fuzz_files.KINDS, *fuzz_model.KINDS])
def test_changed_files_are_refused_in_one_line_or_read_as_they_should_be(kind: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.fuzz_files"]
    done = subprocess.run([*command, "--kind", kind, "--count", str(COUNT)], cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{kind}: {COUNT} files of seed 0: ")
    assert done.stdout.endswith(" 0 failures\n")


def nothing(*_: Any) -> None:
    """What a check that is missing does."""


HOLES: dict[str, tuple[str, object, str, object]] = {
    "depth": ("spec", reading, "_check_depth", nothing),
    "names": ("spec", DetectorSpec, "_text_faults", lambda _: []),
    "kinds of errors": ("npz", archive, "FAULTS", (OSError,)),
    "writing of integers": ("vec", vectors, "INTEGER", re.compile(".*", re.DOTALL)),
}
"""Checks taken out: the kind of file, where the check is, its name, and what is put there."""


@pytest.mark.parametrize("hole", HOLES)
def test_a_missing_check_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hole: str
) -> None:
    kind, place, name, instead = HOLES[hole]
    monkeypatch.setattr(place, name, instead)
    _, failures = fuzz_files.run(fuzz_files.KINDS[kind], HOLE_COUNT, 0, tmp_path)
    assert failures


def test_the_files_that_are_changed_are_good_ones(tmp_path: Path) -> None:
    for name, data in fuzz_files.SPECS.items():
        (tmp_path / "x.json").write_bytes(data)
        assert spec.load(tmp_path / "x.json") == spec.load(name)
    (tmp_path / "x.vec").write_bytes(fuzz_files.VECTORS)
    fuzz_files.check_vectors(tmp_path / "x.vec", vectors.read(tmp_path / "x.vec", fuzz_files.PGD))
