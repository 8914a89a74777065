# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net's RTL against the golden model: every wire of the front end and of every layer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fixedpoint.detector import Integers
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.receivers import family
from fixedpoint.receivers.inputs import split
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress.soft import softened
from fixedpoint.vectors.compare import compare
from hls import lanes
from hls.project.rtl import rtl_files
from hls.synthesis.throughput import bound_cycles
from tests.conftest import stress_inputs
from tests.rtl import assert_equal as wires_equal
from verification.rtl import runs
from verification.rtl.model import Rtl, Traffic
from verification.rtl.runs import RtlRun

SEEDS = range(4)


def assert_equal(rtl: Rtl, inputs: Integers, *, seed: int = 0, stalls: bool = False) -> RtlRun:
    found = wires_equal(rtl, inputs, seed=seed, stalls=stalls)
    assert found.index_errors == 0
    return found


@pytest.fixture(scope="module")
def small() -> Rtl:
    return Rtl.build(admm_stress.spec("soft", 8, 4, layers=3), lanes=16)


@pytest.fixture(scope="module")
def square() -> Rtl:
    return Rtl.build(admm_stress.spec("box", 32, 32), lanes=32)


def test_every_wire_of_the_front_end_and_of_every_layer_is_compared(small: Rtl) -> None:
    found = assert_equal(small, stress_inputs(small.spec, 0, 3, 5))
    shown = family.layer_formats(small.spec)
    assert list(shown) == ["front", "admm1", "admm2", "admm3"]
    for layer, formats in shown.items():
        assert {f"{layer}.{wire}" for wire in formats} <= set(found.wires)


@pytest.mark.parametrize("seed", SEEDS)
def test_stalls_on_every_stream_change_no_integer(small: Rtl, seed: int) -> None:
    assert_equal(small, stress_inputs(small.spec, seed, 20, 1 + 3 * seed), seed=seed, stalls=True)


def test_one_vector_a_block_reloads_the_matrices_every_time(small: Rtl) -> None:
    assert_equal(small, stress_inputs(small.spec, 4, 60, 1))


def test_stress_vectors_hit_every_branch(square: Rtl) -> None:
    inputs = stress_inputs(square.spec, 1, 75, 16)
    assert_equal(square, inputs, stalls=True)
    layers = family.run(square.spec, inputs.h, inputs.y, inputs.index)
    events = family.count(square.spec, inputs.h, inputs.y, inputs.index, layers)
    assert family.missed(square.spec, events) == []


def test_the_multipliers_hardly_idle(square: Rtl) -> None:
    best = bound_cycles(square.spec, square.lanes)
    assert best == 160
    assert assert_equal(square, stress_inputs(square.spec, 2, 1, 200)).steady_cycles <= 1.05 * best
    blocks = assert_equal(square, stress_inputs(square.spec, 3, 30, 14))
    loading = blocks.finished[0, 0] - blocks.loaded[0, 0]
    assert blocks.cycles - loading <= 1.05 * best * 30 * 14


def test_a_vector_of_another_index_takes_its_blocks_and_is_marked(small: Rtl) -> None:
    spec, last = small.spec, len(small.spec.snr) - 1
    inputs = stress_inputs(spec, 5, 6, 7)
    own, of_block = inputs.index.copy(), inputs.index[:, 0].copy()
    own[1, 2] = last
    own[4], of_block[4] = (last, last, 63, last, 60, last, 20), 50  # 63, 60 and 50 are read as 35
    block = np.repeat(of_block.clip(0, last)[:, None], 7, axis=1)
    wires = dict(runs.golden(spec, Integers(inputs.h, inputs.y, block)).wires)
    wrong = own.clip(0, last) != block
    assert np.argwhere(wrong).tolist() == [[1, 2], [4, 6]]
    wires["output.user"] = wires["output.user"] + (wrong << spec.snr.index_bits + 16)
    found = small.run(inputs.h, inputs.y, own, Traffic(block_index=of_block))
    result = compare("RTL", wires, found.wires, seed=5, repeat="this test")
    assert result.equal, str(result)
    assert found.index_errors == 2


def test_entries_are_clamped_to_the_format_of_their_matrix(small: Rtl) -> None:
    spec = small.spec
    assert isinstance(spec, AdmmSpec)
    inputs = stress_inputs(spec, 6, 6, 5)
    rng = np.random.default_rng(6)
    h, y = rng.integers(-128, 128, inputs.h.shape), rng.integers(-128, 128, inputs.y.shape)
    parts = split(spec, h)
    assert np.any(np.abs(parts["p"]) > spec.formats.p.max)
    clamped = np.concatenate(
        [_clamp(parts["f"], spec.formats.f), _clamp(parts["p"], spec.formats.p)], axis=1
    )
    fitting = Integers(clamped, _clamp(y, spec.formats.y), inputs.index)
    wires = runs.golden(spec, fitting).wires
    found = small.run(h, y, inputs.index)
    result = compare("RTL", wires, found.wires, seed=6, repeat="this test")
    assert result.equal, str(result)


@pytest.mark.parametrize("bits", [4, 5, 6, 7, 8])
def test_numbers_of_columns_are_clamped_to_their_format_beside_any_matrices(bits: int) -> None:
    """P has 5 bits and F 7: numbers narrower than both, as wide, between them, and wider."""
    plain = softened(admm_stress.spec("box", 8, 4))
    assert plain.soft is not None
    weight = Format(bits, 2)
    spec = plain.replace(soft=dataclasses.replace(plain.soft, weight=weight, scaled=Format(10, 3)))
    assert spec.parts[0].format == weight
    inputs = stress_inputs(spec, 6, 6, 5)
    h = np.random.default_rng(bits).integers(-128, 128, inputs.h.shape)
    clamped = [_clamp(q, part.format) for part, q in
               zip(spec.parts, split(spec, h).values(), strict=True)]  # fmt: skip
    fitting = Integers(np.concatenate(clamped, axis=1), inputs.y, inputs.index)
    found = Rtl.build(spec, lanes=16).run(h, inputs.y, inputs.index)
    wires = runs.golden(spec, fitting).wires
    result = compare("RTL", wires, found.wires, seed=6, repeat="this test")
    assert result.equal, str(result)


@pytest.mark.parametrize("name", ["relaxation", "dual_step", "threshold", "step", "inverse"])
def test_a_changed_constant_is_caught(small: Rtl, name: str) -> None:
    file = f"{name}.mem"
    lines = rtl_files(small.spec)[file].splitlines()
    lines[2] = f"{int(lines[2], 16) ^ 4:02x}"
    changed = Rtl.build(small.spec, lanes=16, replaced={file: "\n".join(lines) + "\n"})
    with pytest.raises(AssertionError, match="the golden model has"):
        assert_equal(changed, stress_inputs(small.spec, 8, 6, 8))


def test_sizes_that_do_not_fit_are_refused() -> None:
    assert lanes.fitting_lanes(admm_stress.spec("soft", 8, 4)) == [16]
    assert not lanes.fits(admm_stress.spec("soft", 8, 4), 32)
    with pytest.raises(ValueError, match=r"engine holds 32×32: at least 32 were expected"):
        Rtl.build(admm_stress.spec("box", 32, 32), lanes=31)


def _clamp(q: IntArray, fmt: Format) -> IntArray:
    return q.clip(fmt.min, fmt.max)
