# SPDX-License-Identifier: Apache-2.0
"""Channels from a file of the user's own, split by coherence block.

An `.npz` or `.mat` (version 7 or below) with H, complex (draws, Nr, Nt) or (draws, …, Nr, Nt). The
first dimension counts coherence blocks: what lies between belongs to one block, subcarriers or
symbols say, and stays in one part. The first 70% of the blocks are for training, the next 15% for
validation, the last 15% for tests, so that no matrix and no neighbour of one is in two parts but at
their two borders.

Scale: `mean`, one factor for all, by which training blocks have E|h|² = 1/Nr; `draw`, one for each
matrix; `none`, as the file has it.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.support.archive import COMPLEX, LOUDEST, REAL, read_arrays
from fixedpoint.support.reading import ARCHIVE_BYTES, read_bytes

PARTS = {"train": (0.0, 0.7), "validation": (0.7, 0.85), "test": (0.85, 1.0)}
"""Of the blocks, from where to where."""
SCALES = ("mean", "draw", "none")
FEWEST = 20
"""Blocks: fewer leave a part empty, or nearly."""
BESIDE = ("y", "x", "snr_db")

ComplexArray = NDArray[np.complex128]


def recorded(path: str, scale: str, part: str, nr: int, nt: int) -> ComplexArray:
    """H of a part, (blocks, draws of each, nr, nt), E|h|² = 1/nr but for scale `none`.

    Raises `ValueError` that names the file, what it holds and what was expected.
    """
    try:
        status = Path(path).stat()
    except OSError as error:
        raise ValueError(f"channel file {path}: {error.strerror}") from None
    return _scaled(path, status.st_mtime_ns, status.st_size, scale, part, nr, nt)


@functools.lru_cache(maxsize=8)
def _scaled(
    path: str, modified: int, size: int, scale: str, part: str, nr: int, nt: int
) -> ComplexArray:
    """The same, kept until the file changes: every draw asks for it."""
    h = _read(path, modified, size)
    if h.shape[-2:] != (nr, nt):
        raise ValueError(
            f"channel file {path}: H has the shape {h.shape}, (draws, {nr}, {nt}) or "
            f"(draws, …, {nr}, {nt}) was expected: receive antennas, then users"
        )
    h = h.reshape(len(h), -1, nr, nt)
    first, last = (round(len(h) * end) for end in PARTS[part])
    if scale == "none":
        return h[first:last]
    if scale == "mean":
        return h[first:last] * _factor(h[: round(len(h) * PARTS["train"][1])], path)
    power = np.mean(np.abs(h[first:last]) ** 2, axis=(2, 3), keepdims=True)
    if not power.all():
        raise ValueError(f"channel file {path}: a matrix H is 0, which no scale can change")
    return np.asarray(h[first:last] / np.sqrt(nr * power))


def _factor(h: ComplexArray, path: str) -> float:
    power = float(np.mean(np.abs(h) ** 2))
    if not power:
        raise ValueError(f"channel file {path}: every H of its training blocks is 0")
    return float(1 / np.sqrt(power * h.shape[2]))


@functools.lru_cache(maxsize=4)
def _read(path: str, modified: int, size: int) -> ComplexArray:
    """A file's H, kept until the file changes."""
    suffix, load = Path(path).suffix.lower(), {".npz": _npz, ".mat": _mat}
    if suffix not in load:
        raise ValueError(f"channel file {path}: .npz or .mat was expected")
    arrays = load[suffix](path)
    h = arrays["H"]
    if h.ndim < 3 or not h.size:
        raise ValueError(f"channel file {path}: H has the shape {h.shape}, "
                         "(draws, receive antennas, users) was expected")  # fmt: skip
    if len(h) < FEWEST:
        raise ValueError(f"channel file {path}: {len(h)} draws, at least {FEWEST} were expected")
    if not np.iscomplexobj(h):
        raise ValueError(f"channel file {path}: H is real ({h.dtype}), complex was expected")
    for name in BESIDE:
        if name in arrays:
            _check_beside(path, name, arrays[name], h)
    return np.ascontiguousarray(h, dtype=np.complex128)


def _check_beside(path: str, name: str, array: NDArray[Any], h: NDArray[Any]) -> None:
    """What lies beside H: of as many draws, y and x of as many antennas and users."""
    squeezed = array.squeeze() if name == "snr_db" else array
    if squeezed.shape[:1] != h.shape[:1]:
        count = squeezed.shape[0] if squeezed.ndim else 1
        raise ValueError(f"channel file {path}: {name} has {count} entries, {len(h)} were "
                         "expected: one for each draw of H")  # fmt: skip
    if name == "snr_db" and np.iscomplexobj(array):
        raise ValueError(f"channel file {path}: snr_db is complex, real numbers were expected")
    size = {"y": h.shape[-2], "x": h.shape[-1]}.get(name)
    if size is not None and array.shape[-1] != size:
        raise ValueError(f"channel file {path}: {name} has the shape {array.shape}, "
                         f"(draws, …, {size}) was expected")  # fmt: skip


def _npz(path: str) -> dict[str, NDArray[Any]]:
    found = read_arrays(Path(path), {"H": COMPLEX})
    with np.load(path, allow_pickle=False) as archive:
        beside = {name: REAL if name == "snr_db" else COMPLEX
                  for name in BESIDE if name in archive.files}  # fmt: skip
    return found | (read_arrays(Path(path), beside) if beside else {})


def _mat(path: str) -> dict[str, NDArray[Any]]:
    from io import BytesIO

    from scipy.io import loadmat

    try:
        data = read_bytes(Path(path), ARCHIVE_BYTES)
        found = loadmat(BytesIO(data), variable_names=["H", *BESIDE])
    except NotImplementedError:
        raise ValueError(f"channel file {path}: it is a .mat of version 7.3; "
                         "save it with -v7, or as .npz") from None  # fmt: skip
    except Exception as error:  # scipy's own, of many kinds, on what is none
        line = " ".join(str(error).split())[:200]
        raise ValueError(f"channel file {path}: not a .mat file: {line}") from None
    if "H" not in found:
        raise ValueError(
            f"channel file {path}: it lacks H: H, and y, x, snr_db beside it, expected"
        )
    arrays = {name: np.asarray(found[name]) for name in ("H", *BESIDE) if name in found}
    for name, array in arrays.items():
        if array.dtype.kind not in COMPLEX:
            raise ValueError(f"channel file {path}: {name} has the type {array.dtype}, "
                             "numbers were expected")  # fmt: skip
        if not np.all(np.abs(array) <= LOUDEST):
            raise ValueError(f"channel file {path}: {name} holds NaN, infinity or a number beyond "
                             "2^100: finite ones expected")  # fmt: skip
    return arrays
