# SPDX-License-Identifier: Apache-2.0
"""What the RTL's scheduler promises beside integers: few stages, few registers, few adders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

import pytest

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import OUTPUT
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Bank, Carried, Constant, Integer
from fixedpoint.program.values import (
    Clipped,
    Declared,
    Folded,
    Grid,
    GridSum,
    Negated,
    Product,
    Sliced,
    Softened,
    Total,
    Transformed,
    UnitSum,
    Value,
    points_of,
    walk,
)
from hls import cases
from hls.project import rtl as emit_rtl
from hls.verilog.emit import emitted
from hls.verilog.instances import Instance, width
from hls.verilog.schedule import Schedule
from hls.verilog.sections import functions
from tests.fuzz_programs import OPERATIONS, Generator

NARROW = 12
"""Bits of the factors of a product in one stage."""


def of(made: Program) -> Iterator[Schedule]:
    for array in emitted(made).arrays.values():
        yield array.pipeline.schedule


@pytest.fixture(scope="module")
def shipped() -> list[Schedule]:
    """Every function of every shipped and stress spec."""
    made = [program(case.spec) for case in cases.all_cases() if emit_rtl.has_rtl(case.spec)]
    return [schedule for each in made for schedule in of(each)]


@pytest.fixture(scope="module")
def schedules(shipped: list[Schedule]) -> list[Schedule]:
    """Those, and random programs' functions."""
    random = [Generator(seed, OPERATIONS).program() for seed in range(24)]
    return [*shipped, *(schedule for each in random for schedule in of(each))]


def shown(schedule: Schedule) -> list[Value]:
    """What is there at a function's end."""
    function = schedule.function
    return [*map(schedule.same, (*function.wires.values(), *function.outputs))]


def held(schedule: Schedule) -> list[Value]:
    """What others take of it; the other wires are shown to a simulator alone."""
    made, function = schedule.program, schedule.function
    order = [value for part in (*made.once, made.layer) for value in part.order]
    read = {value.wire for value in order if isinstance(value, Carried)} | {*OUTPUT}
    cut = {value.of for value in order if isinstance(value, Transformed | UnitSum)}
    ahead = function.part is not made.layer
    wires = [v for name, v in function.wires.items() if ahead or name in read or v in cut]
    return [*map(schedule.same, (*wires, *function.outputs))]


def operands(instance: Instance) -> list[Value]:
    return [value for port in instance.inputs for value in port.values]


def earliest(schedule: Schedule) -> dict[Value, int]:
    """The stage of each value, made as soon as its operands are there."""
    made: dict[Value, int] = {}

    def find(value: Value) -> int:
        if value not in made:
            if value in schedule.instances:
                one = schedule.instances[value]
                made[value] = max(map(find, operands(one))) + one.cycles + one.behind
            else:
                made[value] = 1 if isinstance(value, Constant) else 3 if isinstance(
                    value, Bank) else 0  # fmt: skip
        return made[value]

    for value in shown(schedule):
        find(value)
    return made


def registers(schedule: Schedule, made: Mapping[Value, int], ends: Sequence[Value]) -> int:
    """The bits that wait, stage after stage, if values are made in these and some till the end."""
    last = dict(made)
    for value, one in schedule.instances.items():
        for operand in operands(one):
            last[operand] = max(last[operand], made[value] - one.behind - one.cycles)
    last |= dict.fromkeys(ends, schedule.latency)
    return sum(width(value) * (len(points_of(value)) if value.domain.grid else 1)
               * (last[value] - made[value]) for value in made
               if not isinstance(value, Integer | Grid | Constant | Bank))  # fmt: skip


def test_no_function_waits_for_one_that_waits_for_it(schedules: list[Schedule]) -> None:
    """Functions by themselves do not see it: each is given its inputs."""
    for made in dict.fromkeys(schedule.program for schedule in schedules):
        found = functions(made)
        makers = {value: one.name for one in found for value in (*one.wires.values(), *one.outputs)}
        before: dict[str, set[str]] = {}
        for one in found:
            taken = [v.of if isinstance(v, Transformed) else v for v in one.inputs]
            before[one.name] = {makers[v] for v in taken if v in makers} - {one.name}
        assert len(list(TopologicalSorter(before).static_order())) == len(found)


