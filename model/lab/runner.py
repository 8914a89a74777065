# SPDX-License-Identifier: Apache-2.0
"""joblib runs the tasks of a sweep: in this process, in others on this machine, or on a cluster.

Outcomes come back one by one in the order in which the tasks were handed out.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable, Iterator

import joblib
from joblib.externals.loky.backend import resource_tracker
from joblib.externals.loky.process_executor import TerminatedWorkerError

from model.lab.cluster import Cluster, connect
from model.lab.task import Outcome, Task, run


def cores() -> int:
    """Cores that this process may use."""
    return int(joblib.cpu_count())


def stream(tasks: Iterable[Task], workers: int, scheduler: str | None) -> Iterator[Outcome]:
    """The outcomes of tasks, in their order.

    Args:
        tasks: taken one after the other while there is something idle.
        workers: processes on this machine; 1 is this process.
        scheduler: address of a Dask scheduler, whose workers are used instead.

    Raises `ValueError` if the scheduler or a process is lost, or what a task raises.
    """
    with _backend(workers, scheduler) as jobs:
        parallel = joblib.Parallel(
            n_jobs=jobs, batch_size=1, pre_dispatch="2*n_jobs", return_as="generator"
        )
        try:
            yield from parallel(joblib.delayed(run)(task) for task in tasks)
        except TerminatedWorkerError:
            raise ValueError(
                "a worker process was killed; with a journal, --resume goes on"
            ) from None


@contextlib.contextmanager
def _backend(workers: int, scheduler: str | None) -> Iterator[int]:
    """Sets joblib's backend up; gives the number of jobs."""
    if scheduler is not None:
        with connect(scheduler) as client, joblib.parallel_config(backend=Cluster(client)):
            yield -1
    elif workers == 1:
        with joblib.parallel_config(backend="sequential"):
            yield 1
    else:
        _start_tracker()
        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            yield workers


def _start_tracker() -> None:
    """The process that removes what workers leave: it outlives a SIGHUP, as it does other signals.

    A terminal that closes sends it to all; the tracker knows only SIGINT and SIGTERM.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
