# SPDX-License-Identifier: Apache-2.0
"""PGD-Net: its shipped networks and the specs that are made of them.

The paper's protocol is the default of `TrainConfig`: 50 epochs. The nets of figures 4 to 6 and
their fair baselines (a box in place of the soft threshold) start from the same float net and train
as many epochs more. `start` and `teacher` name other networks.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from fixedpoint.specs.pgd import PgdLayer, PgdSpec
from model.recipes.unfolded import Column, Unfolded, layers, tables_of
from model.store.checkpoint import Checkpoint
from model.unfolded.config import TrainConfig
from model.unfolded.nets import net_of

_FLOAT = TrainConfig(quantizer="float")
_INT8 = TrainConfig(start="pgd-soft")
NETWORKS = {
    "pgd-soft": _FLOAT,
    "pgd-soft-int8-qat": replace(_INT8, quantizer="learned"),
    "pgd-soft-int8-kaq": replace(_INT8, quantizer="snr", mmd="kde", epsilon=1.0),
    "pgd-box": replace(_FLOAT, prox="box", start="pgd-soft"),
    "pgd-snr-box": replace(_FLOAT, prox="snr-box", start="pgd-soft"),
    "pgd-box-alone": replace(_FLOAT, prox="box"),
    "pgd-box-int8-snr": TrainConfig(prox="box", quantizer="snr", start="pgd-box-alone"),
}
SPECS = {"pgd": "pgd-soft-int8-kaq", "pgd-box": "pgd-box-int8-snr"}


def spec_of(checkpoint: Checkpoint, config: TrainConfig, name: str, provenance: str) -> PgdSpec:
    """Of a quantized net."""
    net, template = net_of(checkpoint), config.template
    with torch.no_grad():
        etas, thresholds = net.constants()
        tables = tables_of(net)
    columns = {
        "eta": Column(etas.tolist(), template.formats.eta, 1),
        "threshold": Column(thresholds.tolist(), template.formats.state, int(config.prox == "box")),
    }
    made = layers(PgdLayer, template.formats, tables, columns)
    return template.replace(name=name, provenance=provenance, prox=config.prox, layers=made)


RECIPE = Unfolded("pgd", "PGD-Net", NETWORKS, SPECS, spec_of)
