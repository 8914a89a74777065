# SPDX-License-Identifier: Apache-2.0
"""The spec of FPD-Net's hyper-network in integers, fig. 3 of the HPD/FPD paper.

It replaces the constants θ of an `FpdSpec` by a network on the image [H_c | levels of y_c], one for
each unit and vector: two 3×3 convolutions of stride 2 with padding 1, and two dense layers.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.fpd_tables import FpdTables

HEADS = ("step", "mu2", "mu3", "cosine_step", "quartic_scale", "gaussian_scale", "phi")
"""The tables that read a layer's seven outputs μ₁, μ₂, μ₃, μ₄, η, β, φ, in this order."""

SHARED = ("step", "cosine_step", "quartic_scale", "gaussian_scale", "phi")
"""The heads that give a constant of `FpdFormats`, in its format there."""

AFFINE = ("conv1", "conv2", "dense1", "dense2")
TAPS = 9


@dataclass(frozen=True)
class Affine:
    """One layer: output = requantize(Σ weight·input + bias), exact inside.

    weights: rows of the matrix one after the other, (out, in) of a dense layer, (out, in, 3, 3) of
    a convolution, in `weight`; biases: one for each output, in `bias`, whose point is that of the
    products. An unsigned `output` saturates at 0: that is the ReLU.
    """

    weight: Format
    bias: Format
    output: Format
    weights: tuple[int, ...]
    biases: tuple[int, ...]

    @property
    def shift(self) -> int:
        """Of the requantization from the products' point to the output."""
        return self.bias.frac - self.output.frac

    def faults(self, path: str, inputs: int, frac: int) -> list[str]:
        """What is wrong with a layer of `inputs` products a sum, on inputs q · 2^-frac."""
        found = []
        for name in ("weight", "bias"):
            if not getattr(self, name).signed:
                found.append(f"{path}.{name}.signed: false, true expected")
        if self.bias.frac != frac + self.weight.frac:
            point = frac + self.weight.frac
            found.append(f"{path}.bias.frac: {self.bias.frac}, the products' {point} expected")
        expected = inputs * len(self.biases)
        if len(self.weights) != expected:
            found.append(f"{path}.weights: {len(self.weights)} entries, {expected} expected")
        for name, fmt in (("weights", self.weight), ("biases", self.bias)):
            values = getattr(self, name)
            if not values:
                found.append(f"{path}.{name}: no entries")
            for i, value in enumerate(values):
                if not fmt.min <= value <= fmt.max:
                    found.append(f"{path}.{name}[{i}]: {value} is outside {fmt}")
                    break
        return found


