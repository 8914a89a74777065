# SPDX-License-Identifier: Apache-2.0
"""One spec's RTL as a library: built, loaded, and run on arrays of vectors.

    Rtl.build(spec, lanes=32).run(h, y, index, Traffic(stalls=True))

The trace ports of every detector's top show every wire of every layer. A library is built once for
its spec, sources, parameters, flags and tools (build/rtl-…), and says which spec it was built from.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.detectors.registry import network, program
from fixedpoint.numbers.format import IntArray, integers
from fixedpoint.program import frame
from hls import defaults, tops
from hls import lanes as sizes
from hls.builds.stale import refuse_stale
from verification.rtl import build, runs
from verification.rtl.runs import RtlRun
from verification.traffic import traced
from verification.traffic.theta import Rewrite, theta_beats

STALLS = (0.1, 0.5, 0.9, 0.97)
MISSING = np.iinfo(np.int64).min
DIGITS = 64
"""Of a digest."""
FAILURES = {
    1: "hung: no beat on any stream in 100,000 cycles",
    2: "a frame on m_axis_x or m_axis_llr that was not expected, or TLAST at the wrong column",
    3: "counted a whole frame as a bad one, or a vector as one without its H",
    4: "busy is low with a vector at work",
}


class SimulationError(Exception):
    """The simulated hardware broke the protocol: a failed comparison, not a user's mistake."""


@dataclass(frozen=True)
class Traffic:
    """How a run's streams come, and what is watched of it.

    seed: of the random stalls, and of all registers and memories at the start; stalls: stall each
    stream at random, each at a rate that the seed draws (of STALLS), so that every stream gets to
    hold up the others, and units get out of step; theta: another θ for the blocks from
    `theta.block` on; block_index: the SNR entry (G,) that comes with a block's matrices, where
    they are made for one, by default that of its first vector; first_block: the number of the
    first block, that of each other one is one more, modulo 2^BLOCK_BITS; watch: the number of a
    vector whose life is written to the VCD file `waveform`, if the library has waveforms.
    """

    seed: int = 0
    stalls: bool = False
    theta: Rewrite | None = None
    block_index: IntArray | None = None
    first_block: int = 0
    watch: int = -1
    waveform: Path | None = None


QUIET = Traffic()


