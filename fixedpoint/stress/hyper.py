# SPDX-License-Identifier: Apache-2.0
"""Stress specs of FPD-Net with a hyper-network of small widths: `hyper_stress.spec()`.

Its seeded weights are strong enough that every layer saturates and θ sweeps through its tables.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from fixedpoint.detectors import hyper
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hyper import HEADS, SHARED, TAPS, Affine, HyperSpec, halved
from fixedpoint.stress.distributed import spec as fpd_stress

WEIGHT = Format(5, 4)
ACTIVATION = Format(4, 1, signed=False)
OUTPUT = Format(7, 3)
DISTANCE = Format(6, 5)
STEP = Format(8, 4)
SEED = 3


def spec(**sizes: Any) -> FpdSpec:
    """The stress spec of FPD-Net of these sizes, its θ by a network of 3 channels, 10 hidden."""
    made = fpd_stress("fpd", **sizes)
    assert isinstance(made, FpdSpec)
    f, rng = made.formats, np.random.default_rng(SEED)
    image = Format(max(f.h.bits, made.adc.level.bits), f.h.frac)
    pixels = halved(halved(made.unit_size)) * halved(halved(made.columns + 1))
    kappa = float(f.kappa.value(made.kappa))
    layers: dict[str, Any] = {
        "conv1": _affine(rng, image, TAPS, 3, ACTIVATION),
        "conv2": _affine(rng, ACTIVATION, TAPS * 3, 3, ACTIVATION),
        "dense1": _affine(rng, ACTIVATION, 3 * pixels, 10, ACTIVATION),
        "dense2": _affine(rng, ACTIVATION, 10, len(HEADS) * made.depth, OUTPUT),
    }
    tables: dict[str, Any] = {
        name: Lookup.of(function, OUTPUT, getattr(f, name) if name in SHARED else STEP)
        for name, function in hyper.heads(kappa).items()
    }
    above_one = (1 << f.phi.frac) + 1  # 1.02 rounds to 1 in so coarse a format
    tables["phi"] = dataclasses.replace(
        tables["phi"], values=tuple(max(value, above_one) for value in tables["phi"].values)
    )
    network = HyperSpec(
        image=image,
        **layers,
        **tables,
        sine=Lookup.of(lambda a: np.sin(np.pi * a), DISTANCE, Format(7, 5)),
        cosine=Lookup.of(lambda a: np.cos(np.pi * a), DISTANCE, Format(8, 6)),
        reciprocal=Lookup.of(lambda t: 1 / (1 + t), Format(4, 4, False), Format(6, 5, False)),
    )
    name = f"{made.name}-hyper"
    return made.replace(name=name, cosine_address=DISTANCE, layers=(), hyper=network)


def _affine(
    rng: np.random.Generator, inputs: Format, products: int, outputs: int, output: Format
) -> Affine:
    bias = Format(16, inputs.frac + WEIGHT.frac)
    weights = rng.integers(WEIGHT.min, WEIGHT.max + 1, outputs * products).tolist()
    largest = 2 << bias.frac
    biases = rng.integers(-largest, largest + 1, outputs).tolist()
    return Affine(WEIGHT, bias, output, tuple(weights), tuple(biases))
