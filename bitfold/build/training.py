# SPDX-License-Identifier: Apache-2.0
"""The stages before there is a spec: channels, training, export, word lengths and soft bits."""

from __future__ import annotations

import dataclasses
import time

from bitfold.build.job import Job, say
from bitfold.build.plan import DRAW
from bitfold.system.tables import DRAWN
from bitfold.words.search import QUICK, Effort, search
from fixedpoint.detectors import library
from fixedpoint.detectors.reformat import reformatted
from model.soft import calibrate
from model.soft.calibrate import SEED, VECTORS
from model.store.resume import LOG, read_log
from model.systems.drawing import line


def channels(job: Job) -> None:
    """Draw the file's 3GPP channels, whole or not at all."""
    drawing = job.made.drawing
    assert drawing is not None, "no stage of this build"
    found = drawing.write(job.folder / DRAWN)
    say(line(found))
    job.keep(DRAW, found)


def train(job: Job) -> None:
    """Train what is left."""
    started, odd = time.process_time(), job.recipe.remark(job.config)
    if odd is not None:
        say(f"warning: {odd}")
    last = job.checkpoint()
    folder = job.folder / "train"
    log = read_log(folder) if last is not None and (folder / LOG).exists() else []
    job.keep("train", {"detector": job.detector, "configuration": job.config.to_json(),
                       "cpu_seconds": time.process_time() - started, "log": log,
                       "remark": odd})  # fmt: skip


def export(job: Job) -> None:
    """The trained constants in their formats, those that the file gives in place of the rule's."""
    made = job.made
    command = f"bitfold build {made.path.name}"
    spec = job.recipe.spec(job.config, job.checkpoint(), made.name, command)
    if made.formats:
        spec = reformatted(spec, made.formats)
    library.save(spec, job.trained_file)


def words(job: Job) -> None:
    """The narrowest formats that lose little, or those that are given; soft bits, if asked for."""
    spec, asked, hardware = library.load(job.trained_file), job.made.words, job.made.hardware
    system = dataclasses.replace(job.asked, channel_gain=spec.entry_variance)
    if asked.mode == "auto":
        found = search(
            spec, system, job.folder / "words", loss_db=asked.loss_db, ber=asked.ber, report=say,
            lanes=hardware.lanes, effort=QUICK if asked.quick else Effort(),
        )  # fmt: skip
        spec = found.spec.replace(name=job.made.name)
    if asked.soft_bits:
        entries, llr = calibrate.entries_of(spec), calibrate.llr_format(asked.soft_bits)
        best, *_ = calibrate.fits(spec, llr, entries, system, VECTORS, SEED)
        spec = calibrate.softened(spec, best, entries, llr).sealed()
    library.save(spec, job.spec_file)
