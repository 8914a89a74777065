# SPDX-License-Identifier: Apache-2.0
"""What a program computes from, of a spec's receiver: one of levels, or units of few-bit codes.

Programs take matrices as (G, C, R, N) and samples as (G, B, C, R), C units; a single receiver is
one unit. Real inputs, for the float twin, count the last bits of the integers' formats.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint import adc, hyper, prepare
from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import IntArray
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hyper import HyperTwin, HyperWires
from fixedpoint.inputs import check_inputs, split
from fixedpoint.pgd_spec import PgdSpec
from fixedpoint.program.interpret import Inputs

FloatArray = NDArray[np.float64]
Named = dict[str, Any]


def convert(spec: DetectorSpec, y: ArrayLike, index: IntArray) -> IntArray:
    """Real samples (G, B, M) at SNR entries (G, B) to the converters' levels or codes."""
    if isinstance(spec, DistributedSpec):
        return spec.adc.convert(y, index)
    return adc.sample(y, _levels(spec))


def ends(spec: DetectorSpec) -> tuple[int, int]:
    """The lowest and the highest of these."""
    if isinstance(spec, DistributedSpec):
        return 0, spec.adc.code.max
    highest = _levels(spec).adc.highest
    return -highest, highest


def _levels(spec: DetectorSpec) -> PgdSpec | AdmmSpec:
    """A receiver whose converter gives levels."""
    assert isinstance(spec, PgdSpec | AdmmSpec)
    return spec


def inputs(
    spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray, checked: bool = False
) -> tuple[Inputs, HyperWires | None]:
    """Of integers h (G, R, N), y (G, B, M), index (G, B); with the hyper-network's wires, if any.

    Raises `ValueError` on inputs outside their formats.
    """
    if not checked:
        h, y, index = check_inputs(spec, h, y, index)
    matrices = {name: _units(spec, part, 1) for name, part in split(spec, h).items()}
    seen, network = observed(spec, y, index, None), None
    if isinstance(spec, FpdSpec) and spec.hyper is not None:
        network = hyper.run(spec, spec.hyper, matrices["h"], seen.given["y"], index)
    return Inputs(matrices, seen.given, index, _scales(network)), network


def observed(
    spec: DetectorSpec, y: IntArray, index: IntArray, network: HyperWires | None
) -> Inputs:
    """The same without matrices, for who knows the products with them."""
    given = {name: _units(spec, q, 2) for name, q in samples(spec, y, index).items()}
    return Inputs({}, given, index, _scales(network))


def real_inputs(
    spec: DetectorSpec, h: FloatArray, y: FloatArray, index: IntArray
) -> tuple[Inputs, HyperTwin | None]:
    """Of real H (G, M, N) and samples (G, B, M): clipped where formats and converters clip."""
    matrices = {n: _units(spec, part, 1) for n, part in real_matrices(spec, h, index).items()}
    if isinstance(spec, DistributedSpec):
        named = samples(spec, spec.adc.convert(y, index), index)
    else:
        lowest, highest = ends(spec)
        named = {"y": np.clip(y * 2.0**spec.y_format.frac, lowest, highest)}
    network = None
    if isinstance(spec, FpdSpec) and spec.hyper is not None:
        network = hyper.float_twin(spec, spec.hyper, h, y, index)
    given = {name: _units(spec, x, 2) for name, x in named.items()}
    return Inputs(matrices, given, index, _scales(network)), network


def samples(spec: DetectorSpec, y: IntArray, index: IntArray) -> dict[str, IntArray]:
    """y, and of a code the thresholds q_low and q_up around it, (G, B, M) each."""
    if not isinstance(spec, DistributedSpec):
        return {"y": y}
    low, up = spec.adc.cells(y, index)
    return {"y": y, "low": low, "up": up}


def real_matrices(spec: DetectorSpec, h: FloatArray, index: IntArray) -> dict[str, FloatArray]:
    """The matrices of `spec.parts` from real H, clipped and not rounded."""
    real = {"h": h}
    if isinstance(spec, AdmmSpec):
        made = prepare.prepare(spec, h, index)
        real = {"f": made.f.transpose(0, 2, 1), "p": made.p}
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
    if isinstance(spec, AdmmSpec):
        made = prepare.prepare(spec, h, index)
        return Matrices(prepare.quantize(spec, made), int(np.count_nonzero(made.doublings)))
    return Matrices(adc.estimate(h, spec), 0)


def _units(spec: DetectorSpec, array: NDArray[Any], axis: int) -> NDArray[Any]:
    """The rows of each unit along an axis of their own before that of the rows."""
    if isinstance(spec, DistributedSpec):
        return np.take(array, spec.unit_rows(), axis)
    return np.expand_dims(array, axis)


def _scales(network: HyperWires | HyperTwin | None) -> Named:
    if network is None:
        return {}
    if isinstance(network, HyperTwin):
        return dict(network.scales)
    return {name: getattr(network, name) for name in hyper.Scales._fields}
