# SPDX-License-Identifier: Apache-2.0
"""The RTL's numbers: a SystemVerilog package and `.mem` files made from a spec. Prints no logic.

What is emitted for a design holds the modules too, and every name has a prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from fixedpoint.detector_spec import DetectorSpec
from hls import emit_rtl_admm, emit_rtl_distributed, emit_rtl_pgd, lanes, prefix, toolchain, tops
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
    """File name → text of the packages, `bitfold_pkg.sv` first, of modules and of `.mem` files."""
    return EMITTERS[spec.detector](spec)


def modules(spec: DetectorSpec, names: Collection[str] = ()) -> dict[str, str]:
    """File name → text of these modules and of all that they use, by default a spec's tops."""
    return toolchain.closure(names or tops.of(spec).names, rtl_files(spec))


def packages(spec: DetectorSpec) -> list[str]:
    """The emitted files that hold packages, `bitfold_pkg.sv` first."""
    return [file for file in rtl_files(spec) if file.endswith("_pkg.sv")]


def design_files(spec: DetectorSpec, top: str) -> tuple[dict[str, str], list[str]]:
    """All texts that a tool needs to read one top, by name, and the sources among them in order.

    Packages come first, those that the modules use and no others.
    """
    used = modules(spec, (top,))
    text = "".join(used.values())
    first = [file for file in packages(spec) if f"{file.removesuffix('.sv')}::" in text]
    return rtl_files(spec) | used, [*first, *used]


def design_folder(spec: DetectorSpec, name: str) -> dict[str, str]:
    """File name → text of packages, `.mem` files and modules, whose names all begin with `name`.

    `NAME.f` lists the sources in their order, for `-F` of a simulator or of slang.
    """
    emitted, used = rtl_files(spec), modules(spec)
    memories = [file for file in emitted if file.endswith(".mem")]
    sources = {file: emitted[file] for file in packages(spec)}
    for file, text in used.items():
        sources[file] = f"{marked(spec.digest)}\n{text}"
    listed = [f"{name}_{file}" for file in sources]
    stems = {file.removesuffix(".sv") for file in used}
    known = {file.removesuffix(".sv") for file in packages(spec)}
    return {
        f"{name}.f": "\n".join([marked(spec.digest), *_sizes(spec, name), *listed]) + "\n",
        **{
            f"{name}_{file}": prefix.systemverilog(text, name, stems, known, memories)
            for file, text in sources.items()
        },
        **{f"{name}_{file}": emitted[file] for file in memories},
    }


def _sizes(spec: DetectorSpec, name: str) -> list[str]:
    """Comments that say which tops there are, and which parameters fit them."""
    named = ", ".join(f"{name}_{top}" for top in tops.of(spec).names)
    lines = [f"// tops: {named}"]
    for packed in (False, True) if lanes.packs(spec) else (False,):
        counts = ", ".join(
            f"{count} ({lanes.beat_bytes(spec, count, packed)})"
            for count in lanes.all_fitting(spec, packed)
        )
        lines.append(f"// Lanes (HBeatBytes){' with Vectors = 2' * packed}: {counts or 'none'}")
    return lines
