# SPDX-License-Identifier: Apache-2.0
"""The Vitis types that `Format.ap_fixed` prints round and saturate as `Format` does.

Compiled with the open ap_types headers. They refuse a shift beyond the source's width, which
`requantize` allows: no source here is dropped whole.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.requantize import requantize
from hls.builds import compiler

TARGETS = (
    Format(8, 7), Format(8, 0), Format(8, 12), Format(8, -3), Format(2, 1), Format(16, 11),
    Format(24, 20), Format(33, 30), Format(48, 10), Format(4, 0, signed=False),
    Format(1, 0, signed=False), Format(6, 9, signed=False), Format(12, -2, signed=False),
)  # fmt: skip
SOURCES = (Format(20, 14), Format(40, 33), Format(52, 20), Format(9, -1), Format(30, 26))


def reals(fmt: Format) -> np.ndarray:
    """Every tie near zero and both ends, their neighbours in float64, and values far beyond."""
    span = min(fmt.max, 300)
    q = np.concatenate([np.arange(-span - 3, span + 4), np.arange(fmt.max - 3, fmt.max + 4)])
    halves = np.concatenate([q, q + 0.5, -q - 0.5]).astype(np.float64)
    near = np.concatenate([halves, np.nextafter(halves, np.inf), np.nextafter(halves, -np.inf)])
    random = np.random.default_rng(0).uniform(-1.5 * fmt.max, 1.5 * fmt.max, 500)
    far = np.array([4.0, -4.0, 1000.5, -1000.5]) * (fmt.max + 1)
    found: np.ndarray = np.concatenate([near, random, far]) * fmt.step
    return found


def integers(source: Format, target: Format) -> IntArray:
    """Integers whose requantization ties, saturates, or does neither."""
    scale = max(1 << max(source.frac - target.frac, 0), 2)
    around = scale * np.arange(-40, 41, dtype=np.int64)
    ends = np.array([(target.max + i) * scale for i in (-1, 0, 1)], dtype=object)
    ends = np.array([q for q in ends if abs(q) <= source.max], dtype=np.int64)
    places = np.concatenate([around, ends, -ends])
    near = (places[:, None] + scale // 2 + np.arange(-2, 3)).ravel()
    rng = np.random.default_rng(1)
    q = np.concatenate([near, rng.integers(source.min, source.max, 500), [source.min, source.max]])
    return q[np.abs(q) <= source.max]


@pytest.fixture(scope="module")
def found() -> dict[str, IntArray]:
    """What the compiled program makes of every case."""
    calls, words = [], []
    for fmt in TARGETS:
        sign = str(fmt.signed).lower()
        calls.append(f'  quantize<{fmt.ap_fixed}, {fmt.bits}, {sign}>("{fmt}");')
        values = reals(fmt)
        words += [str(len(values)), *(float(x).hex() for x in values)]
        for source in SOURCES:
            kind = f"ap_fixed<{source.bits}, {source.bits - source.frac}>, {source.bits}"
            name = f"{source} {fmt}"
            calls.append(f'  requantize<{kind}, {fmt.ap_fixed}, {fmt.bits}, {sign}>("{name}");')
            q = integers(source, fmt)
            words += [str(len(q)), *map(str, q.tolist())]
    main = ['#include "hls_formats.hpp"', "", "int main() {", *calls, "}", ""]
    build = compiler.Build(
        files={
            "hls_formats.hpp": (Path(__file__).parent / "hls_formats.hpp").read_text(),
            "main.cpp": "\n".join(main),
        },
        sources=("main.cpp",),
        includes=(".",),
        flags=("-O0", *compiler.AP_TYPES_WARNINGS, "-isystem", str(compiler.ap_types_folder())),
    )
    program = compiler.compile_cached(build, "test-ap-fixed")
    done = subprocess.run(
        [program], input=" ".join(words), capture_output=True, text=True, check=True
    )
    lines = (line.partition(" : ") for line in done.stdout.splitlines())
    return {name: np.array(values.split(), dtype=np.int64) for name, _, values in lines}


@pytest.mark.parametrize("fmt", TARGETS, ids=str)
def test_a_real_value_becomes_the_same_integer(fmt: Format, found: dict[str, IntArray]) -> None:
    expected = fmt.quantize(reals(fmt))
    np.testing.assert_array_equal(found[f"quantize {fmt}"], expected)
    assert {fmt.min, fmt.max} <= set(expected.tolist())


@pytest.mark.parametrize("fmt", TARGETS, ids=str)
@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_wide_integer_requantizes_to_the_same(
    source: Format, fmt: Format, found: dict[str, IntArray]
) -> None:
    q = integers(source, fmt)
    expected = requantize(q, source.frac - fmt.frac, fmt)
    np.testing.assert_array_equal(found[f"requantize {source} {fmt}"], expected)
    assert len(q) > 500
