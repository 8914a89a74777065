# SPDX-License-Identifier: Apache-2.0
"""FPD-Net's hyper-network in integers: literal loops, exhaustive reciprocals, the float twin."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import numpy as np
import pytest

from fixedpoint.detectors import fpd
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.requantize import requantize, requantize_each
from fixedpoint.program.values import Quotient
from fixedpoint.receivers import channel, family
from fixedpoint.specs.fpd import FpdLayer, FpdSpec
from fixedpoint.specs.fpd_tables import SCALES, THETA
from fixedpoint.specs.hyper import AFFINE, HEADS, Affine, HyperSpec
from fixedpoint.stress import extreme
from fixedpoint.stress import hyper as hyper_stress
from tests.program_steps import third

SMALL = {"rows": 20, "columns": 4, "units": 2, "bits": 1, "modulation": "qpsk", "layers": 2}
ODD = {"rows": 24, "columns": 6, "units": 3, "bits": 2, "layers": 1}
SHIPPED = ("fpd-4qam-1bit-hyper", "fpd-16qam-2bit-hyper")


def network(spec: FpdSpec) -> HyperSpec:
    assert spec.hyper is not None
    return spec.hyper


def rounded(q: int, shift: int, target: Format) -> int:
    q = q << -shift if shift <= 0 else (2 * q + (1 << shift)) // (1 << shift + 1)
    return max(target.min, min(target.max, q))


def convolved(layer: Affine, maps: list[list[list[int]]]) -> list[list[list[int]]]:
    """Pixel by pixel, tap by tap."""
    rows, columns, per_output = len(maps[0]), len(maps[0][0]), 9 * len(maps)
    found = []
    for o, bias in enumerate(layer.biases):
        found.append([[0] * ((columns + 1) // 2) for _ in range((rows + 1) // 2)])
        for i in range(0, rows, 2):
            for j in range(0, columns, 2):
                total, at = bias, o * per_output
                for pixels in maps:
                    for m in (i - 1, i, i + 1):
                        for n in (j - 1, j, j + 1):
                            if 0 <= m < rows and 0 <= n < columns:
                                total += layer.weights[at] * pixels[m][n]
                            at += 1
                shift = layer.bias.frac - layer.output.frac
                found[o][i // 2][j // 2] = rounded(total, shift, layer.output)
    return found


def dense(layer: Affine, x: list[int]) -> list[int]:
    found = []
    for o, bias in enumerate(layer.biases):
        row = layer.weights[o * len(x) : (o + 1) * len(x)]
        total = bias + sum(w * value for w, value in zip(row, x, strict=True))
        found.append(rounded(total, layer.bias.frac - layer.output.frac, layer.output))
    return found


def literal(spec: FpdSpec, h: Any, codes: list[int], index: int) -> dict[str, list[int]]:
    """The network of one unit and vector in Python's integers; h (Q, N)."""
    net, f, found = network(spec), spec.formats, {}
    down = spec.adc.level.frac - f.h.frac
    levels = [rounded(spec.adc.levels[index][c], down, net.image) for c in codes]
    maps = [[[*row, level] for row, level in zip(h.tolist(), levels, strict=True)]]
    for name in ("conv1", "conv2"):
        maps = convolved(getattr(net, name), maps)
        found[name] = [q for pixels in maps for row in pixels for q in row]
    found["dense1"] = dense(net.dense1, found["conv2"])
    found["dense2"] = dense(net.dense2, found["dense1"])
    for name in (*SCALES, "phi"):
        found[name] = []
    for k in range(spec.depth):
        head = {}
        for i, name in enumerate(HEADS):
            table: Lookup = getattr(net, name)
            head[name] = table.values[found["dense2"][len(HEADS) * k + i] - table.address.min]
        for name, mu in (("quartic", "mu2"), ("gaussian", "mu3")):
            scale, step = getattr(f, f"{name}_scale"), getattr(f, f"{name}_step")
            shift = getattr(net, mu).output.frac + scale.frac - step.frac
            head[f"{name}_step"] = rounded(head[mu] * head[f"{name}_scale"], shift, step)
        for name in (*SCALES, "phi"):
            found[name].append(head[name])
    return found


