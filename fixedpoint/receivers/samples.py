# SPDX-License-Identifier: Apache-2.0
"""What a detector is given, complex or real, one matrix for many vectors or for each, in blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.receivers.channel import real_matrix, real_vector
from fixedpoint.receivers.inputs import snr_of_vectors
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.chunks import Chunk


@dataclass(frozen=True)
class RealInputs:
    """A detector's inputs as real values: h (G, M, N), y (G, B, M), snr_db (G, B)."""

    h: NDArray[np.float64]
    y: NDArray[np.float64]
    snr_db: NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """A detector's inputs in blocks, numbers of the types that they came in.

    h: complex (G, Nr, Nt) or real (G, 2Nr, 2Nt); y: complex (G, B, Nr) or real (G, B, 2Nr);
    snr_db: (G, B). h_scale, y_scale: what they are multiplied by; estimated_db: the SNR, if it was
    estimated from them.
    """

    h: NDArray[Any]
    y: NDArray[Any]
    snr_db: NDArray[np.float64]
    h_scale: float = 1.0
    y_scale: float = 1.0
    estimated_db: float | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """G and B: blocks, and the vectors of each."""
        return self.y.shape[0], self.y.shape[1]

    def real(self, chunk: Chunk) -> RealInputs:
        """Some of them in the real form of eq. (2)."""
        h, y = self.h[chunk.blocks], self.y[chunk.part]
        h = real_matrix(h.astype(np.complex128)) if np.iscomplexobj(h) else h.astype(np.float64)
        y = real_vector(y.astype(np.complex128)) if np.iscomplexobj(y) else y.astype(np.float64)
        for array, scale in ((h, self.h_scale), (y, self.y_scale)):
            if scale != 1:
                array *= scale
        return RealInputs(h, y, self.snr_db[chunk.part])


def in_blocks(spec: DetectorSpec, h: ArrayLike, y: ArrayLike, snr_db: ArrayLike) -> Samples:
    """The arguments of `Detector.quantize`, which says what they may be, in blocks.

    Raises `ValueError` on a wrong shape, NaN or infinity, no vectors.
    """
    matrices = _numbers(h, 2, "H", (spec.rows, spec.columns))
    samples = _numbers(y, 1, "y", (spec.rows,))
    leading = samples.shape[:-1]
    matrices, samples = _blocks(matrices, samples)
    snr = snr_of_vectors(snr_db, leading)
    return Samples(matrices, samples, snr.reshape(samples.shape[:2]))


def _numbers(values: ArrayLike, dimensions: int, name: str, size: tuple[int, ...]) -> NDArray[Any]:
    """A matrix or vector, or many, of the expected size: complex, or in the real form."""
    array = np.asarray(values)
    if not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
        raise ValueError(f"{name} has the type {array.dtype}, numbers were expected")
    shape = array.shape[-dimensions:]
    half = tuple(n // 2 for n in size)
    expected = half if np.iscomplexobj(array) else size
    if array.ndim < dimensions or shape != expected:
        kind = "complex" if np.iscomplexobj(array) else "real"
        raise ValueError(
            f"{name} is {kind} with the shape {array.shape}; complex (…, {_text(half)}) "
            f"or real (…, {_text(size)}) was expected"
        )
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} holds NaN or infinity, finite numbers were expected")
    return array


def _blocks(h: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """h as (G, …, …) and y as (G, B, …)."""
    if y.size == 0:
        raise ValueError("no vectors: at least 1 was expected")
    if h.ndim == 2:
        return h[None], y.reshape(1, -1, y.shape[-1])
    if y.ndim == 1:
        raise ValueError(
            f"H of shape {h.shape} does not go with y of shape {y.shape}: one vector needs one "
            "matrix; several need y (B, …), or (G, B, …) in blocks"
        )
    if h.shape[:-2] == y.shape[:-1]:
        return h.reshape(-1, *h.shape[-2:]), y.reshape(-1, 1, y.shape[-1])
    if h.ndim == 3 and y.ndim == 3 and h.shape[0] == y.shape[0]:
        return h, y
    raise ValueError(
        f"H of shape {h.shape} does not go with y of shape {y.shape}: one matrix, one for each "
        "vector, or one for each block (G, …) of y (G, B, …) was expected"
    )


def _text(size: tuple[int, ...]) -> str:
    return ", ".join(map(str, size))
