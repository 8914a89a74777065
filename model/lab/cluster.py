# SPDX-License-Identifier: Apache-2.0
"""A Dask cluster as a backend of joblib."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any

from joblib.parallel import ParallelBackendBase

CONNECT_SECONDS = 5.0
WORKERS_SECONDS = 15.0
LOGGERS = ("distributed", "distributed.client", "distributed.comm", "distributed.core", "tornado")


@contextlib.contextmanager
def connect(scheduler: str) -> Iterator[Any]:
    """A client of a Dask scheduler that has at least one worker.

    Raises `ValueError` if there is no such scheduler, or no worker within `WORKERS_SECONDS`.
    """
    try:
        import distributed
    except ImportError:
        raise ValueError("a scheduler needs distributed: pip install '.[dask]'") from None
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        # a client itself takes long to give up, for ever if something else answers there
        asyncio.run(asyncio.wait_for(_identify(scheduler), CONNECT_SECONDS))
        client = distributed.Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error) or f"no answer within {CONNECT_SECONDS:g} s"
        raise ValueError(f"scheduler {scheduler!r} can't be reached: {reason}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError:
            raise ValueError(f"scheduler {scheduler!r} has no worker") from None
        yield client


async def _identify(scheduler: str) -> None:
    """`OSError` or `ValueError` unless a Dask scheduler answers."""
    from distributed.core import rpc

    async with rpc(scheduler) as remote:
        answer = await remote.identity()
    if answer["type"] != "Scheduler":
        raise ValueError(f"a {answer['type']} answers there")


class Cluster(ParallelBackendBase):
    """joblib's tasks on the workers of a Dask scheduler.

    joblib's own Dask backend waits for ever for a task that the scheduler has given up (its worker
    died too often, or the scheduler itself did); here every future ends in a callback. The
    scheduler gives a task whose worker died to another one.
    """

    supports_retrieve_callback = True

    def __init__(self, client: Any) -> None:
        super().__init__(nesting_level=0)
        self._client = client
        self._futures: set[Any] = set()

    def effective_n_jobs(self, n_jobs: int) -> int:
        """Threads of all workers; at least 2, since joblib does a single job in its own process."""
        return max(2, sum(self._client.ncores().values()))

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None]) -> Any:
        """Send a batch of one task; `callback` gets the future when it has ended in any way."""
        future = self._client.submit(_call, func, pure=False)
        self._futures.add(future)
        future.add_done_callback(callback)
        return future

    def retrieve_result_callback(self, future: Any) -> Any:
        """The result, or what the task raised; `ValueError` if the cluster gave it up."""
        from distributed import KilledWorker

        self._futures.discard(future)
        try:
            return future.result()
        except (CancelledError, KilledWorker) as error:
            raise ValueError(
                f"the Dask cluster gave a task up ({type(error).__name__}); "
                "with a journal, --resume goes on"
            ) from None

    def abort_everything(self, ensure_ready: bool = True) -> None:
        """Cancel what has not ended."""
        self._client.cancel(list(self._futures))


def _call(func: Callable[[], Any]) -> Any:
    return func()
