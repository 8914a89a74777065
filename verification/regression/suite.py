# SPDX-License-Identifier: Apache-2.0
"""The cocotb regression: every configuration, and by name every test that has to run in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import DEFINITIONS, program
from fixedpoint.program.frame import Frame, frame
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress.catalog import catalog
from fixedpoint.vectors import layers as golden
from hls import cases, tops
from hls.lanes import all_fitting, packs, parameters
from hls.project.rtl import has_rtl
from verification.regression import suite_tests as tests
from verification.traffic import primitives
from verification.traffic.theta import writable

# Widths of the engine where it runs alone, with the functions of drivers/engine_model.py.
ENGINE_PARAMETERS = {
    "Slots": 4,
    "Layers": 3,
    "EntryWidth": 8,
    "RecordWidth": 12,
    "OperandWidth": 8,
    "ResultWidth": 8,
    "StateWidth": 12,
    "RowSumWidth": 20,
    "ColumnSumWidth": 20,
    "TagWidth": 6,
    "BeatEntries": 8,
}

Claims = list[tuple[str, tuple[str, ...]]]
"""Benches, and the claims of each."""
FRAMES: Mapping[Frame, Claims] = {
    Frame.PASSES: [],
    Frame.STORED: [("stored", tests.STORED)],
    Frame.UNITS: [("units", tests.UNITS)],
}
"""The benches that a frame's whole detector has of its own."""


@dataclass(frozen=True)
class Sizes:
    """The hardware in which a frame's detectors are tried: a stress spec's number and its lanes.

    Small ones have counters of 2 bits, which saturate, and numbers of blocks that wrap; `large` is
    of the first exhaustive spec, `others` of other sizes; `padded` ones have rows and columns that
    their words do not divide, as the first of units and of fusion nodes do. packed: with two
    vectors at a time; unit, packed_unit: one unit alone; fusion: a node's slots and the columns of
    a message's group.
    """

    small: tuple[tuple[int, int], ...]
    large: int
    others: tuple[tuple[int, int], ...] = ()
    padded: tuple[tuple[int, int], ...] = ()
    packed: tuple[tuple[int, int], ...] = ()
    unit: tuple[tuple[int, int], ...] = ()
    packed_unit: tuple[tuple[int, int], ...] = ()
    fusion: tuple[tuple[int, int, int], ...] = ()


SIZES: Mapping[Frame, Sizes] = {
    Frame.PASSES: Sizes(small=((0, 16), (1, 16), (1, 32)), large=64, padded=((1, 12),),
                        packed=((0, 16), (1, 16))),
    Frame.STORED: Sizes(small=((0, 16),), large=64, others=((0, 32),), padded=((0, 12),),
                        packed=((0, 8),)),
    Frame.UNITS: Sizes(small=((1, 4), (1, 32)), large=16, packed=((1, 8),),
                       unit=((1, 12), (0, 8)), packed_unit=((0, 16),),
                       fusion=((0, 6, 3), (1, 8, 1))),
}  # fmt: skip
SHIPPED_LANES, PACKED_LANES = 32, 64
SPEC = "BITFOLD_SPEC"
"""In the environment: a spec whose configurations are found, too, by simulators as well."""
NARROW, WIDE = 2, 16
"""Widths of a top's counters."""


@dataclass(frozen=True)
class Configuration:
    """One simulator: a top module with parameters, and the benches that run on it.

    modules: the benches, whose claims are `tests`, in order; detector: whose package and constants
    are emitted, None for modules without a spec; build: the simulator's name, shared by
    configurations that differ in their benches alone.
    """

    name: str
    modules: tuple[str, ...]
    top: str
    build: str
    tests: tuple[str, ...]
    detector: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def bench(self) -> str:
        """`unit` of detector and unit: the last one is the most particular."""
        return self.modules[-1]

    @property
    def small(self) -> bool:
        """Whether it is a small detector, whose counters saturate."""
        return self.parameters.get("CountWidth") == NARROW


