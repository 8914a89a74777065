# SPDX-License-Identifier: Apache-2.0
"""The fake-quantized twin of a spec against the golden model, on every wire.

    python -m model.twin --spec pgd --vectors 100000 --seed 0

The twin is the torch view of the spec's program (`model/view`): float64, half up, on real H and
samples. Values are compared as q · 2^-frac, not rounded first.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress

from fixedpoint.cli import MISMATCH, Parser, check_count, run
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import family, receiver
from fixedpoint.receivers.channel import draw_of
from fixedpoint.receivers.inputs import split
from fixedpoint.receivers.receiver import Supplier
from fixedpoint.specs.detector import DetectorSpec
from model.quant.quantizers import HalfUp
from model.recipes.registry import network_twin
from model.view.inputs import quantized
from model.view.net import View, fake_quantized

BLOCKS, BLOCK = 256, 8
Values = dict[str, NDArray[np.float64]]
"""Real values by `h`, `y`, `LAYER.residual` and so on."""


@dataclass
class Count:
    """Integers compared on one wire, how many of them differ, and where the first does."""

    compared: int = 0
    differing: int = 0
    first: str = ""

    def add(self, values: NDArray[np.float64], expected: NDArray[np.float64], chunk: int) -> None:
        """Compare two arrays of one shape, value for value; `chunk` counts the draws."""
        if values.shape != expected.shape:
            raise ValueError(f"shape {values.shape} against {expected.shape}")
        self.compared += values.size
        where = np.argwhere(values != expected)
        self.differing += len(where)
        if len(where) and not self.first:
            at = tuple(int(i) for i in where[0])
            self.first = f"chunk {chunk}, {list(at)}: {values[at]}, golden has {expected[at]}"


def compare(
    spec: DetectorSpec, vectors: int, seed: int, twin: View | None = None
) -> dict[str, Count]:
    """Twin against golden; one `Count` a wire, `layer.wire`.

    twin: the spec's by default. Each chunk of draws runs through the whole SNR bank, in random
    order.
    """
    if vectors < 1:
        raise ValueError(f"vectors {vectors}: at least 1 was expected")
    rng, counts = np.random.default_rng(seed), dict[str, Count]()
    twin = twin or fake_quantized(program(spec))
    network = network_twin(spec, HalfUp())
    with Progress(transient=True) as progress:
        starts = range(0, vectors, BLOCKS * BLOCK)
        for chunk, start in enumerate(progress.track(starts, description="twin = golden")):
            blocks = -(-min(BLOCKS * BLOCK, vectors - start) // BLOCK)
            index = entries(rng, len(spec.snr), blocks, spec.one_snr_a_block)
            got, golden = both(spec, twin, network, index, rng)
            for name in golden | got:
                counts.setdefault(name, Count()).add(got[name], golden[name], chunk)
    return counts


def entries(
    rng: np.random.Generator, bank: int, blocks: int, one_a_block: bool = False
) -> NDArray[np.int64]:
    """SNR entries of (blocks, BLOCK) vectors: each as often as any other, in random order."""
    if one_a_block:
        return np.repeat(rng.permutation(np.arange(blocks) % bank)[:, None], BLOCK, axis=1)
    return rng.permutation(np.arange(blocks * BLOCK) % bank).reshape(blocks, BLOCK)


@torch.no_grad()
def both(
    spec: DetectorSpec,
    twin: View,
    network: Supplier | None,
    index: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[Values, Values]:
    """The same draws through the twin and through the golden model."""
    drawn = draw_of(rng, spec, spec.snr.snr_db[index])
    h = receiver.matrices(spec, drawn.h, index).h
    y = spec.converter.convert(drawn.y, index)
    golden = _real(spec, h, y)
    formats = family.layer_formats(spec)
    for name, q in family.named(spec, family.run(spec, h, y, index)).items():
        layer, _, wire = name.partition(".")
        golden[name] = formats[layer][wire].value(q)
    seen = quantized(spec, drawn.h, drawn.y, index)
    brought = receiver.inputs(spec, seen.h, seen.y, index, net=network)
    got = _real(spec, seen.h, seen.y)
    layers = {name: vars(found) for name, found in twin(brought.inputs).items()}
    if network is not None:
        layers[network.name] = brought.network
    for layer, found in layers.items():
        got |= {f"{layer}.{wire}": value.numpy() for wire, value in found.items()}
    return got, golden


def _real(spec: DetectorSpec, h: IntArray, y: IntArray) -> Values:
    """Matrices and samples."""
    pieces = split(spec, h)
    found: Values = {part.name: part.format.value(pieces[part.name]) for part in spec.parts}
    return found | {"y": spec.y_format.value(y)}


def main(argv: list[str] | None = None) -> int:
    """Exit status 0 if nothing differs, 1 if something does, 2 on bad options."""
    parser = Parser(
        prog="python -m model.twin",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--spec", default="pgd")
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)

    def body() -> int:
        check_count(max(arguments.vectors, 1))
        spec = specs.load(arguments.spec)
        counts = compare(spec, arguments.vectors, arguments.seed)
        differing = sum(count.differing for count in counts.values())
        if arguments.json:
            head = {"spec": spec.name, "digest": spec.digest, "seed": arguments.seed}
            wires = {name: vars(count) for name, count in counts.items()}
            print(json.dumps({**head, "wires": wires}))
        else:
            print(f"spec {spec.name} {spec.digest}, seed {arguments.seed}")
            width = max(map(len, counts))
            for name, count in counts.items():
                found = f"{count.compared:>12,} compared {count.differing:>8,} differ"
                print(f"{name:>{width}} {found}")
            total = sum(count.compared for count in counts.values())
            print(f"{'all':>{width}} {total:>12,} compared {differing:>8,} differ")
            for name, count in counts.items():
                if count.first:
                    print(f"{name}: {count.first}")
        return MISMATCH if differing else 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
