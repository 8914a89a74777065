# SPDX-License-Identifier: Apache-2.0
"""What a build's folder holds: its description, its spec, and the results of its stages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fixedpoint.detectors import library
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.reading import RESULT_BYTES, brief, read_bytes, read_json
from model.lab import report
from model.lab.result import Result

DESCRIPTION, SPEC, RESULTS = "system.toml", "spec.json", "results"
FRONT = Path("words/front.json")
"""Of a search for word lengths."""


@dataclass(frozen=True)
class Found:
    """A folder of a build, of which any part may be missing."""

    folder: Path

    @cached_property
    def text(self) -> str | None:
        """The system's file, None if there is none."""
        try:
            return read_bytes(self.folder / DESCRIPTION, RESULT_BYTES).decode()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise ValueError(f"{self.folder / DESCRIPTION} is no text in UTF-8") from None

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The system's file as tables. Raises `ValueError` if it is not TOML."""
        try:
            return tomllib.loads(self.text or "")
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{self.folder / DESCRIPTION} is not TOML: {error}") from None

    @cached_property
    def spec(self) -> DetectorSpec | None:
        """The spec, None before the export."""
        path = self.folder / SPEC
        return library.load(path) if path.exists() else None

    def records(self, stage: str) -> list[dict[str, Any]]:
        """What a stage printed, as a list of objects; empty if it was not run.

        Raises `ValueError` on a file that holds anything else.
        """
        return self.objects(Path(RESULTS) / f"{stage}.json")

    def objects(self, name: Path) -> list[dict[str, Any]]:
        """The same of any JSON file of the folder."""
        path = self.folder / name
        try:
            data = read_json(path, RESULT_BYTES)
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise ValueError(f"{path} cannot be read: {error}") from None
        entries: list[dict[str, Any]] = []
        for entry in data if isinstance(data, list) else [data]:
            if not isinstance(entry, dict):
                raise ValueError(f"{path}: {brief(entry)} is no object")
            entries.append(entry)
        return entries

    @cached_property
    def sweep(self) -> Result | None:
        """The bit error rates, None if they were not counted."""
        path = self.folder / RESULTS / "evaluate.json"
        if not path.exists():
            return None
        results = report.load(path)
        if len(results) != 1:
            raise ValueError(f"{path} holds {len(results)} results, one was expected")
        return results[0]
