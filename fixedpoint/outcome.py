# SPDX-License-Identifier: Apache-2.0
"""What a detector gives: decisions in the user's shape, and the integers that they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import IntArray
from fixedpoint.program.graph import Program
from fixedpoint.support.chunks import Chunk


@dataclass(frozen=True)
class Detection:
    """What a detector decides, in the shape of the y that it was given.

    state: the last layer's wide state as integers, (…, 2Nt); symbols: the same as real values;
    code: the last layer's int8 code, (…, 2Nt), None where a layer has none; bits: Gray bits of
    each antenna, (…, Nt, 2·bits a dimension), real part first, or of the labels asked for.
    llr: log p(1)/p(0) of each of these bits, in the same order; None where a spec has no soft bits.
    Its integers are `llr / spec.soft.llr.step`.
    scale: what H was multiplied by to have the spec's E|h|², 1 where nobody asked for that.
    snr_db: of all vectors, where it was estimated; None where it was given.
    """

    state: IntArray
    symbols: NDArray[np.float64]
    code: IntArray | None
    bits: IntArray
    scale: float = 1.0
    snr_db: float | None = None
    llr: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Output:
    """The last layer's state (G, B, N), its code if any, and bits (G, B, N, bits a dimension).

    llr: soft bits in the shape of the bits, if the spec has any.
    """

    state: NDArray[Any]
    code: NDArray[Any] | None
    bits: NDArray[Any]
    llr: NDArray[Any] | None = None

    @classmethod
    def empty(cls, made: Program, shape: tuple[int, ...]) -> Output:
        """Room for G blocks of B vectors."""
        spec, formats = made.spec, made.layer.formats
        state = np.empty((*shape, spec.columns), carrier(formats["state"].bits))
        code = np.empty(state.shape, carrier(formats["code"].bits)) if "code" in formats else None
        bits = np.empty((*state.shape, spec.constellation.bits), np.uint8)
        llr = None if spec.soft is None else np.empty(bits.shape, np.int32)
        return cls(state, code, bits, llr)

    def named(self) -> dict[str, NDArray[Any]]:
        """What there is by the names of the wires, soft bits apart: state, code, bits, llr0, …"""
        found = {"state": self.state, "code": self.code, "bits": self.bits}
        soft: Any = [] if self.llr is None else np.moveaxis(self.llr, -1, 0)
        return {name: array for name, array in found.items() if array is not None} | {
            f"llr{number}": array for number, array in enumerate(soft)
        }

    def of(self, chunk: Chunk) -> Output:
        """The room of a chunk."""
        code = None if self.code is None else self.code[chunk.part]
        llr = None if self.llr is None else self.llr[chunk.part]
        return Output(self.state[chunk.part], code, self.bits[chunk.part], llr)


def carrier(bits: int) -> type[np.signedinteger[Any]]:
    """int32, where sums of a few such integers fit in it, or int64."""
    return np.int32 if bits <= 28 else np.int64
