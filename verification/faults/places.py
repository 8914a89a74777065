# SPDX-License-Identifier: Apache-2.0
"""Where faults can be put, and the small detectors in which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support import scratch
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden
from hls.builds import toolchain
from hls.cases import find
from hls.lanes import packs
from hls.project import cpp as emit_cpp
from hls.project import rtl as emit_rtl
from verification.faults.mutate import (
    Mutation,
    header_flips,
    memory_flips,
    package_flips,
    vector_flips,
)
from verification.faults.operators import ARITHMETIC, Rule, faults
from verification.faults.operators_control import CONTROL
from verification.traffic.stimuli import generator

GOLDEN_VECTORS = 72
SEED = 0
# Small, so that a model of them is built in seconds; of both proxes, one and several groups; units
# that are no power of two, and converters of one and of several thresholds.
DETECTORS = {
    "pgd": ("stress-box-16x8-64qam", "stress-soft-8x4-qpsk"),
    "admm": ("stress-admm-box-8x4", "stress-admm-soft-8x4"),
    "hpd": ("stress-hpd-24x4x3-16qam-3bit", "stress-hpd-16x4x2-qpsk-1bit"),
    "fpd": ("stress-fpd-24x4x3-16qam-3bit", "stress-fpd-16x4x2-qpsk-1bit"),
}
LANES = {"pgd": 16, "admm": 8, "hpd": 8, "fpd": 8}


class Place(NamedTuple):
    """A fault, and the detector in which it is tried."""

    detector: str
    mutation: Mutation


class Module(NamedTuple):
    """A file of a detector's RTL."""

    detector: str
    file: str


class View(NamedTuple):
    """Hardware of a detector, with two vectors a slot or one."""

    detector: str
    packed: bool


Places = list[Place]


@cache
def spec_of(detector: str) -> DetectorSpec:
    """The spec of one of the detectors."""
    return find(detector).spec


def lanes(detector: str) -> int:
    """The lanes with which the RTL of one of the detectors is built."""
    return LANES[spec_of(detector).detector]


def holders(detector: str, file: str) -> list[str]:
    """All detectors whose RTL has a module, those of the same kind first."""
    kinds = [
        kind
        for kind in DETECTORS
        if file in sources(kind) and sources(kind)[file] == text_of(detector, file)
    ]
    names = [name for kind in kinds for name in DETECTORS[kind]]
    own = spec_of(detector).detector
    return sorted(names, key=lambda name: (name != detector, name not in DETECTORS[own]))


def views(detector: str, file: str) -> list[View]:
    """All hardware that has a module: its detectors, those that can be packed also so."""
    return [View(name, packed) for name in holders(detector, file) for packed in (False, True)
            if not packed or packs(spec_of(name))]  # fmt: skip


@cache
def sources(kind: str) -> dict[str, str]:
    """File name → text of a detector's modules."""
    return emit_rtl.modules(spec_of(DETECTORS[kind][0]))


def a_memory(detector: str) -> str:
    """One of the `.mem` files of a detector."""
    return next(name for name in emit_rtl.rtl_files(spec_of(detector)) if name.endswith(".mem"))


@cache
def text_of(detector: str, file: str) -> str:
    """The faultless text of a file by its name."""
    spec = spec_of(detector)
    if file == emit_cpp.HEADER:
        return emit_cpp.header(spec)
    if file.endswith(".vec"):
        return _golden_text(detector)
    return (emit_rtl.rtl_files(spec) | emit_rtl.modules(spec))[file]


def _golden_text(detector: str) -> str:
    case = find(detector)
    inputs = case.inputs(GOLDEN_VECTORS, SEED)
    wires = family.run(case.spec, inputs.h, inputs.y, inputs.index)
    with scratch.folder("selftest") as folder:
        path = folder / "golden.vec"
        vectors.write(
            path, golden.collect(case.spec, golden.last_layer(case.spec), SEED, inputs, wires)
        )
        return path.read_text(encoding="ascii")


