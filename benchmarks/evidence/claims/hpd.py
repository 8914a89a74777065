# SPDX-License-Identifier: Apache-2.0
"""The claims of the HPD/FPD paper; those about FPD-Net are in `fpd.py`."""

from __future__ import annotations

import dataclasses

import numpy as np

from benchmarks.evidence.claims import fpd
from benchmarks.evidence.finding import FAILS, HOLDS, PARTLY, Finding, Found, compared
from benchmarks.evidence.paired import against, interval
from benchmarks.evidence.studies import NAMED_SYSTEMS
from benchmarks.evidence.tables import rate
from model.detectors.cost import receivers as cost
from model.distributed.likelihood import hardened_lipschitz, lipschitz
from model.distributed.penalty import best_weight
from model.systems.scene import scene

ONE_BIT, TWO_BITS = "hpd-figure-4", "hpd-figure-5"
DRAWS = 2000


def weight(found: Found) -> Finding:
    """α* ≈ 0.428 with negligible variation across M (§III-B)."""
    values = {name: best_weight(peak) for name, peak in (("4", 1), ("16", 3), ("64", 7))}
    text = "computed: "
    text += ", ".join(f"{value:.5f} for {name}-QAM" for name, value in values.items())
    holds = all(abs(value - 0.428) < 5e-4 for value in values.values())
    return Finding(str(weight.__doc__), text, HOLDS if holds else FAILS)


def exact_penalty(found: Found) -> Finding:
    """With γ ≥ L_f the penalized problem (5) has the minimisers of ML (4) (Lemma 1, Theorem 1)."""
    text = (
        "brute force at K ≤ 4, 1 to 3 bits, and Hessian ≤ L_f·I on random draws: "
        "`tests/test_model_penalty.py`, `tests/test_model_likelihood.py`"
    )
    return Finding(str(exact_penalty.__doc__), text, HOLDS)


def hardening(found: Found) -> Finding:
    """(N/4)(1 + √(K/N))² is an accurate surrogate of L_f = ½λ_max(HᵀH) (13)."""
    system = NAMED_SYSTEMS["64x8-4qam-1bit"]
    drawn = scene(system, 10.0, DRAWS, np.random.default_rng(0))
    ratio = lipschitz(drawn.h).numpy() / hardened_lipschitz(system.rows, system.columns)
    low, high = np.quantile(ratio, [0.025, 0.975])
    text = (
        f"64×8: L_f is {ratio.mean():.3f} of it on average, 95% of {DRAWS} draws (seed 0) within "
        f"{low:.2f} to {high:.2f}, above it in {np.mean(ratio > 1):.1%}"
    )
    verdict = HOLDS if 0.9 < ratio.mean() < 1.1 else PARTLY
    return Finding(str(hardening.__doc__), text, verdict)


def smoothing(found: Found) -> Finding:
    """ε_n falls with n, and |V_n − f*| ≤ γ̄(ε_n + 1/n) (Lemmas 2 and 3)."""
    text = (
        "ε_n by linear programming, V_n by brute force: `tests/test_model_penalty.py`. Eq. (31) "
        "leaves out that φ = −½ on the grid: the bound holds for V_n + γ̄K/2, not for V_n as printed"
    )
    return Finding(str(smoothing.__doc__), text, PARTLY)


def solved(found: Found) -> Finding:
    """HPD effectively solves ML detection by its penalized problem (§VI)."""
    parts, worse = [], 0
    for name, study, bound in (("1", ONE_BIT, "1bit-ml"), ("2", TWO_BITS, "few-bit-ml")):
        worse += compared(found, study, "hpd", bound).worse
        parts.append(f"κ = 1.5 less {name}-bit ML: {against(found, study, 'hpd', bound)}")
    low = found.results[TWO_BITS]
    bits, vectors = (
        low.difference("bmmse", "few-bit-ml", 0.0, kind) for kind in ("bits", "vectors")
    )
    text = (
        f"BER, {'; '.join(parts)}. ML is the least vector-error rate, and no bound of the BER "
        "where it gets most vectors wrong: at 0 dB, 16-QAM and 2 bits, BMMSE less ML is "
        f"{interval(bits)} in bits and {interval(vectors)} in vectors"
    )
    return Finding(str(solved.__doc__), text, PARTLY if worse else HOLDS)


