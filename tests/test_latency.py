# SPDX-License-Identifier: Apache-2.0
"""The compiled nets of the latency benchmark compute what they say, the INT8 ones bit for bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks import latency_golden, latency_measure, latency_torch
from benchmarks.latency_library import NETWORKS, SPECS, Library
from fixedpoint.detector import Detector
from fixedpoint.detectors import library as specs
from fixedpoint.numbers.bank import odd_reciprocal
from fixedpoint.receivers import channel, family
from fixedpoint.stress import extreme
from tests import admm_reference as reference

Y_STEP = 2.0**-7
PGD, ADMM = (specs.load(SPECS[network]) for network in NETWORKS)


@pytest.fixture(scope="module")
def libraries():
    """Every variant that this processor runs."""
    built = {name: Library.build(name) for name in ("fp32", "int8")}
    if built["int8"].has_vnni:
        built["int8-vnni"] = Library.build("int8-vnni")
    return built


def int8(libraries):
    return [library for name, library in libraries.items() if name != "fp32"]


def rho_of(entry):
    return ADMM.rho[entry] / 2**ADMM.formats.rho.frac


def draw(spec, seed, blocks, vectors, snr_db=None):
    """Real H (G, 32, 32), sent x, and the integers of the spec; by default an entry a block."""
    rng = np.random.default_rng(seed)
    entries = np.arange(blocks) % len(spec.snr) + spec.snr.first_db
    snr = np.repeat(entries[:, None] if snr_db is None else [[snr_db]] * blocks, vectors, axis=1)
    drawn = channel.draw(rng, spec.constellation, 32, 32, snr)
    return drawn, Detector(spec).quantize(drawn.h.astype(np.float32), drawn.y, snr)


def assert_golden(library, network, given):
    """State and code of all vectors, blocks packed from the golden model's integers."""
    last = family.run(specs.load(SPECS[network]), given.h, given.y, given.index)[-1]
    for g, h in enumerate(given.h):
        output = library.run(network, library.pack(network, h), given.y[g], given.index[g])
        np.testing.assert_array_equal(output.state, last.state[g])
        np.testing.assert_array_equal(output.code, last.code[g])


def test_int8_pgd_is_the_golden_model(libraries):
    rng = np.random.default_rng(0)
    snr = rng.choice(PGD.snr.snr_db, (8, 131))
    drawn = channel.draw(rng, PGD.constellation, 32, 32, snr)
    given = Detector(PGD).quantize(drawn.h.astype(np.float32), drawn.y, snr)
    expected = family.run(PGD, given.h, given.y, given.index)[-1]
    for library in int8(libraries):
        for g in range(8):
            block = library.prepare("pgd", drawn.h[g].astype(np.float32), 0)
            output = library.run("pgd", block, given.y[g], given.index[g])
            np.testing.assert_array_equal(output.state, expected.state[g])
            np.testing.assert_array_equal(output.code, expected.code[g])


def test_int8_pgd_is_the_golden_model_at_the_ends_of_its_formats(libraries):
    rng = np.random.default_rng(1)
    h = rng.choice([-127, -126, 126, 127], (4, 32, 32))
    h[0] = 127
    y = rng.choice([-2047, 2047], (4, 36, 32))
    y[0] = 2047
    index = np.tile(np.arange(36), (4, 1))
    expected = family.run(PGD, h, y, index)[-1].state
    for library in int8(libraries):
        for g in range(4):
            block = library.prepare("pgd", (h[g] / 128).astype(np.float32), 0)
            state = library.run("pgd", block, y[g], index[g]).state
            np.testing.assert_array_equal(state, expected[g])


def test_h_is_rounded_half_up_and_saturated(libraries):
    rng = np.random.default_rng(2)
    h = ((rng.integers(-140, 140, (32, 32)) + 0.5) / 128).astype(np.float32)
    h[::3] = np.nextafter(h[::3], np.float32(-9))
    h[0, :3] = 1e30, -1e30, 0
    q = np.clip(np.floor(h.astype(np.float64) * 128 + 0.5), -127, 127).astype(np.int64)
    for library in int8(libraries):
        np.testing.assert_array_equal(library.matrices("pgd", h, 0), q)


def test_int8_admm_is_the_golden_model_at_every_snr_entry(libraries):
    _, given = draw(ADMM, 3, 72, 31)
    assert set(given.index.flat) == set(range(36))
    for library in int8(libraries):
        assert_golden(library, "admm", given)


def test_int8_admm_is_the_golden_model_in_every_event_that_can_happen(libraries):
    """Saturations to both sides, ties and the box's branches of every layer, F and P at random."""
    count: dict[str, int] = {}
    for seed in range(2):
        h, y, index = extreme.vectors(ADMM, seed, 108, 31)
        events = family.count(ADMM, h, y, index, family.run(ADMM, h, y, index))
        count = {name: n + count.get(name, 0) for name, n in events.items()}
        for library in int8(libraries):
            assert_golden(library, "admm", latency_golden.Integers(h, y, index))
    assert [name for name, n in count.items() if n == 0 and family.reachable(ADMM, name)] == []
    for wire in ("estimate", "update", "dual", "difference"):
        assert min(count[f"admm3.{wire} saturated {side}"] for side in ("high", "low")) > 1000


