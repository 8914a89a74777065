# SPDX-License-Identifier: Apache-2.0
"""One process at a time works in a folder or on a file; the lock ends with the process."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a folder, or of a file, which need not exist.

    What is locked is `.lock` in the folder, or `.NAME.lock` beside the file. It holds the number
    of the process, and is gone afterwards; one that a killed process left hinders nobody. Raises
    `ValueError` that names the process that holds it, or says why there can be none.
    """
    inner = path / ".lock" if path.is_dir() else path.with_name(f".{path.name}.lock")
    try:
        handle = _acquire(inner, path)
        os.ftruncate(handle, 0)
        os.pwrite(handle, b"%d" % os.getpid(), 0)
    except OSError as error:
        raise ValueError(f"{path} cannot be locked: {error.strerror}") from None
    try:
        yield
    finally:
        inner.unlink(missing_ok=True)
        os.close(handle)


def _acquire(inner: Path, path: Path) -> int:
    """The handle of the lock's file, which lies there: one that was just removed is opened anew."""
    while True:
        handle = os.open(inner, OPEN, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if inner.exists() and os.path.samestat(inner.stat(), os.fstat(handle)):
                return handle
        except BlockingIOError:
            number = os.pread(handle, 20, 0).decode("ascii", "replace")
            by = f"process {number}" if number.isdecimal() else "another process"
            os.close(handle)
            raise ValueError(
                f"{path} is in use by {by}: wait for its end, or choose another"
            ) from None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
