# SPDX-License-Identifier: Apache-2.0
"""What today's code makes of a fixed draw, as hashes: a number measured with another is stale.

Hashed are integers and decisions, computed in double precision (FP16 nets: halves, products in
float32), never the last bits of a float: another processor gives the same hashes.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from model.detectors.catalog import make
from model.detectors.options import Options
from model.lab import count
from model.lab.plan import SEARCHES, Plan
from model.quant.quantizers import HalfUp
from model.recipes.registry import network_twin
from model.store import shipped
from model.systems.scene import scene
from model.systems.system import System
from model.twin import both, entries
from model.unfolded.config import TrainConfig
from model.unfolded.data import Batch, dataset_of, uniform_snr
from model.unfolded.nets import layers_of, shipped_net
from model.view.net import fake_quantized

SEED, VECTORS, FEW = 2026, 64, 6
"""Of every draw; searches, which may take milliseconds a vector, see `FEW`."""
BLOCKS = 8
UNIT = 2.0**20
"""A fake-quantized value is hashed to this resolution, below every step of a wire."""


def of_plan(plan: Plan) -> dict[str, str]:
    """The hash of every detector of a sweep on its system."""
    snrs = plan.snr_db[0], plan.snr_db[len(plan.snr_db) // 2]
    return {text: of_detector(text, plan.system, snrs) for text in plan.detectors}


def of_detector(text: str, system: System, snr_db: tuple[float, ...]) -> str:
    """Its decisions; of a spec's golden model and twins, and of a quantized net, every wire too."""
    parts = {"decisions": _decisions(text, system, snr_db)}
    name = text.partition(":")[0]
    if name in ("golden", "twin"):
        parts["wires"] = of_spec(spec_of(text))
    elif name in shipped.names() and shipped.checkpoint_of(name).stage == "quantized":
        parts["wires"] = of_network(name)
    return _digest(parts)


def spec_of(text: str) -> str:
    """The spec that `golden:spec=NAME` or `twin:spec=NAME` names."""
    return Options(text).word("spec", "pgd")


@functools.cache
def of_spec(name: str) -> str:
    """Every wire of the golden model, and of the fake-quantized twin, on the same draw."""
    spec = specs.load(name)
    rng, twin = np.random.default_rng(SEED), fake_quantized(program(spec))
    index = entries(rng, len(spec.snr), BLOCKS, spec.one_snr_a_block)
    got, golden = both(spec, twin, network_twin(spec, HalfUp()), index, rng)
    found = {f"golden {wire}": values for wire, values in golden.items()}
    return _digest(found | {f"twin {wire}": values for wire, values in got.items()})


@functools.cache
def of_network(name: str) -> str:
    """Every value between the operations of a quantized PGD- or ADMM-Net, float64."""
    checkpoint = shipped.checkpoint_of(name)
    config = TrainConfig.from_json(checkpoint.config)
    snr_db = uniform_snr(VECTORS, config.snr_low_db, config.snr_high_db, SEED)
    drawn = dataset_of(config.template, config.gram, snr_db, SEED, "choice", quantized=True).batch(
        torch.arange(VECTORS)
    )
    batch = Batch(drawn.h.double(), drawn.y.double(), drawn.x.double(), drawn.index)
    with torch.no_grad():
        layers: Sequence[Any] = layers_of(shipped_net(name).double(), batch)
    values = {
        f"{k} {wire}": np.rint(value.numpy() * UNIT)
        for k, layer in enumerate(layers)
        for wire, value in layer._asdict().items()
    }
    return _digest(values)


@functools.cache
def _decisions(text: str, system: System, snr_db: tuple[float, ...]) -> str:
    """The words that a detector decides on `VECTORS` vectors at each SNR."""
    few = text.partition(":")[0] in SEARCHES
    blocks = max(1, (FEW if few else VECTORS) // system.vectors)
    detector, found = make(text, system), {}
    for snr in snr_db:
        drawn = scene(system, snr, blocks, np.random.default_rng(SEED))
        with torch.no_grad():
            estimate = detector(drawn.received, drawn.h, drawn.noise)
        found[f"{snr:g} dB"] = count.gray_words(estimate, system.constellation).numpy()
    return _digest(found)


def _digest(parts: Mapping[str, ArrayLike]) -> str:
    """SHA-256 of named values; strings as they are, numbers as float64 without a negative zero."""
    digest = hashlib.sha256()
    for name, values in sorted(parts.items()):
        array = np.asarray(values)
        if array.dtype.kind == "U":
            content = str(array).encode()
        else:
            content = (array.astype("<f8") + 0.0).tobytes()
        digest.update(f"{name} {array.shape} ".encode() + content)
    return digest.hexdigest()
