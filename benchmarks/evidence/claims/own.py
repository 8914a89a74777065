# SPDX-License-Identifier: Apache-2.0
"""What this project says of its own detectors: where K-best is the better one, and where not."""

from __future__ import annotations

from benchmarks.evidence.finding import PARTLY, Finding, Found, compared
from benchmarks.evidence.studies import KBEST
from benchmarks.evidence.tables import number

KNOWN, IMPERFECT, CORRELATED = "admm-box", "imperfect-h", "correlated"
UNFOLDED = ("golden:spec=admm-kaq", "golden:spec=admm-box")
RECOMMENDED = UNFOLDED[0]


def beaten(found: Found) -> Finding:
    """With a known i.i.d. H a small K-best beats every unfolded detector at 16×16."""
    gain = compared(found, KNOWN, "kbest:k=4", RECOMMENDED)
    text = f"K = 4 less `admm-kaq`, {gain.count} comparisons: {gain.text}"
    return Finding(str(beaten.__doc__), text, gain.verdict)


def robust(found: Found) -> Finding:
    """With an imperfect H, E|ΔH|² = .05 of its power, ADMM-Net beats a small K-best."""
    return _against_kbest(found, IMPERFECT, str(robust.__doc__))


def correlated(found: Found) -> Finding:
    """With correlation .7 at both ends and a known H, ADMM-Net beats a small K-best."""
    return _against_kbest(found, CORRELATED, str(correlated.__doc__))


FINDINGS = (beaten, robust, correlated)


def _against_kbest(found: Found, study: str, claim: str) -> Finding:
    """The recommended integers less each K-best's, and LMMSE's, at every SNR."""
    gains = {label: compared(found, study, RECOMMENDED, name) for name, label in KBEST.items()}
    points = found.results[study].points
    rates = [
        f"{label} " + ", ".join(number(points[name, snr].ber.value) for snr in _snrs(found, study))
        for name, label in {RECOMMENDED: "`admm-kaq`", **KBEST, "lmmse": "LMMSE"}.items()
    ]
    at = ", ".join(f"{snr:g}" for snr in _snrs(found, study))
    text = f"BER at {at} dB: {'; '.join(rates)}. `admm-kaq` less "
    text += "; less ".join(f"{label}: {gain.text}" for label, gain in gains.items())
    verdicts = {gain.verdict for gain in gains.values()}
    return Finding(claim, text, verdicts.pop() if len(verdicts) == 1 else PARTLY)


def _snrs(found: Found, study: str) -> tuple[float, ...]:
    return found.results[study].plan.snr_db
