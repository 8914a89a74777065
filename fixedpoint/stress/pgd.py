# SPDX-License-Identifier: Apache-2.0
"""Stress specs of PGD-Net: small widths and constants that drive every branch and saturation.

Channel draws rarely saturate and never tie where the widths are generous. These specs are made in
code, not shipped: `spec("soft", 32, 32)` and the like.
"""

from __future__ import annotations

import dataclasses

from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.bank import SnrBank, odd_reciprocal
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.specs.detector import SCHEMA
from fixedpoint.specs.pgd import PgdFormats, PgdLayer, PgdSpec

FORMATS = PgdFormats(
    h=Format(5, 3),
    y=Format(7, 3),
    residual=Format(5, 2),
    state=Format(9, 4),
    code=Format(4, 0),
    step=Format(6, 6),
    inverse=Format(8, 4),
    eta=Format(7, 6),
)


def spec(prox: str = "soft", rows: int = 32, columns: int = 32, layers: int = 5) -> PgdSpec:
    """A stress spec: λ > 0 (or a tight box), other constants in each layer and SNR entry."""
    bank = SnrBank(-5, 30)
    made = []
    for k in range(layers):
        step = tuple(9 + (7 * i + 5 * k) % 23 for i in range(len(bank)))
        inverse = tuple(odd_reciprocal(q, FORMATS.step, FORMATS.inverse) for q in step)
        made.append(PgdLayer(eta=19 + 9 * k, threshold=5 + k if prox == "soft" else 70 - 6 * k,
                             step=step, inverse=inverse))  # fmt: skip
    modulation = MODULATIONS["16qam"]
    return PgdSpec(
        schema=SCHEMA,
        name=f"stress-{prox}-{rows}x{columns}",
        detector="pgd",
        provenance="fixedpoint/stress/pgd.py",
        modulation=modulation.name,
        rows=rows,
        columns=columns,
        prox=prox,
        snr=bank,
        adc=Adc(bits=4, half_step=4),
        formats=FORMATS,
        layers=tuple(made),
        slicer=modulation.thresholds(FORMATS.state),
    )


def wide() -> PgdSpec:
    """Sums beyond 32 bits."""
    return _formatted("wide", PgdFormats(
        h=Format(12, 10), y=Format(16, 10), residual=Format(12, 8), state=Format(24, 16),
        code=Format(12, 0), step=Format(14, 16), inverse=Format(20, 10), eta=Format(12, 10),
    ), 160)  # fmt: skip


def left() -> PgdSpec:
    """Requantizations that shift left."""
    return _formatted("left", PgdFormats(
        h=Format(5, 1), y=Format(7, 3), residual=Format(12, 5), state=Format(20, 10),
        code=Format(4, 0), step=Format(6, 2), inverse=Format(8, 4), eta=Format(7, 2),
    ), 9)  # fmt: skip


def modulated(spec: PgdSpec, modulation: str) -> PgdSpec:
    """The spec with another modulation, which its name says."""
    return dataclasses.replace(
        spec,
        name=f"{spec.name}-{modulation}",
        modulation=modulation,
        slicer=MODULATIONS[modulation].thresholds(spec.formats.state),
    )


def _formatted(name: str, formats: PgdFormats, first_step: int) -> PgdSpec:
    """An 8×4 stress spec in other formats; its steps start at `first_step`."""
    base = spec("box", 8, 4, layers=3)
    bank = range(first_step, first_step + len(base.snr))
    step = tuple(min(q, formats.step.max) for q in bank)
    inverse = tuple(odd_reciprocal(q, formats.step, formats.inverse) for q in step)
    highest = formats.state.max // 2
    layers = (dataclasses.replace(layer, step=step, inverse=inverse) for layer in base.layers)
    return dataclasses.replace(
        base,
        name=f"stress-{name}-8x4",
        formats=formats,
        layers=tuple(dataclasses.replace(layer, threshold=highest) for layer in layers),
        slicer=base.constellation.thresholds(formats.state),
    )
