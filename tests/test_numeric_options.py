# SPDX-License-Identifier: Apache-2.0
"""Absurd numbers on the command lines: one line, status 2, at once."""

from __future__ import annotations

import importlib
import resource
import time

import pytest

HUGE = str(10**18)
WORDS = ("", "nan", "1e400", "0x10", "many", "1" * 5000, "1.5", "--")
COUNTS = ("0", "-1", HUGE, str(2**64), str(10**40), *WORDS)
SEEDS = ("-1", HUGE, str(-(2**63)), str(10**40), *WORDS)
SNRS = ("nan", "inf", "-inf", "1e308", "-5.6", "30.6", "", "loud", "1,5")
ENERGIES = ("nan", "0", "-1", "inf", "1e400", "", "loud", "1,5")
AREAS = ("-1", "nan", "", "1,,2", "1.5", HUGE, str(10**40), "1" * 5000)
OPTIONS = {
    ("fixedpoint.golden", "--layer pgd5", "--vectors"): COUNTS,
    ("fixedpoint.golden", "--layer pgd5", "--seed"): SEEDS,
    ("fixedpoint.golden", "--layer pgd5", "--snr-db"): SNRS,
    ("fixedpoint.golden", "--layer pgd5", "--symbol-energy"): ENERGIES,
    ("fixedpoint.golden", "--layer all", "--vectors"): COUNTS,
    ("hls.native", "--layer pgd5", "--vectors"): COUNTS,
    ("hls.native", "--layer pgd5", "--seed"): SEEDS,
    ("hls.csim", "--spec pgd", "--vectors"): COUNTS,
    ("hls.csim", "--spec pgd", "--seed"): SEEDS,
    ("hls.csim", "--spec pgd", "--jobs"): ("0", "-1", "65", "1000000000", "nan", "", "two"),
    ("verification.functions", "--spec pgd", "--vectors"): COUNTS,
    ("verification.functions", "--spec pgd", "--seed"): SEEDS,
    ("hls.area", "--tops passes_top", "--lanes"): (*AREAS, "0"),
    ("hls.area", "--tops passes_top", "--slots"): (*AREAS, "0", "65"),
    ("hls.area", "--tops passes_top", "--seed"): AREAS,
    ("hls.area", "--tops passes_top", "--clock"): ("nan", "0", "-1", "inf", "1e400", "", "fast"),
}
POINT = "--detectors lmmse --snr 30 --workers 1"
DRAWN = ("100000000",)
"""Vectors that no memory holds: H alone takes 512 GB, drawn at once."""
OPTIONS |= {
    ("model.evaluate", POINT, "--max-vectors"): COUNTS,
    ("model.evaluate", POINT, "--errors"): COUNTS,
    ("model.evaluate", POINT, "--min-vectors"): COUNTS[1:],
    ("model.evaluate", POINT, "--task-vectors"): COUNTS[1:],
    ("model.evaluate", POINT, "--limit"): tuple(f"lmmse={count}" for count in COUNTS),
    ("model.train", "admm --out build/none", "--samples"): DRAWN,
    ("model.train", "admm --out build/none", "--validation"): DRAWN,
    ("model.train", "fpd --out build/none", "--batch"): DRAWN,
    ("model.train", "own --detector examples/momentum.py --blocks 1000000 --out build/none",
     "--vectors"): ("1000000",),
    ("model.train", "choose-epsilon --mmd kde --out build/none", "--vectors"): DRAWN,
    ("model.train", "choose-epsilon --mmd kde --out build/none", "--seeds"): (*COUNTS, "10000"),
    ("model.twin", "--spec pgd", "--vectors"): COUNTS[1:],
    ("verification.rtl.__main__", "--spec pgd", "--vectors"): COUNTS,
}  # fmt: skip
MODULES = {"fixedpoint.golden": "fixedpoint.golden", "hls.native": "hls.native"}


@pytest.mark.parametrize(("command", "others", "option"), OPTIONS)
def test_an_absurd_number_is_one_line_and_status_2(
    command: str, others: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main = importlib.import_module(MODULES.get(command, command)).main
    for value in OPTIONS[command, others, option]:
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        try:
            status = main([*others.split(), f"{option}={value}"])
        except SystemExit as end:
            status = end.code
        printed = capsys.readouterr()
        assert status == 2, (value, printed)
        assert len(printed.err.splitlines()) == 1, (value, printed.err)
        assert printed.err.startswith("error: "), (value, printed.err)
        assert printed.out == ""
        assert time.process_time() - start < 5, value
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 256 * 1024, (value, grown)


@pytest.mark.parametrize("command", ["fixedpoint.golden", "hls.native", "hls.csim", "hls.area"])
def test_the_table_holds_every_numeric_option(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options that take a word: those of the table, and these, which take none of numbers."""
    with pytest.raises(SystemExit):
        importlib.import_module(MODULES.get(command, command)).main(["--help"])
    printed = capsys.readouterr().out
    options = printed[printed.index("\noptions:") :].splitlines()
    words = [line.split() for line in options if line.startswith("  --")]
    found = {line[0] for line in words if len(line) > 1 and line[1].isupper()}
    others = {"--layer", "--spec", "--input", "--out", "--detector", "--file", "--tops", "--json"}
    assert found - others == {option for name, _, option in OPTIONS if name == command}
