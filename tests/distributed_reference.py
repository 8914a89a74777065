# SPDX-License-Identifier: Apache-2.0
"""HPD and FPD-Net by the letter of Algorithms 1 and 2: one vector, unit by unit, row by row.

The same loops run in two arithmetics: `Exact`, rational numbers rounded to the spec's formats and
read through its tables, is a second opinion on the golden model; `Real`, floats with the true
functions and the clipping alone, one on its float twin.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from math import floor
from typing import Any

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec


class Exact:
    """Rational numbers; what a wire stores is rounded half up and saturated."""

    def __init__(self, spec: HpdSpec | FpdSpec) -> None:
        self.spec = spec
        self.mean = self.number(spec.mean, spec.formats.mean)

    def number(self, q: int, fmt: Format) -> Fraction:
        return Fraction(q) / Fraction(2) ** fmt.frac

    def store(self, value: Fraction, fmt: Format) -> Fraction:
        q = floor(value * Fraction(2) ** fmt.frac + Fraction(1, 2))
        return self.number(max(fmt.min, min(fmt.max, q)), fmt)

    def read(self, table: Lookup, value: Fraction) -> Fraction:
        at = self.store(value, table.address) * Fraction(2) ** table.address.frac
        return self.number(table.values[int(at) - table.address.min], table.output)

    def sigmoid(self, distance: Fraction) -> Fraction:
        return self.read(self.spec.sigmoid, distance)

    def pull(self, distance: Fraction) -> Fraction:
        return self.read(self.spec.pull, distance)

    def quartic(self, v: Fraction) -> Fraction:
        return self.read(self.spec.quartic, v)

    def gaussian(self, v: Fraction) -> Fraction:
        return self.read(self.spec.gaussian, v)

    def third(self, layer: int, distance: Fraction) -> Fraction:
        table = Lookup(
            self.spec.cosine_address, self.spec.cosine_output, self.spec.layers[layer].cosine
        )
        return self.read(table, distance)


class Real:
    """Floats; what a wire stores is clipped where its format ends."""

    def __init__(self, spec: HpdSpec | FpdSpec) -> None:
        self.spec = spec
        self.mean = 1 / spec.units
        self.kappa = spec.kappa / 2**spec.formats.kappa.frac

    def number(self, q: int, fmt: Format) -> float:
        return q / 2**fmt.frac

    def store(self, value: float, fmt: Format) -> float:
        limit = fmt.max / 2**fmt.frac
        return max(-limit, min(limit, value))

    def sigmoid(self, distance: float) -> float:
        return 1 / (1 + math.exp(-self.kappa * distance))

    def pull(self, distance: float) -> float:
        eta = self.spec.eta / 2**self.spec.formats.eta.frac
        around = [distance - j for j in (-2, 0, 2)]
        return sum(4 * eta * a**3 / (eta * a**4 + 1) ** 2 for a in around)

    def quartic(self, v: float) -> float:
        return 4 * v**3 / (v**4 + 1) ** 2

    def gaussian(self, v: float) -> float:
        return 2 * v * math.exp(-v * v)

    def third(self, layer: int, distance: float) -> float:
        phi = self.spec.layers[layer].phi / 2**self.spec.formats.phi.frac
        d = distance + 1  # any point of the grid: all of them are odd
        return math.sin(math.pi * d) / (math.cos(math.pi * d) + phi)


def antennas_of(spec: HpdSpec | FpdSpec, unit: int) -> range:
    each = spec.rows // 2 // spec.units
    return range(unit * each, (unit + 1) * each)


def gray(bits: int) -> list[list[int]]:
    """The reflected code: each half is the other one backwards under another first bit."""
    if bits == 0:
        return [[]]
    half = gray(bits - 1)
    return [[0, *word] for word in half] + [[1, *word] for word in reversed(half)]


class Vector:
    """One received vector: real entries h[m][n] of H, codes[m], and its SNR entry.

    `layers` runs the detector and yields a dictionary of wires a layer, real values.
    """

    def __init__(self, numbers: Exact | Real, h: list[list[Any]], codes: list[int], index: int):
        self.numbers, self.spec = numbers, numbers.spec
        self.h, self.codes = h, codes
        self.thresholds = self.spec.adc.thresholds[index]
        grid = self.spec.modulation
        self.peak = {"qpsk": 1, "16qam": 3, "64qam": 7}[grid]
        self.grid = list(range(-self.peak, self.peak + 1, 2))

    def layers(self) -> list[dict[str, Any]]:
        columns = range(self.spec.columns)
        s, z, found = [0 for _ in columns], [0 for _ in columns], []
        for k in range(len(self.spec.momentum)):
            units = [self.unit(k, c, z) for c in range(self.spec.units)]
            wires = {name: [unit[name] for unit in units] for name in units[0]}
            before, s, z = s, *self.fusion(k, wires["estimate"], s)
            assert len(before) == len(s)
            code = gray(len(self.grid).bit_length() - 1)
            bits = [code[sum(a <= x for a in self.middles())] for x in s]
            found.append(wires | {"state": s, "extrapolated": z, "bits": bits})
        return found

    def middles(self) -> list[int]:
        return [j + 1 for j in self.grid[:-1]]

    def residual(self, code: int, a: Any) -> Any:
        """1 − σ(κ(a − q_up)) − σ(κ(a − q_low)), 0 and 1 at the open thresholds."""
        numbers, fmt = self.numbers, self.spec.adc.threshold
        up, low = 0, 1
        if code < 2**self.spec.adc.bits - 1:
            up = numbers.sigmoid(a - numbers.number(self.thresholds[code], fmt))
        if code > 0:
            low = numbers.sigmoid(a - numbers.number(self.thresholds[code - 1], fmt))
        return 1 - up - low

    def unit(self, k: int, c: int, z: list[Any]) -> dict[str, list[Any]]:
        """What unit c sends in layer k, and its wires on the way."""
        half = self.spec.rows // 2
        rows = [m + part for part, m in product((0, half), antennas_of(self.spec, c))]
        columns = range(self.spec.columns)
        accumulator = [sum(self.h[m][n] * z[n] for n in columns) for m in rows]
        residual = [self.residual(self.codes[m], a) for m, a in zip(rows, accumulator, strict=True)]
        gradient = [
            sum(self.h[m][n] * e for m, e in zip(rows, residual, strict=True)) for n in columns
        ]
        column = self.hpd if isinstance(self.spec, HpdSpec) else self.fpd
        made = [column(k, z[n], gradient[n]) for n in columns]
        wires = {"accumulator": accumulator, "residual": residual, "gradient": gradient}
        return wires | {name: [one[name] for one in made] for name in made[0]}

    def nearest(self, x: Any) -> int:
        return min(self.grid, key=lambda j: (abs(x - j), -j))

    def constant(self, k: int, name: str) -> Any:
        return self.numbers.number(
            getattr(self.spec.layers[k], name), getattr(self.spec.formats, name)
        )

    def project(self, x: Any) -> Any:
        return max(-self.peak, min(self.peak, x))

    def hpd(self, k: int, z: Any, gradient: Any) -> dict[str, Any]:
        """One column of eq. (20)."""
        pull = self.numbers.pull(z - self.nearest(z))
        x = z + self.constant(k, "step") * gradient - self.constant(k, "weight") * pull
        stored = self.numbers.store(x, self.spec.formats.state)
        return {"pull": pull, "estimate": self.project(stored)}

    def fpd(self, k: int, z: Any, gradient: Any) -> dict[str, Any]:
        """One column of eqs. (37) to (40)."""
        numbers, state = self.numbers, self.spec.formats.state
        b = numbers.store(z + self.constant(k, "step") * gradient, state)
        root = self.constant(k, "quartic_scale")
        quartic = sum(numbers.quartic(root * (b - j)) for j in self.grid)
        p = numbers.store(b - self.constant(k, "quartic_step") * quartic, state)
        root = self.constant(k, "gaussian_scale")
        gaussian = sum(numbers.gaussian(root * (p - j)) for j in self.grid)
        d = numbers.store(p - self.constant(k, "gaussian_step") * gaussian, state)
        cosine = numbers.third(k, d - self.nearest(d))
        x = numbers.store(d + self.constant(k, "cosine_step") * cosine, state)
        return {
            "b": b, "quartic": quartic, "p": p, "gaussian": gaussian,
            "d": d, "cosine": cosine, "estimate": self.project(x),
        }  # fmt: skip

    def fusion(self, k: int, x: list[list[Any]], before: list[Any]) -> tuple[list[Any], list[Any]]:
        """Eqs. (22) and (23)."""
        numbers, state = self.numbers, self.spec.formats.state
        momentum = numbers.number(self.spec.momentum[k], self.spec.formats.momentum)
        s = [numbers.store(numbers.mean * sum(column), state) for column in zip(*x, strict=True)]
        z = [numbers.store(a + momentum * (a - b), state) for a, b in zip(s, before, strict=True)]
        return s, z
