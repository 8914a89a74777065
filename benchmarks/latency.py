# SPDX-License-Identifier: Apache-2.0
"""CPU latency of the FP32 and the INT8 networks: figure 6 of the KAQ paper, measured.

    python -m benchmarks.latency [--quick] [--rounds N] [--seed 0] [--json FILE]

Five-layer PGD-Net and ADMM-Net at 16×16, 16-QAM, from compiled C++ (`latency_library`), in one
thread. The INT8 nets are the shipped specs `pgd` and `admm-box`, bit for bit: before anything is
timed, state and code of each kernel are compared with its golden model (`latency_golden`: at every
SNR entry, 4464 vectors, half of them extreme); one differing integer ends the run with status 1 and
a line that names it. The FP32 nets have the same constants without codes and rounding.

A sample is the thread's CPU time of a chain of calls, each of which waits for the state of the one
before, divided by the calls and the vectors. Every round visits all variants in a new order; ratios
are taken within a round, and their interval is a bootstrap over rounds: it holds for this run, not
for another machine, compiler or layout of the code. With batch 1 each vector has an H of its own:
"hot", prepared and in the cache, or "cold", prepared and far away (64 MiB of blocks in random
order, more than most last caches hold). Batches 14 and 128 share one H: nanoseconds a vector.
Preparation starts from float32 H: FP32 PGD-Net transposes it, INT8 quantizes and packs it; ADMM-Net
computes Gram matrix, Cholesky factor, inverse, P and F in float32 in every variant. INT8 then looks
whether F fits its format (if not, ρ is doubled), quantizes F to 11 bits (int16) and P to int8, and
packs them. `fixedpoint.specs.prepare` works in float64, so that a few integers of F and P
differ by one:
the report counts them ("unlike"), and the nets are compared on both sets of integers.

y is what each net reads: the ADC's integers in INT8, floats in FP32. INT8 writes state and code,
FP32 its state; no variant slices bits. In layer 1, x = z = u = 0: that product is left out.

JSON: {"processor", "compiler", "flags" (of each variant), "specs" (name to digest), "golden" (a
list of "network", "variant", "vectors", "integers" (compared, none differs), "prepared" (entries of
matrices), "unlike"), "rounds", "samples" (a round), "seed", "snr_db", "claim" (a list of
sentences), "rows"}. A row has
    network         pgd or admm
    variant         fp32, int8 (plain C++), int8-vnni (AVX512-VNNI), torch fp32 (eager, batch 1)
    batch, cache    1, 14 or 128 vectors that share H; H hot or cold
    median_ns, p95_ns                           of all samples, a vector, H prepared
    prepare_ns, prepare_p95_ns                  preparation of one block
    amortised_ns                                median_ns + prepare_ns / batch
    ratio, ratio_low, ratio_high                to fp32 of the same network, batch and cache, 95%
    amortised_ratio, …_low, …_high              the same with preparation
or, where this machine cannot run the variant, network, variant and "absent": the reason.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import latency_golden as golden
from benchmarks import latency_measure as measure
from benchmarks.latency_library import NETWORKS, SPECS, VARIANTS, Library, flags
from fixedpoint import cli
from fixedpoint.detectors import library as spec
from fixedpoint.support.files import write_text
from fixedpoint.support.table import table
from hls.builds import tools
from hls.builds.compiler import find_compiler

CLAIMED = 0.80
MOST = 1_000_000
Row = Mapping[str, Any]


def run(rounds: int, samples: int, seed: int) -> dict[str, Any]:
    """Everything that the JSON holds.

    Raises `ValueError` without a compiler, `DiffersError` where a kernel is not its golden model.
    """
    inputs = measure.Inputs.draw(seed)
    libraries = {"int8": Library.build("int8")}
    missing = {}
    if not libraries["int8"].has_vnni:
        missing["int8-vnni"] = "this processor has no AVX512-VNNI"
    for variant in VARIANTS:
        if variant not in missing:
            libraries[variant] = Library.build(variant)
    checked = compared(libraries)
    tasks: dict[measure.Key, measure.Sampler] = {}
    for variant in libraries:
        for network in NETWORKS:
            tasks |= measure.library_tasks(libraries[variant], network, inputs, seed)
    if importlib.util.find_spec("torch"):
        from benchmarks import latency_torch

        tasks |= latency_torch.tasks(inputs)
    else:
        missing["torch fp32"] = "torch is not installed"
    rows = measure.rows(measure.alternate(tasks, rounds, samples, seed), "fp32", seed)
    rows += [
        measure.absent(network, variant, reason)
        for variant, reason in missing.items()
        for network in NETWORKS
    ]
    rows.sort(key=_place)
    return {
        "processor": _processor(),
        "compiler": _compiler(),
        "flags": {variant: " ".join(flags(variant)) for variant in libraries},
        "specs": {name: spec.load(name).digest for name in SPECS.values()},
        "golden": [
            {
                "network": found.network,
                "variant": found.variant,
                "vectors": found.vectors,
                "integers": found.comparison.total,
                "prepared": found.prepared,
                "unlike": found.unlike,
            }
            for found in checked
        ],
        "rounds": rounds,
        "samples": samples,
        "seed": seed,
        "snr_db": measure.SNR_DB,
        "claim": [verdict(rows, network) for network in NETWORKS],
        "rows": rows,
    }


def compared(libraries: Mapping[str, Library]) -> list[golden.Checked]:
    """Every INT8 kernel against its golden model. Raises `DiffersError`."""
    drawn = {network: golden.Drawn.make(network) for network in NETWORKS}
    return [
        golden.check(library, network, drawn[network])
        for network in NETWORKS
        for variant, library in libraries.items()
        if variant != "fp32"
    ]


def verdict(rows: Sequence[Row], network: str) -> str:
    """The paper's claim against the fastest INT8 variant at batch 1, with a prepared, hot H."""
    row = measure.best(rows, network)
    low, high = row["ratio_low"], row["ratio_high"]
    found = (
        "reached" if high <= CLAIMED else "not reached" if low > CLAIMED else "within the interval"
    )
    return (
        f"{network}: {row['variant']} changes the latency of one vector by "
        f"{_change(row, 'ratio')}, 20% less is {found}; with the preparation of an "
        f"H of its own, by {_change(row, 'amortised_ratio')}"
    )


