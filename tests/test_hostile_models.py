# SPDX-License-Identifier: Apache-2.0
"""Checkpoints, journals, results, locks and full disks: noticed, and refused in one line."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fixedpoint import cli
from fixedpoint.support import lock
from fixedpoint.support.files import write_text
from model import export, seal
from model.lab import journal, report
from model.lab.schedule import Schedule
from model.lab.sweep import sweep
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.store.entries import typed
from model.unfolded.config import TrainConfig
from model.unfolded.trainer import Trainer
from tests import fuzz_model
from tests.fuzz_model import JOURNAL, NETWORKS, PLAN, SEALED, reseal
from tests.training import TINY, run, silent

FLIPS = 1000
ROOT = Path(__file__).parent.parent
FILL = "import sys; from fixedpoint import cli; sys.exit(cli.run(lambda: print('x' * 10**6) or 0))"


def edited(name: str, **entries: Any) -> bytes:
    """A network whose header holds other entries, sealed."""
    data = SEALED[name]
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    found = json.loads(header["__metadata__"]["bitfold"])
    config = found["config"] | entries.pop("config", {})
    header["__metadata__"]["bitfold"] = json.dumps(found | {"config": config} | entries)
    made = json.dumps(header).encode()
    return reseal(len(made).to_bytes(8, "little") + made + data[8 + size :])


def flipped(rng: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    made[rng.randrange(len(made))] ^= rng.randrange(1, 256)
    return bytes(made)


def test_every_flipped_byte_of_a_checkpoint_is_noticed() -> None:
    rng = random.Random(0)
    for i in range(FLIPS):
        with pytest.raises(ValueError, match=r"\w"):
            checkpoints.parse(flipped(rng, SEALED[NETWORKS[i % len(NETWORKS)]]))


def test_every_flipped_byte_of_a_journal_is_noticed(tmp_path: Path) -> None:
    rng, path = random.Random(0), tmp_path / "j"
    last = JOURNAL[:-1] + b"x"
    for data in (last, *(flipped(rng, JOURNAL) for _ in range(FLIPS))):
        path.write_bytes(data)
        with pytest.raises(ValueError, match="journal"):
            journal.replay(path, (PLAN,), Schedule((PLAN,), "cpu"))


@pytest.mark.parametrize(
    ("name", "entries", "words"),
    [
        ("pgd-soft-int8-qat", {"config": {"layers": 10**9}}, "layers 1000000000 is above 100"),
        ("pgd-soft-int8-qat", {"config": {"layers": "5"}}, "layers: '5' is not an integer"),
        ("pgd-soft-int8-qat", {"config": {"eta": True}}, "eta: True is not a number"),
        ("pgd-soft-int8-qat", {"config": {"layers": 4}}, "checkpoint, net"),
        ("pgd-soft-int8-qat", {"config": {"spec": "a\nb"}}, "is not a line of"),
        ("pgd-soft-int8-qat", {"epoch": -1}, "epoch: -1 is not an integer of 0 to"),
        ("pgd-soft-int8-qat", {"stage": ["float"]}, "stage ['float'] is not one of"),
        ("pgd-soft-int8-qat", {"extra": 1}, "'extra'"),
        ("pgd-soft-int8-qat", {"notes": 3}, "notes: 3 is not an object"),
    ],
)
def test_entries_of_other_types_and_sizes_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, entries: Any, words: str
) -> None:
    path, out = tmp_path / "x.safetensors", tmp_path / "x.json"
    path.write_bytes(edited(name, **entries))
    assert export.main([str(path), "--name", "x", "--out", str(out)]) == cli.USER_ERROR
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
    assert not out.exists()


def test_a_checkpoint_without_digest_is_refused_until_it_is_sealed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, data = tmp_path / "x.safetensors", SEALED["pgd-box"]
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    entries = json.loads(header["__metadata__"]["bitfold"])
    del entries["sha256"]
    header["__metadata__"]["bitfold"] = json.dumps(entries, sort_keys=True)
    made = json.dumps(header).encode()
    path.write_bytes(len(made).to_bytes(8, "little") + made + data[8 + size :])
    with pytest.raises(ValueError, match=r"no digest.*python -m model\.seal"):
        checkpoints.load(path)
    assert seal.main([str(path)]) == 0
    assert path.read_bytes() == data
    assert seal.main([str(path)]) == cli.USER_ERROR
    assert "it has a digest already" in capsys.readouterr().err
    assert checkpoints.load(path).identity == shipped.checkpoint_of("pgd-box").identity


def test_devices_and_pipes_are_no_checkpoints(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe"):
        with pytest.raises(ValueError, match="not a regular file"):
            checkpoints.load(path)


def test_dropped_doubled_and_swapped_lines_of_a_journal_are_noticed(tmp_path: Path) -> None:
    lines = JOURNAL.splitlines(keepends=True)
    doubled, dropped = [*lines[:3], lines[2], *lines[3:]], [*lines[:2], *lines[3:]]
    swapped = [*lines[:2], lines[3], lines[2], *lines[4:]]
    for changed in (doubled, dropped, swapped):
        (tmp_path / "j").write_bytes(b"".join(changed))
        with pytest.raises(ValueError, match="it is damaged, or the one before it is missing"):
            sweep(PLAN, workers=1, journal=tmp_path / "j", resume=True)


def test_a_journal_without_checks_is_refused_with_what_to_do(tmp_path: Path) -> None:
    entries = [json.loads(line) for line in JOURNAL.splitlines()]
    for entry in entries:
        del entry["check"]
    text = "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in entries)
    (tmp_path / "j").write_text(text)
    with pytest.raises(ValueError, match="count anew into another --journal"):
        sweep(PLAN, workers=1, journal=tmp_path / "j", resume=True)


def test_negative_sums_are_refused_however_they_are_sealed(tmp_path: Path) -> None:
    entries = [json.loads(line) for line in JOURNAL.splitlines()[:2]]
    entries[1]["sums"][0][0][0] = -1
    before, lines = journal.START, []
    for entry in entries:
        del entry["check"]
        body = json.dumps(entry, separators=(",", ":")).encode()
        before = journal.check(before, body)
        lines.append(body[:-1] + journal.CHECK % before.encode() + b"\n")
    (tmp_path / "j").write_bytes(b"".join(lines))
    with pytest.raises(ValueError, match="line 2: errors: -1 is not an integer of 0 to"):
        sweep(PLAN, workers=1, journal=tmp_path / "j", resume=True)


@pytest.mark.parametrize("change", [
    lambda r: r["counts"][0]["first"][0][0].__setitem__(0, -1),
    lambda r: r["counts"][0]["first"][0][0].__setitem__(0, 0.5),
    lambda r: r["plan"].__setitem__("seed", "1"),
    lambda r: r["plan"]["system"].__setitem__("nt", 10**9),
    lambda r: r.__setitem__("confidence", "0.95"),
    lambda r: r.__setitem__("counts", 3),
    lambda r: r["counts"].pop(),
])  # fmt: skip
def test_changed_results_are_refused_in_one_line(tmp_path: Path, change: Any) -> None:
    path = tmp_path / "r.json"
    report.save([sweep(PLAN, workers=1)], path)
    found = json.loads(path.read_text())
    change(found["results"][0])
    path.write_text(json.dumps(found))
    with pytest.raises(ValueError, match="does not hold results of a sweep: "):
        report.load(path)


def test_a_second_writer_is_refused_by_the_first_ones_number(tmp_path: Path) -> None:
    code = "import sys, time; from pathlib import Path\n"
    code += "from fixedpoint.support.lock import locked\n"
    code += "with locked(Path(sys.argv[1])): print(1, flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT,
                              stdout=subprocess.PIPE)  # fmt: skip
    assert holder.stdout is not None
    with holder.stdout:
        holder.stdout.readline()
        with (
            pytest.raises(ValueError, match=f"{tmp_path} is in use by process {holder.pid}"),
            lock.locked(tmp_path),
        ):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with lock.locked(tmp_path):
        assert (tmp_path / ".lock").read_text() == str(os.getpid())
    assert not list(tmp_path.iterdir())


def test_a_journal_has_one_writer(tmp_path: Path) -> None:
    with lock.locked(tmp_path / "j"), pytest.raises(ValueError, match="is in use by process"):
        sweep(PLAN, workers=1, journal=tmp_path / "j")
    sweep(PLAN, workers=1, journal=tmp_path / "j")
    assert [path.name for path in tmp_path.iterdir()] == ["j"]


@pytest.fixture
def small_files() -> Any:
    """No file may grow beyond 1000 bytes, as on a disk that is full."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, old)


