# SPDX-License-Identifier: Apache-2.0
"""Where faults can be put, and the small detectors in which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import NamedTuple

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Frame, frame
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress.catalog import catalog
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
LANES = {Frame.PASSES: 16, Frame.STORED: 8, Frame.UNITS: 8}


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
def detectors() -> dict[str, tuple[str, ...]]:
    """The small stress specs of each kind of detector, a model of which is built in seconds."""
    return {kind: tuple(spec.name for spec in each.small) for kind, each in catalog().items()}


@cache
def spec_of(detector: str) -> DetectorSpec:
    """The spec of one of the detectors."""
    return find(detector).spec


def lanes(detector: str) -> int:
    """The lanes with which the RTL of one of the detectors is built."""
    return LANES[frame(program(spec_of(detector)))]


def holders(detector: str, file: str) -> list[str]:
    """All detectors whose RTL has a module, those of the same kind first."""
    text = sources(detector)[file]
    names = [name for each in detectors().values() for name in each
             if sources(name).get(file) == text]  # fmt: skip
    own = detectors()[spec_of(detector).detector]
    return sorted(names, key=lambda name: (name != detector, name not in own))


def views(detector: str, file: str) -> list[View]:
    """All hardware that has a module: its detectors, those that can be packed also so."""
    return [View(name, packed) for name in holders(detector, file) for packed in (False, True)
            if not packed or packs(spec_of(name))]  # fmt: skip


@cache
def sources(detector: str) -> dict[str, str]:
    """File name → text of a detector's modules."""
    return emit_rtl.modules(spec_of(detector))


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
    return (emit_rtl.rtl_files(spec) | sources(detector))[file]


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
    return [Place(d, m) for d in detectors()[kind]
            for m in header_flips(emit_cpp.HEADER, text_of(d, emit_cpp.HEADER))]  # fmt: skip


def _packages(kind: str) -> Places:
    return [Place(d, m) for d in detectors()[kind]
            for m in package_flips(toolchain.PACKAGE, text_of(d, toolchain.PACKAGE))]  # fmt: skip


def _memories(kind: str) -> Places:
    return [Place(d, m) for d in detectors()[kind] for n in emit_rtl.rtl_files(spec_of(d))
            if n.endswith(".mem") for m in memory_flips(n, text_of(d, n))]  # fmt: skip


def _expectations(kind: str) -> Places:
    return [Place(d, m) for d in detectors()[kind]
            for m in vector_flips("golden.vec", text_of(d, "golden.vec"))]  # fmt: skip


def modules(kind: str) -> list[Module]:
    """The modules of a kind that no kind before it has, each in the first detector that has it."""
    names = [name for each in detectors().values() for name in each]
    before = names[: names.index(detectors()[kind][0])]
    shared = {item for other in before for item in sources(other).items()}
    found: dict[str, Module] = {}
    for name in detectors()[kind]:
        for file, text in sources(name).items():
            if (file, text) not in shared:
                found.setdefault(file, Module(name, file))
    return list(found.values())


def _operators(kind: str, rules: tuple[Rule, ...] = ARITHMETIC) -> Places:
    return [Place(d, m) for d, file in modules(kind)
            for m in faults(file, text_of(d, file), rules)]  # fmt: skip


def drawn(operators: str, seed: int) -> Iterator[Place]:
    """Operator faults over all modules, without end but for the last of them.

    A module comes up as often as it has lines, then each of its rules as often as the others.
    """
    rng = generator(seed, operators)
    every = [module for kind in detectors() for module in modules(kind)]
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
FILES: dict[str, Callable[[str], Places]] = {
    "header": _headers, "package": _packages, "mem": _memories, "vectors": _expectations,
    "rtl": _operators,
}  # fmt: skip
TRIED = {Frame.PASSES: tuple(FILES), Frame.STORED: ("header", "mem", "rtl"),
         Frame.UNITS: ("mem", "rtl")}  # fmt: skip
"""The files of each frame that faults are put into: packages and vectors are alike in all."""


@cache
def kinds() -> dict[str, Callable[[], Places]]:
    """The places of each kind of fault, by its name: `DETECTOR-FILE`, and `control`, of all."""
    each = {f"{kind}-{name}": partial(FILES[name], kind)
            for kind, names in detectors().items()
            for name in TRIED[frame(program(spec_of(names[0])))]}  # fmt: skip
    return each | {"control": _controls}


def _controls() -> Places:
    return [fault for kind in detectors() for fault in _operators(kind, CONTROL)]
