# SPDX-License-Identifier: Apache-2.0
"""The compiled nets of `benchmarks.latency`: built, checked and called through ctypes.

Five-layer PGD-Net and ADMM-Net at 16×16, 16-QAM (32×32 real) in three variants:

    fp32       GCC's portable vectors; what the compiler makes of them
    int8       plain C++ on int8 matrices, vectorized by the compiler (which may find VNNI itself)
    int8-vnni  the same integers by hand: AVX512-VNNI's dot products, ADMM-Net's layers in int16

The INT8 nets are the shipped specs of `SPECS` in the integers of their golden models; the FP32 nets
have the specs' constants. Products are int8 × int8; ADMM-Net's F·y is int16 × int16.
"""

from __future__ import annotations

import ctypes
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import latency_specs
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import AdmmSpec, PgdSpec
from fixedpoint.numbers.bank import check_blocks
from hls.builds.compiler import Build, compile_cached

HERE = Path(__file__).parent
NETWORKS = ("pgd", "admm")
SPECS = {"pgd": "pgd", "admm": "admm-box"}
"""The shipped spec of each network."""
VARIANTS = ("fp32", "int8", "int8-vnni")
SIZE = 32
Array = NDArray[Any]
Floats = NDArray[np.float32]

FLAGS = ("-O3", "-march=native", "-fPIC", "-shared", "-fvisibility=hidden",
         "-fno-math-errno", "-fno-trapping-math")  # fmt: skip
# GCC's tuning for Zen avoids chains of FMA and its tuning for Xeon 512-bit registers: both would
# slow FP32 down.
X86_FLAGS = ("-mtune=generic", "-mprefer-vector-width=512")
VNNI_FLAGS = ("-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx512vnni")
DEFINES = {"fp32": ("-DLATENCY_FP32",), "int8": (), "int8-vnni": ("-DLATENCY_VNNI", *VNNI_FLAGS)}


def flags(variant: str) -> tuple[str, ...]:
    """The compiler's flags for a variant, this machine's processor assumed."""
    x86 = X86_FLAGS if platform.machine() in ("x86_64", "AMD64") else ()
    return (*FLAGS, *x86, *DEFINES[variant])


def aligned(shape: tuple[int, ...], kind: Any) -> Array:
    """Zeros that start on a cache line."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    array: Array = raw[start : start + size].view(kind).reshape(shape)
    return array


class Output(NamedTuple):
    """The last layer's state (B, 32); in INT8 its int8 code (B, 32) too."""

    state: Array
    code: Array | None


