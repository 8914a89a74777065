# SPDX-License-Identifier: Apache-2.0
"""What a spec's wires and matrices reach on calibration draws: the float twin, not yet clipped."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors import reformat
from fixedpoint.detectors.registry import definition
from fixedpoint.numbers.adc import Levels
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.trace import traced
from fixedpoint.program.values import Rounded, Value
from fixedpoint.program.views import twin
from fixedpoint.program.views.interpret import Layer, layers
from fixedpoint.receivers import receiver
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support import schema

FloatArray = NDArray[np.float64]
END = 1 - 1e-5
"""The share of values that a range holds; what lies beyond saturates, as a converter does."""


def of(
    spec: DetectorSpec, h: FloatArray, y: FloatArray, index: IntArray
) -> dict[str, tuple[float, float]]:
    """The magnitude at `END` and the largest one, real, of each format that wires or matrices have.

    h (G, M, N), y (G, B, M), index (G, B): calibration draws. A format that several wires share has
    the most of all.
    """
    own = _own_formats(spec)
    names = {id(fmt): name for name, fmt in reformat.formats(own).items()}
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def rule(value: Value, layer: Layer) -> Any:
        if isinstance(value, Rounded) and id(value.target) in names:
            reached = np.abs(layer[value.of]) * 2.0**-value.of.frac
            found[names[id(value.target)]].append(_ends(reached))
        return twin.operation(value, layer)

    made = traced(definition(own).define, own)
    for _ in layers(made, receiver.real_inputs(own, h, y, index).inputs, rule):
        pass
    matrices = own.prepare(h, index)[0]
    for part in own.parts:
        found[names[id(part.format)]].append(_ends(np.abs(matrices[part.name])))
    if isinstance(own.converter, Levels):
        found["y"].append(_ends(np.abs(y)))
    return {name: (max(a for a, _ in each), max(b for _, b in each))
            for name, each in found.items()}  # fmt: skip


def _ends(magnitudes: FloatArray) -> tuple[float, float]:
    return float(np.quantile(magnitudes, END)), float(magnitudes.max())


def _own_formats(spec: DetectorSpec) -> DetectorSpec:
    """The spec with a `Format` of its own for each name, so that a wire's tells the name."""
    faults: list[str] = []
    data: Mapping[str, Any] = json.loads(json.dumps(schema.encode(spec)))
    made = schema.decode(type(spec), data, "", faults)
    if made is None or faults:
        raise schema.SpecError(f"spec {spec.name}", faults)
    return made
