"""The RTL's numbers: a SystemVerilog package and `.mem` files made from a spec. Prints no logic."""

from __future__ import annotations

from fixedpoint.spec import DetectorSpec
from fixedpoint.widths import bounds, shifts
from hls.emit_cpp import marked


def rtl_files(spec: DetectorSpec) -> dict[str, str]:
    """File name → text of `bitfold_pkg.sv` and of the constants' `.mem` files.

    `pgd_step.mem` and `pgd_inverse.mem` hold the bank of layer 1, then of layer 2, …;
    `pgd_eta.mem` and `pgd_threshold.mem` an entry a layer; two's complement, hexadecimal.
    """
    f, layers, header = spec.formats, spec.layers, f"{marked(spec.digest)}\n"
    memories = {
        "pgd_step.mem": (f.step.bits, [q for layer in layers for q in layer.step]),
        "pgd_inverse.mem": (f.inverse.bits, [q for layer in layers for q in layer.inverse]),
        "pgd_eta.mem": (f.eta.bits, [layer.eta for layer in layers]),
        "pgd_threshold.mem": (f.state.bits, [layer.threshold for layer in layers]),
    }
    files = {"bitfold_pkg.sv": header + _package(spec)}
    for name, (width, integers) in memories.items():
        files[name] = header + "".join(f"{_hex(q, width)}\n" for q in integers)
    return files


def _package(spec: DetectorSpec) -> str:
    f, width, s = spec.formats, bounds(spec), shifts(spec)
    bits = spec.constellation.bits
    unsigned = {
        "Rows": spec.rows,
        "Columns": spec.columns,
        "Layers": len(spec.layers),
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
        "SlicerBits": bits,
        "SlicerCount": len(spec.slicer),
    }
    signed = {"ResidualShift": s.residual, "UpdateShift": s.update, "CodeShift": s.code}
    thresholds = ", ".join(_literal(q, f.state.bits) for q in reversed(spec.slicer))
    lines = [
        "package bitfold_pkg;",
        f"  localparam logic [255:0] Digest = 256'h{spec.digest};",
        *(f"  localparam int unsigned {name} = {value};" for name, value in unsigned.items()),
        *(f"  localparam int {name} = {value};" for name, value in signed.items()),
        f"  localparam bit ProxBox = 1'b{int(spec.prox == 'box')};",
        "  localparam logic [SlicerCount*StateWidth-1:0] SlicerThresholds = {",
        f"    {thresholds}",
        "  };",
        "endpackage",
    ]
    return "\n".join(lines) + "\n"


def _hex(q: int, width: int) -> str:
    """q in two's complement, as many hexadecimal digits as the width needs."""
    return f"{q & (1 << width) - 1:0{(width + 3) // 4}x}"


def _literal(q: int, width: int) -> str:
    return f"{width}'h{_hex(q, width)}"
