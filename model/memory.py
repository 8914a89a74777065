"""Bytes that a network keeps in FP32, in FP16 and in INT8: parameters, a coherence block, a vector.

    parameters  trained constants; in INT8 also the banks of Δ and 1/Δ, an entry an SNR, and the
                tables that replace functions
    block       H, or what is prepared from it, once a coherence block
    vector      inputs and intermediate values while one vector is detected

FP32 takes 4 bytes an entry; FP16 takes 2, and 4 for the running sums of a product, which both nets
keep in float32. INT8 takes the smallest of 1, 2, 4 and 8 bytes that hold an entry's width, and 4
for a running sum. A value that replaces another in place (u, v and a sum; b, p, d and x) counts
once. The slicer is left out: it is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixedpoint import spec
from fixedpoint.spec import DetectorSpec
from model.admm_wires import INT8, AdmmFormats
from model.hyper import CHANNELS, HIDDEN, NAMES
from model.system import SYSTEMS, System

PRECISIONS = ("fp32", "fp16", "int8")
LAYERS = 5
BANK = 36
"""Entries of an SNR bank, −5 to 30 dB."""
CONSTANT, SUM, SAMPLE, WORD, ENTRY = 16, 32, 12, 10, 8
"""Bits in INT8: a constant, a running sum, y, a distributed unit's data, H and weights."""
TABLE = 64
"""Entries of the table of a function."""
CARRIERS = (1, 2, 4, 8)


@dataclass(frozen=True)
class Entries:
    """`count` entries of one width.

    part: the field of `Memory` that they belong to; bits: of each in INT8; nets: `all`, `float` or
    `integer`, those that have them; running: sums of a product, 4 bytes in every net.
    """

    part: str
    name: str
    count: int
    bits: int
    nets: str = "all"
    running: bool = False

    def size(self, precision: str) -> int:
        """Bytes in one of `PRECISIONS`."""
        if self.nets == ("float" if precision == "int8" else "integer"):
            return 0
        if precision == "int8":
            return self.count * next(c for c in CARRIERS if self.bits <= 8 * c)
        return self.count * (2 if precision == "fp16" and not self.running else 4)


@dataclass(frozen=True)
class Memory:
    """Bytes of one network in one precision."""

    network: str
    precision: str
    parameters: int
    block: int
    vector: int

    @property
    def total(self) -> int:
        """While one vector is detected."""
        return self.parameters + self.block + self.vector


def pgd(detector: DetectorSpec) -> tuple[Entries, ...]:
    """PGD-Net of K layers and S bank entries, M×N.

    parameters: η, λ of each layer, 2K; INT8 also KS steps Δ and KS reciprocals. block: H, MN.
    vector: y and r, 2M; x, N; sums of Hᵀr, which u and v replace, N.
    """
    f, layers = detector.formats, len(detector.layers)
    rows, columns, bank = detector.rows, detector.columns, layers * len(detector.snr)
    return (
        Entries("parameters", "eta", layers, f.eta.bits),
        Entries("parameters", "threshold", layers, f.state.bits),
        Entries("parameters", "step", bank, f.step.bits, "integer"),
        Entries("parameters", "inverse", bank, f.inverse.bits, "integer"),
        Entries("block", "h", rows * columns, f.h.bits),
        Entries("vector", "y", rows, f.y.bits),
        Entries("vector", "residual", rows, f.residual.bits),
        Entries("vector", "code", columns, f.code.bits),
        Entries("vector", "sums", columns, SUM, running=True),
    )


def admm(
    system: System, layers: int = LAYERS, bank: int = BANK, formats: AdmmFormats = INT8
) -> tuple[Entries, ...]:
    """ADMM-Net of K layers with ρ = a/SNR + c shared by them, M×N.

    parameters: rel, un and λ (or b) of each layer, a and c, 3K + 2; INT8 also 2KS banks. a and c
    serve the preparation alone, in float32. block: P and F, N² + NM, which replace H. vector: y, M;
    x₀, z, u, z − u, 4N; sums of a product, which x, xr and the state replace, N.
    """
    rows, columns = system.rows, system.columns
    return (
        Entries("parameters", "constants", 3 * layers, CONSTANT),
        Entries("parameters", "rho", 2, SUM),
        Entries("parameters", "step", layers * bank, CONSTANT, "integer"),
        Entries("parameters", "inverse", layers * bank, CONSTANT, "integer"),
        Entries("block", "p", columns**2, formats.p.bits),
        Entries("block", "f", columns * rows, formats.f.bits),
        Entries("vector", "y", rows, SAMPLE),
        Entries("vector", "front", columns, formats.front.bits),
        Entries("vector", "code", columns, ENTRY),
        Entries("vector", "dual", columns, formats.dual.bits),
        Entries("vector", "difference", columns, formats.difference.bits),
        Entries("vector", "sums", columns, SUM, running=True),
    )


