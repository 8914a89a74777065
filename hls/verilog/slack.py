# SPDX-License-Identifier: Apache-2.0
"""Operations that nobody waits for: each moves to where the fewest registers carry it on.

A wide product that is there early waits in wide registers; its narrow factors can wait instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fixedpoint.program.leaves import Integer
from fixedpoint.program.values import Grid, Value, points_of
from hls.verilog.instances import Instance, width

Instances = Mapping[Value, Instance]


def starts_of(value: Value, instances: Instances, made: Mapping[Value, int]) -> int:
    """The stage in which an operation takes its operands."""
    instance = instances[value]
    return made[value] - instance.behind - instance.cycles


def used(
    instances: Instances, made: Mapping[Value, int], ends: Sequence[Value], latency: int
) -> dict[Value, tuple[int, ...]]:
    """The stages in which each value is taken, ascending; those of `ends` in the last one too."""
    found: dict[Value, set[int]] = {value: {latency} for value in ends}
    for value, instance in instances.items():
        for operand in instance.operands:
            found.setdefault(operand, set()).add(starts_of(value, instances, made))
    return {value: tuple(sorted(stages)) for value, stages in found.items()}


@dataclass(frozen=True)
class _Moves:
    """What the stages of operations hang on: who takes each value, and what costs nothing."""

    instances: Instances
    made: dict[Value, int]
    takers: Mapping[Value, Sequence[Value]]
    still: Collection[Value]
    kept: Collection[Value]
    latency: int

    def start(self, value: Value) -> int:
        return starts_of(value, self.instances, self.made)

    def last(self, value: Value) -> int:
        """The latest stage in which a value may be made."""
        return min(map(self.start, self.takers[value]), default=self.latency)

    def cost(self, value: Value, by: int) -> int:
        """Registers, in bits, of a value and of its operands, if it is made `by` stages later."""
        start, total = self.start(value) + by, -by * _bits(value)
        for operand in set(self.instances[value].operands):
            if operand not in self.still and not isinstance(operand, Integer | Grid):
                others = [self.start(t) for t in self.takers[operand] if t is not value]
                end = self.latency if operand in self.kept else self.made[operand]
                total += _bits(operand) * max(start - max([*others, end]), 0)
        return total


def moved(
    instances: Instances, made: Mapping[Value, int], still: Collection[Value],
    kept: Collection[Value], latency: int,
) -> dict[Value, int]:  # fmt: skip
    """The stages with every operation where it costs least, the last ones first.

    still: what comes in the stage that uses it, and costs nothing; kept: what is wanted at the end.
    """
    takers: dict[Value, list[Value]] = {value: [] for value in made}
    for value, instance in instances.items():
        for operand in set(instance.operands):
            takers[operand].append(value)
    moves = _Moves(instances, dict(made), takers, still, kept, latency)
    for value in reversed(list(instances)):
        later = range(moves.last(value) - moves.made[value] + 1)
        moves.made[value] += min(later, key=partial(moves.cost, value))
    return moves.made


def _bits(value: Value) -> int:
    return width(value) * (len(points_of(value)) if value.domain.grid else 1)
