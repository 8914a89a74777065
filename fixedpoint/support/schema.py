# SPDX-License-Identifier: Apache-2.0
"""JSON to frozen dataclasses and back; every fault of a file is named, not only the first."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from fixedpoint.support.reading import brief

T = TypeVar("T")
MOST_FAULTS = 100
"""A file with more faults than this is not looked at any further."""
SHOWN_FAULTS, SHOWN_CHARACTERS = 20, 300


class SpecError(ValueError):
    """A spec that cannot be used; `faults` holds one line for each entry that is wrong.

    The message shows the first 20 of them, each cut after 300 characters.
    """

    def __init__(self, subject: str, faults: list[str]) -> None:
        self.faults = faults
        shown = [fault[:SHOWN_CHARACTERS] for fault in faults[:SHOWN_FAULTS]]
        if len(faults) > SHOWN_FAULTS:
            shown.append(f"and {len(faults) - SHOWN_FAULTS} more")
        super().__init__(f"{subject}: " + "; ".join(shown))


@dataclass(frozen=True)
class Entries(Generic[T], Mapping[str, T]):
    """A JSON object of entries of one kind, by their names; in the order of their names."""

    pairs: tuple[tuple[str, T], ...]

    @classmethod
    def of(cls, entries: Mapping[str, T]) -> Entries[T]:
        """From any mapping."""
        return cls(tuple(sorted(entries.items())))

    def __getitem__(self, name: str) -> T:
        for key, value in self.pairs:
            if key == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


def decode(cls: type[T], data: object, path: str, faults: list[str]) -> T | None:
    """Build `cls` from parsed JSON; on a fault append `path: what is wrong` and return None.

    `cls` is a frozen dataclass, `int`, `bool`, `str`, or `tuple[X, ...]` or `Entries[X]` of those.
    """
    if typing.get_origin(cls) is Entries:
        return cast("T | None", _decode_entries(typing.get_args(cls)[0], data, path, faults))
    if dataclasses.is_dataclass(cls):
        return cast("T | None", _decode_dataclass(cls, data, path, faults))
    if typing.get_origin(cls) is tuple:
        return cast("T | None", _decode_tuple(typing.get_args(cls)[0], data, path, faults))
    if type(data) is not cls:
        faults.append(f"{path}: {brief(data)} is not {_KINDS[cls]}")
        return None
    return data


def encode(value: object) -> Any:
    """The JSON form of a dataclass tree, the inverse of `decode`; what is None is absent."""
    if isinstance(value, Entries):
        return {name: encode(entry) for name, entry in value.pairs}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        entries = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {name: encode(entry) for name, entry in entries.items() if entry is not None}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


_KINDS: dict[object, str] = {int: "an integer", str: "a string", bool: "true or false"}


def _decode_dataclass(cls: Any, data: object, path: str, faults: list[str]) -> object | None:
    if not isinstance(data, dict):
        faults.append(f"{path or 'spec'}: {brief(data)} is not an object")
        return None
    prefix = f"{path}." if path else ""
    hints = _hints(cls)
    known = len(faults)
    values: dict[str, object] = {}
    for field in dataclasses.fields(cls):
        if field.name in data:
            kind = _plain(hints[field.name])
            values[field.name] = decode(kind, data[field.name], prefix + field.name, faults)
        elif field.default is dataclasses.MISSING:
            faults.append(f"{prefix}{field.name}: missing")
    for key in data:
        if key not in hints:
            faults.append(f"{prefix}{key if key.isidentifier() else brief(key)}: unknown entry")
        if len(faults) > MOST_FAULTS:
            break
    if len(faults) > known:
        return None
    try:
        return cast(object, cls(**values))
    except SpecError as error:
        faults += error.faults
        return None
    except ValueError as error:
        faults.append(f"{path or 'spec'}: {error}")
        return None


def _decode_tuple(kind: Any, data: object, path: str, faults: list[str]) -> object | None:
    if not isinstance(data, list):
        faults.append(f"{path}: {brief(data)} is not a list")
        return None
    known, items = len(faults), []
    for i, item in enumerate(data):
        items.append(decode(kind, item, f"{path}[{i}]", faults))
        if len(faults) > MOST_FAULTS:
            break
    return tuple(items) if len(faults) == known else None


def _decode_entries(kind: Any, data: object, path: str, faults: list[str]) -> object | None:
    if not isinstance(data, dict):
        faults.append(f"{path}: {brief(data)} is not an object")
        return None
    known, entries = len(faults), {}
    for key, value in data.items():
        entries[key] = decode(kind, value, f"{path}.{brief(key)}".replace("'", ""), faults)
        if len(faults) > MOST_FAULTS:
            break
    return Entries.of(entries) if len(faults) == known else None


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _plain(hint: Any) -> Any:
    """`X | None` as X: the JSON form has no null."""
    if isinstance(hint, types.UnionType):
        return next(arg for arg in typing.get_args(hint) if arg is not type(None))
    return hint
