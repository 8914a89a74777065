"""The compiled nets of `benchmarks.latency`: built, checked and called through ctypes.

Five-layer PGD-Net and ADMM-Net at 16×16, 16-QAM (32×32 real) in three variants:

    fp32       GCC's portable vectors; what the compiler makes of them
    int8       plain C++ on int8 matrices, vectorized by the compiler (which may find VNNI itself)
    int8-vnni  the same integers, AVX512-VNNI's dot products arranged by hand

INT8 PGD-Net is the spec `pgd` in the integers of `fixedpoint.pgd`; FP32 PGD-Net has the spec's
constants. ADMM-Net has the constants of `Admm`, not trained ones: they cost the same time.
"""

from __future__ import annotations

import ctypes
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint import spec as specs
from fixedpoint.spec import PgdSpec
from hls import emit_cpp
from hls.compiler import Build, compile_cached

HERE = Path(__file__).parent
NETWORKS = ("pgd", "admm")
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


@dataclass(frozen=True)
class Admm:
    """ADMM-Net in integers: x₀ = F·y, then per layer, from z = u = 0,

        x = x₀ + P·(z − u); r = rel·x + (1 − rel)·z; v = clip(r + u, ±box); z = v; u += dual·(r − z)

    with P = ρ(HᵀH + ρI)⁻¹ and F = (HᵀH + ρI)⁻¹Hᵀ. `*_frac` are fractional bits: P int8, F int16,
    x₀, z, u and z − u int8 (`code`), v int16 (`state`); x and r are exact int32 values. The other
    entries are integers of relaxation_frac, dual_frac and state_frac.
    """

    layers: int = 5
    y_frac: int = 7
    p_frac: int = 7
    front_frac: int = 10
    code_frac: int = 5
    state_frac: int = 11
    relaxation_frac: int = 6
    dual_frac: int = 3
    relaxation: int = 93
    dual: int = 7
    box: int = 3 << 11


def constants_header(spec: PgdSpec, admm: Admm) -> str:
    """`latency::Constants`: ADMM-Net's integers, and both nets' constants as floats."""
    integers = {name: getattr(admm, name) for name in admm.__dataclass_fields__ if "_frac" in name}
    integers |= {"layers": admm.layers, "h_frac": spec.formats.h.frac}
    integers |= {f"{name}_q": getattr(admm, name) for name in ("relaxation", "dual", "box")}
    floats = {
        "relaxation": admm.relaxation / 2**admm.relaxation_frac,
        "dual": admm.dual / 2**admm.dual_frac,
        "box": admm.box / 2**admm.state_frac,
    }
    arrays = {
        "eta": [layer.eta * spec.formats.eta.step for layer in spec.layers],
        "threshold": [layer.threshold * spec.formats.state.step for layer in spec.layers],
    }
    lines = [f"  static constexpr int {name} = {value};" for name, value in integers.items()]
    lines += [f"  static constexpr float {name} = {value!r}f;" for name, value in floats.items()]
    lines += [
        f"  static constexpr float {name}[] = {{{', '.join(f'{v!r}f' for v in values)}}};"
        for name, values in arrays.items()
    ]
    struct = ["#pragma once", "", "namespace latency {", "", "struct Constants {", *lines, "};"]
    return "\n".join([emit_cpp.marked(spec.digest), *struct, "", "}  // namespace latency", ""])


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


@dataclass(frozen=True)
class Library:
    """One variant's library. Samples and states are float32 in FP32, int16 integers in INT8."""

    variant: str
    library: ctypes.CDLL

    @classmethod
    def build(cls, variant: str) -> Library:
        """Build (or find) and load it. Raises `ValueError` without a compiler."""
        spec = specs.load_as(PgdSpec, "pgd")
        files = {
            path.name: path.read_text("utf-8") for path in sorted(HERE.glob("latency*.[ch]pp"))
        }
        files |= {
            "latency_constants.hpp": constants_header(spec, Admm()),
            emit_cpp.HEADER: emit_cpp.header(spec),
        }
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

    def block_bytes(self, network: str) -> int:
        """Size of what is kept for a coherence block."""
        return int(self.library.latency_block_bytes(NETWORKS.index(network)))

    def prepare(self, network: str, h: Floats, rho: float) -> Array:
        """What a coherence block of H (32, 32) keeps, as bytes; ρ is ADMM-Net's."""
        block = aligned((self.block_bytes(network),), np.uint8)
        self.library.latency_prepare(*_start(network, h, rho), _pointer(block))
        return block

    def run(self, network: str, block: Array, y: Array, index: Array) -> Array:
        """States (B, 32) of y (B, 32), index (B,) the entries of the SNR bank (INT8 PGD-Net's)."""
        y, index = np.ascontiguousarray(y, self.sample), np.ascontiguousarray(index, np.uint8)
        state = np.empty_like(y)
        pointers = map(_pointer, (block, y, index))
        size = ctypes.c_size_t(len(y))
        self.library.latency_run(NETWORKS.index(network), *pointers, size, _pointer(state))
        return state

    def matrices(self, h: Floats, rho: float) -> tuple[Floats, Floats]:
        """P and F of ADMM-Net in float32, before any quantization, (32, 32) each."""
        p, front = np.empty((SIZE, SIZE), np.float32), np.empty((SIZE, SIZE), np.float32)
        arguments = _start("admm", h, rho)[1:]
        self.library.latency_matrices(*arguments, _pointer(p), _pointer(front))
        return p, front

    def time_run(
        self, network: str, blocks: Array, slots: Array, y: Array, index: Array, state: Array
    ) -> float:
        """CPU nanoseconds of len(slots) runs on B vectors, each waiting for the one before.

        blocks: prepared blocks in a row; slots: uint32, the block that each run takes.
        """
        calls, vectors = ctypes.c_size_t(len(slots)), ctypes.c_size_t(len(y))
        return float(
            self.library.latency_time_run(
                NETWORKS.index(network), _pointer(blocks), _pointer(slots), calls,
                _pointer(y), _pointer(index), vectors, _pointer(state),
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
