# SPDX-License-Identifier: Apache-2.0
"""Coded words of a spec with soft bits, for the page of a build: they need the extra `sionna`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bitfold.build.job import Job, say
from model.systems.text import text_of

RATE, DECODED = 0.5, 0.6
"""A code's rate, and the bits of information a bit around which its words begin to be decoded."""
POINTS, BEFORE_DB, BEHIND_DB, GRID_DB = 4, 1.5, 0.75, 0.25
"""SNRs: how many, from where to where around those of `DECODED`, and what they are multiples of."""
DETECTORS = ("lmmse", "golden")


def coded(job: Job, soft: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """What `python -m model.link coded --json` writes of the build's spec, or {"why": …} not.

    soft: what bits carry at each SNR, as `Quality` has it; empty of a spec without soft bits.
    """
    words, seed = job.made.evaluate.words, job.made.evaluate.seed
    if not soft or not words:
        return {}
    snr_db = around(soft)
    if not snr_db:
        return {"why": f"at no SNR of this build soft bits carry {DECODED} bits"}
    try:
        from model.link.coded import Code, Link, sweep  # Sionna is an extra
        from model.link.command import summary
        from model.link.detectors import entrants
    except ImportError as error:
        return {"why": f"coded words need Sionna, pip install bitfold[sionna]: {error}"}
    system, spec = job.asked, job.spec()
    try:
        code = Code(system, RATE)
    except ValueError as error:
        return {"why": str(error)}
    say(f"coded words of {text_of(system)}, rate {code.k}/{code.n}, {words:,} at each of "
        f"{len(snr_db)} SNRs")  # fmt: skip
    wrong = sweep(Link(code, seed), entrants(DETECTORS, system, [spec]), snr_db, words)
    return summary(code, words, seed, snr_db, wrong)


def around(soft: Sequence[Mapping[str, float]]) -> tuple[float, ...]:
    """SNRs in dB where words of rate 1/2 begin to be decoded, by LMMSE and by the integers."""
    ends = [at for name in ("integers", "lmmse") if (at := _reached(soft, name)) is not None]
    if not ends:
        return ()
    places = np.linspace(min(ends) - BEFORE_DB, max(ends) + BEHIND_DB, POINTS)
    return tuple(sorted({round(float(each) / GRID_DB) * GRID_DB for each in places}))


def _reached(soft: Sequence[Mapping[str, float]], name: str) -> float | None:
    """The SNR in dB at which information rises to `DECODED`, straight between measured ones."""
    before = None
    for one in sorted(soft, key=lambda one: one["snr_db"]):
        if one[name] >= DECODED:
            if before is None:
                return one["snr_db"]
            share = (DECODED - before[name]) / (one[name] - before[name])
            return before["snr_db"] + share * (one["snr_db"] - before["snr_db"])
        before = one
    return None