@dataclass(frozen=True)
class HyperSpec:
    """The network, the tables of its outputs, and those of the third penalty at a run-time φ.

    image: format of the pixels, at H's point: H's integers as they are, and the converter's levels
        requantized to it (it has the bits that they need).
    conv1, conv2, dense1: with ReLU; the map is flattened by channel, row, column. dense2: the L·7
        outputs, layer by layer, in the order of `HEADS`; 0.1·net + base of the paper's θ.
    step, …, phi: κ·softplus, softplus (μ₂, μ₃), π·softplus, softplus^¼, softplus^½ and
        1.02 + softplus over dense2's outputs: they are the run-time scales. The steps μ₂η^¼ and
        μ₃√β are products.
    sine, cosine: sin πa and cos πa over the spec's `cosine_address`; reciprocal: 1/(1 + t) over
        t from 0 to 1, for the mantissa of φ − cos πa.
    """

    image: Format
    conv1: Affine
    conv2: Affine
    dense1: Affine
    dense2: Affine
    step: Lookup
    mu2: Lookup
    mu3: Lookup
    cosine_step: Lookup
    quartic_scale: Lookup
    gaussian_scale: Lookup
    phi: Lookup
    sine: Lookup
    cosine: Lookup
    reciprocal: Lookup

    def inputs(self, rows: int, columns: int) -> tuple[int, int, int, int]:
        """Products of a sum of each layer, for a unit of rows × columns."""
        pixels = halved(halved(rows)) * halved(halved(columns + 1))
        first, second, hidden = (
            len(layer.biases) for layer in (self.conv1, self.conv2, self.dense1)
        )
        return TAPS, TAPS * first, pixels * second, hidden

    def wire_size(self, spec: FpdTables, wire: str) -> int:
        """Integers of a wire of one unit: a layer's outputs, maps flattened, or a scale a layer."""
        if wire not in AFFINE:
            return spec.depth
        rows, columns, outputs = spec.unit_size, spec.columns + 1, len(getattr(self, wire).biases)
        pixels = halved(rows) * halved(columns)
        if wire == "conv2":
            pixels = halved(halved(rows)) * halved(halved(columns))
        return outputs * (pixels if wire.startswith("conv") else 1)

    def faults(self, spec: FpdTables) -> list[str]:
        """What is wrong with this network of `spec`, whose own entries have no fault."""
        found = self._network_faults(spec)
        for name in (*HEADS, "sine", "cosine", "reciprocal"):
            table: Lookup = getattr(self, name)
            found += table.faults(f"hyper.{name}")
            if table.output.frac < 0:
                found.append(f"hyper.{name}.output.frac: {table.output.frac} is below 0")
        return found or [*self._head_faults(spec), *self._penalty_faults(spec)]

    def _network_faults(self, spec: FpdTables) -> list[str]:
        h, image, found = spec.formats.h, self.image, []
        if not image.signed or image.frac != h.frac or image.bits < h.bits:
            found.append(f"hyper.image: {image} does not hold {h} at the same point")
        frac = image.frac
        inputs = self.inputs(spec.unit_size, spec.columns)
        for name, size in zip(AFFINE, inputs, strict=True):
            layer: Affine = getattr(self, name)
            found += layer.faults(f"hyper.{name}", size, frac)
            frac = layer.output.frac
            if layer.output.signed != (name == "dense2"):
                expected = "true" if name == "dense2" else "false, which is the ReLU,"
                found.append(f"hyper.{name}.output.signed: {expected} expected")
        outputs, wanted = len(self.dense2.biases), len(HEADS) * spec.depth
        if outputs != wanted:
            found.append(f"hyper.dense2.biases: {outputs} entries, {wanted} expected")
        return found

    def _head_faults(self, spec: FpdTables) -> list[str]:
        found = []
        for name in HEADS:
            head: Lookup = getattr(self, name)
            if head.address != self.dense2.output:
                found.append(f"hyper.{name}.address: {head.address}, {self.dense2.output} expected")
            if name in SHARED and head.output != getattr(spec.formats, name):
                expected = getattr(spec.formats, name)
                found.append(f"hyper.{name}.output: {head.output}, {expected} expected")
            least = (1 << head.output.frac) + 1 if name == "phi" else 0
            if min(head.values) < least:
                why = ": φ would not exceed 1" if name == "phi" else ""
                found.append(
                    f"hyper.{name}.values: the smallest, {min(head.values)}, is below {least}{why}"
                )
        return found

    def _penalty_faults(self, spec: FpdTables) -> list[str]:
        found = []
        for name in ("sine", "cosine"):
            table: Lookup = getattr(self, name)
            if table.address != spec.cosine_address:
                expected = spec.cosine_address
                found.append(f"hyper.{name}.address: {table.address}, {expected} expected")
            if any(abs(value) > 1 << table.output.frac for value in table.values):
                found.append(f"hyper.{name}.values: an entry is outside -1 to 1")
        address, one = self.reciprocal.address, 1 << self.reciprocal.output.frac
        if address.signed or address.frac != address.bits:
            found.append(f"hyper.reciprocal.address: {address} is not from 0 to 1, unsigned")
        if any(not 0 < value <= one for value in self.reciprocal.values):
            found.append("hyper.reciprocal.values: an entry is not within 0 to 1")
        return found


def halved(length: int) -> int:
    """Length after a convolution of stride 2, width 3 and padding 1."""
    return -(-length // 2)