def test_int8_admm_is_the_golden_model_at_the_ends_of_its_formats(libraries):
    rng = np.random.default_rng(4)
    shape, y_end = (36, 64, 32), ADMM.adc.highest
    ends = np.repeat([[ADMM.formats.f.max]] * 32 + [[ADMM.formats.p.max]] * 32, 32, axis=1)
    h = ends * rng.choice([-1, 1], shape)
    h[0], h[1], h[2, 32:] = ends, -ends, ends[32:]
    y = rng.choice([-y_end, y_end], (36, 14, 32))
    y[:3, :7] = y_end
    given = latency_golden.Integers(h, y, np.repeat(np.arange(36)[:, None], 14, axis=1))
    for library in int8(libraries):
        assert_golden(library, "admm", given)


CONSTANTS = [
    (name, k)
    for name in ("relaxation", "dual_step", "threshold", "step")
    for k in range(5)
    if (name, k) != ("dual_step", 4)  # the last layer's dual is read by nobody
]


def altered(name, k):
    """`admm-box` with one constant of layer k off by one; of a bank only the entry at 20 dB.

    A box is narrowed by more than a step: by one, code and state of some layers stay what they are.
    """
    layer = ADMM.layers[k]
    value = getattr(layer, name)
    if name == "step":
        step = [*value[:25], value[25] + 1, *value[26:]]
        formats = ADMM.formats
        inverse = [odd_reciprocal(s, formats.step, formats.inverse) for s in step]
        changed = dataclasses.replace(layer, step=tuple(step), inverse=tuple(inverse))
    else:
        changed = dataclasses.replace(layer, **{name: value + (-100 if name == "threshold" else 1)})
    return dataclasses.replace(ADMM, layers=(*ADMM.layers[:k], changed, *ADMM.layers[k + 1 :]))


@pytest.fixture(scope="module")
def drawn():
    """The draws of the run itself."""
    return latency_golden.Drawn.make("admm")


@pytest.mark.parametrize(("name", "k"), CONSTANTS)
def test_the_run_notices_a_constant_that_is_off(libraries, drawn, name, k):
    wrong = latency_golden.Case.of("altered", altered(name, k), drawn.channel.given)
    for library in int8(libraries):
        with pytest.raises(latency_golden.DiffersError, match=f"admm {library.variant}, altered"):
            latency_golden.check(library, "admm", dataclasses.replace(drawn, channel=wrong))


def test_the_run_compares_enough(libraries):
    for network in NETWORKS:
        made = latency_golden.Drawn.make(network)
        assert made.channel.given.index.size >= 2000
        assert made.extreme.given.index.size >= 2000
        for case in (made.channel, made.extreme):
            assert set(case.given.index.flat) == set(range(36))
        found = latency_golden.check(libraries["int8"], network, made)
        assert found.comparison.total == 5 * made.channel.given.y.size * 2
        assert set(found.comparison.compared) == {f"{network}5.state", f"{network}5.code"}


def test_int8_prepares_the_integers_of_the_golden_model_but_for_the_last_bit(libraries):
    """In float32 where `specs.prepare` works in float64: one entry in 10,000 may differ."""
    drawn, given = draw(ADMM, 5, 72, 1)
    for library in int8(libraries):
        unlike = 0
        for g, h in enumerate(drawn.h.astype(np.float32)):
            made = library.matrices("admm", h, rho_of(given.index[g, 0]))
            assert np.abs(made - given.h[g]).max() <= 1
            unlike += np.count_nonzero(made != given.h[g])
        assert unlike <= given.h.size / 10_000


def test_rho_is_doubled_until_every_entry_of_f_fits(libraries):
    """H = s·I gives F = s/(s² + ρ)·I, 7.8 at 30 dB for s = 0.08: beyond the format's 4."""
    h, index = np.float32(0.08) * np.eye(32, dtype=np.float32), np.array([[35]])
    made = ADMM.prepared(h[None].astype(np.float64), index)
    assert made.doublings[0] > 1
    expected = reference.quantized(ADMM, made)[0]
    for library in int8(libraries):
        np.testing.assert_array_equal(library.matrices("admm", h, rho_of(35)), expected)


def test_without_a_channel_p_is_the_saturated_identity(libraries):
    h = np.zeros((32, 32), np.float32)
    expected = np.concatenate([np.zeros((32, 32)), 127 * np.eye(32)])
    for library in int8(libraries):
        np.testing.assert_array_equal(library.matrices("admm", h, rho_of(0)), expected)


