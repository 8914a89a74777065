# SPDX-License-Identifier: Apache-2.0
"""The same integers in any integer type give the same integers on every wire."""

from __future__ import annotations

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import library as spec
from fixedpoint.receivers import family

TYPES = (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)
NAMES = ("pgd", "admm-box", "admm-kaq", "hpd-4qam-1bit", "hpd-16qam-2bit", "fpd-16qam-2bit",
         "fpd-4qam-1bit-hyper")  # fmt: skip


def inputs(name: str, seed: int = 0) -> tuple[Detector, np.ndarray, np.ndarray, np.ndarray]:
    """Blocks over the whole range of every format."""
    detector, rng = Detector.load(name), np.random.default_rng(seed)
    made = detector.spec
    parts = [
        rng.integers(part.format.min, part.format.max, (6, part.rows, made.columns), endpoint=True)
        for part in made.parts
    ]
    y = rng.integers(made.y_format.min, made.y_format.max, (6, 4, made.rows), endpoint=True)
    index = np.repeat(rng.integers(0, len(made.snr), (6, 1)), 4, axis=1)
    return detector, np.concatenate(parts, axis=1), y, index


def holding(values: np.ndarray) -> list[type]:
    """The integer types that hold an array's values."""
    ends = int(values.min()), int(values.max())
    return [t for t in TYPES if np.iinfo(t).min <= ends[0] and ends[1] <= np.iinfo(t).max]


@pytest.mark.parametrize("name", NAMES)
def test_wires_and_decisions_do_not_depend_on_the_integer_type(name: str) -> None:
    detector, *arrays = inputs(name)
    expected = detector.wires(*arrays)
    decided = detector.run_integers(*arrays)
    compared = 0
    for place, array in enumerate(arrays):
        for kind in holding(array):
            typed = [a.astype(kind) if i == place else a for i, a in enumerate(arrays)]
            found = detector.wires(*typed)
            assert found.keys() == expected.keys()
            for wire, values in expected.items():
                np.testing.assert_array_equal(found[wire], values, err_msg=f"{wire} {kind}")
                compared += values.size
            output = detector.run_integers(*typed)
            np.testing.assert_array_equal(output.state, decided.state)
            np.testing.assert_array_equal(output.bits, decided.bits)
    assert compared > 10_000


@pytest.mark.parametrize("name", NAMES)
def test_the_smallest_types_that_hold_all_inputs_at_once(name: str) -> None:
    detector, *arrays = inputs(name, seed=1)
    small = [a.astype(min(holding(a), key=lambda t: np.dtype(t).itemsize)) for a in arrays]
    made = family.named(detector.spec, family.run(detector.spec, *small))
    for wire, values in detector.wires(*arrays).items():
        np.testing.assert_array_equal(made[wire], values, err_msg=wire)


def test_a_value_beyond_int64_is_refused_and_not_wrapped() -> None:
    detector, h, y, index = inputs("pgd")
    huge = y.astype(np.uint64)
    huge[0, 0, 0] = 2**64 - 1
    huge[huge > 2**63] = 2**64 - 1
    with pytest.raises(ValueError, match="y holds 18446744073709551615, outside"):
        detector.run_integers(h, huge, index)


def test_every_shipped_detector_is_among_them() -> None:
    assert {spec.load(name).detector for name in NAMES} == set(spec.CLASSES)
