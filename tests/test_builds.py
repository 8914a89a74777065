# SPDX-License-Identifier: Apache-2.0
"""Builds: what goes into their digests, who may build at once, where they can be, what they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from fixedpoint.support import jobs
from hls.builds import bench, cache, compiler
from hls.cases import find
from verification import verilated
from verification.regression import runner, suite

ROOT = Path(__file__).parent.parent
SOURCE = compiler.Build({"a.cpp": "int main() { return 0; }\n"}, ("a.cpp",), (), ("-O0",))
COMMANDS = (
    "bitfold", "bitfold.words",
    "benchmarks.evidence", "benchmarks.evidence.sealed", "benchmarks.golden", "benchmarks.latency",
    "benchmarks.monte_carlo", "benchmarks.soft_area",
    "fixedpoint.golden", "fixedpoint.program", "fixedpoint.spec", "hls.area", "hls.csim",
    "hls.emit", "hls.lint", "hls.native", "model.channels", "model.evaluate", "model.export",
    "model.link", "model.rebuild", "model.seal", "model.soft", "model.train", "model.twin",
    "model.variants", "tests.fuzz_files", "tests.fuzz_programs", "tests.fuzz_rtl", "tests.planted",
    "tests.planted_check", "tests.signals", "verification.demo",
    "verification.formal", "verification.functions", "verification.rtl",
    "verification.regress", "verification.rtl_coverage", "verification.selftest",
    "verification.soak",
)  # fmt: skip


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    return tmp_path


def test_a_compiler_with_options_is_split_as_a_shell_does(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = compiler.compile_cached(SOURCE, "a")
    monkeypatch.setenv("CXX", "g++ -pipe '-DNAME=a b'")
    assert compiler.find_compiler()[1:] == ("-pipe", "-DNAME=a b")
    other = compiler.compile_cached(SOURCE, "a")
    assert other != plain
    assert subprocess.run([other], check=False).returncode == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [("no-such-compiler -pipe", "C++ compiler no-such-compiler is not installed"),
     ("g++ 'open", "CXX \"g++ 'open\" cannot be split into words"),
     ("g++ --no-such-option", "does not accept --no-such-option")],
)  # fmt: skip
def test_a_wrong_compiler_is_one_line(
    empty: Path, monkeypatch: pytest.MonkeyPatch, given: str, said: str
) -> None:
    monkeypatch.setenv("CXX", given)
    with pytest.raises(ValueError, match=re.escape(said)):
        compiler.compile_cached(SOURCE, "a")


def test_a_header_that_changes_in_place_is_compiled_anew(empty: Path) -> None:
    system = empty / "system"
    system.mkdir()
    text = "#include <value.h>\nint main() { return VALUE; }\n"
    build = compiler.Build({"a.cpp": text}, ("a.cpp",), (), (), (system,))
    for value in (3, 5):
        (system / "value.h").write_text(f"#define VALUE {value}\n")
        program = compiler.compile_cached(build, "a")
        assert subprocess.run([program], check=False).returncode == value


def test_csim_is_compiled_anew_when_the_ap_types_change_in_place(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = empty / "ap_types"
    shutil.copytree(compiler.ap_types_folder(), copy)
    monkeypatch.setattr(compiler, "ap_types_folder", lambda: copy)
    first = bench.headers()
    with (copy / "ap_int.h").open("a") as header:
        header.write("// changed\n")
    assert bench.headers() != first
    with (copy / "ap_int.h").open("a") as header:
        header.write("#error a header that cannot be used\n")
    spec = find("stress-soft-8x4-qpsk").spec
    with pytest.raises(ValueError, match="a header that cannot be used"):
        bench.build(spec, {})


def _simulator(name: str) -> tuple[str, int]:
    """The folder of a simulator that nobody has built before, and when its program was made."""
    configuration = suite.find(name)
    text = runner.module_texts(configuration)["mac_array.sv"] + f"// {os.environ['BITFOLD_TEST']}\n"
    folder = runner.build(configuration, replaced={"mac_array.sv": text})
    return str(folder), (folder / configuration.top).stat().st_mtime_ns


def test_two_processes_that_build_one_simulator_build_it_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BITFOLD_TEST", str(os.getpid()))
    with ProcessPoolExecutor(2) as pool:
        first, second = pool.map(_simulator, ["macs-4x4x3"] * 2)
    assert first == second
    shutil.rmtree(first[0])


def test_simulators_share_verilators_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITFOLD_TEST", f"shared {os.getpid()}")
    folder = Path(_simulator("macs-4x4x3")[0])
    commands = (folder / "build.log").read_text().splitlines()
    assert [line for line in commands if str(verilated.runtime(*runner.RUNTIME)) in line]
    assert not [line for line in commands if "verilated_vpi.cpp" in line]
    shutil.rmtree(folder)


def test_shared_code_that_is_damaged_is_compiled_anew(empty: Path) -> None:
    shared = verilated.runtime(("verilated_threads.cpp",), ("-w",))
    assert shared.is_relative_to(empty)
    whole = shared.read_bytes()
    shared.write_bytes(whole[:-1])
    assert verilated.runtime(("verilated_threads.cpp",), ("-w",)) == shared
    assert shared.read_bytes() == whole


def _square(value: int) -> int:
    if value > 3:
        raise ValueError(f"{value} is too large")
    return value * value


@pytest.mark.parametrize("at_once", [1, 2])
def test_work_side_by_side_comes_in_order_and_fails_as_one_line(at_once: int) -> None:
    assert list(jobs.in_order(_square, [3, 1, 2], at_once)) == [9, 1, 4]
    with pytest.raises(ValueError, match=r"^7 is too large$"):
        list(jobs.in_order(_square, [1, 7, 2], at_once))


def test_every_command_is_in_the_list_of_commands() -> None:
    rooms = ("benchmarks", "bitfold", "fixedpoint", "hls", "model", "tests", "verification")
    texts = (path.read_text(encoding="utf-8") for r in rooms for path in (ROOT / r).rglob("*.py"))
    found = {name for text in texts for name in re.findall(r'prog="(?:python -m )?([\w.]+)"', text)}
    assert found == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_shown_on_a_terminal_of_ascii(command: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-m", command, "--help"], cwd=ROOT, env=environment,
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-300:]
    assert done.stdout.isascii()
    assert command.encode() in done.stdout
