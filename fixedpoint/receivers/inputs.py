# SPDX-License-Identifier: Apache-2.0
"""Whether arrays can be a detector's inputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.numbers.bank import check_blocks
from fixedpoint.numbers.format import IntArray, check_integers, integers
from fixedpoint.specs.detector import DetectorSpec


def check_inputs(
    spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """The inputs as int64, whatever integer type they came in: nothing computes in that.

    Raises `ValueError` unless shapes, integer types and ranges are those of the spec.

    h (G, R, N), the matrices of a coherence block, `spec.parts` one below the other; y (G, B, M),
    levels or codes of the converters; index (G, B), the SNR entry of each vector.
    """
    h, y, index = (np.asarray(array) for array in (h, y, index))
    check(spec, h, y, index)
    return integers("h", h), integers("y", y), integers("index", index)


def check(spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray) -> None:
    """Raise as `check_inputs`; nothing is converted or copied."""
    for name, array in (("h", h), ("y", y), ("index", index)):
        check_integers(name, array)
    blocks = h.shape[0] if h.ndim == 3 else None
    if h.shape != (blocks, spec.matrix_rows, spec.columns):
        expected = f"(G, {spec.matrix_rows}, {spec.columns})"
        raise ValueError(f"h has the shape {h.shape}, {expected} was expected")
    if y.ndim != 3 or y.shape != (blocks, y.shape[1], spec.rows):
        raise ValueError(f"y has the shape {y.shape}, ({blocks}, B, {spec.rows}) was expected")
    if index.shape != y.shape[:2]:
        raise ValueError(f"index has the shape {index.shape}, {y.shape[:2]} was expected")
    if y.shape[0] * y.shape[1] == 0:
        raise ValueError("no vectors: at least 1 was expected")
    named = split(spec, h) | {"y": y}
    formats = {part.name: part.format for part in spec.parts} | {"y": spec.y_format}
    for (name, array), fmt in zip(named.items(), formats.values(), strict=True):
        if not fmt.allows(array):
            worst = int(array[(array < fmt.min) | (array > fmt.max)][0])
            raise ValueError(f"{name} holds {worst}, outside {fmt}: {fmt.min} to {fmt.max}")
    if index.min() < 0 or index.max() >= len(spec.snr):
        worst = int(index[(index < 0) | (index >= len(spec.snr))][0])
        raise ValueError(f"SNR index {worst} is outside the bank 0 to {len(spec.snr) - 1}")
    if spec.one_snr_a_block:
        check_blocks(index)


def snr_of_vectors(snr_db: ArrayLike, leading: tuple[int, ...]) -> NDArray[np.float64]:
    """The SNR of every vector, in dB: y's leading dimensions, (G, B) or (B,) or none for one.

    snr_db: a number; one for each block, (G,), where y has blocks; one for each vector, y's leading
    dimensions. Raises `ValueError` on any other shape, and on what are no real numbers.
    """
    snr = np.asarray(snr_db)
    if snr.dtype.kind not in "iuf":
        raise ValueError(f"snr_db has the type {snr.dtype}, real numbers were expected")
    allowed: dict[tuple[int, ...], str] = {(): "a number"}
    if len(leading) > 1:
        allowed[leading[:1]] = f"{leading[:1]} (one for each block)"
    if leading:
        allowed[leading] = f"{leading} (one for each vector)"
    if snr.shape not in allowed:
        expected = " or ".join(allowed.values())
        raise ValueError(f"snr_db has the shape {snr.shape}, {expected} was expected")
    missing = len(leading) - snr.ndim
    snr = snr.astype(np.float64).reshape(snr.shape + (1,) * missing)
    return np.broadcast_to(snr, leading)


def split(spec: DetectorSpec, h: IntArray) -> dict[str, IntArray]:
    """The matrices (G, R, N) of `spec.parts` by name."""
    ends = np.cumsum([part.rows for part in spec.parts])[:-1]
    pieces = np.split(h, ends, axis=1)
    return {part.name: piece for part, piece in zip(spec.parts, pieces, strict=True)}
