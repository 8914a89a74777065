# SPDX-License-Identifier: Apache-2.0
"""A set of word lengths: for each format how many bits, and how many of them above the point."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fixedpoint.detectors import reformat
from fixedpoint.numbers.format import Format
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.schema import SpecError

HEADROOM = 2**0.5
"""What a range has beyond that of the calibration draws: half a bit."""
LEAST = 3
LOW, HIGH = "low", "high"
Move = tuple[str, str]


@dataclass(frozen=True)
class Words:
    """bits and tops by the names of formats: a format has `bits` − 1 − `tops` bits below the point.

    Formats of constants have no tops: theirs follow from the constants. Formats that are neither
    theirs nor a wire's keep the spec's: where a table ends is part of its function. Codes stay at
    point 0.
    """

    bits: Mapping[str, int]
    tops: Mapping[str, int]

    def moves(self) -> list[Move]:
        """One bit less of each: at the low end, or of a wire at the high one."""
        found = [(name, LOW) for name, bits in self.bits.items() if bits > LEAST]
        return found + [(name, HIGH) for name in self.tops if self.bits[name] > LEAST]

    def moved(self, move: Move) -> Words:
        """After a move."""
        name, end = move
        bits = {**self.bits, name: self.bits[name] - 1}
        tops = {**self.tops, name: self.tops[name] - 1} if end == HIGH else self.tops
        return Words(bits, tops)

    def topped(self, name: str, top: int) -> Words:
        """With so many bits above the point, and as many below it as before."""
        bits = self.bits[name] - self.tops[name] + top
        return Words({**self.bits, name: bits}, {**self.tops, name: top})

    def key(self) -> str:
        """What tells it from another one: `code 8, p 8.7`."""
        return ", ".join(f"{name} {bits}" + (f".{bits - 1 - self.tops[name]}"
                         if name in self.tops else "")
                         for name, bits in sorted(self.bits.items()))  # fmt: skip

    def formats(self, spec: DetectorSpec) -> dict[str, Format]:
        """Of a spec."""
        old = reformat.formats(spec)
        codes, own = set(spec.counted.values()), reformat.constants(spec)
        new = dict(old)
        for name in codes & set(self.bits):
            new[name] = Format(self.bits[name], 0)
        for name, bits in self.bits.items():
            if name in codes:
                continue
            if name in self.tops:
                top = self.tops[name]
            elif name in own:
                top = needed(reformat.largest(spec, name, new))
            else:
                top = _top(old[name])
            new[name] = Format(bits, bits - 1 - top)
        return {name: new[name] for name in self.bits}

    def spec(self, spec: DetectorSpec) -> DetectorSpec:
        """The spec in these formats. Raises `SpecError` where it cannot be."""
        try:
            return reformat.reformatted(spec, self.formats(spec))
        except SpecError:
            raise
        except ValueError as error:
            raise SpecError(f"spec {spec.name}", [str(error)]) from error

    def can_be(self, spec: DetectorSpec) -> bool:
        """Whether the spec can have these formats."""
        try:
            self.spec(spec)
        except SpecError:
            return False
        return True


def narrowable(spec: DetectorSpec) -> list[str]:
    """The names of a spec's formats that no other ones determine."""
    every = reformat.formats(spec)
    tied, _ = spec.follow(every)
    return [name for name in every if name not in tied]


def _top(fmt: Format) -> int:
    """Bits above the point."""
    return fmt.bits - 1 - fmt.frac


def needed(magnitude: float) -> int:
    """Bits above the point that a magnitude needs; may be negative."""
    return math.floor(math.log2(magnitude)) + 1 if magnitude > 0 else 0


def given(spec: DetectorSpec, names: list[str]) -> Words:
    """The spec's own formats, those of constants as they are."""
    old, codes = reformat.formats(spec), set(spec.counted.values())
    tops = {name: _top(old[name]) for name in names if name not in codes}
    return Words({name: old[name].bits for name in names}, tops)


def refused(spec: DetectorSpec, ranges: Mapping[str, object]) -> dict[str, str]:
    """The formats that cannot have a bit less in a spec, each with the reason.

    What other ones determine, or what a hyper-network's outputs are tied to.
    """
    every, free = reformat.formats(spec), narrowable(spec)
    found = {name: "another one determines it" for name in every if name not in free}
    own = given(spec, free)
    base = Words(own.bits, {name: top for name, top in own.tops.items() if name in ranges})
    for name in free:
        try:
            base.moved((name, LOW)).spec(spec)
        except SpecError as error:
            found[name] = str(error).partition(": ")[2]
    return found


def start(
    spec: DetectorSpec, ranges: Mapping[str, tuple[float, float]], names: list[str], more: int
) -> Words:
    """Wide ones: ranges with headroom, and `more` bits below the point than the spec has.

    As many more as the program's carriers allow. Wires are those that have a range; one whose spec
    asks for more than its range, for ±1 say, keeps the ends that it has.
    """
    old, own = reformat.formats(spec), given(spec, names)
    tops = {name: max(needed(ranges[name][0] * HEADROOM), needed(reformat.largest(spec, name, old)))
            for name in own.tops if name in ranges}  # fmt: skip
    for name, top in tops.items():
        if top < own.tops[name] and not own.topped(name, top).can_be(spec):
            tops[name] = own.tops[name]
    fault: SpecError | None = None
    for extra in range(more, -1, -1):
        bits = {name: max(tops[name] + old[name].frac + 1 if name in tops else own.bits[name],
                          LEAST) + extra for name in names}  # fmt: skip
        made = Words(bits, tops)
        try:
            made.spec(spec)
        except SpecError as error:
            fault = error
            continue
        return made
    raise fault or SpecError(f"spec {spec.name}", ["no wider formats"])
