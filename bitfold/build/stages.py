# SPDX-License-Identifier: Apache-2.0
"""What each stage of a build does: most are a command of bitfold on the build's spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bitfold.build.evaluation import evaluate
from bitfold.build.job import Job
from bitfold.build.training import channels, export, train, words
from bitfold.report import write as write_report
from fixedpoint import golden as golden_command
from fixedpoint.vectors.layers import last_layer
from hls import area as area_command
from hls import csim as csim_command
from hls import emit as emit_command
from hls import native as native_command
from verification.rtl import __main__ as rtl_command


def golden(job: Job) -> None:
    """Golden vectors of every layer."""
    compare = job.made.compare
    job.call("golden", golden_command.main,
             ["--spec", job.spec_file, "--layer", "all", "--vectors", compare.golden,
              "--seed", compare.seed, "--out", job.folder / "vectors", "--json"])  # fmt: skip


def csim(job: Job) -> None:
    """C++ with ap_int."""
    compare = job.made.compare
    job.call("csim", csim_command.main, ["--spec", job.spec_file, "--vectors", compare.csim,
                                         "--seed", compare.seed, "--json"])  # fmt: skip


def native(job: Job) -> None:
    """Native C++."""
    compare, layer = job.made.compare, last_layer(job.spec())
    job.call(
        "native",
        native_command.main,
        ["--spec", job.spec_file, "--layer", layer, "--vectors", compare.native,
         "--seed", compare.seed, "--json"],
    )  # fmt: skip


def rtl(job: Job) -> None:
    """RTL in simulation."""
    compare = job.made.compare
    job.call("rtl", rtl_command.main,
             ["--spec", job.spec_file, *_core(job), "--vectors", compare.rtl,
              "--seed", compare.seed, "--json"])  # fmt: skip


def area(job: Job) -> None:
    """Area, and a clock where it is asked for."""
    hardware = job.made.hardware
    words = ["--spec", job.spec_file, *_core(job), "--json", job.result("area")]
    words += [] if hardware.route else ["--no-route"]
    words += ["--clock", hardware.clock_mhz] if hardware.clock_mhz else []
    job.result("area").parent.mkdir(exist_ok=True)
    job.call("area", area_command.main, words, keep=False)


def emit(job: Job) -> None:
    """The projects."""
    job.call("emit", emit_command.main, ["--spec", job.spec_file, *_core(job),
                                         "--out", job.folder / "hardware"], keep=False)  # fmt: skip


def report(job: Job) -> None:
    """The page."""
    write_report(job.folder)


def _core(job: Job) -> list[object]:
    packed = ["--packed"] if job.made.hardware.packed else []
    return ["--lanes", job.lanes(), "--slots", job.slots(), *packed]


BODIES: Mapping[str, Callable[[Job], None]] = {
    "channels": channels,
    "train": train,
    "export": export,
    "words": words,
    "golden": golden,
    "evaluate": evaluate,
    "csim": csim,
    "native": native,
    "rtl": rtl,
    "area": area,
    "emit": emit,
    "report": report,
}
"""By the names of `bitfold.build.plan.STAGES`."""
