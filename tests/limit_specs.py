# SPDX-License-Identifier: Apache-2.0
"""Specs at the limit of their carriers: formats as wide as they are accepted, constants at the end.

`widest(spec, "formats.h")` widens one format as far as it goes; `limit(spec, seed)` one after the
other in random order, until the spec takes not one bit more anywhere. `narrowest()` is where a
limit leaves most room, `beyond_an_int` what no int holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.bank import SnrBank, odd_reciprocal
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.detector import SCHEMA, DetectorSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import SCALES
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.specs.pgd import PgdFormats, PgdLayer, PgdSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import pgd as stress

WIDEST = 63


def narrowest() -> PgdSpec:
    """PGD-Net with two bits in every format, and Δ = 1."""
    two = Format(2, 0)
    return PgdSpec(
        schema=SCHEMA,
        name="narrowest",
        detector="pgd",
        provenance="tests/limit_specs.py",
        modulation="qpsk",
        rows=4,
        columns=2,
        prox="soft",
        snr=SnrBank(0, 0),
        adc=Adc(bits=1, half_step=1),
        formats=PgdFormats(two, two, two, two, two, two, two, two),
        layers=(PgdLayer(eta=1, threshold=0, step=(1,), inverse=(1,)),) * 2,
        slicer=(0,),
    )


def few_layers() -> Iterator[DetectorSpec]:
    """A small spec of one layer and one of two, of each detector."""
    small: dict[str, Any] = {"rows": 8, "columns": 4, "units": 2, "bits": 2, "modulation": "qpsk"}
    for layers in (1, 2):
        yield stress.spec("box", 8, 4, layers)
        yield admm_stress.spec("box", 8, 4, layers)
        for detector in ("hpd", "fpd"):
            yield distributed_stress.spec(detector, layers=layers, **small)


def beyond_an_int(detector: str, constant: str) -> HpdSpec | FpdSpec:
    """HPD or FPD-Net with a constant beyond 31 bits: 1/C, the grid's points, or 1 of the residual.

    The ends of the grid are those of the state's format, so that nothing is beyond it either.
    """
    made = distributed_stress.spec(
        detector, rows=8, columns=4, units=2, bits=2, modulation="qpsk", layers=2
    )
    f, sigmoid = made.formats, made.sigmoid
    if constant == "mean":
        f = dataclasses.replace(f, mean=Format(40, 34))
        return made.replace(formats=f, mean=f.mean.max)
    if constant == "grid":
        f = dataclasses.replace(f, state=Format(35, 33))
    else:
        f = dataclasses.replace(f, h=Format(3, 1), residual=Format(36, 34))
        values = tuple(q << 29 for q in sigmoid.values)
        sigmoid = Lookup(sigmoid.address, f.residual, values)
    slicer = made.constellation.thresholds(f.state)
    return made.replace(formats=f, sigmoid=sigmoid, slicer=slicer)


def formats(value: Any, path: str = "") -> Iterator[tuple[str, Format]]:
    """Every format of a spec that may widen by itself, by its path.

    A table has an entry for each integer of its address; whoever shares a format shares its width.
    """
    for field in dataclasses.fields(value):
        entry, name = getattr(value, field.name), f"{path}{field.name}"
        if isinstance(entry, Format):
            if field.name not in ("address", "cosine_address"):
                yield name, entry
        elif dataclasses.is_dataclass(entry):
            yield from formats(entry, f"{name}.")


def changed(spec: Any, path: str, **changes: int) -> Any:
    """The spec with another `bits` or `frac` of a format, checked anew."""
    spec_changes: dict[str, Any] = {}

    def rebuilt(value: Any, names: list[str]) -> Any:
        inner = getattr(value, names[0])
        new = rebuilt(inner, names[1:]) if names[1:] else dataclasses.replace(inner, **changes)
        return dataclasses.replace(value, **{names[0]: new}, **spec_changes)

    if path == "formats.state":
        state = dataclasses.replace(spec.formats.state, **changes)
        names = path.split(".")
        formats_ = dataclasses.replace(spec.formats, **{names[1]: state})
        return spec.replace(formats=formats_, slicer=spec.constellation.thresholds(state))
    return rebuilt(spec, path.split("."))


def widest(spec: Any, path: str) -> tuple[Any, str]:
    """The spec with the widest format that it takes there, and why it takes no wider one."""
    lowest, beyond, why = dict(formats(spec))[path].bits, WIDEST + 1, f"bits {WIDEST + 1}"
    while lowest + 1 < beyond:
        bits = (lowest + beyond) // 2
        try:
            wide = changed(spec, path, bits=bits)
            program(wide)
            spec, lowest = wide, bits
        except ValueError as error:
            beyond, why = bits, str(error)
    return spec, why


def limit(spec: Any, seed: int) -> Any:
    """Formats widened in random order until none takes one bit more, the first ones in two goes."""
    rng = np.random.default_rng(seed)
    paths = [path for path, _ in formats(spec)]
    rng.shuffle(paths)
    for path in paths[: len(paths) // 2]:
        bits = dict(formats(spec))[path].bits
        wide = dict(formats(widest(spec, path)[0]))[path].bits
        spec = changed(spec, path, bits=int(rng.integers(bits, wide + 1)))
    for path in reversed(paths):
        spec, _ = widest(spec, path)
    return loud(spec)


def loud(spec: Any) -> Any:
    """The same formats with every constant at an end of its own."""
    f, depth = spec.formats, spec.depth
    if spec.detector in ("pgd", "admm"):
        layers = tuple(_stepped(spec, layer, k) for k, layer in enumerate(spec.layers))
        half = f.y.max // ((1 << spec.adc.bits) - 1)
        return spec.replace(layers=layers, adc=dataclasses.replace(spec.adc, half_step=half))
    changes: dict[str, Any] = {"mean": f.mean.max, "momentum": (f.momentum.max,) * depth}
    names = ("step", "weight") if spec.detector == "hpd" else SCALES
    ends = {name: getattr(f, name).max for name in names}
    layers = tuple(dataclasses.replace(layer, **ends) for layer in spec.layers)
    for name in ("pull", "quartic", "gaussian"):
        table = getattr(spec, name, None)
        if table is not None:
            signs = (1 if q % 3 else -1 for q in range(len(table.values)))
            values = tuple(sign * table.output.max for sign in signs)
            changes[name] = dataclasses.replace(table, values=values)
    return spec.replace(layers=layers, **changes)


def _stepped(spec: DetectorSpec, layer: Any, k: int) -> Any:
    """A layer of PGD-Net or ADMM-Net: Δ at its largest, or 1/Δ at its, in turn."""
    f: Any = spec.formats  # type: ignore[attr-defined]
    pairs = [(q, odd_reciprocal(q, f.step, f.inverse)) for q in _candidates(f.step.max)]
    allowed = [pair for pair in pairs if 1 <= pair[1] <= f.inverse.max]
    ends = (min(allowed), max(allowed))
    chosen = [ends[(i + k) % 2] for i in range(len(spec.snr))]
    step, inverse = zip(*chosen, strict=True)
    ends_of = {
        name: getattr(f, name).max if k % 2 else getattr(f, name).min
        for name in ("relaxation", "dual_step")
        if hasattr(layer, name)
    }
    if hasattr(layer, "eta"):
        ends_of["eta"] = f.eta.max
    threshold = f.state.max if spec.prox == "box" else 0  # type: ignore[attr-defined]
    return dataclasses.replace(layer, threshold=threshold, step=step, inverse=inverse, **ends_of)


def _candidates(largest: int) -> Iterator[int]:
    """1, 2, 4, … and the largest."""
    place = 1
    while place < largest:
        yield place
        place *= 2
    yield largest