@pytest.mark.parametrize("sizes", [SMALL, ODD])
def test_the_network_equals_literal_loops_in_python_integers(sizes: dict[str, Any]) -> None:
    spec = hyper_stress.spec(**sizes)
    h, y, index = extreme.vectors(spec, 0, 3, 3)
    wires = family.run(spec, h, y, index)[1]
    compared = 0
    for g, b, c in np.ndindex(3, 3, spec.units):
        rows = spec.unit_rows()[c]
        codes = y[g, b, rows].tolist()
        for name, expected in literal(spec, h[g, rows], codes, int(index[g, b])).items():
            assert getattr(wires, name)[g, b, c].tolist() == expected, name
            compared += len(expected)
    assert compared > 1000


def test_every_shift_of_its_own_is_the_requantization_by_that_shift() -> None:
    q = np.concatenate([np.arange(-70, 71), [(1 << 40) + 1, -(1 << 40), (1 << 50) - 1]])
    shifts = np.arange(-4, 70)
    for target in (Format(6, 0), Format(4, 0, signed=False), Format(40, 0)):
        got = requantize_each(q[:, None], shifts, target)
        for i, shift in enumerate(shifts.tolist()):
            assert got[:, i].tolist() == requantize(q, shift, target).tolist(), shift


def third_reference(spec: FpdSpec, address: int, phi: int) -> int:
    """The third penalty in Python's integers, the leading bit counted one by one."""
    net = network(spec)
    sine = net.sine.values[address - spec.cosine_address.min]
    cosine = net.cosine.values[address - spec.cosine_address.min]
    point = max(spec.formats.phi.frac, net.cosine.output.frac)
    aligned = cosine << point - net.cosine.output.frac
    difference = (phi << point - spec.formats.phi.frac) - aligned
    place = 0
    while difference >> place + 1:
        place += 1
    reciprocals = net.reciprocal
    shift = place - reciprocals.address.frac
    mantissa = rounded(difference - (1 << place), shift, reciprocals.address)
    frac = net.sine.output.frac + reciprocals.output.frac + place - point
    product = -sine * reciprocals.values[mantissa]
    return rounded(product, frac - spec.cosine_output.frac, spec.cosine_output)


