# SPDX-License-Identifier: Apache-2.0
"""The RTL's numbers: a SystemVerilog package and `.mem` files made from a spec. Prints no logic.

What is emitted for a design holds the modules too, and every name has a prefix.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.program.frame import Frame, frame
from fixedpoint.program.leaves import Supplied
from fixedpoint.specs.detector import DetectorSpec
from hls import defaults, lanes, tops
from hls.builds import toolchain
from hls.project import prefix, rtl_text, spec_package
from hls.project.cpp import marked
from hls.verilog.emit import emitted

PACKAGE, FUSION_PACKAGE = "bitfold_pkg", "bitfold_fusion_pkg"


def has_rtl(spec: DetectorSpec) -> bool:
    """Not where a layer takes numbers of another network, which is golden and C++ only."""
    return not any(isinstance(value, Supplied) for value in program(spec).layer.order)


def rtl_files(spec: DetectorSpec) -> dict[str, str]:
    """File name → text of the packages, `bitfold_pkg.sv` first, of modules and of `.mem` files.

    Raises `ValueError` on a spec without RTL.
    """
    if not has_rtl(spec):
        raise ValueError(f"spec {spec.name} has a hyper-network, which is golden and C++ only")
    made = program(spec)
    packages = {f"{PACKAGE}.sv": spec_package.main_package(spec, PACKAGE)}
    if frame(made) is Frame.UNITS:
        packages[f"{FUSION_PACKAGE}.sv"] = spec_package.fusion_package(spec, FUSION_PACKAGE)
    return packages | emitted(made).files() | _thresholds(spec)


def _thresholds(spec: DetectorSpec) -> dict[str, str]:
    """`adc_threshold.mem`, a line an SNR entry: all thresholds of a few-bit converter."""
    adc = spec.converter
    if not isinstance(adc, FewBitAdc):
        return {}
    bits = adc.threshold.bits
    words = [sum((q & (1 << bits) - 1) << i * bits for i, q in enumerate(row))
             for row in adc.thresholds]  # fmt: skip
    return {"adc_threshold.mem": rtl_text.memory(spec, len(adc.thresholds[0]) * bits, words)}


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


def design_folder(
    spec: DetectorSpec, name: str, core: Mapping[str, int] | None = None
) -> dict[str, str]:
    """File name → text of packages, `.mem` files and modules, whose names all begin with `name`.

    `NAME.f` lists the sources in their order, for `-F` of a simulator or of slang; its comments
    name the parameters of the core that is wanted, too.
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
        f"{name}.f": "\n".join([marked(spec.digest), *_sizes(spec, name, core), *listed]) + "\n",
        **{
            f"{name}_{file}": prefix.systemverilog(text, name, stems, known, memories)
            for file, text in sources.items()
        },
        **{f"{name}_{file}": emitted[file] for file in memories},
    }


def _sizes(spec: DetectorSpec, name: str, core: Mapping[str, int] | None) -> list[str]:
    """Comments that say which tops there are, and which parameters fit them."""
    named = ", ".join(f"{name}_{top}" for top in tops.of(spec).names)
    lines = [f"// tops: {named}"]
    for packed in (False, True) if lanes.packs(spec) else (False,):
        counts = ", ".join(
            f"{count} ({lanes.beat_bytes(spec, count, packed)})"
            for count in lanes.all_fitting(spec, packed)
        )
        lines.append(f"// Lanes (HBeatBytes){' with Vectors = 2' * packed}: {counts or 'none'}")
    lines.append(f"// by default: {_named(defaults.parameters(spec))}")
    if core is not None:
        lines.append(f"// as chosen: {_named(core)}")
    lines.append(f"// any other multiple of {spec.columns} Lanes leaves some without work")
    return lines


def _named(parameters: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters.items())
