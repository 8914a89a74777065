# SPDX-License-Identifier: Apache-2.0
"""θ of FPD-Net as a frame of its stream, and other ones to load between vectors."""

from __future__ import annotations

import dataclasses

import numpy as np

from fixedpoint.numbers.format import Format
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.fpd import FpdLayer, FpdSpec
from fixedpoint.specs.fpd_tables import SCALES
from verification.traffic.stimuli import Frame, frame, pack
from verification.traffic.theta import theta_words

BITS = 16


def theta_frame(spec: DetectorSpec) -> Frame:
    """One integer a beat."""
    return frame(pack(theta_words(spec), BITS, 1))


def drawn(rng: np.random.Generator, spec: DetectorSpec) -> FpdSpec:
    """The spec with any legal scales and any cosine tables, a fifth at the ends of their formats.

    The tables belong to no φ: the hardware takes tables, not φ.
    """
    assert isinstance(spec, FpdSpec), "a spec with θ"
    return spec.replace(layers=tuple(_drawn(rng, spec, layer) for layer in spec.layers))


def beyond_frame(rng: np.random.Generator, spec: FpdSpec) -> Frame:
    """The frame with any integer of 16 bits beyond an end in place of each that lies at the end."""
    top = (1 << BITS - 1) - 1
    words = []
    formats = _formats(spec)
    for i, word in enumerate(theta_words(spec)):
        fmt = formats[i % len(formats)]
        if word == fmt.max:
            word = int(rng.integers(fmt.max, top + 1))
        elif word == fmt.min:
            word = int(rng.integers(-top - 1, fmt.min + 1))
        words.append(word)
    return frame(pack(words, BITS, 1))


def _formats(spec: FpdSpec) -> list[Format]:
    """Of a layer's integers, in order."""
    scales = [getattr(spec.formats, name) for name in SCALES]
    return scales + [spec.cosine_output] * len(spec.layers[0].cosine)


def _drawn(rng: np.random.Generator, spec: FpdSpec, layer: FpdLayer) -> FpdLayer:
    drawn = []
    for i, fmt in enumerate(_formats(spec)):
        low = 0 if i < len(SCALES) else fmt.min
        ends = (fmt.max,) if low == 0 else (fmt.min, fmt.max)
        at_end = rng.random() < 0.2
        drawn.append(int(rng.choice(ends) if at_end else rng.integers(low, fmt.max + 1)))
    scales = dict(zip(SCALES, drawn, strict=False))
    return dataclasses.replace(layer, **scales, cosine=tuple(drawn[len(SCALES) :]))
