# SPDX-License-Identifier: Apache-2.0
"""What each choice of quantization-aware training is worth: one factor varied at a time.

    python -m model.variants --seeds 3            # trains what is not there yet, evaluates all

A variant differs from its family's base in one factor. The bases of `pgd` and `admm` train 4 epochs
from a shipped float net (SNR-driven Δ from the least squared error, squared error alone, last
layer's code in the loss); `kaq` is Algorithm 1 whole, the recipe of the shipped spec `admm-kaq`,
12 epochs from a float net of its own seed. All see the same 4000 draws at each of 0, 5 … 25 dB, of
a stream that no training sees. Differences from the base of the same seed are paired. Writes
`variants.json` and `variants.md`; what an earlier run trained or measured is kept.
"""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fixedpoint.cli import Parser, run
from fixedpoint.support.files import write_text
from fixedpoint.support.reading import RESULT_BYTES, brief, read_json
from model.recipes.registry import config_of
from model.store.commands import trained_in
from model.store.entries import object_of
from model.unfolded.accuracy import half_width, vector_errors
from model.unfolded.admm import AdmmNet
from model.unfolded.config import TrainConfig
from model.unfolded.data import Dataset, dataset_of
from model.unfolded.nets import UnfoldedNet, net_of
from model.unfolded.shipped import load
from model.unfolded.trainer import EVALUATED_DB, Trainer
from model.variant_tables import tables

BASE = "base"
_FEW = TrainConfig(quantizer="snr", initial="mse", epochs=4, halve_every=1, validation=600)
_KAQ = config_of("admm-box-int8-kaq")
_WITHOUT_MMD: dict[str, Any] = {"mmd": "none", "epsilon": 0.0}
_BOX = config_of("admm-box-int8-snr")
FACTORS: dict[str, dict[str, Any]] = {
    BASE: {},
    "learned": {"quantizer": "learned"},
    "mmd-kde": {"mmd": "kde", "epsilon": 1.0},
    "mmd-free": {"mmd": "free", "epsilon": 1.0},
    "fixed": {"quantizer": "fixed"},
    "wide": {"last": "wide"},
    "max": {"initial": "max"},
    "ptq-mse": {"quantizer": "fixed", "epochs": 0},
    "ptq-max": {"quantizer": "fixed", "initial": "max", "epochs": 0},
}
TESTED = (BASE, "learned", "mmd-kde", "mmd-free")
"""The factors that a claim of the paper is about: trained with every seed."""


@dataclass(frozen=True)
class Family:
    """A base and what is varied.

    `bits`: code widths, and the factors at each; `seeds`: the factors that are trained with more
    than the first seed; `decided`: what is sliced, the wide state as in hardware, or as trained;
    `own_start`: every seed trains a float net of its own by this recipe.
    """

    base: TrainConfig
    factors: Mapping[str, Mapping[str, Any]]
    bits: Mapping[int, tuple[str, ...]]
    seeds: tuple[str, ...]
    decided: str = ""
    own_start: str = ""


_PTQ = ("ptq-mse", "ptq-max")
_PGD_BITS = {8: tuple(FACTORS), 4: tuple(FACTORS), 6: (BASE, "learned", "wide"),
             3: (BASE, "learned", "wide")}  # fmt: skip
_ADMM_BITS = {8: (BASE, "learned", "wide", *_PTQ), 4: (BASE, "learned", *_PTQ), 3: (BASE, "wide")}
"""What Δ and the MMD loss do for ADMM-Net, `kaq` tells from longer trainings."""
_KAQ_FACTORS: dict[str, dict[str, Any]] = {
    BASE: {},
    "no-mmd": _WITHOUT_MMD,
    "learned": {"quantizer": "learned"},
    "admm-box": _WITHOUT_MMD | {"last": _BOX.last, "initial": _BOX.initial},
}
FAMILIES = {
    "kaq": Family(_KAQ, _KAQ_FACTORS, {8: tuple(_KAQ_FACTORS)}, tuple(_KAQ_FACTORS), "wide",
                  "admm-box"),
    "pgd": Family(replace(_FEW, start="pgd-soft"), FACTORS, _PGD_BITS, TESTED),
    "admm": Family(
        replace(_FEW, network="admm", form="shared", prox="box", start="admm-box"),
        FACTORS, _ADMM_BITS, (),
    ),
}  # fmt: skip


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
def evaluation_data(vectors: int, quantized: bool, admm: bool) -> Dataset:
    """The common draws, with H and y as the net gets them."""
    snr_db = np.repeat(EVALUATED_DB, vectors)
    return dataset_of(_FEW.template, admm, snr_db, 0, "choice", quantized=quantized)


def rates(net: UnfoldedNet, vectors: int, last: str) -> NDArray[np.float64]:
    """Share of wrong bits of every vector, (SNRs, vectors)."""
    template = _FEW.template
    data = evaluation_data(vectors, net.wires is not None, isinstance(net, AdmmNet))
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
        floats = {name: rates(load(name), vectors, "wide") for name in starts}
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
