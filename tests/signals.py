# SPDX-License-Identifier: Apache-2.0
"""Long commands are ended at random moments: nothing may stay, nothing may be half written.

    python -m tests.signals --moments 20 [--seed 0] [--only NAME]

Each command runs in a session of its own, from folders where it is an installed package, so that
its cache, its temporary folder and its outputs are its own. A random one of SIGTERM to the command,
and SIGINT or SIGHUP to its whole group, as a terminal sends them, ends it; a second signal follows
now and then. A last run, on what the ended ones left, must work.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from fixedpoint import cli
from fixedpoint.detectors import library as specs
from fixedpoint.support import processes
from fixedpoint.support.table import table
from fixedpoint.vectors import files as vectors
from hls.builds import cache

ROOT = Path(__file__).parent.parent
ROOMS = (
    "bitfold", "fixedpoint", "hls", "model", "verification", "benchmarks", "docs", "examples",
)  # fmt: skip
SETTLE_S, END_S = 5.0, 40.0
SMALL = "stress-soft-8x4-qpsk"


@dataclasses.dataclass(frozen=True)
class Command:
    """What is run, and within how many seconds of its start it is ended.

    again: more options of a run that goes on; whole: the last run is short enough to wait for.
    """

    line: str
    window_s: float
    again: str = ""
    whole: bool = True


PYTHON_STARTS = "Fatal Python error: init_import_site"
"""What Python says, with status 1, of a SIGINT before it has read the first line of a program."""
COMMANDS = {
    "golden": Command("fixedpoint.golden --layer pgd5 --vectors 5000 --out out/golden", 4),
    "emit": Command("hls.emit --spec pgd --out out/emitted", 1),
    "csim": Command(f"hls.csim --spec {SMALL} --vectors 4000", 10),
    "native": Command(f"hls.native --layer slicer --spec {SMALL} --vectors 200000", 8),
    "library": Command(f"verification.rtl --spec {SMALL} --lanes 16 --vectors 30000", 25),
    "regress": Command("verification.regress --bench slicer --junit out/r.xml", 25),
    "selftest": Command("verification.selftest --kinds header --count 1", 8),
    "lint": Command(f"hls.lint --spec {SMALL}", 6),
    "area": Command(
        f"hls.area --spec {SMALL} --lanes 16 --tops passes_top --json out/area.json", 25
    ),
    "soak": Command("verification.soak --short --only csim", 10, whole=False),
    "twin": Command("model.twin --spec pgd --vectors 20000", 8),
    "train": Command(
        "model.train pgd --samples 8000 --validation 500 --epochs 2 --float-epochs 2 --out out/net",
        12, "--resume",
    ),
    "evaluate": Command(
        "model.evaluate --detectors lmmse twin:spec=pgd --snr 10,20 --errors 1000000"
        " --max-vectors 20000 --task-vectors 250 --workers 2 --journal out/j.jsonl"
        " --json out/r.json", 15, "--resume",
    ),
    "variants": Command("model.variants --seeds 1 --family pgd --work out/work --out out/made", 15,
                        whole=False),
    "evidence": Command("benchmarks.evidence --quick", 15, whole=False),
    "rebuild": Command("model.rebuild pgd-box --work out/work --out out/nets --specs out/specs", 12,
                       whole=False),
    "build": Command("bitfold build examples/small.toml --out out/build", 60),
}  # fmt: skip


def default_signals() -> None:
    """In a child before it starts: a background job of a shell ignores some."""
    for number in processes.SIGNALS:
        signal.signal(number, signal.SIG_DFL)


class Place:
    """Folders in which a command is an installed package."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out, self.temporary = folder / "out", folder / "tmp"
        self.cache = folder / "cache" / "bitfold"
        for path in (self.out, self.temporary):
            path.mkdir(parents=True)
        for room in ROOMS:
            (folder / room).symlink_to(ROOT / room)
        wasm = Path.home() / ".cache" / "YoWASP"  # compiled once a machine, in minutes
        self.environment = os.environ | {
            "TMPDIR": str(self.temporary), "XDG_CACHE_HOME": str(folder / "cache"),
            "YOWASP_CACHE_DIR": os.environ.get("YOWASP_CACHE_DIR", str(wasm)),
            "TORCHINDUCTOR_CACHE_DIR": str(folder / "torch"),  # torch makes one when it is imported
            "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip

    def start(self, line: str) -> subprocess.Popen[bytes]:
        """The command, as the leader of a session."""
        with (self.folder / "said").open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", *line.split()], cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                start_new_session=True, preexec_fn=default_signals,
            )  # fmt: skip

    def said(self) -> str:
        """Its standard error."""
        return (self.folder / "said").read_text(encoding="utf-8", errors="replace")

    def processes(self) -> set[int]:
        """Living processes of that temporary folder: all that the command has started."""
        mark, found = os.fsencode(self.temporary), set()
        for path in Path("/proc").glob("[0-9]*"):
            try:
                state = (path / "stat").read_text("latin-1").rpartition(")")[2].split()[0]
                if mark in (path / "environ").read_bytes() and state not in "ZX":
                    found.add(int(path.name))
            except OSError:
                continue
        return found

    def left(self) -> Iterator[str]:
        """What no ended command may leave."""
        yield from (f"process {number}" for number in self.processes())
        yield from (f"temporary {path.name}" for path in self.temporary.iterdir())
        for folder in (self.out, self.folder / "build", self.cache):
            yield from (f"leftover {path}" for path in folder.rglob("bitfold-*"))
        for path in self.folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and not _whole(path):
                yield f"half of {path}"