class _Run(ctypes.Structure):
    """`bitfold_run` of library.cpp."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("blocks", "vectors", "first_block")),
        *((name, ctypes.c_void_p) for name in ("h", "y", "index", "block_index")),
        *((name, ctypes.POINTER(ctypes.c_void_p)) for name in ("wires", "outputs")),
        *((name, ctypes.c_void_p) for name in ("user", "llr_user", "loaded", "finished")),
        ("index_errors", ctypes.c_void_p),
        ("seed", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("stalls", "theta")),
        *((name, ctypes.c_int64) for name in ("theta_beats", "theta_block", "watch")),
        ("waveform", ctypes.c_char_p),
    ]  # fmt: skip


@dataclass(frozen=True)
class Rtl:
    """One spec's RTL at a number of lanes and slots; the folder holds the .mem files.

    packed: two vectors in each slot, which share the multipliers.
    """

    spec: DetectorSpec
    lanes: int
    slots: int
    packed: bool
    path: Path
    folder: Path
    library: ctypes.CDLL

    @classmethod
    def build(
        cls,
        spec: DetectorSpec,
        *,
        lanes: int = 32,
        slots: int | None = None,
        packed: bool = False,
        waveform: bool = False,
        replaced: Mapping[str, str] | None = None,
    ) -> Rtl:
        """Build (or find) and load the library.

        Args:
            spec: the package and the constants are emitted from it.
            lanes, slots: parameters of the top; lanes are those of one unit, slots by default
                the top's own.
            packed: two vectors a slot, parameter Vectors = 2 of the top.
            waveform: with VCD support, slower.
            replaced: texts that take the place of sources or emitted files of the same name, for
                experiments that must fail.

        Raises:
            ValueError: sizes that do not fit, a tool is missing or fails, build/ is not writable.
        """
        if network(spec) is not None:
            raise ValueError(f"spec {spec.name} has a hyper-network, which is golden and C++ only")
        lanes = sizes.built(spec, lanes, packed)
        given = tops.of(spec).slots if slots is None else slots
        slots = defaults.chosen_slots(spec, lanes, given, packed)
        model = build.model(spec, lanes, slots, packed, waveform, replaced or {})
        name = f"rtl-{spec.name}-{lanes}{'-packed' if packed else ''}"
        return cls.load(spec, lanes, slots, packed, *build.build(model, name))

    @classmethod
    def load(
        cls, spec: DetectorSpec, lanes: int, slots: int, packed: bool, path: Path, folder: Path
    ) -> Rtl:
        """Load a built library. Raises `ValueError` if it was built from another spec or graph."""
        try:
            library = ctypes.CDLL(str(path))
            text = ctypes.create_string_buffer(2 * DIGITS + 1)
            library.bitfold_digests(os.fsencode(folder), text)
        except (OSError, AttributeError) as error:
            raise ValueError(f"RTL library {path} cannot be loaded: {error}") from None
        digests = text.value.decode("ascii")
        refuse_stale(f"RTL library {path}", (digests[:DIGITS], digests[DIGITS:]), spec)
        return cls(spec, lanes, slots, packed, path, folder, library)

    @property
    def size(self) -> str:
        """`64 lanes, packed`."""
        return f"{self.lanes} lanes{', packed' if self.packed else ''}"

    def run(
        self, h: IntArray, y: IntArray, index: IntArray, traffic: Traffic = QUIET
    ) -> RtlRun:  # fmt: skip
        """Reset, then stream h (G, R, N) and y (G, B, M) with the SNR entries index (G, B).

        h, y and index are integers; those outside their formats are sent as they are, cut to the
        stream's bytes.

        Raises:
            ValueError: shapes that do not fit the spec, no vectors.
            SimulationError: the hardware hung, or broke a frame.
        """
        spec = self.spec
        h, y, index = integers("h", h), integers("y", y), integers("index", index)
        blocks, vectors = self._check(h, y, index)
        count = blocks * vectors
        unit_h, unit_y = map(np.ascontiguousarray, traced.by_unit(spec, h, y))
        index = np.ascontiguousarray(index)
        given = traffic.block_index
        entries = index[:, 0] if given is None else integers("block_index", given)
        of_block = np.ascontiguousarray(entries)
        index_errors = np.zeros(1, dtype=np.int64)
        traces = {field.name: np.full(runs.shape(spec, point, count), MISSING)
                  for point in frame.points(program(spec)) for field in point.fields}  # fmt: skip
        outputs = {wire: np.full((count, spec.columns), MISSING)
                   for wire in traced.output_fields(spec)}  # fmt: skip
        users = {stream: np.full(count, MISSING) for stream in ("x", "llr")}
        loaded, finished = (np.full(count, MISSING) for _ in range(2))
        thresholds, theta = self._stalls(traffic), traffic.theta
        beats = np.empty((0, 0), np.int64) if theta is None else theta_beats(spec, theta.theta)
        path = traffic.waveform
        run = _Run(
            blocks=blocks, vectors=vectors, first_block=traffic.first_block,
            h=unit_h.ctypes.data, y=unit_y.ctypes.data,
            index=index.ctypes.data, block_index=of_block.ctypes.data, wires=_pointers(traces),
            outputs=_pointers(outputs), index_errors=index_errors.ctypes.data,
            user=users["x"].ctypes.data, llr_user=users["llr"].ctypes.data,
            loaded=loaded.ctypes.data, finished=finished.ctypes.data,
            seed=traffic.seed, stalls=thresholds.ctypes.data, theta=beats.ctypes.data,
            theta_beats=beats.shape[1], theta_block=0 if theta is None else theta.block,
            watch=traffic.watch, waveform=os.fsencode(path.absolute()) if path else b"",
        )  # fmt: skip
        status = self.library.bitfold_run_blocks(os.fsencode(self.folder), ctypes.byref(run))
        if status != 0:
            raise SimulationError(f"RTL of {spec.name}, {self.size}: {FAILURES[status]}")
        shape = (blocks, vectors)
        shown: dict[str, IntArray] = {**outputs}
        shown |= {traced.output_user(s): users[s] for s in traced.output_streams(spec)}
        wires = runs.collect(spec, traces, shown, shape)
        return RtlRun(wires, loaded.reshape(shape), finished.reshape(shape), int(index_errors[0]))

    def _stalls(self, traffic: Traffic) -> IntArray:
        """The rate of each stream's stalls in 1/2^32 a cycle: H of each unit, y, x, llr."""
        streams = program(self.spec).units + 3
        if not traffic.stalls:
            return np.zeros(streams, dtype=np.int64)
        rates = np.random.default_rng(traffic.seed).choice(STALLS, streams)
        return np.array([int(rate * 2**32) for rate in rates])

    def _check(self, h: IntArray, y: IntArray, index: IntArray) -> tuple[int, int]:
        """Blocks, and vectors in each."""
        spec = self.spec
        blocks, vectors = index.shape if index.ndim == 2 else (0, 0)
        if blocks * vectors == 0:
            raise ValueError("no vectors: at least 1 was expected")
        shapes = {"h": (blocks, spec.matrix_rows, spec.columns), "y": (blocks, vectors, spec.rows)}
        for name, array in (("h", h), ("y", y)):
            if array.shape != shapes[name]:
                raise ValueError(f"{name} has the shape {array.shape}, {shapes[name]} was expected")
        return blocks, vectors


def _pointers(arrays: Mapping[str, IntArray]) -> ctypes.Array[ctypes.c_void_p]:
    """The addresses of these arrays, in order."""
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays.values()))
