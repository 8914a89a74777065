"""The integer golden model of a spec and its float twin, as detectors of the lab.

    golden:spec=pgd    integers, bit for bit those of the hardware (`fixedpoint.pgd_fast`)
    twin:spec=pgd      the same constants and the same clipping, without rounding

They get the samples before any converter: a spec brings its own, and the SNR entry of its bank is
the one nearest to the SNR that the receiver believes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint import adc, pgd, pgd_fast
from fixedpoint import spec as specs
from fixedpoint.format import IntArray
from fixedpoint.spec import DetectorSpec
from model.detectors.options import Build, Options
from model.scene import Detector, Received
from model.system import System

SNR_DIGITS = 9
"""An SNR is recovered from a variance: without rounding, 12.5 dB may fall on either side."""


@dataclass(frozen=True)
class Golden:
    """The last layer's wide state of `fixedpoint.pgd_fast`, as real values."""

    spec: DetectorSpec
    system: System

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.scene.Detector`; `ValueError` on an SNR outside the spec's bank."""
        matrices = adc.estimate(_array(h), self.spec)
        samples = adc.sample(_array(received.y), self.spec)
        output = pgd_fast.run(
            self.spec, matrices, samples, snr_index(self.spec, self.system, noise)
        )
        state = self.spec.formats.state.value(output.state.astype(np.int64))
        return torch.from_numpy(state).to(h)


@dataclass(frozen=True)
class Twin:
    """The last layer's state of `fixedpoint.pgd.float_twin`, as real values."""

    spec: DetectorSpec
    system: System

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.scene.Detector`; `ValueError` on an SNR outside the spec's bank."""
        index = snr_index(self.spec, self.system, noise)
        wires = pgd.float_twin(self.spec, _array(h), _array(received.y), index)
        return torch.from_numpy(wires[-1].state * self.spec.formats.state.step).to(h)


def snr_index(spec: DetectorSpec, system: System, noise: Tensor) -> IntArray:
    """The entry of the spec's bank for each noise variance, (G, B).

    Raises `ValueError` on an SNR more than half a dB outside the bank.
    """
    snr_db = 10 * np.log10(system.signal_variance / _array(noise))
    try:
        return spec.snr.index(np.round(snr_db, SNR_DIGITS))
    except ValueError as error:
        raise ValueError(f"spec {spec.name}: {error}") from None


def _array(values: Tensor) -> NDArray[np.float64]:
    return values.double().cpu().numpy()


def _must_fit(name: str, system: System, expected: dict[str, object]) -> None:
    """`ValueError` unless the system has the expected entries, unquantized and E|h|² = 1/nr."""
    for entry, value in {**expected, "adc_bits": 0}.items():
        if getattr(system, entry) != value:
            raise ValueError(
                f"detector {name}: {entry} {getattr(system, entry)!r} does not fit, "
                f"{value!r} was expected"
            )
    if not math.isclose(system.gain * system.nr, 1):
        raise ValueError(f"detector {name}: channel gain {system.gain:g} does not fit, 1/nr "
                         f"= {1 / system.nr:g} was expected")  # fmt: skip


def _spec_for(system: System, options: Options) -> DetectorSpec:
    spec = specs.load(options.word("spec", "pgd"))
    sizes = {"nr": spec.rows // 2, "nt": spec.columns // 2, "modulation": spec.modulation}
    _must_fit(f"{options.name}:spec={spec.name}", system, sizes)
    return spec


def golden(system: System, options: Options) -> Detector:
    """`golden:spec=NAME|FILE`."""
    return Golden(_spec_for(system, options), system)


def twin(system: System, options: Options) -> Detector:
    """`twin:spec=NAME|FILE`."""
    return Twin(_spec_for(system, options), system)


DETECTORS: dict[str, Build] = {"golden": golden, "twin": twin}
