# SPDX-License-Identifier: Apache-2.0
"""Folders whose paths have a blank: what is built there, and where its tools may lie."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from cocotb_tools import config

from fixedpoint.stress import pgd as stress
from hls.builds import cache, compiler, toolchain
from tests.conftest import stress_inputs
from tests.rtl import assert_equal
from tests.test_builds import SOURCE
from verification import verilated
from verification.regression import blanks, runner, suite
from verification.rtl.model import Rtl


@pytest.fixture
def blank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a blank in its path, where tools and products are."""
    folder = tmp_path / "a blank"
    (folder / "cache").mkdir(parents=True)
    shared = verilated.runtime(*runner.RUNTIME)  # the same for all, and long to compile
    for path in (shared, cache.seal_of(shared)):
        shutil.copy(path, folder / "cache")
    for name, path in (("verilator", toolchain.verilator_root()), ("libs", config.libs_dir),
                       ("share", config.share_dir), ("python", sys.executable)):  # fmt: skip
        (folder / name).symlink_to(path)
    monkeypatch.setattr(cache, "folder", lambda: folder / "cache")
    monkeypatch.setattr(toolchain, "verilator_root", lambda: folder / "verilator")
    monkeypatch.setattr(config, "libs_dir", folder / "libs")
    monkeypatch.setattr(config, "share_dir", folder / "share")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder


def test_a_simulator_is_built_and_runs_where_every_path_has_a_blank(blank: Path) -> None:
    outcome = runner.run(suite.find("macs-4x4x3"), 0)
    assert not outcome.fault, outcome.log.read_text()
    assert {case.name for case in outcome.tests} == set(outcome.configuration.tests)
    assert all(case.integers and not case.failure for case in outcome.tests)
    (made,) = (blank / "cache" / "cocotb").glob("macs-*")
    assert cache.whole(made / "mac_array")


def test_nothing_is_moved_where_no_path_has_a_blank(tmp_path: Path) -> None:
    with blanks.place(tmp_path / "made", lambda: Path("a.o"), config) as place:
        assert (place.folder, place.runtime) == (tmp_path / "made", Path("a.o"))
        assert not place.environment
        assert not place.arguments
    assert not list(tmp_path.iterdir())


def test_a_library_is_built_and_runs_where_every_path_has_a_blank(blank: Path) -> None:
    rtl = Rtl.build(stress.spec("soft", 4, 4, layers=2), lanes=4)
    assert rtl.path.is_relative_to(blank)
    assert_equal(rtl, stress_inputs(rtl.spec, 2, 1, 20))


def test_a_temporary_folder_with_a_blank_is_refused_by_name(
    blank: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(blank))
    with pytest.raises(ValueError, match=r"a blank': TMPDIR without one was expected"):
        runner.build(suite.find("macs-4x4x3"))
    assert not list((blank / "cache" / "cocotb").glob("macs*"))


def test_the_csim_command_works_in_a_folder_whose_path_has_a_blank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a blank").mkdir()
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "a blank")
    program = compiler.compile_cached(SOURCE, "a")
    assert program.parent.name == "a blank"
