# SPDX-License-Identifier: Apache-2.0
"""A system's file as one value: what is simulated, trained, compared and built."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitfold.system import channel, reading
from bitfold.system.start import NAME
from bitfold.system.tables import (
    TABLES,
    CompareTable,
    DetectorTable,
    EvaluateTable,
    HardwareTable,
    SnrTable,
    SystemTable,
    WordsTable,
)
from fixedpoint.numbers.format import Format
from fixedpoint.specs.soft import FEWEST, MOST
from fixedpoint.support.reading import brief
from hls.defaults import SLOTS
from model.systems.drawing import Drawing
from model.systems.system import System

FORMAT = re.compile(r"(\d{1,2})\.(-?\d{1,2})")
MODES = ("given", "auto")


@dataclass(frozen=True)
class Description:
    """What a file says, checked.

    path: of the file; name: of the build and its spec; drawing: channels that the build draws for
    its system, if any; training: entries of the detector's training configuration, which checks
    them; formats: given word lengths of the spec's formats.
    """

    path: Path
    name: str
    system: System
    drawing: Drawing | None
    detector: DetectorTable
    snr: SnrTable
    words: WordsTable
    formats: Mapping[str, Format]
    training: Mapping[str, Any]
    hardware: HardwareTable
    compare: CompareTable
    evaluate: EvaluateTable

    @property
    def detector_file(self) -> Path | None:
        """The definition of a detector of one's own; paths of a file are beside it."""
        return self.path.parent / self.detector.file if self.detector.file else None

    def digest(self, *parts: str) -> str:
        """Of some of the tables, by their names: whether a stage is to be run anew."""
        found = {part: _plain(getattr(self, part)) for part in parts}
        if "detector" in parts and self.detector_file is not None:
            found["definition"] = hashlib.sha256(_bytes(self.detector_file)).hexdigest()
        if "system" in parts and self.system.channel_file and self.drawing is None:
            found["channels"] = hashlib.sha256(_bytes(Path(self.system.channel_file))).hexdigest()
        text = json.dumps(found, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def load(path: Path) -> Description:
    """The description in a TOML file.

    Raises `ValueError` that names the file, the table, the key, its value and what was expected.
    """
    data = reading.tables(path)
    kinds = {kind.title: kind for kind in (SystemTable, *TABLES)}
    reading.known(data, ("name", "system", "channel", "training", *(k.title for k in TABLES)),
                  str(path), "table or key")  # fmt: skip
    name = data.get("name", path.stem)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(
            f"{path}: name = {brief(name)}: 1 to 80 letters, digits, '.', '_' and '-' were expected"
        )
    found = {title: reading.table(data, title, path) for title in (*kinds, "channel", "training")}
    made: dict[str, Any] = {title: reading.made(kind, found[title], f"{path}, [{title}]")
                            for title, kind in kinds.items()}  # fmt: skip
    system, drawing = channel.described(path, made.pop("system"), found["channel"])
    formats = _formats(f"{path}, [words]", found["words"])
    description = Description(path=path, name=name, system=system, drawing=drawing,
                              formats=formats, training=found["training"], **made)  # fmt: skip
    _check(description)
    return description


def _formats(where: str, table: Mapping[str, Any]) -> dict[str, Format]:
    own = {field.name for field in dataclasses.fields(WordsTable)}
    found = {}
    for key, value in table.items():
        if key in own:
            continue
        match = FORMAT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise ValueError(
                f'{where}, {key} = {brief(value)}: a format "bits.frac" was expected, "12.8" say'
            )
        try:
            found[key] = Format(int(match[1]), int(match[2]))
        except ValueError as error:
            raise ValueError(f"{where}, {key}: {error}") from None
    return found


def _check(made: Description) -> None:
    """What tables cannot check by themselves."""
    where, words = made.path, made.words
    if bool(made.detector.name) == bool(made.detector.file):
        both = "both" if made.detector.name else "neither"
        raise ValueError(f"{where}, [detector]: {both} of name and file; one was expected "
                         '(name = "" with a file of your own)')  # fmt: skip
    if made.detector_file is not None and not made.detector_file.is_file():
        raise ValueError(f"{where}, [detector], file = {brief(made.detector.file)}: "
                         f"there is no file {made.detector_file}")  # fmt: skip
    if words.mode not in MODES:
        raise ValueError(
            f"{where}, [words], mode = {brief(words.mode)}: {' or '.join(MODES)} was expected"
        )
    if not 0 < words.loss_db < math.inf or not 0 < words.ber < 0.5:
        raise ValueError(f"{where}, [words]: loss_db {words.loss_db} above 0 and ber {words.ber} "
                         "between 0 and .5 were expected")  # fmt: skip
    if words.soft_bits and not FEWEST <= words.soft_bits <= MOST:
        raise ValueError(f"{where}, [words], soft_bits = {words.soft_bits}: 0 (none) or {FEWEST} "
                         f"to {MOST} was expected")  # fmt: skip
    for title, table, least in (("compare", made.compare, 1), ("evaluate", made.evaluate, 1)):
        for field in dataclasses.fields(table):
            value = getattr(table, field.name)
            bound = 0 if field.name == "seed" else least
            if isinstance(value, int) and not bound <= value <= 10**9:
                raise ValueError(f"{where}, [{title}], {field.name} = {value}: "
                                 f"{bound} to 10^9 was expected")  # fmt: skip
    if not 0 <= made.hardware.slots <= SLOTS:
        raise ValueError(f"{where}, [hardware], slots = {made.hardware.slots}: 0 (enough for the "
                         f"lanes) or 1 to {SLOTS} was expected")  # fmt: skip
    if made.hardware.lanes < 0 or not 0 <= made.hardware.clock_mhz < math.inf:
        raise ValueError(f"{where}, [hardware]: lanes {made.hardware.lanes} and clock_mhz "
                         f"{made.hardware.clock_mhz} of at least 0 were expected")  # fmt: skip


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Mapping):
        return {key: str(entry) for key, entry in sorted(value.items())}
    return value


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
