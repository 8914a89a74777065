# SPDX-License-Identifier: Apache-2.0
"""Where products are cached, and that they are what was built before they are loaded or run.

build/ in a checkout; for an installed package `bitfold` in XDG_CACHE_HOME or ~/.cache. Beside each
product lies its SHA-256: a product that is damaged, foreign or has none is built anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from fixedpoint.support import files, scratch

try:
    import fcntl
except ImportError:  # not on this system: two processes may build the same product there
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).parent.parent.parent
SUFFIX = ".sha256"
OTHERS, GROUP = 0o002, 0o020


def folder() -> Path:
    """The cache, made if it is not there.

    Raises `ValueError` if it cannot be made, is not the user's own, or can be written by others: in
    a checkout, whose build/ follows the user's umask, the user's group may.
    """
    checkout = (ROOT / "pyproject.toml").is_file()
    path = ROOT / "build" if checkout else _user_cache() / "bitfold"
    try:
        path.mkdir(mode=0o777 if checkout else 0o700, parents=True, exist_ok=True)
        found = path.stat()
    except OSError as error:
        raise ValueError(f"cache {path} cannot be made: {error.strerror}") from None
    return _checked(path, found, OTHERS if checkout else OTHERS | GROUP)


def whole(product: Path) -> bool:
    """True if the product is there as it was built."""
    try:
        return seal_of(product).read_text("ascii").split() == [_sha256(product), product.name]
    except (OSError, ValueError):
        return False


@contextlib.contextmanager
def alone(product: Path) -> Iterator[None]:
    """One process at a time builds a product: who comes second waits, and finds it there."""
    product.parent.mkdir(parents=True, exist_ok=True)
    with product.with_name(f".{product.name}.lock").open("a") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def room(purpose: str, place: Path) -> Iterator[Path]:
    """A temporary folder beside `place`, from which a product can be moved there."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with scratch.folder(purpose, place.parent) as made:
        yield made


def put(made: Path, product: Path) -> None:
    """Move what was built into place, as one step, and write its SHA-256 beside it.

    Whoever has loaded an older one keeps that; whoever comes between the two steps builds anew.
    """
    digest = _sha256(made)
    os.replace(made, product)
    seal(product, digest)


def seal(product: Path, digest: str | None = None) -> None:
    """Write the SHA-256 of a product beside it, as `sha256sum` does."""
    files.write_text(seal_of(product), f"{digest or _sha256(product)}  {product.name}\n")


def drop(product: Path) -> None:
    """Delete a product and its SHA-256."""
    for path in (product, seal_of(product)):
        path.unlink(missing_ok=True)


def seal_of(product: Path) -> Path:
    """The file that holds a product's SHA-256."""
    return product.with_name(product.name + SUFFIX)


def _checked(path: Path, found: os.stat_result, forbidden: int) -> Path:
    if found.st_uid != os.geteuid():
        raise ValueError(
            f"cache {path} belongs to user {found.st_uid}, not to {os.geteuid()}: "
            "what lies there would be run"
        )
    if found.st_mode & forbidden:
        raise ValueError(
            f"cache {path} can be written by others (mode {found.st_mode & 0o777:o}): "
            f"what lies there would be run; chmod go-w {path}"
        )
    return path


def _user_cache() -> Path:
    """XDG_CACHE_HOME, if it is an absolute path as its specification demands, or ~/.cache."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    home = Path(os.path.expanduser("~"))
    for path in (given, home / ".cache"):
        if path.is_absolute():
            return path
    raise ValueError("no cache: neither XDG_CACHE_HOME nor HOME is an absolute path")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
