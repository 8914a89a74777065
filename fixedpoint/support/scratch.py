# SPDX-License-Identifier: Apache-2.0
"""Temporary folders and files: one way to make them, and none stays when a command ends.

Their names are `bitfold-PURPOSE-` and 16 random hexadecimal digits. A folder is locked as long as
its process lives, so that what a killed process (SIGKILL, power) left is known and removed.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on this system: leftovers are not removed there
    fcntl = None  # type: ignore[assignment]

NAME = re.compile(r"bitfold-[a-z]+-[0-9a-f]{16}")
YOUNG_S = 60.0
"""A folder that was changed so lately may be about to be locked."""
_made: set[Path] = set()


def claim(purpose: str, parent: Path | None = None) -> Path:
    """A path that nobody has, in `parent` or the temporary folder: removed at the latest by `end`.

    Known before anything is made there, so that a signal at any moment leaves nothing behind.
    """
    where = Path(tempfile.gettempdir()) if parent is None else parent
    path = where.absolute() / f"bitfold-{purpose}-{secrets.token_hex(8)}"
    _made.add(path)
    return path


@contextlib.contextmanager
def folder(purpose: str, parent: Path | None = None) -> Iterator[Path]:
    """A new folder, the user's alone, removed at the end. `OSError` if it cannot be made.

    Leftovers beside it, of processes that are dead, are removed first.
    """
    path = claim(purpose, parent)
    for left in leftovers(path.parent, YOUNG_S):
        shutil.rmtree(left, ignore_errors=True)
    lock = None
    try:
        path.mkdir(mode=0o700)
        lock = _lock(path)
        yield path
    finally:
        remove(path)
        if lock is not None:
            os.close(lock)


def remove(path: Path) -> None:
    """Remove what was made at a claimed path."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    if not os.path.lexists(path):
        _made.discard(path)


def keep(path: Path) -> None:
    """Leave what lies at a claimed path where it is."""
    _made.discard(path)


def end() -> None:
    """Remove everything that is still there."""
    for path in tuple(_made):
        remove(path)


def leftovers(where: Path, age_s: float = 0.0) -> list[Path]:
    """Temporary folders in `where` of this user, older than that, whose process is dead."""
    try:
        entries = [entry for entry in os.scandir(where) if NAME.fullmatch(entry.name)]
    except OSError:
        return []
    return [Path(entry.path) for entry in entries if _left(entry, age_s)]


def _left(entry: os.DirEntry[str], age_s: float) -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
        mine = entry.is_dir(follow_symlinks=False) and found.st_uid == os.geteuid()
        if not mine or time.time() - found.st_mtime < age_s:
            return False
        lock = _lock(Path(entry.path))
    except OSError:
        return False
    if lock is not None:
        os.close(lock)
    return lock is not None


def _lock(path: Path) -> int | None:
    """A descriptor that holds the folder's lock; None if it is held, or if there are no locks."""
    if fcntl is None:
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
