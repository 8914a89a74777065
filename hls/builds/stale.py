# SPDX-License-Identifier: Apache-2.0
"""A built view names the spec and the graph that it was built from: an older one is refused."""

from __future__ import annotations

from fixedpoint.detectors.registry import graph_digest
from fixedpoint.specs.detector import DetectorSpec


def refuse_stale(view: str, built: tuple[str, str], spec: DetectorSpec) -> None:
    """Compare the digests of spec and graph that a view shows with those of today.

    Raises `ValueError` that names the first one that differs.
    """
    todays = ("spec", spec.digest), ("graph", graph_digest(spec))
    for (what, expected), found in zip(todays, built, strict=True):
        if found != expected:
            raise ValueError(f"{view} is stale: built from {what} {found}, {expected} expected")
