# SPDX-License-Identifier: Apache-2.0
"""Systems of many sizes, units and symbols, from nothing to equal integers in every view."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_systems import SYSTEMS, bitfold, compared, written


@pytest.mark.parametrize("name", list(SYSTEMS)[1:])
def test_a_system_becomes_equal_integers_in_every_view(name: str, tmp_path: Path) -> None:
    path, folder = written(tmp_path, name), tmp_path / "build"
    for stage in ("csim", "rtl"):
        done = bitfold(stage, path, "--out", folder)
        assert done.returncode == 0, done.stderr
        integers, differing = compared(folder, stage)
        assert integers > 1000
        assert differing == 0
