# SPDX-License-Identifier: Apache-2.0
"""The programs that bitfold starts: how they are found, and what they see of the environment.

A variable that names another program, folder or option (VERILATOR_BIN, CPATH, MAKEFLAGS, PERL5OPT)
would change a product under the same digest: only the variables named here are handed on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fixedpoint.support import processes

HANDED_ON = frozenset((
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "LANG", "LANGUAGE",
    "TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME", "YOWASP_CACHE_DIR",
    # what this Python itself was started with
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV",
    "PYTHONUTF8", "PYTHONIOENCODING", "CONDA_PREFIX",
    # where macOS keeps its headers
    "SDKROOT", "DEVELOPER_DIR",
))  # fmt: skip
LIMIT_S = 3600.0


def environment() -> dict[str, str]:
    """The environment of every program: variables of `HANDED_ON`, LC_… and …_NUM_THREADS.

    PATH has no relative folders: a program of the working folder is never taken for a tool.
    """
    kept = {name: value for name, value in os.environ.items() if _handed_on(name)}
    return kept | {"PATH": path()}


def path() -> str:
    """PATH without relative folders."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if os.path.isabs(folder))


def find(name: str) -> str | None:
    """A program on the path, or None."""
    return shutil.which(name, path=path())


def run(
    command: Sequence[str | Path], folder: Path | None = None, *, given: str = "",
    also: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run a tool in that environment and `also`; its exit status is the caller's to judge.

    Raises `ValueError` if it takes longer than `LIMIT_S`.
    """
    try:
        return processes.call(command, folder=folder, environment=environment() | dict(also or {}),
                              given=given, limit_s=LIMIT_S)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ValueError(f"{command[0]} took longer than {LIMIT_S:.0f} s") from None


def _handed_on(name: str) -> bool:
    return name in HANDED_ON or name.startswith("LC_") or name.endswith("_NUM_THREADS")