@pytest.mark.usefixtures("small_files")
def test_what_does_not_fit_on_the_disk_is_not_there_at_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be written: File too large"):
        write_text(tmp_path / "x", "x" * 2000)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("small_files")
def test_a_journal_that_no_longer_fits_ends_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be written: File too large"):
        sweep(PLAN, workers=1, journal=tmp_path / "j")


def test_output_onto_a_full_disk_is_status_2_and_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", FILL], cwd=ROOT, stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (cli.USER_ERROR, "error: No space left on device\n")


def test_a_torn_journal_still_counts_what_is_whole(tmp_path: Path) -> None:
    for cut in (1, 40, 200):
        (tmp_path / "j").write_bytes(JOURNAL[:-cut])
        sweep(PLAN, workers=1, journal=tmp_path / "j", resume=True)
        assert (tmp_path / "j").read_bytes() == fuzz_model.JOURNAL


def test_a_folder_has_one_training(tmp_path: Path) -> None:
    with lock.locked(tmp_path), pytest.raises(ValueError, match="is in use by process"):
        run(TINY, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_training_that_another_began_since_is_not_overwritten(tmp_path: Path) -> None:
    late = Trainer(TINY, tmp_path, False, silent)
    checkpoints.Checkpoint(TINY.to_json(), "float", 1, {}).save(tmp_path / checkpoints.FILE)
    before = (tmp_path / checkpoints.FILE).read_bytes()
    with pytest.raises(ValueError, match="holds a checkpoint"):
        late.run()
    assert (tmp_path / checkpoints.FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("entry", "found"), [({"eta": 1}, 1.0), ({"eta": 10**400}, None), ({"eta": 1e39}, None)]
)
def test_a_real_of_a_configuration_is_a_real_that_float32_holds(
    entry: dict[str, float], found: float | None
) -> None:
    if found is None:
        with pytest.raises(ValueError, match=r"eta: .* is beyond ±1e\+30"):
            typed(TrainConfig, entry, "config")
    else:
        made = typed(TrainConfig, entry, "config")
        assert isinstance(made.eta, float)
        assert made.eta == found
