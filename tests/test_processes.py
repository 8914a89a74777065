# SPDX-License-Identifier: Apache-2.0
"""A signal ends a command in order: its processes, its temporary folders, one line, its status."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixedpoint import cli
from fixedpoint.support import files, processes, scratch
from tests.signals import default_signals

ROOT = Path(__file__).parent.parent
HEAD = """
import os, subprocess, sys, time
from pathlib import Path
from fixedpoint import cli
from fixedpoint.support import files, processes, scratch
def ready():
    print("ready", flush=True)
def forever():
    ready()
    while True:
        time.sleep(0.01)
"""
CHILDREN = """
def body():
    inner = "import subprocess; subprocess.run(['sleep', '100'], start_new_session=True)"
    subprocess.Popen([sys.executable, "-c", inner])
    subprocess.Popen("sleep 100 & wait", shell=True)
    with scratch.folder("test"):
        (scratch.claim("write")).write_text("half")
        forever()
raise SystemExit(cli.run(body))
"""
DEAF = """
def body():
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True)"
    deaf += "; time.sleep(99)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        forever()
processes.ASK_S = 0.5
raise SystemExit(cli.run(body))
"""
LONG_CALL = """
import hashlib
def body():
    with scratch.folder("test"):
        subprocess.Popen(["sleep", "100"])
        ready()
        hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)  # C, without the interpreter's lock
processes.NOTICE_S = 0.3
raise SystemExit(cli.run(body))
"""
SWALLOWED = """
def body():
    try:
        forever()
    except BaseException:
        return 0
raise SystemExit(cli.run(body))
"""
INSIDE = """
def body():
    try:
        return cli.run(forever)
    except ValueError:
        return 7
raise SystemExit(cli.run(body))
"""
UNDISTURBED = """
def body():
    with processes.undisturbed():
        ready()
        time.sleep(0.5)
        Path(sys.argv[1]).write_text("whole")
    time.sleep(60)
raise SystemExit(cli.run(body))
"""
FORKED = """
def body():
    if os.fork() == 0:
        time.sleep(100)
    forever()
raise SystemExit(cli.run(body))
"""
TOOL = """
def body():
    ready()
    processes.call(["sh", "-c", "sleep 100; true"])
raise SystemExit(cli.run(body))
"""


def start(code, tmp_path, *arguments, before=default_signals):
    """A command that is ready to get a signal, in a session and a temporary folder of its own."""
    (tmp_path / "tmp").mkdir()
    running = subprocess.Popen(
        [sys.executable, "-c", HEAD + code, *arguments], cwd=ROOT, text=True,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True, preexec_fn=before,
    )  # fmt: skip
    assert running.stdout.readline() == "ready\n"
    time.sleep(0.2)
    return running


def alive(tmp_path):
    """Commands of the living processes that were started with that temporary folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state = (path / "stat").read_text("latin-1").rpartition(")")[2].split()[0]
            if os.fsencode(tmp_path) in (path / "environ").read_bytes() and state not in "ZX":
                found.append((path / "cmdline").read_bytes())
        except OSError:
            continue
    return found


def end(running, tmp_path, number):
    """Exit status and complaints after a signal; nothing may be left."""
    running.send_signal(number)
    _, said = running.communicate(timeout=30)
    assert alive(tmp_path) == []
    assert list((tmp_path / "tmp").iterdir()) == []
    return running.returncode, said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize(
    "code", [CHILDREN, SWALLOWED, INSIDE, FORKED, TOOL],
    ids=["children", "swallowed", "inside", "forked", "tool"],
)  # fmt: skip
def test_a_signal_leaves_nothing_and_says_one_line(code, number, tmp_path):
    running = start(code, tmp_path)
    assert end(running, tmp_path, number) == (128 + number, f"ended by {number.name}\n")


def test_a_child_that_does_not_listen_is_killed(tmp_path):
    running = start(DEAF, tmp_path)
    assert end(running, tmp_path, signal.SIGTERM) == (143, "ended by SIGTERM\n")


