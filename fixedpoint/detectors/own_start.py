# SPDX-License-Identifier: Apache-2.0
"""Where a detector of one's own starts: its spec before any training."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.own import BankStart, FewBits, OwnDetector, Start
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.bank import SnrBank, odd_reciprocal
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.modulation import MODULATIONS, Modulation, modulation_name
from fixedpoint.specs.detector import SCHEMA
from fixedpoint.support.reading import brief
from fixedpoint.support.schema import Entries, SpecError

FloatArray = NDArray[np.float64]
BANK = SnrBank(-5, 30)


def sizes(antennas: str) -> tuple[int, int]:
    """Rows and columns of the real-valued H of receive x transmit antennas, `16x16`."""
    found = re.fullmatch(r"(\d{1,4})x(\d{1,4})", antennas)
    if found is None:
        raise ValueError(f"antennas {brief(antennas)}: receive x transmit expected, 16x16")
    receive, transmit = map(int, found.groups())
    return 2 * receive, 2 * transmit


def start(
    detector: OwnDetector,
    rows: int,
    columns: int,
    modulation: str,
    name: str = "",
    layers: int = 0,
    units: int = 0,
    snr: SnrBank = BANK,
) -> OwnSpec:
    """The spec of a system with the constants where they start.

    rows, columns: of the real-valued H; name: the detector's, if empty; layers: the definition's
    own number, if 0; units: distributed ones, 1 if 0 and the definition has any. Raises
    `SpecError` on what cannot be one.
    """
    try:
        modulation = modulation_name(modulation)
    except ValueError as error:
        raise SpecError(f"spec {name or detector.name}", [str(error)]) from None
    depth = layers or detector.layers
    if depth < 1:
        raise SpecError(f"spec {name or detector.name}", [f"layers: {depth} is below 1"])
    constants = {key: _constant(value, depth) for key, value in detector.constants.items()}
    banks = {key: _bank(value, depth, snr) for key, value in detector.banks.items()}
    formats, (numbers, banked) = detector.formats, _integers(detector, constants, banks)
    tables = {key: Lookup.of(table.function, table.address, table.output)
              for key, table in detector.tables.items()}  # fmt: skip
    return OwnSpec(
        schema=SCHEMA, name=name or detector.name, detector=detector.name, provenance="untrained",
        modulation=modulation, rows=rows, columns=columns, snr=snr,
        slicer=MODULATIONS[modulation].thresholds(formats["state"]),
        graph="", layers=depth, formats=Entries.of(formats),
        tables=Entries.of(tables), constants=numbers, banks=banked,
        **_converter(detector, columns, MODULATIONS[modulation], rows, snr),
        units=units or int(detector.units),
    ).sealed()  # fmt: skip


def _converter(
    detector: OwnDetector, columns: int, modulation: Modulation, rows: int, snr: SnrBank
) -> dict[str, Any]:
    """Of levels, or of few-bit codes: its gain control knows signal and noise."""
    adc = detector.adc
    if not isinstance(adc, FewBits):
        return {"adc": adc or Adc(detector.formats["y"].bits - 1, 1)}
    signal = columns / 2 * modulation.symbol_energy / rows  # Nt·Es·E|h|²/2
    deviation = np.sqrt(signal * (1 + 10 ** (-snr.snr_db / 10)))
    return {"cells": FewBitAdc.designed(adc.bits, adc.quantizer, adc.threshold, adc.level,
                                        deviation)}  # fmt: skip


def _integers(
    detector: OwnDetector, constants: Mapping[str, FloatArray], banks: Mapping[str, FloatArray]
) -> tuple[Entries[tuple[int, ...]], Entries[tuple[tuple[int, ...], ...]]]:
    fmt = detector.formats
    rows = {key: tuple(map(tuple, fmt[key].quantize(banks[key]).tolist()))
            for key in detector.banks}  # fmt: skip
    for key, of in detector.reciprocals.items():
        rows[of] = tuple(tuple(max(q, 1) for q in row) for row in rows[of])
        rows[key] = tuple(tuple(odd_reciprocal(q, fmt[of], fmt[key]) for q in row)
                          for row in rows[of])  # fmt: skip
    numbers = {key: tuple(fmt[key].quantize(constants[key]).tolist()) for key in detector.constants}
    return Entries.of(numbers), Entries.of(rows)


def _constant(value: Start, layers: int) -> FloatArray:
    found = np.asarray(value, np.float64)
    return np.broadcast_to(found, layers) if found.ndim == 0 else np.resize(found, layers)


def _bank(value: BankStart, layers: int, snr: SnrBank) -> FloatArray:
    if not callable(value):
        return np.full((layers, len(snr)), float(value))
    made = (np.asarray(value(snr.snr_db, k), np.float64) for k in range(layers))
    return np.stack([np.broadcast_to(row, len(snr)) for row in made])
