# SPDX-License-Identifier: Apache-2.0
"""What every view asks of a detector's golden model, by the detector's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fixedpoint import (
    adc,
    admm,
    admm_coverage,
    admm_reach,
    distributed,
    distributed_coverage,
    fpd,
    hpd,
    hyper,
    pgd,
    pgd_coverage,
    prepare,
)
from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.coverage import Events
from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.distributed import FloatArray
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import Format, IntArray
from fixedpoint.fpd_spec import FpdSpec

Wires = Any
"""A dataclass with one array for each wire of a layer."""


class Matrices(NamedTuple):
    """h: (G, R, N) integers; raised: how many blocks were made with a larger ρ than the spec's."""

    h: IntArray
    raised: int


@dataclass(frozen=True)
class Family:
    """The functions of one detector; each takes a spec of its class first.

    run: every wire of every layer on integers h (G, R, N), the parts of the spec one below the
    other, y (G, B, M), index (G, B).
    float_twin: the same of real H (G, M, N) and y, with a `state` in units of the integers' last
    bits.
    wire_formats: of a layer's wires, in the order of computation.
    matrices: real H (G, M, N) at SNR entries (G, B) to the integers h.
    convert: real samples (G, B, M) at SNR entries (G, B) to the integers y; ends: the lowest and
    the highest of these.
    count: events of a run on (y, index); reachable: whether any legal input can cause one.
    """

    run: Callable[[Any, IntArray, IntArray, IntArray], list[Wires]]
    float_twin: Callable[..., list[Any]]
    wire_formats: Callable[[Any], dict[str, Format]]
    matrices: Callable[[Any, FloatArray, IntArray], Matrices]
    convert: Callable[[Any, Any, IntArray], IntArray]
    ends: Callable[[Any], tuple[int, int]]
    count: Callable[[Any, IntArray, IntArray, list[Wires]], Events]
    reachable: Callable[[Any, str], bool]


ADC, FRONT = "adc", "front"


def _estimated(spec: DetectorSpec, h: FloatArray, index: IntArray) -> Matrices:
    return Matrices(adc.estimate(h, spec), 0)


def _prepared(spec: AdmmSpec, h: FloatArray, index: IntArray) -> Matrices:
    made = prepare.prepare(spec, h, index)
    return Matrices(prepare.quantize(spec, made), int(np.count_nonzero(made.doublings)))


FAMILIES: Mapping[str, Family] = {
    "pgd": Family(
        run=pgd.run,
        float_twin=pgd.float_twin,
        wire_formats=pgd.wire_formats,
        matrices=_estimated,
        convert=lambda spec, y, index: adc.sample(y, spec),
        ends=lambda spec: (-spec.adc.highest, spec.adc.highest),
        count=pgd_coverage.count,
        reachable=pgd_coverage.reachable,
    ),
    "admm": Family(
        run=admm.run,
        float_twin=admm.float_twin,
        wire_formats=admm.wire_formats,
        matrices=_prepared,
        convert=lambda spec, y, index: adc.sample(y, spec),
        ends=lambda spec: (-spec.adc.highest, spec.adc.highest),
        count=admm_coverage.count,
        reachable=admm_reach.reachable,
    ),
    "hpd": Family(
        run=hpd.run,
        float_twin=hpd.float_twin,
        wire_formats=hpd.wire_formats,
        matrices=_estimated,
        convert=lambda spec, y, index: spec.adc.convert(y, index),
        ends=lambda spec: (0, spec.adc.code.max),
        count=distributed_coverage.count,
        reachable=distributed_coverage.reachable,
    ),
    "fpd": Family(
        run=fpd.run,
        float_twin=fpd.float_twin,
        wire_formats=fpd.wire_formats,
        matrices=_estimated,
        convert=lambda spec, y, index: spec.adc.convert(y, index),
        ends=lambda spec: (0, spec.adc.code.max),
        count=distributed_coverage.count,
        reachable=distributed_coverage.reachable,
    ),
}


def family(spec: DetectorSpec) -> Family:
    """The golden model of a spec's detector."""
    return FAMILIES[spec.detector]


def run(spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray) -> list[Wires]:
    """Every layer in turn, as `layer_formats` names them.

    Raises `ValueError` on inputs outside their formats.
    """
    layers = family(spec).run(spec, h, y, index)
    if isinstance(spec, DistributedSpec):
        return [distributed.converted(spec, y, index), *layers]
    return layers


def float_twin(spec: DetectorSpec, h: FloatArray, y: FloatArray, index: IntArray) -> list[Any]:
    """The float twin's layers in the same order; a converter is its own twin."""
    layers = family(spec).float_twin(spec, h, y, index)
    if isinstance(spec, DistributedSpec):
        return [distributed.converted(spec, spec.adc.convert(y, index), index), *layers]
    return layers


def layer_formats(spec: DetectorSpec) -> dict[str, dict[str, Format]]:
    """The wires of each layer with their formats: `pgd1` → `accumulator` → …, in order.

    ADMM-Net's front end, `front`, comes before `admm1`; the converter, `adc`, first where units
    have few bits; `hyper` before `fpd1` where FPD-Net has its hyper-network.
    """
    formats = family(spec).wire_formats(spec)
    layers = {f"{spec.detector}{k}": formats for k in range(1, spec.depth + 1)}
    if isinstance(spec, AdmmSpec):
        layers = {FRONT: admm.front_formats(spec)} | layers
    if isinstance(spec, FpdSpec) and spec.hyper is not None:
        layers = {"hyper": hyper.wire_formats(spec, spec.hyper)} | layers
    if isinstance(spec, DistributedSpec):
        layers = {ADC: distributed.adc_formats(spec)} | layers
    return layers


def wire_shape(spec: DetectorSpec, layer: str, wire: str) -> tuple[int, ...]:
    """The shape of a layer's wire for one vector: units first where each has its own."""
    if wire == "bits":
        return (spec.columns, spec.constellation.bits)
    by_rows = wire in ("accumulator", "residual", "low", "up")
    if not isinstance(spec, DistributedSpec):
        return (spec.rows if by_rows else spec.columns,)
    if isinstance(spec, FpdSpec) and spec.hyper is not None and layer == "hyper":
        return (spec.units, spec.hyper.wire_size(spec, wire))
    if wire in ("pull", "state", "extrapolated"):
        return (spec.columns,)
    return (spec.units, spec.unit_size if by_rows else spec.columns)


def named(spec: DetectorSpec, layers: list[Wires]) -> dict[str, IntArray]:
    """The wires of these layers, the first ones of a run, by name: `pgd3.residual` and so on."""
    found = layer_formats(spec).items()
    return {
        f"{layer}.{wire}": getattr(wires, wire)
        for (layer, formats), wires in zip(found, layers, strict=False)
        for wire in formats
    }


def count(spec: DetectorSpec, y: IntArray, index: IntArray, wires: list[Wires]) -> Events:
    """How often each event happened, SNR entries included."""
    layers = wires[1:] if isinstance(spec, DistributedSpec) else wires
    events = family(spec).count(spec, y, index, layers)
    return events | {f"snr index {i}": int(np.sum(index == i)) for i in range(len(spec.snr))}


def missed(spec: DetectorSpec, events: Mapping[str, int]) -> list[str]:
    """The reachable events that did not happen."""
    reachable = family(spec).reachable
    return [
        name
        for name, times in events.items()
        if times == 0 and (name.startswith("snr index") or reachable(spec, name))
    ]
