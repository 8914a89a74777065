# SPDX-License-Identifier: Apache-2.0
"""docs/results/README.md: every figure and table, written from the numbers beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.evidence import convergence, figures, provenance, tables
from benchmarks.evidence.claims import written as claims
from benchmarks.evidence.finding import Found
from benchmarks.evidence.link import pages as links
from benchmarks.evidence.link.parts import BY_NAME as LINKS
from benchmarks.evidence.references import Reference
from benchmarks.evidence.references import load as load_references
from benchmarks.evidence.studies import NAMED_SYSTEMS, STUDIES, Study
from fixedpoint.support.files import write_text
from model.detectors.cost import central as cost_central
from model.detectors.cost import memory
from model.detectors.cost import receivers as cost
from model.lab.result import Result

HEAD = """# Results

Written by `python -m benchmarks.evidence` from the numbers in the JSON files beside this page; do
not edit. SNR is per receive antenna, E‖Hx‖²/E‖n‖²; i.i.d. Rayleigh, Gray mapping, uncoded but where
a section says otherwise, perfect channel estimate and SNR. Every detector of a table sees the same
channels, bits and noise. `± x` is half of a 95% interval over channel draws; `< x` an upper bound
of a point without errors. What the papers claim and what of it we found is on
[a page of its own](claims.md).
"""


def write(out: Path) -> list[Path]:
    """Figures and pages of everything that lies measured in `out`; returns what was written."""
    found = read(out)
    written = []
    for study in STUDIES:
        if study.name in found.results and study.name not in convergence.NAMES:
            written.append(out / f"{study.name}{figures.SUFFIX}")
            figures.rates(study, found.results[study.name], written[-1])
    for name, draw in (("hpd-figure-2", figures.penalties), ("kaq-figure-5", figures.training)):
        written.append(out / f"{name}{figures.SUFFIX}")
        draw(written[-1])
    if found.latency:
        written.append(out / f"kaq-figure-6{figures.SUFFIX}")
        figures.latency(found.latency, written[-1])
    for name, data in found.links.items():
        written.append(out / f"{name}{figures.SUFFIX}")
        links.figure(LINKS[name], data, written[-1])
    for name, text in (("README.md", _page(found)), ("claims.md", claims.page(found))):
        written.append(out / name)
        write_text(written[-1], text)
    return written


def read(out: Path) -> Found:
    """The results of the studies, the latency benchmark and the variants in a folder.

    Raises `ValueError` on a file that today's networks, specs or arithmetic would not give.
    """
    results: dict[str, Result] = {}
    for study in STUDIES:
        path = out / f"{study.name}.json"
        if path.exists():
            results[study.name] = provenance.result_of(study, path)
            provenance.check(path)
    parts = {name: _json(out / f"{name}.json") for name in provenance.PARTS}
    linked = {name: parts[name] for name in LINKS if parts[name]}
    return Found(results, parts[provenance.LATENCY], parts[provenance.VARIANTS], linked)


def _json(path: Path) -> Any:
    if not path.exists():
        return None
    provenance.check(path)
    return provenance.numbers(path)


def _page(found: Found) -> str:
    references = load_references()
    parts = [HEAD]
    for study in STUDIES:
        if study.name in found.results:
            parts.extend(_study(study, found.results[study.name], references))
    for name, data in found.links.items():
        parts.extend(links.section(LINKS[name], data))
    if found.links:
        parts.append(f"## Which core for coded words\n\n{links.cores(found.links)}\n")
    parts.append("## Penalties (HPD/FPD paper, figure 2)\n\n![φ and α*ψ](hpd-figure-2.svg)\n")
    parts.append("## Training (KAQ paper, figure 5)\n\n![BER by epoch](kaq-figure-5.svg)\n")
    if found.variants:
        parts.append("## Quantized training, one factor varied at a time\n")
        parts.append("By `python -m model.variants`: [table](variants.md).\n")
    if found.latency:
        parts.append(
            "## Latency on the CPU (KAQ paper, figure 6)\n\n![latency](kaq-figure-6.svg)\n"
        )
        parts.append(tables.latency(found.latency) + "\n")
    parts.extend(_costs())
    return "\n".join(parts)


def _study(study: Study, result: Result, references: Sequence[Reference]) -> Iterator[str]:
    if study.name in convergence.NAMES:
        yield from convergence.section(study, result)
        return
    yield f"## {study.title}\n\n![{study.title}]({study.name}{figures.SUFFIX})\n"
    yield f"{tables.size(result)} `python -m benchmarks.evidence --only {study.name}`\n"
    yield f"{tables.rates(study, result)}\n"
    paired = tables.differences(study, result)
    if paired:
        yield f"Paired on the same draws (negative: the first is better):\n\n{paired}\n"
    needed = tables.losses(study, result)
    if needed:
        yield f"SNR needed for a BER of 10⁻² (log-linear between the points):\n\n{needed}\n"
    name = next(name for name, system in NAMED_SYSTEMS.items() if system == study.system)
    held = tables.agreements(study, result, [r for r in references if r.system == name])
    if held:
        yield f"Against another implementation, within the joint 95% interval:\n\n{held}\n"
    for flag in result.flags:
        yield f"**Flagged: {flag}**\n"


def _costs() -> Iterator[str]:
    yield "## Operations, 16×16\n"
    yield "Of one receiver; formulas in `model/detectors/cost/central.py`.\n"
    yield f"{tables.central_costs(cost_central.table(NAMED_SYSTEMS['16x16-16qam']))}\n"
    formulas = "formulas in `model/detectors/cost/receivers.py`"
    yield f"## Operations and fronthaul\n\nOf one vector, own H; {formulas}.\n"
    for name in ("64x8-4qam-1bit", "64x8-16qam-2bit"):
        yield f"{name}:\n\n{tables.costs(cost.table(NAMED_SYSTEMS[name]))}\n"
    yield "## Memory of the networks\n\nBytes; formulas in `model/detectors/cost/memory.py`.\n"
    yield f"{tables.memory(memory.rows())}\n"
