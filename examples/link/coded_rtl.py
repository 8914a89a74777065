# SPDX-License-Identifier: Apache-2.0
"""Coded words through the RTL: its soft bits, by way of golden vectors, into Sionna's decoder.

    python examples/link/coded_rtl.py --spec admm-box-soft --snr 13 --words 50

1. Sionna encodes words of 5G LDPC; they are sent over vectors with channels of their own.
2. What a receiver is given of them, the integers of what its blocks bring, y and SNR entries, is
   written as a golden vector file, with all that the golden model makes of it.
3. The file's inputs are streamed through the spec's SystemVerilog in Verilator. Every wire of every
   layer, and all that leaves, must be what the file says.
4. The soft bits that left are decoded by Sionna's decoder. Soft LMMSE in floating point, of the
   same y, stands beside them.

Exit status 1 where an integer differs, 2 on what cannot be.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.cli import MISMATCH, Parser, check_count, check_seed, run
from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library
from fixedpoint.numbers import labels, slicer
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.vectors import files, layers
from fixedpoint.vectors.compare import Comparison, compare
from hls import defaults
from model.link.coded import LENGTH, Code, Draw, Link
from model.link.command import system_for
from model.link.convention import converted
from model.link.detectors import covariance, entrants
from model.link.outcome import bler
from verification.rtl import runs
from verification.rtl.model import Rtl
from verification.rtl.runs import RtlRun
from verification.traffic import traced

MOST_WORDS = 1000
OUTPUT = "output."
"""Before the name of a wire that leaves the RTL."""


def received(spec: DetectorSpec, draw: Draw, snr_db: float) -> tuple[Tensor, Integers]:
    """y on the air, and the integers that a receiver is given; each vector is a block."""
    antennas, streams = draw.h.shape[1:]
    no = streams / 10 ** (snr_db / 10)
    y = draw.signal + no**0.5 * draw.noise
    s = covariance(no, antennas, len(y))
    arrays = (each.to(torch.complex128).numpy() for each in (y, draw.h, s))
    vectors = converted(spec, *arrays, gain=1.0)
    return y, Detector(spec).quantize(vectors.h, vectors.y[:, None], vectors.snr_db[:, None])


def write(spec: DetectorSpec, inputs: Integers, seed: int, path: Path) -> None:
    """The vector file of the last layer: inputs, and every wire of the golden model."""
    wires = family.run(spec, inputs.h, inputs.y, inputs.index)
    files.write(path, layers.collect(spec, layers.last_layer(spec), seed, inputs, wires))


def simulate(rtl: Rtl, path: Path) -> tuple[RtlRun, Comparison]:
    """The inputs of a vector file through the RTL, and whether it gives what the file says."""
    spec, golden = rtl.spec, files.read(path, rtl.spec)
    h = np.concatenate([golden.wires[part.name] for part in spec.parts], axis=1)
    found = rtl.run(h, golden.wires["y"], golden.wires["snr_index"][..., 0])
    wanted = {name: runs.of_each_unit(spec, name, q)
              for name, q in traced.layers(spec, golden.wires).items()}  # fmt: skip
    for name in (name for name in found.wires if name.startswith(OUTPUT)):
        wire = f"{golden.layer}.{name.removeprefix(OUTPUT)}"
        if wire in golden.wires:
            wanted[name] = golden.wires[wire]
    return found, compare("RTL", wanted, found.wires, seed=golden.seed, repeat=f"file {path}")


def ratios(spec: DetectorSpec, found: RtlRun) -> NDArray[np.float64]:
    """The soft bits that left the RTL, (vectors, Nt, bits): log p(1)/p(0), Sionna's labels."""
    assert spec.soft is not None
    each = [found.wires[f"{OUTPUT}llr{b}"][:, 0] for b in range(spec.constellation.bits)]
    integers = slicer.bits_of_antennas(np.stack(each, axis=-1))
    return labels.ratios(labels.NR, spec.soft.llr.value(integers))


def main(argv: list[str] | None = None) -> int:
    """The exit status."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", default="admm-box-soft", help="with soft bits, or a file")
    parser.add_argument("--snr", type=float, default=13.0, help="dB")
    parser.add_argument("--words", type=int, default=50, help="code words")
    parser.add_argument("--rate", type=float, default=0.5, help="of the code")
    parser.add_argument("--length", type=int, default=LENGTH, help="coded bits of a word, at least")
    parser.add_argument("--lanes", type=int, help="products a cycle (the best up to 32)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("coded.vec"), help="the vector file")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    return run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    check_count(arguments.words, MOST_WORDS, "words")
    check_seed(arguments.seed)
    spec, snr_db = library.load(arguments.spec), arguments.snr
    if spec.soft is None:
        raise ValueError(f"spec {spec.name} has no soft bits: python -m model.soft add gives them")
    spec.snr.index(snr_db)
    lanes = defaults.chosen(spec, arguments.lanes)
    system = system_for([spec], None)
    link = Link(Code(system, arguments.rate, arguments.length), arguments.seed)
    draw = link.draw(0, arguments.words)
    y, inputs = received(spec, draw, snr_db)
    write(spec, inputs, arguments.seed, arguments.out)
    rtl = Rtl.build(spec, lanes=lanes)
    found, comparison = simulate(rtl, arguments.out)
    if not comparison.equal:
        print(comparison)
        return MISMATCH
    (linear,) = entrants(["lmmse"], system, [])
    no = system.nt / 10 ** (snr_db / 10)
    soft = linear.detect(y, draw.h, covariance(no, system.nr, len(y)))
    each = {f"RTL of {spec.name}": torch.from_numpy(ratios(spec, found)), "soft LMMSE": soft}
    wrong = {}
    for name, llr in each.items():
        decoded = link.decoder(llr.float().reshape(arguments.words, -1))
        wrong[name] = (decoded != draw.info).any(dim=-1).numpy()
    if arguments.json:
        print(json.dumps({
            "spec": spec.name, "digest": spec.digest, "seed": arguments.seed, "snr_db": snr_db,
            "words": arguments.words, "compared": comparison.total, "file": str(arguments.out),
            "wrong": {name: int(each.sum()) for name, each in wrong.items()},
            "bler": {name: bler(each) for name, each in wrong.items()},
        }))  # fmt: skip
        return 0
    print(f"{arguments.words} words of {link.code.k} in {link.code.n} bits, {snr_db:g} dB, "
          f"seed {arguments.seed}; vectors: {arguments.out}")  # fmt: skip
    print(f"RTL, {rtl.size}: {comparison}")
    for name, errors in wrong.items():
        value, low, high = bler(errors)
        print(f"{name}: {errors.sum()} words wrong, BLER {value:.3g} ({low:.2g} to {high:.2g})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
