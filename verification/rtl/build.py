# SPDX-License-Identifier: Apache-2.0
"""Builds a detector's Verilated top with its C++ driver as a shared library, cached under build/.

A library's folder is named by a digest of all that went into it: emitted package, sources,
parameters, flags, Verilator, the compiler and its target. The .mem files, which a model reads when
it starts, lie in a folder of their own in there, so that other constants need no other build.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.support import processes
from fixedpoint.support.reading import brief
from hls import lanes as sizes
from hls import tops
from hls.builds import cache, compiler, toolchain
from hls.project.rtl import modules, rtl_files
from verification import verilated
from verification.rtl import top_header

HERE = Path(__file__).parent
LIBRARY = "library.so"
WHOLE = "whole.cpp"
VERILATE = ("--cc", "-O3", "--x-assign", "unique", "--x-initial", "unique")
DRIVER = ("library.cpp", "bench.hpp", "signals.hpp", "trace.hpp")
COMPILE = ("-std=c++17", "-march=native", "-fPIC", "-pthread", "-w")
RUNTIME = ("verilated.cpp", "verilated_threads.cpp")
WAVEFORM = ("--trace-vcd",)
OPTIMISE = "BITFOLD_OPTIMISE"
"""In the environment: the compiler's level, 3 if it is not there; 1 where a library runs briefly.

A library of 256 lanes takes 34 s of CPU at 3, 10 s at 1.
"""


@dataclass(frozen=True)
class Model:
    """What to build: texts by file name, flags of Verilator and of the compiler."""

    files: Mapping[str, str]
    memories: Mapping[str, str]
    flags: tuple[str, ...]
    compile: tuple[str, ...]
    runtime: tuple[str, ...]


def model(
    spec: DetectorSpec,
    lanes: int,
    slots: int,
    packed: bool,
    waveform: bool,
    replaced: Mapping[str, str],
) -> Model:
    """The model of one spec and size; `replaced` texts take the place of files of the same name."""
    parameters = sizes.parameters(spec, lanes, packed) | {"Slots": slots}
    top = tops.of(spec).whole
    files = rtl_files(spec) | modules(spec, (top,))
    files |= {name: (HERE / name).read_text(encoding="utf-8") for name in DRIVER}
    files[top_header.NAME] = top_header.text(spec, top, lanes, slots, packed)
    for name, text in replaced.items():
        if name not in files:
            raise ValueError(f"{name} is no file of the RTL library")
        files[name] = text
    return Model(
        {name: text for name, text in files.items() if not name.endswith(".mem")},
        {name: text for name, text in files.items() if name.endswith(".mem")},
        (
            *VERILATE,
            "--top-module",
            top,
            *(f"-G{name}={value}" for name, value in parameters.items()),
            *(WAVEFORM if waveform else ()),
        ),
        (
            *COMPILE,
            "-O1" if waveform or replaced else _level(),  # a faulty model runs once
            f"-DVM_TRACE={int(waveform)}",
        ),
        (*RUNTIME, *(("verilated_vcd_c.cpp",) if waveform else ())),
    )


def _level() -> str:
    """The compiler's. Raises `ValueError`."""
    given = os.environ.get(OPTIMISE, "3")
    if given not in ("0", "1", "2", "3"):
        raise ValueError(f"{OPTIMISE} {brief(given)}: 0, 1, 2 or 3 was expected")
    return f"-O{given}"


def build(model: Model, name: str) -> tuple[Path, Path]:
    """The library and the folder of its .mem files, made unless they are there, whole.

    Raises `ValueError` if a tool is missing or fails, or if build/ is not writable.
    """
    folder = compiler.cache_folder() / f"{name}-{_digest(model)}"
    memories = folder / f"mem-{verilated.digest(_parts(model.memories))}"
    try:
        with cache.alone(folder):
            if not cache.whole(folder / LIBRARY):
                _make(model, folder)
            if not _holds(memories, model.memories):
                with cache.room("mem", memories) as scratch:
                    toolchain.write_files(scratch / "made", model.memories)
                    _move(scratch / "made", memories, scratch / "old")
    except OSError as error:
        raise ValueError(f"{folder} cannot be built: {error.strerror}") from None
    return folder / LIBRARY, memories


def _make(model: Model, folder: Path) -> None:
    with cache.room("rtl", folder) as scratch:
        made = scratch / "made"
        toolchain.write_files(made, model.files)
        _verilate(model, made)
        _compile(model, made)
        cache.seal(made / LIBRARY)
        _move(made, folder, scratch / "old")


def _holds(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether a folder holds these texts."""
    try:
        return all((folder / n).read_text(encoding="utf-8") == t for n, t in files.items())
    except (OSError, ValueError):
        return False


def _verilate(model: Model, folder: Path) -> None:
    modules = sorted(name for name in model.files if name.endswith(".sv"))
    sources = sorted(modules, key=lambda name: not name.endswith("_pkg.sv"))
    done = toolchain.verilator([*model.flags, "--Mdir", "model", *sources], folder)
    if done.returncode != 0:
        raise ValueError(f"Verilator failed: {verilated.first_error(done.stderr or done.stdout)}")


def _compile(model: Model, folder: Path) -> None:
    # As one unit: Verilator's headers cost more than all of a small model's code.
    units = [*sorted(path.name for path in (folder / "model").glob("*.cpp")), "library.cpp"]
    text = "".join(f'#include "{name}"\n' for name in units)
    (folder / WHOLE).write_text(text, encoding="utf-8")
    sources = [WHOLE, str(_runtime(model))]
    verilated.compile_model(["-shared", "-Imodel", *model.compile, *sources, "-o", LIBRARY], folder)
    shutil.rmtree(folder / "model")


def _runtime(model: Model) -> Path:
    """Verilator's own C++, the same for all models of these flags."""
    return verilated.runtime(model.runtime, model.compile)


def _move(made: Path, folder: Path, old: Path) -> None:
    """Into place; what is there is damaged, or another process was first: it goes to `old`."""
    with processes.undisturbed():
        if folder.is_dir():
            os.rename(folder, old)
        try:
            os.rename(made, folder)
        except OSError:
            if not folder.is_dir():
                raise


def _digest(model: Model) -> str:
    flags = [*toolchain.VERILATOR_FLAGS, *model.flags, *model.compile]
    return verilated.key([*flags, *_parts(model.files)])


def _parts(files: Mapping[str, str]) -> list[str]:
    return [part for name in sorted(files) for part in (name, files[name])]
