# SPDX-License-Identifier: Apache-2.0
"""What the soak runs: each step's command, the size that it has to reach, and how to read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import network, program
from fixedpoint.program.frame import Frame, frame
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress.catalog import catalog
from hls import defaults
from hls.cases import large_specs, odd_specs
from hls.lanes import all_fitting, fitting_lanes, packs
from hls.project.rtl import has_rtl
from verification.faults.places import kinds
from verification.regression import suite
from verification.regression.suite_tests import AT_RANDOM

BLOCKED = 3
"""Vectors of a block, where blocks are short."""


@dataclass(frozen=True)
class Sizes:
    """Vectors of a shipped spec in each view; stalled: of the RTL whose streams stall."""

    twin: int = 100_000
    native: int = 1_000_000
    csim: int = 10_000
    rtl: int = 50_000
    stalled: int = 10_000


SIZES = {Frame.PASSES: Sizes(csim=20_000, rtl=100_000, stalled=20_000),
         Frame.STORED: Sizes(), Frame.UNITS: Sizes()}  # fmt: skip
BESIDE_A_NETWORK = Sizes(twin=20_000, native=100_000, csim=2_000)
"""A network's images take long."""
STRESS = Sizes(native=100_000, csim=5_000, rtl=20_000, stalled=20_000)


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
    """One command: its module and options, the size to reach, and how to read what it prints.

    least: the size below which a short run does not go.
    """

    name: str
    module: str
    options: tuple[str, ...]
    size: int
    read: Callable[[Any], Counted]
    option: str = "--vectors"
    least: int = 1000


def steps() -> list[Step]:
    """All of them: shipped and stress specs, odd and large sizes, faults, resets and damage."""
    stress = [spec for each in catalog().values() for spec in each.whole if network(spec) is None]
    return [
        *(step for name in specs.shipped() for step in _of_shipped(specs.load(name))),
        *(step for spec in stress for step in _of_stress(spec)),
        *(_rtl(spec, lanes, 10_000, "--stalls")
          for spec in odd_specs()
          for lanes in dict.fromkeys((*all_fitting(spec)[:2], defaults.lanes(spec)))),
        *(_rtl(spec, defaults.lanes(spec), 2_000, "--stalls") for spec in large_specs()),
        Step("self-test", "verification.selftest", (), 50, _faults, "--count", len(kinds())),
        Step("RTL faults", "verification.selftest", (), 60, _rtl_faults, "--rtl", 5),
        *(Step(f"{name}, {c.name}", "verification.regress",
               ("--bench", c.name, "--test", test, "--jobs", "1"), 250, _at_random, "--count", 5)
          for test, name in AT_RANDOM.items() for c in suite.configurations() if test in c.tests),
    ]  # fmt: skip


def _of_shipped(spec: DetectorSpec) -> Iterator[Step]:
    """Through all views; the RTL at 32 lanes, stalled at all that are built, and packed."""
    sizes = BESIDE_A_NETWORK if network(spec) else SIZES[frame(program(spec))]
    yield Step(f"twin, {spec.name}", "model.twin", ("--spec", spec.name), sizes.twin, _twin)
    yield from _cpp(spec, sizes)
    if not has_rtl(spec):
        return
    yield _rtl(spec, fitting_lanes(spec)[0], sizes.rtl)
    for lanes in fitting_lanes(spec):
        yield _rtl(spec, lanes, sizes.stalled, "--stalls")
    if packs(spec):
        first, *others = fitting_lanes(spec, packed=True)
        yield _rtl(spec, first, 50_000, "--packed")
        for lanes in others:
            yield _rtl(spec, lanes, sizes.stalled, "--packed", "--stalls")


def _of_stress(spec: DetectorSpec) -> Iterator[Step]:
    """In C++, and in the RTL at its three smallest lane counts: quiet, stalled, in short blocks."""
    yield from _cpp(spec, STRESS)
    runs = ((), ("--stalls",), ("--stalls", "--block", "1"))
    for lanes, options in zip(all_fitting(spec), runs, strict=False):
        yield _rtl(spec, lanes, STRESS.rtl, *options)
    if packs(spec):
        for lanes in all_fitting(spec, packed=True)[:2]:
            yield _rtl(spec, lanes, STRESS.stalled, "--packed", "--stalls")
            yield _rtl(spec, lanes, STRESS.rtl, "--packed", "--block", str(BLOCKED))


def _cpp(spec: DetectorSpec, sizes: Sizes) -> Iterator[Step]:
    """The native library, and `ap_int`."""
    options = ("--spec", spec.name)
    yield Step(f"native, {spec.name}", "hls.native", ("--layer", "slicer", *options),
               sizes.native, _view)  # fmt: skip
    yield Step(f"csim, {spec.name}", "hls.csim", options, sizes.csim, lambda runs: _view(runs[0]))


def _rtl(spec: DetectorSpec, lanes: int, size: int, *options: str) -> Step:
    name = f"RTL, {spec.name}, {lanes} lanes{''.join(f' {o}' for o in options)}"
    return Step(name, "verification.rtl",
                ("--spec", spec.name, "--lanes", str(lanes), *options), size, _view)  # fmt: skip


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
