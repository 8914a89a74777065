# SPDX-License-Identifier: Apache-2.0
"""A detector of one's own: orthogonal AMP in two stored products, its denoiser a table.

With W = (HᵀH + ρI)⁻¹, a block brings F = W·Hᵀ and P = ρW = I − F·H, so that the linear estimate
around d, F·(y − H·d) + d, is x = x₀ + P·d with x₀ = F·y. From d = 0,

    r = d + γ(x − d)        z = Σ_m tanh(s(r − m))        d = a·z + b·r

over the decision thresholds m: r is freed of its bias by γ, z is the posterior mean of a symbol in
Gaussian noise, and d is orthogonalized by a and b, which are trained. s follows the SNR.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.own import COLUMNS, ROWS, OwnDetector, Table
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.program.leaves import integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import total
from fixedpoint.specs.prepare import regularized

FloatArray = NDArray[np.float64]


def define(t: Trace, spec: OwnSpec) -> None:
    """The front end and one layer."""
    f = spec.format
    front, p, y = t.matrix("f"), t.matrix("p"), t.given("y", f("y"))
    gamma, a, b = spec.constant("gamma"), spec.constant("a"), spec.constant("b")
    slope, table = spec.bank("slope"), spec.table("tanh")
    with t.once("front"):
        filtered = t.wire("filtered", front.T @ y)
        x0 = t.wire("estimate", filtered.to(f("front")))
    with t.layers():
        d = t.before("denoised", f("denoised"))
        product = t.wire("product", p.T @ d)
        x = t.wire("estimate", (x0 + product).to(f("state")))
        r = t.wire("state", (d + gamma * (x - d)).to(f("state")))
        steps = range(2 - spec.constellation.levels, spec.constellation.levels, 2)
        stairs = [t.read(f"tanh {m}", (r - integer(m)) * slope, table, lambda v, _: np.tanh(v))
                  for m in steps]  # fmt: skip
        z = t.wire("mean", total(*stairs) if len(stairs) > 1 else stairs[0])
        t.wire("denoised", (a * z + b * r).to(f("denoised")))
        t.wire("bits", t.sliced(r))


def prepare(spec: OwnSpec, h: FloatArray, index: IntArray) -> Mapping[str, FloatArray]:
    """Fᵀ and P of blocks, ρ the variance of the noise in one real dimension."""
    energy = spec.constellation.symbol_energy / 2 * spec.columns / spec.rows
    f, p = regularized(h, energy * 10 ** (-spec.snr.snr_db[index] / 10))
    return {"f": f.transpose(0, 2, 1), "p": p}


def _slope(snr_db: FloatArray, layer: int) -> FloatArray:
    """1/variance of r, as the noise and the layers make it smaller."""
    slope: FloatArray = np.minimum(10 ** (snr_db / 25) * (0.25, 0.4, 0.6, 0.9, 1.2)[layer % 5], 7)
    return slope


DETECTOR = OwnDetector(
    define,
    name="oamp",
    matrices={"f": ROWS, "p": COLUMNS},
    prepare=prepare,
    formats={
        "f": Format(11, 8), "p": Format(8, 7), "y": Format(12, 7), "front": Format(10, 6),
        "state": Format(12, 8), "denoised": Format(8, 4), "slope": Format(10, 6),
        "gamma": Format(10, 7), "a": Format(11, 7), "b": Format(11, 7),
    },
    constants={"gamma": 1.3, "a": [1.9, 2.0, 2.0, 2.1, 0.0], "b": [-0.8, -1.0, -1.0, -1.1, 0.0]},
    banks={"slope": _slope},
    tables={"tanh": Table(np.tanh, Format(8, 5), Format(8, 6))},
)  # fmt: skip
