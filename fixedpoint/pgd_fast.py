"""PGD-Net in integers carried by floats: the same results as `pgd.run`, last layer only, faster.

Matrix products run in float32 where every partial sum stays below 2^24 (float64 otherwise), all
else in float64, whose 53 bits the spec guarantees: each operation is exact, and floor(q·2^-s + 1/2)
is the contract's rounding. Arrays are (G, N, B), vectors last, so that the constants of a vector
broadcast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.format import Format, IntArray
from fixedpoint.spec import DetectorSpec, PgdLayer
from fixedpoint.widths import FLOAT32, PgdShifts, bounds, shifts

CHUNK = 256
Float = NDArray[np.float64]
Product = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Output:
    """The last layer's wide state, code and bits: (G, B, N), (G, B, N), (G, B, N, bits)."""

    state: NDArray[np.int32 | np.int64]
    code: NDArray[np.int16 | np.int64]
    bits: NDArray[np.uint8]


def run(spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray) -> Output:
    """All layers; inputs as in `pgd.run` and already checked."""
    blocks, vectors = index.shape
    shape = (blocks, vectors, spec.columns)
    output = Output(
        np.empty(shape, np.int32 if spec.formats.state.bits <= 32 else np.int64),
        np.empty(shape, np.int16 if spec.formats.code.bits <= 16 else np.int64),
        np.empty((*shape, spec.constellation.bits), np.uint8),
    )
    product = product_type(spec)
    width = min(vectors, CHUNK)
    together = max(1, CHUNK // width)
    for g in range(0, blocks, together):
        matrices: Product = h[g : g + together].astype(product)
        for b in range(0, vectors, width):
            part = (slice(g, g + together), slice(b, b + width))
            _chunk(spec, matrices, y[part], index[part], output, part)
    return output


def product_type(spec: DetectorSpec) -> type[np.floating[Any]]:
    """The carrier of the matrix products: float32 if the worst-case sums are exact in it."""
    width = bounds(spec)
    exact = width["accumulator"].fits(FLOAT32) and width["gradient"].fits(FLOAT32)
    return np.float32 if exact else np.float64


def _chunk(
    spec: DetectorSpec,
    h: Product,
    y: IntArray,
    index: IntArray,
    output: Output,
    part: tuple[slice, slice],
) -> None:
    f, s = spec.formats, shifts(spec)
    h_transposed = np.ascontiguousarray(h.transpose(0, 2, 1))
    # y << align, moved behind the binary point of the residual, with the rounding constant
    y_part = 0.5 - y.transpose(0, 2, 1) * 2.0 ** (s.y_align - s.residual)
    error = np.array(y_part, dtype=np.float64)
    change = np.empty((h.shape[0], spec.columns, y.shape[1]))
    scaled, code = np.empty_like(change), np.zeros(change.shape, h.dtype)
    residual = np.empty(error.shape, h.dtype)
    step = np.zeros((h.shape[0], 1, y.shape[1]))
    for layer in spec.layers:
        np.multiply(h @ code, step * 2.0**-s.residual, out=error, dtype=np.float64)
        error += y_part
        residual[...] = _floor_clip(error, f.residual)
        _update(s, layer, code, step, h_transposed @ residual, change, scaled)
        _floor_clip(change, f.state)
        _prox(spec.prox, layer.threshold, change, scaled)
        np.multiply(change, _bank(layer.inverse, index) * 2.0**-s.code, out=scaled)
        scaled += 0.5
        code[...] = _floor_clip(scaled, f.code)
        step = _bank(layer.step, index)
    output.state[part] = change.transpose(0, 2, 1)
    output.code[part] = code.transpose(0, 2, 1)
    output.bits[part] = _bits(spec, change).transpose(0, 3, 2, 1)


def _update(
    s: PgdShifts,
    layer: PgdLayer,
    code: Product,
    step: Float,
    gradient: Product,
    change: Float,
    scaled: Float,
) -> None:
    np.multiply(code, step * 2.0 ** (s.x_align - s.update), out=change, dtype=np.float64)
    scale = np.float64(layer.eta * 2.0 ** (s.g_align - s.update))
    np.multiply(gradient, scale, out=scaled, dtype=np.float64)
    change -= scaled
    change += 0.5


def _prox(kind: str, threshold: int, state: Float, scratch: Float) -> None:
    """In place: clip(u, ±b), or u − clip(u, ±λ), which is the soft threshold."""
    if kind == "box":
        np.clip(state, -threshold, threshold, out=state)
    else:
        np.clip(state, -threshold, threshold, out=scratch)
        state -= scratch


def _floor_clip(x: Float, target: Format) -> Float:
    np.floor(x, out=x)
    return np.clip(x, target.min, target.max, out=x)


def _bits(spec: DetectorSpec, state: Float) -> NDArray[np.uint8]:
    """Gray bits, shape (bits, N, B) behind G: (G, bits, N, B)."""
    position = np.zeros(state.shape, np.uint8)
    for threshold in spec.slicer:
        position += state >= threshold
    gray = position ^ (position >> 1)
    places = range(spec.constellation.bits - 1, -1, -1)
    return np.stack([(gray >> place) & 1 for place in places], axis=1)


def _bank(constants: tuple[int, ...], index: IntArray) -> Float:
    return np.array(constants, dtype=np.float64)[index][:, None, :]
