# SPDX-License-Identifier: Apache-2.0
"""The RTL's numbers: a SystemVerilog package and `.mem` files made from a spec. Prints no logic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fixedpoint.detector_spec import DetectorSpec
from hls import emit_rtl_admm, emit_rtl_distributed, emit_rtl_pgd, toolchain

Files = Callable[[Any], dict[str, str]]
EMITTERS: Mapping[str, Files] = {
    "pgd": emit_rtl_pgd.files,
    "admm": emit_rtl_admm.files,
    "hpd": emit_rtl_distributed.hpd_files,
    "fpd": emit_rtl_distributed.fpd_files,
}
"""Takes a spec of its detector's class."""


def rtl_files(spec: DetectorSpec) -> dict[str, str]:
    """File name → text of the packages, `bitfold_pkg.sv` first, and of the `.mem` files."""
    return EMITTERS[spec.detector](spec)


def design_files(spec: DetectorSpec, top: str) -> tuple[dict[str, str], list[str]]:
    """All texts that a tool needs to read one top, by name, and the sources among them in order.

    Packages come first, those that the modules use and no others.
    """
    modules = {
        path.name: path.read_text(encoding="utf-8") for path in toolchain.module_sources([top])
    }
    emitted = rtl_files(spec)
    text = "".join(modules.values())
    packages = [n for n in emitted if n.endswith(".sv") and f"{n.removesuffix('.sv')}::" in text]
    return emitted | modules, [*packages, *modules]
