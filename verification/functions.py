# SPDX-License-Identifier: Apache-2.0
"""Every emitted function by itself against the golden model, wire by wire.

    python -m verification.functions --spec admm-box [--vectors 2000] [--seed 0]

Inputs are random and corners of their widths, another layer and another entry of the banks in each
cycle; the golden model computes the same wires from the same inputs. 0 differences, or exit
status 1.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

import numpy as np

from fixedpoint import cli
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Carried, Given, Supplied
from fixedpoint.program.values import Sliced, Value
from fixedpoint.program.views import golden
from fixedpoint.program.views.interpret import Inputs, Layer
from hls.verilog.emit import Emitted, emitted
from hls.verilog.function import Array
from hls.verilog.sections import layered
from verification import functions_top
from verification.functions_top import Bits, Driven

MOST = 1_000_000


def stimulus(array: Array, count: int, rng: np.random.Generator) -> Driven:
    """Random vectors; wires of the layer before are 0 in the first layer."""
    layers = array.layers if layered(array.pipeline.function) else 1
    valid, side, layer, index = (rng.integers(0, end, count) for end in (
        2, 2, layers, array.entries))  # fmt: skip
    inputs: dict[Value, IntArray] = {}
    for part in [part for parts in array.inputs.values() for part in parts]:
        q = _integers(part.value.largest, (count, part.copies), rng)
        if isinstance(part.value, Carried):
            q[layer == 0] = 0
        inputs[part.value] = q
    return Driven(array, valid, side, layer, index, inputs)


def _integers(largest: int, shape: tuple[int, int], rng: np.random.Generator) -> IntArray:
    """A third at the ends and around 0, a third of any magnitude, a third anywhere."""
    ends = np.array([0, 1, largest - 1, largest])
    kinds = (
        ends[rng.integers(0, 4, shape)],
        (largest * np.exp2(-rng.uniform(0, 1 + np.log2(largest + 1), shape))).astype(np.int64),
        rng.integers(0, largest + 1, shape),
    )
    chosen = rng.integers(0, 3, shape)
    q = np.choose(chosen, kinds) * rng.choice([-1, 1], shape)
    return np.clip(q, -largest, largest)


def expected(made: Program, given: Driven) -> dict[Value, IntArray]:
    """The golden model's integers of all that a function shows, (V,)."""
    function = given.array.pipeline.function
    shown = [*function.wires.values(), *function.outputs]
    found = {value: np.zeros(len(given.layer), np.int64) for value in shown}
    for number in np.unique(given.layer):
        at = np.flatnonzero(given.layer == number)
        layer = _layer(made, given, at, int(number))
        golden.evaluate(layer, shown)
        for value in shown:
            found[value][at] = _flat(value, np.asarray(layer[value]), len(at))
    return found


def _layer(made: Program, given: Driven, at: IntArray, number: int) -> Layer:
    """A layer with the inputs of some vectors as those of one block of one row and column."""
    samples, before, supplied, known = {}, {}, {}, {}
    for value, q in given.inputs.items():
        of = q[at].T[None].transpose(0, 2, 1)  # (1, V, units)
        match value:
            case Given():
                samples[value.name] = of[..., None]
            case Carried():
                before[value.wire] = of[..., None, None]
            case Supplied():
                supplied[value.name] = np.repeat(of[..., None], given.array.layers, axis=-1)
            case _:
                known[value] = of[..., None, None]
    pipeline = given.array.pipeline
    same = pipeline.schedule.same
    known |= {v: known[same(v)] for v in pipeline.function.inputs if same(v) in known}
    inputs = Inputs({}, samples, given.index[None, at], supplied, columns=1)
    return Layer(made, inputs, number, before, known)


def _flat(value: Value, q: IntArray, count: int) -> IntArray:
    """(V,); decided bits as one integer, the first one on top."""
    if isinstance(value, Sliced):
        q = q @ (1 << np.arange(q.shape[-1])[::-1])
    return np.broadcast_to(q, (1, count, *q.shape[2:])).reshape(count)


def compare(programs: Mapping[str, Program], count: int, seed: int) -> dict[str, int]:
    """The number of integers that differ, by `NAME function.wire`; all programs in one model."""
    rng = np.random.default_rng(seed)
    views = {name: emitted(made, f"p{i}_") for i, (name, made) in enumerate(programs.items())}
    work = [(name, view, stimulus(array, count, rng))
            for name, view in views.items() for array in view.arrays.values()]  # fmt: skip
    silent = set(views) - {name for name, *_ in work}
    if silent or not work:
        raise ValueError(
            f"no function of {', '.join(sorted(silent)) or 'any program'}: nothing is compared"
        )
    found = functions_top.run(list(views.values()), [given for _, _, given in work], count)
    differ = {}
    for (name, view, given), shown in zip(work, found, strict=True):
        for label, wrong in _differences(view, given, shown).items():
            differ[f"{name} {label}"] = wrong
    return differ


def _differences(view: Emitted, given: Driven, shown: Bits) -> dict[str, int]:
    """Of one function: its wires and outputs, and what travels along."""
    array, wanted = given.array, expected(view.program, given)
    pipeline, function, differ = array.pipeline, array.pipeline.function, {}
    for name, each in pipeline.fields.items():
        signed = function.part.formats[name].signed
        q = shown.integers("wires_o", each.offset, each.bits, signed)
        differ[f"{function.name}.{name}"] = int((q != wanted[each.value]).sum())
    for port, parts in array.outputs.items():
        for part in parts:
            signed = not isinstance(part.value, Sliced)
            q = shown.integers(port, part.offset, part.bits, signed)
            right = wanted[part.value] if part.value in wanted else given.inputs[part.value][:, 0]
            key = f"{function.name}.{port}.{array.label(part.value)}"
            differ[key] = int((q != right).sum())
    along = {"valid_o": (given.valid, 1), "side_o": (given.side, 1),
             "layer_o": (given.layer, array.layer_width)}  # fmt: skip
    for name, (sent, bits) in along.items():
        q = shown.integers(name, 0, bits, signed=False)
        differ[f"{function.name}.{name}"] = int((q != sent).sum())
    return differ


def report(differ: Mapping[str, int], count: int) -> Sequence[str]:
    """The wires that differ, then one line of all."""
    lines = [f"{wire}: {wrong} of {count} differ" for wire, wrong in differ.items() if wrong]
    total = f"{len(differ) * count:,} integers: {sum(differ.values())} differ"
    return [*lines, f"{len(differ)} wires, {total}"]


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 on a difference."""
    parser = cli.Parser(prog="python -m verification.functions", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--spec", default="pgd", help="a shipped spec or a file")
    parser.add_argument("--vectors", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)

    def body() -> int:
        cli.check_count(arguments.vectors, MOST)
        cli.check_seed(arguments.seed)
        chosen = spec.load(arguments.spec)
        differ = compare({chosen.name: program(chosen)}, arguments.vectors, arguments.seed)
        print(*report(differ, arguments.vectors), sep="\n")
        return cli.MISMATCH if any(differ.values()) else 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
