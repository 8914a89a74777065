# SPDX-License-Identifier: Apache-2.0
"""PM-Net's golden model: every wire in rational arithmetic, and what its specs promise."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.pm import RIDGE
from fixedpoint.receivers import channel, family
from fixedpoint.receivers.inputs import split
from fixedpoint.stress import extreme, own
from fixedpoint.vectors import layers as golden
from tests import pm_reference as reference

NAMES = specs.shipped("pm")
EACH = [name for name in NAMES if f"{name}-soft" not in NAMES]
"""Without those that have the wires of one with soft bits."""
SQUARE = [name for name in NAMES if "-16x16-" in name]


def loaded(name: str) -> OwnSpec:
    return cast(OwnSpec, specs.load(name))


def assert_every_wire_is_rational(made: OwnSpec, inputs: Integers) -> None:
    wires = family.run(made, inputs.h, inputs.y, inputs.index)
    matrices = split(made, inputs.h)
    for g, b in np.ndindex(inputs.index.shape):
        f, p, weight = (matrices[name][g].tolist() for name in ("f", "p", "weight"))
        y, index = inputs.y[g, b].tolist(), int(inputs.index[g, b])
        expected = reference.detect(made, f, p, weight[0], y, index)
        for k, (layer, mine) in enumerate(zip(wires, expected, strict=True)):
            own = [wire for wire in vars(layer) if not wire.startswith("llr")]  # test_soft_bits.py
            assert own == list(mine)
            for wire, values in mine.items():
                assert getattr(layer, wire)[g, b].tolist() == values, (wire, k)


@pytest.mark.parametrize("name", EACH)
def test_golden_equals_rational_arithmetic(name: str) -> None:
    made = loaded(name)
    stimulus = golden.draw(made, 24, 1, None)
    drawn = Detector(made).quantize(stimulus.h, stimulus.y, stimulus.snr_db)
    assert_every_wire_is_rational(made, drawn)
    stressed = own.stressed(made)
    assert_every_wire_is_rational(stressed, Integers(*extreme.vectors(stressed, 2, 4, 3)))


def test_a_block_brings_the_ridge_s_matrices_and_each_stream_s_weight() -> None:
    made = loaded(NAMES[0])
    rng = np.random.default_rng(3)
    snr_db = np.array([[-5.0], [14.0], [30.0]])
    drawn = channel.draw_of(rng, made, snr_db)
    matrices, _ = made.prepare(drawn.h, made.snr.index(snr_db))
    for g, h in enumerate(drawn.h):
        noise = channel.noise_variance(snr_db[g, 0], made.constellation, 16, 16)
        inverse = np.linalg.inv(h.T @ h + RIDGE * noise * np.eye(32))
        p = RIDGE * noise * inverse
        assert np.allclose(matrices["f"][g].T, inverse @ h.T, atol=1e-9)
        assert np.allclose(matrices["p"][g], p, atol=1e-9)
        share = np.maximum(np.diag(p), 1 / 64)
        assert np.allclose(matrices["weight"][g, 0], (1 - share) / share, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_no_more_products_than_admm_s_a_layer(name: str) -> None:
    made = specs.load(name)
    admm = specs.load("admm-box").replace(rows=made.rows, columns=made.columns)
    rows = [sum(part.rows for part in spec.parts if part.rows > 1) for spec in (made, admm)]
    assert rows[0] == rows[1]


def test_fewer_bits_are_wrong_than_with_a_box() -> None:
    """At 20 dB, 4,000 vectors: .0105 ± .0005 beside .0227."""
    rates = []
    for name in (*SQUARE, "admm-box"):
        made = specs.load(name)
        drawn = channel.draw_of(np.random.default_rng(4), made, np.full((500, 8), 20.0))
        found = Detector(made).run(drawn.h, drawn.y, 20.0).bits
        sent = drawn.bits.reshape(500, 8, 2, 16, 2).transpose(0, 1, 3, 2, 4).reshape(found.shape)
        rates.append(float(np.mean(found != sent)))
    assert max(rates[:-1]) < 0.6 * rates[-1], rates
