"""Why a flipped bit cannot change an integer: the reasons that follow from the spec, computed.

Asked only about a flip that the comparison did not notice; None means that there is no reason, and
that the comparison should have noticed.
"""

from __future__ import annotations

import re

import numpy as np

from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hpd_spec import HpdSpec
from fixedpoint.pgd_spec import PgdLayer, PgdSpec
from fixedpoint.pgd_widths import PgdShifts, shifts
from fixedpoint.requantize import requantize
from hls.native import CARRIERS
from verification import no_effect_distributed
from verification.mutate import Mutation

# Widths that a native integer only has to hold, with the shift that is taken in them.
NATIVE_WIDTHS = {
    "accumulator_bits": "",
    "gradient_bits": "",
    "error_rounded_bits": "residual",
    "update_rounded_bits": "update",
    "code_rounded_bits": "code",
    "step_bits": "",
    "inverse_bits": "",
    "eta_bits": "",
    "index_bits": "",
}


def reason(spec: DetectorSpec, mutation: Mutation) -> str | None:
    """A short proof that the flip has no effect in any comparison of this spec, or None."""
    if isinstance(spec, HpdSpec | FpdSpec):
        return no_effect_distributed.reason(spec, mutation)
    assert isinstance(spec, PgdSpec)
    if mutation.kind in ("header", "mem"):
        excuse = _unread(spec, mutation.name) or _same_codes(spec, mutation)
        if excuse is not None:
            return excuse
    if mutation.kind == "header":
        return _same_bits(spec, mutation, 10) or _same_carrier(spec, mutation)
    if mutation.kind == "package":
        return _same_bits(spec, mutation, 16) or _wide_enough(spec, mutation)
    return None


def _unread(spec: PgdSpec, name: str) -> str | None:
    """Δ of the last layer scales no further layer's code."""
    entry = re.fullmatch(r"(?:pgd_)?step\[(\d+)\]", name)
    last = len(spec.layers) - 1
    if entry and int(entry.group(1)) // len(spec.snr) == last:
        return f"entry {entry.group(1)} is Δ of layer {last + 1}, the last: no layer reads it"
    return None


def _same_codes(spec: PgdSpec, mutation: Mutation) -> str | None:
    """Another 1/Δ, tried on every state that the layer can have."""
    entry = re.fullmatch(r"(?:pgd_)?inverse\[(\d+)\]", mutation.name)
    if entry is None:
        return None
    base = 16 if mutation.kind == "mem" else 10
    largest = _largest_state(spec, spec.layers[int(entry.group(1)) // len(spec.snr)])
    state, shift = np.arange(-largest, largest + 1), shifts(spec).code
    old, new = (
        requantize(state * int(text, base), shift, spec.formats.code)
        for text in (mutation.before, mutation.after)
    )
    if np.any(old != new):
        return None
    return f"both give the same code for every state from {-largest} to {largest}"


def _same_bits(spec: PgdSpec, mutation: Mutation, base: int) -> str | None:
    """Another threshold of the slicer, beyond every state."""
    if not re.fullmatch(r"(slicer|SlicerThresholds)\[\d+\]", mutation.name):
        return None
    sign = 1 << spec.formats.state.bits - 1
    texts = (mutation.before, mutation.after)
    thresholds = [(int(q, base) & 2 * sign - 1 ^ sign) - sign for q in texts]
    largest = max(_largest_state(spec, layer) for layer in spec.layers)
    state = np.arange(-largest, largest + 1)
    if np.any((state >= thresholds[0]) != (state >= thresholds[1])):
        return None
    return f"both decide the same on every state from {-largest} to {largest}"


def _largest_state(spec: PgdSpec, layer: PgdLayer) -> int:
    """The largest |v| behind the prox."""
    if spec.prox == "box":
        return layer.threshold
    return spec.formats.state.max - layer.threshold


def _same_carrier(spec: PgdSpec, mutation: Mutation) -> str | None:
    """Native integers come in four sizes: a width only chooses among them."""
    if mutation.name not in NATIVE_WIDTHS:
        return None
    old, new = int(mutation.before), int(mutation.after)
    if new < 1 or new > CARRIERS[-1]:
        return None
    before, after = (next(c for c in CARRIERS if bits <= c) for bits in (old, new))
    shift = NATIVE_WIDTHS[mutation.name]
    if after < before or (shift and getattr(shifts(spec), shift) >= new):
        return None
    return (
        f"{new} bits ride in an int{after}_t, which holds all that the int{before}_t of {old} did"
    )


def _wide_enough(spec: PgdSpec, mutation: Mutation) -> str | None:
    """A wire that is wider, or still holds the worst case of this spec's own constants."""
    largest = _worst_cases(spec, shifts(spec)).get(mutation.name)
    if largest is None:
        return None
    old, new = int(mutation.before), int(mutation.after)
    if new > old:
        return f"a wire of {new} bits holds all that one of {old} does"
    if largest.bit_length() < new:
        return f"with this spec's constants {mutation.name} needs {largest.bit_length() + 1} bits"
    return None


def _worst_cases(spec: PgdSpec, s: PgdShifts) -> dict[str, int]:
    """The largest magnitude on each derived wire, with the largest constants of the spec."""
    f, layers = spec.formats, spec.layers
    step = max(q for layer in layers for q in layer.step)
    inverse = max(q for layer in layers for q in layer.inverse)
    eta = max(layer.eta for layer in layers)
    scaled = spec.columns * f.h.max * f.code.max * step
    change = (f.code.max * step << s.x_align) + (
        eta * spec.rows * f.h.max * f.residual.max << s.g_align
    )
    return {
        "ScaledWidth": scaled,
        "ErrorWidth": scaled + (f.y.max << s.y_align),
        "UpdateWidth": change,
        "CodeProductWidth": f.state.max * inverse,
        "StepWidth": step,
        "InverseWidth": inverse,
        "EtaWidth": eta,
    }