def configurations() -> list[Configuration]:
    """All of them, in the order in which they run."""
    every = [
        _primitive("requantize", tests.REQUANTIZE),
        _primitive("product", tests.PRODUCT),
        _primitive("prox", tests.PROX),
        _primitive("slicer", tests.SLICER),
        _engine(32, 32, 32),
        _engine(32, 32, 64),
        _engine(32, 32, 128),
        _engine(32, 16, 32),
        _engine(16, 32, 64),
        _column_engine(24, 8, 32),
        _column_engine(16, 16, 16),
        *(_macs(*bits) for bits in ((8, 8, 8), (4, 4, 3), (10, 8, 6))),
        *(made for name in DEFINITIONS for made in _of_detector(name)),
    ]
    return [_bad_streams(configuration) for configuration in every]


def _of_detector(name: str) -> Iterator[Configuration]:
    """A detector's small tops, its larger ones, parts of it, and what ships of it.

    Of distributed detectors the default spec alone ships here: their channel draws take long.
    """
    made, default = catalog()[name], specs.load(golden.DEFAULTS[name])
    kind = frame(program(default))
    sizes = SIZES[kind]
    for at, lanes in sizes.small:
        yield _detector(made.small[at], lanes, NARROW)
    for at, lanes in sizes.others:
        yield _detector(made.others[at], lanes, NARROW)
    for at, lanes in sizes.padded:
        yield _detector(made.small[at], lanes, NARROW)
    yield _detector(made.exhaustive[0], sizes.large)
    for at, lanes in sizes.packed:
        yield _detector(made.small[at], lanes, NARROW, packed=True)
    for at, lanes in sizes.unit:
        yield _detector(made.small[at], lanes, NARROW, unit=True)
    for at, lanes in sizes.packed_unit:
        yield _detector(made.small[at], lanes, NARROW, packed=True, unit=True)
    for at, slots, group in sizes.fusion:
        yield _fusion(made.small[at], slots, group, WIDE if at else NARROW)
    if kind is Frame.UNITS:
        whole = _detector(default, SHIPPED_LANES)
        yield replace(whole, modules=("shipped",), tests=tests.SHIPPED)
        return
    for each in map(specs.load, specs.shipped(name)):
        yield _detector(each, SHIPPED_LANES)
    if packs(default):
        yield _detector(default, PACKED_LANES, packed=True)
    if kind is Frame.PASSES:
        whole = _detector(default, SHIPPED_LANES)
        yield replace(whole, name="axis", modules=("axis",), tests=tests.AXIS)


def of_spec(source: str) -> list[Configuration]:
    """A spec's own, a shipped one or a file's, at the fewest lanes.

    The whole detector, with two vectors at a time where formats fit, and one unit alone.

    Raises `ValueError` on what is no spec, or has no RTL.
    """
    spec = cases.find(source).spec
    if not has_rtl(spec):
        raise ValueError(f"spec {spec.name} has no RTL")
    lanes = all_fitting(spec)[0]
    every = [_detector(spec, lanes, NARROW)]
    if packs(spec):
        every.append(_detector(spec, all_fitting(spec, packed=True)[0], NARROW, packed=True))
    if tops.of(spec).unit:
        every.append(_detector(spec, lanes, NARROW, unit=True))
    return [_bad_streams(replace(each, detector=source)) for each in every]


def offered() -> list[Configuration]:
    """All of them, and those of the spec that `SPEC` names in the environment."""
    own = os.environ.get(SPEC)
    return [*(of_spec(own) if own else ()), *configurations()]


def find(name: str) -> Configuration:
    """The configuration of that name. Raises `ValueError`."""
    found = [c for c in offered() if c.name == name]
    if not found:
        names = ", ".join(c.name for c in offered())
        raise ValueError(f"configuration {name!r} is unknown, expected one of {names}")
    return found[0]


