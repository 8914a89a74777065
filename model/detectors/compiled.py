# SPDX-License-Identifier: Apache-2.0
"""How the lab compiles its inner loops: numba, without the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def _can_cache(folder: Path) -> bool:
    """Whether machine code may lie beside the sources; numba would write elsewhere otherwise."""
    cache = folder / "__pycache__"
    return os.access(cache if cache.exists() else folder, os.W_OK)


CACHE = _can_cache(Path(__file__).parent)
FUSED = {"contract"}


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """`function` as machine code, kept in `__pycache__` where this installation can be written.

    numba makes it anew when its file changes, and not when one that it calls elsewhere does.
    """
    machine = njit(cache=CACHE, nogil=True, error_model="numpy")(function)
    return cast(Callable[P, R], machine)


def fused(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, and a product may be added without being rounded first."""
    machine = njit(cache=CACHE, nogil=True, error_model="numpy", fastmath=FUSED)(function)
    return cast(Callable[P, R], machine)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """A part of `fused` code, copied into it: LLVM then knows that its arrays don't overlap."""
    part = njit(inline="always", error_model="numpy", fastmath=FUSED)(function)
    return cast(Callable[P, R], part)
