# SPDX-License-Identifier: Apache-2.0
"""Products are checked before they are loaded; so are their folder and what tools are told."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from cocotb_tools import config

from fixedpoint.receivers import family
from fixedpoint.stress import extreme
from fixedpoint.stress import pgd as stress
from hls.builds import cache, compiler, toolchain, tools
from hls.builds.native import Native
from hls.synthesis import cells as synthesis
from verification.regression import runner, suite
from verification.rtl import build

COUNTER = """module counter(input logic aclk, output logic [3:0] count_o);
  always_ff @(posedge aclk) count_o <= count_o + 4'd1;
endmodule
"""


def truncate(path: Path) -> None:
    rewrite(path, path.read_bytes()[:-100])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    rewrite(path, bytes(data))


def empty(path: Path) -> None:
    rewrite(path, b"")


def foreign(path: Path) -> None:
    """A library of somebody else, with nothing beside it."""
    path.unlink()
    cache.seal_of(path).unlink()
    rewrite(path, (path.parent / "other.so").read_bytes())


def delete(path: Path) -> None:
    path.unlink()


def unsealed(path: Path) -> None:
    cache.seal_of(path).write_bytes(b"\xff\x00")


DAMAGES = (truncate, flip, empty, foreign, delete, unsealed)


def rewrite(path: Path, data: bytes) -> None:
    """As another file: what is loaded stays whole."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A cache of its own, without optimised builds."""
    monkeypatch.setattr(compiler, "cache_folder", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_library_is_built_anew_and_gives_right_integers(place, damage):
    spec, other = stress.spec("soft", 8, 4), stress.spec("box", 8, 4)
    h, y, index = extreme.vectors(spec, 0, 2, 36)
    shutil.copy(Native.build(other, portable=True).path, place / "other.so")
    path = Native.build(spec, portable=True).path
    damage(path)
    assert not cache.whole(path)
    made = Native.build(spec, portable=True)
    assert made.path == path
    assert cache.whole(path)
    expected = family.run(spec, h, y, index)[-1]
    np.testing.assert_array_equal(made.run(h, y, index).state, expected.state)


def test_a_program_that_is_damaged_is_built_anew(place):
    source = {"main.cpp": "int main() { return 42; }\n"}
    build = compiler.Build(source, ("main.cpp",), (), ("-O0",))
    path = compiler.compile_cached(build, "program")
    rewrite(path, b"#!/bin/sh\nexit 0\n")
    path.chmod(0o755)
    assert tools.run([compiler.compile_cached(build, "program")]).returncode == 42


@pytest.mark.parametrize("damage", [truncate, flip, empty, delete, unsealed])
def test_a_damaged_rtl_library_is_built_anew(place, damage, monkeypatch):
    monkeypatch.setattr(build, "_verilate", lambda model, folder: None)
    monkeypatch.setattr(
        build, "_compile", lambda model, folder: (folder / "library.so").write_bytes(bytes(999))
    )
    model = build.Model({"a.sv": "text"}, {"m.mem": "0\n"}, (), (), ())
    path, memories = build.build(model, "rtl")
    damage(path)
    (memories / "m.mem").write_text("1\n")
    assert build.build(model, "rtl") == (path, memories)
    assert path.read_bytes() == bytes(999)
    assert cache.whole(path)
    assert (memories / "m.mem").read_text() == "0\n"
    lock = f".{path.parent.name}.lock"
    assert sorted(p.name for p in place.iterdir()) == [lock, path.parent.name]


def test_a_damaged_simulator_is_built_anew(place, monkeypatch):
    class Fake:
        def build(self, *, build_dir, hdl_toplevel, **_):
            (build_dir / hdl_toplevel).write_bytes(bytes(99))

    monkeypatch.setattr(runner, "_simulator", lambda: (Fake(), config))
    configuration = suite.find("slicer")
    program = runner.build(configuration) / configuration.top
    rewrite(program, b"#!/bin/sh\n")
    assert runner.build(configuration) == program.parent
    assert program.read_bytes() == bytes(99)


@pytest.mark.parametrize("name", ["area.json", "netlist.json"])
def test_a_damaged_area_is_mapped_anew(place, name):
    def mapped():
        return synthesis.map_files({"c.sv": COUNTER}, ["c.sv"], "counter", synthesis.ECP5, {})

    first = mapped()
    netlist = first.netlist.read_bytes()
    rewrite(first.netlist.with_name(name), b'{"lut_logic": 0}')
    assert mapped() == first
    assert first.netlist.read_bytes() == netlist


def test_a_loaded_library_stays_whole_when_it_is_built_anew(place):
    spec = stress.spec("soft", 8, 4)
    h, y, index = extreme.vectors(spec, 0, 2, 36)
    first = Native.build(spec, portable=True)
    expected = first.run(h, y, index).state
    cache.seal_of(first.path).unlink()
    again = Native.build(spec, portable=True)
    for library in (first, again):
        np.testing.assert_array_equal(library.run(h, y, index).state, expected)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """bitfold as an installed package, started in a folder that holds a build/."""
    monkeypatch.setattr(cache, "ROOT", tmp_path / "site-packages")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "work/build").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_an_installed_package_caches_for_its_user_not_in_the_working_folder(installed, monkeypatch):
    assert cache.folder() == installed / "cache/bitfold"
    assert cache.folder().stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("XDG_CACHE_HOME", "build")  # relative: its specification says to ignore it
    assert cache.folder() == installed / "home/.cache/bitfold"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.folder() == installed / "home/.cache/bitfold"


