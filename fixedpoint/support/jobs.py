# SPDX-License-Identifier: Apache-2.0
"""Work side by side in processes, its results in the order of the work."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

MOST = 64
GIB_A_JOB = 2
"""Memory that a job may need: a simulator's build takes the most."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def add_option(parser: argparse.ArgumentParser) -> None:
    """`--jobs`, by default as many as there are processors and memory for."""
    most = processors()
    parser.add_argument("--jobs", type=int, default=most, help=f"side by side (default {most})")


def checked(jobs: int) -> int:
    """The option's value. Raises `ValueError` outside 1 to 64."""
    if not 1 <= jobs <= MOST:
        raise ValueError(f"jobs {jobs} is outside 1 to {MOST}")
    return jobs


def processors() -> int:
    """How many processors this process may use, `MOST` at most, and as memory holds."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return max(1, min(len(os.sched_getaffinity(0)), memory // GIB_A_JOB, MOST))


def in_order(work: Callable[[Item], Result], items: Iterable[Item], jobs: int) -> Iterator[Result]:
    """work(item) for each item, up to `jobs` at a time in processes of their own, in order.

    Each result comes as soon as it and all before it are there. An exception of one ends all.
    """
    if jobs == 1:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(work, items)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
