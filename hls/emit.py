# SPDX-License-Identifier: Apache-2.0
"""Everything that hardware needs from a spec, in one folder.

    python -m hls.emit --spec pgd --out DIR [--prefix NAME]

firmware/ is the C++ (parameter header, templates, top functions), tb/ its test bench, tb_data/
golden vectors, rtl/ the SystemVerilog sources that the tops use, NAME.f their list, and .mem files,
if the spec has RTL; run_hls.tcl and hls_config.cfg make a Vitis project of it (never run here).
MANIFEST names every file written.
Modules, packages, .mem files and the C++ namespace are called NAME_…, by default after the spec,
so that several emissions go into one design and one program. The folder appears whole or not at
all; written anew, it keeps what else was put into it.
"""

from __future__ import annotations

import os
import shutil
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


def emit(spec: DetectorSpec, folder: Path, name: str | None = None) -> None:
    """Write `folder` anew, whole or not at all; `name` is the prefix, by default the spec's own.

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
        _fill(spec, new, name)
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


def text_files(spec: DetectorSpec, name: str) -> dict[str, str]:
    """Every emitted file but the golden vectors, by its path; `name` is the prefix."""
    rtl = emit_rtl.design_folder(spec, name) if emit_rtl.has_rtl(spec) else {}
    cpp = emit_cpp.firmware_files(spec) | emit_cpp.bench_files(spec)
    return {
        MARK: f"{spec.digest}\n",
        **{path: prefix.cpp(text, name) for path, text in cpp.items()},
        **{f"rtl/{file}": text for file, text in rtl.items()},
        **vitis.project_files(spec),
    }


def _fill(spec: DetectorSpec, folder: Path, name: str) -> None:
    for file, text in text_files(spec, name).items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    inputs = channel_draw(spec, VECTORS, SEED)
    wires = family.run(spec, inputs.h, inputs.y, inputs.index)
    path = folder / "tb_data" / vitis.vector_name(spec)
    vectors.write(path, golden.collect(spec, golden.last_layer(spec), SEED, inputs, wires))


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 2 and one line on a user's mistake."""
    parser = cli.Parser(prog="python -m hls.emit", description=__doc__)
    parser.add_argument("--spec", default="pgd", help="a shipped spec or a file")
    parser.add_argument("--out", type=Path, required=True, help="output folder")
    parser.add_argument("--prefix", metavar="NAME", help="of all names (default: the spec's name)")
    arguments = parser.parse_args(argv)

    def body() -> int:
        spec = specs.load(arguments.spec)
        name = prefix.default(spec) if arguments.prefix is None else arguments.prefix
        emit(spec, arguments.out, name)
        made = f"emitted from spec {spec.name}, digest {spec.digest}, prefix {name}"
        print(f"{arguments.out}: {made}")
        if emit_rtl.has_rtl(spec):
            used = len(emit_rtl.modules(spec)) + len(emit_rtl.packages(spec))
            count = defaults.lanes(spec)
            print(f"rtl/{name}.f lists the {used} sources of {' and '.join(tops.of(spec).names)}, "
                  f"in their order; by default {count} lanes")  # fmt: skip
            print("".join(f"{line}\n" for line in throughput.padded(spec, None, count)), end="")
        return 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
