# SPDX-License-Identifier: Apache-2.0
"""The stages of a build: their order, what each needs, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from bitfold.system.tables import DRAWN


@dataclass(frozen=True)
class Stage:
    """A stage: the stages before it that it needs, the tables of the file that it depends on.

    seconds: those of 8 × 8 antennas and 64-QAM on two cores, by which the time left is judged;
    makes: the files or folders that it leaves; works: those that it goes on with after an
    interruption; title: what it does.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    tables: tuple[str, ...]
    makes: tuple[str, ...]
    seconds: float
    works: tuple[str, ...] = ()


MODEL = ("system", "detector", "snr", "training")
DRAW = "channels"
"""The stage of builds whose channels are drawn: others have none of it."""
STAGES = (
    Stage(DRAW, "draw 3GPP channels", (), ("drawing",), (DRAWN, f"results/{DRAW}.json"), 20),
    Stage("train", "train the detector", (DRAW,), MODEL, ("results/train.json",), 300, ("train",)),
    Stage(
        "export", "its constants as integers", ("train",), ("formats", "name"), ("trained.json",), 2
    ),
    Stage("words", "word lengths", ("export",), ("words",), ("spec.json",), 1, ("words",)),
    Stage(
        "golden",
        "golden vectors of every layer",
        ("words",),
        ("compare",),
        ("vectors", "results/golden.json"),
        6,
    ),
    Stage(
        "evaluate",
        "bit error rates, and what soft bits are worth",
        ("words",),
        ("evaluate",),
        ("results/evaluate.json", "results/soft.json", "results/coded.json"),
        120,
    ),
    Stage(
        "csim",
        "C++ with ap_int against the golden model",
        ("words",),
        ("compare",),
        ("results/csim.json",),
        60,
    ),
    Stage(
        "native",
        "native C++ against the golden model",
        ("words",),
        ("compare",),
        ("results/native.json",),
        30,
    ),
    Stage(
        "rtl",
        "RTL in simulation against the golden model",
        ("words",),
        ("compare", "hardware"),
        ("results/rtl.json",),
        60,
    ),
    Stage("area", "area of the core", ("words",), ("hardware",), ("results/area.json",), 60),
    Stage("emit", "C++ and RTL projects", ("words",), ("hardware",), ("hardware",), 3),
    Stage("report", "the page about all of it", ("words",), (), ("report.html",), 5),
)
"""In the order in which a build runs them."""
