# SPDX-License-Identifier: Apache-2.0
"""The spec of a trained ADMM-Net whose layers share one ρ."""

from __future__ import annotations

import dataclasses
from typing import cast

import torch

from fixedpoint.admm_spec import AdmmLayer, AdmmSpec
from fixedpoint.detector_spec import SCHEMA
from fixedpoint.prox import PROXES
from model.admm_constants import ONE_RHO, AdmmConstants
from model.admm_wires import formats_of
from model.checkpoint import Checkpoint
from model.config import TrainConfig
from model.constants import bank_of, constant
from model.nets import net_of
from model.steps import StepSize


def export(checkpoint: Checkpoint, name: str, provenance: str) -> AdmmSpec:
    """The spec of a quantized ADMM-Net.

    Raises `ValueError` on layers with a ρ each, on an SNR-driven box, and on constants that don't
    fit their formats.
    """
    config = TrainConfig.from_json(checkpoint.config)
    template = config.template
    if config.form not in ONE_RHO:
        raise ValueError(
            f"form {config.form}: a ρ for each layer, but a coherence block has one F and one P; "
            f"{' or '.join(ONE_RHO)} was expected"
        )
    if config.prox not in PROXES:
        raise ValueError(
            f"prox {config.prox}: a threshold for each SNR, but a layer has one; "
            f"{' or '.join(PROXES)} was expected"
        )
    net = net_of(checkpoint)
    constants = cast(AdmmConstants, net.constants)
    formats = dataclasses.replace(formats_of(template), code=config.code)
    with torch.no_grad():
        values = constants().relaxation.tolist(), constants().dual.tolist()
        thresholds = constants().threshold.tolist()
        tables = [cast(StepSize, step).table() for step in net.steps]
        rho = constants.rho(0, torch.arange(len(template.snr))).expand(len(template.snr), 1)
    layers = []
    for k, (relaxation, dual, threshold) in enumerate(zip(*values, thresholds, strict=True)):
        at = f"layer {k + 1}:"
        step, inverse = bank_of(at, tables[k], formats)
        least = formats.relaxation.min, formats.dual_step.min, int(config.prox == "box")
        layers.append(
            AdmmLayer(
                relaxation=constant(f"{at} relaxation", relaxation, formats.relaxation, least[0]),
                dual_step=constant(f"{at} dual step", dual, formats.dual_step, least[1]),
                threshold=constant(f"{at} threshold", threshold, formats.state, least[2]),
                step=step,
                inverse=inverse,
            )
        )
    return AdmmSpec(
        schema=SCHEMA,
        name=name,
        detector=AdmmSpec.detector_name(),
        provenance=provenance,
        modulation=template.modulation,
        rows=template.rows,
        columns=template.columns,
        snr=template.snr,
        slicer=template.constellation.thresholds(formats.state),
        prox=config.prox,
        adc=template.adc,
        formats=formats,
        rho=tuple(
            constant(f"rho[{i}]", value, formats.rho, 1)
            for i, value in enumerate(rho.squeeze(-1).tolist())
        ),
        layers=tuple(layers),
    )
