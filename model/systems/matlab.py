# SPDX-License-Identifier: Apache-2.0
"""H, y, x and snr_db of a MATLAB file: up to version 7 by scipy, 7.3, which is HDF5, by h5py."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.support.archive import COMPLEX, LOUDEST
from fixedpoint.support.reading import ARCHIVE_BYTES, read_bytes

NAMES = ("H", "y", "x", "snr_db")
Arrays = dict[str, NDArray[Any]]


def mat(path: str) -> Arrays:
    """Those that the file has, H at least. `ValueError` that names it and what is wrong."""
    from scipy.io import loadmat

    try:
        data = read_bytes(Path(path), ARCHIVE_BYTES)
        found = loadmat(BytesIO(data), variable_names=list(NAMES))
    except NotImplementedError:
        found = _newest(path, data)
    except Exception as error:  # scipy's own, of many kinds, on what is none
        raise _broken(path, error) from None
    if "H" not in found:
        raise ValueError(
            f"channel file {path}: it lacks H: H, and y, x, snr_db beside it, expected"
        )
    arrays = {name: np.asarray(found[name]) for name in NAMES if name in found}
    for name, array in arrays.items():
        if array.dtype.kind not in COMPLEX:
            raise ValueError(f"channel file {path}: {name} has the type {array.dtype}, "
                             "numbers were expected")  # fmt: skip
        if not np.all(np.abs(array) <= LOUDEST):
            raise ValueError(f"channel file {path}: {name} holds NaN, infinity or a number beyond "
                             "2^100: finite ones expected")  # fmt: skip
    return arrays


def _newest(path: str, data: bytes) -> Arrays:
    """Of version 7.3: dimensions from the last to the first, complex numbers as pairs."""
    try:
        import h5py
    except ImportError:
        raise ValueError(f"channel file {path}: it is a .mat of version 7.3, which h5py reads: "
                         "pip install h5py, or save it with -v7 or as .npz") from None  # fmt: skip
    found: Arrays = {}
    try:
        with h5py.File(BytesIO(data), "r") as file:
            for name in NAMES:
                if name in file:
                    found[name] = _plain(np.asarray(file[name][()])).T
    except Exception as error:  # HDF5's own, of many kinds, on what is none
        raise _broken(path, error) from None
    return found


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Pairs (real, imag) as complex numbers."""
    if array.dtype.names == ("real", "imag"):
        return np.asarray(array["real"] + 1j * array["imag"])
    return array


def _broken(path: str, error: Exception) -> ValueError:
    line = " ".join(str(error).split())[:200]
    return ValueError(f"channel file {path}: not a .mat file: {line}")