def test_the_matrices_of_admm_are_those_of_a_float64_inverse(libraries):
    drawn, _ = draw(ADMM, 6, 6, 1)
    for entry, h in enumerate(drawn.h, start=20):
        rho = rho_of(entry)
        w = np.linalg.inv(h.T @ h + rho * np.eye(32))
        made = libraries["fp32"].matrices("admm", h.astype(np.float32), rho)
        np.testing.assert_allclose(made[:32], (w @ h.T).T, atol=1e-4)
        np.testing.assert_allclose(made[32:], rho * w, atol=1e-5)


def pgd_float(h, y, rho):
    x = np.zeros((len(y), 32))
    for layer in PGD.layers:
        u = x - layer.eta / 1024 * (x @ h.T - y) @ h
        x = np.sign(u) * np.maximum(np.abs(u) - layer.threshold / 2048, 0)
    return x


def admm_float(h, y, rho):
    w = np.linalg.inv(h.T @ h + rho * np.eye(32))
    x0 = y @ (w @ h.T).T
    z = u = np.zeros_like(x0)
    for layer in ADMM.layers:
        relaxation, box = layer.relaxation / 512, layer.threshold / 2048
        relaxed = relaxation * (x0 + rho * (z - u) @ w) + (1 - relaxation) * z
        z = np.clip(relaxed + u, -box, box)
        u = u + layer.dual_step / 256 * (relaxed - z)
    return z


@pytest.mark.parametrize(("network", "expected"), [("pgd", pgd_float), ("admm", admm_float)])
def test_fp32_is_the_same_net_in_float64(libraries, network, expected):
    drawn, given = draw(ADMM, 7, 36, 31)
    library = libraries["fp32"]
    for g in range(36):
        y, rho = given.y[g] * Y_STEP, rho_of(given.index[g, 0])
        block = library.prepare(network, drawn.h[g].astype(np.float32), rho)
        output = library.run(network, block, y, given.index[g])
        assert output.code is None
        np.testing.assert_allclose(output.state, expected(drawn.h[g], y, rho), atol=2e-3)


@pytest.mark.parametrize(
    ("net", "expected"), [(latency_torch.pgd, pgd_float), (latency_torch.admm, admm_float)]
)
def test_the_torch_rows_are_the_same_nets(net, expected):
    inputs = latency_measure.Inputs.draw(0)
    state = net(inputs)().numpy()
    reference = expected(inputs.h.astype(float), inputs.y[:1] * Y_STEP, inputs.rho)
    np.testing.assert_allclose(state, reference, atol=2e-3)


def test_both_nets_are_timed_at_the_same_samples_and_snr():
    inputs = latency_measure.Inputs.draw(0)
    assert (PGD.adc, PGD.formats.y, PGD.snr) == (ADMM.adc, ADMM.formats.y, ADMM.snr)
    assert set(ADMM.snr.snr_db[inputs.index]) == {latency_measure.SNR_DB}
    assert inputs.rho == rho_of(25)


def test_int8_admm_decides_as_fp32_does(libraries):
    drawn, given = draw(ADMM, 8, 40, 14, snr_db=20.0)
    decisions = {}
    for name in ("fp32", "int8"):
        library = libraries[name]
        scale, unit = (Y_STEP, 1.0) if name == "fp32" else (1, 2.0**-11)
        decisions[name] = np.array([
            np.clip(np.floor(unit * library.run(
                "admm", library.prepare("admm", h.astype(np.float32), rho_of(25)), y * scale, index
            ).state / 2), -2, 1)
            for h, y, index in zip(drawn.h, given.y, given.index, strict=True)
        ])  # fmt: skip
    assert np.mean(decisions["fp32"] != decisions["int8"]) < 0.02
    assert np.mean(2 * decisions["int8"] + 1 != drawn.x) < 0.1


def test_a_vector_does_not_depend_on_those_beside_it(libraries):
    drawn, given = draw(ADMM, 9, 1, 14, snr_db=20.0)
    for library in libraries.values():
        for network in NETWORKS:
            block = library.prepare(network, drawn.h[0].astype(np.float32), rho_of(25))
            y, index = given.y[0], given.index[0]
            whole = library.run(network, block, y, index).state
            single = [
                library.run(network, block, y[b : b + 1], index[b : b + 1]).state for b in range(14)
            ]
            error = 0 if library.variant != "fp32" else 1e-2
            np.testing.assert_allclose(whole, np.concatenate(single), rtol=1e-4, atol=error)


def test_what_a_net_cannot_take_is_refused(libraries):
    library = libraries["int8"]
    for h in (np.zeros((32, 32)), np.zeros((16, 32), np.float32)):
        with pytest.raises(ValueError, match=r"float32 \(32, 32\) was expected"):
            library.prepare("pgd", h, 0)
    with pytest.raises(ValueError, match=r"shape \(32, 32\), \(64, 32\) was expected"):
        library.pack("admm", np.zeros((32, 32)))
    block = library.pack("admm", np.zeros((64, 32)))
    with pytest.raises(ValueError, match="vector 1 of block 0 has the SNR index 4, 3 was expected"):
        library.run("admm", block, np.zeros((2, 32)), np.array([3, 4]))
