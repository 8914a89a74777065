# SPDX-License-Identifier: Apache-2.0
"""A detector to call from Python: real samples in, bits out.

Detector.load("pgd").run(H, y, snr_db).bits
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint import family, pgd_fast, slicer
from fixedpoint import spec as specs
from fixedpoint.channel import real_matrix, real_vector
from fixedpoint.format import IntArray
from fixedpoint.inputs import check_inputs, snr_of_vectors
from fixedpoint.spec import DetectorSpec, PgdSpec

if TYPE_CHECKING:
    from fxpmath.objects import Fxp


@dataclass(frozen=True)
class Detection:
    """What a detector decides, in the shape of the y that it was given.

    state: the last layer's wide state as integers, (…, 2Nt); symbols: the same as real values;
    code: PGD-Net's and ADMM-Net's int8 code, (…, 2Nt), None of other detectors; bits: Gray bits of
    each antenna, (…, Nt, 2·bits a dimension), real part first.
    """

    state: IntArray
    symbols: NDArray[np.float64]
    code: IntArray | None
    bits: IntArray


@dataclass(frozen=True)
class RealInputs:
    """A detector's inputs as real values: h (G, M, N), y (G, B, M), snr_db (G, B)."""

    h: NDArray[np.float64]
    y: NDArray[np.float64]
    snr_db: NDArray[np.float64]


@dataclass(frozen=True)
class Integers:
    """A detector's inputs as integers: h (G, R, N), y (G, B, M), index (G, B).

    h holds the parts that a block brings, `spec.parts`, one below the other: H, or Fᵀ and P of
    ADMM-Net. y holds the converters' levels (PGD-Net, ADMM-Net) or their codes (HPD, FPD-Net).
    raised: blocks whose F and P were made with a larger ρ than the spec's (`fixedpoint.prepare`).
    """

    h: IntArray
    y: IntArray
    index: IntArray
    raised: int = 0


@dataclass(frozen=True)
class Detector:
    """The golden model of one spec."""

    spec: DetectorSpec

    @classmethod
    def load(cls, source: str | Path) -> Detector:
        """A shipped detector by its name, or one from a spec file. Raises `SpecError`."""
        return cls(specs.load(source))

    def quantize(self, h: ArrayLike, y: ArrayLike, snr_db: ArrayLike) -> Integers:
        """Channel estimates and received samples as the integers that the hardware gets.

        Args:
            h: complex (…, Nr, Nt) or real (…, 2Nr, 2Nt) as eq. (2): one matrix for all vectors,
                one for each (shape of y's leading dimensions), or (G, …) for blocks of vectors.
            y: complex (…, Nr) or real (…, 2Nr) received vectors, of dimension (B, …) or (G, B, …);
                or one vector alone, with one matrix.
            snr_db: a number; (G,), one for each y[g] of a y of dimension (G, B, …); or one for each
                vector, the shape of y's leading dimensions. Nothing else: no shape has two
                meanings.

        Raises:
            ValueError: a wrong shape, NaN or infinity, an SNR outside the bank, no vectors; two SNR
                entries in a block whose matrices are made for one.
        """
        samples, spec = self.real_inputs(h, y, snr_db), self.spec
        index = spec.snr.index(samples.snr_db)
        codes = family.family(spec).convert(spec, samples.y, index)
        matrices = family.family(spec).matrices(spec, samples.h, index)
        return Integers(matrices.h, codes, index, matrices.raised)

    def real_inputs(self, h: ArrayLike, y: ArrayLike, snr_db: ArrayLike) -> RealInputs:
        """The same inputs in the real form of eq. (2) and in blocks, not yet quantized."""
        spec = self.spec
        matrices = _real(h, 2, "H", (spec.rows, spec.columns))
        samples = _real(y, 1, "y", (spec.rows,))
        leading = samples.shape[:-1]
        matrices, samples = _blocks(matrices, samples)
        snr = snr_of_vectors(snr_db, leading)
        return RealInputs(matrices, samples, snr.reshape(samples.shape[:2]))

    def run(self, h: ArrayLike, y: ArrayLike, snr_db: ArrayLike) -> Detection:
        """Detect: see `quantize` for arguments and errors."""
        integers = self.quantize(h, y, snr_db)
        output = self.run_integers(integers.h, integers.y, integers.index)
        leading = np.shape(y)[:-1]
        state = output.state.astype(np.int64).reshape(*leading, self.spec.columns)
        bits = output.bits.astype(np.int64).reshape(*leading, self.spec.columns, -1)
        return Detection(
            state,
            self.spec.state_format.value(state),
            None if output.code is None else output.code.astype(np.int64).reshape(state.shape),
            slicer.bits_of_antennas(bits),
        )

    def run_integers(self, h: IntArray, y: IntArray, index: IntArray) -> Output:
        """The last layer on integer inputs, of PGD-Net by the fast exact path.

        Raises as `family.run`.
        """
        h, y, index = check_inputs(self.spec, h, y, index)
        if isinstance(self.spec, PgdSpec):
            fast = pgd_fast.run(self.spec, h, y, index)
            return Output(fast.state, fast.code, fast.bits)
        last = family.run(self.spec, h, y, index)[-1]
        return Output(last.state, getattr(last, "code", None), last.bits)

    @overload
    def wires(
        self, h: IntArray, y: IntArray, index: IntArray, *, fxp: Literal[False] = False
    ) -> dict[str, IntArray]: ...

    @overload
    def wires(
        self, h: IntArray, y: IntArray, index: IntArray, *, fxp: Literal[True]
    ) -> dict[str, Fxp]: ...

    def wires(
        self, h: IntArray, y: IntArray, index: IntArray, *, fxp: bool = False
    ) -> dict[str, IntArray] | dict[str, Fxp]:
        """Every wire of every layer by its name, `pgd1.accumulator` … `pgd5.bits`.

        fxp: as fxpmath arrays, each in its wire's `Format` (`family.layer_formats`): exact sums of
        products at their derived widths, codes and what PGD-Net's accumulator makes of them in
        steps Δ, bits as u1.0. The raw integers, `.val`, are the same. fxpmath's own arithmetic
        grows words exactly, truncates where it drops bits, and saturates to one integer more.
        """
        found = family.named(self.spec, family.run(self.spec, h, y, index))
        if not fxp:
            return found
        formats = family.layer_formats(self.spec)
        return {
            name: formats[layer][wire].to_fxp(q)
            for name, q in found.items()
            for layer, _, wire in (name.partition("."),)
        }


