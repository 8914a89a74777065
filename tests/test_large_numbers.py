# SPDX-License-Identifier: Apache-2.0
"""Counts and sizes of 10^11 are one line and status 2, at once, in commands that take them."""

from __future__ import annotations

import importlib
import time

import pytest

from fixedpoint import cli
from model.lab.plan import Plan
from model.systems.system import System

HUGE = str(10**11)
COMMANDS = (
    f"benchmarks.golden --rounds {HUGE}",
    f"benchmarks.latency --rounds {HUGE}",
    f"benchmarks.monte_carlo --rounds {HUGE}",
    f"benchmarks.soft_area --samples {HUGE}",
    f"fixedpoint.golden --layer slicer --vectors {HUGE}",
    f"hls.csim --vectors {HUGE}",
    f"hls.lint --jobs {HUGE}",
    f"hls.native --layer slicer --vectors {HUGE}",
    f"model.evaluate --workers {HUGE}",
    f"model.evaluate --task-vectors {HUGE} --max-vectors {HUGE} --detectors zf",
    f"model.evaluate --antennas {HUGE}x8",
    f"model.evaluate --vectors-per-block {HUGE}",
    "model.evaluate --vectors-per-block 1000000 --antennas 4096x4096 --detectors zf",
    f"model.evaluate --snr 0:{HUGE}:1",
    f"model.train pgd --samples {HUGE}",
    f"model.train pgd --epochs {HUGE}",
    f"model.train admm --batch {HUGE}",
    f"model.twin --vectors {HUGE}",
    f"model.variants --seeds {HUGE}",
    f"model.variants --vectors {HUGE}",
    f"verification.demo --vectors {HUGE}",
    f"verification.formal.__main__ --depth {HUGE}",
    f"verification.formal.__main__ --jobs {HUGE}",
    f"verification.functions --vectors {HUGE}",
    f"verification.regress --count {HUGE}",
    f"verification.regress --jobs {HUGE} --bench slicer",
    f"verification.rtl.__main__ --vectors {HUGE}",
    f"verification.rtl.__main__ --slots {HUGE}",
    f"hls.area --spec pgd --slots {HUGE}",
    f"hls.emit --spec pgd --out never --slots {HUGE}",
    f"hls.emit --spec pgd --out never --lanes -{HUGE}",
    f"verification.selftest --count {HUGE}",
)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_huge_number_is_one_line_at_once(line: str, capsys: pytest.CaptureFixture[str],
                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    module, *words = line.split()
    main = importlib.import_module(module).main
    monkeypatch.setattr("sys.argv", [module, *words])
    start = time.process_time()
    try:
        status = main(words) if main.__code__.co_argcount else main()
    except SystemExit as end:
        status = end.code
    printed = capsys.readouterr()
    assert status == 2, printed.err
    assert len(printed.err.splitlines()) == 1, printed.err
    assert printed.err.startswith("error: ")
    assert time.process_time() - start < 10


def test_memory_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def body() -> int:
        return len(bytearray(1 << 60))

    assert cli.run(body) == 2
    assert capsys.readouterr().err.splitlines() == ["error: there is not enough memory"]


def test_a_plan_has_blocks_that_fit() -> None:
    with pytest.raises(ValueError, match="1,000,000 vectors of 4096x4096 antennas has"):
        Plan(System(nt=4096, nr=4096, modulation="qpsk", vectors=10**6), ("zf",), (0.0,)).check()
    Plan(System(nt=16, nr=16, modulation="16qam", vectors=10**6), ("zf",), (0.0,)).check()
