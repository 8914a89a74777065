# SPDX-License-Identifier: Apache-2.0
"""The integer banks of a few-bit converter from those of `model.converter`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fixedpoint.bank import SnrBank
from fixedpoint.few_bit import FewBitAdc
from model.constants import fitting
from model.converter import CONVERTERS
from model.system import System


def sample_deviation(system: System, snr: SnrBank) -> NDArray[np.float64]:
    """√(Nt·Es·E|h|²/2·(1 + 1/SNR)) of a real sample at each SNR entry, (entries,)."""
    deviation: NDArray[np.float64] = np.sqrt(
        system.signal_variance * (1 + 10 ** (-snr.snr_db / 10))
    )
    return deviation


def adc_of(system: System, snr: SnrBank, bits: int) -> FewBitAdc:
    """The converters of a system, thresholds and levels of at most `bits` bits.

    Raises `ValueError` if two thresholds of an entry become the same integer.
    """
    converter = CONVERTERS[system.quantizer](system.adc_bits)
    deviation = sample_deviation(system, snr)[:, None]
    banks = [np.array(part) * deviation for part in (converter.thresholds, converter.levels)]
    threshold, level = (fitting(bits, bank.ravel().tolist()) for bank in banks)
    if system.adc_bits == 1:
        threshold = level  # the one threshold is 0 and says nothing about a format
    thresholds, levels = (
        tuple(tuple(row) for row in target.quantize(bank).tolist())
        for target, bank in zip((threshold, level), banks, strict=True)
    )
    made = FewBitAdc(system.adc_bits, system.quantizer, threshold, level, thresholds, levels)
    faults = made.faults(len(snr))
    if faults:
        raise ValueError(f"converter in {bits} bits: {'; '.join(faults[:3])}")
    return made
