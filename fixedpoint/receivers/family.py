# SPDX-License-Identifier: Apache-2.0
"""A spec's golden model, its float twin, its wires and its events, by its detector's program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.registry import network, program
from fixedpoint.numbers.format import Format, IntArray, integers
from fixedpoint.program.coverage import Events
from fixedpoint.program.values import Sliced
from fixedpoint.program.views import events as events_of
from fixedpoint.program.views import golden, reach, twin
from fixedpoint.program.views.interpret import Wires as Wires
from fixedpoint.receivers import receiver
from fixedpoint.specs.detector import DetectorSpec

FloatArray = NDArray[np.float64]
ADC, FRONT, HYPER = "adc", "front", "hyper"


def run(spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray) -> list[Wires]:
    """Every layer in turn, as `layer_formats` names them.

    h (G, R, N) holds the parts of the spec one below the other; y (G, B, M) the converters' levels
    or codes, index (G, B) the SNR entries. Raises `ValueError` on inputs outside their
    formats, and on a block with two SNR entries where matrices are made for one.
    """
    brought = receiver.inputs(spec, h, y, index)
    return _in_order(spec, dict(golden.run(program(spec), brought.inputs)), brought.network)


def float_twin(spec: DetectorSpec, h: FloatArray, y: FloatArray, index: IntArray) -> list[Any]:
    """The float twin's layers in the same order, on real H (G, M, N) and y (G, B, M).

    Values count the integers' last bits.
    """
    brought = receiver.real_inputs(spec, h, y, index)
    return _in_order(spec, dict(twin.run(program(spec), brought.inputs)), brought.network)


def _in_order(spec: DetectorSpec, layers: dict[str, Wires], wires: Any) -> list[Wires]:
    """wires: of the network beside the program, if there is one."""
    net = network(spec)
    if net is not None:
        layers[net.name] = wires
    return [layers[name] for name in layer_formats(spec)]


def layer_formats(spec: DetectorSpec) -> dict[str, dict[str, Format]]:
    """The wires of each layer with their formats: layer → wire → format, in order.

    Stages that run once come first: the converter, `adc`, where units have few bits; the front end
    of stored matrices, `front`; `hyper`, a hyper-network.
    """
    parts = program(spec).parts
    layers = {part.name: dict(part.formats) for _, part, _ in parts if part.name}
    net = network(spec)
    if net is not None:
        layers[net.name] = net.formats
    return layers | {name: dict(part.formats) for name, part, _ in parts if not part.name}


def wire_formats(spec: DetectorSpec) -> dict[str, Format]:
    """The format of each wire of a layer, in the order of computation.

    Exact sums of products have their derived widths. A code counts steps Δ of its layer, an exact
    product of codes those of the layer before.
    """
    return dict(program(spec).layer.formats)


def wire_shape(spec: DetectorSpec, layer: str, wire: str) -> tuple[int, ...]:
    """The shape of a layer's wire for one vector: units first where each has its own."""
    made = program(spec)
    net = network(spec)
    if net is not None and layer == net.name:
        return net.shape(wire)
    part = next(part for name, part, _ in made.parts if name == layer)
    value = part.wires[wire]
    size = spec.columns if value.domain.axis == "column" else made.unit_size
    shape = (made.units, size) if value.domain.unit else (size,)
    return (*shape, spec.constellation.bits) if isinstance(value, Sliced) else shape


def named(spec: DetectorSpec, layers: Sequence[Any]) -> dict[str, IntArray]:
    """The wires of these layers, the first ones of a run, by name: `LAYER.WIRE`."""
    found = layer_formats(spec).items()
    return {
        f"{layer}.{wire}": getattr(wires, wire)
        for (layer, formats), wires in zip(found, layers, strict=False)
        for wire in formats
    }


def count(
    spec: DetectorSpec, h: IntArray, y: IntArray, index: IntArray, wires: Sequence[Wires]
) -> Events:
    """How often each event of a run on (h, y, index) happened, SNR entries included."""
    h, y, index = integers("h", h), integers("y", y), integers("index", index)
    found = dict(zip(layer_formats(spec), map(_widened, wires), strict=True))
    events: Events = {}
    if not spec.y_format.signed:
        events |= {f"adc code {c}": int(np.sum(y == c)) for c in range(spec.y_format.max + 1)}
    net, made, beside = network(spec), program(spec), None
    if net is not None:
        beside = Wires(**found.pop(net.name))
        events |= net.count(vars(beside))
    rule = events_of.by_wires(made, found)
    events |= events_of.count(made, receiver.observed(spec, h, y, index, beside), rule)
    return events | {f"snr index {i}": int(np.sum(index == i)) for i in range(len(spec.snr))}


def _widened(wires: Wires) -> dict[str, IntArray]:
    """The wires of a layer as int64, of whatever integer type another view gives them."""
    return {name: integers(name, q) for name, q in vars(wires).items()}


def missed(spec: DetectorSpec, events: Mapping[str, int]) -> list[str]:
    """The reachable events that did not happen."""
    return [
        name
        for name, times in events.items()
        if times == 0 and (name.startswith("snr index") or reachable(spec, name))
    ]


def reachable(spec: DetectorSpec, event: str) -> bool:
    """Whether any legal input of a spec can cause an event of its program."""
    return reach.reachable(program(spec), event)
