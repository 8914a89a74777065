# SPDX-License-Identifier: Apache-2.0
"""Specs in other formats: the same constants, rounded anew."""

from __future__ import annotations

import numpy as np
import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.reformat import formats, reformatted
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.support.schema import SpecError

PLAIN = [name for name in specs.shipped() if "hyper" not in name]


@pytest.mark.parametrize("name", specs.shipped())
def test_the_same_formats_give_the_same_spec(name: str) -> None:
    spec = specs.load(name)
    assert reformatted(spec, formats(spec)).digest == spec.digest


@pytest.mark.parametrize("name", PLAIN)
def test_every_format_can_be_refined_and_taken_back(name: str) -> None:
    spec = specs.load(name)
    for key, fmt in formats(spec).items():
        if key in (*spec.counted.values(), *spec.follow(formats(spec))[0]):
            continue
        fine = Format(fmt.bits + 1, fmt.frac + 1)
        there = reformatted(spec, {key: fine})
        assert formats(there)[key] == fine
        assert program(there).spec == there
        back = reformatted(there, formats(spec))
        tables = [entry for entry, ends in spec.table_formats.items() if key in ends]
        if not tables and key != "residual":
            assert back.digest == spec.digest, key


@pytest.mark.parametrize("name", PLAIN)
def test_every_table_is_its_function_to_a_last_bit(name: str) -> None:
    """What a program says that a table holds is what the shipped table holds."""
    spec = specs.load(name)
    for entry, (address, output) in spec.table_formats.items():
        wide = Format(formats(spec)[output].bits + 1, formats(spec)[output].frac)
        there = reformatted(spec, {output: wide}) if output != "sigmoid.output" else spec
        assert _integers(there, entry) == pytest.approx(_integers(spec, entry), abs=1), address


def _integers(spec: specs.DetectorSpec, entry: str) -> list[int]:
    root, _, leaf = entry.partition(".")
    found = getattr(spec, root)
    rows = [getattr(each, leaf) for each in found] if leaf else [found.values]
    return [q for row in rows for q in row]


def test_a_narrower_code_keeps_its_range() -> None:
    spec = specs.load("admm-box")
    there = reformatted(spec, {"code": Format(6, 0), "step": Format(15, 14)})
    old, new = (np.array(each.layers[0].step) for each in (spec, there))
    assert np.abs(new * 31 - old * 127).max() <= 16


def test_the_converter_follows_y() -> None:
    spec = reformatted(specs.load("pgd"), {"y": Format(9, 4)})
    assert (spec.adc.bits, spec.adc.half_step) == (8, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"nothing": Format(8, 0)}, "formats.nothing: one of f, p, y"),
     ({"relaxation": Format(4, 9)}, "layers.relaxation: .* does not hold 0.8"),
     ({"inverse": Format(8, 8)}, "inverse"),
     ({"state": Format(60, 40)}, "53")],
)  # fmt: skip
def test_what_cannot_be_is_one_line(changes: dict[str, Format], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        reformatted(specs.load("admm-box"), changes)
