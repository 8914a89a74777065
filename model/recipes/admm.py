# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net: its shipped networks, and the specs of those whose layers share one ρ.

A box and one ρ for all layers are trained by themselves: from the relaxations of the soft net,
negative ones among them, they don't find their way (BER .027 at 25 dB). Their INT8 nets and fair
baselines train 12 epochs more. So do the soft threshold with one ρ for all layers and SNRs, from
the relaxations of the soft net, and its INT8 net: 13 epochs of a slower schedule were no better on
validation data.

`admm-box-int8-kaq` is Algorithm 1 of the KAQ paper whole: statistics and KDE over the training set,
Δ of eq. (10), learned bandwidths (within a factor of 2 of the KDE's), Δ driven by the SNR in every
layer, the last one's code in the loss. Its ε is the one that hurts least (docs/model.md).
"""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import cast

import torch

from fixedpoint.numbers.prox import PROXES
from fixedpoint.specs.admm import AdmmLayer, AdmmSpec
from model.quant.constants import constant
from model.recipes.unfolded import Column, Unfolded, layers, tables_of
from model.store.checkpoint import Checkpoint
from model.unfolded.admm_constants import ONE_RHO, AdmmConstants
from model.unfolded.admm_wires import formats_of
from model.unfolded.config import TrainConfig
from model.unfolded.nets import net_of

_FLOAT = TrainConfig(quantizer="float", network="admm")
_SHARED_BOX = replace(_FLOAT, prox="box", form="shared")
_SCALAR = replace(_FLOAT, form="scalar", start="admm-soft")
_INT8 = TrainConfig(network="admm", start="admm-soft")
_FROM_BOX = replace(_SHARED_BOX, start="admm-box", float_epochs=12, epochs=12, halve_every=3)
_BOX_INT8 = replace(_FROM_BOX, last="wide", initial="mse")
NETWORKS = {
    "admm-soft": _FLOAT,
    "admm-soft-int8-qat": replace(_INT8, quantizer="learned"),
    "admm-soft-int8-kaq": replace(_INT8, quantizer="snr", mmd="kde", epsilon=1.0),
    "admm-exact-box": replace(_FLOAT, prox="box", start="admm-soft"),
    "admm-exact-snr-box": replace(_FLOAT, prox="snr-box", start="admm-soft"),
    "admm-scalar-soft": replace(_SCALAR, float_epochs=12, halve_every=3),
    "admm-scalar-soft-int8-kaq": replace(
        _SCALAR, start="admm-scalar-soft", quantizer="snr", mmd="kde", epsilon=1.0, epochs=12,
        halve_every=3,
    ),
    "admm-box": _SHARED_BOX,
    "admm-box-longer": _FROM_BOX,
    "admm-snr-box": replace(_FROM_BOX, prox="snr-box"),
    "admm-shared-soft": replace(_FLOAT, form="shared"),
    "admm-linearised-soft": replace(_FLOAT, form="linearised"),
    "admm-box-int8-learned": replace(_BOX_INT8, quantizer="learned"),
    "admm-box-int8-snr": replace(_BOX_INT8, quantizer="snr"),
    "admm-box-int8-kaq": replace(_FROM_BOX, quantizer="snr", mmd="bounded", epsilon=1.0),
}  # fmt: skip
SPECS = {
    "admm": "admm-scalar-soft-int8-kaq",
    "admm-box": "admm-box-int8-snr",
    "admm-kaq": "admm-box-int8-kaq",
}


def spec_of(checkpoint: Checkpoint, config: TrainConfig, name: str, provenance: str) -> AdmmSpec:
    """Of a quantized net.

    Raises `ValueError` on layers with a ρ each, since a block has one F and one P, and on an
    SNR-driven box.
    """
    _check("form", config.form, ONE_RHO, "a ρ for each layer, but a coherence block has one F and "
           "one P")  # fmt: skip
    _check("prox", config.prox, PROXES, "a threshold for each SNR, but a layer has one")
    net, template = net_of(checkpoint), config.template
    constants = cast(AdmmConstants, net.constants)
    f = dataclasses.replace(formats_of(template), code=config.code)
    with torch.no_grad():
        found, tables = constants(), tables_of(net)
        rho = constants.rho(0, torch.arange(len(template.snr))).expand(len(template.snr), 1)
    columns = {
        "relaxation": Column(found.relaxation.tolist(), f.relaxation, f.relaxation.min),
        "dual_step": Column(found.dual.tolist(), f.dual_step, f.dual_step.min),
        "threshold": Column(found.threshold.tolist(), f.state, int(config.prox == "box")),
    }
    return AdmmSpec(
        schema=template.schema, name=name, detector=AdmmSpec.detector_name(),
        provenance=provenance, modulation=template.modulation, rows=template.rows,
        columns=template.columns, snr=template.snr,
        slicer=template.constellation.thresholds(f.state), prox=config.prox, adc=template.adc,
        formats=f, layers=layers(AdmmLayer, f, tables, columns),
        rho=tuple(constant(f"rho[{i}]", value, f.rho, 1)
                  for i, value in enumerate(rho.squeeze(-1).tolist())),
    )  # fmt: skip


def _check(name: str, value: str, expected: tuple[str, ...] | dict[str, object], why: str) -> None:
    if value not in expected:
        raise ValueError(f"{name} {value}: {why}; {' or '.join(expected)} was expected")


class Admm(Unfolded):
    """ADMM-Net."""

    def beside(self, spec: AdmmSpec) -> list[str]:
        """As in the base class."""
        return ["admm-box" if spec.prox == "box" else "admm-scalar-soft"]


RECIPE = Admm("admm", "ADMM-Net", NETWORKS, SPECS, spec_of)
