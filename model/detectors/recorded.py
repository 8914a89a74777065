# SPDX-License-Identifier: Apache-2.0
"""Detectors on vectors that were received, not drawn: y, and x if known, of a file of channels.

Only the tests' blocks take part, which no training sees. Without x there is nothing to count; the
residual tells: ‖y − Hx̂‖² of the decisions x̂ over what noise alone has, 1 where all are right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.numbers.modulation import Modulation
from fixedpoint.receivers.channel import real_matrix, real_vector
from model.detectors.catalog import make
from model.detectors.golden import Golden, Twin
from model.lab import count
from model.lab.intervals import Cluster, proportion
from model.systems import care
from model.systems.recorded import Vectors, vectors
from model.systems.scene import Scene, convert
from model.systems.system import System

NEAR = 0.01
"""Of a point of the constellation, over its step: what x may be beside it."""
CHUNK = 500


@dataclass(frozen=True)
class Recorded:
    """What a detector made of a file's vectors.

    errors, bits, ber and its limits low and high: None without x. residual: see above.
    """

    detector: str
    blocks: int
    vectors: int
    residual: float
    errors: int | None = None
    bits: int | None = None
    ber: float | None = None
    low: float | None = None
    high: float | None = None


class Received(NamedTuple):
    """Recorded vectors, the coordinates ±1, ±3, … sent (G, B, N), if known, and what scales y."""

    vectors: Vectors
    grid: NDArray[np.float64] | None
    scale: float


def measured(system: System, detectors: Sequence[str], confidence: float = 0.95) -> list[Recorded]:
    """Each detector on the vectors of the system's file; none where it has no y.

    Raises `ValueError` that names the file, on what lies beside H, or on an SNR that a detector
    does not serve.
    """
    found = received(system)
    if found is None:
        return []
    try:
        return [_one(system, text, found, confidence) for text in detectors]
    except ValueError as error:
        raise ValueError(f"channel file {system.channel_file}, y: {error}") from None


def received(system: System) -> Received | None:
    """What was received over the system's file; None where it has no y. Raises as `measured`."""
    path = system.channel_file
    found = vectors(path, system.channel_scale, system.nr, system.nt) if path else None
    if found is None:
        return None
    if found.x is None:
        return Received(found, None, 1.0)
    return Received(found, *_sent(found, system.constellation, path))


def remarks(system: System, detectors: Sequence[str], channels: bool = True) -> list[str]:
    """What is odd about H, and about y, to the specs among detectors, a line for each spec.

    channels: False where a training has spoken of H. Raises `ValueError` as `measured`.
    """
    if not system.channel_file:
        return []
    made = [make(text, system) for text in detectors]
    specs = {one.spec.digest: one.spec for one in made if isinstance(one, Golden | Twin)}
    found, lines = received(system), []
    for spec in specs.values():
        said = care.of_channels(spec, system, "test") if channels else None
        if said is None and found is not None:
            said = care.of_vectors(spec, system, found.vectors, found.scale)
        if said is not None:
            lines.append(f"spec {spec.name}: {said}")
    return lines


def lines(found: Sequence[Recorded]) -> list[str]:
    """A line for each detector, for the reader."""
    if not found:
        return []
    head = f"{found[0].vectors} recorded vectors of {found[0].blocks} test blocks of the file"
    rows = [head]
    for one in found:
        words = "no x, nothing to count"
        if one.ber is not None and one.low is not None and one.high is not None:
            words = (f"BER {one.ber:.3e} ({one.low:.2e} to {one.high:.2e}), {one.errors} of "
                     f"{one.bits} bits")  # fmt: skip
        rows.append(f"  {one.detector}: {words}; residual {one.residual:.2f} of the noise's")
    return rows


def to_json(found: Sequence[Recorded]) -> list[dict[str, object]]:
    """The same as plain values."""
    return [asdict(one) for one in found]


def _sent(found: Vectors, m: Modulation, path: str) -> tuple[NDArray[np.float64], float]:
    """x as coordinates ±1, ±3, … (G, B, N), and what brings y, as of the file's symbols, there."""
    assert found.x is not None
    for scale in (1.0, math.sqrt(m.symbol_energy)):
        x = real_vector(found.x * scale)
        grid = 2 * np.floor(x / 2) + 1
        if np.all(np.abs(x - grid) < NEAR) and np.all(np.abs(grid) <= m.peak):
            return grid, scale
    raise ValueError(f"channel file {path}: x has other points than {m.name}: coordinates ±1, ±3, "
                     "… were expected, or the same at a mean energy of 1")  # fmt: skip


def _one(
    system: System,
    text: str,
    given: Received,
    confidence: float,
) -> Recorded:
    detector, m = make(text, system), system.constellation
    found, grid, scale = given
    wrong, residual, expected = [], 0.0, 0.0
    blocks, each = found.y.shape[:2]
    for start in range(0, blocks, max(1, CHUNK // each)):
        part = slice(start, start + max(1, CHUNK // each))
        seen, y, noise = _scene(system, found, part, scale)
        with torch.no_grad():
            estimate = detector(seen.received, seen.h, seen.noise)
        decided = (2 * torch.floor(estimate / 2) + 1).clamp(-m.peak, m.peak)
        apart = y - torch.einsum("gmn,gbn->gbm", seen.h, decided.to(seen.h))
        residual += float(apart.square().sum())
        expected += float(noise.sum()) * system.rows
        if grid is not None:
            x = torch.from_numpy(grid[part]).reshape(*decided.shape)
            wrong.append(count.errors(estimate, count.gray_words(x, m), m)[0])
    made = Recorded(text, blocks, blocks * each, residual / expected)
    if grid is None:
        return made
    errors = torch.cat(wrong).reshape(blocks, -1).sum(dim=1)
    first, bits = int(errors.sum()), system.bits * each
    second, unequal = int((errors**2).sum()), int((errors > 0).sum())
    ber, low, high = proportion(Cluster(blocks, bits, first, second, unequal), confidence)
    return Recorded(text, blocks, blocks * each, made.residual, first, blocks * bits, ber, low,
                    high)  # fmt: skip


def _scene(
    system: System, found: Vectors, part: slice, scale: float
) -> tuple[Scene, Tensor, Tensor]:
    """Some blocks as a detector gets them, a channel of its own for each vector; y, and σ²."""
    gain = math.sqrt(system.gain * system.nr)
    h, snr_db = found.h[part].reshape(-1, system.nr, system.nt), found.snr_db[part].reshape(-1, 1)
    matrix = torch.from_numpy(real_matrix(h) * gain)
    samples = found.y[part].reshape(-1, 1, system.nr) * (gain * scale)
    y = torch.from_numpy(real_vector(samples))
    noise = torch.from_numpy(system.signal_variance / 10 ** (snr_db / 10))
    believed = noise / 10 ** (system.snr_mismatch_db / 10)
    received = convert(system, y, (system.signal_variance + noise).sqrt())
    return Scene(received, matrix, believed, y), y, noise
