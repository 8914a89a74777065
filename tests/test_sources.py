# SPDX-License-Identifier: Apache-2.0
"""What every source has: its licence, and in SystemVerilog no implicit nets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hls.cases import find
from hls.project import rtl as emit_rtl

ROOT = Path(__file__).parent.parent
ROOMS = ("benchmarks", "bitfold", "fixedpoint", "hls", "model", "tests", "verification")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
SOURCES = [
    *(path for room in ROOMS for kind in ("py", "sv", "hpp", "cpp")
      for path in (ROOT / room).rglob(f"*.{kind}")),
    *(ROOT / name for name in ("Makefile", "hls/Makefile", ".ci/run", ".ci/prerequisites",
                               ".github/workflows/ci.yml", "pyproject.toml")),
]  # fmt: skip


def test_every_source_names_its_licence_at_its_head() -> None:
    assert len(SOURCES) > 400
    for path in SOURCES:
        head = path.read_text(encoding="utf-8").splitlines()[:2]
        assert any(line.endswith(LICENCE) for line in head), path


def test_the_licence_has_an_owner() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"^ +Copyright \d{4} The bitfold authors$", text, re.MULTILINE)


def test_every_source_of_systemverilog_forbids_implicit_nets() -> None:
    sources = [path for path in SOURCES if path.suffix == ".sv"]
    assert len(sources) > 50
    for path in sources:
        _forbids(path.read_text(encoding="utf-8"), path.name)


@pytest.mark.parametrize("name", ["pgd", "admm", "hpd-16qam-2bit", "fpd-16qam-2bit"])
def test_every_emitted_package_forbids_implicit_nets(name: str) -> None:
    packages = {n: t for n, t in emit_rtl.rtl_files(find(name).spec).items() if n.endswith(".sv")}
    assert packages
    for file, text in packages.items():
        _forbids(text, file)


def test_every_action_is_pinned_by_its_commit() -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action), action
        assert re.search(r"# v\d+\.\d+\.\d+$", comment), f"{action} does not say its version"


def _forbids(text: str, name: str) -> None:
    code = [line for line in text.splitlines() if line and not line.startswith("//")]
    assert code[0] == "`default_nettype none", name
    assert code[-1] == "`default_nettype wire", name