@dataclass(frozen=True)
class Library:
    """One variant's library. Samples and states are float32 in FP32, int16 integers in INT8."""

    variant: str
    library: ctypes.CDLL

    @classmethod
    def build(cls, variant: str) -> Library:
        """Build (or find) and load it. Raises `ValueError` without a compiler."""
        pgd = specs.load_as(PgdSpec, SPECS["pgd"])
        admm = specs.load_as(AdmmSpec, SPECS["admm"])
        files = {
            path.name: path.read_text("utf-8") for path in sorted(HERE.glob("latency*.[ch]pp"))
        }
        files["latency_specs.hpp"] = latency_specs.header(pgd, admm)
        build = Build(files, ("latency.cpp",), (".",), flags(variant))
        library = ctypes.CDLL(str(compile_cached(build, f"latency-{variant}.so")))
        library.latency_block_bytes.restype = ctypes.c_size_t
        for name in ("latency_time_run", "latency_time_prepare"):
            getattr(library, name).restype = ctypes.c_double
        return cls(variant, library)

    @property
    def has_vnni(self) -> bool:
        """True if this processor has what `int8-vnni` needs."""
        return bool(self.library.latency_has_vnni())

    @property
    def sample(self) -> np.dtype[Any]:
        """The type of y and of the state."""
        return np.dtype(np.float32 if self.variant == "fp32" else np.int16)

    @property
    def entry(self) -> np.dtype[Any]:
        """The type of a matrix's entries before they are packed."""
        return np.dtype(np.float32 if self.variant == "fp32" else np.int32)

    def block_bytes(self, network: str) -> int:
        """Size of what is kept for a coherence block."""
        return int(self.library.latency_block_bytes(NETWORKS.index(network)))

    def prepare(self, network: str, h: Floats, rho: float) -> Array:
        """What a coherence block of H (32, 32) keeps, as bytes; ρ is ADMM-Net's."""
        block = aligned((self.block_bytes(network),), np.uint8)
        self.library.latency_prepare(*_start(network, h, rho), _pointer(block))
        return block

    def matrices(self, network: str, h: Floats, rho: float) -> Array:
        """What `prepare` packs: H (32, 32), or Fᵀ above P (64, 32), as a golden model's `h`.

        float32 in FP32; the int32 integers of their formats in INT8.
        """
        entries = np.empty(self._stored(network), self.entry)
        self.library.latency_matrices(*_start(network, h, rho), _pointer(entries))
        return entries

    def pack(self, network: str, entries: Array) -> Array:
        """The block of such matrices that come from elsewhere."""
        if entries.shape != self._stored(network):
            raise ValueError(
                f"{network}'s matrices have the shape {entries.shape}, "
                f"{self._stored(network)} was expected"
            )
        entries = np.ascontiguousarray(entries, self.entry)
        block = aligned((self.block_bytes(network),), np.uint8)
        self.library.latency_pack(NETWORKS.index(network), _pointer(entries), _pointer(block))
        return block

    def _stored(self, network: str) -> tuple[int, int]:
        return (SIZE if network == "pgd" else 2 * SIZE, SIZE)

    def run(self, network: str, block: Array, y: Array, index: Array) -> Output:
        """Detect y (B, 32); index (B,), the vectors' entries of the SNR bank, one for ADMM-Net."""
        if network == "admm":
            check_blocks(index[None])
        y, index = np.ascontiguousarray(y, self.sample), np.ascontiguousarray(index, np.uint8)
        state, code = np.empty_like(y), np.empty(y.shape, np.int8)
        pointers = map(_pointer, (block, y, index))
        self.library.latency_run(
            NETWORKS.index(network), *pointers, ctypes.c_size_t(len(y)), _pointer(state),
            _pointer(code),
        )  # fmt: skip
        return Output(state, None if self.variant == "fp32" else code)

    def time_run(
        self, network: str, blocks: Array, slots: Array, y: Array, index: Array, into: Output
    ) -> float:
        """CPU nanoseconds of len(slots) runs on B vectors, each waiting for the one before.

        blocks: prepared blocks in a row; slots: uint32, the block that each run takes; into: where
        the results go.
        """
        calls, vectors = ctypes.c_size_t(len(slots)), ctypes.c_size_t(len(y))
        return float(
            self.library.latency_time_run(
                NETWORKS.index(network), _pointer(blocks), _pointer(slots), calls,
                _pointer(y), _pointer(index), vectors, _pointer(into.state),
                None if into.code is None else _pointer(into.code),
            )
        )  # fmt: skip

    def time_prepare(self, network: str, h: Floats, rho: float, block: Array, calls: int) -> float:
        """CPU nanoseconds of `calls` preparations, each waiting for the one before."""
        start = _start(network, h, rho)
        return float(
            self.library.latency_time_prepare(*start, _pointer(block), ctypes.c_size_t(calls))
        )


def _start(network: str, h: Floats, rho: float) -> tuple[int, ctypes.c_void_p, ctypes.c_float]:
    if h.shape != (SIZE, SIZE) or h.dtype != np.float32 or not h.flags.c_contiguous:
        raise ValueError(f"h is {h.dtype} of shape {h.shape}, float32 (32, 32) was expected")
    return NETWORKS.index(network), _pointer(h), ctypes.c_float(rho)


def _pointer(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
