# SPDX-License-Identifier: Apache-2.0
"""A checkpoint of one's own as a detector of the lab: `net:checkpoint=PATH`.

PATH is a checkpoint or the folder of a training. A net of `model.unfolded` takes the options of the
shipped ones; one of distributed units has its frozen table, or its hyper-network where it has none
yet. Of a training by the graph it is the float twin, in integers once training was quantized.
"""

from __future__ import annotations

from pathlib import Path

from model.detectors import unfolded
from model.detectors.fusion import FPD, from_network, from_table
from model.detectors.golden import Golden, Twin, must_fit
from model.detectors.options import Build, Options
from model.fpd.config import FpdConfig
from model.fpd.shipped import TABLE, net_of, table_of
from model.own.export import TUNED, export
from model.store import checkpoint as checkpoints
from model.store.checkpoint import Checkpoint
from model.systems.scene import Detector
from model.systems.system import System

SERVED = ("nt", "nr", "modulation", "adc_bits", "units")


def _build(system: System, options: Options) -> Detector:
    path = options.word("checkpoint", "")
    if not path:
        raise ValueError("detector net: checkpoint=PATH was expected")
    checkpoint = checkpoints.load(Path(path))
    if "kappa" in checkpoint.config:
        return _of_units(checkpoint, system)
    if "detector" in checkpoint.config or TUNED in checkpoint.config:
        return _by_graph(checkpoint, system)
    return unfolded.of_checkpoint("net", checkpoint, system, options)


def _of_units(checkpoint: Checkpoint, system: System) -> Detector:
    config = FpdConfig.from_json(checkpoint.config)
    trained = config.receiver
    for name in SERVED:
        if getattr(trained, name) != getattr(system, name):
            raise ValueError(f"detector net: trained for {name} {getattr(trained, name)}, "
                             f"not {getattr(system, name)}")  # fmt: skip
    if TABLE in checkpoint.tensors:
        theta = from_table(table_of(checkpoint, "detector net"))
    else:
        theta = from_network(net_of(checkpoint).hyper)
    return FPD(system, theta, config.kappa)


def _by_graph(checkpoint: Checkpoint, system: System) -> Detector:
    spec = export(checkpoint, "net", "a checkpoint")
    must_fit("net", system, spec)
    return Golden(spec, system) if checkpoint.stage == "quantized" else Twin(spec, system)


DETECTORS: dict[str, Build] = {"net": _build}
