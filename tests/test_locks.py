# SPDX-License-Identifier: Apache-2.0
"""The locks: each version with its hashes, all but torch, of which an index may have several."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CORE = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["setup"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
ASKED = {
    "rtl": [*CORE, *EXTRAS["rtl"]],
    "all": [*CORE, *(asked for extra in EXTRAS.values() for asked in extra)],
}
ENTRY = re.compile(
    r"^([\w.-]+)==(\S+)(?: ; [^\\]*)? \\\n(?: {4}--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+",
    re.MULTILINE,
)


def locked(name: str) -> dict[str, str]:
    text = (ROOT / f"locks/{name}.txt").read_text(encoding="utf-8")
    return {canonicalize_name(entry[1]): entry[2] for entry in ENTRY.finditer(text)}


@pytest.mark.parametrize("name", ASKED)
def test_every_requirement_is_locked_in_a_version_that_it_allows(name: str) -> None:
    versions = locked(name)
    for asked in map(Requirement, ASKED[name]):
        if asked.name != "torch":
            version = versions[canonicalize_name(asked.name)]
            assert asked.specifier.contains(version, prereleases=True), asked


@pytest.mark.parametrize("name", ASKED)
def test_every_line_of_a_lock_is_a_version_with_its_hashes_or_a_comment(name: str) -> None:
    text = (ROOT / f"locks/{name}.txt").read_text(encoding="utf-8")
    rest = [line for line in ENTRY.sub("", text).split("\n") if not re.match(r"$| *#", line)]
    assert rest == []
    assert len(locked(name)) > 20


def test_torch_is_in_no_lock_and_its_version_stands_in_the_constraints() -> None:
    assert "torch" not in locked("all") | locked("rtl")
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["torch==2.13.0"]


def test_both_locks_hold_the_same_versions() -> None:
    everything = locked("all")
    assert locked("rtl").items() <= everything.items()
