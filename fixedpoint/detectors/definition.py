# SPDX-License-Identifier: Apache-2.0
"""What a definition's file says of a detector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.program.coverage import Events
from fixedpoint.program.trace import Trace


class Network(Protocol):
    """A network beside the program, whose outputs are inputs of it (`Trace.supplied`)."""

    @property
    def name(self) -> str:
        """Of its wires' layer."""

    @property
    def formats(self) -> dict[str, Format]:
        """The format of each of its wires."""

    def shape(self, wire: str) -> tuple[int, ...]:
        """Of a wire for one vector."""

    def run(
        self, matrices: Mapping[str, IntArray], given: Mapping[str, IntArray], index: IntArray
    ) -> Any:
        """Its wires, by the matrices (G, C, R, N) and samples (G, B, C, R) of each unit."""

    def float_twin(self, h: Any, y: Any, index: IntArray) -> Any:
        """Its float twin, of real H (G, M, N) and samples (G, B, M)."""

    def supplied(self, wires: Any) -> dict[str, Any]:
        """What the program gets of the wires of either, (G, B, C, L) by name."""

    def count(self, wires: Mapping[str, IntArray]) -> Events:
        """How often each event happened, by its wires' names."""


def _none(spec: Any) -> None:
    return None


@dataclass(frozen=True)
class Definition:
    """A detector: `define` traces a spec's program; `network` is what supplies it, if any."""

    define: Callable[[Trace, Any], None]
    network: Callable[[Any], Network | None] = _none
