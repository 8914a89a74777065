# SPDX-License-Identifier: Apache-2.0
"""Two vectors a multiplier in the Verilated RTL, against the golden model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.numbers.format import Format
from fixedpoint.stress import pgd as stress
from hls import lint
from hls.builds import toolchain
from hls.lanes import packs
from tests.conftest import channel_inputs
from tests.rtl import assert_equal
from verification.rtl.model import Rtl


@pytest.fixture(scope="module")
def pair() -> Rtl:
    return Rtl.build(spec.load("pgd"), lanes=64, packed=True)


@pytest.mark.parametrize("shape", [(1, 240), (16, 14)])
def test_two_vectors_a_multiplier_keep_the_bound(pair: Rtl, shape: tuple[int, int]) -> None:
    found = assert_equal(pair, channel_inputs(pair.spec, 10, *shape))
    cycles = found.steady_cycles if shape[0] == 1 else found.cycles / (shape[0] * shape[1])
    assert cycles <= 160 * 1.05


@pytest.mark.parametrize("vectors", [1, 2, 5])
def test_blocks_of_any_size_are_exact_with_two_vectors_a_multiplier(
    pair: Rtl, vectors: int
) -> None:
    inputs = channel_inputs(pair.spec, vectors, 12, vectors)
    assert_equal(pair, inputs, seed=vectors, stalls=vectors != 2)


def test_only_what_fits_a_dsp_is_packed() -> None:
    wide = stress.spec("soft", 8, 4)
    formats = dataclasses.replace(wide.formats, residual=Format(12, wide.formats.residual.frac))
    assert packs(wide)
    assert not packs(wide.replace(formats=formats))
    with pytest.raises(ValueError, match="hpd-4qam-1bit cannot be packed"):
        Rtl.build(spec.load("hpd-4qam-1bit"), packed=True)
    with pytest.raises(ValueError, match="32×32, two vectors at a time: at least 64 were expected"):
        Rtl.build(spec.load("pgd"), lanes=32, packed=True)


def test_two_vectors_a_multiplier_are_lint_clean() -> None:
    design = lint.Design(spec.load("pgd"), "passes_top", 64, packed=True)
    assert design in lint.designs()
    assert lint.check(design) == ""


@pytest.mark.parametrize(
    ("parameters", "words"),
    [({"Vectors": 3}, "Vectors must be 1 or 2"), ({"EntryWidth": 11}, "25 by 18 bits"),
     ({"ResultWidth": 12}, "25 by 18 bits")],
)  # fmt: skip
def test_what_no_multiplier_can_share_stops_elaboration(
    tmp_path: Path, parameters: dict[str, int], words: str
) -> None:
    values = [f"-G{name}={value}" for name, value in ({"Vectors": 2} | parameters).items()]
    sources = (
        str(path)
        for name, path in toolchain.modules().items()
        if f"{name}.sv" in toolchain.closure(["mac_array"], {})
    )
    done = toolchain.verilator(
        ["--lint-only", "--top-module", "mac_array", *values, *sources], tmp_path
    )
    assert done.returncode != 0
    assert words in done.stderr
