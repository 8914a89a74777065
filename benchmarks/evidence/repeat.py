# SPDX-License-Identifier: Apache-2.0
"""A point of what was committed, measured again: its numbers must come out exactly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.evidence import provenance
from benchmarks.evidence.link import parts
from benchmarks.evidence.provenance import LATENCY, VARIANTS
from benchmarks.evidence.studies import STUDIES, Study
from model import variants
from model.lab.plan import Plan
from model.lab.result import Point, Result
from model.lab.sweep import sweep
from model.recipes.families import BASE
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.store.commands import finished

MOST_DETECTORS, MOST_VECTORS = 3, 25_000
INTEGERS, UNFOLDED = ("golden",), ("fpd", "hpd")
BITS = 8
"""Code width of the variants that are measured again."""
BY_NAME = {study.name: study for study in STUDIES}


def again(path: Path, stamp: bool, workers: int, work: Path) -> list[str]:
    """Check a file of numbers, and measure a point of a sweep again; a line for each difference.

    `stamp`: a file without a record gets today's if its numbers came out; a net of each family of
    variants is measured for that, from `work`. Raises `ValueError` on a file that is not there, or
    whose record is not today's, and on times, which never come out again.
    """
    if not path.exists():
        raise ValueError(f"{path} is missing: python -m benchmarks.evidence --only {path.stem}")
    mark = stamp and provenance.stored(path) is None
    if not mark:
        provenance.check(path)
    lines = []
    if path.stem in BY_NAME:
        lines = repeat(BY_NAME[path.stem], path, workers)
    elif path.stem in parts.BY_NAME:
        lines = parts.BY_NAME[path.stem].again(provenance.numbers(path))
    elif mark and path.stem == LATENCY:
        raise ValueError(f"{path}: times don't come out again, --only {LATENCY} measures them")
    elif mark and path.stem == VARIANTS:
        lines = repeat_variants(path, work)
    if mark and not lines:
        provenance.stamp(path, provenance.today(path))
    return lines


def repeat(study: Study, path: Path, workers: int) -> list[str]:
    """Measure one SNR of a committed result again; a line for each count that differs.

    Up to `MOST_DETECTORS` detectors with at most `MOST_VECTORS` vectors there (`point_of`). All
    compute in double precision or in integers, so that the counts do not depend on the processor.
    A detector's counts do not depend on what runs beside it: a task's draws are of seed, SNR and
    task, and the tasks keep their size. Raises `ValueError` if no detector's point is short enough.
    """
    result = provenance.result_of(study, path)
    snr, chosen = point_of(study, result)
    plan = result.plan
    names = {text.partition(":")[0] for text in chosen} | set(chosen)
    repeated = Plan(
        plan.system, chosen, (snr,), plan.seed,
        errors=plan.errors, max_vectors=plan.max_vectors, min_vectors=plan.min_vectors,
        limits={name: limit for name, limit in plan.limits.items() if name in names},
        task_vectors=plan.task_blocks * plan.system.vectors,
    )  # fmt: skip
    found = sweep(repeated, workers=workers)
    lines = []
    for text in chosen:
        old, new = counts(result.points[text, snr]), counts(found.points[text, snr])
        if old != new:
            lines.append(
                f"{study.name}: {text} at {snr:g} dB, wrong bits, symbols, vectors of vectors: "
                f"{old} committed, {new} repeated"
            )
    return lines


def repeat_variants(path: Path, work: Path) -> list[str]:
    """Measure the first base of each family of `model.variants` again; a line for each difference.

    The nets compute in float32, so that this holds on the machine that trained them. Raises
    `ValueError` if one does not lie trained in `work`.
    """
    record, lines = provenance.numbers(path), []
    for variant in variants.plan(seeds=1):
        if variant.factor != BASE or variant.config.bits != BITS:
            continue
        if not _trained(variant, work):
            raise ValueError(f"{work / variant.name} holds no trained net to measure again")
        old = record["variants"].get(variant.name, {}).get("ber")
        new = variants.measure(variant, record["vectors"], work)["ber"]
        if old != new:
            lines.append(f"{VARIANTS}: BER of {variant.name}: {old} committed, {new} repeated")
    return lines


def _trained(variant: variants.Variant, work: Path) -> bool:
    folder = work / variant.name
    there = (folder / checkpoints.FILE).exists()
    return there and finished(checkpoints.load(folder), variant.config)


def point_of(study: Study, result: Result) -> tuple[float, tuple[str, ...]]:
    """The SNR with the most detectors that are cheap to repeat, and what is repeated there.

    Golden models first, then quantized nets and twins, HPD and FPD-Net, float nets, references; of
    equal ones each name once before any twice.
    """
    best: tuple[float, tuple[str, ...]] | None = None
    for snr in result.plan.snr_db:
        cheap = [
            text
            for text in result.plan.detectors
            if text not in study.slow
            and "precision=" not in text
            and result.points[text, snr].vectors <= MOST_VECTORS
        ]
        ranked = _ranked(cheap)[:MOST_DETECTORS]
        if ranked and (best is None or len(ranked) > len(best[1])):
            best = snr, tuple(ranked)
    if best is None:
        raise ValueError(f"{study.name}: no point has at most {MOST_VECTORS} vectors")
    return best


def counts(point: Point) -> tuple[int, int, int, int]:
    """Wrong bits, symbols and vectors, and the vectors that were sent."""
    return point.ber.errors, point.ser.errors, point.ver.errors, point.vectors


def _ranked(texts: list[str]) -> list[str]:
    """By kind, then by how often the name was there before."""
    seen, keys = Counter[str](), {}
    for text in texts:
        name = text.partition(":")[0]
        keys[text] = _kind(text), seen[name]
        seen[name] += 1
    return sorted(texts, key=keys.__getitem__)


def _kind(text: str) -> int:
    name = text.partition(":")[0]
    if name in INTEGERS:
        return 0
    if name in shipped.names():
        return 1 if shipped.checkpoint_of(name).stage == "quantized" else 3
    if name == "twin":
        return 1
    return 2 if name in UNFOLDED else 4
