# SPDX-License-Identifier: Apache-2.0
"""PM-Net a second time: one vector, element by element, in rational numbers, from its equations."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from fixedpoint.detectors.own_spec import OwnSpec
from tests.admm_reference import Row, real, rounded, sums


def detect(
    spec: OwnSpec, f_rows: list[Row], p_rows: list[Row], weights: Row, y: Row, index: int
) -> list[dict[str, list[Any]]]:
    """Every wire of the front end and of each layer, as in `fixedpoint.detectors.pm`."""
    f = spec.formats
    filtered = sums(f_rows, y)
    x0 = [rounded(real(q, f["f"], f["y"]), f["front"]) for q in filtered]
    found: list[dict[str, list[Any]]] = [{"filtered": filtered, "estimate": x0}]
    v, z, d = ([0] * spec.columns for _ in range(3))
    for k in range(spec.layers):
        product = sums(p_rows, d)
        columns = [column(spec, k, index, *each)
                   for each in zip(x0, product, v, z, weights, strict=True)]  # fmt: skip
        made = {wire: [c[wire] for c in columns] for wire in columns[0]}
        v, z, d = made["state"], made["stairs"], made["difference"]
        found.append(made)
    return found


def column(
    spec: OwnSpec, k: int, index: int, x0: int, product: int, v_old: int, z_old: int, weight: int
) -> dict[str, Any]:
    """One coordinate of layer k, from 0: x, v, s, z and d in that order."""
    f = spec.formats

    def of(name: str) -> Fraction:
        return real(spec.banks[name][k][index], f[name])

    x = rounded(real(x0, f["front"]) + real(product, f["p"], f["difference"]), f["state"])
    update = (of("c1") * real(x, f["state"]) + of("c3") * real(z_old, f["stairs"])
              + of("c4") * real(v_old, f["state"]))  # fmt: skip
    v = rounded(update, f["state"])
    slope = rounded(of("gain") * real(weight, f["weight"]), f["slope"])
    real_v, real_s = real(v, f["state"]), real(slope, f["slope"])
    levels = spec.constellation.levels
    middles = [2 * n - levels for n in range(1, levels)]
    stairs = sum(min(max(real_s * (real_v - m), Fraction(-1)), Fraction(1)) for m in middles)
    z = rounded(Fraction(stairs), f["stairs"])
    d = rounded(of("a") * real(z, f["stairs"]) + of("b") * real_v, f["difference"])
    position = sum(real_v >= m for m in middles)
    gray = position ^ (position >> 1)
    bits = [(gray >> (spec.constellation.bits - 1 - n)) & 1 for n in range(spec.constellation.bits)]
    return {"product": product, "estimate": x, "state": v, "slope": slope, "stairs": z,
            "difference": d, "bits": bits}  # fmt: skip
