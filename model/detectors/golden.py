# SPDX-License-Identifier: Apache-2.0
"""The integer golden model of a spec and its float twin, as detectors of the lab.

    golden:spec=pgd    integers, bit for bit those of the hardware
    twin:spec=pgd      the same constants and the same clipping, without rounding

The SNR entry of the spec's bank is the one nearest to the SNR that the receiver believes. PGD-Net
and ADMM-Net get the samples before any converter, since their specs bring one; ADMM-Net's F and P
are prepared from H as estimated. HPD and FPD-Net get the levels of
the system's few-bit converters; a level lies inside its cell, so that the spec's integer
thresholds give it the code again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.detector import Detector as IntegerDetector
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import family, receiver
from fixedpoint.receivers.inputs import snr_of_vectors
from model.detectors.options import Build, Options
from model.systems.scene import Detector, Received
from model.systems.system import System

FloatArray = NDArray[np.float64]
SNR_DIGITS = 9
"""An SNR is recovered from a variance: without rounding, 12.5 dB may fall on either side."""


@dataclass(frozen=True)
class Golden:
    """The last layer's wide state of `fixedpoint.detector.Detector`, as real values."""

    spec: DetectorSpec
    system: System

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`; `ValueError` on an SNR outside the spec's bank."""
        index = snr_index(self.spec, self.system, noise, tuple(received.y.shape[:2]))
        matrices, samples, index = blocks_of(self.spec, _array(h), _array(received.y), index)
        prepared = receiver.matrices(self.spec, matrices, index).h
        codes = self.spec.converter.convert(samples, index)
        output = IntegerDetector(self.spec).run_integers(prepared, codes, index)
        state = self.spec.state_format.value(output.state.astype(np.int64))
        return torch.from_numpy(state.reshape(*received.y.shape[:2], -1)).to(h)


@dataclass(frozen=True)
class Twin:
    """The last layer's state of the golden model's float twin, as real values."""

    spec: DetectorSpec
    system: System

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`; `ValueError` on an SNR outside the spec's bank."""
        index = snr_index(self.spec, self.system, noise, tuple(received.y.shape[:2]))
        inputs = blocks_of(self.spec, _array(h), _array(received.y), index)
        state = family.float_twin(self.spec, *inputs)[-1].state
        values = state.reshape(*received.y.shape[:2], -1) * self.spec.state_format.step
        return torch.from_numpy(values).to(h)


def blocks_of(
    spec: DetectorSpec, h: FloatArray, y: FloatArray, index: IntArray
) -> tuple[FloatArray, FloatArray, IntArray]:
    """The same h (G, M, N), y (G, B, M) and index (G, B), in blocks that a spec can serve.

    Where a block's matrices are made for one SNR and its vectors have several, every vector becomes
    a block of its own.
    """
    if not spec.one_snr_a_block or bool((index == index[:, :1]).all()):
        return h, y, index
    own = np.repeat(h, index.shape[1], axis=0)
    return own, y.reshape(-1, 1, y.shape[-1]), index.reshape(-1, 1)


def snr_index(
    spec: DetectorSpec, system: System, noise: Tensor, leading: tuple[int, ...]
) -> IntArray:
    """The entry of the spec's bank for each vector, (G, B), by the noise variance.

    noise: of shape `leading`, (G, B), or as `fixedpoint.receivers.inputs.snr_of_vectors` takes an
    SNR. Raises `ValueError` on another shape, and on an SNR more than half a dB outside the bank.
    """
    snr_db = snr_of_vectors(10 * np.log10(system.signal_variance / _array(noise)), leading)
    try:
        return spec.snr.index(np.round(snr_db, SNR_DIGITS))
    except ValueError as error:
        raise ValueError(f"spec {spec.name}: {error}") from None


def _array(values: Tensor) -> NDArray[np.float64]:
    return values.double().cpu().numpy()


def expected(spec: DetectorSpec) -> dict[str, object]:
    """The entries of a system that a spec is made for, but the channel's gain."""
    sizes = {"nr": spec.rows // 2, "nt": spec.columns // 2, "modulation": spec.modulation}
    units = {"units": spec.unit_count} if spec.unit_count else {}
    return {**sizes, **spec.converter.system, **units}


def must_fit(name: str, system: System, spec: DetectorSpec) -> None:
    """`ValueError` unless the system has the sizes, the converters and the gain of a spec."""
    for entry, value in expected(spec).items():
        if getattr(system, entry) != value:
            raise ValueError(
                f"detector {name}: {entry} {getattr(system, entry)!r} does not fit, "
                f"{value!r} was expected"
            )
    if not math.isclose(system.gain, spec.entry_variance):
        raise ValueError(f"detector {name}: channel gain {system.gain:g} does not fit, "
                         f"{spec.entry_variance:g} was expected")  # fmt: skip


def _spec_for(system: System, options: Options) -> DetectorSpec:
    spec = specs.load(options.word("spec", "pgd"))
    must_fit(f"{options.name}:spec={spec.name}", system, spec)
    return spec


def golden(system: System, options: Options) -> Detector:
    """`golden:spec=NAME|FILE`."""
    return Golden(_spec_for(system, options), system)


def twin(system: System, options: Options) -> Detector:
    """`twin:spec=NAME|FILE`."""
    return Twin(_spec_for(system, options), system)


DETECTORS: dict[str, Build] = {"golden": golden, "twin": twin}