@dataclass(frozen=True)
class Output:
    """The last layer's state (G, B, N), its code if any, and bits (G, B, N, bits a dimension)."""

    state: NDArray[Any]
    code: NDArray[Any] | None
    bits: NDArray[Any]


def _real(
    values: ArrayLike, dimensions: int, name: str, size: tuple[int, ...]
) -> NDArray[np.float64]:
    """The real form of a matrix or vector of the expected size."""
    array = np.asarray(values)
    if not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
        raise ValueError(f"{name} has the type {array.dtype}, numbers were expected")
    shape = array.shape[-dimensions:]
    half = tuple(n // 2 for n in size)
    expected = half if np.iscomplexobj(array) else size
    if array.ndim < dimensions or shape != expected:
        kind = "complex" if np.iscomplexobj(array) else "real"
        raise ValueError(
            f"{name} is {kind} with the shape {array.shape}; complex (…, {_text(half)}) "
            f"or real (…, {_text(size)}) was expected"
        )
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} holds NaN or infinity, finite numbers were expected")
    if np.iscomplexobj(array):
        array = array.astype(np.complex128)
        return real_matrix(array) if dimensions == 2 else real_vector(array)
    return array.astype(np.float64)


def _blocks(
    h: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """h as (G, M, N) and y as (G, B, M)."""
    if y.size == 0:
        raise ValueError("no vectors: at least 1 was expected")
    if h.ndim == 2:
        return h[None], y.reshape(1, -1, y.shape[-1])
    if y.ndim == 1:
        raise ValueError(
            f"H of shape {h.shape} does not go with y of shape {y.shape}: one vector needs one "
            "matrix; several need y (B, …), or (G, B, …) in blocks"
        )
    if h.shape[:-2] == y.shape[:-1]:
        return h.reshape(-1, *h.shape[-2:]), y.reshape(-1, 1, y.shape[-1])
    if h.ndim == 3 and y.ndim == 3 and h.shape[0] == y.shape[0]:
        return h, y
    raise ValueError(
        f"H of shape {h.shape} does not go with y of shape {y.shape}: one matrix, one for each "
        "vector, or one for each block (G, …) of y (G, B, …) was expected"
    )


def _text(size: tuple[int, ...]) -> str:
    return ", ".join(map(str, size))
