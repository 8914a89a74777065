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

from fixedpoint import consistency, widths
from fixedpoint.bank import SnrBank, odd_reciprocal
from fixedpoint.files import write_text
from fixedpoint.format import Format
from fixedpoint.modulation import MODULATIONS, Modulation
from fixedpoint.schema import SpecError, decode, encode

SCHEMA = consistency.SCHEMA
SHIPPED = Path(__file__).parent / "specs"
__all__ = [
    "Adc",
    "DetectorSpec",
    "PgdFormats",
    "PgdLayer",
    "load",
    "odd_reciprocal",
    "seal",
    "shipped",
]


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
        faults = consistency.faults(self) or widths.faults(self)
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


if __name__ == "__main__":
    from fixedpoint.seal import main

    raise SystemExit(main())
