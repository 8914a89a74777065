# SPDX-License-Identifier: Apache-2.0
"""A system as text: `NAME` or `NAME:key=value,…`, on command lines and in configurations.

NAME is one of `SYSTEMS`, or antennas and modulation, receive antennas first: `8x8-64qam`.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import re
from collections.abc import Iterable, Mapping

from fixedpoint.numbers.bank import SnrBank
from fixedpoint.numbers.modulation import modulation_name
from model.systems.system import SYSTEMS, System

KINDS = {"int": int, "float": float, "str": str}
FIELDS = {field.name: KINDS[str(field.type)] for field in dataclasses.fields(System)}
DEFAULTS = {field.name: field.default for field in dataclasses.fields(System)}
RESERVED = ",="
"""Characters that a value cannot hold: they would be read as the next entry's."""


def system_of(text: str, overrides: Mapping[str, object] | None = None) -> System:
    """The system that a text names; `overrides` come last.

    Raises `ValueError` that names the text, what is wrong in it and what was expected.
    """
    name, _, rest = text.partition(":")
    entries: dict[str, object] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if key not in FIELDS:
            raise ValueError(f"system {text!r}: {key!r} is not one of {_near(key, FIELDS)}")
        if not equals:
            raise ValueError(f"system {text!r}: {key} has no value, {key}=VALUE was expected")
        try:
            entries[key] = FIELDS[key](value)
        except ValueError:
            kind = "an integer" if FIELDS[key] is int else "a number"
            raise ValueError(f"system {text!r}: {key} {value!r} is not {kind}") from None
    return dataclasses.replace(_named(name), **{**entries, **(overrides or {})})  # type: ignore[arg-type]


@functools.lru_cache(maxsize=64)
def kept(text: str) -> System:
    """The same of a text alone, made once."""
    return system_of(text)


def _named(name: str) -> System:
    if name in SYSTEMS:
        return SYSTEMS[name]
    sizes, dash, modulation = name.partition("-")
    nr, cross, nt = sizes.partition("x")
    if not (dash and cross and nr.isdecimal() and nt.isdecimal() and len(sizes) < 20):
        raise ValueError(
            f"system {name!r} is not one of {', '.join(SYSTEMS)}, "
            "nor receive antennas x users and a modulation, as 8x8-64qam"
        )
    try:
        return System(nt=int(nt), nr=int(nr), modulation=modulation_name(modulation))
    except ValueError as error:
        raise ValueError(f"system {name!r}: {error}") from None


def text_of(system: System) -> str:
    """The text of a system: `system_of` makes the same of it.

    Raises `ValueError` on a value that has a comma or an equals sign, a path say.
    """
    name = f"{system.nr}x{system.nt}-{system.modulation}"
    parts = []
    for key in FIELDS:
        value = getattr(system, key)
        if key in ("nr", "nt", "modulation") or value == DEFAULTS[key]:
            continue
        if isinstance(value, str) and any(c in value for c in RESERVED):
            raise ValueError(f"{key} {value!r} holds a comma or an equals sign: "
                             "a path without them was expected")  # fmt: skip
        parts.append(f"{key}={value}")
    return f"{name}:{','.join(parts)}" if parts else name


def bank_of(text: str) -> SnrBank:
    """`-5:30`, the first and the last SNR of a bank in dB. `ValueError` on what is none."""
    found = re.fullmatch(r"(-?\d{1,3}):(-?\d{1,3})", text)
    if found is None:
        raise ValueError(f"bank {text!r}: the first and the last SNR in dB were expected, -5:30")
    return SnrBank(*map(int, found.groups()))


def antennas(text: str) -> dict[str, object]:
    """`64x8`: receive antennas, then users, as the papers write it."""
    nr, _, nt = text.partition("x")
    if not (nr.isdecimal() and nt.isdecimal()):
        raise ValueError(f"antennas {text!r}: receive antennas x users, 64x8 say, was expected")
    return {"nr": int(nr), "nt": int(nt)}


def _near(word: str, known: Iterable[str]) -> str:
    """The known words, the nearest to another word first."""
    names = list(known)
    close = difflib.get_close_matches(word, names, 1)
    return ", ".join([*close, *(name for name in names if name not in close)])
