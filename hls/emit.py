# SPDX-License-Identifier: Apache-2.0
"""Everything that hardware needs from a spec, in one folder.

    python -m hls.emit --spec pgd --out DIR [--prefix NAME] [--lanes N] [--slots N] [--packed]

firmware/ is the C++ (parameter header, templates, top functions), tb/ its test bench, tb_data/
golden vectors, rtl/ the SystemVerilog sources that the tops use, NAME.f their list, and .mem files,
if the spec has RTL. Lanes and slots are parameters of its tops: NAME.f names those that are asked
for. run_hls.tcl and hls_config.cfg make a Vitis project of it (never run here). MANIFEST names
every file written.
Modules, packages, .mem files and the C++ namespace are called NAME_…, by default after the spec,
so that several emissions go into one design and one program. The folder appears whole or not at
all; written anew, it keeps what else was put into it.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from fixedpoint import cli
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.receivers import family
from fixedpoint.support import processes, scratch
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden
from hls import defaults, tops
from hls.cases import channel_draw
from hls.project import cpp as emit_cpp
from hls.project import manifest, prefix, vitis
from hls.project import rtl as emit_rtl
from hls.synthesis import throughput

MARK = "DIGEST"
VECTORS = 64
SEED = 0


def emit(
    spec: DetectorSpec, folder: Path, name: str | None = None,
    core: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    """Write `folder` anew, whole or not at all; `name` is the prefix, by default the spec's own.

    core: the parameters of the top that is wanted, which the list of sources then names.
    Of an older emission there, the files that it wrote are replaced and all others kept. Raises
    `ValueError` if the prefix is no identifier, if the folder cannot be written, or holds anything
    without being an emission, or if a file of the emission was changed, or another one stands where
    a file would go.
    """
    name = prefix.check(prefix.default(spec) if name is None else name)
    folder = folder.absolute()
    made = scratch.claim("emit", folder.parent)
    try:
        there = os.path.lexists(folder)
        if there:
            manifest.replaceable(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = made / "new"
        made.mkdir(mode=0o700)
        new.mkdir()
        _fill(spec, new, name, core)
        manifest.write(new)
        if there:
            written = manifest.replaceable(folder)
            manifest.check_places(folder, new, written)
            manifest.keep(folder, new, written)
            with processes.undisturbed():
                _swap(folder, made, written)
        else:
            os.replace(new, folder)
    except OSError as error:
        raise ValueError(f"{folder} cannot be written: {error.strerror}") from None
    finally:
        if (made / "old").exists():  # what could not be moved or deleted is the user's
            shutil.rmtree(made / "new", ignore_errors=True)
            scratch.keep(made)
        else:
            scratch.remove(made)


def _swap(folder: Path, made: Path, written: set[str]) -> None:
    """Put `new` of the temporary folder in the place of `folder`, which goes."""
    old = made / "old"
    os.replace(folder, old)
    try:
        os.replace(made / "new", folder)
    except OSError:
        os.replace(old, folder)
        raise
    manifest.keep(old, folder, written)  # what a tool wrote meanwhile
    shutil.rmtree(old, ignore_errors=True)


def text_files(
    spec: DetectorSpec, name: str, core: Mapping[str, int] | None = None
) -> dict[str, str]:
    """Every emitted file but the golden vectors, by its path; `name` is the prefix."""
    rtl = emit_rtl.design_folder(spec, name, core) if emit_rtl.has_rtl(spec) else {}
    cpp = emit_cpp.firmware_files(spec) | emit_cpp.bench_files(spec)
    return {
        MARK: f"{spec.digest}\n",
        **{path: prefix.cpp(text, name) for path, text in cpp.items()},
        **{f"rtl/{file}": text for file, text in rtl.items()},
        **vitis.project_files(spec),
    }


def _fill(spec: DetectorSpec, folder: Path, name: str, core: Mapping[str, int] | None) -> None:
    for file, text in text_files(spec, name, core).items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    inputs = channel_draw(spec, VECTORS, SEED)
    wires = family.run(spec, inputs.h, inputs.y, inputs.index)
    path = folder / "tb_data" / vitis.vector_name(spec)
    vectors.write(path, golden.collect(spec, golden.last_layer(spec), SEED, inputs, wires))


def _core(spec: DetectorSpec, arguments: argparse.Namespace) -> dict[str, int] | None:
    """The parameters of what is asked for; None if nothing is, or if there is no RTL of it."""
    asked = (arguments.lanes, arguments.slots)
    if asked == (None, None) and not arguments.packed:
        return None
    if not emit_rtl.has_rtl(spec):
        raise ValueError(f"spec {spec.name} has no RTL: no lanes, slots or packed were expected")
    return defaults.parameters(spec, *asked, packed=arguments.packed)


def _told(core: Mapping[str, int]) -> str:
    pairs = ", two vectors at a time" if "Vectors" in core else ""
    return f"{core['Lanes']} lanes, {core['Slots']} slots{pairs}"


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 2 and one line on a user's mistake."""
    parser = cli.Parser(prog="python -m hls.emit", description=__doc__)
    parser.add_argument("--spec", default="pgd", help="a shipped spec or a file")
    parser.add_argument("--out", type=Path, required=True, help="output folder")
    parser.add_argument("--prefix", metavar="NAME", help="of all names (default: the spec's name)")
    parser.add_argument("--lanes", type=int, help="products a cycle of a unit (the best up to 32)")
    parser.add_argument("--slots", type=int, help="vectors (or pairs) in flight (enough for these)")
    parser.add_argument("--packed", action="store_true", help="two vectors share each multiplier")
    arguments = parser.parse_args(argv)

    def body() -> int:
        spec = specs.load(arguments.spec)
        name = prefix.default(spec) if arguments.prefix is None else arguments.prefix
        core = _core(spec, arguments)
        emit(spec, arguments.out, name, core)
        made = f"emitted from spec {spec.name}, digest {spec.digest}, prefix {name}"
        print(f"{arguments.out}: {made}")
        if emit_rtl.has_rtl(spec):
            used = len(emit_rtl.modules(spec)) + len(emit_rtl.packages(spec))
            count = defaults.chosen(spec, arguments.lanes, arguments.packed)
            kind = f"by default {count} lanes" if core is None else _told(core)
            print(f"rtl/{name}.f lists the {used} sources of {' and '.join(tops.of(spec).names)}, "
                  f"in their order; {kind}")  # fmt: skip
            for line in throughput.padded(spec, arguments.lanes, count, arguments.packed):
                print(line)
        return 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
