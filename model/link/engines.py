# SPDX-License-Identifier: Apache-2.0
"""Who computes: a spec's integers, by any view that takes them, or its float twin.

Both take blocks in the spec's own convention, H (G, Nr, Nt) and y (G, B, Nr) complex, snr_db
(G, B), and give `Bits` in the labels of TS 38.211.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detector import Detector
from fixedpoint.detectors.registry import program
from fixedpoint.numbers import labels, slicer
from fixedpoint.numbers.format import IntArray
from fixedpoint.outcome import Output
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.chunks import chunks
from model.soft.rule import max_log

ComplexArray = NDArray[np.complexfloating[Any, Any]]
FloatArray = NDArray[np.float64]
RunIntegers = Callable[[IntArray, IntArray, IntArray], Output]
"""`Detector.run_integers`, or what equals it: `hls.builds.native.Native.run` of the same spec."""


class Bits(NamedTuple):
    """Of each stream (…, Nt, bits): decisions, and log p(1)/p(0) where the spec has soft bits."""

    hard: IntArray
    llr: FloatArray | None


class Engine(Protocol):
    """From blocks to bits."""

    def __call__(self, h: ComplexArray, y: ComplexArray, snr_db: FloatArray) -> Bits:
        """Raises `ValueError` on inputs that the spec does not fit."""


@dataclass(frozen=True)
class Integers:
    """A spec's integers."""

    spec: DetectorSpec
    run: RunIntegers

    def __call__(self, h: ComplexArray, y: ComplexArray, snr_db: FloatArray) -> Bits:
        """As `Engine`."""
        brought = Detector(self.spec).quantize(h, y, snr_db, quiet=True)
        out = self.run(brought.h, brought.y, brought.index)
        hard = labels.of_38_211(slicer.bits_of_antennas(out.bits))
        if out.llr is None or self.spec.soft is None:
            return Bits(hard, None)
        ratios = labels.ratios(labels.NR, slicer.bits_of_antennas(out.llr))
        return Bits(hard, self.spec.soft.llr.value(ratios))


@dataclass(frozen=True)
class FloatTwin:
    """The float twin's state and, where the spec has soft bits, their exact max-log values.

    κ and the wire are the twin's, neither rounded; no format clips the ratios.
    """

    spec: DetectorSpec

    def __call__(self, h: ComplexArray, y: ComplexArray, snr_db: FloatArray) -> Bits:
        """As `Engine`."""
        spec = self.spec
        samples = Detector(spec).samples(h, y, snr_db)
        shape = (*samples.shape, spec.columns, spec.constellation.bits)
        hard, llr = np.empty(shape, np.int64), np.empty(shape)
        for chunk in chunks(*samples.shape):
            real = samples.real(chunk)
            index = spec.snr.index(real.snr_db)
            last = family.float_twin(spec, real.h, real.y, index)[-1]
            position = slicer.position(last.state, spec.slicer)
            hard[chunk.part] = spec.constellation.gray(position)
            if spec.soft is not None:
                w = getattr(last, spec.soft.wire) * self._step
                weight = np.broadcast_to(
                    spec.soft_kappa(spec.prepare(real.h, index)[0], index), w.shape
                )
                llr[chunk.part] = max_log(w, weight, spec.constellation)
        hard = labels.of_38_211(slicer.bits_of_antennas(hard))
        return Bits(hard, None if spec.soft is None else _of_antennas(llr))

    @property
    def _step(self) -> float:
        """Of the wire that soft bits are taken from."""
        assert self.spec.soft is not None
        return program(self.spec).layer.formats[self.spec.soft.wire].step


def _of_antennas(llr: FloatArray) -> FloatArray:
    """(…, 2Nt, b) of real dimensions to (…, Nt, 2b) with the labels of TS 38.211."""
    return labels.ratios(labels.NR, np.concatenate(np.split(llr, 2, axis=-2), axis=-1))


def engine_of(spec: DetectorSpec, engine: str | RunIntegers) -> Engine:
    """`golden`, `twin`, or whatever runs the spec's integers. `ValueError` on another name."""
    if callable(engine):
        return Integers(spec, engine)
    if engine == "golden":
        return Integers(spec, Detector(spec).run_integers)
    if engine == "twin":
        return FloatTwin(spec)
    raise ValueError(
        f"engine {engine!r} is not golden, twin, or a function such as "
        "hls.builds.native.Native.build(spec).run"
    )
