# SPDX-License-Identifier: Apache-2.0
"""Stress specs of HPD and FPD-Net with small widths, made in code: `spec("hpd")` and the like.

Their state is little wider than the grid and their constants are strong, so that a thousand
extreme vectors saturate every wire that can saturate, project, tie and pass every table's ends.
Their 1/C is too large by what it takes to saturate s: no sealed spec may have such a one, and these
classes alone let it pass, so that a stress spec is made in code and never read from a file.
"""

from __future__ import annotations

from typing import Any

from fixedpoint.detectors import fpd, hpd
from fixedpoint.detectors.units import sigmoid as logistic
from fixedpoint.numbers.bank import SnrBank, constant_faults
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.specs.detector import SCHEMA
from fixedpoint.specs.fpd import FpdLayer, FpdSpec
from fixedpoint.specs.fpd_tables import FpdFormats
from fixedpoint.specs.hpd import HpdFormats, HpdLayer, HpdSpec

COMMON = {
    "h": Format(5, 3),
    "residual": Format(7, 5),
    "step": Format(6, 4),
    "kappa": Format(12, 10),
    "mean": Format(8, 6),
    "momentum": Format(7, 6),
}
PENALTY = Format(6, 4)
STRONG = Format(7, 4)
COSINE = Format(4, 3)


class StressHpd(HpdSpec):
    """HPD whose `mean` is a factor of any size."""

    def mean_faults(self) -> list[str]:
        """None but a factor outside its format."""
        return constant_faults("mean", self.mean, 1, self.formats.mean)


class StressFpd(FpdSpec):
    """FPD-Net whose `mean` is a factor of any size."""

    def mean_faults(self) -> list[str]:
        """None but a factor outside its format."""
        return constant_faults("mean", self.mean, 1, self.formats.mean)


def adc(bits: int, entries: int, quantizer: str = "uniform") -> FewBitAdc:
    """A converter whose thresholds differ in each SNR entry, and are not symmetric."""
    thresholds, levels = [], []
    for k in range(entries):
        width = (2 + (5 * k) % 7) << max(3 - bits, 0)
        offset = (k % 5 - 2) * (17 if bits < 4 else 3)
        thresholds.append(tuple(width * (2 * i - 2**bits) + offset for i in range(1, 2**bits)))
        levels.append(tuple(width * (2 * i + 1 - 2**bits) + offset for i in range(2**bits)))
    return FewBitAdc(bits, quantizer, Format(8, 2), Format(8, 2), tuple(thresholds), tuple(levels))


def spec(
    detector: str = "hpd",
    *,
    rows: int = 32,
    columns: int = 8,
    units: int = 4,
    bits: int = 2,
    modulation: str = "16qam",
    layers: int = 4,
) -> HpdSpec | FpdSpec:
    """A stress spec of `hpd` or `fpd`, of up to 5 layers."""
    bank, mod = SnrBank(-5, 30), MODULATIONS[modulation]
    state = Format(5 + mod.bits, 4)
    sigmoid = Lookup.of(lambda a: logistic(1.5 * a), Format(6, 2), COMMON["residual"])
    common: dict[str, Any] = {
        "schema": SCHEMA,
        "name": f"stress-{detector}-{rows}x{columns}x{units}-{modulation}-{bits}bit",
        "detector": detector,
        "provenance": "fixedpoint/stress/distributed.py",
        "modulation": modulation,
        "rows": rows,
        "columns": columns,
        "snr": bank,
        "slicer": mod.thresholds(state),
        "units": units,
        "kappa": 1536,
        "adc": adc(bits, len(bank)),
        "sigmoid": sigmoid,
        "mean": _mean(state, units * mod.peak << state.frac),
        "momentum": tuple(
            int(COMMON["momentum"].quantize(t / (t + 1))) for t in range(1, layers + 1)
        ),
    }
    if detector == "hpd":
        formats = HpdFormats(state=state, weight=Format(6, 4), eta=Format(9, 0), **COMMON)
        pull = Lookup.of(lambda a: hpd.pull_gradient(a, 100.0), Format(5, 5), PENALTY)
        made = tuple(HpdLayer(step=11 + 3 * k, weight=7 + 5 * k) for k in range(layers))
        return StressHpd(**common, formats=formats, eta=100, pull=pull, layers=made)
    fpd_formats = FpdFormats(
        state=state, quartic_scale=Format(6, 4), quartic_step=STRONG,
        gaussian_scale=Format(6, 4), gaussian_step=STRONG, cosine_step=STRONG,
        phi=Format(7, 4), **COMMON,
    )  # fmt: skip
    return StressFpd(
        **common,
        formats=fpd_formats,
        quartic=Lookup.of(fpd.quartic_slope, Format(6, 3), PENALTY),
        gaussian=Lookup.of(fpd.gaussian_slope, Format(6, 3), PENALTY),
        cosine_address=COSINE,
        cosine_output=STRONG,
        layers=tuple(_fpd_layer(k) for k in range(layers)),
    )


def _mean(state: Format, whole: int) -> int:
    """An odd factor, so that sums tie, that saturates s where all units are at the grid's end."""
    fmt = COMMON["mean"]
    return min((state.max + 2 << fmt.frac) // whole + 1 | 1, fmt.max)


def _fpd_layer(k: int) -> FpdLayer:
    phi = 17 + 2 * k
    table = Lookup.of(lambda a: fpd.cosine_slope(a, phi / 16), COSINE, STRONG)
    return FpdLayer(
        step=11 + 3 * k, quartic_scale=30 - k, quartic_step=61 - 3 * k, gaussian_scale=23 + 2 * k,
        gaussian_step=63 - 4 * k, cosine_step=36 + 8 * (k % 4), phi=phi, cosine=table.values,
    )  # fmt: skip
