# SPDX-License-Identifier: Apache-2.0
"""Every function that computes on integers gives the same for every integer type, order, layout.

Arrays hold values at the ends of their formats, and at the ends of the types themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers import adc, bank, few_bit, requantize, slicer
from fixedpoint.numbers import prox as proxes
from fixedpoint.numbers.format import Format, integers
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.program import coverage
from fixedpoint.program.views.golden import resume
from fixedpoint.receivers import channel, distributed, family, receiver
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import extreme
from fixedpoint.stress import hyper as hyper_stress
from fixedpoint.stress import pgd as stress
from fixedpoint.vectors import compare
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden
from hls.builds.native import Native
from tests.conftest import decide
from tests.worst_case import combine, exact_sum

TYPES = [np.dtype(order + kind) for order in "<>" for kind in ("i1", "i2", "i4", "i8", "u1", "u2",
                                                               "u4", "u8")]  # fmt: skip
ADC = few_bit.FewBitAdc(
    2, "uniform", Format(8, 2), Format(8, 2),
    ((-120, -7, 119), (-3, 0, 3)), ((-127, -60, 60, 127), (-5, -1, 1, 5)),
)  # fmt: skip
TABLE = Lookup.of(lambda x: x * x, Format(8, 3), Format(8, 2))
PGD = spec.load("pgd")
STATE = PGD.state_format
WIDE = Format(20, 6)


def versions(array: np.ndarray) -> Iterator[np.ndarray]:
    """The same integers in every type that holds them: contiguous, transposed, with gaps."""
    low, high = int(array.min()), int(array.max())
    for kind in TYPES:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            yield array.astype(kind)
            yield np.asfortranarray(array.astype(kind))
            gaps = np.zeros((*array.shape, 2), kind)
            gaps[..., 0] = array
            yield gaps[..., 0]


def same(found: Any, expected: Any, where: str) -> int:
    """How many integers were compared; fails if one differs, or is not int64."""
    if isinstance(expected, np.ndarray):
        assert isinstance(found, np.ndarray)
        assert found.dtype == expected.dtype == (np.int64 if expected.dtype.kind in "iu" else float)
        np.testing.assert_array_equal(found, expected, err_msg=where)
        return expected.size
    if isinstance(expected, dict):
        assert found == expected, where
        return len(expected)
    if not isinstance(expected, tuple | list):
        expected, found = list(vars(expected).values()), list(vars(found).values())
    assert len(found) == len(expected)
    return sum(same(a, b, where) for a, b in zip(found, expected, strict=True))


def every(limits: Format) -> np.ndarray:
    """Up to 512 integers over the whole of a format, both ends included."""
    return np.unique(np.linspace(limits.min, limits.max, 512).astype(np.int64))


@dataclass(frozen=True)
class Function:
    """A function of arrays of integers, and arguments for it."""

    name: str
    call: Callable[..., Any]
    arguments: tuple[np.ndarray, ...]


def ends() -> list[np.ndarray]:
    """The ends of each type, whole: the smallest type that holds them is full."""
    return [
        np.array([[info.min, -1 if info.min else 0, 1, info.max]], dtype=np.int64)
        for info in (np.iinfo(t) for t in ("i1", "i2", "i4", "u1", "u2", "u4"))
    ]


def scalars() -> list[Function]:
    """Element by element: at the ends of the types, and over formats of 8 bits."""
    signed, codes = every(Format(8, 0)).reshape(3, 85), np.array([[0, 1, 2, 3], [3, 2, 1, 0]])
    position, entry = np.array([[0, 1, 2, 3]]), np.array([0, 1])
    f = STATE
    made = [
        Function("table", lambda q: TABLE.read(q, 3), (signed,)),
        Function("table address", lambda q: TABLE.index(q, 5), (signed,)),
        Function("cells", ADC.cells, (codes, entry)),
        Function("levels", ADC.level_of, (codes, entry)),
        Function("codes", lambda i: ADC.convert(np.ones((2, 5)), i), (entry,)),
        Function("adc level", lambda c: adc.level(c, PGD.adc), (np.arange(256)[None],)),
        Function("entries", lambda i: bank.entries((5, -7), i), (entry,)),
        Function("gray", MODULATIONS["16qam"].gray, (position,)),
        Function("modulate", MODULATIONS["16qam"].modulate, (position,)),
        Function("antennas", slicer.bits_of_antennas, (np.array([[0, 1], [1, 1]]),)),
        Function("each shift", lambda q, s: requantize.requantize_each(q, s, Format(6, 0)),
                 (signed, np.arange(85)[None] % 9 - 3)),
    ]  # fmt: skip
    for q in ends():
        shown = f"{q.min()} to {q.max()}"
        made += [
            Function(f"shift {shown}", lambda q: requantize.shift_right_half_up(q, 3), (q,)),
            Function(f"left {shown}", lambda q: requantize.requantize(q, -9, WIDE), (q,)),
            Function(f"sum {shown}", lambda a, b: exact_sum((a, 2), (b, 9))[0], (q, -q)),
            Function(f"combine {shown}", lambda q: combine(f, (q, 5), (q, 3)), (q,)),
            Function(f"soft {shown}", lambda u: proxes.prox("soft", u, 3), (q,)),
            Function(f"box {shown}", lambda u: proxes.prox("box", u, 100), (q,)),
            Function(f"slicer {shown}", lambda q: slicer.position(q, (-300, 0, 2**40)), (q,)),
            Function(f"slicer's ends {shown}", lambda q, t: slicer.position(q, t), (q, q[0])),
            Function(f"decide {shown}", lambda q: decide(PGD, q), (q,)),
            Function(f"value {shown}", Format(40, 3).value, (q,)),
            Function(f"fxp {shown}", lambda q: Format(40, 3).to_fxp(q).val, (q,)),
            Function(f"ties {shown}", lambda q: coverage.requantized("w", q, 3, f), (q,)),
        ]  # fmt: skip
    return made


@pytest.mark.parametrize("function", scalars(), ids=lambda f: f.name)
def test_a_function_of_integers_is_the_same_for_every_type(function: Function) -> None:
    expected = function.call(*function.arguments)
    compared = 0
    for place, argument in enumerate(function.arguments):
        for typed in versions(argument):
            arguments = [*function.arguments]
            arguments[place] = typed
            compared += same(function.call(*arguments), expected, f"{function.name} {typed.dtype}")
    small = [min(versions(a), key=lambda q: q.itemsize) for a in function.arguments]
    assert compared + same(function.call(*small), expected, "all small") > 0


@pytest.mark.parametrize("q", ends(), ids=lambda q: str(q.max()))
def test_a_format_allows_what_it_holds_in_every_type(q: np.ndarray) -> None:
    for typed in versions(q):
        bits = int(q.max()).bit_length() + 1
        assert Format(bits + 1, 0).allows(typed)
        assert not Format(max(bits - 1, 2), 0).allows(typed)
    assert not Format(63, 0).allows(np.array([2**64 - 1], dtype=">u8"))


STRESSED = {
    "pgd": stress.spec("soft", 8, 4),
    "pgd-box": stress.spec("box", 8, 4),
    "admm": admm_stress.spec("soft", 8, 4),
    "hpd": distributed_stress.spec("hpd", rows=24, columns=4, units=3, bits=3),
    "fpd": distributed_stress.spec("fpd", rows=24, columns=4, units=3, bits=2),
    "hyper": hyper_stress.spec(rows=24, columns=4, units=3, bits=2),
}


def smallest(array: np.ndarray) -> np.ndarray:
    """The same integers, big end first, with gaps, in the smallest type that holds them."""
    kinds = [q for q in versions(array) if q.dtype.byteorder in ">|"]
    return min(reversed(kinds), key=lambda q: q.itemsize)


@pytest.mark.parametrize("name", STRESSED)
def test_a_detector_is_the_same_for_every_type_at_the_ends_of_its_formats(
    name: str, tmp_path: Path
) -> None:
    made = STRESSED[name]
    detector, arrays = Detector(made), extreme.vectors(made, 1, 3, 8)
    wires = family.run(made, *arrays)
    expected = family.named(made, wires)
    events = family.count(made, *arrays, wires)
    decided = detector.run_integers(*arrays)
    for place, array in enumerate(arrays):
        for typed in versions(array):
            given = [typed if i == place else a for i, a in enumerate(arrays)]
            found = family.run(made, *given)
            assert same([*family.named(made, found).values()], [*expected.values()], name) > 1000
            assert family.count(made, *given, wires) == events
            output = detector.run_integers(*given)
            np.testing.assert_array_equal(output.state, decided.state)
            np.testing.assert_array_equal(output.bits, decided.bits)
    small = [
        type(w)(**{k: smallest(q) for k, q in vars(w).items()}) for w in family.run(made, *arrays)
    ]
    given = [smallest(a) for a in arrays]
    assert family.count(made, *given, small) == events
    other = family.named(made, small)
    assert compare.compare("v", other, expected, seed=0, repeat="").equal
    layer = golden.last_layer(made)
    inputs = SimpleNamespace(h=given[0], y=given[1], index=given[2])
    vectors.write(tmp_path / "small.vec", golden.collect(made, layer, 0, inputs, small))
    inputs = SimpleNamespace(h=arrays[0], y=arrays[1], index=arrays[2])
    vectors.write(tmp_path / "wide.vec", golden.collect(made, layer, 0, inputs, wires))
    assert (tmp_path / "small.vec").read_bytes() == (tmp_path / "wide.vec").read_bytes()
    again = vectors.read(tmp_path / "small.vec", made)
    assert all(array.dtype == np.int64 for array in again.wires.values())


def test_the_steps_of_a_layer_are_the_same_for_every_type() -> None:
    """A layer from the wires before it, in the smallest type that holds them."""
    for name in ("pgd", "admm", "hpd", "fpd", "hyper"):
        made = STRESSED[name]
        h, y, index = extreme.vectors(made, 2, 3, 8)
        given, _ = receiver.inputs(made, h, y, index)
        found, _ = receiver.inputs(made, *map(smallest, (h, y, index)))
        assert same(list(found.matrices.values()), list(given.matrices.values()), "matrices") > 0
        assert same(list(found.given.values()), list(given.given.values()), "samples") > 0
        wires = dict(zip(family.layer_formats(made), family.run(made, h, y, index), strict=True))
        once = [(stage.name, wire) for stage in program(made).once for wire in stage.wires]
        known = {f"{stage}.{wire}": getattr(wires[stage], wire) for stage, wire in once}
        before, names = vars(wires[f"{made.detector}1"]), [*family.wire_formats(made)]
        small = [{wire: smallest(q) for wire, q in part.items()} for part in (known, before)]
        one = resume(program(made), 1, known, before, names, given)
        two = resume(program(made), 1, *small, names, found)
        assert same(one, wires[f"{made.detector}2"], "second layer") > 0
        assert same(two, one, "layer") > 0
        if name in ("hpd", "fpd"):
            z = before["extrapolated"]
            near = distributed.nearest(made, z)
            assert same(distributed.nearest(made, smallest(z)), near, "grid") > 0


def test_real_inputs_take_any_type_of_entry() -> None:
    made = spec.load("admm")
    drawn = golden.draw(made, 8, 0, 10.0)
    index = made.snr.index(drawn.snr_db)
    expected = made.prepared(drawn.h, index)
    twin = family.float_twin(made, drawn.h, drawn.y, index)
    for typed in versions(index):
        assert same(made.prepared(drawn.h, typed), expected, "prepare") > 0
        assert same(family.float_twin(made, drawn.h, drawn.y, typed), twin, "twin") > 0


@pytest.mark.parametrize("name", ["pgd", "admm", "fpd"])
def test_the_native_library_takes_any_type_and_hands_out_what_every_view_takes(name: str) -> None:
    made = STRESSED[name]
    native, detector = Native.build(made), Detector(made)
    arrays = extreme.vectors(made, 1, 3, 8)
    expected = detector.run_integers(*arrays)
    wires = detector.wires(*arrays)
    for place, array in enumerate(arrays):
        for typed in versions(array):
            output = native.run(*(typed if i == place else a for i, a in enumerate(arrays)))
            np.testing.assert_array_equal(output.state, expected.state)
            np.testing.assert_array_equal(output.bits, expected.bits)
    carried = native.carried(*arrays)
    assert max(q.itemsize for q in carried) < 8
    for wire, q in detector.wires(*carried).items():
        np.testing.assert_array_equal(q, wires[wire])
    for wire, q in family.named(made, native.wires(*map(smallest, carried))).items():
        np.testing.assert_array_equal(q, wires[wire])
    output = native.run(*carried)
    bits = decide(made, output.state)
    np.testing.assert_array_equal(bits, wires[f"{golden.last_layer(made)}.bits"])


REFUSED = {
    "bool": np.array([[True, False]]),
    "float64": np.array([[1.0, 2.0]]),
    "complex128": np.array([[1j, 2.0]]),
    "object": np.array([[1, 2]], dtype=object),
    "timedelta64[s]": np.array([[1, 2]], dtype="m8[s]"),
    "<U1": np.array([["1", "2"]]),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_integer_is_refused_everywhere(kind: str) -> None:
    array, message = REFUSED[kind], "has the type .*, integers were expected"
    calls: list[Callable[[Any], Any]] = [
        lambda q: integers("q", q),
        Format(8, 0).allows,
        Format(8, 0).value,
        Format(8, 0).to_fxp,
        lambda q: requantize.requantize(q, 1, STATE),
        lambda q: combine(STATE, (q, 1)),
        lambda q: TABLE.read(q, 3),
        lambda q: ADC.cells(q, np.array([0])),
        lambda q: ADC.level_of(q, np.array([0])),
        lambda q: adc.level(q, PGD.adc),
        lambda q: bank.entries((1, 2), q),
        lambda q: distributed.nearest(STRESSED["hpd"], q),
        lambda q: coverage.requantized("w", q, 1, STATE),
        lambda q: Detector.load("pgd").run_integers(np.resize(q, (1, 32, 32)), q, q),
        lambda q: compare.compare("v", {"a": q}, {"a": q}, seed=0, repeat=""),
        MODULATIONS["16qam"].modulate,
    ]
    if kind != "float64":  # states of the float twins
        calls += [lambda q: proxes.prox("box", q, 1), lambda q: slicer.position(q, (0,))]
    for call in calls:
        with pytest.raises(ValueError, match=message):
            call(array)


@pytest.mark.parametrize("order", "<>")
def test_integers_beyond_int64_are_refused_and_the_largest_are_not(order: str) -> None:
    largest = np.array([0, 2**63 - 1], dtype=f"{order}u8")
    np.testing.assert_array_equal(integers("q", largest), [0, 2**63 - 1])
    beyond = largest + np.array(1, dtype=f"{order}u8")
    for call in (
        lambda q: requantize.requantize(q, 1, STATE),
        lambda q: TABLE.read(q, 3),
        lambda q: slicer.position(q, (0,)),
        Format(63, 0).value,
    ):
        with pytest.raises(ValueError, match="holds 9223372036854775808, at most"):
            call(beyond.astype(f"{order}u8"))


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("bits", [2, 8, 52, 53, 54, 55, 62, 63])
def test_a_format_saturates_at_its_own_ends(bits: int, signed: bool) -> None:
    made = Format(bits, 0, signed)
    found = made.quantize([made.max, 2.0 * made.max, 1e300, -1e300, made.min])
    assert found.tolist() == [made.max, made.max, made.max, made.min, made.min]
    assert made.allows(found)
    below = 2.0 ** (bits - signed - 1)
    assert made.quantize(below) == below
    assert Format(bits, 63, signed).quantize(1e300) == made.max


def test_a_table_is_right_at_the_ends_of_its_address_and_of_its_output() -> None:
    table = Lookup(Format(8, 0), Format(8, 0), tuple(range(-127, 128)))
    q = np.array([-128, -127, 0, 127], dtype=np.int8)
    assert table.read(q, 0).tolist() == [-127, -127, 0, 127]
    wide = Lookup(Format(2, 0), Format(63, 0), (-(2**62) + 1, 0, 2**62 - 1))
    assert wide.read(np.array([-1, 1], dtype=np.int8), 0).tolist() == [-(2**62) + 1, 2**62 - 1]
    assert wide.read(np.array([255], dtype=np.uint8), 0).tolist() == [2**62 - 1]


def test_a_draws_bits_are_int64() -> None:
    drawn = channel.draw(np.random.default_rng(0), MODULATIONS["64qam"], 8, 4, np.ones((2, 3)))
    for typed in versions(drawn.positions):
        assert same(MODULATIONS["64qam"].gray(typed), drawn.bits, "gray") > 0


def test_an_empty_list_is_one_of_integers_and_an_empty_array_of_reals_is_not() -> None:
    assert integers("q", []).dtype == np.int64
    with pytest.raises(ValueError, match="q has the type float64, integers were expected"):
        integers("q", np.array([]))
