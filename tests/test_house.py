# SPDX-License-Identifier: Apache-2.0
"""The arrows of the design: which room may import which."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Container
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("model", "fixedpoint", "hls", "verification", "bitfold")
MAY_IMPORT = {
    "fixedpoint": {"fixedpoint"},
    "model": {"model", "fixedpoint"},
    "hls": {"hls", "fixedpoint"},
    "verification": {"verification", "hls", "fixedpoint"},
    "bitfold": {"bitfold", "verification", "hls", "model", "fixedpoint"},
}


FOLDERS = ("support", "numbers", "specs", "program", "detectors", "receivers", "stress", "vectors")
"""Of fixedpoint: each may import those before it; `docs/fixedpoint.md` says so."""
MOST_FILES = 17


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def import_graph() -> dict[str, set[str]]:
    """The modules of all rooms by their dotted names, and which of them each imports."""
    paths = {}
    for room in (*ROOMS, "benchmarks"):
        for path in (ROOT / room).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            paths[name.removesuffix(".__init__")] = path
    return {name: modules(path, paths.keys()) - {name} for name, path in paths.items()}


def modules(path: Path, known: Container[str]) -> set[str]:
    """Those of the known modules that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in known}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found |= {one for one in ([whole] if whole in known else [node.module])
                          if one in known}  # fmt: skip
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_along_the_arrows(room: str) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        strangers = (imports(path) & set(ROOMS)) - MAY_IMPORT[room]
        assert not strangers, f"{path.name} imports {strangers}"


def test_fixedpoint_needs_numpy_and_fxpmath_alone() -> None:
    standard = set(sys.stdlib_module_names)
    for path in (ROOT / "fixedpoint").rglob("*.py"):
        assert imports(path) - standard <= {"fixedpoint", "numpy", "fxpmath"}, path.name


def test_folders_of_fixedpoint_import_only_those_before_them() -> None:
    rank = {f"fixedpoint.{folder}": place for place, folder in enumerate(FOLDERS)}
    parents = {path.parent.name for path in (ROOT / "fixedpoint").glob("*/__init__.py")}
    assert parents == set(FOLDERS)
    for name, files in import_graph().items():
        mine = rank.get(".".join(name.split(".")[:2]))
        if mine is None or name.endswith("__main__"):
            continue
        for file in files:
            other = rank.get(".".join(file.split(".")[:2]), -1)
            assert other <= mine, f"{name} imports {file}"
    shown = (ROOT / "docs/fixedpoint.md").read_text(encoding="utf-8")
    assert " → ".join(FOLDERS) in shown


def test_no_file_imports_itself_around_a_circle() -> None:
    """Imports inside functions, and those for types alone, count too."""
    graph = import_graph()
    assert len(graph) > 300
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))


@pytest.mark.parametrize("room", [*ROOMS, "benchmarks"])
def test_a_folder_has_few_source_files(room: str) -> None:
    """Of one kind of source; what a folder says of itself in `__init__.py` is none."""
    kinds = (".py", ".hpp", ".cpp", ".sv")
    count = Counter((path.parent, path.suffix) for path in (ROOT / room).rglob("*.*")
                    if path.suffix in kinds and path.name != "__init__.py")  # fmt: skip
    assert count
    crowded = {str(folder.relative_to(ROOT)): n for (folder, _), n in count.items()
               if n > MOST_FILES}  # fmt: skip
    assert not crowded, f"more than {MOST_FILES} files: {crowded}"


def test_hardware_rooms_do_not_need_torch() -> None:
    for room in ("hls", "verification"):
        for path in (ROOT / room).rglob("*.py"):
            assert not imports(path) & {"torch", "brevitas"}, path.name


def leftovers(folder: str, names: list[str]) -> set[str]:
    """What a copy of the checkout leaves out; `build` is of builds at its root alone."""
    made = ("build", "dist") if Path(folder) == ROOT else ()
    patterns = shutil.ignore_patterns(".*", *made, "*.egg-info", "__pycache__")
    return set(patterns(folder, names))


def test_every_room_is_in_the_wheel_and_golden_runs_from_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=leftovers)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, source],
        check=True,
        capture_output=True,
    )
    wheel = next(tmp_path.glob("bitfold-*.whl"))
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env/bin/python"
    pins = re.findall(r"^([\w.-]+==\S+)", (ROOT / "locks/rtl.txt").read_text(), re.MULTILINE)
    (tmp_path / "pins.txt").write_text("\n".join(pins))
    subprocess.run([python, "-m", "pip", "install", "-q", "-c", tmp_path / "pins.txt", wheel],
                   check=True, capture_output=True)  # fmt: skip
    done = subprocess.run(
        [python, "-m", "fixedpoint.golden", "--layer", "pgd5", "--vectors", "8"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "pgd5 of spec pgd" in done.stdout
    assert (tmp_path / "build/golden/pgd-pgd5.vec").is_file()
    listing = (
        "from importlib.util import find_spec; from pathlib import Path\n"
        f"for room in {ROOMS}:\n"
        "    print(*(p.name for p in Path(find_spec(room).origin).parent.rglob('*')))"
    )
    shipped = subprocess.run([python, "-c", listing], cwd=tmp_path, check=True,
                             capture_output=True, text=True).stdout  # fmt: skip
    for room in ROOMS:
        for pattern in ("*.py", "*.json", "*.hpp", "*.sv", "*.cpp", "*.css", "*.j2"):
            for path in (source / room).rglob(pattern):
                assert path.name in shipped, f"{path} is not in the wheel"


def test_a_command_of_model_without_torch_is_one_line() -> None:
    code = (
        "import sys, runpy; sys.modules['torch'] = None\n"
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'torch' else real(name, *a)\n"
        "sys.argv[0] = '-m'; runpy.run_module('model.train', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "model/ needs torch" in done.stderr
