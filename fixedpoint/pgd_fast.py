# SPDX-License-Identifier: Apache-2.0
"""PGD-Net in integers carried by float64: the same results as `pgd.run`, last layer only, faster.

Every intermediate of a spec stays within float64's 53 bits (`widths.faults`) and all scales are
powers of two, so that each operation here is exact and floor(q·2^-s + 1/2) is the contract's
rounding for s > 0. For s ≤ 0 nothing is rounded and no half is added: 53 bits might not hold it
beside the integer. Arrays are (G, N, B), vectors last: the constants of a vector broadcast, and
both products are matrix products over a block. x is carried as x·Δ in units of the update's last
bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.format import Format, IntArray
from fixedpoint.pgd_spec import PgdSpec
from fixedpoint.pgd_widths import shifts

VECTORS = 1024
MATRICES = 128
Float = NDArray[np.float64]


@dataclass(frozen=True)
class Output:
    """The last layer's wide state, code and bits: (G, B, N), (G, B, N), (G, B, N, bits)."""

    state: NDArray[np.signedinteger[Any]]
    code: NDArray[np.signedinteger[Any]]
    bits: NDArray[np.uint8]


def run(spec: PgdSpec, h: IntArray, y: IntArray, index: IntArray) -> Output:
    """All layers; inputs as in `pgd.run` and already checked."""
    blocks, vectors = index.shape
    shape = (blocks, vectors, spec.columns)
    output = Output(
        np.empty(shape, np.int32 if spec.formats.state.bits <= 32 else np.int64),
        np.empty(shape, np.int16 if spec.formats.code.bits <= 16 else np.int64),
        np.empty((*shape, spec.constellation.bits), np.uint8),
    )
    width = min(vectors, VECTORS)
    together = max(1, min(VECTORS // width, MATRICES))
    for g in range(0, blocks, together):
        matrices = h[g : g + together].astype(np.float64)
        for b in range(0, vectors, width):
            part = (slice(g, g + together), slice(b, b + width))
            state, code = _layers(spec, matrices, y[part], index[part])
            output.state[part] = state.transpose(0, 2, 1)
            output.code[part] = code.transpose(0, 2, 1)
            _decide(spec, output.state[part], output.bits[part])
    return output


def _layers(spec: PgdSpec, h: Float, y: IntArray, index: IntArray) -> tuple[Float, Float]:
    """State and code of the last layer, (G, N, B), for (G, M, N), (G, B, M), (G, B)."""
    f, s = spec.formats, shifts(spec)
    to_update = 2.0 ** (s.x_align - s.update)
    h_residual = h * (2.0**-s.residual / to_update)
    # y << align behind the residual's binary point, with the rounding constant
    y_residual = _half(s.residual) - y.transpose(0, 2, 1) * 2.0 ** (s.y_align - s.residual)
    h_transposed = h.transpose(0, 2, 1)
    x = np.zeros((h.shape[0], spec.columns, y.shape[1]))
    error, state, scratch = np.empty_like(y_residual), np.empty_like(x), np.empty_like(x)
    for k, layer in enumerate(spec.layers):
        if k:
            x *= _bank(spec.layers[k - 1].step, index) * to_update
        np.matmul(h_residual, x, out=error)
        error += y_residual
        _floor_clip(error, f.residual)
        np.matmul(h_transposed, error, out=state)
        state *= -layer.eta * 2.0 ** (s.g_align - s.update)
        state += x
        state += _half(s.update)
        _floor_clip(state, f.state)
        _prox(spec.prox, layer.threshold, state, scratch)
        np.multiply(state, _bank(layer.inverse, index) * 2.0**-s.code, out=x)
        x += _half(s.code)
        _floor_clip(x, f.code)
    return state, x


def _half(shift: int) -> float:
    """The rounding constant before a floor, in units of the target's last bit."""
    return 0.5 if shift > 0 else 0.0


def _prox(kind: str, threshold: int, state: Float, scratch: Float) -> None:
    """In place: clip(u, ±b), or u − clip(u, ±λ), which is the soft threshold."""
    if kind == "box":
        np.clip(state, -threshold, threshold, out=state)
    else:
        np.clip(state, -threshold, threshold, out=scratch)
        np.subtract(state, scratch, out=state)


def _floor_clip(x: Float, target: Format) -> None:
    np.floor(x, out=x)
    np.clip(x, target.min, target.max, out=x)


def _decide(spec: PgdSpec, state: NDArray[np.signedinteger[Any]], bits: NDArray[np.uint8]) -> None:
    """The slicer, into `bits`."""
    position = np.zeros(state.shape, np.uint8)
    for threshold in spec.slicer:
        position += state >= threshold
    gray = position ^ (position >> 1)
    last = spec.constellation.bits - 1
    for place in range(last + 1):
        np.bitwise_and(gray >> (last - place), 1, out=bits[..., place])


def _bank(constants: tuple[int, ...], index: IntArray) -> Float:
    return np.array(constants, dtype=np.float64)[index][:, None, :]
