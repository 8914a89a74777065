# SPDX-License-Identifier: Apache-2.0
"""How many threads of torch's a computation takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One, as for a decoder's or a channel's many short steps, where threads wait for each other.

    What it was before comes back at the end.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
