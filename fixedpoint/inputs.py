"""Whether arrays can be a detector's inputs."""

from __future__ import annotations

import numpy as np

from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.format import IntArray


def check_inputs(spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray) -> None:
    """Raise `ValueError` unless shapes, integer types and ranges are those of the spec.

    h (G, M, N), one matrix a coherence block; y (G, B, M), levels or codes of the converters;
    index (G, B), the SNR entry of each vector.
    """
    for name, array in (("h", h), ("y", y), ("index", index)):
        if not np.issubdtype(array.dtype, np.integer):
            raise ValueError(f"{name} has the type {array.dtype}, integers were expected")
    blocks = h.shape[0] if h.ndim == 3 else None
    if h.shape != (blocks, spec.rows, spec.columns):
        expected = f"(G, {spec.rows}, {spec.columns})"
        raise ValueError(f"h has the shape {h.shape}, {expected} was expected")
    if y.ndim != 3 or y.shape != (blocks, y.shape[1], spec.rows):
        raise ValueError(f"y has the shape {y.shape}, ({blocks}, B, {spec.rows}) was expected")
    if index.shape != y.shape[:2]:
        raise ValueError(f"index has the shape {index.shape}, {y.shape[:2]} was expected")
    if y.shape[0] * y.shape[1] == 0:
        raise ValueError("no vectors: at least 1 was expected")
    for name, array, fmt in (("h", h, spec.h_format), ("y", y, spec.y_format)):
        if not fmt.allows(array):
            worst = int(array[(array < fmt.min) | (array > fmt.max)][0])
            raise ValueError(f"{name} holds {worst}, outside {fmt}: {fmt.min} to {fmt.max}")
    if index.min() < 0 or index.max() >= len(spec.snr):
        worst = int(index[(index < 0) | (index >= len(spec.snr))][0])
        raise ValueError(f"SNR index {worst} is outside the bank 0 to {len(spec.snr) - 1}")
