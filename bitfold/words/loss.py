# SPDX-License-Identifier: Apache-2.0
"""How many dB a spec's integers lose to a float twin: paired draws around a bit error rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detector import Detector
from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.slicer import position
from fixedpoint.receivers import family, receiver
from fixedpoint.specs.detector import DetectorSpec
from model.detectors.golden import snr_index
from model.lab.loss import crossing
from model.systems.scene import scene
from model.systems.system import System

FloatArray = NDArray[np.float64]
BLOCK = 8
"""Vectors of a coherence block."""
RESAMPLES = 200
LIMITS = (2.5, 97.5)


class Loss(NamedTuple):
    """dB, and the ends of a 95% interval: bootstrap over coherence blocks."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Draws:
    """Coherence blocks at one SNR: h (G, M, N), y (G, B, M), index (G, B), sent Gray bits.

    matrices: those of the spec that the twin is of, real, which candidates share in the search.
    """

    h: FloatArray
    y: FloatArray
    index: IntArray
    bits: IntArray
    matrices: dict[str, FloatArray]

    def errors(self, bits: IntArray) -> FloatArray:
        """Wrong bits of each block."""
        return np.asarray((bits != self.bits).sum(axis=(1, 2, 3)), np.float64)

    def integers(self, spec: DetectorSpec, exact: bool) -> FloatArray:
        """The errors of a spec's integers; exact: its matrices prepared by itself."""
        if exact:
            h = receiver.matrices(spec, self.h, self.index).h
        else:
            h = np.concatenate([part.format.quantize(self.matrices[part.name])
                                for part in spec.parts], axis=1)  # fmt: skip
        y = spec.converter.convert(self.y, self.index)
        return self.errors(Detector(spec).run_integers(h, y, self.index).bits)

    def twin(self, spec: DetectorSpec) -> FloatArray:
        """The errors of a spec's float twin."""
        state = family.float_twin(spec, self.h, self.y, self.index)[-1].state
        return self.errors(spec.constellation.gray(position(state, spec.slicer)))


def drawn(
    spec: DetectorSpec, system: System, snr_db: float, blocks: int, rng: np.random.Generator
) -> Draws:
    """Draws of a system at an SNR, as the receiver of a spec sees them."""
    made = scene(replace(system, vectors=BLOCK), snr_db, blocks, rng)
    h, y = made.h.numpy(), made.received.y.numpy()
    index = snr_index(spec, system, made.noise, (blocks, BLOCK))
    axis = np.rint((made.x.numpy() + spec.constellation.peak) / 2).astype(np.int64)
    return Draws(h, y, index, spec.constellation.gray(axis), dict(spec.prepare(h, index)[0]))


@dataclass(frozen=True)
class Bench:
    """Draws at ascending SNRs around the rate, and the twin's errors there."""

    spec: DetectorSpec
    rate: float
    snr_db: tuple[float, ...]
    draws: tuple[Draws, ...]
    twin: tuple[FloatArray, ...]

    @classmethod
    def of(
        cls, spec: DetectorSpec, system: System, rate: float, snr_db: Sequence[float],
        blocks: int, seed: int,
    ) -> Bench:  # fmt: skip
        """So many blocks at each SNR; the seed draws them all."""
        rng = np.random.default_rng(seed)
        draws = tuple(drawn(spec, system, snr, blocks, rng) for snr in snr_db)
        return cls(spec, rate, tuple(snr_db), draws, tuple(d.twin(spec) for d in draws))

    def loss(self, spec: DetectorSpec, exact: bool = False) -> Loss:
        """Of a spec's integers; infinite where its curve does not fall to the rate."""
        found = [draws.integers(spec, exact) for draws in self.draws]
        value = self._less(found, None)
        if not np.isfinite(value):
            return Loss(np.inf, np.inf, np.inf)
        rng = np.random.default_rng(0)
        blocks = len(found[0])
        again = [self._less(found, rng.integers(0, blocks, blocks)) for _ in range(RESAMPLES)]
        low, high = np.quantile(again, np.array(LIMITS) / 100, method="nearest")
        return Loss(value, float(low), float(high))

    def _less(self, found: Sequence[FloatArray], chosen: IntArray | None) -> float:
        """dB between the crossings of chosen blocks, those of the twin the same."""
        sizes = [d.bits[0].size for d in self.draws]
        rates = [[float((e if chosen is None else e[chosen]).mean()) / size
                  for e, size in zip(each, sizes, strict=True)]
                 for each in (found, self.twin)]  # fmt: skip
        mine, other = (crossing(self.rate, *_longer(self.snr_db, each)) for each in rates)
        return np.inf if mine is None or other is None else mine - other


def _longer(snr_db: Sequence[float], ber: Sequence[float]) -> tuple[list[float], list[float]]:
    """A curve, whose last pieces go on straight in log BER for as much again on both sides."""
    if min(ber) <= 0:
        return list(snr_db), list(ber)
    logs, span = np.log(ber), snr_db[-1] - snr_db[0]
    first = logs[0] - (logs[1] - logs[0]) / (snr_db[1] - snr_db[0]) * span
    last = logs[-1] + (logs[-1] - logs[-2]) / (snr_db[-1] - snr_db[-2]) * span
    ends = np.exp([first, *logs, last])
    return [snr_db[0] - span, *snr_db, snr_db[-1] + span], [float(each) for each in ends]


def around(
    spec: DetectorSpec, system: System, rate: float, seed: int, blocks: int
) -> tuple[float, ...]:
    """Three SNRs of the spec's bank, 1 dB apart, at whose middle its twin comes nearest the rate.

    Raises `ValueError` if the twin does not reach the rate within the bank.
    """
    rng = np.random.default_rng(seed)
    entries = [float(db) for db in spec.snr.snr_db[1:-1]]
    low, high = 0, len(entries) - 1
    while low < high:
        middle = (low + high) // 2
        draws = drawn(spec, system, entries[middle], blocks, rng)
        if draws.twin(spec).mean() / draws.bits[0].size > rate:
            low = middle + 1
        else:
            high = middle
    if low == len(entries) - 1:
        raise ValueError(
            f"ber {rate:g}: the float twin of spec {spec.name} does not fall to it up to "
            f"{entries[-1]:g} dB; a larger one was expected"
        )
    return entries[low] - 1, entries[low], entries[low] + 1
