# SPDX-License-Identifier: Apache-2.0
"""Output files are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from fixedpoint.support import scratch


@contextlib.contextmanager
def writable(path: Path) -> Iterator[None]:
    """What the system refuses while `path` is written becomes a `ValueError` of one line."""
    try:
        yield
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from None


def write_text(path: Path, text: str) -> None:
    """Write `text` beside `path`, then move it into place. `ValueError` if that is not possible."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then move it into place. `ValueError` if that is not possible."""
    made = scratch.claim("write", path.parent)
    try:
        with writable(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(made, "xb") as file:
                os.chmod(made, 0o644)
                file.write(data)
            os.replace(made, path)
    finally:
        scratch.remove(made)
