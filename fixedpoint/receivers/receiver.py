# SPDX-License-Identifier: Apache-2.0
"""What a program computes from, of a spec's receiver: one of levels, or units of few-bit codes.

Programs take matrices as (G, C, R, N) and samples as (G, B, C, R), C units; a single receiver is
one unit. Real inputs, for the float twin, count the last bits of the integers' formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.registry import network
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.receivers.inputs import check_inputs, split
from fixedpoint.specs.detector import DetectorSpec

FloatArray = NDArray[np.float64]


class Brought(NamedTuple):
    """What a program gets, and the wires of the network that supplies it, if it has one."""

    inputs: Inputs
    network: Any


class Supplier(Protocol):
    """What of `fixedpoint.detectors.definition.Network` a program's inputs need."""

    @property
    def name(self) -> str:
        """Of its wires' layer."""

    def run(
        self, matrices: Mapping[str, IntArray], given: Mapping[str, IntArray], index: IntArray
    ) -> Any:
        """Its wires."""

    def supplied(self, wires: Any) -> dict[str, Any]:
        """What the program gets of them."""


def inputs(
    spec: DetectorSpec,
    h: IntArray,
    y: IntArray,
    index: IntArray,
    checked: bool = False,
    net: Supplier | None = None,
) -> Brought:
    """Of integers h (G, R, N), y (G, B, M), index (G, B).

    net: another view of the network that supplies the program.

    Raises `ValueError` on inputs outside their formats.
    """
    if not checked:
        h, y, index = check_inputs(spec, h, y, index)
    matrices = _by_unit(spec, split(spec, h), 1)
    given = _by_unit(spec, spec.converter.given(y, index), 2)
    net = net or network(spec)
    if net is None:
        return Brought(Inputs(matrices, given, index), None)
    wires = net.run(matrices, given, index)
    return Brought(Inputs(matrices, given, index, net.supplied(wires)), wires)


def observed(spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray, wires: Any) -> Inputs:
    """The same without the network's run, for who knows its wires."""
    given, net = _by_unit(spec, spec.converter.given(y, index), 2), network(spec)
    matrices = _by_unit(spec, split(spec, h), 1)
    return Inputs(matrices, given, index, {} if net is None else net.supplied(wires))


def real_inputs(spec: DetectorSpec, h: FloatArray, y: FloatArray, index: IntArray) -> Brought:
    """Of real H (G, M, N) and samples (G, B, M): clipped where formats and converters clip."""
    matrices = _by_unit(spec, real_matrices(spec, h, index), 1)
    given, net = _by_unit(spec, spec.converter.real(y, index), 2), network(spec)
    if net is None:
        return Brought(Inputs(matrices, given, index), None)
    wires = net.float_twin(h, y, index)
    return Brought(Inputs(matrices, given, index, net.supplied(wires)), wires)


def real_matrices(spec: DetectorSpec, h: FloatArray, index: IntArray) -> dict[str, FloatArray]:
    """The matrices of `spec.parts` from real H, clipped and not rounded."""
    real = spec.brought(h, index)
    return {
        part.name: np.clip(real[part.name] / part.format.step, part.format.min, part.format.max)
        for part in spec.parts
    }


class Matrices(NamedTuple):
    """h: (G, R, N) integers; raised: how many blocks were made with a larger ρ than the spec's."""

    h: IntArray
    raised: int


def matrices(spec: DetectorSpec, h: FloatArray, index: IntArray) -> Matrices:
    """The integers of `spec.parts`, one below the other, from real H (G, M, N)."""
    return Matrices(*spec.quantized(h, index))


def _by_unit(
    spec: DetectorSpec, arrays: Mapping[str, NDArray[Any]], axis: int
) -> dict[str, NDArray[Any]]:
    """The rows of each unit along an axis of their own before that of the rows."""
    if not spec.unit_count:
        return {name: np.expand_dims(array, axis) for name, array in arrays.items()}
    return {name: np.take(array, spec.unit_rows(), axis) for name, array in arrays.items()}
