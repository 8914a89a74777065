# SPDX-License-Identifier: Apache-2.0
"""Faults planted in the compiler: one slip in an emitter, the scheduler or a primitive at a time.

    python -m tests.planted --view rtl --count 30 --seed 0

Each is planted in a copy of the sources. Where it changes what is emitted for a program, that
program must be refused, or an integer of it differ, or another test must fail. A slip that changes
no text of any program is listed, and another one drawn. `planted_equal.py` has the slips that are
equal, each with its reason.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fixedpoint import cli
from tests import planted_slips
from tests.planted_check import ROOT, VIEWS, some
from tests.planted_equal import reason, reason_of_same_text
from verification.faults.mutate import Mutation

LEFT_OUT = shutil.ignore_patterns(".*", "build", "networks", "__pycache__", "*.egg-info")
PATIENCE, MOST = 900, 10_000
INTEGERS, EMITTER, COMPILER, TIME = "integers", "refused by emitter", "refused by compiler", "time"
PYTEST = ("pytest", "-x", "-q")
TESTS, EQUAL, SAME, NOBODY = "other tests", "equal", "same text", "NOBODY"


@dataclass(frozen=True)
class Verdict:
    """What became of a planted fault: by whom it was noticed, or why it is none."""

    slip: Mutation
    by: str
    why: str = ""

    @property
    def judged(self) -> bool:
        """Whether it has an effect that somebody has to notice."""
        return self.by not in (SAME, EQUAL)

    def __str__(self) -> str:
        """`integers: grid.hpp:15 minus for plus:  +  to  - `."""
        return f"{self.by}: {self.slip}" + (f": {self.why}" if self.why else "")


@dataclass
class Planted:
    """A copy of the sources in which a view's slips are judged."""

    view: str
    seed: int
    folder: Path
    faultless: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """The copy without any fault must pass. Raises `ValueError` with what it says."""
        self.faultless = self.digests() or {}
        names = list(self.faultless)
        if not names or self.compared(names[:1]):
            raise ValueError("the check fails without any fault")

    def judge(self, path: Path, slip: Mutation) -> Verdict:
        """Plant, judge, take back."""
        target = self.folder / path.relative_to(ROOT)
        text = target.read_text(encoding="utf-8")
        target.write_text(slip.apply(text), encoding="utf-8")
        try:
            if why := reason(text, slip):
                return Verdict(slip, EQUAL, why)
            by, words = self.noticed(slip)
            if by == SAME and (why := reason_of_same_text(text, slip)):
                return Verdict(slip, EQUAL, why)
            return Verdict(slip, by, words)
        finally:
            target.write_text(text, encoding="utf-8")

    def noticed(self, slip: Mutation) -> tuple[str, str]:
        """By whom, and which words they have for it."""
        changed = list(self.faultless)
        if slip.kind == "python":
            made = self.digests()
            if made is None:
                return EMITTER, ""
            changed = [name for name in made if made[name] != self.faultless[name]]
            if not changed:
                return SAME, ""
        view = VIEWS[self.view]
        if by := self.compared(changed[:1], quick=True):
            return by, ""
        graph = [*PYTEST, *view.graph] if slip.kind == "python" else []
        if graph and _status(_run(graph, self.folder)):
            return TESTS, " ".join(view.graph)
        for quick in (True, False):
            if by := self.compared(some(changed), quick):
                return by, ""
        for command in view.others(changed):
            if _status(_run(command, self.folder)):
                return TESTS, " ".join(command)
        return NOBODY, ", ".join(changed)

    def compared(self, names: Sequence[str], quick: bool = False) -> str:
        """Who notices a fault in these programs; nothing if nobody."""
        command = ["tests.planted_check", "--view", self.view, "--seed", str(self.seed)]
        command += ["--only", ",".join(names), *["--quick"] * quick]
        made = _run(command, self.folder)
        return {None: TIME, 0: "", cli.MISMATCH: INTEGERS}.get(_status(made), COMPILER)

    def digests(self) -> dict[str, str] | None:
        """Of the text of each program; None where the emitter refuses one."""
        command = ["tests.planted_check", "--view", self.view, "--seed", str(self.seed), "--text"]
        made = _run(command, self.folder)
        found: dict[str, str] | None = json.loads(made.stdout) if _status(made) == 0 else None  # type: ignore[union-attr]
        return found


def _status(made: subprocess.CompletedProcess[str] | None) -> int | None:
    return None if made is None else made.returncode


def _run(words: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str] | None:
    """A module's command in the copy; None if it does not end."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run([sys.executable, "-m", *words], cwd=folder, env=environment,
                              capture_output=True, text=True, check=False,
                              timeout=PATIENCE)  # fmt: skip
    except subprocess.TimeoutExpired:
        return None


def plant(view: str, count: int, seed: int, folder: Path) -> Iterator[Verdict]:
    """The verdicts of `count` faults that have an effect, and of those drawn that have none."""
    planted = Planted(view, seed, folder)
    planted.begin()
    offered = planted_slips.places(ROOT / VIEWS[view].emitter, VIEWS[view].primitives(ROOT))
    left = count
    for at in np.random.default_rng(seed).permutation(len(offered)):
        if not left:
            return
        verdict = planted.judge(*offered[at])
        left -= verdict.judged
        yield verdict


def summary(verdicts: Sequence[Verdict]) -> str:
    """One line: how many had an effect, and who noticed them."""
    counted = Counter(verdict.by for verdict in verdicts)
    judged = sum(verdict.judged for verdict in verdicts)
    kinds = (INTEGERS, EMITTER, COMPILER, TIME, TESTS, EQUAL, SAME)
    noticed = [f"{counted[by]} {by}" for by in kinds if counted[by]]
    return f"{judged} judged: {', '.join(noticed)}, {counted[NOBODY]} unnoticed"


def main() -> int:
    """The command line; exit status 1 if nobody noticed a fault."""
    parser = cli.Parser(prog="python -m tests.planted", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--view", choices=sorted(VIEWS), required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    def body() -> int:
        cli.check_count(arguments.count, MOST, "faults")
        cli.check_seed(arguments.seed)
        mark = hashlib.sha256(f"{os.getpid()}".encode()).hexdigest()[:8]
        folder = ROOT / "build" / f"planted-{mark}"
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        verdicts = []
        try:
            for verdict in plant(arguments.view, arguments.count, arguments.seed, folder):
                verdicts.append(verdict)
                print(verdict, flush=True)
        finally:
            shutil.rmtree(folder)
        print(f"{arguments.view}, seed {arguments.seed}: {summary(verdicts)}")
        return cli.MISMATCH if any(verdict.by == NOBODY for verdict in verdicts) else 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
