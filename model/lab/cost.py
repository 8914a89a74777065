# SPDX-License-Identifier: Apache-2.0
"""What an exact search will cost, said before it starts: nothing bounds it but its luck.

A few vectors of each SNR are searched, each up to `NODES` nodes of the tree.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from model.detectors.catalog import make
from model.lab.plan import Plan
from model.systems.scene import Received, scene

VECTORS, NODES = 8, 3_000_000
SHOWN = 6
"""SNRs that are tried, from the lowest to the highest."""


@runtime_checkable
class Search(Protocol):
    """A detector that counts the nodes that it visits."""

    def nodes(self, received: Received, h: Tensor, noise: Tensor, most: int) -> NDArray[np.int64]:
        """Of each vector; `most` where the search was given up."""


def lines(plan: Plan) -> Iterator[str]:
    """A line for each search of a plan, in the order of its detectors."""
    for text in plan.detectors:
        detector: Any = make(text, plan.system)
        if isinstance(detector, Search):
            yield f"{text}: {_times(plan, detector)}; {_vectors(plan, text)}"


def _times(plan: Plan, detector: Search) -> str:
    """Time a vector at some SNRs."""
    snrs = sorted(plan.snr_db)
    places = np.unique(np.linspace(0, len(snrs) - 1, SHOWN).round().astype(int))
    rng = np.random.default_rng(plan.seed)
    blocks = -(-VECTORS // plan.system.vectors)
    found = []
    for warm in (True, False):
        for snr in [snrs[-1]] if warm else [snrs[place] for place in places]:
            drawn = scene(plan.system, snr, blocks, rng)
            start = time.perf_counter()
            nodes = detector.nodes(drawn.received, drawn.h, drawn.noise, NODES)
            spent = (time.perf_counter() - start) / len(nodes)
            if not warm:
                sign = ">" if bool((nodes >= NODES).any()) else "about"
                found.append(f"{sign} {_duration(spent)} at {snr:g} dB")
    return f"a vector takes {', '.join(found)} (of {len(nodes)}, up to {NODES:,} nodes each)"


def _vectors(plan: Plan, text: str) -> str:
    least, most = min(plan.min_vectors, plan.limit(text)), plan.limit(text)
    return (f"{least:,} to {most:,} vectors a point (--limit {text.partition(':')[0]}=VECTORS, "
            "--min-vectors); Ctrl-C keeps the points that are done")  # fmt: skip


def _duration(seconds: float) -> str:
    return f"{seconds * 1e3:.2g} ms" if seconds < 1 else f"{seconds:.2g} s"
