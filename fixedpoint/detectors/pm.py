# SPDX-License-Identifier: Apache-2.0
"""Posterior means by a staircase: ADMM's products, and a prox whose slope each stream has.

A block brings F = (HᵀH + ρI)⁻¹Hᵀ, P = ρ(HᵀH + ρI)⁻¹ with ρ = 1.02σ², and, a number each column,
its weight w = (1 − P_ii)/P_ii. With x₀ = F·y, and d = v = z = 0 before the first layer,

    x = x₀ + P·d        v = c₁x + c₃z + c₄v        z = Σ_m clip(s(v − m), ±1),  s = g·w
    d = a·z + b·v

over the decision thresholds m of the constellation. Without noise in the estimate the posterior
mean of a symbol is the slicer's staircase; the less is known of a stream, the flatter its steps.
g, a, b and the c are trained for each layer and SNR. `state`, v, is what enters the last staircase:
bits are decided on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.own import COLUMNS, ONE, ROWS, OwnDetector
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.program.leaves import integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import total
from fixedpoint.specs.prepare import inverse_share, regularized

FloatArray = NDArray[np.float64]
RIDGE = 1.02
"""ρ over the variance of the noise in one real dimension."""


def define(t: Trace, spec: Any) -> None:
    """The front end and one layer, of an `OwnSpec`."""
    f = spec.format
    front, p, y, weight = t.matrix("f"), t.matrix("p"), t.given("y", f("y")), t.brought("weight")
    c1, c3, c4 = spec.bank("c1"), spec.bank("c3"), spec.bank("c4")
    a, b, gain = spec.bank("a"), spec.bank("b"), spec.bank("gain")
    with t.once("front"):
        filtered = t.wire("filtered", front.T @ y)
        x0 = t.wire("estimate", filtered.to(f("front")))
    with t.layers():
        v, z = t.before("state", f("state")), t.before("stairs", f("stairs"))
        product = t.wire("product", p.T @ t.before("difference", f("difference")))
        x = t.wire("estimate", (x0 + product).to(f("state")))
        v = t.wire("state", total(c1 * x, c3 * z, c4 * v).to(f("state")))
        slope = t.wire("slope", (gain * weight).to(f("slope")))
        steep, one = v * slope, integer(1 << f("state").frac + f("slope").frac,
                                        f("state").frac + f("slope").frac)  # fmt: skip
        steps = range(2 - spec.constellation.levels, spec.constellation.levels, 2)
        stairs = [(steep - integer(m << f("state").frac, f("state").frac) * slope).clip(
            one, f"stair {m}") for m in steps]  # fmt: skip
        z = t.wire("stairs", total(*stairs).to(f("stairs")))
        t.wire("difference", (a * z + b * v).to(f("difference")))
        t.wire("bits", t.sliced(v))


def prepare(spec: Any, h: FloatArray, index: IntArray) -> Mapping[str, FloatArray]:
    """Fᵀ, P and the weights of blocks."""
    energy = spec.constellation.symbol_energy / 2 * spec.columns / spec.rows
    rho = RIDGE * energy * 10 ** (-spec.snr.snr_db[index] / 10)
    f, p = regularized(h, rho)
    return {"f": f.transpose(0, 2, 1), "p": p, "weight": inverse_share(p)[:, None]}


def _start(*layers: float) -> Callable[[FloatArray, int], FloatArray]:
    """A bank that starts without following the SNR; further layers start as the last one."""
    return lambda snr_db, k: np.full(len(snr_db), layers[min(k, len(layers) - 1)])


DETECTOR = OwnDetector(
    define,
    name="pm",
    matrices={"f": ROWS, "p": COLUMNS, "weight": ONE},
    prepare=prepare,
    certainty=lambda matrices: inverse_share(matrices["p"]),
    formats={
        "f": Format(11, 8), "p": Format(8, 7), "weight": Format(11, 4), "y": Format(12, 7),
        "front": Format(10, 6), "difference": Format(8, 4), "state": Format(10, 6),
        "stairs": Format(8, 5), "slope": Format(10, 4), "gain": Format(10, 9),
        "c1": Format(11, 7), "c3": Format(11, 7), "c4": Format(11, 7), "a": Format(11, 7),
        "b": Format(11, 7),
    },
    banks={
        "c1": _start(1.31, 1.69, 1.66, 1.36, 1.19), "c3": _start(0, -0.66, -0.92, -0.82, -0.62),
        "c4": _start(0, 0.12, 0.32, 0.50, 0.43), "a": _start(2.15, 2.46, 2.47, 2.90),
        "b": _start(-1.21, -1.44, -1.51, -1.92), "gain": _start(0.21, 0.29, 0.39, 0.57, 0.79),
    },
)  # fmt: skip
