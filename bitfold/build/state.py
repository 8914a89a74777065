# SPDX-License-Identifier: Apache-2.0
"""What a build's folder says of itself: which stages are done, and of what they were made."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bitfold.build.plan import DRAW, STAGES, Stage
from bitfold.system.description import Description
from fixedpoint.support.files import write_text
from fixedpoint.support.reading import RESULT_BYTES, brief, read_json

FILE = "build.json"


@dataclass
class State:
    """The stages of a folder: by their names, the digest of what each was made of, and seconds.

    begun: the same of each that began, so that nothing goes on with what was of something else.
    """

    name: str
    begun: dict[str, str] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write it, whole or not at all."""
        write_text(folder / FILE, json.dumps(vars(self), indent=1) + "\n")

    def finished(self, stage: Stage, digest: str, folder: Path) -> bool:
        """True if a stage was run on just this, and what it made is still there."""
        there = all((folder / made).exists() for made in stage.makes)
        return there and self.done.get(stage.name) == digest


def digests(made: Description) -> dict[str, str]:
    """Of what each stage of a build is made of: its tables, and what it needs."""
    found: dict[str, str] = {}
    for stage in STAGES:
        if stage.name == DRAW and made.drawing is None:
            continue
        needs = [found[need] for need in stage.needs if need in found]
        parts = [stage.name, made.digest(*stage.tables), *needs]
        found[stage.name] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return found


def load(folder: Path, name: str) -> State:
    """The state of a folder, a new one if it is empty or not there.

    Raises `ValueError` on a folder that holds another build, or anything else.
    """
    try:
        data = read_json(folder / FILE, RESULT_BYTES)
    except FileNotFoundError:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ValueError(
                f"{folder} is there and is no build: an empty or a new folder was expected (--out)"
            ) from None
        return State(name)
    except ValueError as error:
        raise ValueError(f"{folder / FILE} cannot be read: {error}") from None
    state = _state(data, folder)
    if state.name != name:
        raise ValueError(
            f"{folder} is the build of {state.name!r}, not of {name!r}: another --out was expected"
        )
    return state


def _state(data: Any, folder: Path) -> State:
    kinds = {"name": str, "begun": dict, "done": dict, "seconds": dict}
    if not isinstance(data, dict) or set(data) != set(kinds):
        raise ValueError(f"{folder / FILE} is not the state of a build: {brief(data)}")
    for key, kind in kinds.items():
        if not isinstance(data[key], kind):
            raise ValueError(f"{folder / FILE}, {key}: {brief(data[key])} was not expected")
    return State(**data)
