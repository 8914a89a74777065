# SPDX-License-Identifier: Apache-2.0
"""One layer of each detector in fxpmath's own arithmetic: a second opinion on the golden model.

Sums and products are `Fxp` operations, whose words grow so that nothing is lost. What a wire
stores goes through `stored`: fxpmath's conversion to its format, with rounding `nearest_posinf`
(half up) and saturation, then its `clip` to the symmetric range. Nothing is taken from the golden
model but the layers before, and no shift is computed: fxpmath aligns points itself.

Shapes are those of one coherence block: B vectors; H and P without a leading dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from fxpmath.objects import Fxp

from fixedpoint.detectors.library import DetectorSpec, PgdSpec
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.specs.fpd import FpdLayer, FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from tests.distributed_reference import antennas_of, gray

ROUNDING = "nearest_posinf"
Wires = Mapping[str, Fxp]


@dataclass(frozen=True)
class Block:
    """Inputs of a block, integers: h (R, N), y (B, M), index (B,), the SNR entry of each vector."""

    h: IntArray
    y: IntArray
    index: IntArray


def stored(exact: Fxp, target: Format) -> Fxp:
    """Half up, then saturated: what a wire of that format holds of an exact value."""
    assert exact.n_word < 64, "fxpmath does not round words of 64 bits"
    assert np.abs(exact.val).max() < 2**53, "fxpmath scales in float64"
    wire = Fxp(
        exact, signed=target.signed, n_word=target.bits, n_frac=target.frac,
        rounding=ROUNDING, overflow="saturate",
    )  # fmt: skip
    limit = target.max * target.step
    return wire.clip(-limit, limit)


def kept(exact: Fxp, target: Format) -> Fxp:
    """The same value in a format that must hold it: nothing is lost."""
    wire = Fxp(exact, signed=target.signed, n_word=target.bits, n_frac=target.frac)
    assert np.array_equal(wire.get_val(), exact.get_val())
    return wire


def masked(chosen: Any, value: Fxp) -> Fxp:
    """The value where chosen, 0 elsewhere."""
    return value * Format(1, 0, signed=False).to_fxp(np.asarray(chosen).astype(int))


def read(table: Lookup, argument: Fxp) -> Fxp:
    """The entry at the argument: its address, plus an offset that makes the lowest one 0."""
    address = stored(argument, table.address).val.astype(np.int64)
    return table.output.to_fxp(np.array(table.values)[address + table.address.max])


def constant(bank: tuple[int, ...], index: IntArray, fmt: Format) -> Fxp:
    """Each vector's entry of a bank, (B, 1)."""
    return fmt.to_fxp(np.array(bank)[index][:, None])


def prox(spec: PgdSpec | AdmmSpec, update: Fxp, threshold: int) -> Fxp:
    """Eq. (8) of the KAQ paper, or the box."""
    fmt = spec.formats.state
    t = fmt.to_fxp(threshold)
    if spec.prox == "box":
        return update.clip(-threshold * fmt.step, threshold * fmt.step)
    shrunk = masked(update > t, update - t) + masked(update < -t, update + t)
    return kept(shrunk, fmt)


def position(spec: DetectorSpec, state: Fxp) -> IntArray:
    """How many decision thresholds, the even numbers between the grid's points, are ≤ the state."""
    levels = MODULATIONS[spec.modulation].levels
    return sum((state >= middle).astype(np.int64) for middle in range(2 - levels, levels, 2))


def sliced(spec: DetectorSpec, state: Fxp) -> IntArray:
    """Gray bits of each dimension."""
    width = MODULATIONS[spec.modulation].bits
    return np.array(gray(width))[position(spec, state)]


def pgd(spec: PgdSpec, k: int, block: Block, before: Wires) -> dict[str, Any]:
    """Layer k, from 0, of PGD-Net."""
    f, layer = spec.formats, spec.layers[k]
    h, y = f.h.to_fxp(block.h), f.y.to_fxp(block.y)
    x, step = f.code.to_fxp(np.zeros((len(block.y), spec.columns), dtype=int)), f.step.to_fxp(0)
    if k:
        x, step = before["code"], constant(spec.layers[k - 1].step, block.index, f.step)
    accumulator = (h * x[:, None]).sum(axis=-1)
    residual = stored(accumulator * step - y, f.residual)
    gradient = (h * residual[:, :, None]).sum(axis=1)
    update = stored(x * step - f.eta.to_fxp(layer.eta) * gradient, f.state)
    state = prox(spec, update, layer.threshold)
    code = stored(state * constant(layer.inverse, block.index, f.inverse), f.code)
    return {
        "accumulator": accumulator, "residual": residual, "gradient": gradient,
        "update": update, "state": state, "code": code, "bits": sliced(spec, state),
    }  # fmt: skip


def front(spec: AdmmSpec, block: Block) -> dict[str, Any]:
    """ADMM-Net's front end."""
    f = spec.formats
    matrix, y = f.f.to_fxp(block.h[: spec.rows]), f.y.to_fxp(block.y)
    filtered = (matrix * y[:, :, None]).sum(axis=1)
    return {"filtered": filtered, "estimate": stored(filtered, f.front)}


