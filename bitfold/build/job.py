# SPDX-License-Identifier: Apache-2.0
"""What every stage of a build is given: the description, the folder, and how to call a command."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bitfold.system.description import Description
from bitfold.system.tables import DRAWN
from fixedpoint.cli import MISMATCH
from fixedpoint.detectors import library
from fixedpoint.detectors.registry import use
from fixedpoint.support.files import write_text
from hls import defaults
from model.recipes import registry
from model.store.checkpoint import Checkpoint
from model.systems.system import System
from model.systems.text import text_of


class RefusedError(Exception):
    """A command that a stage called has said in one line what it could not do."""


class MismatchError(Exception):
    """A comparison failed, which its words say: integers differ, or a bound was beaten."""


def say(line: str) -> None:
    """Progress, on standard error."""
    print(line, file=sys.stderr, flush=True)


@dataclass
class Job:
    """One description in one folder.

    spec is what `spec.json` holds, read anew after `words`; the results of a stage lie in
    results/STAGE.json.
    """

    made: Description
    folder: Path

    @property
    def spec_file(self) -> Path:
        """The spec of the build."""
        return self.folder / "spec.json"

    @property
    def trained_file(self) -> Path:
        """The spec as training left it, where a search for word lengths follows."""
        return self.folder / "trained.json"

    @property
    def asked(self) -> System:
        """The system of the file, with the channels that the build has drawn for it."""
        if self.made.drawing is None:
            return self.made.system
        return dataclasses.replace(self.made.system, channel_file=str(self.folder / DRAWN))

    @cached_property
    def config(self) -> Any:
        """The training configuration. Raises `ValueError` on entries that it doesn't know."""
        made, entries = self.made, dict(self.made.training)
        if made.detector.layers:
            entries["layers"] = made.detector.layers
        if made.detector.file:
            entries["detector"] = self.detector
        if made.snr.bank:
            entries["bank"] = made.snr.bank
        try:
            return self.recipe.configuration(text_of(self.asked), **entries)
        except ValueError as error:
            raise ValueError(f"{made.path}, [training], [detector] or [snr]: {error}") from None

    @cached_property
    def detector(self) -> str:
        """Its name, which a definition of one's own has inside."""
        file = self.made.detector_file
        if file is None:
            return self.made.detector.name
        return use(file).name

    @cached_property
    def recipe(self) -> Any:
        """How the detector is trained and exported."""
        return registry.recipe_of(self.detector)

    def checkpoint(self) -> Checkpoint | None:
        """What training made, or the rest of it; None where nothing is trained."""
        return self.recipe.trained(self.config, self.folder / "train")

    def spec(self) -> library.DetectorSpec:
        """The spec of the build."""
        _ = self.detector  # a definition of one's own is found from then on
        return library.load(self.spec_file)

    def system(self) -> System:
        """The system with the gain that the spec is made for."""
        return dataclasses.replace(self.asked, channel_gain=self.spec().entry_variance)

    def lanes(self) -> int:
        """What is built of those asked for, by default of the best count up to 32."""
        hardware = self.made.hardware
        return defaults.chosen(self.spec(), hardware.lanes or None, hardware.packed)

    def slots(self) -> int:
        """Those asked for, by default enough for the lanes."""
        hardware = self.made.hardware
        return defaults.chosen_slots(
            self.spec(), self.lanes(), hardware.slots or None, hardware.packed
        )

    def result(self, stage: str) -> Path:
        """Where a stage's result lies."""
        return self.folder / "results" / f"{stage}.json"

    def keep(self, stage: str, result: object) -> None:
        """Write a stage's result."""
        write_text(self.result(stage), json.dumps(result, indent=1) + "\n")

    def call(
        self,
        stage: str,
        main: Callable[[list[str]], int],
        words: Sequence[object],
        keep: bool = True,
    ) -> None:
        """Run a command of bitfold; `keep` its JSON on standard output as the stage's result.

        Raises `RefusedError` where it ended with a mistake, `MismatchError` where integers differ.
        """
        with contextlib.redirect_stdout(io.StringIO()) as output:
            status = main([str(word) for word in words])
        text = output.getvalue().strip()
        if keep and text:
            self.keep(stage, _json(text))
        if status == MISMATCH:
            raise MismatchError(f"{stage}: views disagree, {self.result(stage)} says where")
        if status:
            raise RefusedError(stage)


def _json(text: str) -> object:
    """One JSON value, or one a line as a list."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]
