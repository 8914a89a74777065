"""What each choice of quantization-aware training is worth: one factor varied at a time.

    python -m model.variants --seeds 3            # trains what is not there yet, evaluates all

Every variant starts from the shipped float net of its family and differs from the base (SNR-driven
Δ from the least squared error, squared error alone, last layer's code in the loss) in one entry.
All see the same 4000 draws at each of 0, 5 … 25 dB, of a stream that no training sees. Writes
`variants.json` and `variants.md`; what an earlier run trained or measured is kept.
"""

from __future__ import annotations

import argparse
import functools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fixedpoint.cli import Parser, run
from fixedpoint.files import write_text
from model import checkpoint as checkpoints
from model import shipped
from model.accuracy import half_width, vector_errors
from model.admm import AdmmNet
from model.config import TrainConfig
from model.data import Dataset, dataset
from model.nets import UnfoldedNet, net_of
from model.rebuild import finished
from model.train import progress_bar, reporter
from model.trainer import EVALUATED_DB, Trainer

_BASE = TrainConfig(quantizer="snr", initial="mse", epochs=4, halve_every=1, validation=600)
FAMILIES = {
    "pgd": replace(_BASE, start="pgd-soft"),
    "admm": replace(_BASE, network="admm", form="shared", prox="box", start="admm-box"),
}
FACTORS: dict[str, dict[str, Any]] = {
    "base": {},
    "fixed": {"quantizer": "fixed"},
    "learned": {"quantizer": "learned"},
    "wide": {"last": "wide"},
    "mmd-kde": {"mmd": "kde", "epsilon": 1.0},
    "mmd-free": {"mmd": "free", "epsilon": 1.0},
    "max": {"initial": "max"},
    "ptq-mse": {"quantizer": "fixed", "epochs": 0},
    "ptq-max": {"quantizer": "fixed", "initial": "max", "epochs": 0},
}
BITS = {8: 3, 4: 3, 6: 1, 3: 1}
"""Code widths, and the seeds that each is trained with."""


def plan(seeds: int) -> list[tuple[str, TrainConfig]]:
    """Names and configurations, the first seed of every width and factor first."""
    return [
        (f"{family}-{factor}-{bits}bit-seed{seed}", replace(base, **change, bits=bits, seed=seed))
        for seed in range(seeds)
        for bits, trained in BITS.items()
        for factor, change in FACTORS.items()
        for family, base in FAMILIES.items()
        if seed < trained
    ]


@functools.cache
def evaluation_data(vectors: int, quantized: bool, admm: bool) -> Dataset:
    """The common draws, with H and y as the net gets them."""
    snr_db, template = np.repeat(EVALUATED_DB, vectors), _BASE.template
    data = dataset(template, snr_db, 0, "choice", quantized=quantized, quantized_h=not admm)
    return data.with_gram() if admm else data


def rates(net: UnfoldedNet, vectors: int, last: str) -> NDArray[np.float64]:
    """Share of wrong bits of every vector, (SNRs, vectors)."""
    template = _BASE.template
    data = evaluation_data(vectors, net.wires is not None, isinstance(net, AdmmNet))
    errors = vector_errors(net, data, template.constellation, last)
    bits = template.columns * template.constellation.bits
    return errors.reshape(len(EVALUATED_DB), vectors) / bits


def measure(net: UnfoldedNet, vectors: int) -> dict[str, Any]:
    """BER with its half-width at each SNR, of the sliced state and of the sliced code."""
    result: dict[str, Any] = {}
    for last in ("wide", "quantized"):
        per_vector = rates(net, vectors, last)
        result[last] = {
            "ber": [float(r.mean()) for r in per_vector],
            "half_width": [half_width(r) for r in per_vector],
        }
    return result


def train(name: str, config: TrainConfig, work: Path) -> UnfoldedNet:
    """Train a variant in `work`/name unless it is done."""
    folder = work / name
    resume = (folder / checkpoints.FILE).exists()
    if not (resume and finished(checkpoints.load(folder), config)):
        with progress_bar() as progress:
            Trainer(config, folder, resume, reporter(progress, name)).run()
    return net_of(checkpoints.load(folder))


def table(record: dict[str, Any]) -> str:
    """One row a variant: BER of what it was trained to decide, averaged over its seeds."""
    heads = " | ".join(f"{snr:g} dB" for snr in EVALUATED_DB)
    lines = [
        f"{record['vectors']} draws at each SNR, the same for all; ± is 95% of one seed.",
        "",
        f"| net | variant | bits | seeds | {heads} | mean | spread of the seeds' means |",
        "|" + "---|" * (len(EVALUATED_DB) + 6),
    ]
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for name, entry in record["variants"].items():
        family, rest = name.split("-", 1)
        factor, bits, _ = rest.rsplit("-", 2)
        groups.setdefault((family, factor, bits), []).append(entry)
    for (family, factor, bits), entries in groups.items():
        decided = [entry[entry["decided"]] for entry in entries]
        mean = np.mean([d["ber"] for d in decided], axis=0)
        widths = decided[0]["half_width"]
        cells = " | ".join(f"{b:.4f} ± {w:.4f}" for b, w in zip(mean, widths, strict=True))
        means = [np.mean(d["ber"]) for d in decided]
        row = f"{family} | {factor} | {bits} | {len(entries)} | {cells} | {mean.mean():.5f}"
        lines.append(f"| {row} | {max(means) - min(means):.5f} |")
    return "\n".join(lines) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on bad options."""
    parser = Parser(
        prog="python -m model.variants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=3, help="at most this many a variant")
    parser.add_argument("--vectors", type=int, default=4000, help="draws at each SNR")
    parser.add_argument("--work", type=Path, default=Path("build/train/variants"))
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)

    def body() -> int:
        if arguments.seeds < 1 or arguments.vectors < 2:
            raise ValueError(
                f"seeds {arguments.seeds}, vectors {arguments.vectors}: "
                "at least 1 seed and 2 vectors were expected"
            )
        path = arguments.out / "variants.json"
        record = _record(path, arguments.vectors)
        for name, config in plan(arguments.seeds):
            if name not in record["variants"]:
                net = train(name, config, arguments.work)
                entry = {"config": config.to_json(), "decided": config.last}
                record["variants"][name] = entry | measure(net, arguments.vectors)
                write_text(path, json.dumps(record, indent=1) + "\n")
                write_text(path.with_suffix(".md"), table(record))
        print(path)
        return 0

    return run(body)


def _record(path: Path, vectors: int) -> dict[str, Any]:
    """What an earlier run measured; of another size, it is refused."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        floats = {base.start: base.start for base in FAMILIES.values()}
        measured = {name: measure(shipped.load(name), vectors)["wide"] for name in floats}
        return {"vectors": vectors, "floats": measured, "variants": {}}
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if found.get("vectors") != vectors:
        raise ValueError(f"{path} holds {found.get('vectors')} vectors, not {vectors}")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
