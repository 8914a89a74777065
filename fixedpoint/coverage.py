"""What a set of vectors exercised: saturations on both sides, prox branches, ties, SNR entries.

Counted on the golden model's wires. `missed` compares with what the spec can reach at all, so that
a comparison whose vectors never touched a branch cannot pass for a proof of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fixedpoint.format import Format, IntArray
from fixedpoint.pgd import LayerWires
from fixedpoint.spec import DetectorSpec
from fixedpoint.widths import shifts

Events = dict[str, int]


def count(spec: DetectorSpec, y: IntArray, index: IntArray, wires: list[LayerWires]) -> Events:
    """How often each event happened, keyed like `pgd2.residual saturated high`."""
    events: Events = {}
    x = np.zeros_like(wires[0].code)
    step = np.zeros((*index.shape, 1), dtype=np.int64)
    s = shifts(spec)
    for k, (layer, w) in enumerate(zip(spec.layers, wires, strict=True), start=1):
        error = w.accumulator * step - y * (1 << s.y_align)
        change = x * step * (1 << s.x_align) - layer.eta * w.gradient * (1 << s.g_align)
        product = w.state * np.array(layer.inverse)[index][..., None]
        for wire, q, shift, target in (
            ("residual", error, s.residual, spec.formats.residual),
            ("update", change, s.update, spec.formats.state),
            ("code", product, s.code, spec.formats.code),
        ):
            events |= _requantized(f"pgd{k}.{wire}", q, shift, target)
        events |= _prox(spec, k, w.update, layer.threshold)
        x, step = w.code, np.array(layer.step)[index][..., None]
    for i in range(len(spec.snr)):
        events[f"snr index {i}"] = int(np.sum(index == i))
    return events


def missed(spec: DetectorSpec, events: Mapping[str, int]) -> list[str]:
    """The reachable events that did not happen."""
    return [name for name in events if events[name] == 0 and _reachable(spec, name)]


def add(a: Mapping[str, int], b: Mapping[str, int]) -> Events:
    """The events of two runs together."""
    return {name: a.get(name, 0) + b.get(name, 0) for name in {**a, **b}}


def _requantized(wire: str, q: IntArray, shift: int, target: Format) -> Events:
    """Saturations and ties of one requantization; the comparison is made before the shift."""
    half = 1 << shift - 1 if shift > 0 else 0
    scale = 1 << max(shift, 0)
    left = 1 << max(-shift, 0)
    return {
        f"{wire} saturated high": int(np.sum(q * left + half >= (target.max + 1) * scale)),
        f"{wire} saturated low": int(np.sum(q * left + half < target.min * scale)),
        f"{wire} tie": int(np.sum((q & (scale - 1)) == half)) if shift > 0 else 0,
    }


def _prox(spec: DetectorSpec, k: int, update: IntArray, threshold: int) -> Events:
    high, low = update > threshold, update < -threshold
    middle = "zero" if spec.prox == "soft" else "inside"
    return {
        f"pgd{k}.prox high": int(np.sum(high)),
        f"pgd{k}.prox {middle}": int(np.sum(~high & ~low)),
        f"pgd{k}.prox low": int(np.sum(low)),
    }


def _reachable(spec: DetectorSpec, event: str) -> bool:
    """Whether any legal input can cause the event, from the spec's constants.

    Sums are bounded by their worst case. Ties of the first residual, y·2^align alone, need a shift
    beyond that alignment; ties of the code need v to be a multiple of 2^(shift − 1), as the odd
    reciprocal shares no factor with it.
    """
    if event.startswith("snr index"):
        return True
    layer_name, _, kind = event.partition(".")
    k = int(layer_name.removeprefix("pgd")) - 1
    layer, f, s = spec.layers[k], spec.formats, shifts(spec)
    step = max(spec.layers[k - 1].step) if k else 0
    x = f.code.max if k else 0
    largest_state = f.state.max - layer.threshold if spec.prox == "soft" else layer.threshold
    largest = {
        "residual": spec.columns * f.h.max * x * step + (f.y.max << s.y_align),
        "update": (x * step << s.x_align)
        + (layer.eta * spec.rows * f.h.max * f.residual.max << s.g_align),
        "code": largest_state * max(layer.inverse),
    }
    shift = {"residual": s.residual, "update": s.update, "code": s.code}
    target = {"residual": f.residual, "update": f.state, "code": f.code}
    wire, _, what = kind.partition(" ")
    if wire == "prox":
        return what in ("zero", "inside") or layer.threshold < f.state.max
    if what == "tie":
        if wire == "code":
            return shift[wire] > 0 and largest_state >= 1 << shift[wire] - 1
        return shift[wire] > (s.y_align if wire == "residual" and k == 0 else 0)
    half = 1 << shift[wire] - 1 if shift[wire] > 0 else 0
    left = 1 << max(-shift[wire], 0)
    return largest[wire] * left + half >= (target[wire].max + 1) * (1 << max(shift[wire], 0))
