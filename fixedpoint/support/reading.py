# SPDX-License-Identifier: Apache-2.0
"""Files that others made: read within limits of size, depth, type and range, or refused.

Specs, `.npz` inputs (`fixedpoint.support.archive`), golden vectors, checkpoints, journals and
results come
in through here. A refusal is a `ValueError` of one line that says what was found and what was
expected; its caller names the file.
"""

from __future__ import annotations

import json
import os
import stat
from collections import Counter
from pathlib import Path
from typing import BinaryIO, NoReturn

MIB = 1 << 20
SPEC_BYTES = 2 * MIB
VECTOR_BYTES = 128 * MIB
ARCHIVE_BYTES = 128 * MIB
CHECKPOINT_BYTES = 64 * MIB
RESULT_BYTES = 64 * MIB
JOURNAL_BYTES = 1024 * MIB
"""A journal is read line by line, none of more than 1 MiB."""
DEPTH = 16
"""How deep objects and lists of a JSON file may be nested; a spec's are at most 4 deep."""
LARGEST = (1 << 63) - 1
"""The largest magnitude of an integer in a file: that of an int64, symmetric."""
DIGITS = 40
SHOWN = 40


def open_file(path: Path, limit: int) -> BinaryIO:
    """Open a regular file of at most `limit` bytes for reading; a pipe is not waited for.

    Raises `FileNotFoundError` if it is missing, `ValueError` if it is anything but that.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ValueError(f"it cannot be read: {error.strerror}") from None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is not a regular file")
        if found.st_size > limit:
            raise ValueError(f"it has {found.st_size} bytes, at most {limit} were expected")
    except ValueError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def read_bytes(path: Path, limit: int) -> bytes:
    """The whole of a regular file of at most `limit` bytes. Raises as `open_file`."""
    with open_file(path, limit) as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise ValueError(f"it cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise ValueError(f"it grew beyond {limit} bytes while it was read")
    return data


def read_json(path: Path, limit: int) -> object:
    """A JSON file of at most `limit` bytes. Raises as `open_file` and `parse_json`."""
    return parse_json(read_bytes(path, limit))


def parse_json(data: bytes) -> object:
    """UTF-8 JSON without nesting beyond `DEPTH`, keys that appear twice, NaN or infinity.

    Integers lie within ± `LARGEST`. Raises `ValueError`.
    """
    text = data.decode("utf-8")
    _check_depth(text)
    return json.loads(
        text,
        parse_int=_integer,
        parse_float=_float,
        parse_constant=_no_number,
        object_pairs_hook=_object,
    )


def brief(data: object) -> str:
    """How an error names what a file holds: its start, control characters escaped."""
    text = repr(data)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


class Lines:
    """The lines of an ASCII text file, one after another, none of them longer than asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0

    def next(self, longest: int) -> str | None:
        """The next line without its end, None behind the last one.

        Raises `ValueError` on one of more than `longest` characters, not of ASCII, or without end.
        """
        line = self._file.readline(longest + 2)
        if not line:
            return None
        self.number += 1
        ended, line = line.endswith(b"\n"), line.removesuffix(b"\n")
        if len(line) > longest:
            raise ValueError(f"line {self.number} has more than {longest} characters")
        if not line.isascii():
            raise ValueError(f"line {self.number} is not of ASCII characters")
        if not ended:
            raise ValueError(f"short file: line {self.number} has no end")
        return line.decode("ascii")


def _check_depth(text: str) -> None:
    outside = text.replace("\\\\", "").replace('\\"', "").split('"')[::2]
    depth = 0
    for part in outside:
        for character in part:
            if character in "[{":
                depth += 1
                if depth > DEPTH:
                    raise ValueError(f"it is nested more than {DEPTH} deep")
            elif character in "]}":
                depth -= 1


def _integer(digits: str) -> int:
    if len(digits) > DIGITS or abs(int(digits)) > LARGEST:
        raise ValueError(f"the integer {brief(digits)[1:-1]} is beyond ±{LARGEST}")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= DIGITS else float("inf")
    if abs(value) == float("inf"):
        raise ValueError(f"the number {brief(digits)[1:-1]} is beyond a float64")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise ValueError(f"the key {brief(max(counts, key=counts.__getitem__))} appears twice")
    return made