def select(name: str) -> list[Configuration]:
    """A configuration by its name, or all of a bench. Raises `ValueError` on an unknown one."""
    chosen = [c for c in configurations() if name in (c.name, c.bench)]
    if not chosen:
        names = ", ".join(dict.fromkeys(n for c in configurations() for n in (c.bench, c.name)))
        raise ValueError(f"bench {name!r} is unknown, expected one of {names}")
    return chosen


def _bad_streams(configuration: Configuration) -> Configuration:
    """With the claims about streams that go wrong, where a small spec makes them quick."""
    if not configuration.small or configuration.top == "fusion":
        return configuration
    return replace(configuration, modules=("protocol", *configuration.modules),
                   tests=(*tests.PROTOCOL, *configuration.tests))  # fmt: skip


def _primitive(name: str, tests: tuple[str, ...]) -> Configuration:
    return Configuration(name, (name,), "primitives", "primitives", tests,
                         parameters=primitives.parameters())  # fmt: skip


def _counters(width: int) -> dict[str, int]:
    """Counters of so many bits; narrow ones go with narrow block numbers, which wrap often."""
    return {"CountWidth": width, "BlockWidth": 16 if width >= 16 else 4}


def _detector(
    spec: DetectorSpec,
    lanes: int,
    count_width: int = WIDE,
    *,
    packed: bool = False,
    unit: bool = False,
) -> Configuration:
    """The top of a whole detector, or of one unit of it; packed: with two vectors a slot."""
    own = tops.of(spec)
    claims: Claims = [("detector", tests.DETECTOR)]
    if writable(spec):
        claims.append(("theta", tests.THETA))
    if spec.soft is not None and not unit:
        claims.append(("soft", tests.SOFT))
    claims += [("unit", tests.UNIT)] if unit else FRAMES[frame(program(spec))]
    if packed:
        claims.append(("packing", tests.PACKING))
    name = f"{'unit-' * unit}{spec.name}@{lanes}{'-packed' * packed}"
    return Configuration(
        name, tuple(module for module, _ in claims), own.unit if unit else own.whole, name,
        tuple(name for _, listed in claims for name in listed), spec.name,
        {**parameters(spec, lanes, packed), **_counters(count_width)},
    )  # fmt: skip


def _macs(entry: int, operand: int, result: int) -> Configuration:
    name = f"macs-{entry}x{operand}x{result}"
    sizes = {"Columns": 4, "RowsPerWord": 2, "Vectors": 2, "EntryWidth": entry,
             "OperandWidth": operand, "ResultWidth": result}  # fmt: skip
    return Configuration(name, ("macs",), "mac_array", name, tests.MACS, parameters=sizes)


def _fusion(spec: DetectorSpec, slots: int, group: int, count_width: int) -> Configuration:
    name = f"fusion-{spec.name}"
    sizes = {"Slots": slots, "GroupColumns": group, **_counters(count_width)}
    return Configuration(name, ("fusion",), "fusion", name, tests.FUSION, spec.name, sizes)


def _engine(rows: int, columns: int, lanes: int) -> Configuration:
    name = f"engine-{rows}x{columns}@{lanes}"
    sizes = {"Rows": rows, "Columns": columns, "Lanes": lanes}
    return Configuration(name, ("engine",), "engine", name, tests.ENGINE,
                         parameters={**ENGINE_PARAMETERS, **sizes})  # fmt: skip


def _column_engine(front: int, columns: int, lanes: int) -> Configuration:
    """Column passes alone, over `front` rows, then over `columns` more; a tag of each block."""
    name = f"engine-columns-{front}x{columns}@{lanes}"
    sizes = {"Rows": front + columns, "Columns": columns, "Lanes": lanes, "FrontRows": front,
             "BlockTagWidth": ENGINE_PARAMETERS["TagWidth"], "ColumnSumWidth": 24}  # fmt: skip
    return Configuration(name, ("engine",), "engine", name, tests.ENGINE,
                         parameters={**ENGINE_PARAMETERS, **sizes})  # fmt: skip
