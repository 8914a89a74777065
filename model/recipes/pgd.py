# SPDX-License-Identifier: Apache-2.0
"""PGD-Net: its shipped networks and the specs that are made of them.

The paper's protocol is the default of `TrainConfig`: 50 epochs. The nets of figures 4 to 6 and
their fair baselines (a box in place of the soft threshold) start from the same float net and train
as many epochs more. `start` and `teacher` name other networks.
"""

from __future__ import annotations

from dataclasses import replace

from model.recipes.unfolded import Unfolded
from model.unfolded.config import TrainConfig
from model.unfolded.export import pgd_spec

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
RECIPE = Unfolded("pgd", "PGD-Net", NETWORKS, SPECS, pgd_spec)