def test_the_latency_is_the_longest_way(schedules: list[Schedule]) -> None:
    for schedule in schedules:
        made = earliest(schedule)
        assert schedule.latency == max(made[value] for value in shown(schedule))
        assert all(schedule.made[value] >= stage for value, stage in made.items()
                   if not schedule.late(value))  # fmt: skip


def test_no_schedule_has_more_registers_than_the_earliest_one(schedules: list[Schedule]) -> None:
    for schedule in schedules:
        ends = shown(schedule)
        now = registers(schedule, schedule.made, ends)
        assert now <= registers(schedule, {**schedule.made, **earliest(schedule)}, ends)


def test_no_operation_of_a_detector_waits_better_elsewhere(shipped: list[Schedule]) -> None:
    moved = 0
    for schedule in shipped:
        ends = held(schedule)
        now = registers(schedule, schedule.made, ends)
        for value, one in schedule.instances.items():
            takers = [schedule.made[user] - other.behind - other.cycles
                      for user, other in schedule.instances.items()
                      if value in operands(other)]  # fmt: skip
            first = max(schedule.made[operand] for operand in operands(one))
            stages = range(first + one.cycles + one.behind, min([schedule.latency, *takers]) + 1)
            for stage in stages:
                other = registers(schedule, {**schedule.made, value: stage}, ends)
                assert other >= now, value.where
            moved += len(stages) > 1
    assert moved >= 20, moved


def test_a_sum_that_one_sum_takes_is_made_within_it_and_any_other_one_once(
    schedules: list[Schedule],
) -> None:
    merged = 0
    for schedule in schedules:
        inputs = frozenset(schedule.function.inputs)
        ends = (*schedule.function.wires.values(), *schedule.function.outputs)
        order = [value for value in walk(ends, inputs) if value not in inputs]
        users = Counter(operand for value in order for operand in value.operands)
        kinds = Total | Negated | Declared
        alone = {value for value in order if isinstance(value, kinds) and users[value] == 1
                 and value not in ends}  # fmt: skip
        for value, one in schedule.instances.items():
            if isinstance(value, Total | Negated):
                assert not alone.intersection(operands(one)), value.where
        for value in order:
            if isinstance(value, Total) and value not in alone:
                assert value in schedule.instances, value.where
        merged += len(alone - set(schedule.instances))
    assert merged >= 20, merged


def test_products_and_requantizations_are_of_one_stage_where_units_wait_alone(
    schedules: list[Schedule],
) -> None:
    for schedule in schedules:
        waits = any(isinstance(value, UnitSum) for value in schedule.program.layer.order)
        for value, one in schedule.instances.items():
            if isinstance(value, Product) and not value.logic:
                short = waits and max(map(width, operands(one))) <= NARROW
                assert one.module == ("short_product" if short else "product")
            if one.module.startswith("requantize") and not one.address:
                assert one.module == ("requantize_stage" if waits else "requantize_stages")


def test_no_signal_is_wider_than_its_value(schedules: list[Schedule]) -> None:
    """But a product, a bit more than each factor at least, and a bounded one: all bits are used."""
    for schedule in schedules:
        for value, one in schedule.instances.items():
            more = {Product: 1, Clipped: 0, Softened: 0, Folded: 0}.get(type(value))
            beside = [] if more is None else [width(operand) + more for operand in operands(one)]
            assert one.address or one.width == max([width(value), *beside]), value.where
            if not isinstance(value, Sliced | GridSum | UnitSum):
                assert width(value) == max(value.largest.bit_length() + 1, 2), value.where


def test_nothing_is_cast_to_the_width_that_it_has(schedules: list[Schedule]) -> None:
    for made in dict.fromkeys(schedule.program for schedule in schedules):
        for name, text in emitted(made).modules().items():
            for bits, own in re.findall(r"(\d+)'\(wires\[\d+ \+: (\d+)\]\)", text):
                assert bits != own, name
