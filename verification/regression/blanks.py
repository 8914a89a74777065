# SPDX-License-Identifier: Apache-2.0
"""Where a simulator is built if a path has a blank in it, which makefiles cannot hold.

Then links without blanks stand for the tools, and what is built in a temporary folder moves into
place as a whole.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fixedpoint.support import scratch
from hls.builds import toolchain

NEW_TAGS = ("-LDFLAGS", "-Wl,--enable-new-dtags")
"""LD_LIBRARY_PATH goes before the links, which are gone when the simulator runs."""


@dataclass(frozen=True)
class Place:
    """A folder to build in, and the paths that a makefile reads.

    environment: of Verilator; arguments: more of Verilator's.
    """

    folder: Path
    python: Path
    runtime: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


@contextlib.contextmanager
def place(folder: Path, runtime: Callable[[], Path], config: Any) -> Iterator[Place]:
    """Where the simulator that belongs into `folder`, which is not there, is to be built.

    runtime: makes the object file that it is linked with; config: cocotb's, which names the links
    meanwhile.

    Raises `ValueError` if the temporary folder has a blank in its path, too.
    """
    python, tools = Path(sys.executable), _tools(config)
    if not needed(folder, config):
        yield Place(folder, python, runtime())
        return
    if blank(Path(tempfile.gettempdir())):
        raise ValueError(f"{str(folder)!r} has a blank in it, and so has the temporary folder "
                         f"{tempfile.gettempdir()!r}: TMPDIR without one was expected")  # fmt: skip
    with scratch.folder("cocotb") as made:
        links = {
            name: made / name for name in ("python", "runtime.o", "verilator", "libs", "share")
        }
        for link, path in zip(links.values(), (python, runtime(), *tools), strict=True):
            link.symlink_to(path.absolute())
        root = links["verilator"]
        environment = {"VERILATOR_ROOT": str(root),
                       "VERILATOR_BIN": str(root / "bin" / "verilator_bin")}  # fmt: skip
        with _named(config, links["libs"], links["share"]):
            yield Place(made / "made", links["python"], links["runtime.o"], environment, NEW_TAGS)
        shutil.move(made / "made", folder)


def needed(folder: Path, config: Any) -> bool:
    """Whether a path has a blank in it that a makefile of the simulator in `folder` would hold."""
    return any(map(blank, (folder, Path(sys.executable), *_tools(config))))


def blank(path: Path) -> bool:
    """Whether a path has a blank in it."""
    return re.search(r"\s", str(path)) is not None


def _tools(config: Any) -> tuple[Path, Path, Path]:
    return toolchain.verilator_root(), config.libs_dir, config.share_dir


@contextlib.contextmanager
def _named(config: Any, libs: Path, share: Path) -> Iterator[None]:
    """Cocotb's own folders under other names."""
    before = config.libs_dir, config.share_dir
    config.libs_dir, config.share_dir = libs, share
    try:
        yield
    finally:
        config.libs_dir, config.share_dir = before
