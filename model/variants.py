# SPDX-License-Identifier: Apache-2.0
"""What each choice of quantization-aware training is worth: one factor varied at a time.

    python -m model.variants --seeds 3            # trains what is not there yet, evaluates all

A variant differs from its family's base in one factor (`model.recipes.families`). All see the same
4000 draws at each of 0, 5 … 25 dB, of a stream that no training sees. Differences from the base of
the same seed are paired. Writes `variants.json` and `variants.md`; what an earlier run trained or
measured is kept.
"""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fixedpoint.cli import Parser, check_count, run
from fixedpoint.support.files import write_text
from fixedpoint.support.reading import RESULT_BYTES, brief, read_json
from model.recipes.families import BASE, FAMILIES, FEW
from model.recipes.registry import config_of
from model.store.commands import trained_in
from model.store.entries import object_of
from model.unfolded.accuracy import half_width, vector_errors
from model.unfolded.config import TrainConfig
from model.unfolded.data import Dataset, dataset_of
from model.unfolded.nets import UnfoldedNet, net_of, shipped_net
from model.unfolded.trainer import EVALUATED_DB, Trainer
from model.variant_tables import tables

MOST, MOST_SEEDS = 1_000_000, 1000


@dataclass(frozen=True)
class Variant:
    """One training: the names of its family and factor, and its configuration."""

    family: str
    factor: str
    config: TrainConfig

    @property
    def name(self) -> str:
        """Also of the folder that it is trained in."""
        return f"{self.family}-{self.factor}-{self.config.bits}bit-seed{self.config.seed}"

    @property
    def decided(self) -> str:
        """What is sliced: "wide" or "quantized"."""
        return FAMILIES[self.family].decided or self.config.last

    @property
    def reference(self) -> Variant:
        """The base of the same width and seed."""
        base = FAMILIES[self.family].base
        config = replace(base, bits=self.config.bits, seed=self.config.seed)
        return Variant(self.family, BASE, config)


def plan(seeds: int) -> Iterator[Variant]:
    """Every variant, a base before what is compared with it, the first seed of all first."""
    for seed in range(seeds):
        for name, family in FAMILIES.items():
            for bits, factors in family.bits.items():
                for factor in factors:
                    if not seed or (factor in family.seeds and set(family.seeds) <= set(factors)):
                        change = family.factors[factor]
                        yield Variant(name, factor, replace(family.base, **change, bits=bits,
                                                            seed=seed))  # fmt: skip


@functools.cache
def evaluation_data(vectors: int, quantized: bool, gram: bool) -> Dataset:
    """The common draws, with H and y as the net gets them."""
    snr_db = np.repeat(EVALUATED_DB, vectors)
    return dataset_of(FEW.template, gram, snr_db, 0, "choice", quantized=quantized)


def rates(net: UnfoldedNet, vectors: int, last: str) -> NDArray[np.float64]:
    """Share of wrong bits of every vector, (SNRs, vectors)."""
    template = FEW.template
    data = evaluation_data(vectors, net.wires is not None, net.gram)
    errors = vector_errors(net, data, template.constellation, last)
    bits = template.columns * template.constellation.bits
    return errors.reshape(len(EVALUATED_DB), vectors) / bits


def measure(variant: Variant, vectors: int, work: Path) -> dict[str, Any]:
    """BER of what is decided at each SNR with its half-width; less the base's, paired."""
    found = rates(train(variant, work), vectors, variant.decided)
    entry: dict[str, Any] = {"config": variant.config.to_json(), "decided": variant.decided}
    entry |= {"ber": found.mean(axis=1).tolist(), "half_width": [half_width(r) for r in found]}
    if variant.factor != BASE:
        base = variant.reference
        less = found - _reference_rates(base, vectors, work)
        mean = less.mean(axis=0)
        entry["less_base"] = {
            "difference": less.mean(axis=1).tolist(),
            "half_width": [half_width(r) for r in less],
            "mean": float(mean.mean()),
            "mean_half_width": half_width(mean),
        }
    return entry


@functools.lru_cache(maxsize=4)
def _reference_rates(base: Variant, vectors: int, work: Path) -> NDArray[np.float64]:
    return rates(train(base, work), vectors, base.decided)


def train(variant: Variant, work: Path) -> UnfoldedNet:
    """Train a variant in `work`/name unless it is done, after its float net."""
    config, own = variant.config, FAMILIES[variant.family].own_start
    if own and config.seed:
        start = work / f"{own}-seed{config.seed}"
        _train(start, replace(config_of(own), seed=config.seed))
        config = replace(config, start=str(start))
    return _train(work / variant.name, config)


def _train(folder: Path, config: TrainConfig) -> UnfoldedNet:
    return net_of(trained_in(folder, config, Trainer))


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on bad options."""
    parser = Parser(
        prog="python -m model.variants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=3, help="at most this many a variant")
    parser.add_argument("--vectors", type=int, default=4000, help="draws at each SNR")
    parser.add_argument("--family", choices=FAMILIES, help="this one alone; default: all")
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
        check_count(arguments.seeds, MOST_SEEDS, "seeds")
        check_count(arguments.vectors, MOST)
        path = arguments.out / "variants.json"
        record = _record(path, arguments.vectors)
        for variant in plan(arguments.seeds):
            if variant.name not in record["variants"] and variant.family == (
                arguments.family or variant.family
            ):
                found = measure(variant, arguments.vectors, arguments.work)
                record["variants"][variant.name] = found
                write_text(path, json.dumps(record, indent=1) + "\n")
        write_text(path.with_suffix(".md"), tables(record))
        print(path)
        return 0

    return run(body)


def _record(path: Path, vectors: int) -> dict[str, Any]:
    """What an earlier run measured; of another size, it is refused."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        starts = dict.fromkeys(family.base.start for family in FAMILIES.values())
        floats = {name: rates(shipped_net(name), vectors, "wide") for name in starts}
        measured = {name: {"ber": r.mean(axis=1).tolist()} for name, r in floats.items()}
        return {"vectors": vectors, "floats": measured, "variants": {}}
    try:
        found = object_of(read_json(path, RESULT_BYTES), "file")
        for name in ("floats", "variants"):
            for variant, entry in object_of(found.get(name), name).items():
                object_of(entry, brief(variant))
    except ValueError as error:
        raise ValueError(f"{path} does not hold results of variants: {error}") from None
    if found.get("vectors") != vectors:
        raise ValueError(f"{path} holds {brief(found.get('vectors'))} vectors, not {vectors}")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
