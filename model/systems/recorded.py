# SPDX-License-Identifier: Apache-2.0
"""Channels from a file of the user's own, split by coherence block.

An `.npz` or `.mat` (version 7.3 too, where h5py is installed) with H, complex (draws, Nr, Nt) or
(draws, …, Nr, Nt). The first dimension counts coherence blocks: what lies between belongs to one
block, subcarriers or symbols say, and stays in one part. The first 70% of the blocks are for
training, the next 15% for validation, the last 15% for tests, so that no matrix and no neighbour of
one is in two parts but at their two borders.

Scale: `mean`, one factor for all, by which training blocks have E|h|² = 1/Nr; `draw`, one for each
matrix; `none`, as the file has it.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fixedpoint.support.archive import COMPLEX, REAL, read_arrays
from fixedpoint.support.reading import ARCHIVE_BYTES, read_bytes
from model.systems.matlab import mat

PARTS = {"train": (0.0, 0.7), "validation": (0.7, 0.85), "test": (0.85, 1.0)}
"""Of the blocks, from where to where."""
SCALES = ("mean", "draw", "none")
FEWEST = 20
"""Blocks: fewer leave a part empty, or nearly."""
BESIDE = ("y", "x", "snr_db")
DIGITS = 16

ComplexArray = NDArray[np.complex128]


def recorded(path: str, scale: str, part: str, nr: int, nt: int) -> ComplexArray:
    """H of a part, (blocks, draws of each, nr, nt), E|h|² = 1/nr but for scale `none`.

    Raises `ValueError` that names the file, what it holds and what was expected.
    """
    return _scaled(path, *_state(path), scale, part, nr, nt)


def digest(path: str) -> str:
    """SHA-256 of a file, the start of it: whether a sweep goes on with the channels it began with.

    Raises `ValueError` on a file that cannot be read.
    """
    return _digest(path, *_state(path))


class Vectors(NamedTuple):
    """Received vectors of G coherence blocks, B of each, with the channel of every one.

    h: (G, B, nr, nt); y: (G, B, nr); snr_db: (G, B); x: (G, B, nt), what was sent, if known.
    """

    h: ComplexArray
    y: ComplexArray
    snr_db: NDArray[np.float64]
    x: ComplexArray | None


def vectors(path: str, scale: str, nr: int, nt: int) -> Vectors | None:
    """What was received over the tests' blocks of a file, H and y by one factor; None without y.

    Beside H (draws, …, nr, nt) stand y (draws, …, nr), snr_db of each draw or each vector, and x
    (draws, …, nt) perhaps; or, one H a draw, any number of vectors of it. Raises `ValueError` on
    other shapes, on y without snr_db, and as `recorded`.
    """
    modified, size = _state(path)
    whole = _arrays(path, modified, size)
    if "y" not in whole:
        return None
    if "snr_db" not in whole:
        raise ValueError(f"channel file {path}: y without snr_db, in dB for each draw, which the "
                         "detectors need beside it")  # fmt: skip
    first, last = (round(len(whole["H"]) * end) for end in PARTS["test"])
    h = recorded(path, scale, "test", nr, nt)
    raw = np.asarray(whole["H"][first:last], np.complex128).reshape(len(h), -1, nr, nt)
    y = np.asarray(whole["y"][first:last], np.complex128).reshape(len(h), -1, nr)
    if h.shape[1] not in (1, y.shape[1]):
        raise ValueError(f"channel file {path}: y has {y.shape[1]} vectors a draw, H "
                         f"{h.shape[1]} matrices: as many, or one, were expected")  # fmt: skip
    power = [np.sum(np.abs(each) ** 2, axis=(2, 3)) for each in (h, raw)]
    y = y * np.sqrt(power[0] / np.where(power[1] > 0, power[1], 1))[:, :, None]
    snr_db = np.asarray(whole["snr_db"], np.float64).reshape(len(whole["H"]), -1)[first:last]
    if snr_db.shape[1] not in (1, y.shape[1]):
        raise ValueError(f"channel file {path}: snr_db has {snr_db.shape[1]} entries a draw, 1 or "
                         f"{y.shape[1]} were expected")  # fmt: skip
    x = whole.get("x")
    if x is not None:
        x = np.asarray(x[first:last], np.complex128).reshape(len(h), -1, nt)
        if x.shape[1] != y.shape[1]:
            raise ValueError(f"channel file {path}: x has {x.shape[1]} vectors a draw, y "
                             f"{y.shape[1]}: as many were expected")  # fmt: skip
    shape = y.shape[:2]
    h = np.broadcast_to(h, (*shape, nr, nt))
    return Vectors(h, y, np.broadcast_to(snr_db, shape), x)


def _state(path: str) -> tuple[int, int]:
    """When a file was changed, and its size."""
    try:
        status = Path(path).stat()
    except OSError as error:
        raise ValueError(f"channel file {path}: {error.strerror}") from None
    return status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=8)
def _digest(path: str, modified: int, size: int) -> str:
    return hashlib.sha256(read_bytes(Path(path), ARCHIVE_BYTES)).hexdigest()[:DIGITS]


@functools.lru_cache(maxsize=8)
def _scaled(
    path: str, modified: int, size: int, scale: str, part: str, nr: int, nt: int
) -> ComplexArray:
    """The same, kept until the file changes: every draw asks for it."""
    h = _arrays(path, modified, size)["H"]
    if h.shape[-2:] != (nr, nt):
        raise ValueError(
            f"channel file {path}: H has the shape {h.shape}, (draws, {nr}, {nt}) or "
            f"(draws, …, {nr}, {nt}) was expected: receive antennas, then users"
        )
    h = np.asarray(h, np.complex128).reshape(len(h), -1, nr, nt)
    first, last = (round(len(h) * end) for end in PARTS[part])
    if scale == "none":
        return h[first:last]
    if scale == "mean":
        factor = _factor(h[: round(len(h) * PARTS["train"][1])], path)
        return np.asarray(h[first:last] * factor, np.complex128)
    power = np.mean(np.abs(h[first:last]) ** 2, axis=(2, 3), keepdims=True)
    if not power.all():
        raise ValueError(f"channel file {path}: a matrix H is 0, which no scale can change")
    return np.asarray(h[first:last] / np.sqrt(nr * power), np.complex128)


def _factor(h: ComplexArray, path: str) -> float:
    power = float(np.mean(np.abs(h) ** 2))
    if not power:
        raise ValueError(f"channel file {path}: every H of its training blocks is 0")
    return float(1 / np.sqrt(power * h.shape[2]))


@functools.lru_cache(maxsize=4)
def _arrays(path: str, modified: int, size: int) -> dict[str, NDArray[Any]]:
    """A file's H and what lies beside it, kept until the file changes."""
    suffix, load = Path(path).suffix.lower(), {".npz": _npz, ".mat": mat}
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
    return arrays | {"H": np.ascontiguousarray(h, dtype=np.complex128)}


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
