# SPDX-License-Identifier: Apache-2.0
"""Many small complex systems (HᴴH + ρI)x = Hᴴy by Cholesky's factorisation, the cost of LMMSE.

LAPACK takes the matrices one by one and is slow at 16×16. Here `LANES` matrices go abreast: entry
(i, j) of all of them lies side by side, `plane[i, j·LANES + lane]`, and inner loops run over lanes.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.detectors.compiled import fused, inlined

FloatArray = NDArray[np.float64]
LANES = 16
PIVOT_RATIO = 8 * np.finfo(np.float64).eps ** 0.5


def ridge_solve(h: Tensor, matched: Tensor, rho: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(HᴴH + ρI)⁻¹ times B vectors of each block.

    Args:
        h: (G, 2nr, 2nt), H in real form.
        matched: (G, B, 2nt), Hᴴy in real form.
        rho: (G,).

    Returns the solutions (G, B, 2nt), the diagonal of the inverse (G, nt), and (G,) whether the
    block is regular: all pivots above 8√eps of the largest. What is returned for another means
    nothing.
    """
    if h.device.type != "cpu" or h.dtype != torch.double:
        return _by_library(h, matched, rho)
    blocks, nt = len(h), h.shape[2] // 2
    x, diagonal = np.empty(matched.shape), np.empty((blocks, nt))
    regular = np.empty(blocks, dtype=bool)
    channel, right, ridge = (part.contiguous().numpy() for part in (h, matched, rho))
    _by_lanes(channel, right, ridge, x, diagonal, regular)
    return torch.from_numpy(x), torch.from_numpy(diagonal), torch.from_numpy(regular)


