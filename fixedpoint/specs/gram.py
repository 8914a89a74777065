# SPDX-License-Identifier: Apache-2.0
"""The integers of F and P of many blocks by complex Gram matrices: those of `prepare`, sooner.

With the complex H of eq. (2), (HᴴH + ρI)·[F | P] = [Hᴴ | ρI] has half the size of the real form, in
which each entry stands twice. What differs from the singular values' way is float64's last digits.
A block is `sure` if they cannot change an integer: its matrix is well enough conditioned, no entry
lies within `NEAR` of a rounding's boundary, and F fits its format. All others are left to
`prepare`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import Format, IntArray

FloatArray = NDArray[np.float64]
NEAR = 2.0**-20
"""Of a last bit: what both ways together may be off."""
MARGIN = 0.5
"""The share of it that the bound of the error may take."""
TOGETHER = 1 << 14
"""Entries of H at once: what they need stays in a processor's second cache."""


class Sure(NamedTuple):
    """matrices: (G, M + N, N), Fᵀ above P, of no meaning where a block is not `sure`, (G,)."""

    matrices: IntArray
    sure: NDArray[np.bool_]


def quantized(front: Format, penalty: Format, h: FloatArray, rho: FloatArray) -> Sure:
    """The integers of real H (G, M, N), finite, with the ρ of each block, (G,)."""
    blocks, rows, columns = h.shape
    found = np.empty((blocks, rows + columns, columns), dtype=np.int64)
    sure = np.empty(blocks, dtype=np.bool_)
    step = max(1, TOGETHER // (rows * columns))
    for first in range(0, blocks, step):
        part = slice(first, first + step)
        sure[part] = _into(front, penalty, h[part], rho[part], found[part])
    return Sure(found, sure)


def _into(
    front: Format, penalty: Format, h: FloatArray, rho: FloatArray, out: IntArray
) -> NDArray[np.bool_]:
    """The integers of some blocks into `out`, and which are sure."""
    rows, columns = h.shape[1:]
    nr, nt = rows // 2, columns // 2
    sure = _complex(h, nr, nt)
    right = np.zeros((len(h), nt, nr + nt), dtype=np.complex128)
    adjoint = right[..., :nr]
    adjoint.real = h[:, :nr, :nt].transpose(0, 2, 1)
    np.negative(h[:, nr:, :nt].transpose(0, 2, 1), out=adjoint.imag)
    with np.errstate(over="ignore", invalid="ignore"):
        gram = adjoint @ adjoint.conj().transpose(0, 2, 1)
        diagonal = np.einsum("gnn->gn", gram)
        # trace/ρ + 1 bounds the condition, and an integer of the solution has as many bits
        condition = 1 + diagonal.real.sum(axis=1) / rho
    eps = np.finfo(np.float64).eps * 2.0 ** max(front.bits, penalty.bits)
    sure &= columns * eps * condition <= MARGIN * NEAR
    gram[~sure], adjoint[~sure] = 0, 0
    diagonal += rho[:, None]
    adjoint *= 2.0**front.frac
    np.einsum("gnn->gn", right[..., nr:])[:] = rho[:, None] * 2.0**penalty.frac
    solved = np.ascontiguousarray(np.linalg.solve(gram, right).transpose(0, 2, 1))
    sure &= _rounded(solved.view(np.float64))
    f, p = solved[:, :nr], solved[:, nr:]
    sure &= _largest(f.view(np.float64)) <= front.max
    np.clip(p.view(np.float64), penalty.min, penalty.max, out=p.view(np.float64))
    _spread(f, out[:, :rows])
    _spread(p, out[:, rows:])
    return np.asarray(sure)


def _rounded(values: FloatArray) -> NDArray[np.bool_]:
    """Round values (G, R, C) in place; whether a block's are all far enough from a boundary."""
    nearest = np.rint(values)
    values -= nearest
    far: NDArray[np.bool_] = _largest(values) < 0.5 - NEAR
    values[:] = nearest
    return far


def _largest(values: FloatArray) -> FloatArray:
    """The largest magnitude of each block, (G,)."""
    found: FloatArray = np.maximum(values.max(axis=(1, 2)), -values.min(axis=(1, 2)))
    return found


def _spread(values: NDArray[np.complex128], out: IntArray) -> None:
    """Fᵀ of a complex F (G, R, C) to that of its real form (G, 2R, 2C).

    [[Re, −Im], [Im, Re]] transposed is [[Reᵀ, Imᵀ], [−Imᵀ, Reᵀ]]: also of P, which is Hermitian.
    """
    rows, columns = values.shape[1:]
    out[:, :rows, :columns] = out[:, rows:, columns:] = values.real
    out[:, :rows, columns:] = values.imag
    np.negative(out[:, :rows, columns:], out=out[:, rows:, :columns])


def _complex(h: FloatArray, nr: int, nt: int) -> NDArray[np.bool_]:
    """Whether each matrix is the real form of a complex one, (G,)."""
    same = (h[:, :nr, :nt] == h[:, nr:, nt:]).all(axis=(1, 2))
    same &= (h[:, :nr, nt:] == -h[:, nr:, :nt]).all(axis=(1, 2))
    return np.asarray(same)
