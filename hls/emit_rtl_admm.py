# SPDX-License-Identifier: Apache-2.0
"""The numbers of ADMM-Net's RTL."""

from __future__ import annotations

from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.admm_widths import bounds, shifts
from fixedpoint.widths import Combination
from hls import rtl_text


def files(spec: AdmmSpec) -> dict[str, str]:
    """File name → text of `bitfold_pkg.sv` and of the constants' `.mem` files.

    `admm_step.mem` and `admm_inverse.mem` hold the bank of layer 1, then of layer 2, …;
    `admm_relaxation.mem`, `admm_dual_step.mem` and `admm_threshold.mem` an entry a layer.
    """
    f, layers = spec.formats, spec.layers
    memories = {
        "admm_step.mem": (f.step.bits, [q for layer in layers for q in layer.step]),
        "admm_inverse.mem": (f.inverse.bits, [q for layer in layers for q in layer.inverse]),
        "admm_relaxation.mem": (f.relaxation.bits, [layer.relaxation for layer in layers]),
        "admm_dual_step.mem": (f.dual_step.bits, [layer.dual_step for layer in layers]),
        "admm_threshold.mem": (f.state.bits, [layer.threshold for layer in layers]),
    }
    texts = {"bitfold_pkg.sv": _package(spec)}
    return texts | {name: rtl_text.memory(spec, *entry) for name, entry in memories.items()}


def _package(spec: AdmmSpec) -> str:
    f, width, s = spec.formats, bounds(spec), shifts(spec)
    constants = {
        "Rows": spec.rows,
        "Columns": spec.columns,
        "Layers": spec.depth,
        "BankEntries": len(spec.snr),
        "IndexWidth": spec.snr.index_bits,
        "HWidth": spec.h_format.bits,
        "FWidth": f.f.bits,
        "PWidth": f.p.bits,
        "YWidth": f.y.bits,
        "FrontWidth": f.front.bits,
        "DifferenceWidth": f.difference.bits,
        "StateWidth": f.state.bits,
        "DualWidth": f.dual.bits,
        "CodeWidth": f.code.bits,
        "StepWidth": f.step.bits,
        "InverseWidth": f.inverse.bits,
        "RelaxationWidth": f.relaxation.bits,
        "DualStepWidth": f.dual_step.bits,
        "FilteredWidth": width["filtered"].bits,
        "ProductWidth": width["product"].bits,
        "GapScaledWidth": width["gap_scaled"].bits,
        "CodeProductWidth": width["code_product"].bits,
        "DecodedProductWidth": width["decoded_product"].bits,
        "GapSteppedWidth": width["gap_stepped"].bits,
        "FrontShift": s.front,
        "CodeShift": s.code,
        "DecodedShift": s.decoded,
    }
    for name, terms, combination in (
        ("estimate", ("Front", "Product"), s.estimate),
        ("relaxed", ("State", "Gap"), s.relaxed),
        ("update", ("Relaxed", "Dual"), s.update),
        ("dual", ("Dual", "Gap"), s.dual),
        ("difference", ("State", "Dual"), s.difference),
    ):
        constants |= _sum(name.title(), width[name].bits, terms, combination)
    return rtl_text.main_package(spec, constants, {"ProxBox": spec.prox == "box"})


def _sum(name: str, width: int, terms: tuple[str, str], combination: Combination) -> dict[str, int]:
    """A sum of two terms: its exact width, how far each is shifted left, and its requantization."""
    aligns = zip(terms, combination.align, strict=True)
    return {
        f"{name}SumWidth": width,
        **{f"{name}{term}Align": align for term, align in aligns},
        f"{name}Shift": combination.shift,
    }
