# SPDX-License-Identifier: Apache-2.0
"""Random programs of random operations, formats and sizes through numpy's views and another one.

    python -m tests.fuzz_programs --count 5000 --seed 0 [--view torch|native|ap_int]

Every wire of the golden view is held against exact rationals (`program_reference.py`), the fast
view's last state against the golden one; with `--view` every wire of torch or of the C++ against
the golden view's (`torch_view.py`, `fuzz_native.py`). A failure prints the smallest number of
operations with which the program of that seed still fails.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import log2
from typing import Any

import numpy as np

from fixedpoint import cli
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import bank, constant, integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import Value, choose, quotient, total
from fixedpoint.program.views import fast, golden
from fixedpoint.program.views.interpret import Inputs, Wires
from fixedpoint.receivers import receiver
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import extreme
from fixedpoint.stress import pgd as stress
from tests.program_reference import Vector

WIDE = 20
"""Bits of a value beyond which it is requantized before it is used again."""
FAR = 28
"""Points of terms further apart than this come nearer, so that a sum keeps below 53 bits."""
OPERATIONS, MOST = 24, 1_000_000
PLAIN = 10
RECIPROCAL = Lookup.of(lambda t: 1 / (1 + t), Format(4, 4, signed=False), Format(8, 6))


class Generator:
    """A program of up to `operations` random operations, the same first ones for any number.

    plain: of the first kinds of operations alone, which the fast view's int32 carries.
    """

    def __init__(self, seed: int, operations: int, plain: bool = False) -> None:
        self.rng = np.random.default_rng(seed)
        self.operations = operations
        self.plain = plain
        self.spec = self._spec()
        self.formats = 0

    def _spec(self) -> DetectorSpec:
        pick = self.rng.integers(0, 5)
        if pick < 3:
            rows, columns = ((8, 4), (6, 6), (4, 2))[pick]
            return stress.spec("box", rows, columns, layers=3)
        size = {"rows": 16, "columns": 4, "units": 2} if pick == 3 else {
            "rows": 12, "columns": 2, "units": 3}  # fmt: skip
        return distributed_stress.spec("hpd", bits=int(self.rng.integers(1, 4)), layers=3, **size)

    def program(self) -> Program:
        """Trace it."""
        spec = self.spec
        units = (spec.units, spec.unit_size) if isinstance(spec, DistributedSpec) else (0, 0)
        self.trace = t = Trace(spec, *units)
        h, y = t.matrix("h"), t.given("y", spec.y_format)
        state = spec.state_format
        with t.layers():
            x = t.before("state", state)
            rows = self.tame(h @ x)
            values = {"row": [y, rows], "column": [x, self.tame(h.T @ self.tame(rows + y))]}
            for number in range(self.operations):
                axis = ("row", "column")[int(self.rng.integers(0, 2))]
                made = self.operation(values[axis], y)
                t.wire(f"w{number}", made)
                values[axis].append(made)
            last = self.tame(h.T @ self.tame(total(*values["row"][-2:])))
            last = total(*self.near(last, *values["column"][-3:]))
            t.wire("state", (self.fused(last) if last.domain.unit else last).to(state))
            t.wire("bits", t.sliced(t.layer_part.wires["state"]))  # type: ignore[union-attr]
        return t.program()

    def operation(self, values: list[Value], y: Value) -> Value:
        """One of the operations on values of one axis."""
        a, b = self.near(*(values[int(self.rng.integers(0, len(values)))] for _ in range(2)))
        kinds: list[Callable[[Value, Value], Value]] = [
            lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: -a,
            lambda a, b: total(a, b, -a, b), self.scaled, self.banked, self.clipped, self.softened,
            self.folded, self.table, self.grid, self.distance, self.quotient,
        ]  # fmt: skip
        if self.plain:
            kinds = kinds[:PLAIN]
        elif values[0] is y:
            kinds.append(self.chosen)
        return self.tame(kinds[int(self.rng.integers(0, len(kinds)))](a, b))

    def near(self, *terms: Value) -> list[Value]:
        """Terms that can be added: a point far to the right of another one's is moved."""
        least = max(x.frac for x in terms) - FAR
        return [x if x.frac >= least else self.rounded(x, Format(12, least)) for x in terms]

    def rounded(self, x: Value, fmt: Format) -> Value:
        """Requantized, under a name of its own."""
        self.formats += 1
        return x.to(fmt, f"f{self.formats}")

    def tame(self, x: Value) -> Value:
        """Requantized, if it is wide or by chance; saturation, ties and left shifts happen."""
        if x.largest.bit_length() <= WIDE and self.rng.random() < 0.6:
            return x
        bits = int(self.rng.integers(3, 13))
        size = log2(max(x.largest, 1)) - x.frac
        frac = bits - 1 - round(size) + int(self.rng.integers(-1, 6))
        return self.rounded(x, Format(bits, max(-20, min(20, frac))))

    def numbers(self, fmt: Format, count: int) -> list[int]:
        """Integers of a format, its ends among them."""
        return [int(q) for q in self.rng.integers(fmt.min, fmt.max + 1, count)]

    def scaled(self, a: Value, b: Value) -> Value:
        fmt = Format(int(self.rng.integers(2, 8)), int(self.rng.integers(0, 6)))
        return a * constant("c", fmt, self.numbers(fmt, self.spec.depth))

    def banked(self, a: Value, b: Value) -> Value:
        fmt = Format(int(self.rng.integers(2, 8)), int(self.rng.integers(0, 6)))
        rows = [self.numbers(fmt, len(self.spec.snr)) for _ in range(self.spec.depth)]
        return a * bank("s", fmt, rows, before=bool(self.rng.integers(0, 2)))

    def limit(self, a: Value) -> Value:
        """A positive number of all vectors, of a layer, or of an SNR entry."""
        fmt = Format(max(2, min(16, a.largest.bit_length())), a.frac)
        drawn = [abs(q) for q in self.numbers(fmt, self.spec.depth)]
        kind = self.rng.integers(0, 3)
        if kind == 0:
            return integer(drawn[0], a.frac)
        if kind == 1:
            return constant("limit", fmt, drawn)
        entries = len(self.spec.snr)
        return bank("limit", fmt, [[abs(q) for q in self.numbers(fmt, entries)] for _ in drawn])

    def clipped(self, a: Value, b: Value) -> Value:
        return a.clip(self.limit(a), "clip")

    def softened(self, a: Value, b: Value) -> Value:
        return a.soft(self.limit(a), "soft")

    def folded(self, a: Value, b: Value) -> Value:
        return a.fold(self.limit(a))

    def table(self, a: Value, b: Value) -> Value:
        bits = int(self.rng.integers(2, 7))
        frac = bits - 1 - round(log2(max(a.largest, 1)) - a.frac) + int(self.rng.integers(-1, 4))
        address = Format(bits, max(-20, min(20, frac)))
        output = Format(int(self.rng.integers(3, 9)), int(self.rng.integers(0, 6)))
        tables = [Lookup(address, output, tuple(self.numbers(output, address.max * 2 + 1)))
                  for _ in range(int(self.rng.choice([1, self.spec.depth])))]  # fmt: skip
        return self.trace.read("table", a, tables, lambda x, _: x)

    def grid(self, a: Value, b: Value) -> Value:
        fmt = self.spec.state_format
        inner = self.scaled(a.to(fmt, f"g{self.formats}") - self.trace.grid(fmt), b)
        return (self.table(inner, b) if self.rng.random() < 0.7 else inner).over_grid()

    def distance(self, a: Value, b: Value) -> Value:
        fmt = self.spec.state_format
        return self.trace.distance(a.to(fmt, f"d{self.formats}"), fmt)

    def quotient(self, a: Value, b: Value) -> Value:
        narrow = b.to(Format(6, 2), f"q{self.formats}")
        target = Format(int(self.rng.integers(4, 12)), int(self.rng.integers(0, 8)))
        return quotient(a, narrow + integer(40, 2), RECIPROCAL, target, "quotient")

    def chosen(self, a: Value, b: Value) -> Value:
        lowest, highest = self.spec.converter.ends
        y = self.trace.given("y", self.spec.y_format)
        a, b = (q.to(Format(8, 3), f"c{self.formats}") for q in (a, b))
        then = b if self.rng.random() < 0.5 else integer(int(self.rng.integers(-9, 10)), 3)
        return choose(y, int(self.rng.choice([lowest, highest])), then, a)

    def fused(self, x: Value) -> Value:
        return self.trace.over_units(self.tame(x))


