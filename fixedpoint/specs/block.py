# SPDX-License-Identifier: Apache-2.0
"""What a coherence block brings to a detector: matrices, and the weights of soft bits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.specs.soft import WEIGHT, SoftBits

FloatArray = NDArray[np.float64]
Certainty = Callable[[Mapping[str, FloatArray]], FloatArray]
"""The weight of each stream before its constant, (G, N), of real matrices (G, R, N) by name."""


@dataclass(frozen=True)
class MatrixPart:
    """Rows of the matrices that a coherence block brings, and the format of their entries."""

    name: str
    rows: int
    format: Format


class Block(ABC):
    """The part of a spec that says so; `soft`: its soft bits, None without."""

    soft: SoftBits | None

    @property
    @abstractmethod
    def matrix_parts(self) -> tuple[MatrixPart, ...]:
        """What the detector itself takes of a block, one below the other, `columns` a row."""

    @property
    def certainty(self) -> Certainty | None:
        """How sure each stream is; None where soft bits have one weight at each SNR entry."""
        return None

    @property
    def weighs_streams(self) -> bool:
        """Whether soft bits have a weight of each stream, which the block brings."""
        return self.certainty is not None

    @property
    def parts(self) -> tuple[MatrixPart, ...]:
        """What a block brings at run time: the weights of soft bits, if any, then the matrices."""
        if self.soft is None or not self.weighs_streams:
            return self.matrix_parts
        return (MatrixPart(WEIGHT, 1, self.soft.weight), *self.matrix_parts)

    @property
    def h_format(self) -> Format:
        """The format of an entry of H; where a block brings several matrices, the widest one."""
        return max((part.format for part in self.parts), key=lambda fmt: fmt.bits)

    @property
    def matrix_rows(self) -> int:
        """The rows of all parts together."""
        return sum(part.rows for part in self.parts)

    def prepare(self, h: FloatArray, index: IntArray) -> tuple[Mapping[str, FloatArray], int]:
        """The matrices of `parts`, real, (G, R, N) by name, of H (G, M, N) at entries (G, B).

        And how many blocks were made with another constant than the spec's: none.
        """
        return {self.matrix_parts[0].name: h}, 0

    def quantized_matrices(self, h: FloatArray, index: IntArray) -> tuple[IntArray, int]:
        """The integers of the same matrices, one below the other, (G, R, N), and the same count."""
        real, raised = self.prepare(h, index)
        parts = [part.format.quantize(real[part.name]) for part in self.matrix_parts]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1), raised

    def brought(self, h: FloatArray, index: IntArray) -> dict[str, FloatArray]:
        """All of `parts`, real, (G, R, N) by name, as `prepare`."""
        real = dict(self.prepare(h, index)[0])
        return real | self.soft_weights(real)

    def quantized(self, h: FloatArray, index: IntArray) -> tuple[IntArray, int]:
        """The integers of all of `parts`, one below the other, (G, R, N), and the same count.

        Weights of streams are made of the matrices' integers.
        """
        made, raised = self.quantized_matrices(h, index)
        if self.parts == self.matrix_parts:
            return made, raised
        ends = np.cumsum([part.rows for part in self.matrix_parts])[:-1]
        pieces = zip(self.matrix_parts, np.split(made, ends, axis=1), strict=True)
        weights = self.soft_weights({part.name: part.format.value(q) for part, q in pieces})
        rows = [self.parts[0].format.quantize(row) for row in weights.values()]
        return np.concatenate([*rows, made], axis=1), raised

    def soft_weights(self, matrices: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """κ of each stream less its offset, (G, 1, N), where a block brings it."""
        if self.soft is None or self.certainty is None:
            return {}
        offset = self.soft.offset * self.soft.weight.step
        return {WEIGHT: self.soft.stream_constant * self.certainty(matrices)[:, None] - offset}

    def soft_kappa(self, matrices: Mapping[str, FloatArray], index: IntArray) -> FloatArray:
        """κ of soft bits, not rounded, (G, B or 1, N or 1), of real matrices at entries (G, B).

        Raises `ValueError` on a spec without soft bits.
        """
        if self.soft is None:
            raise ValueError("no soft bits: python -m model.soft add gives them to a spec")
        if self.certainty is not None:
            return self.soft.stream_constant * self.certainty(matrices)[:, None]
        constants: FloatArray = self.soft.weight.value(np.array(self.soft.constants))
        return constants[index][..., None]