def _whole(path: Path) -> bool:
    try:
        if path.suffix in (".json", ".jsonl"):
            lines = path.read_text(encoding="utf-8")
            for text in lines.splitlines() if path.suffix == ".jsonl" else [lines]:
                json.loads(text)
        elif path.suffix == ".xml":
            ElementTree.parse(path)
        elif path.suffix == ".vec":
            near = (folder / "spec.json" for folder in path.parents)
            vectors.read(path, specs.load(next((spec for spec in near if spec.exists()), "pgd")))
        elif path.suffix == ".safetensors":
            size = int.from_bytes(path.read_bytes()[:8], "little")
            header = json.loads(path.read_bytes()[8 : 8 + size])
            ends = [entry["data_offsets"][1] for key, entry in header.items() if key[:2] != "__"]
            return path.stat().st_size == 8 + size + max(ends)
        elif path.suffix in (".so", ".o") and cache.seal_of(path).exists():
            return cache.whole(path)
    except (ValueError, ElementTree.ParseError):
        return False
    return True


def attempt(command: Command, place: Place, moment: float, number: int, twice: bool) -> list[str]:
    """Run the command, end it at that moment; what is wrong with its end."""
    running = place.start(command.line)
    try:
        running.wait(moment)
    except subprocess.TimeoutExpired:
        _send(running, number)
        if twice:
            time.sleep(0.05)
            _send(running, number)
    else:
        return [] if running.returncode == 0 else [f"status {running.returncode}: {place.said()}"]
    return judge(running, place, number)


def judge(running: subprocess.Popen[bytes], place: Place, number: int) -> list[str]:
    """What is wrong with the end of a command that has got this signal.

    Before and after its work, while Python starts and ends, the signal may end it in its own way.
    """
    try:
        status = running.wait(END_S)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        return [f"still there after {END_S} s"]
    faults, said = [], place.said()
    if status not in (0, 128 + number, -number) and PYTHON_STARTS not in said:
        faults.append(f"status {status}: {said}")
    if status == 128 + number:
        name = signal.Signals(number).name
        if not said.rstrip().endswith(f"ended by {name}") or "Traceback" in said:
            faults.append(f"it said {said}")
    waited = time.monotonic() + SETTLE_S
    while list(place.left()) and time.monotonic() < waited:
        time.sleep(0.1)
    return faults + list(place.left())


def _send(running: subprocess.Popen[bytes], number: int) -> None:
    if running.poll() is None:
        (os.kill if number == signal.SIGTERM else os.killpg)(running.pid, number)


def trial(name: str, moments: int, seed: int, folder: Path) -> tuple[int, list[str]]:
    """End a command that many times; how often it was at work, and everything that was wrong."""
    command, draw = COMMANDS[name], random.Random(f"{name} {seed}")
    place, ended, faults = Place(folder), 0, []
    for _ in range(moments):
        for path in (place.out, place.folder / "build", place.cache):
            if draw.random() < 0.7:  # else on what the one before has left
                shutil.rmtree(path, ignore_errors=True)
        place.out.mkdir(exist_ok=True)
        number = draw.choice([signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
        moment = draw.uniform(0.0, command.window_s)
        resumed = (place.out / "j.jsonl").exists() or (place.out / "net").exists()
        line = f"{command.line} {command.again if resumed else ''}"
        found = attempt(dataclasses.replace(command, line=line), place, moment, number,
                        draw.random() < 0.3)  # fmt: skip
        ended += f"ended by {number.name}" in place.said()
        faults += [f"{name}, {number.name} at {moment:.2f} s: {fault}" for fault in found]
        for left in place.processes():
            os.kill(left, signal.SIGKILL)
    return ended, faults + last_run(command, place)


def last_run(command: Command, place: Place) -> list[str]:
    """What is wrong with a run on what the ended ones have left."""
    resumed = (place.out / "j.jsonl").exists() or (place.out / "net").exists()
    running = place.start(f"{command.line} {command.again if resumed else ''}")
    try:
        status = running.wait(300 if command.whole else 2 * command.window_s)
    except subprocess.TimeoutExpired:
        _send(running, signal.SIGTERM)
        faults = judge(running, place, signal.SIGTERM)
        return [*faults, "the last run does not end"] if command.whole else faults
    return [] if status == 0 else [f"the last run: status {status}: {place.said()}"]


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if anything stayed or was half written."""
    parser = cli.Parser(prog="python -m tests.signals", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--moments", type=int, default=20, help="for each command (default 20)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=COMMANDS)
    arguments = parser.parse_args(argv)

    def body() -> int:
        rows, wrong = [], []
        for name in [arguments.only] if arguments.only else COMMANDS:
            with tempfile.TemporaryDirectory() as folder:
                started = time.monotonic()
                ended, faults = trial(name, arguments.moments, arguments.seed, Path(folder) / "x")
            seconds = time.monotonic() - started
            rows.append((name, arguments.moments, ended, len(faults), f"{seconds:.0f}"))
            print("\n".join([str(rows[-1]), *faults]), file=sys.stderr, flush=True)
            wrong += faults
        print(table(("command", "signals", "ended at work", "faults", "seconds"), rows))
        print(f"seed {arguments.seed}", *wrong, sep="\n")
        return cli.MISMATCH if wrong else 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
