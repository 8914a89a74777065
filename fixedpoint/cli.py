# SPDX-License-Identifier: Apache-2.0
"""What every command line of bitfold does with a user's mistake, and with a signal."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from fixedpoint.support import processes

if TYPE_CHECKING:
    from fixedpoint.detectors.own import OwnDetector

USER_ERROR = 2
MISMATCH = 1
SIGNAL = 128
SEEDS = 10**18
COUNTS = 10**9
"""The most of anything that a command counts: beyond, it would run for ever."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line too.

    From its making on, a terminal or file that cannot show a character gets its escape instead.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        super().__init__(*args, **options)

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """As argparse's; a command with `--spec` takes a definition by `--detector` as well."""
        if "--spec" in names:
            self.add_detector()
        return super().add_argument(*names, **options)

    def add_detector(self, **options: Any) -> argparse.Action:
        """`--detector FILE.py`: a detector of one's own, found by its name from then on."""
        return super().add_argument(
            "--detector", type=own_detector, metavar="FILE.py",
            help="the definition of a detector of your own, whose spec is used", **options,
        )  # fmt: skip

    def error(self, message: str) -> NoReturn:
        """Print the mistake in one line and leave with exit status 2."""
        self.exit(USER_ERROR, f"error: {message} ({self.prog} --help lists the options)\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse's, but that `--option=--`, which it takes for no value at all, is refused."""
        for word in sys.argv[1:] if args is None else args:
            if word.startswith("--") and word.endswith("=--"):
                self.error(f"argument {word[:-3]}: '--' is no value")
        return super().parse_known_args(args, namespace)


def own_detector(path: str) -> OwnDetector:
    """The argument of `--detector`."""
    from fixedpoint.detectors import registry  # what a command of another kind need not load

    try:
        return registry.use(Path(path))
    except ValueError as error:
        raise argparse.ArgumentTypeError(" ".join(str(error).split())) from None


def check_count(count: int, most: int = COUNTS, what: str = "vectors") -> None:
    """`ValueError` unless a command can work on that many; of none a comparison says nothing."""
    if count < 1:
        raise ValueError(f"{count} {what}: at least 1 was expected")
    if count > most:
        raise ValueError(f"{count} {what}: at most {most:,} were expected")


def check_memory(size: int, what: str) -> None:
    """`ValueError` unless this machine has memory for so many bytes, before any is taken."""
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if size > most:
        raise ValueError(f"{what} would take {size / 2**30:,.0f} GiB of memory, this machine has "
                         f"{most / 2**30:,.0f}: fewer were expected")  # fmt: skip


def check_seed(seed: int) -> None:
    """`ValueError` unless a seed has up to 18 digits and no sign, as files of vectors hold it."""
    if not 0 <= seed < SEEDS:
        raise ValueError(f"seed {seed}: 0 to 10^18 - 1 was expected")


def run(body: Callable[[], int]) -> int:
    """Run a command; a `ValueError` becomes one line on standard error and exit status 2.

    SIGINT, SIGTERM and SIGHUP end it in order: its processes are ended, its temporary folders
    removed, one line says so, and the exit status is 128 and the signal's number. A command that
    another one calls leaves them to that one. What the system refuses, a full disk or a missing
    right, is one line and status 2 as well.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    if processes.running() or not main_thread:
        return _judged(body)
    end, status = processes.End(), 0
    try:
        with processes.orderly() as end:
            status = _judged(body)
    except KeyboardInterrupt:
        end.number = end.number or signal.SIGINT
    if end.number is not None:
        print(end.words, file=sys.stderr)
        return SIGNAL + end.number
    return status


def _judged(body: Callable[[], int]) -> int:
    try:
        status = body()
        sys.stdout.flush()
        return status
    except ValueError as error:
        if not processes.ending():
            print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return USER_ERROR
    except BrokenPipeError:
        _to_nowhere()
        return MISMATCH
    except MemoryError as error:
        print(f"error: there is not enough memory: {error}".rstrip(": "), file=sys.stderr)
        return USER_ERROR
    except OSError as error:
        # What could not be written lies in a buffer still: the interpreter's end would fail again.
        _to_nowhere()
        if processes.ending():
            return USER_ERROR
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or type(error).__name__}", file=sys.stderr)
        return USER_ERROR


def _to_nowhere() -> None:
    """Point standard output at the null device."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
