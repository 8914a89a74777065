# SPDX-License-Identifier: Apache-2.0
"""A small build folder for the report's tests, made by the commands that a build runs."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path

from fixedpoint import golden
from fixedpoint.detectors import library
from hls import csim, native
from model.lab import report
from model.lab.loss import losses
from model.lab.plan import Plan
from model.lab.sweep import sweeps
from model.systems.system import System
from verification.rtl import __main__ as rtl

SHIPPED = "admm-box"
DESCRIPTION = 'name = "small"\n\n[system]\nantennas = "16x16"\nmodulation = "16qam"\n'
LOG = [{"stage": stage, "epoch": epoch, "seed": 0, "loss": 0.1 / (epoch + 1)}
       for stage in ("float", "quantized") for epoch in range(4)]  # fmt: skip
AREA = {
    "estimate": "of open tools", "tools": {}, "device": "LFE5UM5G-85F-8", "target_mhz": 200,
    "cores": [{
        "top": "stored_top", "spec": "small", "lanes": 32, "packed": False,
        "area": {"xilinx7": {"lut_logic": 1887, "lut_memory": 284, "ff": 1815, "dsp": 36,
                             "block_ram": 19}},
        "bound_cycles": 160.0, "routed_mhz": {}, "clock_mhz": 150.0, "mbit_s": 60.0,
    }],
}  # fmt: skip
"""Of `hls.area`, whose synthesis takes too long for this."""


def make(folder: Path) -> Path:
    """Every file that a report reads."""
    results = folder / "results"
    results.mkdir(parents=True)
    (folder / "system.toml").write_text(DESCRIPTION, encoding="utf-8")
    spec = folder / "spec.json"
    library.save(library.load(SHIPPED), spec)
    base = ["--spec", str(spec)]
    last = ["--layer", "admm5"]
    run = {
        "golden": (golden.main, [*base, "--layer", "all", "--vectors", "64", "--out",
                                 str(folder / "vectors"), "--json"]),
        "csim": (csim.main, [*base, "--vectors", "20", "--json"]),
        "native": (native.main, [*base, *last, "--vectors", "200", "--json"]),
        "rtl": (rtl.main, [*base, "--lanes", "32", "--vectors", "60", "--json"]),
    }  # fmt: skip
    for stage, (main, words) in run.items():
        (results / f"{stage}.json").write_text(_said(main, words), encoding="utf-8")
    (results / "evaluate.json").write_text(_rates(spec), encoding="utf-8")
    trained = {"detector": "admm", "configuration": {}, "cpu_seconds": 1.0, "log": LOG}
    (results / "train.json").write_text(json.dumps(trained), encoding="utf-8")
    (results / "area.json").write_text(json.dumps(AREA), encoding="utf-8")
    return folder


def _said(main: Callable[[list[str]], int], words: list[str]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        assert main(words) in (0, None)
    return output.getvalue()


def _rates(spec: Path) -> str:
    integers, twin = f"golden:spec={spec}", f"twin:spec={spec}"
    plan = Plan(System(16, 16, "16qam"), (integers, twin, "lmmse", "kbest:k=4"),
                (15.0, 20.0, 25.0), max_vectors=1000, min_vectors=100)  # fmt: skip
    [result] = sweeps([plan])
    return report.to_json([result], twin, losses(result, integers, twin))
