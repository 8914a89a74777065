# SPDX-License-Identifier: Apache-2.0
"""Entries of a JSON object as a frozen dataclass: every name, type and length is checked first."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, TypeVar

from fixedpoint.support.reading import brief

T = TypeVar("T")
LONGEST_TEXT, LONGEST_LIST = 4096, 10_000


def typed(cls: type[T], data: object, subject: str, **made: Any) -> T:
    """`cls` of an object's entries, of which `made` are already what they should be.

    `cls` is a frozen dataclass of integers, reals, text, and lists or mappings of those. Raises
    `ValueError` that names the subject, the entry, its value and what was expected.
    """
    entries = object_of(data, subject)
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(typing.cast(Any, cls))
    unknown = sorted(set(entries) - {field.name for field in fields})
    if unknown:
        raise ValueError(f"{subject}: unknown entries {_names(unknown)}")
    for field in fields:
        name = field.name
        if name in entries and name not in made:
            _check(hints[name], entries[name], f"{subject}, {name}")
            if hints[name] is float:  # JSON writes 1.0 as 1
                entries = {**entries, name: float(entries[name])}
        required = field.default is dataclasses.MISSING is field.default_factory
        if required and name not in entries:
            raise ValueError(f"{subject}: {name} is missing")
    return cls(**(entries | made))


def object_of(data: object, subject: str) -> dict[str, Any]:
    """`data` as an object, `ValueError` if it is none."""
    if not isinstance(data, dict):
        raise ValueError(f"{subject}: {brief(data)} is not an object")
    return data


def integer(data: object, subject: str, least: int, most: int) -> int:
    """`data` as an integer from `least` to `most`, `ValueError` if it is none."""
    if type(data) is not int or not least <= data <= most:
        raise ValueError(f"{subject}: {brief(data)} is not an integer of {least} to {most}")
    return data


def _names(names: list[str]) -> str:
    return brief(", ".join(names)).strip("'\"")


def _check(hint: Any, data: object, subject: str) -> None:
    kind, inner = typing.get_origin(hint), typing.get_args(hint)
    if kind is None:
        if type(data) not in _TYPES[hint]:
            raise ValueError(f"{subject}: {brief(data)} is not {_WORDS[hint]}")
        if hint is float and not abs(typing.cast(float, data)) <= LARGEST:
            raise ValueError(f"{subject}: {brief(data)} is beyond ±{LARGEST:.0e}")
        if isinstance(data, str) and (len(data) > LONGEST_TEXT or not data.isprintable()):
            raise ValueError(f"{subject}: {brief(data)} is not a line of {LONGEST_TEXT} characters")
    elif kind is tuple:
        if not isinstance(data, list | tuple) or len(data) > LONGEST_LIST:
            raise ValueError(f"{subject}: {brief(data)} is not a list")
        for item in data:
            _check(inner[0], item, subject)
    else:
        for name, item in object_of(data, subject).items():
            _check(inner[0], name, subject)
            _check(inner[1], item, f"{subject} of {brief(name)}")


LARGEST = 1e30
"""The largest real, within what float32 holds."""
_TYPES: dict[Any, tuple[type, ...]] = {int: (int,), float: (int, float), str: (str,)}
_WORDS = {int: "an integer", float: "a number", str: "a string"}