View = Callable[[Program, Inputs, Mapping[str, Wires]], None]
"""One more view against the golden one's wires; raises `AssertionError` where they differ."""


def check(seed: int, operations: int = OPERATIONS, views: Sequence[View] = ()) -> int:
    """How many integers were compared. Raises `AssertionError` where two views differ.

    Every third seed's program is plain.
    """
    generator = Generator(seed, operations, plain=seed % 3 == 2)
    made, spec = generator.program(), generator.spec
    h, y, index = extreme.vectors(spec, seed, 3, 5)
    given, _ = receiver.inputs(spec, h, y, index)
    layers = golden.run(made, given)
    compared = 0
    for g, b in ((0, 0), (2, 3)):
        matrices = {name: m[g].tolist() for name, m in given.matrices.items()}
        samples = {name: q[g, b].tolist() for name, q in given.given.items()}
        vector = Vector(made, matrices, samples, int(index[g, b]))
        for expected, (name, wires) in zip(vector.layers(), layers.items(), strict=True):
            for wire, reals in expected.items():
                value, found = made.layer.wires[wire], getattr(wires, wire)[g, b]
                for place, x in reals.items():
                    q = found[place] if value.domain.unit else found[place[1]]
                    assert Fraction(int(q)) == x * Fraction(2) ** value.frac, (name, wire, place)
                    assert abs(int(q)) <= value.largest, (name, wire, place)
                    compared += 1
    state = list(layers.values())[-1].state
    for at, last in fast.run(made, given):
        assert np.array_equal(state[at], last["state"].transpose(0, 2, 1)), "fast view"
        compared += state[at].size
    for view in views:
        view(made, given, layers)
    return compared


