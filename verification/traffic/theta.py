# SPDX-License-Identifier: Apache-2.0
"""θ, the constants that units take at run time, as s_axis_theta takes it (docs/rtl.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fixedpoint.detector import Integers
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.format import IntArray
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import SCALES
from verification.rtl import runs


@dataclass(frozen=True)
class Rewrite:
    """Another θ for the units, that of `spec`, written when `block` blocks have left."""

    spec: DetectorSpec
    block: int


def writable(spec: DetectorSpec) -> bool:
    """Whether the units of a spec have constants that can be written at run time."""
    return isinstance(spec, FpdSpec) and spec.hyper is None


def theta_words(spec: DetectorSpec) -> list[int]:
    """The frame of one unit: of each layer the scales, then the third penalty's table."""
    assert isinstance(spec, FpdSpec), "a spec with θ"
    return [
        word
        for layer in spec.layers
        for word in (*(getattr(layer, name) for name in SCALES), *layer.cosine)
    ]


def reversed_layers(spec: DetectorSpec) -> DetectorSpec:
    """The spec with the θ of its layers in the other order."""
    assert isinstance(spec, FpdSpec), "a spec with θ"
    return spec.replace(name="other", layers=spec.layers[::-1])


def theta_beats(built: DetectorSpec, other: DetectorSpec) -> IntArray:
    """The frames that write the θ of `other` into hardware built from `built`, (C, beats).

    Raises `ValueError` if the two differ in more than their layers' constants.
    """
    if not (isinstance(built, FpdSpec) and isinstance(other, FpdSpec)):
        raise ValueError(f"spec {built.name} has no θ to write")
    same = other.replace(name=built.name, provenance=built.provenance, layers=built.layers)
    if same.digest != built.digest:
        raise ValueError(f"spec {other.name} differs from {built.name} in more than its θ")
    return np.tile(np.array(theta_words(other), dtype=np.int64), (built.units, 1))


def golden(spec: DetectorSpec, inputs: Integers, theta: Rewrite) -> dict[str, IntArray]:
    """All that a run with another θ from a block on must show; at least one block on each side."""
    before, after = (
        Integers(inputs.h[half], inputs.y[half], inputs.index[half])
        for half in (slice(None, theta.block), slice(theta.block, None))
    )
    first = runs.golden(spec, before).wires
    second = runs.golden(theta.spec, after, first_block=theta.block).wires
    return {wire: np.concatenate([q, second[wire]]) for wire, q in first.items()}
