# SPDX-License-Identifier: Apache-2.0
"""The choice of ε of eq. (16), for which the paper gives no value, on validation data."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fixedpoint.cli import Parser, check_count
from fixedpoint.support.files import write_text
from model.recipes.recipe import Command
from model.store.checkpoint import Checkpoint
from model.store.commands import add_options, config_of, progress_bar, reporter
from model.store.resume import Report
from model.unfolded.accuracy import half_width, vector_errors
from model.unfolded.config import CHOICES, TrainConfig
from model.unfolded.data import check_vectors, dataset_of
from model.unfolded.nets import net_of
from model.unfolded.trainer import EVALUATED_DB, Trainer

MOST_SEEDS = 1000


@dataclasses.dataclass(frozen=True)
class Choice:
    """One ε: the mean BER over 0, 5 … 25 dB of nets of several seeds on the same vectors.

    `ber_of_seeds`: one mean BER a seed; `gain`: BER of ε = 0 less that of this ε, paired, with
    `gain_half_width` over the vectors (not over seeds: see `ber_of_seeds` for those).
    """

    epsilon: float
    ber: float
    ber_of_seeds: list[float]
    gain: float
    gain_half_width: float


def choose_epsilon(
    config: TrainConfig,
    epsilons: Sequence[float],
    seeds: int,
    vectors: int,
    out: Path,
    report: Report,
) -> list[Choice]:
    """Train every ε with every seed and compare them with ε = 0 on the same draws.

    Args:
        config: what all trainings share; its `mmd` says which form, its `seed` the first seed.
        epsilons: values > 0; 0, the plain squared error, is always trained as the reference.
        seeds: how many.
        vectors: draws at each of 0, 5 … 25 dB, from a stream that no training sees.
        out: a folder; each training keeps its own below it, and what is done is not done again.

    Returns one `Choice` an ε, in ascending order; writes them to `out`/choice.json.
    """
    check(config, epsilons, seeds, vectors)
    template = config.template
    snr_db = np.repeat(EVALUATED_DB, vectors)
    data = dataset_of(template, config.gram, snr_db, config.seed, "choice", quantized=True)
    bits = template.columns * template.constellation.bits
    values = [0.0, *sorted(set(epsilons))]
    rates = np.zeros((len(values), seeds, len(snr_db)))
    for s in range(seeds):
        seeded = dataclasses.replace(config, seed=config.seed + s)
        start = config.start or str(_float_start(seeded, out / f"float-seed{seeded.seed}", report))
        for e, epsilon in enumerate(values):
            shared = dataclasses.replace(seeded, start=start)
            if epsilon == 0:
                wanted = _without_mmd(shared)
            else:
                wanted = dataclasses.replace(shared, epsilon=epsilon)
            folder = out / f"epsilon{epsilon:g}-seed{seeded.seed}"
            net = net_of(_train(wanted, folder, report))
            rates[e, s] = vector_errors(net, data, template.constellation) / bits
    choices = []
    for epsilon, rate in zip(values, rates, strict=True):
        gain = (rates[0] - rate).mean(axis=0)
        of_seeds = [float(r.mean()) for r in rate]
        choices.append(
            Choice(epsilon, float(rate.mean()), of_seeds, float(gain.mean()), half_width(gain))
        )
    record: dict[str, Any] = {"config": config.to_json(), "seeds": seeds, "vectors": vectors}
    record["choices"] = [dataclasses.asdict(choice) for choice in choices]
    write_text(out / "choice.json", json.dumps(record, indent=2) + "\n")
    return choices


def best(choices: Sequence[Choice]) -> Choice:
    """The ε > 0 of the lowest BER."""
    return min((c for c in choices if c.epsilon > 0), key=lambda c: c.ber)


def _without_mmd(config: TrainConfig) -> TrainConfig:
    return dataclasses.replace(config, mmd="none", epsilon=0.0, teacher="")


def check(config: TrainConfig, epsilons: Sequence[float], seeds: int, vectors: int) -> None:
    """`ValueError` unless ε can be chosen so, within this machine's memory."""
    if config.mmd == "none" or config.quantizer == "float":
        raise ValueError("choose-epsilon needs an MMD form and a quantizer")
    if seeds < 1 or vectors < 2 or not epsilons or not all(0 < e < float("inf") for e in epsilons):
        raise ValueError(
            f"seeds {seeds}, vectors {vectors}, epsilons {list(epsilons)}: "
            "at least 1 seed, 2 vectors and positive epsilons were expected"
        )
    check_count(seeds, MOST_SEEDS, "seeds")
    check_vectors(config, vectors * len(EVALUATED_DB), "vectors to choose by")


def _float_start(config: TrainConfig, folder: Path, report: Report) -> Path:
    _train(dataclasses.replace(_without_mmd(config), quantizer="float"), folder, report)
    return folder


def _train(config: TrainConfig, folder: Path, report: Report) -> Checkpoint:
    resume = any(folder.glob("*.safetensors"))
    return Trainer(config, folder, resume, report).run()


def _options(parser: Parser) -> None:
    add_options(parser, TrainConfig, Path("build/train/epsilon"), (), CHOICES, resumed=False)
    parser.add_argument("--epsilons", type=float, nargs="+", default=[1.0, 10.0, 100.0, 1000.0])
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each ε")
    parser.add_argument("--vectors", type=int, default=4000, help="draws at each SNR")


def _choose(arguments: argparse.Namespace) -> int:
    """Train several ε and say which one is best on validation data."""
    if arguments.mmd != "none" and arguments.epsilon == 0:
        arguments.epsilon = arguments.epsilons[0]
    config, size = config_of(TrainConfig, arguments), (arguments.seeds, arguments.vectors)
    check(config, arguments.epsilons, *size)
    with progress_bar() as progress:
        report = reporter(progress, "choose-epsilon")
        choices = choose_epsilon(config, arguments.epsilons, *size, arguments.out, report)
    print("epsilon   mean BER   gain over 0 (paired, 95%)   BER of each seed")
    for c in choices:
        seeds = " ".join(f"{ber:.5f}" for ber in c.ber_of_seeds)
        gain = f"{c.gain:+.5f} ± {c.gain_half_width:.5f}"
        print(f"{c.epsilon:7g}   {c.ber:.5f}    {gain}        {seeds}")
    print(f"chosen: {best(choices).epsilon:g}; {arguments.out / 'choice.json'}")
    return 0


COMMAND = Command("choose-epsilon", "choose ε of eq. (16)", _options, _choose)