def one_bit(found: Found) -> Finding:
    """HPD has a lower BER than BMMSE with 4-QAM and 1 bit (figure 4)."""
    return _figure(str(one_bit.__doc__), found, ONE_BIT)


def two_bits(found: Found) -> Finding:
    """HPD has a lower BER than BMMSE with 16-QAM and 2 bits (figure 5)."""
    return _figure(str(two_bits.__doc__), found, TWO_BITS)


def _figure(claim: str, found: Found, study: str) -> Finding:
    letter = compared(found, study, "hpd:kappa=1", "bmmse")
    text = (
        f"κ = 1, the letter: {against(found, study, 'hpd:kappa=1', 'bmmse')}. κ = 1.5, which the "
        f"paper does not have: {against(found, study, 'hpd', 'bmmse')}"
    )
    return Finding(claim, text, letter.verdict)


def floors(found: Found) -> Finding:
    """Decentralised CG and ADMM, which ignore the quantization, have error floors (figure 4)."""
    points = found.results[ONE_BIT].points
    rates = {
        label: [points[name, snr] for snr in (15.0, 20.0)]
        for label, name in (("CG", "cg"), ("ADMM", "dadmm"), ("BMMSE", "bmmse"))
    }
    floored = {
        label: last.ber.value > first.ber.value / 2 for label, (first, last) in rates.items()
    }
    text = "5 dB more do not halve the BER: " + "; ".join(
        f"{label} {rate(first.ber)} at 15 dB ({first.vectors:,} vectors), {rate(last.ber)} at "
        f"20 dB ({last.vectors:,})"
        for label, (first, last) in rates.items()
    )
    text += ". BMMSE, which knows of the quantization, has one too" if floored["BMMSE"] else ""
    return Finding(str(floors.__doc__), text, HOLDS if floored["CG"] and floored["ADMM"] else FAILS)


def stopping(found: Found) -> Finding:
    """Algorithm 1 ends once γᵗ reaches the threshold of (13), or at t = L."""
    names = {"L = 5": "hpd", "8": "hpd:layers=8", "the threshold": "hpd:layers=20,stop=threshold"}
    points = {label: found.results["hpd-layers"].points[n, 10.0] for label, n in names.items()}
    later = compared(found, "hpd-layers", names["the threshold"], names["L = 5"])
    text = (
        "with γ⁰ = 1 and ϱ = 1.5 the threshold is reached at t = 11, so L = 5 never gets there. "
        f"16-QAM, 2 bits, κ = 1.5, {min(p.vectors for p in points.values()):,} vectors; BER at "
        "10 dB "
        + ", ".join(f"{rate(point.ber)} at {label}" for label, point in points.items())
        + f"; the threshold less L = 5, {later.count} comparisons: {later.text}"
    )
    return Finding(str(stopping.__doc__), text, later.verdict)


def complexity(found: Found) -> Finding:
    """HPD and FPD-Net cost less computation and less fronthaul than BMMSE (§V)."""
    parts, less = [], []
    for name in ("64x8-4qam-1bit", "64x8-16qam-2bit"):
        system = NAMED_SYSTEMS[name]
        for shared, vectors in (("own H", 1), ("H shared by 100 vectors", 100)):
            table = dict(cost.table(dataclasses.replace(system, vectors=vectors)))
            hpd, fpd, bmmse = (table[key] for key in ("HPD", "FPD-Net, table", "BMMSE"))
            products = [
                c.centre.products + system.units * c.unit.products for c in (hpd, fpd, bmmse)
            ]
            bits = [c.up + c.down for c in (hpd, fpd, bmmse)]
            less.append(max(products[:2]) < products[2] and max(bits[:2]) < bits[2])
            parts.append(
                f"{name}, {shared}: {products[0]:,.0f}, {products[1]:,.0f}, {products[2]:,.0f} "
                f"products in all and {bits[0]:,.0f}, {bits[1]:,.0f}, {bits[2]:,.0f} bits a unit"
            )
    verdict = HOLDS if all(less) else PARTLY if any(less) else FAILS
    text = "counted, not measured; HPD, FPD-Net (table), BMMSE a vector; " + "; ".join(parts)
    return Finding(str(complexity.__doc__), text, verdict)


FINDINGS = (
    exact_penalty,
    hardening,
    weight,
    smoothing,
    stopping,
    solved,
    one_bit,
    two_bits,
    *fpd.FINDINGS,
    floors,
    complexity,
)
