# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net: its shipped networks, and the specs of those whose layers share one ρ.

A box and one ρ for all layers are trained by themselves: from the relaxations of the soft net,
negative ones among them, they don't find their way (BER .027 at 25 dB). Their INT8 nets and fair
baselines train 12 epochs more; so do the soft threshold with one ρ, from the soft net, and its INT8
net: 13 epochs of a slower schedule were no better on validation data. `admm-box-int8-kaq` is
Algorithm 1 of the KAQ paper whole; its ε is the one that hurts least (docs/model.md).
"""

from __future__ import annotations

from dataclasses import replace

from fixedpoint.specs.admm import AdmmSpec
from model.recipes.unfolded import Unfolded
from model.unfolded.config import TrainConfig
from model.unfolded.export import admm_spec

_FLOAT = TrainConfig(quantizer="float", network="admm")
_INT8 = TrainConfig(network="admm", start="admm-soft")
_SHARED_BOX = replace(_FLOAT, prox="box", form="shared")
_SCALAR = replace(_FLOAT, form="scalar", start="admm-soft", halve_every=3)
_SCALAR_INT8 = replace(_SCALAR, start="admm-scalar-soft", quantizer="snr", epochs=12)
_FROM_BOX = replace(_SHARED_BOX, start="admm-box", float_epochs=12, epochs=12, halve_every=3)
_BOX_INT8 = replace(_FROM_BOX, last="wide", initial="mse")
NETWORKS = {
    "admm-soft": _FLOAT,
    "admm-soft-int8-qat": replace(_INT8, quantizer="learned"),
    "admm-soft-int8-kaq": replace(_INT8, quantizer="snr", mmd="kde", epsilon=1.0),
    "admm-exact-box": replace(_FLOAT, prox="box", start="admm-soft"),
    "admm-exact-snr-box": replace(_FLOAT, prox="snr-box", start="admm-soft"),
    "admm-scalar-soft": replace(_SCALAR, float_epochs=12),
    "admm-scalar-soft-int8-kaq": replace(_SCALAR_INT8, mmd="kde", epsilon=1.0),
    "admm-box": _SHARED_BOX,
    "admm-box-longer": _FROM_BOX,
    "admm-snr-box": replace(_FROM_BOX, prox="snr-box"),
    "admm-shared-soft": replace(_FLOAT, form="shared"),
    "admm-linearised-soft": replace(_FLOAT, form="linearised"),
    "admm-box-int8-learned": replace(_BOX_INT8, quantizer="learned"),
    "admm-box-int8-snr": replace(_BOX_INT8, quantizer="snr"),
    "admm-box-int8-kaq": replace(_FROM_BOX, quantizer="snr", mmd="bounded", epsilon=1.0),
}
SPECS = {
    "admm": "admm-scalar-soft-int8-kaq",
    "admm-box": "admm-box-int8-snr",
    "admm-kaq": "admm-box-int8-kaq",
}
SOFT = {"admm-box-soft": "admm-box"}


class Admm(Unfolded):
    """ADMM-Net."""

    def beside(self, spec: AdmmSpec) -> list[str]:
        """As in the base class."""
        return ["admm-box" if spec.prox == "box" else "admm-scalar-soft"]


RECIPE = Admm("admm", "ADMM-Net", NETWORKS, SPECS, admm_spec, {"form": "shared"}, SOFT)
