# SPDX-License-Identifier: Apache-2.0
"""Stress specs of ADMM-Net: small widths and constants that drive every branch and saturation."""

from __future__ import annotations

from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.bank import SnrBank, odd_reciprocal
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.specs.admm import AdmmFormats, AdmmLayer, AdmmSpec
from fixedpoint.specs.detector import SCHEMA

FORMATS = AdmmFormats(
    f=Format(7, 5),
    p=Format(5, 4),
    y=Format(7, 3),
    front=Format(6, 2),
    difference=Format(5, 2),
    state=Format(9, 4),
    dual=Format(6, 3),
    code=Format(4, 0),
    step=Format(9, 6),
    inverse=Format(8, 4),
    relaxation=Format(6, 3),
    dual_step=Format(6, 2),
    rho=Format(16, 10),
)
RELAXATIONS = (7, -11, 13, 21, 5)
DUAL_STEPS = (9, 17, -6, 4, 11)


def spec(prox: str = "soft", rows: int = 32, columns: int = 32, layers: int = 5) -> AdmmSpec:
    """A stress spec: constants of both signs, another Δ in each layer and SNR entry."""
    bank = SnrBank(-5, 30)
    made = []
    for k in range(layers):
        step = tuple(24 + (11 * i + 17 * k) % 139 for i in range(len(bank)))
        inverse = tuple(odd_reciprocal(q, FORMATS.step, FORMATS.inverse) for q in step)
        made.append(
            AdmmLayer(
                relaxation=RELAXATIONS[k % len(RELAXATIONS)],
                dual_step=DUAL_STEPS[k % len(DUAL_STEPS)],
                threshold=5 + k if prox == "soft" else 70 - 6 * k,
                step=step,
                inverse=inverse,
            )
        )
    modulation = MODULATIONS["16qam"]
    return AdmmSpec(
        schema=SCHEMA,
        name=f"stress-admm-{prox}-{rows}x{columns}",
        detector="admm",
        provenance="fixedpoint/stress/admm.py",
        modulation=modulation.name,
        rows=rows,
        columns=columns,
        prox=prox,
        snr=bank,
        adc=Adc(bits=4, half_step=4),
        formats=FORMATS,
        rho=tuple(4 + 300 * (len(bank) - i) for i in range(len(bank))),
        layers=tuple(made),
        slicer=modulation.thresholds(FORMATS.state),
    )
