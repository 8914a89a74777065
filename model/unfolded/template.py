# SPDX-License-Identifier: Apache-2.0
"""The sizes and formats of a training for any system, from those of a shipped spec.

The shipped formats are made for coordinates up to 3, 16 receive antennas and as many users. The
rule: a larger constellation gets the integer bits that its peak needs, and as many fractional bits
of the matrices, since what rounding makes of an entry is multiplied by the coordinates; H follows
the standard deviation of its entries, y that of the samples at 0 dB, each with as much room as in
the shipped spec, at no less resolution.
"""

from __future__ import annotations

import dataclasses
import math

from fixedpoint.detectors.library import PgdSpec
from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.bank import SnrBank, odd_reciprocal
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.modulation import Modulation
from fixedpoint.specs.pgd import PgdFormats
from model.systems.system import System

SLACK = 0.1
"""In bits: how much less room than in the shipped spec is enough."""


def growth(modulation: Modulation) -> int:
    """Integer bits more than for coordinates up to 3: 1 for 64-QAM, 2 for 256-QAM."""
    return max(0, round(math.log2(modulation.peak / 3)))


def wider(fmt: Format, integer: int, frac: int = 0) -> Format:
    """So many integer and fractional bits more."""
    return Format(fmt.bits + integer + frac, fmt.frac + frac)


def template_of(spec: PgdSpec, system: System, bank: SnrBank) -> PgdSpec:
    """The spec with a system's sizes, symbols and bank, its formats made fit.

    Its constants are there to be replaced. Raises `SpecError` on sizes that no spec has.
    """
    more = growth(system.constellation)
    spread = 0.5 * math.log2(system.nr / (spec.rows // 2))
    deviation = 0.5 * math.log2(system.signal_variance * 2 / _reference(spec))
    samples = math.ceil(deviation - SLACK)
    f = spec.formats
    y = wider(f.y, samples) if samples > 0 else wider(f.y, samples, -samples)
    formats = PgdFormats(
        h=wider(f.h, -math.floor(spread + SLACK), math.floor(spread + SLACK) + more),
        y=y,
        residual=wider(f.residual, max(samples, 0)),
        state=wider(f.state, more),
        code=f.code,
        step=wider(f.step, more),
        inverse=f.inverse,
        eta=f.eta,
    )
    layers = tuple(
        dataclasses.replace(
            layer,
            step=layer.step[:1] * len(bank),
            inverse=(odd_reciprocal(layer.step[0], formats.step, formats.inverse),) * len(bank),
        )
        for layer in spec.layers
    )
    return spec.replace(
        rows=system.rows, columns=system.columns, modulation=system.modulation, snr=bank,
        slicer=system.constellation.thresholds(formats.state), formats=formats, layers=layers,
        adc=Adc(spec.adc.bits + max(samples, 0), spec.adc.half_step),
    )  # fmt: skip


def _reference(spec: PgdSpec) -> float:
    """Nt·Es·E|h|², of the spec's own system."""
    return spec.columns / 2 * spec.constellation.symbol_energy * spec.entry_variance
