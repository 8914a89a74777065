# SPDX-License-Identifier: Apache-2.0
"""The RTL's numbers: a SystemVerilog package and `.mem` files made from a spec. Prints no logic.

What is emitted for a design holds the modules too, and every name has a prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fixedpoint.detector_spec import DetectorSpec
from hls import emit_rtl_admm, emit_rtl_distributed, emit_rtl_pgd, lanes, prefix, toolchain
from hls.emit_cpp import marked

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


def design_folder(spec: DetectorSpec, name: str) -> dict[str, str]:
    """File name → text of packages, `.mem` files and modules, whose names all begin with `name`.

    `NAME.f` lists the sources in their order, for `-F` of a simulator or of slang.
    """
    emitted, paths = rtl_files(spec), toolchain.rtl_sources(spec.detector)
    packages = {file.removesuffix(".sv") for file in emitted if file.endswith(".sv")}
    memories = [file for file in emitted if file.endswith(".mem")]
    modules = {path.stem for path in paths}
    sources = {file: text for file, text in emitted.items() if file.endswith(".sv")}
    for path in paths:
        sources[path.name] = f"{marked(spec.digest)}\n{path.read_text(encoding='utf-8')}"
    listed = [f"{name}_{file}" for file in sources]
    return {
        f"{name}.f": "\n".join([marked(spec.digest), *_sizes(spec, name), *listed]) + "\n",
        **{
            f"{name}_{file}": prefix.systemverilog(text, name, modules, packages, memories)
            for file, text in sources.items()
        },
        **{f"{name}_{file}": emitted[file] for file in memories},
    }


def _sizes(spec: DetectorSpec, name: str) -> list[str]:
    """Comments that say which tops there are, and which parameters fit them."""
    tops = ", ".join(f"{name}_{top}" for top in toolchain.TOPS[spec.detector])
    lines = [f"// tops: {tops}"]
    for packed in (False, True) if lanes.packs(spec) else (False,):
        counts = ", ".join(
            f"{count} ({lanes.beat_bytes(spec, count, packed)})"
            for count in lanes.all_fitting(spec, packed)
        )
        lines.append(f"// Lanes (HBeatBytes){' with Vectors = 2' * packed}: {counts or 'none'}")
    return lines
