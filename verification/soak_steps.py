# SPDX-License-Identifier: Apache-2.0
"""What the soak runs: each step's command, the size that it has to reach, and how to read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fixedpoint.detectors import library as specs
from hls.cases import odd_specs
from hls.lanes import all_fitting
from verification.regression import suite
from verification.regression.suite_tests import AT_RANDOM

PGD = ("pgd", "pgd-box")
DISTRIBUTED = ("hpd-4qam-1bit", "hpd-16qam-2bit", "fpd-4qam-1bit", "fpd-16qam-2bit")
HYPER = ("fpd-4qam-1bit-hyper", "fpd-16qam-2bit-hyper")
ADMM = ("admm", "admm-box")
KAQ = ("admm-kaq",)
ADMM_STRESS = ("stress-admm-soft-32x32", "stress-admm-box-32x32", "stress-admm-soft-64x16")
PGD_STRESS = ("stress-soft-32x32", "stress-box-32x32", "stress-soft-32x16")
DISTRIBUTED_STRESS = tuple(
    f"stress-{detector}-{size}"
    for detector in ("hpd", "fpd")
    for size in ("32x8x4-16qam-2bit", "24x4x3-16qam-3bit", "16x4x2-qpsk-1bit", "16x4x1-64qam-4bit")
)


@dataclass(frozen=True)
class Counted:
    """What a step's JSON said; moments: how often each stream was damaged, or the top reset.

    failure: what a test says of itself, if it failed.
    """

    vectors: int
    integers: int
    differing: int
    events: Mapping[str, int]
    moments: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""

    @property
    def reached(self) -> int:
        """The size that was reached: vectors, or moments of each stream."""
        return min(self.moments.values()) if self.moments else self.vectors


@dataclass(frozen=True)
class Step:
    """One command: its module and options, the size to reach, and how to read what it prints."""

    name: str
    module: str
    options: tuple[str, ...]
    size: int
    read: Callable[[Any], Counted]
    option: str = "--vectors"


def steps() -> list[Step]:
    """All of them: the figures of the README, then other sizes, lanes and stress specs."""
    shipped = (*PGD, *DISTRIBUTED)
    native = (*_each(shipped, 1_000_000), *_each((*PGD_STRESS, *DISTRIBUTED_STRESS), 100_000))
    csim = (*_each(PGD, 20_000), *_each(DISTRIBUTED, 10_000),
            *_each((*PGD_STRESS, *DISTRIBUTED_STRESS), 5_000))  # fmt: skip
    return [
        *(Step(f"twin, {s}", "model.twin", ("--spec", s), 100_000, _twin) for s in shipped),
        *(Step(f"native, {s}", "hls.native", ("--layer", "slicer", "--spec", s), n, _view)
          for s, n in native),
        *(Step(f"csim, {s}", "hls.csim", ("--spec", s), n, lambda runs: _view(runs[0]))
          for s, n in csim),
        _rtl("pgd", 32, 100_000),
        _rtl("pgd-box", 32, 100_000),
        _rtl("pgd", 32, 20_000, "--stalls"),
        _rtl("pgd", 64, 20_000),
        _rtl("pgd", 128, 20_000),
        _rtl("stress-soft-32x32", 32, 20_000),
        _rtl("stress-box-32x32", 64, 20_000, "--stalls"),
        _rtl("stress-soft-32x32", 128, 20_000, "--stalls"),
        _rtl("stress-soft-32x16", 32, 20_000, "--block", "1"),
        _rtl("stress-box-16x8-64qam", 16, 20_000, "--stalls"),
        _rtl("stress-soft-8x4-qpsk", 16, 20_000, "--stalls"),
        *(_rtl(s, 32, 50_000) for s in DISTRIBUTED),
        *(_rtl(s, lanes, 10_000, "--stalls") for s in DISTRIBUTED for lanes in (32, 64)),
        *(_rtl(s, 8, 20_000, "--stalls") for s in DISTRIBUTED_STRESS),
        Step("self-test", "verification.selftest", (), 50, _faults, "--count"),
        *(Step(f"twin, {s}", "model.twin", ("--spec", s), 20_000, _twin) for s in HYPER),
        *(Step(f"native, {s}", "hls.native", ("--layer", "slicer", "--spec", s), 100_000, _view)
          for s in HYPER),
        *(Step(f"csim, {s}", "hls.csim", ("--spec", s), 2_000, lambda runs: _view(runs[0]))
          for s in HYPER),
        *_later_steps(),
    ]  # fmt: skip


def _later_steps() -> list[Step]:
    """ADMM-Net, and two vectors at a time: behind all others, whose seeds stay as they were."""
    native = (*_each(ADMM, 1_000_000), *_each(ADMM_STRESS, 100_000))
    csim = (*_each(ADMM, 10_000), *_each(ADMM_STRESS, 5_000))
    return [
        *(Step(f"twin, {s}", "model.twin", ("--spec", s), 100_000, _twin) for s in ADMM),
        *(Step(f"native, {s}", "hls.native", ("--layer", "slicer", "--spec", s), n, _view)
          for s, n in native),
        *(Step(f"csim, {s}", "hls.csim", ("--spec", s), n, lambda runs: _view(runs[0]))
          for s, n in csim),
        *(_rtl(s, 32, 50_000) for s in ADMM),
        *(_rtl(s, lanes, 10_000, "--stalls") for s in ADMM for lanes in (32, 64, 128)),
        _rtl("stress-admm-soft-32x32", 32, 20_000),
        _rtl("stress-admm-box-32x32", 64, 20_000, "--stalls"),
        _rtl("stress-admm-box-32x32", 128, 20_000, "--block", "1"),
        _rtl("stress-admm-soft-64x16", 32, 20_000, "--stalls"),
        _rtl("stress-admm-box-64x16", 64, 20_000, "--stalls"),
        _rtl("stress-admm-soft-8x4", 16, 20_000, "--stalls"),
        _rtl("pgd", 64, 50_000, "--packed"),
        _rtl("pgd-box", 128, 20_000, "--packed", "--stalls"),
        _rtl("stress-box-32x32", 64, 20_000, "--packed", "--stalls"),
        _rtl("stress-soft-32x16", 32, 20_000, "--packed", "--block", "3"),
        _rtl("stress-soft-8x4-qpsk", 16, 20_000, "--packed", "--stalls"),
        *(step for name in KAQ for step in _every_view(name)),
        *(_rtl(spec.name, lanes, 10_000, "--stalls")
          for spec in odd_specs() for lanes in all_fitting(spec)[:2]),
        Step("RTL faults", "verification.selftest", (), 60, _rtl_faults, "--rtl"),
        *(Step(f"{name}, {c.name}", "verification.regress",
               ("--bench", c.name, "--test", test, "--jobs", "1"), 250, _at_random, "--count")
          for test, name in AT_RANDOM.items() for c in suite.configurations() if test in c.tests),
    ]  # fmt: skip


def _every_view(name: str) -> list[Step]:
    """A shipped spec of one receiver through all views."""
    return [
        Step(f"twin, {name}", "model.twin", ("--spec", name), 100_000, _twin),
        Step(f"native, {name}", "hls.native", ("--layer", "slicer", "--spec", name), 1_000_000,
             _view),
        Step(f"csim, {name}", "hls.csim", ("--spec", name), 10_000,
             lambda runs: _view(runs[0])),
        _rtl(name, 32, 50_000),
        *(_rtl(name, lanes, 10_000, "--stalls") for lanes in (32, 64, 128)),
    ]  # fmt: skip


def _rtl(detector: str, lanes: int, size: int, *options: str) -> Step:
    name = f"RTL, {detector}, {lanes} lanes{''.join(f' {o}' for o in options)}"
    return Step(name, "verification.rtl",
                ("--spec", detector, "--lanes", str(lanes), *options), size, _view)  # fmt: skip


def _each(names: Sequence[str], size: int) -> list[tuple[str, int]]:
    return [(name, size) for name in names]


def _view(summary: Any) -> Counted:
    """hls.native, hls.csim and verification.rtl."""
    return Counted(summary["vectors"], sum(summary["compared"].values()),
                   sum(summary["differing"].values()), summary["events"])  # fmt: skip


def _twin(summary: Any) -> Counted:
    """model.twin, which counts integers: as many of y as there are rows in each vector."""
    wires = summary["wires"]
    vectors = wires["y"]["compared"] // specs.load(summary["spec"]).rows
    return Counted(vectors, sum(w["compared"] for w in wires.values()),
                   sum(w["differing"] for w in wires.values()), {})  # fmt: skip


def _faults(summary: Any) -> Counted:
    """verification.selftest: faults instead of vectors; an unnoticed one differs."""
    caught = int(summary.get("integers", 0))
    return Counted(caught, caught, int(summary.get("unnoticed", 0)), {})


def _rtl_faults(summary: Any) -> Counted:
    """verification.selftest --rtl: the faults that build, of each set of operators."""
    tried = Counter(one["kind"] for one in summary["trials"] if one["noticed"] != "elaboration")
    return Counted(min(tried.values()), tried.total(), int(summary.get("unnoticed", 0)), {})


def _at_random(summary: Any) -> Counted:
    """verification.regress of one test: the vectors are those behind its moments."""
    (one,) = summary["tests"]
    failure = one["failure"].partition("\n")[0]
    return Counted(one["behind"], one["integers"], int(bool(failure)), {}, one["moments"], failure)
