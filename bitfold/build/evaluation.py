# SPDX-License-Identifier: Apache-2.0
"""The stage of bit error rates: integers, their float twin and what is feasible beside them."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from bitfold.build.coded import coded
from bitfold.build.job import Job, MismatchError, say
from fixedpoint.support.files import write_text
from model.detectors.recorded import lines, measured, remarks
from model.evaluate import progress_report
from model.lab import report
from model.lab.arguments import snr_list
from model.lab.loss import losses
from model.lab.plan import Plan
from model.lab.sweep import sweeps
from model.soft import quality
from model.systems.system import System

MOST_POINTS = 1 << 12
"""Of all symbol vectors together: with so many, maximum likelihood is feasible."""
STEP_DB = 2.5
JOURNAL = "evaluate.jsonl"
SOFT_VECTORS = 1000
"""At each SNR, for what soft bits are worth."""


def evaluate(job: Job) -> None:
    """A sweep in the build's own system, journaled; a change of the plan starts it anew."""
    asked, system, spec = job.made.evaluate, job.system(), job.spec()
    integers, twin = (f"{kind}:spec={job.spec_file}" for kind in ("golden", "twin"))
    others = asked.beside.split() or beside(system)
    low, high = spec.snr.snr_db[0], spec.snr.snr_db[-1]
    plan = Plan(
        system=system,
        detectors=(integers, twin, *others),
        snr_db=snr_list(asked.snr or f"{max(low, -5):g}:{high:g}:{STEP_DB}"),
        seed=asked.seed,
        errors=asked.errors,
        max_vectors=asked.max_vectors,
    )
    journal = job.folder / JOURNAL
    with progress_report() as show:
        [result] = sweeps([plan], journal=journal, resume=journal.exists(), report=show)
    lost = losses(result, integers, twin)
    for line in remarks(system, plan.detectors, channels=False):
        say(f"warning: {line}")
    received = measured(system, plan.detectors)
    for line in lines(received):
        say(line)
    write_text(job.result("evaluate"), report.to_json([result], twin, lost, [received]))
    soft = _soft(job, plan)
    job.keep("soft", {"seed": asked.seed, "vectors": SOFT_VECTORS, "each": soft})
    job.keep("coded", coded(job, soft))
    journal.unlink()
    if result.flags:
        raise MismatchError("; ".join(result.flags))


def _soft(job: Job, plan: Plan) -> list[dict[str, float]]:
    """What soft bits carry at each SNR, beside soft LMMSE; nothing of a spec without."""
    spec, system = job.spec(), job.system()
    if spec.soft is None:
        return []
    entries = sorted({int(e) for e in spec.snr.index(np.array(plan.snr_db))})
    found = [quality.measure(spec, system, e, SOFT_VECTORS, plan.seed) for e in entries]
    return [{**asdict(each), "slope": quality.slope(odds)} for each, odds in found]


def beside(system: System) -> list[str]:
    """What is feasible: linear, K-best, ML of few users; of few bits the Bayesian."""
    if system.adc_bits:
        return ["lmmse", "bmmse"]
    small = 1 << system.bits <= MOST_POINTS
    return ["lmmse", "kbest:k=16", *(["ml"] if small else [])]
