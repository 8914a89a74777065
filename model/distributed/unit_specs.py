# SPDX-License-Identifier: Apache-2.0
"""What specs of distributed units with few-bit converters share: formats, tables, converters.

Formats of constants and tables take the most fractional bits that hold the largest value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.units import sigmoid
from fixedpoint.numbers.bank import SnrBank
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.gaussian import QUANTIZERS
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.detector import SCHEMA
from model.distributed.config import DistributedRecipe
from model.quant.constants import constant, fitting
from model.systems.system import System
from model.systems.text import bank_of

REACH = 1.25
"""The state holds so many times the largest coordinate: z overshoots it by a quarter."""

FloatArray = NDArray[np.float64]


def table_of(function: Callable[[FloatArray], FloatArray], address: Format, bits: int) -> Lookup:
    """A function's table, its output format from its largest value."""
    values = function(address.value(np.arange(address.min, address.max + 1)))
    return Lookup.of(function, address, fitting(bits, values.tolist()))


def formats_of(
    recipe: DistributedRecipe, kappa: float, step: float, depth: int
) -> dict[str, Format]:
    """Of what every such spec has; step: the largest of its layers'."""
    words, system = recipe.words, recipe.receiver
    return {
        "h": words.h,
        "state": fitting(words.state + finer(system), [REACH * system.constellation.peak]),
        "residual": words.residual,
        "step": fitting(words.constants, [step]),
        "kappa": fitting(words.constants, [kappa]),
        "mean": fitting(words.constants, [1 / system.units]),
        "momentum": fitting(words.constants, _momenta(depth)),
    }


def finer(system: System) -> int:
    """Bits of the state more than for coordinates up to 3."""
    return max(0, round(math.log2(system.constellation.peak / 3)))


def entries_of(
    name: str,
    detector: str,
    recipe: DistributedRecipe,
    provenance: str,
    kappa: float,
    formats: Any,
    depth: int,
) -> dict[str, Any]:
    """The entries of `DistributedSpec` but its formats."""
    system, words, snr = recipe.receiver, recipe.words, bank_of(recipe.bank)
    return {
        "schema": SCHEMA,
        "name": name,
        "detector": detector,
        "provenance": provenance,
        "modulation": system.modulation,
        "rows": system.rows,
        "columns": system.columns,
        "snr": snr,
        "slicer": system.constellation.thresholds(formats.state),
        "units": system.units,
        "kappa": constant("kappa", kappa, formats.kappa, 1),
        "adc": adc_of(system, snr, words.constants),
        "sigmoid": Lookup.of(lambda a: sigmoid(kappa * a), words.sigmoid, words.residual),
        "mean": constant("mean", 1 / system.units, formats.mean, 1),
        "momentum": tuple(
            constant(f"layer {k + 1}: momentum", value, formats.momentum, 0)
            for k, value in enumerate(_momenta(depth))
        ),
    }


def _momenta(depth: int) -> list[float]:
    """t/(t + 3) of eq. (23), t from 1."""
    return [t / (t + 3) for t in range(1, depth + 1)]


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
    cells = QUANTIZERS[system.quantizer](system.adc_bits)
    deviation = sample_deviation(system, snr)
    banks = [np.outer(deviation, part) for part in (cells.thresholds, cells.levels)]
    threshold, level = (fitting(bits, bank.ravel().tolist()) for bank in banks)
    if system.adc_bits == 1:
        threshold = level  # the one threshold is 0 and says nothing about a format
    made = FewBitAdc.designed(system.adc_bits, system.quantizer, threshold, level, deviation)
    faults = made.faults(len(snr))
    if faults:
        raise ValueError(f"converter in {bits} bits: {'; '.join(faults[:3])}")
    return made
