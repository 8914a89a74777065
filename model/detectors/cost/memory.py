# SPDX-License-Identifier: Apache-2.0
"""Bytes that a network keeps in FP32, in FP16 and in INT8: parameters, a coherence block, a vector.

    parameters  trained constants; in INT8 also the banks of Δ and 1/Δ, an entry an SNR, and the
                tables that replace functions
    block       H, or what is prepared from it, once a coherence block
    vector      inputs and intermediate values while one vector is detected

FP32 takes 4 bytes an entry; FP16 takes 2, and 4 for the running sums of a product, which both nets
keep in float32. INT8 takes the smallest of 1, 2, 4 and 8 bytes that hold an entry's width, which is
that of a shipped spec where there is one, and 4 for a running sum. A value that replaces another in
place (u, v and a sum; b, p, d and x) counts once. The slicer is left out: it is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixedpoint.detectors.library import AdmmSpec, PgdSpec, load_as
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import SCALES
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.specs.hyper import AFFINE, HEADS, Affine
from model.fpd.hyper import NAMES

PRECISIONS = ("fp32", "fp16", "int8")
SUM = 32
"""Bits of a running sum, and of what is a float in INT8 too."""
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


def pgd(detector: PgdSpec) -> tuple[Entries, ...]:
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


def admm(detector: AdmmSpec) -> tuple[Entries, ...]:
    """ADMM-Net of K layers and S bank entries with ρ = a/SNR + c shared by the layers, M×N.

    parameters: rel, un and λ (or b) of each layer, 3K; a and c, in INT8 S values of ρ, which serve
    the preparation alone; INT8 also 2KS banks. block: P and F, N² + NM, which replace H. vector: y,
    M; x₀, z as its code, u, z − u, 4N; sums of a product, which x, xr and the state replace, N.
    """
    f, layers, bank = detector.formats, detector.depth, len(detector.snr)
    rows, columns = detector.rows, detector.columns
    return (
        Entries("parameters", "relaxation", layers, f.relaxation.bits),
        Entries("parameters", "dual_step", layers, f.dual_step.bits),
        Entries("parameters", "threshold", layers, f.state.bits),
        Entries("parameters", "a, c", 2, SUM, "float"),
        Entries("parameters", "rho", bank, f.rho.bits, "integer"),
        Entries("parameters", "step", layers * bank, f.step.bits, "integer"),
        Entries("parameters", "inverse", layers * bank, f.inverse.bits, "integer"),
        Entries("block", "p", columns**2, f.p.bits),
        Entries("block", "f", columns * rows, f.f.bits),
        Entries("vector", "y", rows, f.y.bits),
        Entries("vector", "front", columns, f.front.bits),
        Entries("vector", "code", columns, f.code.bits),
        Entries("vector", "dual", columns, f.dual.bits),
        Entries("vector", "difference", columns, f.difference.bits),
        Entries("vector", "sums", columns, SUM, running=True),
    )


def _unit(detector: DistributedSpec) -> tuple[Entries, ...]:
    """What HPD and FPD-Net share in a unit of Q real rows.

    parameters: in INT8 the thresholds of every SNR entry and the sigmoid's table. block: H_c, QN.
    vector: q_low and q_up, 2Q floats, or the Q codes of the converters; z and x_c, 2N;
    1 − σ − σ, Q; sums of H_cᵀ(…), N.
    """
    f, adc = detector.formats, detector.adc
    rows, columns = detector.unit_size, detector.columns
    thresholds = sum(map(len, adc.thresholds))
    return (
        Entries("parameters", "thresholds", thresholds, adc.threshold.bits, "integer"),
        _table("sigmoid", detector.sigmoid),
        Entries("block", "h", rows * columns, f.h.bits),
        Entries("vector", "cells", 2 * rows, SUM, "float"),
        Entries("vector", "codes", rows, adc.bits, "integer"),
        Entries("vector", "z, x", 2 * columns, f.state.bits),
        Entries("vector", "residual", rows, f.residual.bits),
        Entries("vector", "sums", columns, SUM, running=True),
    )


def _table(name: str, lookup: Lookup) -> Entries:
    return Entries("parameters", name, len(lookup.values), lookup.output.bits, "integer")


def hpd(detector: HpdSpec) -> tuple[Entries, ...]:
    """HPD, a unit of L layers.

    parameters: κ, μ, α, γ⁰ and ϱ; in INT8 the 2L constants made of them, and the table of ∇ψ.
    """
    f = detector.formats
    return (
        *_unit(detector),
        Entries("parameters", "constants", 5, SUM, "float"),
        Entries("parameters", "step", detector.depth, f.step.bits, "integer"),
        Entries("parameters", "weight", detector.depth, f.weight.bits, "integer"),
        _table("pull", detector.pull),
    )


def fpd(detector: FpdSpec) -> tuple[Entries, ...]:
    """FPD-Net with its frozen table, a unit of L layers.

    parameters: θ, 7L; in INT8 the 6L scales made of it, the tables of F and G for any η and β, and
    one of the third penalty for each φ.
    """
    scales = [
        Entries("parameters", name, detector.depth, getattr(detector.formats, name).bits, "integer")
        for name in SCALES
    ]
    cosines = [_table("cosine", detector.cosine(layer)) for layer in range(detector.depth)]
    return (
        *_unit(detector),
        Entries("parameters", "theta", len(NAMES) * detector.depth, SUM, "float"),
        *scales,
        _table("quartic", detector.quartic),
        _table("gaussian", detector.gaussian),
        *cosines,
    )


def fpd_hyper(detector: FpdSpec) -> tuple[Entries, ...]:
    """FPD-Net with its hyper-network, a unit of L layers. `ValueError` if the spec has none.

    parameters: weights and biases of two convolutions and two dense layers, and 7L of the base,
    which INT8 adds to the last biases; in INT8 also the tables of F and G, of the seven outputs,
    sine, cosine and reciprocal. vector: θ, and the image Q×(N + 1) with the first layer's map: the
    largest pair of neighbouring layers.
    """
    hyper, theta = detector.hyper, len(HEADS) * detector.depth
    if hyper is None:
        raise ValueError(f"spec {detector.name}: no hyper-network")
    affine: list[Affine] = [getattr(hyper, name) for name in AFFINE]
    tables = (*HEADS, "sine", "cosine", "reciprocal")
    scales = (*SCALES, "phi")
    return (
        *_unit(detector),
        *(Entries("parameters", "weights", len(a.weights), a.weight.bits) for a in affine),
        *(Entries("parameters", "biases", len(a.biases), a.bias.bits) for a in affine),
        Entries("parameters", "base", theta, SUM, "float"),
        _table("quartic", detector.quartic),
        _table("gaussian", detector.gaussian),
        *(_table(name, getattr(hyper, name)) for name in tables),
        Entries("vector", "image", detector.unit_size * (detector.columns + 1), hyper.image.bits),
        Entries("vector", "map", hyper.wire_size(detector, "conv1"), hyper.conv1.output.bits),
        *(Entries("vector", s, detector.depth, getattr(detector.formats, s).bits) for s in scales),
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
    networks = {
        "PGD-Net": pgd(load_as(PgdSpec, "pgd")),
        "ADMM-Net": admm(load_as(AdmmSpec, "admm-box")),
        "HPD, a unit": hpd(load_as(HpdSpec, "hpd-16qam-2bit")),
        "FPD-Net, table, a unit": fpd(load_as(FpdSpec, "fpd-16qam-2bit")),
        "FPD-Net, hyper-network, a unit": fpd_hyper(load_as(FpdSpec, "fpd-16qam-2bit-hyper")),
    }
    return [
        memory(name, entries, precision)
        for name, entries in networks.items()
        for precision in PRECISIONS
    ]