def every_entry_and_phi(spec: FpdSpec) -> tuple[Any, Any]:
    address, phi = spec.cosine_address, spec.formats.phi
    grids = np.meshgrid(
        np.arange((1 << phi.frac) + 1, phi.max + 1), np.arange(address.min, address.max + 1)
    )
    return grids[1], grids[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_third_penalty_keeps_its_error_bound_at_every_entry_and_phi(name: str) -> None:
    spec = cast(FpdSpec, specs.load(name))
    net, output = network(spec), spec.cosine_output
    address, phi = every_entry_and_phi(spec)
    got = output.value(third(spec, address, phi))
    exact = fpd.cosine_slope(spec.cosine_address.value(address), spec.formats.phi.value(phi))
    frac = spec.cosine_address.frac
    sine = np.abs(net.sine.output.value(net.sine.read(address, frac)))
    cosine = net.cosine.output.value(net.cosine.read(address, frac))
    difference = spec.formats.phi.value(phi) - cosine
    table = max(net.sine.output.step, net.cosine.output.step) / 2
    k, r = net.reciprocal.address.frac, net.reciprocal.output.frac
    bound = output.step / 2 + (1 + np.abs(exact)) * table / difference
    bound = bound + sine / difference * (1 / (2 ** (k + 1) - 1) + 2.0**-r)
    inside = np.abs(exact) + bound < output.max * output.step
    assert inside.mean() > 0.95
    assert np.all(np.abs(got - exact)[inside] <= bound[inside])


def test_the_third_penalty_equals_python_integers_at_every_entry_and_phi() -> None:
    spec = hyper_stress.spec()
    address, phi = every_entry_and_phi(spec)
    got = third(spec, address, phi)
    for i in np.ndindex(got.shape):
        assert got[i] == third_reference(spec, int(address[i]), int(phi[i]))


def test_the_normalised_reciprocal_is_within_its_bound_at_every_difference() -> None:
    spec = cast(FpdSpec, specs.load(SHIPPED[0]))
    net = network(spec)
    quotient = next(v for v in program(spec).layer.order if isinstance(v, Quotient))
    width = quotient.denominator.largest.bit_length()
    difference = np.arange(1, 1 << width)
    place = np.array([int(d).bit_length() - 1 for d in difference])
    fraction = (difference << width - 1 - place) - (1 << width - 1)
    table = net.reciprocal.read(fraction, width - 1)
    got = net.reciprocal.output.value(table) * 2.0**-place
    k, r = net.reciprocal.address.frac, net.reciprocal.output.frac
    assert np.max(np.abs(got * difference - 1)) <= 1 / (2 ** (k + 1) - 1) + 2.0**-r


def test_a_network_that_gives_a_constant_theta_equals_the_table_of_that_theta() -> None:
    spec = hyper_stress.spec(rows=32, columns=8)
    net = network(spec)
    silent = dataclasses.replace(net.dense2, weights=(0,) * len(net.dense2.weights))
    spec = spec.replace(hyper=dataclasses.replace(net, dense2=silent))
    h, y, index = extreme.vectors(spec, 1, 3, 5)
    _, first, *layers = family.run(spec, h, y, index)
    entries = np.arange(spec.cosine_address.min, spec.cosine_address.max + 1)
    table = []
    for k in range(spec.depth):
        scales = {name: int(getattr(first, name)[0, 0, 0, k]) for name in THETA}
        phi = np.full_like(entries, scales["phi"])
        cosine = third(spec, entries, phi)
        table.append(FpdLayer(**scales, cosine=tuple(cosine.tolist())))
    frozen = spec.replace(layers=tuple(table), hyper=None)
    for got, expected in zip(layers, family.run(frozen, h, y, index)[1:], strict=True):
        for wire, q in vars(expected).items():
            assert np.array_equal(getattr(got, wire), q), wire


def test_every_wire_is_named_in_order_and_lies_in_its_format() -> None:
    spec = hyper_stress.spec(rows=32, columns=8, layers=3)
    wires = family.named(spec, family.run(spec, *extreme.vectors(spec, 2, 3, 24)))
    formats = family.layer_formats(spec)
    assert list(formats) == ["adc", "hyper", "fpd1", "fpd2", "fpd3"]
    assert [wire for wire in wires if wire.startswith("hyper.")] == [
        f"hyper.{name}" for name in (*AFFINE, *THETA)
    ]
    for name, q in wires.items():
        layer, wire = name.split(".")
        assert formats[layer][wire].allows(q), name
    for name in ("conv1", "conv2", "dense1", "dense2"):  # the stress reaches both ends
        fmt = formats["hyper"][name]
        assert {fmt.min, fmt.max} <= set(np.unique(wires[f"hyper.{name}"])), name


def test_stress_reaches_both_ends_of_the_network_and_most_shifts_of_the_third_penalty() -> None:
    spec = hyper_stress.spec(rows=32, columns=8, layers=3)
    h, y, index = extreme.vectors(spec, 2, 3, 24)
    events = family.count(spec, h, y, index, family.run(spec, h, y, index))
    assert len([name for name in events if name.startswith("hyper.")]) == 10
    assert all(times for name, times in events.items() if name.startswith("hyper."))
    places = [times for name, times in events.items() if "leading bit" in name]
    assert sum(places) == 3 * 3 * 24 * spec.units * spec.columns
    assert np.count_nonzero(places) >= 4
    assert family.missed(spec, events) == []


def channel_vectors(spec: FpdSpec, blocks: int) -> tuple[Any, Any, Any, Any]:
    rng = np.random.default_rng(8)
    index = rng.integers(5, 26, (blocks, 4))  # 0 to 20 dB
    drawn = channel.draw(rng, spec.constellation, spec.rows, spec.columns, spec.snr.snr_db[index])
    gain = np.sqrt(spec.entry_variance * spec.rows / 2)
    return drawn.h * gain, drawn.y * gain, index, drawn.bits


@pytest.mark.parametrize("name", SHIPPED)
def test_integers_stay_close_to_the_float_twin(name: str) -> None:
    spec = cast(FpdSpec, specs.load(name))
    h, y, index, _ = channel_vectors(spec, 40)
    codes = spec.adc.convert(y, index)
    wires = family.run(spec, spec.h_format.quantize(h), codes, index)[1:]
    twin = family.float_twin(spec, h, y, index)[1:]
    assert len(twin) == len(wires) == 1 + spec.depth
    for scale, real in vars(twin[0]).items():
        error = np.abs(getattr(wires[0], scale) - real) * getattr(spec.formats, scale).step
        assert error.max() < 0.07 * np.abs(real).max() * getattr(spec.formats, scale).step, scale
    error = (wires[-1].state - twin[-1].state) * spec.state_format.step
    assert np.sqrt(np.mean(error**2)) < 0.05 * spec.constellation.peak
