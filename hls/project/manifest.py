# SPDX-License-Identifier: Apache-2.0
"""Which files of a folder `hls.emit` wrote: `MANIFEST`, in the form that `sha256sum -c` reads.

What is not in it, or was changed since, is somebody else's: results of tools, edits by hand.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from fixedpoint.support.reading import MIB, brief, read_bytes

NAME = "MANIFEST"
LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*)")


def write(folder: Path) -> None:
    """Name every file below a folder that was just filled."""
    paths = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    lines = [f"{_digest(folder / path)}  {path}\n" for path in paths]
    (folder / NAME).write_text("".join(lines), encoding="ascii")


def read(folder: Path) -> dict[str, str]:
    """The files that a manifest names with their SHA-256. Raises `ValueError` on any other file."""
    try:
        text = read_bytes(folder / NAME, MIB).decode("ascii")
    except FileNotFoundError:
        raise ValueError(
            f"{folder} exists and was not written by hls.emit (no {NAME} in it): "
            "another --out expected"
        ) from None
    except ValueError as error:
        raise ValueError(f"{folder / NAME} cannot be used: {error}") from None
    found = {}
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"{folder / NAME}: {brief(line)} is not a digest and a path")
        found[match[2]] = match[1]
    return found


def replaceable(folder: Path) -> set[str]:
    """The files in a folder that may go when it is written anew: those of its manifest.

    Raises `ValueError` on one that is neither empty nor an emission, or whose files were changed.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise ValueError(f"{folder} exists and was not written by hls.emit: another --out expected")
    if not any(folder.iterdir()):
        return set()
    written = read(folder)
    for path, digest in written.items():
        if os.path.lexists(folder / path) and _digest(folder / path) != digest:
            raise ValueError(
                f"{folder / path} was changed since hls.emit wrote it: "
                "move it away, or another --out expected"
            )
    return {*written, NAME}


def check_places(folder: Path, new: Path, written: set[str]) -> None:
    """Raise `ValueError` where anything but the files `written` stands in the way of those new."""
    for path in _tree(new):
        there, fresh = folder / path, new / path
        folders = there.is_dir() and not there.is_symlink() and fresh.is_dir()
        if os.path.lexists(there) and str(path) not in written and not folders:
            raise ValueError(
                f"{there} was not written by hls.emit, which has a file to put there: "
                "move it away, or another --out expected"
            )


def keep(old: Path, new: Path, written: set[str]) -> None:
    """Bring everything in `old` but the files `written` into `new`, as the same files if possible.

    What is already in `new` stays. Folders that only held files of `written` are not brought.
    """
    ours = {parent for path in written for parent in Path(path).parents}
    for path in _tree(old):
        source, target = old / path, new / path
        if str(path) in written or path in ours or os.path.lexists(target):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not source.is_symlink():
            target.mkdir()
            shutil.copystat(source, target)
        else:
            _link(source, target)


def _tree(folder: Path) -> Iterator[Path]:
    """Everything below a folder, relative to it, folders first. Raises `OSError`."""

    def fail(error: OSError) -> None:
        raise error

    for at, folders, files in os.walk(folder, onerror=fail):
        for name in sorted(folders + files):
            yield Path(at, name).relative_to(folder)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _digest(path: Path) -> str:
    """SHA-256 of a regular file; of anything else, which is nobody's emission, nothing."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
