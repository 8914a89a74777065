# SPDX-License-Identifier: Apache-2.0
"""Tables of a TOML file as dataclasses: every key and every value is checked, in one line each."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from fixedpoint.support.reading import brief, read_bytes

T = TypeVar("T")
FILE_BYTES = 1 << 20
WORDS = {int: "an integer", float: "a number", str: 'a text in "quotes"', bool: "true or false"}


def tables(path: Path) -> dict[str, Any]:
    """What a TOML file holds. `ValueError` that names it if there is none, or it is none."""
    try:
        text = read_bytes(path, FILE_BYTES).decode("utf-8")
        return tomllib.loads(text)
    except FileNotFoundError:
        made = "`bitfold new FILE` writes one to start from"
        raise ValueError(f"{path}: no such file; {made}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: not readable as TOML: {error}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def known(found: Iterable[str], expected: Iterable[str], where: str, what: str = "key") -> None:
    """`ValueError` on the first name that is not expected, with the nearest one that is."""
    names = list(expected)
    for name in found:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1, 0.5)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(
                f"{where}: {what} {brief(name)} is unknown; {meant}one of {', '.join(names)} "
                "was expected"
            )


def table(data: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    """One of a file's tables, empty if it has none. `ValueError` if the name is another thing."""
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f"{path}: {name} = {brief(found)}: the table [{name}] was expected")
    return found


def made(kind: type[T], entries: Mapping[str, Any], where: str) -> T:
    """A table of a kind of `bitfold.system.tables`, its keys and types checked.

    Entries beyond its own are left to the caller where the kind has `more` of them.
    """
    hints = typing.get_type_hints(kind)
    fields = [field.name for field in dataclasses.fields(typing.cast(Any, kind))]
    more = getattr(kind, "more", False)
    if not more:
        known(entries, fields, where)
    own = {name: value for name, value in entries.items() if name in fields}
    for name, value in own.items():
        own[name] = typed(value, hints[name], f"{where}, {name}")
    return kind(**own)


def typed(value: Any, kind: type, where: str) -> Any:
    """A value of a type; an integer counts as a number. `ValueError` on any other."""
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{where} = {brief(value)}: {WORDS[kind]} was expected")
    return value
