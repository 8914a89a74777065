# SPDX-License-Identifier: Apache-2.0
"""Builds a configuration with the pinned Verilator, once, and runs its cocotb tests."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fixedpoint.detectors.found import VARIABLE
from fixedpoint.support import scratch
from hls import cases
from hls.builds import cache, compiler, toolchain
from hls.project import rtl as emit_rtl
from verification import verilated
from verification.regression import blanks
from verification.regression.suite import SPEC, Configuration

HERE = Path(__file__).parent.parent
JOBS = 1  # of make: configurations are built side by side (regress.py)
# Compiling dominates: plain code runs the short benches in less time than an optimised build takes.
OPTIMISE = "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"
RUNTIME = (
    ("verilated.cpp", "verilated_dpi.cpp", "verilated_vpi.cpp", "verilated_threads.cpp"),
    ("-O2", "-w", "-DVERILATOR=1", "-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TIMING=0", "-DVM_TRACE=0"),
)
"""What every simulator without waveforms and coverage shares: sources of Verilator, flags."""
RUNTIME_ELSEWHERE = "VM_GLOBAL_FAST= VM_GLOBAL_SLOW="
BUILD_ARGUMENTS = (*toolchain.VERILATOR_FLAGS, "--timescale", "1ns/1ps",
                   "--x-assign", "unique", "--x-initial", "unique")  # fmt: skip

COUNT = "BITFOLD_COUNT"
"""In the simulator's environment: how often a claim repeats what it draws at random."""
COVERAGE = ("--coverage-line", "--coverage-toggle")


class BuildError(Exception):
    """Verilator or the compiler refused the sources."""


@dataclass(frozen=True)
class CaseResult:
    """One test as cocotb reported it, and what it compared; `failure` is empty if it passed.

    moments, behind: as the scoreboard's.
    """

    name: str
    seconds: float
    failure: str
    integers: int = 0
    cycles: int = 0
    moments: Mapping[str, int] = field(default_factory=dict)
    behind: int = 0


@dataclass(frozen=True)
class Outcome:
    """One configuration's run: its tests, and the fault if it did not come to its end."""

    configuration: Configuration
    tests: tuple[CaseResult, ...]
    seconds: float
    build_seconds: float
    log: Path
    fault: str = ""
    waveform: Path | None = None
    coverage: Path | None = None


