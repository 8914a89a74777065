# SPDX-License-Identifier: Apache-2.0
"""The C++ compiler: found or named as missing, and its products cached.

A product's file name holds a digest of everything that went into it: sources, flags, the compiler's
version and the processor features that it targets.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hls.builds import cache, tools

WARNINGS = ("-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas", "-Wno-unused-label")
# The default constructors of the open ap_types headers read themselves before they are set.
AP_TYPES_WARNINGS = ("-Wno-uninitialized", "-Wno-maybe-uninitialized")


@dataclass(frozen=True)
class Build:
    """What to compile: files by their path in the build folder, of which `sources` are compiled.

    system: folders of headers that are taken as they are, without warnings.
    """

    files: Mapping[str, str]
    sources: Sequence[str]
    includes: Sequence[str]
    flags: Sequence[str]
    system: Sequence[Path] = ()


def cache_folder() -> Path:
    """build/ in a checkout, a folder of the user's cache for an installed package (cache.py)."""
    return cache.folder()


def compile_cached(build: Build, product: str) -> Path:
    """The compiled product (`name.so`, `name`) under its digest, built unless it is there, whole.

    Raises `ValueError` if there is no compiler, if it fails, or if the cache is not writable.
    """
    compiler = find_compiler()
    stem, suffix = os.path.splitext(re.sub(r"[^\w.-]", "_", product))
    path = cache_folder() / f"{stem}-{_digest(build, compiler)}{suffix}"
    try:
        with cache.alone(path):
            if not cache.whole(path):
                with cache.room("compile", path) as made:
                    _compile(build, compiler, made, path.name)
                    cache.put(made / path.name, path)
    except OSError as error:
        raise ValueError(f"{path} cannot be built: {error.strerror}") from None
    return path


def find_compiler() -> tuple[str, ...]:
    """The compiler of CXX, or g++, and the options that CXX names behind it, as in a shell.

    Raises `ValueError` if it is missing, or if CXX cannot be split.
    """
    given = os.environ.get("CXX", "").strip() or "g++"
    try:
        name, *options = shlex.split(given)
    except ValueError as error:
        raise ValueError(f"CXX {given!r} cannot be split into words: {error}") from None
    found = tools.find(name)
    if found is None:
        raise ValueError(f"C++ compiler {name} is not installed (Debian: apt install g++)")
    return found, *options


def ap_types_folder() -> Path:
    """The open ap_int headers inside the hls4ml package, found without importing it."""
    package = importlib.util.find_spec("hls4ml")
    locations = package.submodule_search_locations if package else None
    for location in locations or ():
        folder = Path(location) / "templates" / "vivado" / "ap_types"
        if (folder / "ap_int.h").is_file():
            return folder
    raise ValueError("the ap_int headers are missing: pip install hls4ml")


def _compile(build: Build, compiler: Sequence[str], folder: Path, product: str) -> None:
    for name, text in build.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    command = [*compiler, "-std=c++17", *WARNINGS, *build.flags]
    command += [f"-I{name}" for name in build.includes]
    command += [part for path in build.system for part in ("-isystem", str(path))]
    command += [*build.sources, "-o", product]
    done = tools.run(command, folder)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "error" in line]
        reason = errors[0] if errors else f"exit status {done.returncode}"
        raise ValueError(f"{compiler[0]} failed: {reason}")


def _digest(build: Build, compiler: Sequence[str]) -> str:
    """Sources, headers, flags, and what the compiler predefines: its version and its target."""
    command = [*compiler, *build.flags, "-dM", "-E", "-x", "c++", os.devnull]
    macros = tools.run(command)
    if macros.returncode != 0:
        accepted = " ".join((*compiler[1:], *build.flags))
        raise ValueError(f"{compiler[0]} does not accept {accepted}")
    parts = [macros.stdout, *compiler[1:], *build.flags, *WARNINGS, *build.includes, *build.sources]
    for name in sorted(build.files):
        parts += [name, build.files[name]]
    parts += [part for path in build.system for part in _contents(path)]
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()[:16]


def _contents(folder: Path) -> list[str]:
    """The path of a folder, and the name and SHA-256 of each file below it."""
    found = [str(folder)]
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found += [str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest()]
    return found
