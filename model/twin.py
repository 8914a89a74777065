"""The fake-quantized twin of a spec, equal to the golden model on every wire, and its float twin.

    python -m model.twin --spec pgd --vectors 100000 --seed 0

float64, half up, every constant an integer times a power of two. The code divides by 1/(I·2^-SI)
and multiplies by Δ: 1/I is no float64, but I is odd, so that v·I never lies on a tie and the
quotient's error of 2^-52 cannot reach one. Values are compared as q · 2^-frac, not rounded first.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from brevitas.core.function_wrapper import Identity
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor, nn

from fixedpoint import adc, pgd, slicer
from fixedpoint import spec as specs
from fixedpoint.channel import draw
from fixedpoint.cli import MISMATCH, Parser, run
from fixedpoint.format import Format
from fixedpoint.spec import DetectorSpec, PgdLayer
from model.pgd import LayerValues, PgdNet, Wires
from model.quantizers import AdcQuantizer, FormatQuantizer, HalfUp

BLOCKS, BLOCK = 256, 8
INPUTS = ("h", "y")


class TwinValues(NamedTuple):
    """The quantized inputs and the wires of every layer, float64 values."""

    h: Tensor
    y: Tensor
    layers: list[LayerValues]


class SpecConstants(nn.Module):
    """η and λ (or b) of a spec, (K,) each, exact."""

    def __init__(self, spec: DetectorSpec) -> None:
        super().__init__()
        f = spec.formats
        self.eta: Tensor
        self.threshold: Tensor
        self.register_buffer("eta", _values([layer.eta for layer in spec.layers], f.eta))
        self.register_buffer(
            "threshold", _values([layer.threshold for layer in spec.layers], f.state)
        )

    def forward(self) -> tuple[Tensor, Tensor]:
        """η and the threshold, (K,) each."""
        return self.eta, self.threshold


class BankStep(nn.Module):
    """Δ and 1/Δ of one layer from a spec's bank: a `StepSize`."""

    def __init__(self, spec: DetectorSpec, layer: PgdLayer) -> None:
        super().__init__()
        self.step: Tensor
        self.divisor: Tensor
        self.register_buffer("step", _values(list(layer.step), spec.formats.step))
        inverse = _values(list(layer.inverse), spec.formats.inverse)
        self.register_buffer("divisor", inverse.reciprocal())

    def table(self) -> Tensor:
        """Δ at every entry of the bank, (entries,)."""
        return self.step

    def scales(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """1/I and Δ of each vector, (B, 1) each."""
        return self.divisor[index].unsqueeze(-1), self.step[index].unsqueeze(-1)


class Twin(nn.Module):
    """A spec as a torch net on real H and y.

    With `rounding` = `HalfUp()` it is the fake-quantized twin; with `Identity()` the float twin:
    the same constants, the same clipping, no rounding.
    """

    def __init__(self, spec: DetectorSpec, rounding: nn.Module) -> None:
        super().__init__()
        self.h = FormatQuantizer(spec.formats.h, rounding)
        self.y = AdcQuantizer(spec.adc, spec.formats.y, rounding)
        steps = [BankStep(spec, layer) for layer in spec.layers]
        wires = Wires.of_formats(spec.formats, spec.formats.code, rounding)
        self.net = PgdNet(spec.prox, SpecConstants(spec), wires, steps)
        self.double()

    @torch.no_grad()
    def forward(self, h: Tensor, y: Tensor, index: Tensor) -> TwinValues:
        """h (B, M, N) or (M, N), y (B, M), float64; index (B,)."""
        h, y = self.h(h), self.y(y)
        return TwinValues(h, y, self.net(h, y, index))


def fake_quantized(spec: DetectorSpec) -> Twin:
    """The twin that equals the golden model exactly."""
    return Twin(spec, HalfUp())


def float_twin(spec: DetectorSpec) -> Twin:
    """The twin that only clips; `fixedpoint.pgd.float_twin` in torch."""
    return Twin(spec, Identity())


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


def compare(spec: DetectorSpec, vectors: int, seed: int) -> dict[str, Count]:
    """Twin against golden; one `Count` a wire, `layer.wire`.

    Each chunk of draws runs through the whole SNR bank, in random order.
    """
    if vectors < 1:
        raise ValueError(f"vectors {vectors}: at least 1 was expected")
    rng = np.random.default_rng(seed)
    twin, counts = fake_quantized(spec), _empty_counts(spec)
    with Progress(transient=True) as progress:
        starts = range(0, vectors, BLOCKS * BLOCK)
        for chunk, start in enumerate(progress.track(starts, description="twin = golden")):
            blocks = -(-min(BLOCKS * BLOCK, vectors - start) // BLOCK)
            _compare_draw(spec, twin, entries(rng, len(spec.snr), blocks), rng, chunk, counts)
    return counts


def entries(rng: np.random.Generator, bank: int, blocks: int) -> NDArray[np.int64]:
    """SNR entries of (blocks, BLOCK) vectors: each as often as any other, in random order."""
    return rng.permutation(np.arange(blocks * BLOCK) % bank).reshape(blocks, BLOCK)


def _compare_draw(
    spec: DetectorSpec,
    twin: Twin,
    index: NDArray[np.int64],
    rng: np.random.Generator,
    chunk: int,
    counts: dict[str, Count],
) -> None:
    blocks = len(index)
    snr_db = spec.snr.snr_db[index]
    drawn = draw(rng, spec.constellation, spec.rows, spec.columns, snr_db)
    h, y = adc.estimate(drawn.h, spec), adc.sample(drawn.y, spec)
    golden = pgd.run(spec, h, y, index)
    values = twin(
        torch.from_numpy(np.repeat(drawn.h, BLOCK, axis=0)),
        torch.from_numpy(drawn.y.reshape(-1, spec.rows)),
        torch.from_numpy(index.ravel()),
    )
    counts["h"].add(values.h.numpy()[::BLOCK], spec.formats.h.value(h), chunk)
    counts["y"].add(values.y.numpy(), _flat(spec.formats.y.value(y)), chunk)
    formats, unit = pgd.wire_formats(spec), spec.formats.step.step
    step: NDArray[np.float64] = np.zeros((*index.shape, 1))
    for k, (layer, wires, real) in enumerate(zip(spec.layers, golden, values.layers, strict=True)):
        next_step = np.array(layer.step)[index][..., None] * unit
        scales = {"accumulator": step, "code": next_step}
        for name in LayerValues._fields:
            expected = formats[name].value(getattr(wires, name)) * scales.get(name, 1.0)
            counts[f"{k + 1}.{name}"].add(getattr(real, name).numpy(), _flat(expected), chunk)
        bits = decide(spec, real.state).reshape(blocks, BLOCK, spec.columns, -1)
        counts[f"{k + 1}.bits"].add(bits.astype(np.float64), wires.bits.astype(np.float64), chunk)
        step = next_step


def decide(spec: DetectorSpec, state: Tensor) -> NDArray[np.int64]:
    """The slicer on real states (B, N): Gray bits (B, N, bits a dimension)."""
    thresholds = spec.formats.state.value(spec.slicer)
    return spec.constellation.gray(slicer.position(state.numpy(), thresholds))


def _empty_counts(spec: DetectorSpec) -> dict[str, Count]:
    wires = (*LayerValues._fields, "bits")
    names = [f"{k + 1}.{wire}" for k in range(len(spec.layers)) for wire in wires]
    return {name: Count() for name in (*INPUTS, *names)}


def _flat(array: NDArray[np.float64]) -> NDArray[np.float64]:
    return array.reshape(-1, array.shape[-1])


def _values(integers: list[int], target: Format) -> Tensor:
    return torch.from_numpy(target.value(integers))


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
        spec = specs.load(arguments.spec)
        counts = compare(spec, arguments.vectors, arguments.seed)
        differing = sum(count.differing for count in counts.values())
        if arguments.json:
            head = {"spec": spec.name, "digest": spec.digest, "seed": arguments.seed}
            wires = {name: vars(count) for name, count in counts.items()}
            print(json.dumps({**head, "wires": wires}))
        else:
            print(f"spec {spec.name} {spec.digest}, seed {arguments.seed}")
            for name, count in counts.items():
                print(f"{name:>14} {count.compared:>12,} compared {count.differing:>8,} differ")
            total = sum(count.compared for count in counts.values())
            print(f"{'all':>14} {total:>12,} compared {differing:>8,} differ")
            for name, count in counts.items():
                if count.first:
                    print(f"{name}: {count.first}")
        return MISMATCH if differing else 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
