# SPDX-License-Identifier: Apache-2.0
"""Specs at the limit of 53 bits: just accepted, every view gives the same integers."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors.registry import program
from fixedpoint.numbers import widths
from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.format import Format
from fixedpoint.receivers import family
from fixedpoint.specs.pgd import PgdFormats, PgdLayer
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import hyper as hyper_stress
from fixedpoint.stress import pgd as stress
from hls import lanes, lint, tops
from hls.builds.native import Native
from hls.project import cpp as emit_cpp
from hls.project import rtl as emit_rtl
from tests import pgd_widths
from tests.conftest import stress_inputs
from tests.limit_specs import WIDEST, beyond_an_int, changed, formats, limit, narrowest, widest

SIZES: dict[str, Any] = {"rows": 8, "columns": 4, "layers": 3}
UNITS: dict[str, Any] = {"units": 2, "bits": 2, "modulation": "qpsk"}


@cache
def base(name: str) -> Any:
    """A small stress spec of each detector."""
    if name == "pgd":
        return stress.spec("soft", **SIZES)
    if name == "admm":
        return admm_stress.spec("box", **SIZES)
    if name == "hyper":
        return hyper_stress.spec(**SIZES, **UNITS)
    return distributed_stress.spec(name, **SIZES, **UNITS)


NAMES = ("pgd", "admm", "hpd", "fpd", "hyper")
TARGETS = {
    "pgd": ("residual", "state"),
    "admm": ("front", "state", "dual", "difference"),
    "hpd": ("state",),
    "fpd": ("state",),
    "hyper": ("state",),
}
"""Formats that a sum is requantized to: with many fractional bits it is shifted left."""


def shifted_left(name: str) -> Any:
    """The same detector with requantizations that shift left, or not at all."""
    made = base(name)
    for target in TARGETS[name]:
        path = f"formats.{target}"
        fmt = getattr(made.formats, target)
        more = 8 if made.detector in ("pgd", "admm") else 3
        made = changed(made, path, bits=fmt.bits + more, frac=fmt.frac + more)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_each_format_is_accepted_to_its_limit_and_refused_beyond(name: str) -> None:
    for made in (base(name), shifted_left(name)):
        limited = 0
        for path, fmt in formats(made):
            wide, why = widest(made, path)
            bits = dict(formats(wide))[path].bits
            assert bits > fmt.bits or "expected" in why, (path, why)
            assert program(wide).spec == wide
            if "needs 54 bits" in why:
                limited += 1
            else:
                assert bits == WIDEST or "expected" in why or "at the same point" in why, why
        assert limited >= 6


@pytest.mark.parametrize("seed", range(80))
def test_the_fast_path_of_a_limit_spec_gives_the_golden_integers(seed: int) -> None:
    """Requantizations to the left, to the right and none, from the narrowest formats on."""
    rng, made = np.random.default_rng(seed), narrowest()
    for name, coarsest in (("residual", -2), ("state", 0)):
        made = changed(made, f"formats.{name}", frac=int(rng.integers(coarsest, 3)))
    made = limit(made, seed)
    inputs = stress_inputs(made, seed, 60, 12)
    fast = Detector(made).run_integers(inputs.h, inputs.y, inputs.index)
    last = family.run(made, inputs.h, inputs.y, inputs.index)[-1]
    for wire in ("state", "code", "bits"):
        assert np.array_equal(getattr(fast, wire), getattr(last, wire)), wire


def test_a_sum_of_53_bits_that_is_not_rounded_keeps_its_last_bit() -> None:
    """A half added to 2^52 … 2^53 would round it away; Δ(state) is odd there."""
    y = 67108863
    two, wide = Format(2, 0), Format(54, 0)
    made = narrowest().replace(
        adc=Adc(bits=1, half_step=y),
        formats=PgdFormats(
            h=two, y=Format(28, 0), residual=Format(27, 0), state=wide, code=Format(8, 0),
            step=two, inverse=two, eta=Format(26, 0),
        ),
        layers=(PgdLayer(eta=2**25 - 1, threshold=6755399139065858, step=(1,), inverse=(1,)),),
    )  # fmt: skip
    assert pgd_widths.bounds(made)["update"].magnitude.bit_length() == widths.FLOAT64
    h = np.array([[[1, 0], [1, 0], [1, 0], [0, 0]]])
    for sample in (y, -y):
        inputs = h, np.full((1, 1, 4), sample), np.zeros((1, 1), dtype=np.int64)
        wires = Detector(made).wires(*inputs)
        output = Detector(made).run_integers(*inputs)
        assert np.array_equal(output.state, wires["pgd1.state"])
        assert np.array_equal(output.bits, wires["pgd1.bits"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("left", [False, True], ids=["right", "left"])
def test_every_wire_of_a_limit_spec_is_the_same_in_native_cpp(name: str, left: bool) -> None:
    made = limit(shifted_left(name) if left else base(name), int(left))
    top = max(int(fmt.bits) for layer in family.layer_formats(made).values()
              for fmt in layer.values())  # fmt: skip
    assert top >= 40
    inputs = stress_inputs(made, 7, 36, 8)
    arrays = inputs.h, inputs.y, inputs.index
    wires = family.run(made, *arrays)
    expected, native = family.named(made, wires), Native.build(made, sanitize=True)
    found = family.named(made, native.wires(*arrays))
    assert found.keys() == expected.keys()
    for wire, values in expected.items():
        assert np.array_equal(found[wire], values), wire
    output = Detector(made).run_integers(*arrays)
    fast = native.run(*arrays)
    for wire in ("state", "bits"):
        assert np.array_equal(getattr(fast, wire), getattr(wires[-1], wire)), wire
        assert np.array_equal(getattr(output, wire), getattr(wires[-1], wire)), wire


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
@pytest.mark.parametrize("constant", ["mean", "grid", "one"])
def test_a_constant_beyond_31_bits_is_the_same_in_every_view(detector: str, constant: str) -> None:
    made = beyond_an_int(detector, constant)
    inputs = stress_inputs(made, 5, 36, 8)
    arrays = inputs.h, inputs.y, inputs.index
    expected = family.named(made, family.run(made, *arrays))
    found = family.named(made, Native.build(made, sanitize=True).wires(*arrays))
    assert found.keys() == expected.keys()
    for wire, values in expected.items():
        assert np.array_equal(found[wire], values), wire
    if "mean" not in constant:
        assert max(int(np.abs(values).max()) for values in expected.values()) > 2**33
    for top in tops.of(made).names:
        fitting = lanes.fitting_lanes(made, packed=False)[0]
        design = lint.Design(made, top, fitting)
        assert lint.check(design, tools=(lint.verilator,)) == ""


@pytest.mark.parametrize("name", [*NAMES, "mean", "grid", "one"])
def test_every_emitted_integer_fits_the_type_that_it_is_emitted_with(name: str) -> None:
    made = limit(base(name), 2) if name in NAMES else beyond_an_int("fpd", name)
    texts = [emit_cpp.header(made)]
    if emit_rtl.has_rtl(made):
        emitted = emit_rtl.rtl_files(made)
        texts += [emitted[file] for file in emit_rtl.packages(made)]
    pattern = re.compile(
        r"(?:static constexpr|localparam) (int|int unsigned|longint unsigned|std::int(\d+)_t) "
        r"(\w+) = (?:64'd)?(-?\d+);"
    )
    widths_of = {"int": 32, "int unsigned": 32, "longint unsigned": 64}
    compared = 0
    for text in texts:
        assert len(pattern.findall(text)) == len(
            re.findall(r"^.* \w+ = (?:64'd)?-?\d+;", text, re.M)
        )
        for kind, bits, constant, value in pattern.findall(text):
            width = int(bits or widths_of[kind])
            lowest = 0 if "unsigned" in kind else -(1 << width - 1)
            highest = (1 << width - ("unsigned" not in kind)) - 1
            assert lowest <= int(value) <= highest, (constant, value)
            compared += 1
    assert compared > 20