def test_a_long_call_into_c_is_not_waited_for(tmp_path):
    running = start(LONG_CALL, tmp_path)
    started = time.monotonic()
    assert end(running, tmp_path, signal.SIGTERM) == (143, "ended by SIGTERM\n")
    assert time.monotonic() - started < 20


def test_later_signals_change_nothing(tmp_path):
    running = start(DEAF, tmp_path)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGINT):
        running.send_signal(number)
        time.sleep(0.05)
    assert end(running, tmp_path, signal.SIGINT) == (143, "ended by SIGTERM\n")


def test_a_signal_waits_for_what_must_not_be_disturbed(tmp_path):
    running = start(UNDISTURBED, tmp_path, str(tmp_path / "file"))
    assert end(running, tmp_path, signal.SIGTERM) == (143, "ended by SIGTERM\n")
    assert (tmp_path / "file").read_text() == "whole"


def test_an_ignored_signal_stays_ignored(tmp_path):
    def nohup():
        default_signals()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    running = start(CHILDREN, tmp_path, before=nohup)
    running.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert running.poll() is None
    assert end(running, tmp_path, signal.SIGTERM) == (143, "ended by SIGTERM\n")


def test_a_command_leaves_handlers_and_temporary_folder_as_they_were():
    handlers = [signal.getsignal(number) for number in processes.SIGNALS]
    before = os.environ.get("TMPDIR"), scratch.tempfile.gettempdir()
    inside = []
    assert cli.run(lambda: inside.append(scratch.tempfile.gettempdir()) or 5) == 5
    assert scratch.NAME.fullmatch(Path(inside[0]).name)
    assert not Path(inside[0]).exists()
    assert [signal.getsignal(number) for number in processes.SIGNALS] == handlers
    assert (os.environ.get("TMPDIR"), scratch.tempfile.gettempdir()) == before


def test_a_tool_beyond_its_time_is_ended_with_all_that_it_started(tmp_path):
    with pytest.raises(subprocess.TimeoutExpired):
        processes.call(["sh", "-c", "sleep 98.7 & wait"], limit_s=0.3,
                       environment=os.environ | {"MARK": str(tmp_path)})  # fmt: skip
    assert alive(tmp_path) == []


def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(tmp_path):
    code = "def body():\n with scratch.folder('test', Path(sys.argv[1])): forever()\nbody()"
    place = tmp_path / "place"
    place.mkdir()
    running = start(code, tmp_path, str(place))
    (made,) = place.iterdir()
    others = [place / "bitfold-results", place / "bitfold-test-0123", place / "else"]
    for path in others:
        path.mkdir()
    for path in (made, *others):
        os.utime(path, (0, 0))
    assert scratch.leftovers(place) == []
    running.kill()
    running.communicate()
    assert scratch.leftovers(place) == [made]
    with scratch.folder("test", place) as own:
        assert sorted(place.iterdir()) == sorted([own, *others])
    assert sorted(place.iterdir()) == sorted(others)


def test_a_young_folder_is_no_leftover_yet(tmp_path):
    (tmp_path / "bitfold-test-0123456789abcdef").mkdir()
    with scratch.folder("test", tmp_path):
        assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_cannot_be_put_in_place_leaves_nothing(tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises(ValueError, match="file cannot be written: Is a directory"):
        files.write_text(tmp_path / "file", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_interruption_while_a_command_is_imported_ends_it_without_a_traceback(tmp_path):
    code = (
        "import sys, signal; sys.argv = ['-m']; from fixedpoint.support import processes\n"
        "processes.starting()\n"
        "assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL\n"
        "from fixedpoint import cli; cli.run(lambda: 0)\n"
        "assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL\n"
        "print('ready', flush=True)\n"
        "try: forever()\n"
        "except BaseException: forever()\n"
    )
    running = start(code, tmp_path)
    assert end(running, tmp_path, signal.SIGINT) == (-signal.SIGINT, "")
