# SPDX-License-Identifier: Apache-2.0
"""requantize, tables, grid, prox and slicer in C++, both number types, against fixedpoint."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from fixedpoint.numbers import slicer
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.numbers.requantize import requantize
from hls.builds import compiler
from hls.project import cpp as emit_cpp
from tests.worst_case import combine

AP_INT = ("-DBITFOLD_AP_INT", *compiler.AP_TYPES_WARNINGS)
SANITIZED = ("-fsanitize=undefined", "-fno-sanitize-recover=all")


def scalars(*flags):
    """Every line that the small C++ program prints, as (name, parameters) -> integers."""
    headers = sorted((emit_cpp.HERE / "include" / "bitfold").glob("*.hpp"))
    build = compiler.Build(
        files={f"bitfold/{path.name}": path.read_text() for path in headers}
        | {"scalars.cpp": (Path(__file__).parent / "hls_scalars.cpp").read_text()},
        sources=("scalars.cpp",),
        includes=(".",),
        flags=("-O0", *flags),
    )
    program = compiler.compile_cached(build, "test-scalars")
    text = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    lines = []
    for line in text.splitlines():
        head, _, results = line.partition(" :")
        name, *parameters = head.split()
        lines.append((name, tuple(map(int, parameters)), np.array(results.split(), dtype=np.int64)))
    return lines


@pytest.fixture(scope="module", params=["ap_int", "native"])
def lines(request):
    if request.param == "ap_int":
        return scalars(*AP_INT, "-isystem", str(compiler.ap_types_folder()))
    return scalars(*SANITIZED)


def inputs(bits):
    high = 2 ** (bits - 1) - 1
    if bits <= 8:
        return np.arange(-high - 1, high + 1)
    near = [2**power + i for power in range(bits) for i in range(-2, 3)]
    both = [q for one in near for q in (one, -one)]
    return np.array([q for q in both if -high - 1 <= q <= high])


def test_requantize_equals_fixedpoint_at_every_width_and_shift(lines):
    compared = [(p, found) for name, p, found in lines if name == "requantize"]
    assert len(compared) > 140
    assert {shift for (_, shift, _), _ in compared} >= {*range(-4, 13), 17, 31, 40, 53, 70}
    for (source, shift, target), found in compared:
        expected = requantize(inputs(source), shift, Format(target, 0))
        np.testing.assert_array_equal(found, expected, f"{source} bits >> {shift} to {target}")


def test_ties_round_up(lines):
    found = {p: found for name, p, found in lines if name == "requantize"}[(5, 1, 16)]
    assert dict(zip(inputs(5).tolist(), found.tolist(), strict=True))[-3] == -1
    assert dict(zip(inputs(5).tolist(), found.tolist(), strict=True))[3] == 2


def test_prox_and_fold_equal_their_definitions_for_every_update_and_threshold(lines):
    compared = 0
    for name, (bits, limit), found in [x for x in lines if x[0] in ("soft", "box", "fold")]:
        u = inputs(bits)
        expected = {
            "soft": np.sign(u) * np.maximum(np.abs(u) - limit, 0),
            "box": np.clip(u, -limit, limit),
            "fold": limit - np.abs(u),
        }
        np.testing.assert_array_equal(found, expected[name], f"{name} {bits} bits, {limit}")
        compared += 1
    assert compared == 3 * (2 + 16 + 128)


def test_requantize_to_an_unsigned_format_is_the_relu(lines):
    compared = [(p, found) for name, p, found in lines if name == "unsigned"]
    assert len(compared) == 9
    for (source, shift, target), found in compared:
        expected = requantize(inputs(source), shift, Format(target, 0, signed=False))
        np.testing.assert_array_equal(found, expected, f"{source} bits >> {shift} to {target}")


def test_requantize_by_a_shift_of_run_time_equals_the_other(lines):
    compared = [(p, found) for name, p, found in lines if name == "by"]
    assert len(compared) == 2 * 34
    for (source, shift, target), found in compared:
        expected = requantize(inputs(source), shift, Format(target, 0))
        np.testing.assert_array_equal(found, expected, f"{source} bits >> {shift} to {target}")


def test_a_sum_aligns_its_terms_exactly_and_is_rounded_once(lines):
    (found,) = [found for name, _, found in lines if name == "sum"]
    a, b = np.meshgrid(inputs(5), inputs(5), indexing="ij")
    expected = combine(Format(5, 0), (a, 2), (b, 5), (-a, 0))
    np.testing.assert_array_equal(found, expected.reshape(-1))


def test_a_quotient_is_by_the_table_of_its_mantissa(lines):
    compared = [(p, found) for name, p, found in lines if name == "quotient"]
    assert [denominator for (denominator,), _ in compared] == list(range(1, 64))
    table = Lookup.of(lambda t: 1 / (1 + t), Format(4, 4, signed=False), Format(8, 6))
    for (denominator,), found in compared:
        place = denominator.bit_length() - 1
        fraction = np.array((denominator << 5 - place) - 32)
        product = inputs(5) * table.read(fraction, 5)
        expected = requantize(product, 3 + 6 - 2 - 3 + place, Format(7, 3))
        np.testing.assert_array_equal(found, expected, f"over {denominator}")


def test_a_choice_is_by_the_code(lines):
    (found,) = [found for name, _, found in lines if name == "choose"]
    assert found.tolist() == [0, 1, -3, 3]


def test_a_counter_stays_at_its_largest(lines):
    (found,) = [found for name, _, found in lines if name == "count"]
    assert found.tolist() == [1, 2, 255, 256, 257, 65534, 65535, 65535]


@pytest.mark.parametrize("signed", [True, False])
def test_a_table_read_rounds_saturates_and_looks_up(lines, signed):
    name = "signed_table" if signed else "unsigned_table"
    compared = [(p, found) for kind, p, found in lines if kind == name]
    assert len(compared) == (6 if signed else 5)
    table = Lookup.of(lambda x: x**2, Format(3, 0, signed), Format(8, 0))
    for (source, shift), found in compared:
        expected = table.read(inputs(source), shift)
        np.testing.assert_array_equal(found, expected, f"{name}, {source} bits >> {shift}")


def test_the_grid_equals_its_definition(lines):
    state = np.maximum(inputs(8), -127)
    found = {name: found for name, _, found in lines if name in ("distance", "points")}
    points = np.array([48, 16, -16, -48])  # highest first: a tie takes the upper one
    nearest = points[np.argmin(np.abs(state[:, None] - points), axis=1)]
    np.testing.assert_array_equal(found["distance"], state - nearest)
    assert found["points"].tolist() == [-48, -16, 16, 48]


@pytest.mark.parametrize("modulation", MODULATIONS.values(), ids=lambda m: m.name)
def test_slicer_equals_fixedpoint_on_every_state(lines, modulation):
    found = {p[0]: found for name, p, found in lines if name == "slice"}[modulation.bits]
    thresholds = modulation.thresholds(Format(8, 4))
    bits = modulation.gray(slicer.position(inputs(8), thresholds))
    words = bits @ (1 << np.arange(modulation.bits - 1, -1, -1))
    np.testing.assert_array_equal(found, words)


def test_requantize_is_a_constant_expression():
    source = """#include "bitfold/requantize.hpp"
    static_assert(bitfold::requantize<1, 8, 8>(-3) == -1, "ties round up");
    static_assert(bitfold::requantize<0, 8, 4>(-8) == -7, "saturation is symmetric");
    static_assert(bitfold::requantize<-2, 8, 4>(1) == 4, "a negative shift multiplies");
    """
    headers = sorted((emit_cpp.HERE / "include" / "bitfold").glob("*.hpp"))
    files = {f"bitfold/{path.name}": path.read_text() for path in headers}
    build = compiler.Build(files | {"a.cpp": source}, ("a.cpp",), (".",), ("-c",))
    assert compiler.compile_cached(build, "test-constants.o").is_file()


def test_every_header_names_its_golden_model():
    for path in (emit_cpp.HERE / "include" / "bitfold").glob("*.hpp"):
        first = path.read_text().splitlines()[:4]
        assert any("golden model" in line.lower() for line in first), path.name