def _headers(kind: str) -> Places:
    return [Place(d, m) for d in DETECTORS[kind]
            for m in header_flips(emit_cpp.HEADER, text_of(d, emit_cpp.HEADER))]  # fmt: skip


def _packages() -> Places:
    return [Place(d, m) for d in DETECTORS["pgd"]
            for m in package_flips(toolchain.PACKAGE, text_of(d, toolchain.PACKAGE))]  # fmt: skip


def _memories(kind: str) -> Places:
    return [Place(d, m) for d in DETECTORS[kind] for n in emit_rtl.rtl_files(spec_of(d))
            if n.endswith(".mem") for m in memory_flips(n, text_of(d, n))]  # fmt: skip


def _expectations() -> Places:
    return [Place(d, m) for d in DETECTORS["pgd"]
            for m in vector_flips("golden.vec", text_of(d, "golden.vec"))]  # fmt: skip


def modules(kind: str, others: tuple[str, ...] = ()) -> list[Module]:
    """A detector and the modules of its kind that the `others` do not have."""
    shared = {item for other in others for item in sources(other).items()}
    names = DETECTORS[kind]
    return [Module(names[file == "soft_threshold.sv"], file)
            for file, text in sources(kind).items() if (file, text) not in shared]  # fmt: skip


def _operators(
    kind: str, others: tuple[str, ...] = (), rules: tuple[Rule, ...] = ARITHMETIC
) -> Places:
    return [Place(d, m) for d, file in modules(kind, others)
            for m in faults(file, text_of(d, file), rules)]  # fmt: skip


def drawn(operators: str, seed: int) -> Iterator[Place]:
    """Operator faults over all modules, without end but for the last of them.

    A module comes up as often as it has lines, then each of its rules as often as the others.
    """
    rng = generator(seed, operators)
    every = [module for i, kind in enumerate(DETECTORS)
             for module in modules(kind, tuple(DETECTORS)[:i])]  # fmt: skip
    texts = {module: text_of(*module) for module in every}
    left = {module: list(faults(module.file, text, OPERATORS[operators]))
            for module, text in texts.items()}  # fmt: skip
    while any(left.values()):
        there = [module for module in every if left[module]]
        lines = [texts[module].count("\n") for module in there]
        module = there[rng.choice(len(there), p=[n / sum(lines) for n in lines])]
        rules = sorted({mutation.name for mutation in left[module]})
        name = rules[rng.integers(len(rules))]
        of_rule = [mutation for mutation in left[module] if mutation.name == name]
        mutation = of_rule[rng.integers(len(of_rule))]
        left[module].remove(mutation)
        yield Place(module.detector, mutation)


OPERATORS: dict[str, tuple[Rule, ...]] = {"arithmetic": ARITHMETIC, "control": CONTROL}
"""The sets of operators: of integers and conditions, and of state, handshakes and selects."""
KINDS: dict[str, Callable[[], Places]] = {
    "header": lambda: _headers("pgd"),
    "package": _packages,
    "mem": lambda: _memories("pgd"),
    "vectors": _expectations,
    "rtl": lambda: _operators("pgd"),
    "admm-header": lambda: _headers("admm"),
    "admm-mem": lambda: _memories("admm"),
    "admm-rtl": lambda: _operators("admm", ("pgd",)),
    "hpd-mem": lambda: _memories("hpd"),
    "hpd-rtl": lambda: _operators("hpd", ("pgd", "admm")),
    "fpd-mem": lambda: _memories("fpd"),
    "fpd-rtl": lambda: _operators("fpd", ("pgd", "admm", "hpd")),
    "control": lambda: [fault for i, kind in enumerate(DETECTORS)
                        for fault in _operators(kind, tuple(DETECTORS)[:i], CONTROL)],
}  # fmt: skip
"""Header, package, vectors, mem and rtl are PGD-Net's; control is of all modules."""
