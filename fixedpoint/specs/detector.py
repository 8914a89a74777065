# SPDX-License-Identifier: Apache-2.0
"""What the specs of all detectors have in common. Each detector's own is in a file of its name."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.numbers.bank import SnrBank
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.modulation import MODULATIONS, Modulation
from fixedpoint.specs.block import Block
from fixedpoint.specs.soft import SoftBits
from fixedpoint.support.files import write_text
from fixedpoint.support.reading import brief
from fixedpoint.support.schema import SpecError, encode

SCHEMA = 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Of a spec: it becomes part of the names of files."""
LONGEST_TEXT = 1000

FloatArray = NDArray[np.float64]


class Converter(Protocol):
    """What makes integers of analog samples: levels, or few-bit codes."""

    @property
    def format(self) -> Format:
        """Of a sample's integer."""

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest integer."""

    @property
    def system(self) -> dict[str, object]:
        """The entries of a simulated system whose samples it is made for."""

    @property
    def full_scale(self) -> float | None:
        """The largest magnitude of a sample that is not clipped; None if no cell ends there."""

    def convert(self, y: ArrayLike, index: IntArray) -> IntArray:
        """Real samples (…, M) at SNR entries (…,). Raises `ValueError` on NaN and infinity."""

    def given(self, y: IntArray, index: IntArray) -> dict[str, IntArray]:
        """What a program gets of the integers (…, M), by name: y, and thresholds around a code."""

    def real(self, y: FloatArray, index: IntArray) -> Mapping[str, NDArray[Any]]:
        """The same for the float twin, of real samples (…, M): last bits, clipped, not rounded."""


@dataclass(frozen=True)
class DetectorSpec(Block):
    """One detector, whole. Raises `SpecError` when made with entries that cannot work together.

    Whether every intermediate fits its carriers says its program: `detectors.registry.program`.

    `rows` × `columns` is the size of the real-valued H, 2·Nr × 2·Nt (eq. (2) of the KAQ paper).
    `slicer` holds the decision thresholds of one real dimension, in the state's format. `soft` says
    what soft bits there are, None of a detector that decides alone. `name` has
    up to 100 letters, digits, `.`, `_` and `-`, `provenance` up to 1000 printable characters.
    """

    of: ClassVar[str] = ""
    """The entry `detector` of such a spec: `pgd`; the start of its layers' names too."""

    schema: int
    name: str
    detector: str
    provenance: str
    modulation: str
    rows: int
    columns: int
    snr: SnrBank
    slicer: tuple[int, ...]
    soft: SoftBits | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        faults = self.common_faults() + self.faults()
        if faults:
            subject = self.name if NAME.fullmatch(self.name) else brief(self.name)
            raise SpecError(f"spec {subject}", faults)

    @abstractmethod
    def faults(self) -> list[str]:
        """Every entry of this detector that is out of range or at odds with another one."""

    @property
    @abstractmethod
    def depth(self) -> int:
        """The number of layers."""

    @property
    def one_snr_a_block(self) -> bool:
        """Whether all vectors of a coherence block must have the same SNR entry."""
        return False

    @property
    @abstractmethod
    def converter(self) -> Converter:
        """What makes integers of received samples."""

    @property
    def y_format(self) -> Format:
        """The format of a received sample: the converter's level, or its code."""
        return self.converter.format

    @property
    def unit_count(self) -> int:
        """Distributed units, each with its own rows of H; 0 for a single receiver."""
        return 0

    @property
    def unit_size(self) -> int:
        """Real rows of a unit, or all."""
        return self.rows // max(self.unit_count, 1)

    def unit_rows(self) -> NDArray[np.int64]:
        """The rows of each unit, (C, M/C), [Re; Im]; of a single receiver all, (1, M)."""
        antennas = np.arange(self.rows // 2).reshape(max(self.unit_count, 1), -1)
        return np.concatenate([antennas, antennas + self.rows // 2], axis=1)

    def unit_faults(self, units: int) -> list[str]:
        """A line if so many units cannot share the antennas."""
        if units < 1 or self.rows // 2 % units:
            return [f"units: {units} do not divide {self.rows // 2} antennas"]
        return []

    @property
    @abstractmethod
    def state_format(self) -> Format:
        """The format of the wide state that the slicer decides on."""

    @property
    def entry_variance(self) -> float:
        """E|h|² of a complex entry of H that the formats are made for: 1/Nr."""
        return 2 / self.rows

    @property
    def constellation(self) -> Modulation:
        """The modulation whose bits the slicer decides."""
        return MODULATIONS[self.modulation]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        canonical = json.dumps(
            encode(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    def save(self, path: Path) -> None:
        """Write the sealed spec to `path`, whole or not at all."""
        write_text(path, _pretty({**encode(self), "digest": self.digest}))

    @property
    def number_formats(self) -> Mapping[str, str]:
        """Each entry that holds integers of one of the spec's formats: `layers.eta` → `eta`."""
        return {}

    @property
    def reciprocal_entries(self) -> Mapping[str, str]:
        """Entries that hold the odd reciprocals of another one: `layers.inverse` → that one."""
        return {}

    @property
    def positive_entries(self) -> frozenset[str]:
        """Entries of `number_formats` whose integers are 1 or more."""
        return frozenset(self.reciprocal_entries.values())

    @property
    def untrained(self) -> frozenset[str]:
        """Constants and banks that training leaves alone, by their names in the program."""
        return frozenset()

    @property
    def counted(self) -> Mapping[str, str]:
        """Formats of steps, each with the format of the codes that count them."""
        return {}

    @property
    def table_formats(self) -> Mapping[str, tuple[str, str]]:
        """Entries that hold tables, each with the names of its address' and its output's format."""
        fields = (field.name for field in dataclasses.fields(self))
        return {name: (f"{name}.address", f"{name}.output") for name in fields
                if isinstance(getattr(self, name), Lookup)}  # fmt: skip

    def follow(self, formats: Mapping[str, Format]) -> tuple[dict[str, Format], dict[str, Any]]:
        """Formats and entries that these formats, by name, determine."""
        return {}, {}

    def replace(self, **changes: Any) -> Self:
        """A copy with some entries changed, checked anew."""
        return dataclasses.replace(self, **changes)

    def common_faults(self) -> list[str]:
        """Entries that every detector has."""
        found = self._text_faults()
        if self.schema != SCHEMA:
            found.append(f"schema: {self.schema} is not {SCHEMA}")
        found += self.name_faults()
        for name in ("rows", "columns"):
            size = getattr(self, name)
            if size < 2 or size % 2 or size > 1024:
                found.append(f"{name}: {size} is not an even number from 2 to 1024")
        if not 1 <= self.depth <= 64:
            found.append(f"layers: {self.depth} layers, 1 to 64 expected")
        if self.soft is not None:
            found += self.soft.faults(len(self.snr), self.weighs_streams)
        return found + self._slicer_faults()

    def array_faults(self) -> list[str]:
        """A line if few-bit converters are those of other sizes or symbols, by their levels."""
        made = self.converter
        if not isinstance(made, FewBitAdc):
            return []
        signal = self.columns / 4 * self.constellation.symbol_energy * self.entry_variance
        deviation = np.sqrt(signal * (1 + 10 ** (-self.snr.snr_db / 10)))
        return made.scale_faults(deviation)

    def name_faults(self) -> list[str]:
        """A line if the detector is another class's."""
        if self.detector != self.of:
            return [f"detector: {brief(self.detector)} is not {self.of!r}"]
        return []

    def sealed(self) -> Self:
        """Itself, with what its digest covers of its definition brought up to date."""
        return self

    def _text_faults(self) -> list[str]:
        found = []
        if not NAME.fullmatch(self.name):
            found.append(
                f"name: {brief(self.name)} is not of 1 to 100 letters, digits, '.', '_' and '-', "
                "the first a letter or digit"
            )
        if len(self.provenance) > LONGEST_TEXT or not self.provenance.isprintable():
            shown = brief(self.provenance)
            found.append(f"provenance: {shown} is not of up to {LONGEST_TEXT} printable characters")
        return found

    def _slicer_faults(self) -> list[str]:
        if self.modulation not in MODULATIONS:
            return [f"modulation: {brief(self.modulation)} is not one of {', '.join(MODULATIONS)}"]
        expected = self.constellation.thresholds(self.state_format)
        if self.slicer != expected:
            return [f"slicer: {list(self.slicer)}, {list(expected)} expected for {self.modulation}"]
        return []


def _pretty(data: dict[str, Any]) -> str:
    """Readable JSON: an entry a line; what is a list of lists or objects, one of them a line."""
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], dict | list):
            items = ",\n".join(f"    {json.dumps(item)}" for item in value)
            lines.append(f'  "{key}": [\n{items}\n  ]')
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
