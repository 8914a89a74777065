# SPDX-License-Identifier: Apache-2.0
"""Every figure and table of docs/results, from the shipped networks.

    python -m benchmarks.evidence              # the whole, into docs/results
    python -m benchmarks.evidence --quick      # few vectors, into build/evidence-quick: CI runs it
    python -m benchmarks.evidence --only hpd-figure-5 latency
    python -m benchmarks.evidence --pages      # figures and pages from the numbers that are there
    python -m benchmarks.evidence --repeat     # a point of each study again: CI demands its counts

Each part leaves its numbers as JSON, with what they were made from: networks, specs, and a hash of
the arithmetic. Pages are not written from numbers of another arithmetic. A sweep that was
interrupted goes on where it stopped, unless a shipped network or spec has changed since.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import time
from pathlib import Path

from rich.progress import Progress

from benchmarks.evidence import pages, provenance
from benchmarks.evidence.link import parts
from benchmarks.evidence.link.part import Part
from benchmarks.evidence.provenance import LATENCY, VARIANTS
from benchmarks.evidence.repeat import again
from benchmarks.evidence.studies import STUDIES, Study
from fixedpoint.cli import MISMATCH, Parser, run
from fixedpoint.detectors import library as specs
from fixedpoint.support.files import write_text
from model import variants
from model.lab import report
from model.lab.sweep import sweep
from model.store import shipped

OUT, QUICK_OUT = Path("docs/results"), Path("build/evidence-quick")
JOURNALS = Path("build/evidence")
TRAINED = Path("build/train/variants")
"""Where `model.variants` trains by itself."""


def measure(study: Study, out: Path, quick: bool, workers: int) -> None:
    """Run a study's sweep, on from its journal if there is one; write its numbers."""
    plan = study.plan(quick)
    journal = JOURNALS / f"{study.name}-{plan.digest[:12]}-{shipped_digest()[:12]}.jsonl"
    journal.parent.mkdir(parents=True, exist_ok=True)
    with Progress(transient=True) as progress:
        task = progress.add_task(study.name, total=1.0)
        result = sweep(
            plan,
            workers=workers,
            journal=journal,
            resume=journal.exists(),
            report=lambda points, _: progress.update(
                task, completed=sum(p.share for p in points) / len(points)
            ),
        )
    report.save([result], out / f"{study.name}.json")
    provenance.stamp(out / f"{study.name}.json", provenance.of_plan(plan))


def shipped_digest() -> str:
    """SHA-256 of all shipped networks and specs: numbers of others are not gone on with."""
    digest = hashlib.sha256()
    for path in sorted([*shipped.FOLDER.iterdir(), *specs.SHIPPED.iterdir()]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def measure_link(part: Part, out: Path, quick: bool) -> None:
    """Decode a part's words; write which are wrong."""
    with Progress(transient=True) as progress:
        task = progress.add_task(part.name, total=1.0)
        part.measure(out, quick, lambda share: progress.update(task, completed=share))
    provenance.stamp(out / f"{part.name}.json", provenance.of_link(part))


def latency(out: Path, quick: bool) -> None:
    """Figure 6 of the KAQ paper: the latency benchmark in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.latency", "--json", str(out / "latency.json")]
    done = subprocess.run([*command, *(["--quick"] if quick else [])], check=False)
    if done.returncode:
        raise ValueError(f"benchmarks.latency ended with status {done.returncode}")
    provenance.stamp(out / f"{LATENCY}.json", provenance.of_latency())


def train_variants(out: Path) -> None:
    """What each choice of quantized training is worth: hours, but for what is of today's record.

    Nets and numbers of another record are not gone on with: their folder is another one.
    """
    record, path = provenance.of_variants(), out / f"{VARIANTS}.json"
    folder = TRAINED / provenance.digest(record)[:12]
    if path.exists() and provenance.stored(path) == record:
        write_text(folder / path.name, path.read_text("utf-8"))
    if variants.main(["--out", str(folder), "--work", str(folder)]):
        raise ValueError("model.variants failed")
    provenance.stamp(folder / path.name, record)
    for name in (path.name, path.with_suffix(".md").name):
        write_text(out / name, (folder / name).read_text("utf-8"))


def repeated(out: Path, names: list[str], workers: int, stamp: bool) -> int:
    """A point of each committed study again; exit status 1 if a count differs.

    `stamp`: a file that has no record, and whose numbers came out, gets today's.
    """
    differing = []
    for name in names:
        lines = again(out / f"{name}.json", stamp, workers, TRAINED)
        counted = name not in provenance.PARTS or name in parts.BY_NAME
        same = "equal" if counted else "of today's arithmetic"
        print(f"{name}: {'differs' if lines else same}", flush=True)
        differing += lines
    for line in differing:
        print(line, file=sys.stderr)
    return MISMATCH if differing else 0


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on bad options or a part that failed."""
    parser = Parser(
        prog="python -m benchmarks.evidence",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [*(study.name for study in STUDIES), *provenance.PARTS]
    parser.add_argument("--quick", action="store_true", help="few vectors; says nothing")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="PART")
    parser.add_argument("--pages", action="store_true", help="measure nothing")
    parser.add_argument("--repeat", action="store_true", help="a point of each study, exactly")
    parser.add_argument(
        "--stamp",
        action="store_true",
        help="with --repeat: give a file that has no record today's, if its numbers came out",
    )
    parser.add_argument("--workers", type=int, default=0, help="processes; 0 for one a core")
    parser.add_argument("--out", type=Path, help=f"default {OUT}, quick: {QUICK_OUT}")
    arguments = parser.parse_args(argv)
    if arguments.stamp and not arguments.repeat:
        parser.error("--stamp goes with --repeat")
    out: Path = arguments.out or (QUICK_OUT if arguments.quick else OUT)

    def body() -> int:
        if arguments.repeat:
            return repeated(out, arguments.only, arguments.workers, arguments.stamp)
        chosen = [] if arguments.pages else arguments.only
        for study in STUDIES:
            if study.name in chosen:
                started = time.monotonic()
                measure(study, out, arguments.quick, arguments.workers)
                print(f"{study.name}: {time.monotonic() - started:.0f} s", flush=True)
        for part in parts.PARTS:
            if part.name in chosen:
                started = time.monotonic()
                measure_link(part, out, arguments.quick)
                print(f"{part.name}: {time.monotonic() - started:.0f} s", flush=True)
        if LATENCY in chosen:
            latency(out, arguments.quick)
        if VARIANTS in chosen and not arguments.quick:
            train_variants(out)
        for path in pages.write(out):
            print(path)
        return 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
