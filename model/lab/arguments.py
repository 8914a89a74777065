# SPDX-License-Identifier: Apache-2.0
"""Words of the command line: lists of SNRs, limits."""

from __future__ import annotations

import math
from collections.abc import Sequence

from model.lab.plan import MOST_SNRS


def snr_list(text: str) -> tuple[float, ...]:
    """`0,5,10` or `0:25:5` (the end counts) or both, `0,5,10:25:5`, to thousandths of a dB."""
    snrs: list[float] = []
    for part in text.split(","):
        numbers = [_number(word, text) for word in part.split(":")]
        if len(numbers) == 1:
            snrs += numbers
        elif len(numbers) == 3:
            snrs += _range(numbers, part)
        else:
            raise ValueError(f"SNRs {part!r}: a number or first:last:step was expected")
    return tuple(round(snr, 3) for snr in snrs)


def _range(numbers: list[float], part: str) -> list[float]:
    first, last, step = numbers
    if step <= 0 or last < first:
        raise ValueError(f"SNRs {part!r}: first <= last and a step above 0 were expected")
    steps = math.floor((last - first) / step + 1e-9)
    if steps >= MOST_SNRS:
        raise ValueError(f"SNRs {part!r} are {steps + 1}, at most {MOST_SNRS} were expected")
    return [first + i * step for i in range(steps + 1)]


def _number(word: str, text: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"SNRs {text!r}: {word!r} is not a number of dB")
    return value


def limits(words: Sequence[str]) -> dict[str, int]:
    """`NAME=VECTORS` each; NAME may hold options, `kbest:k=64=5000`."""
    found = {}
    for word in words:
        name, equals, vectors = word.rpartition("=")
        if not equals or not vectors.isdecimal():
            raise ValueError(f"limit {word!r}: NAME=VECTORS was expected")
        found[name] = int(vectors)
    return found
