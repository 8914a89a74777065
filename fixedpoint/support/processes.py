# SPDX-License-Identifier: Apache-2.0
"""An orderly end: a signal ends a command's processes and removes its temporary folders.

    with processes.orderly() as end:      # around a whole command, in the main thread
        ...

SIGINT, SIGTERM and SIGHUP (unless they were ignored before) end the command's children, then raise
`Ended` in the main thread. A main thread that does not come back, from a long call into C say, is
not waited for: a second thread cleans up and ends the process. Later signals change nothing.
Processes are found in /proc: on other systems than Linux only temporary folders are cleaned up.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from fixedpoint.support import scratch

SIGNALS = tuple(
    int(getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
NOTICE_S = 2.0
"""How long the main thread may take to notice a signal."""
ASK_S = 5.0
"""How long a child may take to end when it is asked to; then it is killed."""
UNWIND_S = 15.0
"""How long the whole clean-up may take."""
PR_SET_CHILD_SUBREAPER = 36


class Ended(KeyboardInterrupt):
    """A signal asked the command to end. Libraries treat it as they treat Ctrl-C."""


class End:
    """What is known of a command's end: the signal that asked for it, None before."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.held = 0
        self.noticed = threading.Event()
        self.finished = threading.Event()

    @property
    def words(self) -> str:
        """One line for the user."""
        return f"ended by {signal.Signals(self.number or signal.SIGINT).name}"


_commands: list[End] = []
"""The command that runs in this process, if any: signals belong to a process, not to an object."""


def running() -> bool:
    """True within `orderly`."""
    return bool(_commands)


def starting() -> None:
    """While a command (`python -m`) imports what it needs, SIGINT ends it at once, as SIGTERM does.

    There is nothing to clean up yet, and a KeyboardInterrupt there is a page of traceback.
    """
    if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def ending() -> bool:
    """True when a signal has asked the command to end."""
    return any(end.number is not None for end in _commands)


@contextlib.contextmanager
def orderly() -> Iterator[End]:
    """Around a command: signals end it in order; it gets a temporary folder of its own.

    Children find that folder as TMPDIR, so that what they leave there goes with it.
    """
    end, before = End(), dict[int, object]()
    if os.name != "posix":
        yield end
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    old_writer = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(end, reader), name="signals", daemon=True)
    watcher.start()
    _adopt(True)
    try:
        _commands.append(end)
        for number in SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, _handle)
        with _temporary():
            yield end
    finally:
        end.held += 1  # from here on a signal changes nothing
        if end.number is not None:
            end_children()
        scratch.end()
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(old_writer)
        _commands.remove(end)
        _adopt(False)
        end.finished.set()
        os.close(writer)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A few steps on files that a signal must not come between: it waits for their end."""
    if not _commands or threading.current_thread() is not threading.main_thread():
        yield
        return
    end = _commands[-1]
    end.held += 1
    try:
        yield
    finally:
        end.held -= 1
        if end.number is not None and end.held == 0:
            _begin(end)


def call(
    command: Sequence[str | Path], *, folder: Path | None = None,
    environment: Mapping[str, str] | None = None, given: str = "", limit_s: float | None = None,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run a program with `given` on its standard input; its exit status is the caller's to judge.

    Raises `TimeoutExpired` after `limit_s`, when the program and all that it started are ended, and
    `Ended` instead of starting anything when the command is about to end.
    """
    if ending():
        raise Ended
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
    ) as process:  # fmt: skip
        try:
            said, complaints = process.communicate(given, limit_s)
        except BaseException:
            _kill(process.pid)
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, complaints)


def end_children() -> None:
    """Ask every child to end, and every process that is left to this one; kill what does not."""
    asked: set[int] = set()
    started = time.monotonic()
    while children := _children(os.getpid()):
        waited = time.monotonic() - started
        for child in children - asked:
            _send(child, signal.SIGTERM)
        asked |= children
        if waited > ASK_S:
            for child in children:
                _kill(child)
        if waited > 2 * ASK_S:
            break
        time.sleep(0.01)


def _handle(number: int, frame: FrameType | None) -> None:
    """The signal handler, in the main thread."""
    end = _commands[-1]
    end.noticed.set()
    if end.number is None:
        end.number = number
        if end.held == 0:
            _begin(end)


def _begin(end: End) -> None:
    """Children end first, in order: whoever waits for one would only kill it."""
    end.held += 1
    end_children()
    raise Ended


def _watch(end: End, reader: int) -> None:
    """Waits for a signal, then for the main thread; does what is left to do if that is stuck."""
    while arrived := os.read(reader, 1):
        number = arrived[0]
        if number in SIGNALS and not (end.noticed.wait(NOTICE_S) and end.finished.wait(UNWIND_S)):
            end.number = number
            end_children()
            scratch.end()
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"{end.words}\n".encode())
            os._exit(128 + number)
    os.close(reader)


@contextlib.contextmanager
def _temporary() -> Iterator[None]:
    """A temporary folder of the command's own, for this process and its children."""
    with contextlib.ExitStack() as stack:
        try:
            made = str(stack.enter_context(scratch.folder("command")))
        except OSError:  # there is no temporary folder: who needs one will say so
            yield
            return
        before = os.environ.get("TMPDIR"), tempfile.tempdir
        os.environ["TMPDIR"] = tempfile.tempdir = made
        try:
            yield
        finally:
            tempfile.tempdir = before[1]
            if before[0] is None:
                os.environ.pop("TMPDIR", None)
            else:
                os.environ["TMPDIR"] = before[0]


def _adopt(yes: bool) -> None:
    """Whether processes whose parent dies become this one's children, on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(yes), 0, 0, 0)


def _children(parent: int) -> set[int]:
    """The living children of a process, but for multiprocessing's trackers: they end by themselves.

    A tracker removes what its process leaves, when that has ended, and ignores signals.
    """
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, owner = (entry / "stat").read_text("latin-1").rpartition(")")[2].split()[:2]
            if int(owner) == parent and state not in "ZX":
                tracker = b"resource_tracker" in (entry / "cmdline").read_bytes()
                found |= set() if tracker else {int(entry.name)}
        except (OSError, ValueError):  # it has ended meanwhile
            continue
    return found


def _kill(process: int) -> None:
    """Kill a process and all that it started; what is killed has ended when this returns.

    It is stopped first: one that still runs could start another after its children are listed.
    """
    _send(process, signal.SIGSTOP)
    _await(process, "TtZX")
    children = _children(process)
    _send(process, signal.SIGKILL)
    for child in children:
        _kill(child)
    _await(process, "ZX")


def _await(process: int, states: str) -> None:
    """Wait until a process is in one of these states (proc(5)) or gone; a second at most."""
    limit = time.monotonic() + 1.0
    while time.monotonic() < limit:
        try:
            stat = Path(f"/proc/{process}/stat").read_text("latin-1")
        except OSError:
            return
        if stat.rpartition(")")[2].split()[0] in states:
            return
        time.sleep(0.001)


def _send(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, number)


def _forget() -> None:
    """A fork of a command is no command: a signal ends it as any process."""
    for _ in range(len(_commands)):
        _commands.pop()
        signal.set_wakeup_fd(-1)
        for number in SIGNALS:
            if signal.getsignal(number) is _handle:
                signal.signal(number, signal.SIG_DFL)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
