"""Whether the entries of a spec lie in their ranges and go together; each fault is named."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from fixedpoint.bank import odd_reciprocal
from fixedpoint.modulation import MODULATIONS

if TYPE_CHECKING:
    from fixedpoint.spec import DetectorSpec

SCHEMA = 1
PROXES = ("soft", "box")


def faults(spec: DetectorSpec) -> list[str]:
    """Every entry that is out of range or at odds with another one."""
    found = []
    if spec.schema != SCHEMA:
        found.append(f"schema: {spec.schema} is not {SCHEMA}")
    if spec.detector != "pgd":
        found.append(f"detector: {spec.detector!r} is not 'pgd'")
    if spec.prox not in PROXES:
        found.append(f"prox: {spec.prox!r} is not one of {', '.join(PROXES)}")
    for name in ("rows", "columns"):
        size = getattr(spec, name)
        if size < 2 or size % 2 or size > 1024:
            found.append(f"{name}: {size} is not an even number from 2 to 1024")
    if not 1 <= len(spec.layers) <= 64:
        found.append(f"layers: {len(spec.layers)} layers, 1 to 64 expected")
    return found + _format_faults(spec) + _layer_faults(spec) + _slicer_faults(spec)


def _format_faults(spec: DetectorSpec) -> list[str]:
    formats, adc, faults = spec.formats, spec.adc, []
    for field in dataclasses.fields(formats):
        if not getattr(formats, field.name).signed:
            faults.append(f"formats.{field.name}.signed: false, true expected")
    if formats.code.frac != 0:
        faults.append(f"formats.code.frac: {formats.code.frac} is not 0 (codes count steps)")
    if formats.h.frac + formats.step.frac < formats.y.frac:
        faults.append(f"formats.y.frac: {formats.y.frac} exceeds h.frac + step.frac")
    if formats.state.frac + formats.inverse.frac < 0:
        faults.append(f"formats.inverse.frac: {formats.inverse.frac} is below -state.frac")
    if not 1 <= adc.bits <= 16:
        faults.append(f"adc.bits: {adc.bits} is outside 1 to 16")
    elif adc.half_step < 1 or adc.half_step * (2**adc.bits - 1) > formats.y.max:
        faults.append(f"adc.half_step: {adc.half_step} puts levels outside y's {formats.y}")
    return faults


def _layer_faults(spec: DetectorSpec) -> list[str]:
    formats, faults = spec.formats, []
    for k, layer in enumerate(spec.layers):
        path = f"layers[{k}]"
        if not 1 <= layer.eta <= formats.eta.max:
            faults.append(f"{path}.eta: {layer.eta} is outside 1 to {formats.eta.max}")
        lowest = 0 if spec.prox == "soft" else 1
        if not lowest <= layer.threshold <= formats.state.max:
            expected = f"{lowest} to {formats.state.max}"
            faults.append(f"{path}.threshold: {layer.threshold} is outside {expected}")
        for name in ("step", "inverse"):
            if len(getattr(layer, name)) != len(spec.snr):
                count = len(getattr(layer, name))
                faults.append(f"{path}.{name}: {count} entries, {len(spec.snr)} expected")
        for i, (step, inverse) in enumerate(zip(layer.step, layer.inverse, strict=False)):
            faults += _step_faults(f"{path}.step[{i}]", f"{path}.inverse[{i}]", step, inverse, spec)
    return faults


def _step_faults(
    step_path: str, inverse_path: str, step: int, inverse: int, spec: DetectorSpec
) -> list[str]:
    formats = spec.formats
    if not 1 <= step <= formats.step.max:
        return [f"{step_path}: {step} is outside 1 to {formats.step.max}"]
    if not 1 <= inverse <= formats.inverse.max:
        return [f"{inverse_path}: {inverse} is outside 1 to {formats.inverse.max}"]
    if inverse % 2 == 0:
        return [f"{inverse_path}: {inverse} is even (an odd one keeps every product off a tie)"]
    expected = odd_reciprocal(step, formats.step, formats.inverse)
    if inverse != expected:
        return [f"{inverse_path}: {inverse} is not the odd reciprocal {expected} of step {step}"]
    return []


def _slicer_faults(spec: DetectorSpec) -> list[str]:
    if spec.modulation not in MODULATIONS:
        return [f"modulation: {spec.modulation!r} is not one of {', '.join(MODULATIONS)}"]
    expected = spec.constellation.thresholds(spec.formats.state)
    if spec.slicer != expected:
        return [f"slicer: {list(spec.slicer)}, {list(expected)} expected for {spec.modulation}"]
    return []
