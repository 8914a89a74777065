# SPDX-License-Identifier: Apache-2.0
"""The specs of quantized PGD- and ADMM-Nets: their constants and Δ as integers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import torch

from fixedpoint.numbers.bank import StepFormats
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.prox import PROXES
from fixedpoint.specs.admm import AdmmLayer, AdmmSpec
from fixedpoint.specs.pgd import PgdLayer, PgdSpec
from model.quant.constants import bank_of, constant
from model.quant.steps import StepSize
from model.store.checkpoint import Checkpoint
from model.unfolded.admm_constants import ONE_RHO, AdmmConstants
from model.unfolded.admm_wires import formats_of
from model.unfolded.config import TrainConfig
from model.unfolded.nets import UnfoldedNet, net_of

L = TypeVar("L")


@dataclass(frozen=True)
class Column:
    """A constant of each layer: its values, its format and the least integer that it may be."""

    values: Sequence[float]
    format: Format
    least: int


def layers(
    make: Callable[..., L],
    formats: StepFormats,
    tables: Sequence[torch.Tensor],
    columns: Mapping[str, Column],
) -> tuple[L, ...]:
    """The integers of each layer. Raises `ValueError` on what its format cannot hold."""
    found = []
    for k, table in enumerate(tables):
        at = f"layer {k + 1}:"
        integers: dict[str, Any] = {}
        for name, column in columns.items():
            value, what = column.values[k], f"{at} {name.replace('_', ' ')}"
            if column.least == 0 > value:
                raise ValueError(f"{what} {value:g} is negative")
            integers[name] = constant(what, value, column.format, column.least)
        step, inverse = bank_of(at, table, formats)
        found.append(make(step=step, inverse=inverse, **integers))
    return tuple(found)


def pgd_spec(checkpoint: Checkpoint, config: TrainConfig, name: str, provenance: str) -> PgdSpec:
    """Of a quantized PGD-Net."""
    net, template = net_of(checkpoint), config.template
    with torch.no_grad():
        etas, thresholds = net.constants()
        tables = _tables(net)
    columns = {
        "eta": Column(etas.tolist(), template.formats.eta, 1),
        "threshold": Column(thresholds.tolist(), template.formats.state, int(config.prox == "box")),
    }
    made = layers(PgdLayer, template.formats, tables, columns)
    return template.replace(name=name, provenance=provenance, prox=config.prox, layers=made)


def admm_spec(checkpoint: Checkpoint, config: TrainConfig, name: str, provenance: str) -> AdmmSpec:
    """Of a quantized ADMM-Net.

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
        found, tables = constants(), _tables(net)
        rho = constants.rho(0, torch.arange(len(template.snr))).expand(len(template.snr), 1)
    columns = {
        "relaxation": Column(found.relaxation.tolist(), f.relaxation, f.relaxation.min),
        "dual_step": Column(found.dual.tolist(), f.dual_step, f.dual_step.min),
        "threshold": Column(found.threshold.tolist(), f.state, int(config.prox == "box")),
    }
    return AdmmSpec(
        schema=template.schema,
        name=name,
        detector=AdmmSpec.of,
        provenance=provenance,
        modulation=template.modulation,
        rows=template.rows,
        columns=template.columns,
        snr=template.snr,
        slicer=template.constellation.thresholds(f.state),
        prox=config.prox,
        adc=template.adc,
        formats=f,
        layers=layers(AdmmLayer, f, tables, columns),
        rho=tuple(
            constant(f"rho[{i}]", value, f.rho, 1)
            for i, value in enumerate(rho.squeeze(-1).tolist())
        ),
    )


def _tables(net: UnfoldedNet) -> list[torch.Tensor]:
    """Δ of each layer at every SNR entry, (entries,)."""
    return [cast(StepSize, step).table() for step in net.steps]


def _check(name: str, value: str, expected: Collection[str], why: str) -> None:
    if value not in expected:
        raise ValueError(f"{name} {value}: {why}; {' or '.join(expected)} was expected")
