# SPDX-License-Identifier: Apache-2.0
"""The matrices of a coherence block, made once from its H in float64 and quantized.

For ADMM-Net, with H = U·diag(s)·Vᵀ and the ρ of the block's SNR entry,

    F = W·Hᵀ = V·diag(s/(s² + ρ))·Uᵀ        P = ρ·W = I − V·diag(s²/(s² + ρ))·Vᵀ

which need no inverse, so that a singular or ill-conditioned H harms nothing in float64. It can make
entries of F large, up to 1/(2√ρ). **The fallback**: ρ of a block is doubled until every entry of F
fits its format, and how often is counted. That ends, since the bound falls with ρ. An entry of P
beyond the format's end (P = I where H = 0) saturates.

An embedded processor may factor HᵀH + ρI = L·Lᵀ instead: `operations` counts what that takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.bank import check_blocks
from fixedpoint.numbers.format import Format, IntArray, integers
from fixedpoint.specs.soft import LEAST_SHARE

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """F and P of G blocks as real values, not yet quantized.

    f: (G, N, M); p: (G, N, N), symmetric; rho: (G,), the one that was used; doublings: (G,), how
    often the spec's own was doubled.
    """

    f: FloatArray
    p: FloatArray
    rho: FloatArray
    doublings: IntArray


def prepare(front: Format, bank: FloatArray, h: FloatArray, index: IntArray) -> Prepared:
    """The matrices of each block.

    Args:
        front: the format of an entry of F.
        bank: ρ of each SNR entry.
        h: real-valued channels (G, M, N), eq. (2) of the KAQ paper.
        index: (G, B), the SNR entries of the vectors.

    Raises `ValueError` on NaN or infinity, and on a block with two SNR entries.
    """
    index = checked(h, index)
    rho = bank[index[:, 0]]
    u, s, vt = np.linalg.svd(h, full_matrices=False)
    doublings = np.zeros(len(h), dtype=np.int64)
    f = _front(u, s, vt, rho)
    while len(wide := np.flatnonzero(~_fits(front, f))):
        doublings[wide] += 1
        rho[wide] *= 2
        f[wide] = _front(u[wide], s[wide], vt[wide], rho[wide])
    return Prepared(f, _penalty(s, vt, rho), rho, doublings)


def checked(h: FloatArray, index: IntArray) -> IntArray:
    """The entries as int64. Raises as `prepare`."""
    if not np.all(np.isfinite(h)):
        raise ValueError("H holds NaN or infinity, finite numbers were expected")
    index = integers("index", index)
    check_blocks(index)
    return index


def regularized(h: FloatArray, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
    """F (G, N, M) and P (G, N, N) of real H (G, M, N), as they are, with the ρ of each block (G,).

    For a detector of one's own that is made of the same products.
    """
    u, s, vt = np.linalg.svd(h, full_matrices=False)
    return _front(u, s, vt, rho), _penalty(s, vt, rho)


def inverse_share(p: FloatArray) -> FloatArray:
    """(1 − P_ii)/P_ii of each stream, (G, N), P_ii of P (G, N, N) no less than 1/64.

    P_ii is the share of a symbol's power that one linear step leaves as an error, so that this is
    the ratio of signal to what disturbs it, the weight of its soft bits.
    """
    share = np.maximum(np.diagonal(p, axis1=1, axis2=2), LEAST_SHARE)
    found: FloatArray = (1 - share) / share
    return found


def _front(u: FloatArray, s: FloatArray, vt: FloatArray, rho: FloatArray) -> FloatArray:
    """V·diag(1/(s + ρ/s))·Uᵀ: s² of a huge or tiny H would be no float64, s = 0 gives 0."""
    with np.errstate(divide="ignore", over="ignore"):
        gain = 1 / (s + rho[:, None] / s)
    found: FloatArray = (vt.transpose(0, 2, 1) * gain[:, None, :]) @ u.transpose(0, 2, 1)
    return found


def _penalty(s: FloatArray, vt: FloatArray, rho: FloatArray) -> FloatArray:
    """I − V·diag(1/(1 + ρ/s²))·Vᵀ, symmetric to the last bit; s may be 0 or infinite."""
    with np.errstate(divide="ignore", over="ignore"):
        share = 1 / (1 + rho[:, None] / s**2)
    p = np.eye(vt.shape[2]) - (vt.transpose(0, 2, 1) * share[:, None, :]) @ vt
    return (p + p.transpose(0, 2, 1)) / 2


def _fits(target: Format, f: FloatArray) -> NDArray[np.bool_]:
    """Whether no entry of a block's F saturates, (G,)."""
    largest = np.abs(f).max(axis=(1, 2))
    fitting: NDArray[np.bool_] = largest < (target.max + 0.5) * target.step
    return fitting


def operations(rows: int, columns: int) -> dict[str, int]:
    """Real multiplications of one block by Cholesky's factorization, M × N real-valued H.

    gram: the lower half of HᵀH; factor: L; inverse: W from L⁻¹; front: F = W·Hᵀ; scale: P = ρ·W.
    Divisions and N square roots are not counted.
    """
    m, n = rows, columns
    triangle = n * (n + 1) // 2
    return {
        "gram": triangle * m,
        "factor": n * (n * n - 1) // 6,
        "inverse": n * (n * n - 1) // 6 + n * (n + 1) * (n + 2) // 6,
        "front": n * n * m,
        "scale": triangle,
    }
