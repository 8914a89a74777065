# SPDX-License-Identifier: Apache-2.0
"""A user's own vectors for `fixedpoint.golden`: H, y, perhaps snr_db, and what was sent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detector import Detector
from fixedpoint.numbers import labels as bit_labels
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers.care import Watch
from fixedpoint.receivers.channel import real_vector
from fixedpoint.receivers.samples import Samples
from fixedpoint.receivers.scale import AS_IS, Convention
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.archive import COMPLEX, REAL, read_arrays
from fixedpoint.support.chunks import Chunk, chunks
from fixedpoint.vectors.stimulus import Stimulus

OFF_GRID = 1e-3
"""How far a coordinate of x may lie from ±1, ±3, …"""


@dataclass(frozen=True)
class Given:
    """A user's own vectors. bits: (G, B, 2Nt, bits a dimension), the Gray bits sent, if known."""

    spec: DetectorSpec
    samples: Samples
    bits: IntArray | None

    @classmethod
    def of(
        cls,
        spec: DetectorSpec,
        arrays: Mapping[str, NDArray[Any]],
        convention: Convention = AS_IS,
        labels: str = bit_labels.GRAY,
    ) -> Given:
        """From the arrays of `read_file`. Raises `ValueError` on shapes that do not fit."""
        snr_db = arrays.get("snr_db")
        samples = Detector(spec).samples(arrays["H"], arrays["y"], snr_db, convention)
        leading = arrays["y"].shape[:-1]
        bits = None
        if "bits" in arrays:
            bits = _of_bits(spec, arrays["bits"], leading, labels)
        elif "x" in arrays:
            bits = _of_symbols(spec, arrays["x"], leading, convention.symbol_energy)
        if bits is not None:
            bits = bits.reshape(*samples.shape, *bits.shape[-2:])
        return cls(spec, samples, bits)

    @property
    def shape(self) -> tuple[int, int]:
        """Blocks, and the vectors of each."""
        return self.samples.shape

    @property
    def warning(self) -> str | None:
        """What is odd about their scale (`fixedpoint.receivers.care`), or None."""
        watch = Watch(self.spec)
        for chunk in chunks(*self.shape):
            watch.add(self.samples.real(chunk), chunk.opens)
        return watch.line

    def parts(self) -> Iterator[tuple[Chunk, Stimulus]]:
        """See `fixedpoint.vectors.stimulus.Source`."""
        for chunk in chunks(*self.shape):
            inputs = self.samples.real(chunk)
            sent = None if self.bits is None else self.bits[chunk.part]
            yield chunk, Stimulus(inputs.h, inputs.y, inputs.snr_db, sent)


def read_file(path: Path) -> dict[str, NDArray[Any]]:
    """H, y and, where the file has them, snr_db, x and bits; see `archive.read_arrays`."""
    return read_arrays(
        path, {"H": COMPLEX, "y": COMPLEX}, {"snr_db": REAL, "x": COMPLEX, "bits": REAL}
    )


def read_input(spec: DetectorSpec, path: Path) -> Stimulus:
    """The user's own H, y, snr_db from an .npz file, shapes as in `Detector.quantize`.

    Raises `ValueError` on other files and other shapes.
    """
    given = Given.of(spec, read_file(path))
    blocks, vectors = given.shape
    inputs = given.samples.real(Chunk(slice(0, blocks), slice(0, vectors)))
    return Stimulus(inputs.h, inputs.y, inputs.snr_db, given.bits)


def _of_bits(
    spec: DetectorSpec, bits: NDArray[Any], leading: tuple[int, ...], labels: str
) -> IntArray:
    """Gray bits of real dimensions, of those of antennas (…, Nt, 2b) in a labelling."""
    to_gray = {bit_labels.GRAY: lambda q: q, bit_labels.NR: bit_labels.to_gray}
    expected = (*leading, spec.columns // 2, 2 * spec.constellation.bits)
    if bits.shape != expected:
        raise ValueError(f"bits has the shape {bits.shape}, {expected} was expected")
    if not np.isin(bits, (0, 1)).all():
        raise ValueError("bits holds more than 0 and 1")
    gray = to_gray[labels](bits.astype(np.int64))
    return np.concatenate(np.split(gray, 2, axis=-1), axis=-2)


def _of_symbols(
    spec: DetectorSpec, x: NDArray[Any], leading: tuple[int, ...], energy: float | None
) -> IntArray:
    """Gray bits of symbols: complex (…, Nt) or real (…, 2Nt) as eq. (2)."""
    size = spec.columns // 2 if np.iscomplexobj(x) else spec.columns
    if x.shape != (*leading, size):
        raise ValueError(f"x has the shape {x.shape}, {(*leading, size)} was expected")
    real = real_vector(x.astype(np.complex128)) if np.iscomplexobj(x) else x.astype(np.float64)
    m = spec.constellation
    if energy is not None:
        real = real * math.sqrt(m.symbol_energy / energy)
    position = np.rint((real + m.peak) / 2)
    off = np.abs(2 * position - m.peak - real)
    strange = (off > OFF_GRID) | (position < 0) | (position > m.peak)
    if strange.any():
        raise ValueError(
            f"x holds a coordinate {real[strange][0]:.4g}, ±1 to ±{m.peak} of {m.name} were "
            "expected; of unit-energy symbols, with a symbol energy of 1"
        )
    return m.gray(position.astype(np.int64))