@pytest.mark.parametrize("mode", [0o777, 0o702, 0o720])
def test_a_cache_that_others_can_write_is_refused(installed, mode):
    cache.folder().chmod(mode)
    with pytest.raises(ValueError, match=r"can be written by others \(mode 7\d\d\)"):
        cache.folder()


def test_a_checkouts_build_follows_the_umask_but_not_for_everybody(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    assert cache.folder() == tmp_path / "build"
    (tmp_path / "build").chmod(0o775)
    assert cache.folder() == tmp_path / "build"
    (tmp_path / "build").chmod(0o777)
    with pytest.raises(ValueError, match="can be written by others"):
        cache.folder()


def test_a_cache_of_another_user_is_refused(installed, monkeypatch):
    cache.folder()
    user = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(ValueError, match=f"belongs to user {user - 1}, not to {user}"):
        cache.folder()


def test_a_cache_that_cannot_be_made_is_one_line(installed):
    (installed / "cache").write_text("a file")
    with pytest.raises(ValueError, match="cannot be made: Not a directory"):
        cache.folder()


HOSTILE = ("VERILATOR_BIN", "VERILATOR_ROOT", "VERILATOR_SOLVER", "OPT", "MAKEFLAGS", "CXXFLAGS",
           "CPPFLAGS", "LDFLAGS", "OBJCACHE", "CPATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH",
           "GCC_EXEC_PREFIX", "COMPILER_PATH", "DEPENDENCIES_OUTPUT", "PERL5OPT", "PERL5LIB",
           "BASH_ENV", "ENV", "COCOTB_TEST_MODULES", "PYTHONSTARTUP", "CFG_CXX")  # fmt: skip


def test_no_variable_that_changes_what_is_built_reaches_a_tool(monkeypatch):
    for name in HOSTILE:
        monkeypatch.setenv(name, "hostile")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for given in (tools.environment(), toolchain.environment()):
        assert not set(HOSTILE) & given.keys()
        assert "hostile" not in given.values()
        assert given["LC_ALL"] == "C.UTF-8"


def hostile(tmp_path: Path, name: str) -> tuple[Path, Path]:
    """A program that leaves a mark and fails, and its mark."""
    program, mark = tmp_path / name, tmp_path / "was-run"
    program.write_text(f"#!/bin/sh\ntouch {mark}\nexit 1\n")
    program.chmod(0o755)
    return program, mark


def test_a_hostile_verilator_is_not_run(tmp_path, monkeypatch):
    program, mark = hostile(tmp_path, "verilator_bin")
    monkeypatch.setenv("VERILATOR_BIN", str(program))
    monkeypatch.setenv("VERILATOR_ROOT", str(tmp_path))
    (tmp_path / "bin").mkdir()
    shutil.copy(program, tmp_path / "bin" / "verilator_bin")
    (tmp_path / "counter.sv").write_text(COUNTER)
    done = toolchain.verilator(["--lint-only", "counter.sv"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert not mark.exists()


def test_headers_of_the_environment_are_not_compiled_in(place, tmp_path, monkeypatch):
    (tmp_path / "hostile").mkdir()
    (tmp_path / "hostile" / "cstdint").write_text("#error hostile\n")
    monkeypatch.setenv("CPATH", str(tmp_path / "hostile"))
    build = compiler.Build(
        {"main.cpp": "#include <cstdint>\nint main() { return 0; }\n"}, ("main.cpp",), (), ()
    )
    assert tools.run([compiler.compile_cached(build, "program")]).returncode == 0


@pytest.mark.parametrize("folder", [".", ""])
def test_a_compiler_in_the_working_folder_is_not_run(tmp_path, monkeypatch, folder):
    hostile(tmp_path, "g++")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([folder, os.environ["PATH"]]))
    monkeypatch.delenv("CXX", raising=False)
    assert os.path.isabs(compiler.find_compiler()[0])
    assert tools.find("g++") != str(tmp_path / "g++")
    assert folder not in tools.environment()["PATH"].split(os.pathsep)
