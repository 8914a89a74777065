# SPDX-License-Identifier: Apache-2.0
"""Golden wires as fxpmath values, and a layer of each detector against fxpmath's own arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fxpmath.objects import Fxp

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.library import DetectorSpec, PgdSpec
from fixedpoint.numbers.format import Format
from fixedpoint.receivers import family
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import hyper as hyper_stress
from fixedpoint.stress import pgd as stress
from tests import fxpmath_reference as oracle
from tests.conftest import channel_inputs, stress_inputs

SHIPPED = [
    spec.load(name)
    for name in (
        "pgd", "pgd-box", "admm", "admm-box", "hpd-16qam-2bit", "hpd-4qam-1bit-8bit",
        "fpd-16qam-2bit-8bit", "fpd-4qam-1bit",
    )
]  # fmt: skip
STRESSED: list[DetectorSpec] = [
    stress.spec("soft", 32, 16),
    stress.spec("box", 16, 16),
    admm_stress.spec("soft", 8, 4),
    admm_stress.spec("box", 32, 32),
    *(
        distributed_stress.spec(detector, rows=rows, units=units, bits=bits, modulation=modulation)
        for detector in ("hpd", "fpd")
        for rows, units, bits, modulation in ((32, 4, 2, "16qam"), (24, 3, 3, "64qam"))
    ),
]
BLOCKS, VECTORS = 3, 16


def inputs_of(made: DetectorSpec) -> Integers:
    """48 vectors in 3 blocks; of a shipped spec from the channel, else at the formats' ends."""
    if made not in SHIPPED:
        return stress_inputs(made, 5, BLOCKS, VECTORS)
    if made.one_snr_a_block:
        drawn = channel_inputs(made, 5, 36, 1)
        chosen = slice(1, 36, 12)
        return Integers(drawn.h[chosen], np.repeat(drawn.y[chosen], VECTORS, axis=1),
                        np.repeat(drawn.index[chosen], VECTORS, axis=1))  # fmt: skip
    return channel_inputs(made, 5, BLOCKS, VECTORS)


def recomputed(made: DetectorSpec, k: int, inputs: Integers, wires: dict[str, Fxp], g: int) -> Any:
    """Layer k, from 0, of block g in fxpmath, from the wires of the layers before it."""
    block = oracle.Block(inputs.h[g], inputs.y[g], inputs.index[g])

    def layer(name: str) -> dict[str, Fxp]:
        found = ((key.partition("."), q) for key, q in wires.items())
        return {wire: q[g] for (owner, _, wire), q in found if owner == name}

    before = layer(f"{made.detector}{k}")
    if isinstance(made, PgdSpec):
        return oracle.pgd(made, k, block, before)
    if isinstance(made, AdmmSpec):
        return oracle.admm(made, k, block, before, layer("front")["estimate"])
    assert isinstance(made, HpdSpec | FpdSpec)
    return oracle.distributed(made, k, block, layer("adc"), before)


def differing(made: DetectorSpec, k: int) -> dict[str, int]:
    """Integers of layer k, from 0, that differ, by wire; each wire at its golden point."""
    inputs = inputs_of(made)
    golden = Detector(made).wires(inputs.h, inputs.y, inputs.index, fxp=True)
    names = family.layer_formats(made)[f"{made.detector}{k + 1}"]
    found = dict.fromkeys(names, 0)
    for g in range(BLOCKS):
        ours = recomputed(made, k, inputs, golden, g)
        assert set(ours) == set(names)
        for wire, value in ours.items():
            expected = golden[f"{made.detector}{k + 1}.{wire}"][g]
            if isinstance(value, Fxp):
                assert value.n_frac == expected.n_frac, wire
                value = value.val
            assert value.shape == expected.shape, wire
            assert value.size >= VECTORS * made.columns, wire
            found[wire] += int(np.sum(value != expected.val))
    return found


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("made", SHIPPED + STRESSED, ids=lambda made: made.name)
def test_a_layer_equals_fxpmath_on_every_wire(made: DetectorSpec, k: int) -> None:
    assert set(differing(made, k).values()) == {0}


@pytest.mark.parametrize("made", [m for m in SHIPPED + STRESSED if isinstance(m, AdmmSpec)],
                         ids=lambda made: made.name)  # fmt: skip
def test_the_front_end_equals_fxpmath(made: AdmmSpec) -> None:
    inputs = inputs_of(made)
    golden = Detector(made).wires(inputs.h, inputs.y, inputs.index, fxp=True)
    for g in range(BLOCKS):
        ours = oracle.front(made, oracle.Block(inputs.h[g], inputs.y[g], inputs.index[g]))
        for wire, value in ours.items():
            expected = golden[f"front.{wire}"][g]
            assert value.n_frac == expected.n_frac
            assert value.val.tolist() == expected.val.tolist()


@pytest.mark.parametrize("rounding", ["floor", "around", "nearest_neginf", "nearest_away"])
@pytest.mark.parametrize("made", STRESSED, ids=lambda made: made.name)
def test_another_rounding_of_fxpmath_differs(
    monkeypatch: pytest.MonkeyPatch, made: DetectorSpec, rounding: str
) -> None:
    monkeypatch.setattr(oracle, "ROUNDING", rounding)
    assert sum(differing(made, 1).values()) > 0


def test_half_up_of_fxpmath_is_the_rule() -> None:
    """Ties go up on both sides of 0; the least integer is −max, not fxpmath's −max − 1."""
    target = Format(4, 0)
    exact = Format(8, 1).to_fxp(np.arange(-20, 21))
    expected = [min(7, max(-7, (q + 1) // 2)) for q in range(-20, 21)]
    assert oracle.stored(exact, target).val.tolist() == expected


@pytest.mark.parametrize("made", [*SHIPPED, hyper_stress.spec()], ids=lambda made: made.name)
def test_fxp_wires_are_the_integers_in_their_formats(made: DetectorSpec) -> None:
    inputs = stress_inputs(made, 6, 3, 3)
    plain = Detector(made).wires(inputs.h, inputs.y, inputs.index)
    given = Detector(made).wires(inputs.h, inputs.y, inputs.index, fxp=True)
    formats = {
        f"{layer}.{wire}": fmt
        for layer, wires in family.layer_formats(made).items()
        for wire, fmt in wires.items()
    }
    assert set(plain) == set(given) == set(formats)
    for name, fxp in given.items():
        assert (fxp.n_word, fxp.n_frac, fxp.signed) == (
            formats[name].bits, formats[name].frac, formats[name].signed,
        ), name  # fmt: skip
        assert np.array_equal(fxp.val, plain[name]), name
        assert np.array_equal(fxp.get_val(), formats[name].value(plain[name])), name
        assert isinstance(plain[name], np.ndarray)
