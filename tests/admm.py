# SPDX-License-Identifier: Apache-2.0
"""Small ADMM problems and constants, for the tests of ADMM-Net."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.numbers.bank import SnrBank
from model.unfolded.admm_constants import AdmmConstants

torch.set_num_threads(1)
BANK = SnrBank(-5, 30)
FloatArray = NDArray[np.float64]


def softplus(x: FloatArray) -> FloatArray:
    return np.log1p(np.exp(x))


def constants_of(form: str, layers: int = 4, prox: str = "box", seed: int = 0) -> AdmmConstants:
    """Constants away from their initial values, float64."""
    torch.manual_seed(seed)
    driven = prox == "snr-box"
    threshold = 0.3 if prox == "soft" else 2.5
    made = AdmmConstants(layers, form, 0.4, 0.2, threshold, BANK, driven).double()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return made


def problem(count: int = 6, m: int = 12, n: int = 8, seed: int = 1) -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng(seed)
    h = rng.normal(size=(count, m, n)) / np.sqrt(m)
    x = rng.choice([-3.0, -1.0, 1.0, 3.0], (count, n))
    y = np.einsum("bmn,bn->bm", h, x) + 0.3 * rng.normal(size=(count, m))
    return torch.from_numpy(h), torch.from_numpy(y)