def _unit(system: System) -> tuple[Entries, ...]:
    """What HPD and FPD-Net share in a unit of Q real rows.

    block: H_c, QN. vector: q_low and q_up, 2Q floats, or the Q codes of the converters, whose 2^b
    pairs of thresholds are parameters; z and x_c, 2N; 1 − σ − σ, Q; sums of H_cᵀ(…), N.
    """
    rows, columns = system.rows // system.units, system.columns
    return (
        Entries("parameters", "thresholds", 2 * 2**system.adc_bits, WORD, "integer"),
        Entries("parameters", "sigmoid", TABLE, ENTRY, "integer"),
        Entries("block", "h", rows * columns, ENTRY),
        Entries("vector", "cells", 2 * rows, WORD, "float"),
        Entries("vector", "codes", rows, system.adc_bits, "integer"),
        Entries("vector", "z, x", 2 * columns, WORD),
        Entries("vector", "residual", rows, WORD),
        Entries("vector", "sums", columns, SUM, running=True),
    )


def hpd(system: System) -> tuple[Entries, ...]:
    """HPD, a unit. parameters: κ, μ, α, γ⁰ and ϱ; INT8 also the table of ∇ψ and the sigmoid's."""
    return (
        *_unit(system),
        Entries("parameters", "constants", 5, CONSTANT),
        Entries("parameters", "slope", TABLE, WORD, "integer"),
    )


def fpd(system: System, layers: int = LAYERS) -> tuple[Entries, ...]:
    """FPD-Net with its frozen table, a unit. parameters: θ, 7L; INT8 also six tables.

    The tables: the sigmoid, the two penalty slopes of any η and β, sine, cosine, reciprocal.
    """
    return (
        *_unit(system),
        Entries("parameters", "theta", len(NAMES) * layers, CONSTANT),
        Entries("parameters", "slopes", 5 * TABLE, WORD, "integer"),
    )


def fpd_hyper(system: System, layers: int = LAYERS) -> tuple[Entries, ...]:
    """FPD-Net with its hyper-network, a unit.

    parameters: those of the two convolutions, 9·8 + 9·8² weights, and of the two dense layers,
    8·p·64 + 64·7L weights on p pixels, 8 + 8 + 64 + 7L biases, and 7L of the base. vector: θ, and
    the image Q×(N + 1) with the first layer's 8 channels: the largest pair of neighbouring layers.
    """
    rows, columns = system.rows // system.units, system.columns
    height, width = -(-rows // 2), -(-(columns + 1) // 2)
    pixels, theta = -(-height // 2) * -(-width // 2), len(NAMES) * layers
    weights = 9 * CHANNELS + 9 * CHANNELS**2 + CHANNELS * pixels * HIDDEN + HIDDEN * theta
    image, first = rows * (columns + 1), CHANNELS * height * width
    return (
        *_unit(system),
        Entries("parameters", "weights", weights, ENTRY),
        Entries("parameters", "biases", 2 * CHANNELS + HIDDEN + theta, SUM),
        Entries("parameters", "base", theta, CONSTANT),
        Entries("parameters", "slopes", 5 * TABLE, WORD, "integer"),
        Entries("vector", "features", first + max(image, CHANNELS * pixels), ENTRY),
        Entries("vector", "theta", theta, CONSTANT),
    )


def memory(network: str, entries: Sequence[Entries], precision: str) -> Memory:
    """The sum by parts. Raises `ValueError` on an unknown precision."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision {precision!r} is not one of {', '.join(PRECISIONS)}")
    parts = dict.fromkeys(("parameters", "block", "vector"), 0)
    for entry in entries:
        parts[entry.part] += entry.size(precision)
    return Memory(network, precision, **parts)


def rows() -> list[Memory]:
    """Every network in every precision, in the papers' settings; HPD and FPD-Net a unit of four."""
    square, distributed = SYSTEMS["16x16-16qam"], SYSTEMS["64x8-16qam-2bit"]
    networks = {
        "PGD-Net": pgd(spec.load("pgd")),
        "ADMM-Net": admm(square),
        "HPD, a unit": hpd(distributed),
        "FPD-Net, table, a unit": fpd(distributed),
        "FPD-Net, hyper-network, a unit": fpd_hyper(distributed),
    }
    return [
        memory(name, entries, precision)
        for name, entries in networks.items()
        for precision in PRECISIONS
    ]
