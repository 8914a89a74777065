"""The compiled nets of the latency benchmark compute what they say, the INT8 ones bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import latency_measure, latency_torch
from benchmarks.latency_library import NETWORKS, Admm, Library
from fixedpoint import channel, pgd
from fixedpoint import spec as specs
from fixedpoint.detector import Detector
from fixedpoint.format import Format

RHO = 0.05
Y_STEP = 2.0**-7


@pytest.fixture(scope="module")
def libraries():
    """Every variant that this processor runs."""
    built = {name: Library.build(name) for name in ("fp32", "int8")}
    if built["int8"].has_vnni:
        built["int8-vnni"] = Library.build("int8-vnni")
    return built


def int8(libraries):
    return [library for name, library in libraries.items() if name != "fp32"]


def draw(seed, blocks, vectors, snr_db=None):
    """Real H (G, 32, 32), sent x, and the integers of the spec `pgd`."""
    rng, spec = np.random.default_rng(seed), specs.load("pgd")
    snr = rng.choice(spec.snr.snr_db, (blocks, vectors))
    snr = snr if snr_db is None else np.full((blocks, vectors), snr_db)
    drawn = channel.draw(rng, spec.constellation, 32, 32, snr)
    return drawn, Detector(spec).quantize(drawn.h.astype(np.float32), drawn.y, snr)


def test_int8_pgd_is_the_golden_model(libraries):
    drawn, integers = draw(0, 8, 131)
    expected = pgd.run(specs.load("pgd"), integers.h, integers.y, integers.index)[-1].state
    for library in int8(libraries):
        for g in range(8):
            block = library.prepare("pgd", drawn.h[g].astype(np.float32), RHO)
            state = library.run("pgd", block, integers.y[g], integers.index[g])
            np.testing.assert_array_equal(state, expected[g])


def test_int8_pgd_is_the_golden_model_at_the_ends_of_its_formats(libraries):
    rng, spec = np.random.default_rng(1), specs.load("pgd")
    h = rng.choice([-127, -126, 126, 127], (4, 32, 32))
    h[0] = 127
    y = rng.choice([-2047, 2047], (4, 36, 32))
    y[0] = 2047
    index = np.tile(np.arange(36), (4, 1))
    expected = pgd.run(spec, h, y, index)[-1].state
    for library in int8(libraries):
        for g in range(4):
            block = library.prepare("pgd", (h[g] / 128).astype(np.float32), RHO)
            np.testing.assert_array_equal(library.run("pgd", block, y[g], index[g]), expected[g])


def test_h_is_rounded_half_up_and_saturated(libraries):
    rng, spec = np.random.default_rng(2), specs.load("pgd")
    h = ((rng.integers(-140, 140, (32, 32)) + 0.5) / 128).astype(np.float32)
    h[::3] = np.nextafter(h[::3], np.float32(-9))
    h[0, :3] = 1e30, -1e30, 0
    q = np.clip(np.floor(h.astype(np.float64) * 128 + 0.5), -127, 127).astype(np.int64)
    y, index = rng.integers(-500, 500, (1, 14, 32)), np.full((1, 14), 20)
    expected = pgd.run(spec, q[None], y, index)[-1].state[0]
    for library in int8(libraries):
        block = library.prepare("pgd", h, RHO)
        np.testing.assert_array_equal(library.run("pgd", block, y[0], index[0]), expected)


def admm_integers(net, p, front, y):
    """`Admm` to the letter: int64, one vector a row."""
    code, state = Format(8, net.code_frac), Format(16, net.state_frac)

    def rounded(q, shift):
        return (q + (1 << shift - 1)) >> shift

    def saturated(q, bits):
        return np.clip(q, 1 - 2 ** (bits - 1), 2 ** (bits - 1) - 1)

    x0 = saturated(rounded(y @ front.T, net.front_frac + net.y_frac - code.frac), 8)
    z, u = np.zeros_like(x0), np.zeros_like(x0)
    point = net.p_frac + code.frac + net.relaxation_frac
    for _ in range(net.layers):
        x = (x0 << net.p_frac) + saturated(z - u, 8) @ p.T
        old = (z << net.p_frac) * ((1 << net.relaxation_frac) - net.relaxation)
        relaxed = net.relaxation * x + old
        lifted = u << point - code.frac
        v = np.clip(rounded(relaxed + lifted, point - state.frac), -net.box, net.box)
        z = saturated(rounded(v, state.frac - code.frac), 8)
        gap = relaxed - (z << point - code.frac)
        dual = (lifted << net.dual_frac) + net.dual * gap
        u = saturated(rounded(dual, point - code.frac + net.dual_frac), 8)
    return v


def test_int8_admm_is_the_plain_integer_reference(libraries):
    drawn, integers = draw(3, 16, 67)
    for library in int8(libraries):
        for g in range(16):
            h = drawn.h[g].astype(np.float32)
            p, front = library.matrices(h, RHO)
            expected = admm_integers(
                Admm(), Format(8, 7).quantize(p), Format(16, 10).quantize(front), integers.y[g]
            )
            block = library.prepare("admm", h, RHO)
            state = library.run("admm", block, integers.y[g], integers.index[g])
            np.testing.assert_array_equal(state, expected)


def test_the_matrices_of_admm_are_those_of_a_float64_inverse(libraries):
    drawn, _ = draw(4, 6, 1)
    for library in libraries.values():
        for h in drawn.h:
            w = np.linalg.inv(h.T @ h + RHO * np.eye(32))
            p, front = library.matrices(h.astype(np.float32), RHO)
            np.testing.assert_allclose(p, RHO * w, atol=1e-5)
            np.testing.assert_allclose(front, w @ h.T, atol=1e-4)


def pgd_float(h, y):
    spec, x = specs.load("pgd"), np.zeros((len(y), 32))
    for layer in spec.layers:
        u = x - layer.eta / 1024 * (x @ h.T - y) @ h
        x = np.sign(u) * np.maximum(np.abs(u) - layer.threshold / 2048, 0)
    return x


def admm_float(h, y):
    net = Admm()
    relaxation, dual, box = net.relaxation / 64, net.dual / 8, net.box / 2048
    w = np.linalg.inv(h.T @ h + RHO * np.eye(32))
    x0 = y @ (w @ h.T).T
    z = u = np.zeros_like(x0)
    for _ in range(net.layers):
        relaxed = relaxation * (x0 + RHO * (z - u) @ w) + (1 - relaxation) * z
        z = np.clip(relaxed + u, -box, box)
        u = u + dual * (relaxed - z)
    return z


@pytest.mark.parametrize(("network", "expected"), [("pgd", pgd_float), ("admm", admm_float)])
def test_fp32_is_the_same_net_in_float64(libraries, network, expected):
    drawn, integers = draw(5, 6, 31)
    library = libraries["fp32"]
    for g in range(6):
        y = integers.y[g] * Y_STEP
        block = library.prepare(network, drawn.h[g].astype(np.float32), RHO)
        state = library.run(network, block, y, integers.index[g])
        np.testing.assert_allclose(state, expected(drawn.h[g], y), atol=2e-3)


@pytest.mark.parametrize(
    ("net", "expected"), [(latency_torch.pgd, pgd_float), (latency_torch.admm, admm_float)]
)
def test_the_torch_rows_are_the_same_nets(net, expected):
    inputs = latency_measure.Inputs.draw(0)
    state = net(inputs)().numpy()
    np.testing.assert_allclose(
        state, expected(inputs.h.astype(float), inputs.y[:1] * Y_STEP), atol=2e-3
    )


def test_int8_admm_decides_as_fp32_does(libraries):
    drawn, integers = draw(6, 40, 14, snr_db=20.0)
    decisions = {}
    for name in ("fp32", "int8"):
        library = libraries[name]
        scale, unit = (Y_STEP, 1.0) if name == "fp32" else (1, 2.0**-11)
        decisions[name] = np.array([
            np.clip(np.floor(unit * library.run(
                "admm", library.prepare("admm", h.astype(np.float32), RHO), y * scale, index
            ) / 2), -2, 1)
            for h, y, index in zip(drawn.h, integers.y, integers.index, strict=True)
        ])  # fmt: skip
    assert np.mean(decisions["fp32"] != decisions["int8"]) < 0.02
    assert np.mean(2 * decisions["int8"] + 1 != drawn.x) < 0.1


def test_a_vector_does_not_depend_on_those_beside_it(libraries):
    drawn, integers = draw(7, 1, 14)
    for library in libraries.values():
        for network in NETWORKS:
            block = library.prepare(network, drawn.h[0].astype(np.float32), RHO)
            y, index = integers.y[0], integers.index[0]
            whole = library.run(network, block, y, index)
            single = [
                library.run(network, block, y[b : b + 1], index[b : b + 1]) for b in range(14)
            ]
            error = 0 if library.variant != "fp32" else 1e-2
            np.testing.assert_allclose(whole, np.concatenate(single), rtol=1e-4, atol=error)


def test_h_of_another_type_or_shape_is_refused(libraries):
    for h in (np.zeros((32, 32)), np.zeros((16, 32), np.float32)):
        with pytest.raises(ValueError, match=r"float32 \(32, 32\) was expected"):
            libraries["int8"].prepare("pgd", h, RHO)
