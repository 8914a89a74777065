# SPDX-License-Identifier: Apache-2.0
"""What this project says of its integers in coded links, in dB at a block error rate of 10⁻¹."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.evidence.finding import FAILS, HOLDS, PARTLY, Finding, Found
from benchmarks.evidence.link.pages import FIRST, TARGET, ahead, label
from benchmarks.evidence.link.part import wrong_of
from benchmarks.evidence.link.parts import BY_NAME
from model.link.outcome import Wrong, gain

LITTLE_DB = 0.3
AGAINST = {FIRST: "soft LMMSE", "hard": "their decisions", "twin": "their float twin"}


def square(found: Found) -> Finding:
    """With a code, the integers' soft bits are ahead of floating-point soft LMMSE at 16×16."""
    return _ahead(found, str(square.__doc__), "coded-16x16", "coded-16x16-correlated")


def tall(found: Found) -> Finding:
    """With a code, the integers' soft bits are ahead of floating-point soft LMMSE at 64×8."""
    return _ahead(found, str(tall.__doc__), "coded-64x8")


def larger(found: Found) -> Finding:
    """With a code, the integers' soft bits are ahead of soft LMMSE with 64-QAM, 8×8."""
    return _ahead(found, str(larger.__doc__), "coded-64qam")


def slots(found: Found) -> Finding:
    """In 5G PUSCH with estimated channels the integers are ahead of soft LMMSE."""
    return _ahead(found, str(slots.__doc__), "pusch-cdl-c", "pusch-tdl-a")


def units(found: Found) -> Finding:
    """In distributed few-bit systems soft bits are ahead of decisions."""
    told = _told(found, ("coded-units",), "hard")
    return Finding(str(units.__doc__), _text(told, "hard"), _verdict(told))


def words(found: Found) -> Finding:
    """Soft bits of 6 bits lose less than .3 dB to floating point."""
    told = [each for each in _told(found, ("coded-bits-admm", "coded-bits-pm"), "twin")
            if "-soft`" in each.text]  # fmt: skip
    return Finding(str(words.__doc__), _text(told, "twin"), _verdict(told, -LITTLE_DB))


FINDINGS = (square, tall, larger, slots, units, words)


class Told(NamedTuple):
    """A comparison in words, and the limits of its dB, None where it has none."""

    text: str
    low: float | None
    high: float | None


def _ahead(found: Found, claim: str, *names: str) -> Finding:
    """Of all integers of parts ahead of LMMSE."""
    told = _told(found, names, FIRST)
    return Finding(claim, _text(told, FIRST), _verdict(told))


def _told(found: Found, names: Sequence[str], against: str) -> list[Told]:
    """Integers ahead of LMMSE, or of a kind of their own. `KeyError` on a part without numbers."""
    made = []
    for text, snr_db, wrong in _runs(found, names):
        for name in (name for name in wrong if name.startswith("golden ")):
            other = name.replace("golden", against, 1) if against != FIRST else against
            if other in wrong:
                shown = ahead(snr_db, wrong, name, other)
                each = gain(name, other, TARGET, snr_db, wrong)
                spec = label(name).replace(", integers", "")
                made.append(Told(f"{spec}, {text}: {shown}", each.low, each.high))
    return made


def _runs(
    found: Found, names: Sequence[str]
) -> Iterator[tuple[str, tuple[float, ...], dict[str, Wrong]]]:
    for name in names:
        for run in found.links[name]["runs"]:
            wrong = {each: wrong_of(run, each) for each in run["wrong"]}
            yield f"{BY_NAME[name].panel}{BY_NAME[name].of_run(run)}", tuple(run["snr_db"]), wrong


def _text(told: Sequence[Told], against: str) -> str:
    return (f"dB ahead of {AGAINST[against]} at BLER 10⁻¹: "
            f"{'; '.join(each.text for each in told)}")  # fmt: skip


def _verdict(told: Sequence[Told], least: float = 0) -> str:
    """Whether all comparisons are above so many dB within their limits, or all below."""
    above = [each.low is not None and each.low > least for each in told]
    below = [each.high is not None and each.high < least for each in told]
    if all(above):
        return HOLDS
    return FAILS if all(below) else PARTLY
