# SPDX-License-Identifier: Apache-2.0
"""The numbers of PGD-Net's RTL."""

from __future__ import annotations

from fixedpoint.pgd_spec import PgdSpec
from fixedpoint.pgd_widths import bounds, shifts
from hls import rtl_text


def files(spec: PgdSpec) -> dict[str, str]:
    """File name → text of `bitfold_pkg.sv` and of the constants' `.mem` files.

    `pgd_step.mem` and `pgd_inverse.mem` hold the bank of layer 1, then of layer 2, …;
    `pgd_eta.mem` and `pgd_threshold.mem` an entry a layer.
    """
    f, layers = spec.formats, spec.layers
    memories = {
        "pgd_step.mem": (f.step.bits, [q for layer in layers for q in layer.step]),
        "pgd_inverse.mem": (f.inverse.bits, [q for layer in layers for q in layer.inverse]),
        "pgd_eta.mem": (f.eta.bits, [layer.eta for layer in layers]),
        "pgd_threshold.mem": (f.state.bits, [layer.threshold for layer in layers]),
    }
    texts = {"bitfold_pkg.sv": _package(spec)}
    return texts | {name: rtl_text.memory(spec, *entry) for name, entry in memories.items()}


def _package(spec: PgdSpec) -> str:
    f, width, s = spec.formats, bounds(spec), shifts(spec)
    constants = {
        "Rows": spec.rows,
        "Columns": spec.columns,
        "Layers": spec.depth,
        "BankEntries": len(spec.snr),
        "IndexWidth": spec.snr.index_bits,
        "HWidth": f.h.bits,
        "YWidth": f.y.bits,
        "ResidualWidth": f.residual.bits,
        "StateWidth": f.state.bits,
        "CodeWidth": f.code.bits,
        "StepWidth": f.step.bits,
        "InverseWidth": f.inverse.bits,
        "EtaWidth": f.eta.bits,
        "AccumulatorWidth": width["accumulator"].bits,
        "ScaledWidth": width["scaled"].bits,
        "ErrorWidth": width["error"].bits,
        "GradientWidth": width["gradient"].bits,
        "UpdateWidth": width["update"].bits,
        "CodeProductWidth": width["code_product"].bits,
        "YAlign": s.y_align,
        "XAlign": s.x_align,
        "GAlign": s.g_align,
        "ResidualShift": s.residual,
        "UpdateShift": s.update,
        "CodeShift": s.code,
    }
    return rtl_text.main_package(spec, constants, {"ProxBox": spec.prox == "box"})
