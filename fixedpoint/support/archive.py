# SPDX-License-Identifier: Apache-2.0
"""A user's own arrays from an `.npz` file: numbers of the expected kinds, within limits.

Nothing is inflated beyond what an array's own header says, and nothing is unpickled.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fixedpoint.support.reading import ARCHIVE_BYTES, MIB, brief, open_file

NumberArray = NDArray[Any]
REAL, COMPLEX = "iuf", "iufc"
"""Kinds of numbers, as numpy's one-letter codes."""
LOUDEST = 2.0**100
"""The largest magnitude of a sample: its square, and sums of such, stay far within float64."""
END_BYTES = 22
DIRECTORY_BYTES = 1 << 16
HEADER_BYTES = 4096
DIMENSIONS = 8
LONGEST_LINE = 200
MAGIC = b"\x93NUMPY"
HEADER = re.compile(
    r"\{'descr': ?(.+), ?'fortran_order': ?(True|False), ?'shape': ?\(([0-9, ]*)\),? ?\}\s*"
)
NUMBERS = re.compile("'[<>|=]?([iu][1248]|f[248]|c(8|16))'")
"""Types of integers, reals and complex numbers that mean the same on every machine."""
FAULTS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, EOFError,
    NotImplementedError, RuntimeError, LookupError, OverflowError, ValueError,
)  # fmt: skip
"""What zipfile raises on archives that are broken, encrypted or packed by other methods."""


def read_arrays(
    path: Path, kinds: Mapping[str, str], optional: Mapping[str, str] | None = None
) -> dict[str, NumberArray]:
    """The arrays of an `.npz` file by name, each of one of the kinds asked for.

    `kinds`: the arrays that are expected, and which kinds of numbers each may hold, `REAL` or
    `COMPLEX`; `optional`: those that may be missing. Together they have at most 128 MiB, and so has
    the file. What else the archive holds is not read. Raises `ValueError` that names the array and
    the fault.
    """
    try:
        file = open_file(path, ARCHIVE_BYTES)
    except FileNotFoundError:
        raise ValueError(f"{path} is not an .npz file: there is no such file") from None
    except ValueError as error:
        raise ValueError(f"{path} is not an .npz file: {error}") from None
    with file:
        try:
            _check_end(file)
            archive = zipfile.ZipFile(file)
        except FAULTS as error:
            raise ValueError(f"{path} is not an .npz file: {_line(error)}") from None
        with archive:
            return _read(archive, path, kinds, optional or {})


def _read(
    archive: zipfile.ZipFile, path: Path, kinds: Mapping[str, str], optional: Mapping[str, str]
) -> dict[str, NumberArray]:
    members = {info.filename: info for info in archive.infolist()}
    if len(members) < len(archive.infolist()):
        raise ValueError(f"{path} holds two arrays of one name")
    missing = ", ".join(name for name in kinds if f"{name}.npy" not in members)
    if missing:
        raise ValueError(f"{path} lacks {missing}: {', '.join(kinds)} expected")
    found: dict[str, NumberArray] = {}
    there = {name: kind for name, kind in optional.items() if f"{name}.npy" in members}
    for name, allowed in {**kinds, **there}.items():
        left = ARCHIVE_BYTES - sum(array.nbytes for array in found.values())
        try:
            with archive.open(members[f"{name}.npy"]) as member:
                found[name] = _array(member, allowed, left)
        except FAULTS as error:
            raise ValueError(f"{path}, array {name}: {_line(error)}") from None
    return found


def _line(error: Exception) -> str:
    """What an error says, in one line; zipfile quotes names of any length."""
    return " ".join(str(error).split())[:LONGEST_LINE] or type(error).__name__


def _check_end(file: BinaryIO) -> None:
    """Refuse a list of members that is long, or that has a comment behind it (numpy writes none).

    zipfile would make an object of each of millions of members.
    """
    size = file.seek(0, 2)
    tail_at = max(size - END_BYTES - 20, 0)
    file.seek(tail_at)
    tail = file.read()
    end = tail[-END_BYTES:]
    if len(end) < END_BYTES or end[:4] != b"PK\5\6" or end[-2:] != b"\0\0":
        raise ValueError("it does not end as an archive of arrays does")
    (length,) = struct.unpack_from("<L", end, 12)
    if length > DIRECTORY_BYTES or tail[:-END_BYTES][:4] == b"PK\6\7":
        raise ValueError(f"its list of members has more than {DIRECTORY_BYTES} bytes")
    file.seek(0)


def _array(member: IO[bytes], kinds: str, limit: int) -> NumberArray:
    """One member, `limit` bytes at most."""
    dtype, shape, fortran = _header(member)
    if dtype.kind not in kinds:
        wanted = "real" if kinds == REAL else "real or complex"
        raise ValueError(f"it has the type {dtype}, {wanted} numbers were expected")
    size = math.prod(shape) * dtype.itemsize
    if size > limit:
        raise ValueError(f"it has {size} bytes, at most {limit} were expected")
    data = bytearray()
    while len(data) < size:
        piece = member.read(min(size - len(data), MIB))
        if not piece:
            raise ValueError(f"it holds {len(data)} bytes, its header says {size}")
        data += piece
    if member.read(1):
        raise ValueError(f"it holds more than the {size} bytes that its header says")
    flat = np.frombuffer(data, dtype=dtype)
    if flat.size and not np.all(np.abs(flat) <= np.float64(LOUDEST)):
        raise ValueError("it holds NaN, infinity or a number beyond 2^100: finite ones expected")
    return flat.reshape(shape, order="F" if fortran else "C")


def _header(member: IO[bytes]) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    """Type, shape, and whether columns come first, of the format's versions 1 and 2."""
    start = member.read(8)
    if start[:6] != MAGIC or start[6:] not in (b"\1\0", b"\2\0"):
        raise ValueError("it is not an array of numpy's format, version 1 or 2")
    form = "<H" if start[6] == 1 else "<L"
    (length,) = struct.unpack(form, member.read(struct.calcsize(form)))
    if length > HEADER_BYTES:
        raise ValueError(f"its header has {length} bytes, at most {HEADER_BYTES} were expected")
    text = member.read(length).decode("latin-1")
    match = HEADER.fullmatch(text)
    if match is None:
        raise ValueError(f"its header {brief(text)} does not name descr, fortran_order and shape")
    descr, fortran, shape = match.groups()
    if not NUMBERS.fullmatch(descr):
        shown = brief(descr.strip("'"))
        raise ValueError(f"it has the type {shown}, numbers of up to 64 bits were expected")
    return np.dtype(descr[1:-1]), _shape(shape), fortran == "True"


def _shape(text: str) -> tuple[int, ...]:
    sizes = [size.strip() for size in text.split(",")]
    sizes = sizes if sizes[-1] else sizes[:-1]
    if len(sizes) > DIMENSIONS or not all(re.fullmatch("[0-9]{1,18}", size) for size in sizes):
        raise ValueError(f"its shape ({text[:40]}) is not one of up to {DIMENSIONS} sizes")
    return tuple(map(int, sizes))
