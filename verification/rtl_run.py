"""What a run of the Verilated library showed, wire by wire, and what it must equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fixedpoint.detector import named
from fixedpoint.format import IntArray
from fixedpoint.pgd import LayerWires
from fixedpoint.spec import DetectorSpec


@dataclass(frozen=True)
class RtlRun:
    """What one run showed: every wire of every layer, what left on m_axis_x, and when.

    layers: as `fixedpoint.pgd.run` returns them; state, code (G, B, N) and bits (G, B, N, bits a
    dimension): the output stream; user (G, B): its TUSER; loaded, finished (G, B): the cycles of
    the first beat of y offered and of the last beat of x taken, counted from the start of reset.
    """

    layers: list[LayerWires]
    state: IntArray
    code: IntArray
    bits: IntArray
    user: IntArray
    loaded: IntArray
    finished: IntArray

    def wires(self, spec: DetectorSpec) -> dict[str, IntArray]:
        """All of it by name: pgd1.accumulator … pgd5.bits, output.state, .code, .bits, .user."""
        output = {"state": self.state, "code": self.code, "bits": self.bits, "user": self.user}
        return named(spec, self.layers) | {f"output.{name}": q for name, q in output.items()}

    @property
    def cycles(self) -> int:
        """Cycles from the first beat of y to the last beat of x, H loading included."""
        return int(self.finished.max() - self.loaded.min())

    @property
    def first_latency(self) -> int:
        """Cycles from the first beat of the first vector in to its last beat out."""
        return int(self.finished.flat[0] - self.loaded.flat[0])

    @property
    def steady_cycles(self) -> float:
        """Cycles a vector over the middle half of the run, where the pipeline is full."""
        finished = self.finished.reshape(-1)
        quarter = finished.size // 4
        if quarter < 2:
            raise ValueError(f"{finished.size} vectors are too few for a rate: at least 8 expected")
        return float(finished[3 * quarter] - finished[quarter]) / (2 * quarter)


def output_wires(
    layers: list[LayerWires], index: IntArray, spec: DetectorSpec
) -> dict[str, IntArray]:
    """What the output stream must carry, from the golden model's last layer."""
    parity = (np.arange(index.shape[0]) % 2)[:, None] << spec.snr.index_bits
    last = layers[-1]
    return {
        "output.state": last.state,
        "output.code": last.code,
        "output.bits": last.bits,
        "output.user": index + parity,
    }


def collect(
    spec: DetectorSpec, arrays: Mapping[str, IntArray], blocks: int, vectors: int
) -> RtlRun:
    """The arrays that library.cpp filled, in the golden model's shapes."""
    places = np.arange(spec.constellation.bits - 1, -1, -1)
    shaped = {
        name: array.reshape(blocks, vectors, *array.shape[1:])
        for name, array in arrays.items() if name not in ("h", "y", "index")
    }  # fmt: skip
    wires = {name: shaped[name] for name in LayerWires.__dataclass_fields__}
    wires["bits"] = wires["bits"][..., None] >> places & 1
    layers = [
        LayerWires(**{name: array[:, :, k] for name, array in wires.items()})
        for k in range(len(spec.layers))
    ]
    return RtlRun(
        layers,
        shaped["out_state"],
        shaped["out_code"],
        shaped["out_bits"][..., None] >> places & 1,
        shaped["out_user"],
        shaped["loaded"],
        shaped["finished"],
    )
