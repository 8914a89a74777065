# SPDX-License-Identifier: Apache-2.0
"""FPD-Net's hyper-network in integers: θ of every unit, vector and layer from [H_c | y_c].

It stands beside the program, which it supplies with θ. Its outputs are read through tables that
give the run-time scales of the layers themselves, so that neither a root nor an exponential is
taken at run time. Shapes: G blocks of B vectors, C units, L layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fixedpoint.detectors import hyper
from fixedpoint.detectors.hyper import FloatArray
from fixedpoint.numbers.format import Format, IntArray, integers
from fixedpoint.numbers.requantize import requantize
from fixedpoint.program.coverage import Events
from fixedpoint.program.views.interpret import Wires
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import THETA
from fixedpoint.specs.hyper import AFFINE, HEADS, HyperSpec
from fixedpoint.specs.hyper_widths import HyperShifts

PRODUCTS = ("quartic_step", "gaussian_step")


@dataclass(frozen=True)
class HyperNetwork:
    """The network of a spec; see `fixedpoint.detectors.definition.Network`."""

    spec: FpdSpec
    hyper: HyperSpec
    name: str = "hyper"

    @classmethod
    def of(cls, spec: FpdSpec) -> HyperNetwork | None:
        """That of a spec, if it has one."""
        return None if spec.hyper is None else cls(spec, spec.hyper)

    @property
    def formats(self) -> dict[str, Format]:
        """The format of each wire, in the order of computation.

        conv1, conv2 (G, B, C, channels·pixels), flattened by channel, row, column; dense1; dense2
        (G, B, C, 7·L), layer by layer; then the scales of all layers, (G, B, C, L) each.
        """
        outputs = {name: getattr(self.hyper, name).output for name in AFFINE}
        return outputs | {name: getattr(self.spec.formats, name) for name in THETA}

    def shape(self, wire: str) -> tuple[int, ...]:
        """Of a wire for one vector."""
        return self.spec.units, self.hyper.wire_size(self.spec, wire)

    def run(
        self, matrices: Mapping[str, IntArray], given: Mapping[str, IntArray], index: IntArray
    ) -> Wires:
        """Its wires, by the matrices (G, C, R, N) and samples (G, B, C, R) of each unit."""
        spec, net = self.spec, self.hyper
        shifts = HyperShifts.of(spec, net)
        levels = requantize(spec.adc.level_of(given["y"], index), shifts.level, net.image)
        h = integers("h", matrices["h"])
        layers = hyper.network(net, h, levels, np.int64, hyper.rounded)
        raw = layers[-1].reshape(*index.shape, spec.units, spec.depth, len(HEADS))
        read = {name: getattr(net, name).read(raw[..., i], net.dense2.output.frac)
                for i, name in enumerate(HEADS)}  # fmt: skip

        def product(step: str, exact: IntArray) -> IntArray:
            return requantize(exact, getattr(shifts, step), getattr(spec.formats, step))

        made = dict(zip(AFFINE, layers, strict=True))
        return Wires(**made, **hyper.scales(read, product))

    def float_twin(self, h: FloatArray, y: FloatArray, index: IntArray) -> Wires:
        """The scales by the same weights and clipping, true functions for tables, no rounding.

        h (G, M, N), clipped where H's format clips; y (G, B, M), through the spec's converters.
        """
        spec, net = self.spec, self.hyper
        image, shifts, rows = net.image, HyperShifts.of(spec, net), spec.unit_rows()
        h = np.clip(h / image.step, spec.formats.h.min, spec.formats.h.max)[:, rows]
        codes = spec.adc.convert(y, index)[:, :, rows]
        levels = spec.adc.level.value(spec.adc.level_of(codes, index)) / image.step
        levels = np.clip(levels, image.min, image.max)
        layers = hyper.network(net, h, levels, np.float64, hyper.clipped)
        raw = layers[-1].reshape(*index.shape, spec.units, spec.depth, len(HEADS))
        read, kappa = {}, float(spec.formats.kappa.value(spec.kappa))
        for i, (name, function) in enumerate(hyper.heads(kappa).items()):
            output = getattr(net, name).output
            value = function(raw[..., i] * net.dense2.output.step) / output.step
            read[name] = np.clip(value, output.min, output.max)

        def product(step: str, exact: FloatArray) -> FloatArray:
            largest = getattr(spec.formats, step).max
            found: FloatArray = np.clip(exact * 2.0 ** -getattr(shifts, step), -largest, largest)
            return found

        return Wires(**hyper.scales(read, product))

    def supplied(self, wires: Wires) -> dict[str, Any]:
        """What the program gets of them, (G, B, C, L) each."""
        return {name: getattr(wires, name) for name in THETA}

    def count(self, wires: Mapping[str, IntArray]) -> Events:
        """How often each event happened, by its wires' names.

        An output at an end of its format counts as saturated there: for a ReLU's lower end that is
        0.
        """
        events: Events = {}
        for name in (*AFFINE, *PRODUCTS):
            q, target = wires[name], self.formats[name]
            events[f"{self.name}.{name} saturated high"] = int(np.sum(q == target.max))
            if name in AFFINE:
                events[f"{self.name}.{name} saturated low"] = int(np.sum(q == target.min))
        return events
