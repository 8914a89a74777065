# SPDX-License-Identifier: Apache-2.0
"""The cocotb regression: every configuration, and by name every test that has to run in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Frame, frame
from fixedpoint.specs.detector import DetectorSpec
from hls import tops
from hls.cases import all_cases
from hls.lanes import parameters
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
        _detector("pgd", 32),
        _detector("stress-soft-32x32", 64),
        _detector("stress-box-16x8-64qam", 16, count_width=2),
        _detector("stress-soft-8x4-qpsk", 16, count_width=2),
        _detector("stress-soft-8x4-qpsk", 32, count_width=2),
        *(_macs(*bits) for bits in ((8, 8, 8), (4, 4, 3), (10, 8, 6))),
        _detector("pgd", 64, packed=True),
        _detector("stress-box-16x8-64qam", 16, packed=True, count_width=2),
        _detector("stress-soft-8x4-qpsk", 16, packed=True, count_width=2),
        replace(_detector("pgd", 32), name="axis", modules=("axis",), tests=tests.AXIS),
        _detector("admm-box", 32),
        _detector("admm-kaq", 32),
        _detector("stress-admm-soft-32x32", 64),
        _detector("stress-admm-box-8x4", 16, count_width=2),
        _detector("stress-admm-soft-64x16", 32, count_width=2),
        _fusion("stress-hpd-24x4x3-16qam-3bit", slots=6, group=2, count_width=2),
        _fusion("stress-hpd-16x4x2-qpsk-1bit", slots=8, group=1),
        _detector("stress-hpd-16x4x2-qpsk-1bit", 4, unit=True, count_width=2),
        _detector("stress-hpd-24x4x3-16qam-3bit", 8, unit=True, count_width=2),
        _detector("stress-fpd-16x4x2-qpsk-1bit", 4, unit=True, count_width=2),
        _detector("stress-fpd-24x4x3-16qam-3bit", 8, unit=True, count_width=2),
        _detector("stress-hpd-16x4x2-qpsk-1bit", 4, count_width=2),
        _detector("stress-hpd-16x4x2-qpsk-1bit", 32, count_width=2),
        _detector("stress-hpd-32x8x4-16qam-2bit", 16),
        _detector("stress-fpd-16x4x2-qpsk-1bit", 4, count_width=2),
        _detector("stress-fpd-32x8x4-16qam-2bit", 16),
        replace(_detector("hpd-16qam-2bit", 32), modules=("shipped",), tests=tests.SHIPPED),
        replace(_detector("fpd-16qam-2bit", 32), modules=("shipped",), tests=tests.SHIPPED),
    ]
    return [_bad_streams(configuration) for configuration in every]


def find(name: str) -> Configuration:
    """The configuration of that name. Raises `ValueError`."""
    found = [c for c in configurations() if c.name == name]
    if not found:
        names = ", ".join(c.name for c in configurations())
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
    if configuration.parameters.get("CountWidth") != 2 or configuration.top == "fusion":
        return configuration
    return replace(configuration, modules=("protocol", *configuration.modules),
                   tests=(*tests.PROTOCOL, *configuration.tests))  # fmt: skip


def _primitive(name: str, tests: tuple[str, ...]) -> Configuration:
    return Configuration(name, (name,), "primitives", "primitives", tests,
                         parameters=primitives.parameters())  # fmt: skip


@cache
def _specs() -> dict[str, DetectorSpec]:
    return {case.name: case.spec for case in all_cases()}


def _counters(width: int) -> dict[str, int]:
    """Counters of so many bits; narrow ones go with narrow block numbers, which wrap often."""
    return {"CountWidth": width, "BlockWidth": 16 if width >= 16 else 4}


def _detector(
    detector: str,
    lanes: int,
    *,
    count_width: int = 16,
    packed: bool = False,
    unit: bool = False,
) -> Configuration:
    """The top of a whole detector, or of one unit of it; packed: with two vectors a slot."""
    spec = _specs()[detector]
    own = tops.of(spec)
    claims: Claims = [("detector", tests.DETECTOR)]
    if writable(spec):
        claims.append(("theta", tests.THETA))
    if unit:
        claims.append(("unit", tests.UNIT))
    elif packed:
        claims.append(("packing", tests.PACKING))
    else:
        claims += FRAMES[frame(program(spec))]
    name = f"{'unit-' * unit}{detector}@{lanes}{'-packed' * packed}"
    return Configuration(
        name, tuple(module for module, _ in claims), own.unit if unit else own.whole, name,
        tuple(name for _, listed in claims for name in listed), detector,
        {**parameters(spec, lanes, packed), **_counters(count_width)},
    )  # fmt: skip


def _macs(entry: int, operand: int, result: int) -> Configuration:
    name = f"macs-{entry}x{operand}x{result}"
    sizes = {"Columns": 4, "RowsPerWord": 2, "Vectors": 2, "EntryWidth": entry,
             "OperandWidth": operand, "ResultWidth": result}  # fmt: skip
    return Configuration(name, ("macs",), "mac_array", name, tests.MACS, parameters=sizes)


def _fusion(detector: str, *, slots: int, group: int, count_width: int = 16) -> Configuration:
    name = f"fusion-{detector}"
    sizes = {"Slots": slots, "GroupColumns": group, **_counters(count_width)}
    return Configuration(name, ("fusion",), "fusion", name, tests.FUSION, detector, sizes)


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