def build(
    configuration: Configuration, *, waves: bool = False, coverage: bool = False,
    replaced: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """The folder with the simulator, built unless it is there already.

    `replaced` texts take the place of sources of the same name, for experiments that must fail.
    With `coverage` it counts lines and toggles. Raises `ValueError` if a tool is missing or build/
    is not writable, `BuildError` if the sources do not build.
    """
    environment, (simulator, config) = toolchain.environment(), _simulator()
    sources = module_texts(configuration) | dict(replaced or {})
    emitted = _emitted(configuration)
    arguments = [*BUILD_ARGUMENTS, *(COVERAGE if coverage else ())]
    settings = [OPTIMISE, *RUNTIME[0], *RUNTIME[1], *arguments, configuration.top, str(waves),
                json.dumps(dict(configuration.parameters)),
                toolchain.verilator_digest()]  # fmt: skip
    name = f"{configuration.build}-{_digest(sources, emitted, settings)}"
    folder = compiler.cache_folder() / "cocotb" / name
    names = [*(name for name in emitted if name.endswith("_pkg.sv")), *sorted(sources)]
    runtime = partial(verilated.runtime, *RUNTIME)
    try:
        with cache.alone(folder):
            if not _whole(folder, configuration):
                shutil.rmtree(folder, ignore_errors=True)
                with blanks.place(folder, runtime, config) as place:
                    toolchain.write_files(place.folder, {**emitted, **sources})
                    # The wheel's makefile calls `python`, which Debian does not have.
                    flags = f"{OPTIMISE} PYTHON3={place.python}"
                    if not (waves or coverage):
                        flags += f" {RUNTIME_ELSEWHERE} LOADLIBES={place.runtime}"
                    with _environ({**environment, **place.environment, "MAKEFLAGS": flags}):
                        _build(simulator, configuration, place.folder, names,
                               [*arguments, *place.arguments], waves)  # fmt: skip
                cache.seal(folder / configuration.top)
                (folder / "built").touch()
    except OSError as error:
        raise ValueError(f"{folder} cannot be written: {error.strerror}") from None
    return folder


def _build(
    simulator: Any, configuration: Configuration, folder: Path, names: Sequence[str],
    arguments: Sequence[str], waves: bool,
) -> None:  # fmt: skip
    """Build the simulator from the files in `folder`."""
    try:
        simulator.build(
            sources=[folder / name for name in names],
            hdl_toplevel=configuration.top,
            parameters=configuration.parameters,
            build_args=arguments,
            build_dir=folder,
            always=True,
            waves=waves,
            log_file=folder / "build.log",
        )
    except (RuntimeError, SystemExit):
        raise BuildError(_error_line(folder / "build.log")) from None


def _whole(folder: Path, configuration: Configuration) -> bool:
    """Whether the simulator is there as it was built."""
    return (folder / "built").is_file() and cache.whole(folder / configuration.top)


def run(
    configuration: Configuration, seed: int, *, test: str | None = None, waves: bool = False,
    coverage: bool = False, replaced: Mapping[str, str] | None = None, count: int | None = None,
) -> Outcome:  # fmt: skip
    """Build, run the tests (or the named one) with that seed, read what cocotb and they wrote.

    count: how often a test repeats what it draws at random; each has a default of its own.
    """
    started = time.perf_counter()
    log = compiler.cache_folder() / "reports" / f"{configuration.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder = build(configuration, waves=waves, coverage=coverage, replaced=replaced)
    except BuildError as error:
        spent = time.perf_counter() - started
        return Outcome(configuration, (), spent, spent, log, f"does not build: {error}")
    built = time.perf_counter()
    with scratch.folder("run", folder) as place:
        for path in folder.glob("*.mem"):
            shutil.copy(path, place)
        fault = _simulate(configuration, folder, place, seed, test, waves, count)
        _keep(place / "log", log)
        tests = read_results(place / "results.xml", place / "tally.jsonl")
        if tests is None:
            fault = fault or "left no results file"
        waveform = _keep(place / "dump.vcd", log.with_suffix(".vcd")) if waves else None
        counts = _keep(place / "coverage.dat", log.with_suffix(".dat")) if coverage else None
    spent = time.perf_counter() - built
    return Outcome(configuration, tests or (), spent, built - started, log, fault, waveform, counts)


def read_results(results: Path, tally: Path) -> tuple[CaseResult, ...] | None:
    """The tests of a results file with their tally; None if there is no (readable) file."""
    try:
        root = ElementTree.parse(results).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    lines = tally.read_text(encoding="utf-8").splitlines() if tally.is_file() else []
    counted = {entry["test"]: entry for entry in map(json.loads, lines)}
    found = []
    for case in root.iter("testcase"):
        name = case.get("name", "")
        fault = next((case.find(kind) for kind in ("failure", "error", "skipped")
                      if case.find(kind) is not None), None)  # fmt: skip
        failure = "" if fault is None else (fault.get("message") or fault.text or fault.tag)
        entry = counted.get(name, {})
        found.append(CaseResult(name, float(case.get("time", 0)), failure.strip(),
                                entry.get("integers", 0), entry.get("cycles", 0),
                                entry.get("moments", {}), entry.get("behind", 0)))  # fmt: skip
    return tuple(found)


def _simulate(
    configuration: Configuration, folder: Path, place: Path, seed: int, test: str | None,
    waves: bool, count: int | None,
) -> str:  # fmt: skip
    """Run the simulator in `place`; what went wrong outside the tests, or nothing."""
    settings = {
        "BITFOLD_CONFIGURATION": configuration.name,
        "BITFOLD_SEED": str(seed),
        "BITFOLD_TALLY": str(place / "tally.jsonl"),
        **({COUNT: str(count)} if count else {}),
        **{name: os.environ[name] for name in (SPEC, VARIABLE) if name in os.environ},
        "PYTHONDONTWRITEBYTECODE": "1",
        "COCOTB_ANSI_OUTPUT": "0",
    }
    environment, (simulator, config) = toolchain.environment(), _simulator()
    if blanks.needed(folder, config):  # the simulator knows it by a link that is no longer there
        paths = (str(config.libs_dir), environment.get("LD_LIBRARY_PATH", ""))
        environment["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, paths))
    with _environ(environment):
        try:
            simulator.test(
                test_module=[f"verification.benches.{module}" for module in configuration.modules],
                hdl_toplevel=configuration.top,
                hdl_toplevel_lang="verilog",
                testcase=test,
                seed=seed,
                plusargs=["+verilator+rand+reset+2", f"+verilator+seed+{seed % (1 << 30) + 1}"],
                extra_env=settings,
                build_dir=folder,
                test_dir=place,
                results_xml=str(place / "results.xml"),
                waves=waves,
                log_file=place / "log",
            )
        except (RuntimeError, SystemExit) as error:
            return f"the simulator stopped: {error}"
    return ""


def module_texts(configuration: Configuration) -> dict[str, str]:
    """SystemVerilog by name: the top, which may be the benches' own, and all that it uses."""
    own = {
        path.name: path.read_text(encoding="utf-8")
        for path in (HERE / "benches" / "sv").glob("*.sv")
    }
    return toolchain.closure([configuration.top], own | _emitted(configuration))


def _emitted(configuration: Configuration) -> dict[str, str]:
    if configuration.detector is None:
        return {}
    return emit_rtl.rtl_files(cases.find(configuration.detector).spec)


def _digest(sources: dict[str, str], emitted: dict[str, str], settings: list[str]) -> str:
    files = {**emitted, **sources}
    parts = [text for name in sorted(files) for text in (name, files[name])]
    return hashlib.sha256("\0".join([*parts, *settings]).encode("utf-8")).hexdigest()[:16]


def _simulator() -> tuple[Any, Any]:
    """The cocotb runner of Verilator, and cocotb's folders.

    Raises `ValueError` if cocotb is not installed.
    """
    try:
        from cocotb_tools import config, runner
    except ModuleNotFoundError:
        raise ValueError("cocotb is missing: pip install cocotb cocotbext-axi") from None
    runner.MAX_PARALLEL_BUILD_JOBS = JOBS
    logging.getLogger("Verilator").setLevel(logging.WARNING)
    return runner.get_runner("verilator"), config


@contextmanager
def _environ(environment: dict[str, str]) -> Iterator[None]:
    """cocotb's runner reads os.environ: this one."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _error_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["no message"])[0]


def _keep(dump: Path, path: Path) -> Path | None:
    if not dump.is_file():
        return None
    os.replace(dump, path)
    return path
