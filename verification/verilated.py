# SPDX-License-Identifier: Apache-2.0
"""Verilator's own C++ as one object file that all models of the same flags share.

It is most of what a small model would compile, and the same in each: compiled once and cached.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from hls.builds import cache, compiler, toolchain, tools


def runtime(sources: Sequence[str], flags: Sequence[str]) -> Path:
    """The object file of sources from Verilator's include folder, built unless it is there, whole.

    Raises `ValueError` if the compiler is missing or fails.
    """
    paths = [str(include() / name) for name in sources]
    path = compiler.cache_folder() / f"verilated-{key([*flags, *sources])}.o"
    with cache.alone(path):
        if not cache.whole(path):
            with cache.room("verilated", path) as scratch:
                made = scratch / path.name
                compile_model(["-r", "-nostdlib", *flags, *paths, "-o", str(made)], scratch)
                cache.put(made, path)
    return path


def compile_model(arguments: Sequence[str], folder: Path) -> None:
    """Run the compiler with Verilator's headers. Raises `ValueError` with its first error."""
    headers = [f"-I{include()}", f"-I{include() / 'vltstd'}"]
    command = [*compiler.find_compiler(), *headers, *arguments]
    done = tools.run(command, folder)
    if done.returncode != 0:
        raise ValueError(f"{command[0]} failed: {first_error(done.stderr)}")


def include() -> Path:
    """The folder of Verilator's own headers and sources."""
    return toolchain.verilator_root() / "include"


def key(parts: Sequence[str]) -> str:
    """A digest of the parts, of Verilator, and of the compiler and its target."""
    program, *options = compiler.find_compiler()
    command = [program, *options, "-march=native", "-dM", "-E", "-x", "c++", os.devnull]
    macros = tools.run(command).stdout
    return digest([macros, *options, toolchain.verilator_digest(), *parts])


def digest(parts: Sequence[str]) -> str:
    """The first 16 digits of the parts' SHA-256."""
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()[:16]


def first_error(text: str) -> str:
    """The first line of a tool's output that names an error, or the first one."""
    lines = [line for line in text.splitlines() if "error" in line.lower()] or text.splitlines()
    return lines[0] if lines else "no message"