def _by_library(h: Tensor, matched: Tensor, rho: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`ridge_solve` by torch, for every device and precision."""
    nt = h.shape[2] // 2
    product = h[..., :nt].mT @ h
    product.diagonal(dim1=1, dim2=2).add_(rho.unsqueeze(-1))
    # H̃ = [[Re, −Im], [Im, Re]]: the right half of the product is −Im HᴴH
    gram = torch.complex(product[..., :nt], -product[..., nt:])
    lower, failed = torch.linalg.cholesky_ex(gram)
    pivots = lower.diagonal(dim1=1, dim2=2).real
    ratio = 8 * torch.finfo(h.dtype).eps ** 0.5
    regular = (failed == 0) & (pivots.amin(-1) > ratio * pivots.amax(-1))
    identity = torch.eye(nt, dtype=gram.dtype, device=h.device)
    inverse = torch.linalg.solve_triangular(lower, identity.expand_as(lower), upper=False)
    solution = (torch.complex(*matched.chunk(2, dim=-1)) @ inverse.mT) @ inverse.conj()
    x = torch.cat([solution.real, solution.imag], dim=-1)
    return x, torch.view_as_real(inverse).square().sum(dim=(1, 3)), regular


@fused
def _by_lanes(
    h: FloatArray, matched: FloatArray, rho: FloatArray,
    x: FloatArray, diagonal: FloatArray, regular: NDArray[np.bool_],
) -> None:  # fmt: skip
    """`ridge_solve` into x, `diagonal` and `regular`; the last group repeats its last block."""
    blocks, nr, nt = h.shape[0], h.shape[1] // 2, h.shape[2] // 2
    hr, hi = np.empty((nr, nt * LANES)), np.empty((nr, nt * LANES))
    ar, ai = np.empty((nt, nt * LANES)), np.empty((nt, nt * LANES))
    wr, wi = np.empty((nt, nt * LANES)), np.empty((nt, nt * LANES))
    for first in range(0, blocks, LANES):
        ar[:], ai[:] = 0.0, 0.0
        for lane in range(LANES):
            g = min(first + lane, blocks - 1)
            for n in range(nt):
                ar[n, n * LANES + lane] = rho[g]
            for m in range(nr):
                for n in range(nt):
                    hr[m, n * LANES + lane], hi[m, n * LANES + lane] = h[g, m, n], h[g, nr + m, n]
        _add_gram(hr, hi, ar, ai)
        _factor(ar, ai)
        _invert(ar, ai, wr, wi)
        _solve(wr, wi, matched, first, x)
        for lane in range(min(LANES, blocks - first)):
            least, most, positive = np.inf, 0.0, True
            for j in range(nt):
                pivot, total = wr[j, j * LANES + lane], 0.0
                least, most = min(least, pivot), max(most, pivot)
                positive = positive and 0 < pivot < np.inf  # a failed root is no number
                for i in range(j, nt):
                    total += wr[i, j * LANES + lane] ** 2 + wi[i, j * LANES + lane] ** 2
                diagonal[first + lane, j] = total
            regular[first + lane] = positive and least > PIVOT_RATIO * most


@inlined
def _add_gram(hr: FloatArray, hi: FloatArray, ar: FloatArray, ai: FloatArray) -> None:
    """A += HᴴH, the lower half."""
    for m in range(hr.shape[0]):
        for i in range(ar.shape[0]):
            for j in range(i + 1):
                for lane in range(LANES):
                    xr, xi = hr[m, i * LANES + lane], hi[m, i * LANES + lane]
                    yr, yi = hr[m, j * LANES + lane], hi[m, j * LANES + lane]
                    ar[i, j * LANES + lane] += xr * yr + xi * yi
                    ai[i, j * LANES + lane] += xr * yi - xi * yr


@inlined
def _factor(ar: FloatArray, ai: FloatArray) -> None:
    """A to its Cholesky factor L, in place, with the inverse pivots on the diagonal."""
    n = ar.shape[0]
    for k in range(n):
        for lane in range(LANES):
            ar[k, k * LANES + lane] = 1 / np.sqrt(ar[k, k * LANES + lane])
        for i in range(k + 1, n):
            for lane in range(LANES):
                ar[i, k * LANES + lane] *= ar[k, k * LANES + lane]
                ai[i, k * LANES + lane] *= ar[k, k * LANES + lane]
        for i in range(k + 1, n):
            for j in range(k + 1, i + 1):
                for lane in range(LANES):
                    xr, xi = ar[i, k * LANES + lane], ai[i, k * LANES + lane]
                    yr, yi = ar[j, k * LANES + lane], ai[j, k * LANES + lane]
                    ar[i, j * LANES + lane] -= xr * yr + xi * yi
                    ai[i, j * LANES + lane] -= xi * yr - xr * yi


@inlined
def _invert(lr: FloatArray, li: FloatArray, wr: FloatArray, wi: FloatArray) -> None:
    """W = L⁻¹ row by row: w_i = (e_i − Σ_{k < i} l_ik·w_k) / l_ii."""
    for i in range(lr.shape[0]):
        wr[i], wi[i] = 0.0, 0.0
        for k in range(i):
            for j in range(k + 1):
                for lane in range(LANES):
                    xr, xi = lr[i, k * LANES + lane], li[i, k * LANES + lane]
                    yr, yi = wr[k, j * LANES + lane], wi[k, j * LANES + lane]
                    wr[i, j * LANES + lane] -= xr * yr - xi * yi
                    wi[i, j * LANES + lane] -= xr * yi + xi * yr
        for j in range(i):
            for lane in range(LANES):
                wr[i, j * LANES + lane] *= lr[i, i * LANES + lane]
                wi[i, j * LANES + lane] *= lr[i, i * LANES + lane]
        for lane in range(LANES):
            wr[i, i * LANES + lane] = lr[i, i * LANES + lane]


@inlined
def _solve(wr: FloatArray, wi: FloatArray, matched: FloatArray, first: int, x: FloatArray) -> None:
    """x = Wᴴ(W·matched) for the blocks from `first` on."""
    nt, lanes = wr.shape[0], min(LANES, x.shape[0] - first)
    rr, ri = np.empty(nt * LANES), np.empty(nt * LANES)
    sr, si = np.empty(nt * LANES), np.empty(nt * LANES)
    ur, ui = np.empty(LANES), np.empty(LANES)
    for b in range(x.shape[1]):
        for lane in range(lanes):
            for n in range(nt):
                rr[n * LANES + lane] = matched[first + lane, b, n]
                ri[n * LANES + lane] = matched[first + lane, b, nt + n]
        sr[:], si[:] = 0.0, 0.0
        for i in range(nt):
            ur[:], ui[:] = 0.0, 0.0
            for j in range(i + 1):
                for lane in range(LANES):
                    cr, ci = wr[i, j * LANES + lane], wi[i, j * LANES + lane]
                    ur[lane] += cr * rr[j * LANES + lane] - ci * ri[j * LANES + lane]
                    ui[lane] += cr * ri[j * LANES + lane] + ci * rr[j * LANES + lane]
            for j in range(i + 1):
                for lane in range(LANES):
                    cr, ci = wr[i, j * LANES + lane], wi[i, j * LANES + lane]
                    sr[j * LANES + lane] += cr * ur[lane] + ci * ui[lane]
                    si[j * LANES + lane] += cr * ui[lane] - ci * ur[lane]
        for lane in range(lanes):
            for n in range(nt):
                x[first + lane, b, n] = sr[n * LANES + lane]
                x[first + lane, b, nt + n] = si[n * LANES + lane]
