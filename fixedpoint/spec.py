"""The spec: the only source of a detector's sizes, formats, constants and tables.

    python -m fixedpoint.spec seal FILE      # sign an edited spec anew

JSON on disk, `DetectorSpec` in memory. The digest is the SHA-256 of the canonical JSON (sorted
keys, no spaces) of everything but the digest itself; every view built from a spec carries it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fixedpoint import widths
from fixedpoint.bank import SnrBank
from fixedpoint.files import write_text
from fixedpoint.format import Format
from fixedpoint.modulation import MODULATIONS, Modulation
from fixedpoint.schema import SpecError, decode, encode

SCHEMA = 1
SHIPPED = Path(__file__).parent / "specs"
PROXES = ("soft", "box")


@dataclass(frozen=True)
class Adc:
    """A b-bit uniform mid-rise converter: code c has the level (2c + 1 − 2^bits) · half_step.

    `half_step` is an integer in y's format.
    """

    bits: int
    half_step: int


@dataclass(frozen=True)
class PgdFormats:
    """The formats of PGD-Net's wires and constants (the letters are those of the paper).

    h, y: inputs; residual: r = Hx − y; state: u and v; code: x in steps Δ (frac 0);
    step: Δ; inverse: 1/Δ; eta: η.
    """

    h: Format
    y: Format
    residual: Format
    state: Format
    code: Format
    step: Format
    inverse: Format
    eta: Format


@dataclass(frozen=True)
class PgdLayer:
    """The constants of one layer, integers of the formats above.

    `threshold` is λ of the soft threshold or b of the box, in the state's format; `step` and
    `inverse` hold one entry for each entry of the SNR bank and scale the layer's output code.
    """

    eta: int
    threshold: int
    step: tuple[int, ...]
    inverse: tuple[int, ...]


@dataclass(frozen=True)
class DetectorSpec:
    """One detector, whole. Raises `SpecError` when made with entries that cannot work together.

    `rows` × `columns` is the size of the real-valued H, 2·Nr × 2·Nt (eq. (2) of the KAQ paper).
    `slicer` holds the decision thresholds of one real dimension, in the state's format.
    """

    schema: int
    name: str
    detector: str
    provenance: str
    modulation: str
    rows: int
    columns: int
    prox: str
    snr: SnrBank
    adc: Adc
    formats: PgdFormats
    layers: tuple[PgdLayer, ...]
    slicer: tuple[int, ...]

    def __post_init__(self) -> None:
        faults = _faults(self)
        if not faults:
            faults = widths.faults(self)
        if faults:
            raise SpecError(f"spec {self.name}", faults)

    @property
    def constellation(self) -> Modulation:
        """The modulation whose bits the slicer decides."""
        return MODULATIONS[self.modulation]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        return _digest(encode(self))

    def save(self, path: Path) -> None:
        """Write the sealed spec to `path`, whole or not at all."""
        write_text(path, _pretty({**encode(self), "digest": self.digest}))

    def replace(self, **changes: Any) -> DetectorSpec:
        """A copy with some entries changed, checked anew."""
        return dataclasses.replace(self, **changes)


def load(source: str | Path) -> DetectorSpec:
    """Load a shipped spec by its name, or a spec file by its path, and verify its digest.

    Raises `SpecError` that names every missing, unknown, out-of-range or inconsistent entry.
    """
    path = SHIPPED / f"{source}.json" if str(source) in shipped() else Path(source)
    data = _read(path)
    spec = _decode(data, str(source))
    stored = data.get("digest")
    if stored != spec.digest:
        raise SpecError(
            f"spec {source}",
            [f"digest: {stored!r} is stored, {spec.digest!r} was expected (seal an edited spec)"],
        )
    return spec


def shipped() -> list[str]:
    """The names of the specs in the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.json"))


def seal(path: Path) -> DetectorSpec:
    """Check an edited spec file and write it back under its new digest."""
    spec = _decode(_read(path), str(path))
    spec.save(path)
    return spec


def odd_reciprocal(step: int, step_format: Format, inverse_format: Format) -> int:
    """1/Δ as the nearest odd integer of `inverse_format` for Δ = step · 2^-frac.

    Odd, so that no product v·I lies on a tie and the float64 twin, which divides by 1/I, is exact.
    """
    return 2 * ((1 << step_format.frac + inverse_format.frac) // (2 * step)) + 1


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = ", ".join(shipped())
        raise SpecError(f"spec {path}", [f"no such file, nor a shipped spec ({names})"]) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SpecError(f"spec {path}", [f"not readable as JSON: {error}"]) from None
    if not isinstance(data, dict):
        raise SpecError(f"spec {path}", ["not a JSON object"])
    return data


def _decode(data: dict[str, Any], subject: str) -> DetectorSpec:
    faults: list[str] = []
    body = {key: value for key, value in data.items() if key != "digest"}
    if "digest" not in data:
        faults.append("digest: missing")
    spec = decode(DetectorSpec, body, "", faults)
    if spec is None or faults:
        raise SpecError(f"spec {subject}", faults)
    return spec


def _digest(body: dict[str, Any]) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _pretty(data: dict[str, Any]) -> str:
    """Readable JSON: an entry a line, a layer's constants a line each."""
    lines = []
    for key, value in data.items():
        if key == "layers":
            layers = ",\n".join(f"    {json.dumps(layer)}" for layer in value)
            lines.append(f'  "layers": [\n{layers}\n  ]')
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _faults(spec: DetectorSpec) -> list[str]:
    """Every entry that is out of range or at odds with another one."""
    faults = []
    if spec.schema != SCHEMA:
        faults.append(f"schema: {spec.schema} is not {SCHEMA}")
    if spec.detector != "pgd":
        faults.append(f"detector: {spec.detector!r} is not 'pgd'")
    if spec.prox not in PROXES:
        faults.append(f"prox: {spec.prox!r} is not one of {', '.join(PROXES)}")
    for name in ("rows", "columns"):
        size = getattr(spec, name)
        if size < 2 or size % 2 or size > 1024:
            faults.append(f"{name}: {size} is not an even number from 2 to 1024")
    if not 1 <= len(spec.layers) <= 64:
        faults.append(f"layers: {len(spec.layers)} layers, 1 to 64 expected")
    return faults + _format_faults(spec) + _layer_faults(spec) + _slicer_faults(spec)


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


if __name__ == "__main__":
    from fixedpoint.seal import main

    raise SystemExit(main())
