# SPDX-License-Identifier: Apache-2.0
"""Detectors of one's own: which files and packages define them.

A command's `--detector FILE.py`, the environment's `BITFOLD_DETECTORS` (files, with the system's
separator between them; processes that a command starts inherit them), entry points of installed
packages in the group `bitfold.detectors`, and those of this package, which are no others' names.
"""

from __future__ import annotations

import os
import sys
import traceback
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

from fixedpoint.detectors.own import OwnDetector
from fixedpoint.program.domain import DefinitionError
from fixedpoint.support.reading import brief

VARIABLE, GROUP, ATTRIBUTE = "BITFOLD_DETECTORS", "bitfold.detectors", "DETECTOR"
PACKAGED = {"pm": metadata.EntryPoint("pm", "fixedpoint.detectors.pm:DETECTOR", GROUP)}
"""Definitions of this package that have no spec class of their own."""


def use(path: Path) -> OwnDetector:
    """The detector of a file, which is found by its name from now on, also in new processes.

    Raises `ValueError` on a file that is none, with its line where Python names one.
    """
    found = load(str(path.absolute()))
    files = [*_files(), str(path.absolute())]
    os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys(files))
    return found


def named(name: str) -> OwnDetector | None:
    """The detector of that name, the last file of that name first; None if there is none."""
    if name in PACKAGED:
        return _checked(PACKAGED[name].load(), f"entry point {PACKAGED[name].value}")
    for path in reversed(_files()):
        made = load(path)
        if made.name == name:
            return made
    for entry in metadata.entry_points(group=GROUP):
        if entry.name == name:
            return _checked(entry.load(), f"entry point {entry.value}")
    return None


def required(name: str) -> OwnDetector:
    """The same. Raises `DefinitionError` if there is none."""
    made = named(name)
    if made is None:
        raise DefinitionError(
            "no definition of that name is found: --detector FILE.py "
            f"or {VARIABLE} names its file", f"detector {brief(name)}")  # fmt: skip
    return made


def _files() -> list[str]:
    return [path for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path]


@lru_cache(maxsize=32)
def load(path: str) -> OwnDetector:
    """The detector that a file defines. Raises as `use`."""
    file = Path(path)
    if file.suffix != ".py" or not file.is_file():
        raise ValueError(f"detector {path}: no such Python file")
    module = ModuleType(f"bitfold_own_{file.stem}")
    module.__file__, sys.modules[module.__name__] = path, module
    try:
        # Not by an import: its bytecode would outlive a file that is edited within a second.
        exec(compile(file.read_text(encoding="utf-8"), path, "exec"), module.__dict__)
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"detector {_line(error, path)}: {_what(error)}") from None
    return _checked(module, path)


def _checked(module: object, source: str) -> OwnDetector:
    made = getattr(module, ATTRIBUTE, None) if isinstance(module, ModuleType) else module
    if not isinstance(made, OwnDetector):
        raise ValueError(f"detector {source}: no {ATTRIBUTE} = OwnDetector(…) in it")
    return made


def _line(error: Exception, path: str) -> str:
    """The last line of the file that an error came through."""
    if isinstance(error, SyntaxError):
        return f"{path}:{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
             if frame.filename == path]  # fmt: skip
    return f"{path}:{lines[-1]}" if lines else path


def _what(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
