# SPDX-License-Identifier: Apache-2.0
"""Whether a file's channels, and what was received over them, are of the scale of a spec.

`fixedpoint.receivers.care` says what is looked at. A sweep or a training draws symbols and noise
itself, so that of a file without y it is H that is looked at, and H·x.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from fixedpoint.receivers.care import Watch
from fixedpoint.receivers.channel import real_matrix, real_vector
from fixedpoint.receivers.samples import RealInputs
from fixedpoint.specs.detector import DetectorSpec
from model.systems.recorded import Vectors, recorded
from model.systems.system import System

BLOCKS, EACH, VECTORS = 200, 4, 8
"""Looked at: so many blocks of a part, matrices of each, vectors over each matrix."""
SCALE = "the scale mean of a channel's file does it"


def of_channels(spec: DetectorSpec, system: System, part: str, stores: bool = True) -> str | None:
    """What is odd about the H of a part of the system's file, with cause and factor.

    None if nothing is, or if there is no file. stores: whether H itself is stored in the first of
    the spec's formats of matrices, as the spec says of itself; False where others will be. Raises
    `ValueError` as `recorded`.
    """
    if not system.channel_file:
        return None
    h = recorded(system.channel_file, system.channel_scale, part, system.nr, system.nt)
    some = np.linspace(0, len(h) - 1, min(len(h), BLOCKS)).astype(np.int64)
    matrices = _real(spec, system, h[some, :EACH].reshape(-1, system.nr, system.nt))
    m, shape = system.constellation, (len(matrices), VECTORS, system.columns)
    x = 2.0 * np.random.default_rng(0).integers(0, m.levels, shape) - m.peak
    y = np.einsum("gmn,gbn->gbm", matrices, x)
    watch = Watch(spec, stores, by_gain=SCALE, by_energy="")
    watch.add(RealInputs(matrices, y, np.full(y.shape[:2], np.inf)))
    return _said(watch, system, f"blocks for {part}")


def of_vectors(
    spec: DetectorSpec, system: System, found: Vectors, scale: float = 1.0
) -> str | None:
    """The same of recorded vectors, y and H; scale: of y, where x is of unit energy."""
    h = _real(spec, system, found.h.reshape(-1, system.nr, system.nt))
    y = real_vector(found.y.reshape(-1, 1, system.nr)) * (_gain(spec, system) * scale)
    watch = Watch(spec, by_gain=SCALE, by_energy="")
    watch.add(RealInputs(h, y, found.snr_db.reshape(-1, 1)))
    return _said(watch, system, "received vectors")


def _gain(spec: DetectorSpec, system: System) -> float:
    """From E|h|² = 1/nr to what the spec is made for."""
    return math.sqrt(dataclasses.replace(system, channel_gain=spec.entry_variance).gain * system.nr)


def _real(spec: DetectorSpec, system: System, h: np.ndarray) -> np.ndarray:
    return real_matrix(h) * _gain(spec, system)


def _said(watch: Watch, system: System, what: str) -> str | None:
    return watch.line and f"channel file {system.channel_file}, {what}: {watch.line}"