def _change(row: Row, name: str) -> str:
    value, low, high = (row[key] - 1 for key in (name, f"{name}_low", f"{name}_high"))
    return f"{value:+.1%} [{low:+.1%}, {high:+.1%}]"


def render(report: Mapping[str, Any]) -> str:
    """The tables and the verdicts."""
    head = ("network", "variant", "vectors an H", "H", "median ns", "p95", "against fp32",
            "prepare ns", "with its share", "against fp32")  # fmt: skip
    body = [_cells(row) for row in report["rows"]]
    lines = [
        f"{report['processor']}; {report['compiler']}; one thread, CPU time a vector",
        f"{report['rounds']} rounds of {report['samples']} samples, seed {report['seed']}; "
        "ratios with 95% intervals over rounds",
        "",
        table(head, body),
        "",
        *(_equal(found, report["specs"][SPECS[found["network"]]]) for found in report["golden"]),
        *report["claim"],
    ]
    return "\n".join(lines)


def _equal(found: Row, digest: str) -> str:
    return (
        f"{found['network']} {found['variant']}: 0 of {found['integers']:,} integers differ from "
        f"the golden model of spec {digest[:12]}; its own preparation makes {found['unlike']} of "
        f"{found['prepared']:,} matrix entries otherwise"
    )


def _cells(row: Row) -> tuple[str, ...]:
    start = (str(row["network"]), str(row["variant"]))
    if "absent" in row:
        return (*start, "-", "-", str(row["absent"]), *[""] * 5)
    return (
        *start, str(row["batch"]), str(row["cache"]),
        f"{row['median_ns']:,.1f}", f"{row['p95_ns']:,.1f}", _interval(row, "ratio"),
        f"{row['prepare_ns']:,.0f}", f"{row['amortised_ns']:,.1f}",
        _interval(row, "amortised_ratio"),
    )  # fmt: skip


def _interval(row: Row, name: str) -> str:
    return f"{row[name]:.2f} [{row[f'{name}_low']:.2f}, {row[f'{name}_high']:.2f}]"


def _place(row: Row) -> tuple[int, bool, int, bool]:
    """Networks apart, the absent last, then by batch and cache; the sort keeps variants' order."""
    batch = row.get("batch", 0)
    return NETWORKS.index(str(row["network"])), "absent" in row, batch, row.get("cache") == "cold"


def _processor() -> str:
    """The model that Linux names; the machine elsewhere."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "processor unknown"


def _compiler() -> str:
    return tools.run([*find_compiler(), "--version"]).stdout.partition("\n")[0]


def main(argv: list[str] | None = None) -> int:
    """Print the table; write the JSON."""
    parser = cli.Parser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 rounds of 3 samples")
    parser.add_argument("--rounds", type=int, help="default 1000, of 5 samples")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args(argv)

    def body() -> int:
        usual = 100 if arguments.quick else 1000
        rounds = usual if arguments.rounds is None else arguments.rounds
        if rounds < 1:
            raise ValueError(f"rounds {rounds} is below 1")
        cli.check_count(rounds, MOST, "rounds")
        try:
            report = run(rounds, 3 if arguments.quick else 5, arguments.seed)
        except golden.DiffersError as error:
            print(error, file=sys.stderr)
            return cli.MISMATCH
        if arguments.json:
            write_text(arguments.json, json.dumps(report, indent=2) + "\n")
        print(render(report))
        return 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
