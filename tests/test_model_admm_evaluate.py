# SPDX-License-Identifier: Apache-2.0
"""The integers of ADMM-Net's specs in `python -m model.evaluate`."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import library as specs
from fixedpoint.receivers import family
from model import evaluate
from model.detectors import catalog
from model.lab.plan import Plan
from model.lab.sweep import sweep
from model.systems.scene import Received, scene
from model.systems.system import SYSTEMS
from model.unfolded.accuracy import sliced_errors

LARGE = SYSTEMS["16x16-16qam"]


def test_the_specs_of_admm_reach_their_figures() -> None:
    """Coarse: 1,000 vectors; the dB that rounding loses need the whole command."""
    snrs, pairs = (
        (21.0, 25.0),
        [(f"golden:spec={n}", f"twin:spec={n}") for n in ("admm", "admm-box")],
    )
    plan = Plan(LARGE, (*pairs[0], *pairs[1]), snrs, errors=10**6, max_vectors=1000)
    result = sweep(plan, workers=1)
    for (golden, twin), worst in zip(pairs, (0.065, 0.0065), strict=True):
        assert result.points[golden, 25.0].ber.value <= worst
        for snr in snrs:
            assert result.difference(golden, twin, snr).low <= 0.001


def test_golden_admm_gets_the_integers_of_its_preparation() -> None:
    spec, name = specs.load("admm-box"), "golden:spec=admm-box"
    plan = Plan(LARGE, (name,), (22.0,), seed=9, errors=1, max_vectors=200)
    point = sweep(plan, workers=1).points[name, 22.0]
    drawn = scene(LARGE, 22.0, 200, np.random.Generator(np.random.SFC64([9, 1_022_000, 0])))
    integers = Detector(spec).quantize(drawn.h.numpy(), drawn.received.y.numpy(), 22.0)
    state = family.run(spec, integers.h, integers.y, integers.index)[-1].state
    wrong = sliced_errors(state * spec.state_format.step, drawn.x.numpy(), spec.constellation)
    assert point.ber.errors == wrong.sum() > 0


def test_a_block_of_several_snrs_is_detected_vector_by_vector() -> None:
    blocks = dataclasses.replace(LARGE, vectors=3)
    drawn = scene(blocks, np.array([[0.0, 10.0, 25.0]] * 4), 4, np.random.default_rng(1))
    for name in ("golden:spec=admm-box", "twin:spec=admm-box"):
        whole = catalog.make(name, blocks)(drawn.received, drawn.h, drawn.noise)
        assert whole.shape == (4, 3, 32)
        for b in range(3):
            y = drawn.received.y[:, b : b + 1]
            noise = drawn.noise[:, b : b + 1]
            alone = catalog.make(name, LARGE)(Received(y, y, y), drawn.h, noise)
            assert np.array_equal(whole[:, b : b + 1].numpy(), alone.numpy())


def test_an_admm_spec_stands_beside_its_float_net(capsys: pytest.CaptureFixture[str]) -> None:
    for name, beside in (("admm", "admm-scalar-soft"), ("admm-box", "admm-box")):
        options = ["--spec", name, "--snr", "22", "--max-vectors", "50", "--workers", "1"]
        assert evaluate.main(options) == 0
        assert f"at BER 0.01 golden:spec={name} loses to {beside}: " in capsys.readouterr().out
    options = evaluate.of_spec(evaluate.parser().parse_args(["--spec", "admm-box"]))
    (plan,) = evaluate.plans_of(options)
    assert {20.0, 22.0, 23.0, 25.0, 30.0} <= set(plan.snr_db)