def smallest(seed: int, operations: int = OPERATIONS, views: Sequence[View] = ()) -> int:
    """The fewest operations with which a seed's program fails."""
    for fewer in range(operations + 1):
        try:
            check(seed, fewer, views)
        except Exception:
            return fewer
    return operations


def run(count: int, seed: int, views: Sequence[View] = ()) -> dict[str, Any]:
    """Programs of seeds from `seed` on: how many, integers compared, and failures by seed."""
    compared, failures = 0, {}
    for number in range(seed, seed + count):
        try:
            compared += check(number, views=views)
        except Exception as error:
            fewest = smallest(number, views=views)
            failures[number] = f"{type(error).__name__}: {error}; {fewest} operations"
    return {"programs": count, "integers": compared, "failures": failures}


def run_torch(count: int, seed: int) -> dict[str, Any]:
    """As `run`, and the torch view beside those of numpy."""
    from tests import torch_view  # what the numpy views need not load

    return run(count, seed, (torch_view.check,))


def main() -> int:
    """The command line; exit status 1 if a program fails."""
    from tests import fuzz_native

    parser = cli.Parser(prog="python -m tests.fuzz_programs", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--view", choices=("numpy", "torch", "native", "ap_int"), default="numpy")
    arguments = parser.parse_args()

    def body() -> int:
        cli.check_count(arguments.count, MOST, "programs")
        cli.check_seed(arguments.seed)
        views = {"numpy": run, "torch": run_torch, "native": fuzz_native.run,
                 "ap_int": partial(fuzz_native.run, ap_int=True)}  # fmt: skip
        view = views[arguments.view]
        found = view(arguments.count, arguments.seed)
        for number, why in found["failures"].items():
            print(f"seed {number}: {why}")
        print(f"{found['programs']} programs, seeds from {arguments.seed}: "
              f"{found['integers']:,} integers, {len(found['failures'])} differ")  # fmt: skip
        return cli.MISMATCH if found["failures"] else 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