def admm(spec: AdmmSpec, k: int, block: Block, before: Wires, x0: Fxp) -> dict[str, Any]:
    """Layer k, from 0, of ADMM-Net."""
    f, layer = spec.formats, spec.layers[k]
    zero = np.zeros((len(block.y), spec.columns), dtype=int)
    z, u, d = f.state.to_fxp(zero), f.dual.to_fxp(zero), f.difference.to_fxp(zero)
    if k:
        z, u, d = before["decoded"], before["dual"], before["difference"]
    p = f.p.to_fxp(block.h[spec.rows :])
    product = (p * d[:, :, None]).sum(axis=1)
    x = stored(x0 + product, f.state)
    relaxed = stored(z + f.relaxation.to_fxp(layer.relaxation) * (x - z), f.state)
    update = stored(relaxed + u, f.state)
    state = prox(spec, update, layer.threshold)
    code = stored(state * constant(layer.inverse, block.index, f.inverse), f.code)
    decoded = stored(code * constant(layer.step, block.index, f.step), f.state)
    dual = stored(u + f.dual_step.to_fxp(layer.dual_step) * (relaxed - decoded), f.dual)
    difference = stored(decoded - dual, f.difference)
    return {
        "product": product, "estimate": x, "relaxed": relaxed, "update": update, "state": state,
        "code": code, "decoded": decoded, "dual": dual, "difference": difference,
        "bits": sliced(spec, state),
    }  # fmt: skip


def units(spec: DistributedSpec) -> IntArray:
    """The real rows of each unit, (C, Q)."""
    half = spec.rows // 2
    taken = (np.array(antennas_of(spec, c)) for c in range(spec.units))
    return np.array([np.concatenate([rows, rows + half]) for rows in taken])


def distributed(
    spec: HpdSpec | FpdSpec, k: int, block: Block, adc: Wires, before: Wires
) -> dict[str, Any]:
    """Layer k, from 0, of HPD or FPD-Net."""
    f, rows = spec.formats, units(spec)
    h, codes = f.h.to_fxp(block.h[rows]), block.y[:, rows]
    z = s = f.state.to_fxp(np.zeros((len(block.y), spec.columns), dtype=int))
    if k:
        z, s = before["extrapolated"], before["state"]
    one = f.residual.to_fxp(1 << f.residual.frac)
    accumulator = (h * z[:, None, None]).sum(axis=-1)
    last = 2**spec.adc.bits - 1
    up = masked(codes < last, read(spec.sigmoid, accumulator - adc["up"]))
    low = masked(codes > 0, read(spec.sigmoid, accumulator - adc["low"])) + masked(codes == 0, one)
    residual = kept(one - up - low, f.residual)
    gradient = (h * residual[..., None]).sum(axis=2)
    column = hpd if isinstance(spec, HpdSpec) else fpd
    wires = column(spec, k, z, gradient)
    total = wires["estimate"].sum(axis=1)
    state = stored(f.mean.to_fxp(spec.mean) * total, f.state)
    momentum = f.momentum.to_fxp(spec.momentum[k])
    extrapolated = stored(state + momentum * (state - s), f.state)
    return {
        "accumulator": accumulator, "residual": residual, "gradient": gradient, **wires,
        "state": state, "extrapolated": extrapolated, "bits": sliced(spec, state),
    }  # fmt: skip


def distance(spec: DistributedSpec, x: Fxp) -> Fxp:
    """From the nearest point of the grid."""
    levels = MODULATIONS[spec.modulation].levels
    return x - Format(5, 0).to_fxp(2 * position(spec, x) + 1 - levels)


def projected(spec: DistributedSpec, update: Fxp) -> Fxp:
    """x_c: stored, then onto the grid's range."""
    peak = MODULATIONS[spec.modulation].levels - 1
    return stored(update, spec.formats.state).clip(-peak, peak)


def hpd(spec: HpdSpec, k: int, z: Fxp, gradient: Fxp) -> dict[str, Fxp]:
    """A unit's columns of HPD, eq. (20)."""
    f, layer = spec.formats, spec.layers[k]
    pull = read(spec.pull, distance(spec, z))
    descent = z[:, None] + f.step.to_fxp(layer.step) * gradient
    update = descent - f.weight.to_fxp(layer.weight) * pull[:, None]
    return {"pull": pull, "estimate": projected(spec, update)}


def fpd(spec: FpdSpec, k: int, z: Fxp, gradient: Fxp) -> dict[str, Fxp]:
    """A unit's columns of FPD-Net, eqs. (37) to (40)."""
    f, layer = spec.formats, spec.layers[k]
    b = stored(z[:, None] + f.step.to_fxp(layer.step) * gradient, f.state)
    quartic = over_grid(spec, layer, "quartic", b)
    p = stored(b - f.quartic_step.to_fxp(layer.quartic_step) * quartic, f.state)
    gaussian = over_grid(spec, layer, "gaussian", p)
    d = stored(p - f.gaussian_step.to_fxp(layer.gaussian_step) * gaussian, f.state)
    table = Lookup(spec.cosine_address, spec.cosine_output, layer.cosine)
    cosine = read(table, distance(spec, d))
    estimate = projected(spec, d + f.cosine_step.to_fxp(layer.cosine_step) * cosine)
    return {
        "b": b, "quartic": quartic, "p": p, "gaussian": gaussian, "d": d, "cosine": cosine,
        "estimate": estimate,
    }  # fmt: skip


def over_grid(spec: FpdSpec, layer: FpdLayer, penalty: str, x: Fxp) -> Fxp:
    """The sum of a penalty's table over the grid."""
    levels = MODULATIONS[spec.modulation].levels
    scale = getattr(spec.formats, f"{penalty}_scale").to_fxp(getattr(layer, f"{penalty}_scale"))
    points = Format(5, 0).to_fxp(np.arange(1 - levels, levels, 2))
    argument = scale * (x.reshape((*x.shape, 1)) - points)
    return read(getattr(spec, penalty), argument).sum(axis=-1)
