# SPDX-License-Identifier: Apache-2.0
"""`bitfold build`: what its folder keeps, what is run anew, what is refused, where it goes on."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.signals import default_signals
from tests.small_systems import HERE, ROOT, bitfold, compared, written


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A whole build: its file and its folder."""
    folder = tmp_path_factory.mktemp("whole")
    path = written(folder, "4x4-qpsk")
    done = bitfold("build", path, "--out", folder / "build")
    assert done.returncode == 0, done.stderr
    return path, folder / "build"


def test_a_build_ends_in_spec_vectors_projects_and_report(built: tuple[Path, Path]) -> None:
    _, folder = built
    for made in ("spec.json", "report.html", "system.toml", "hardware/rtl", "hardware/firmware"):
        assert (folder / made).exists(), made
    assert list((folder / "vectors").glob("*.vec"))
    for view in ("csim", "native", "rtl"):
        integers, differing = compared(folder, view)
        assert integers > 1000
        assert differing == 0
    digests = {json.loads((folder / f"results/{view}.json").read_text())["digest"]
               for view in ("native", "rtl")}  # fmt: skip
    assert digests == {json.loads((folder / "spec.json").read_text())["digest"]}


def test_a_finished_build_has_nothing_left(built: tuple[Path, Path]) -> None:
    path, folder = built
    before = (folder / "spec.json").stat().st_mtime_ns
    done = bitfold("build", path, "--out", folder)
    assert done.returncode == 0
    assert "nothing is left to do" in done.stderr
    assert (folder / "spec.json").stat().st_mtime_ns == before


def test_only_what_changed_is_run_anew(built: tuple[Path, Path]) -> None:
    path, folder = built
    changed = path.with_name("changed.toml")
    changed.write_text(
        f'name = "{path.stem}"\n{path.read_text().replace("csim = 40", "csim = 41")}'
    )
    done = bitfold("csim", changed, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "train" not in done.stderr
    assert "[1/1] csim" in done.stderr


def test_another_system_never_goes_into_the_folder(built: tuple[Path, Path]) -> None:
    path, folder = built
    before = (folder / "build.json").read_bytes()
    other = path.with_name("other.toml")
    other.write_text(f'name = "{path.stem}"\n{path.read_text().replace("qpsk", "16qam")}')
    done = bitfold("build", other, "--out", folder)
    assert done.returncode == 2
    assert "holds a training of another system" in done.stderr
    named = bitfold("build", written(path.parent, "6x5-16qam"), "--out", folder)
    assert named.returncode == 2
    assert "is the build of '4x4-qpsk', not of '6x5-16qam'" in named.stderr
    assert done.stderr.count("\n") == named.stderr.count("\n") == 1
    assert (folder / "build.json").read_bytes() == before


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there/letter.txt").write_text("mine")
    done = bitfold("build", written(tmp_path, "4x4-qpsk"), "--out", tmp_path / "there")
    assert done.returncode == 2
    assert "is there and is no build" in done.stderr
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("samples = 1500", "sample = 1500", "no entry 'sample', samples perhaps"),
        ("epochs = 1\n", "epochs = -1\n", "float_epochs -1 is below 1"),
        ("[training]", 'layers = 101\n[training]', "layers 101 is above"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_before_anything_is_made(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = written(tmp_path, "4x4-qpsk")
    path.write_text(path.read_text().replace(old, new, 1))
    done = bitfold("train", path, "--out", tmp_path / "build")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "build").exists()


def test_an_interrupted_build_goes_on_where_it_was(tmp_path: Path) -> None:
    path = written(tmp_path, "4x4-qpsk")
    path.write_text(path.read_text().replace("epochs = 1\n", "epochs = 60\n", 1))
    folder = tmp_path / "build"
    words = [sys.executable, "-m", "bitfold", "train", str(path), "--out", str(folder)]
    log = folder / "train/log.jsonl"
    with subprocess.Popen(words, env=HERE, cwd=ROOT, stderr=subprocess.PIPE, text=True,
                          preexec_fn=default_signals) as process:  # fmt: skip
        try:
            until = time.monotonic() + 120
            while not log.exists() and time.monotonic() < until:
                assert process.poll() is None
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "goes on from here" in said
    before = len(log.read_text().splitlines())
    done = bitfold("train", path, "--out", folder)
    assert done.returncode == 0, done.stderr
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert 1 <= before < len(entries)
    assert [entry["epoch"] for entry in entries if entry["stage"] == "float"][:2] == [1, 2]


Spec = dict[str, Any]


def with_words(built: tuple[Path, Path], work: Path, words: str) -> tuple[Path, Path]:
    """The file of a build with other words, and a copy of its folder."""
    path, folder = built
    other = work / path.name
    other.write_text(f"{path.read_text()}\n[words]\n{words}\n")
    shutil.copytree(folder, work / "build", dirs_exist_ok=True)
    return other, work / "build"


def words_of(built: tuple[Path, Path], work: Path, words: str) -> tuple[Spec, Spec]:
    """The spec of a build, and that of the same training with other words."""
    path, folder = with_words(built, work, words)
    done = bitfold("words", path, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "train the detector" not in done.stderr
    before, after = (json.loads((f / "spec.json").read_text()) for f in (built[1], folder))
    return before, after


def test_given_formats_are_those_of_the_spec(built: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = words_of(built, tmp_path, 'state = "18.12"')
    assert after["formats"]["state"] == {**before["formats"]["state"], "bits": 18, "frac": 12}
    path, folder = with_words(built, tmp_path, 'stat = "18.12"')
    wrong = bitfold("words", path, "--out", folder)
    assert wrong.returncode == 2
    assert "formats.stat: one of" in wrong.stderr


def test_words_may_be_searched(built: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = words_of(built, tmp_path, 'mode = "auto"\nquick = true\nber = 0.05')
    assert after["name"] == before["name"]
    bits = [sum(fmt["bits"] for fmt in spec["formats"].values()) for spec in (before, after)]
    assert bits[1] < bits[0]
    assert json.loads((tmp_path / "build/words/front.json").read_text())
