# SPDX-License-Identifier: Apache-2.0
"""The trainings that `model.variants` compares: families, and the factors that each varies.

The bases of `pgd` and `admm` train 4 epochs from a shipped float net (SNR-driven Δ from the least
squared error, squared error alone, last layer's code in the loss); `kaq` is Algorithm 1 whole, the
recipe of the shipped spec `admm-kaq`, 12 epochs from a float net of its own seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from model.recipes.registry import config_of
from model.unfolded.config import TrainConfig

BASE = "base"
FEW = TrainConfig(quantizer="snr", initial="mse", epochs=4, halve_every=1, validation=600)
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
    "pgd": Family(replace(FEW, start="pgd-soft"), FACTORS, _PGD_BITS, TESTED),
    "admm": Family(
        replace(FEW, network="admm", form="shared", prox="box", start="admm-box"),
        FACTORS, _ADMM_BITS, (),
    ),
}  # fmt: skip
