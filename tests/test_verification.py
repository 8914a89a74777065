# SPDX-License-Identifier: Apache-2.0
"""The verification itself can fail: scoreboard, verdict, regression, self-test, soak."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import numpy as np
import pytest

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.requantize import requantize
from fixedpoint.receivers.inputs import split
from fixedpoint.specs.admm import AdmmSpec
from hls import cases, lanes
from verification import regress, rtl_coverage, selftest, soak
from verification.regression import junit, suite
from verification.regression.runner import CaseResult, Outcome, read_results
from verification.regression.suite_tests import AT_RANDOM
from verification.regression.verdict import judge
from verification.traffic import stimuli
from verification.traffic.primitives import requantizers
from verification.traffic.scoreboard import MismatchError, Scoreboard
from verification.traffic.stimuli import h_frame, long, pack, short, unpack, y_frame

DETECTOR = "stress-box-16x8-64qam"
SPEC = cases.find(DETECTOR).spec
BENCHES = Path(suite.__file__).parent.parent / "benches"
EXPECTED = ("one", "two")


@pytest.fixture
def scoreboard() -> Scoreboard:
    return Scoreboard("view", 7, "python -m repeat")


def outcome(*tests: CaseResult, fault: str = "") -> Outcome:
    return Outcome(suite.configurations()[0], tests, 1.0, 2.0, Path("log"), fault)


def passed(name: str) -> CaseResult:
    return CaseResult(name, 0.1, "", integers=5, cycles=3)


def test_a_wrong_integer_is_named_with_everything_to_see_it_again(scoreboard: Scoreboard) -> None:
    scoreboard.expect({"pgd1.code": [1, 2, 3]})
    scoreboard.expect({"pgd1.code": [4, 5, 6]})
    scoreboard.observe("pgd1.code", [1, 2, 3])
    with pytest.raises(MismatchError) as caught:
        scoreboard.observe("pgd1.code", [4, 5, 7])
    expected = "view: seed 7, vector 1, wire pgd1.code[2]: 7, the golden model has 6"
    assert str(caught.value) == f"{expected}; repeat with: python -m repeat"
    with pytest.raises(MismatchError):
        scoreboard.finish()


def test_a_scoreboard_that_compared_nothing_fails(scoreboard: Scoreboard) -> None:
    with pytest.raises(MismatchError, match="compared no integers"):
        scoreboard.finish()


def test_an_empty_observation_is_nothing_compared(scoreboard: Scoreboard) -> None:
    scoreboard.expect({"code": []})
    scoreboard.observe("code", [])
    with pytest.raises(MismatchError, match="compared no integers"):
        scoreboard.finish()


def test_what_never_came_fails(scoreboard: Scoreboard) -> None:
    for value in (1, 2):
        scoreboard.expect({"code": [value], "state": [value]})
    scoreboard.observe("code", [1])
    scoreboard.observe("code", [2])
    scoreboard.observe("state", [1])
    with pytest.raises(MismatchError, match="wire state: 1 expected vectors never came"):
        scoreboard.finish()


def test_what_nobody_sent_fails(scoreboard: Scoreboard) -> None:
    scoreboard.expect({"code": [1]})
    scoreboard.observe("code", [1])
    with pytest.raises(MismatchError, match="was not expected"):
        scoreboard.observe("code", [1])
    with pytest.raises(MismatchError, match="vector 5 that was not expected"):
        scoreboard.observe("code", [1], vector=5)


def test_vectors_that_change_places_fail(scoreboard: Scoreboard) -> None:
    scoreboard.expect({"code": [1]})
    scoreboard.expect({"code": [2]})
    with pytest.raises(MismatchError, match="vector 0"):
        scoreboard.observe("code", [2])


def test_another_length_fails(scoreboard: Scoreboard) -> None:
    scoreboard.expect({"code": [1, 2]})
    with pytest.raises(MismatchError, match="shape"):
        scoreboard.observe("code", [1])


def test_a_reset_forgets_what_was_in_flight_and_nothing_else(scoreboard: Scoreboard) -> None:
    scoreboard.expect({"code": [1]})
    scoreboard.forget()
    assert scoreboard.expect({"code": [2]}) == 1
    scoreboard.observe("code", [2])
    assert scoreboard.finish().total == 1


def test_exactly_the_expected_tests_pass() -> None:
    assert judge(outcome(passed("one"), passed("two")), EXPECTED).failures == []


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ((passed("one"),), "two: did not run"),
        ((passed("one"), passed("renamed")), "renamed: is not in the suite's list"),
        ((passed("one"), passed("two"), passed("two")), "two: ran 2 times"),
        ((), "one: did not run"),
        ((passed("one"), CaseResult("two", 0.1, "")), "two: compared no integers"),
        ((passed("one"), CaseResult("two", 0.1, "pgd1.code[0]")), "two: pgd1.code"),
    ],
)
def test_any_other_set_of_tests_fails(tests: tuple[CaseResult, ...], words: str) -> None:
    assert any(words in line for line in judge(outcome(*tests), EXPECTED).failures)


def test_a_simulator_that_stops_fails_although_its_tests_passed() -> None:
    verdict = judge(outcome(passed("one"), passed("two"), fault="signal 11"), EXPECTED)
    assert verdict.failures == ["requantize: the_simulator_comes_to_its_end: signal 11"]


def test_a_missing_or_broken_results_file_is_no_result(tmp_path: Path) -> None:
    assert read_results(tmp_path / "results.xml", tmp_path / "tally") is None
    (tmp_path / "results.xml").write_text("<testsuites><testsuite>")
    assert read_results(tmp_path / "results.xml", tmp_path / "tally") is None


def test_a_skipped_test_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "results.xml").write_text(
        '<testsuites><testsuite><testcase name="one"><skipped/></testcase></testsuite></testsuites>'
    )
    tests = read_results(tmp_path / "results.xml", tmp_path / "tally")
    assert tests is not None
    assert tests[0].failure == "skipped"


def test_junit_names_a_test_that_did_not_run(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    junit.write(path, [judge(outcome(passed("one")), EXPECTED)], seed=3)
    root = ElementTree.parse(path).getroot()
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    (failed,) = [case for case in root.iter("testcase") if case.find("failure") is not None]
    assert failed.get("name") == "two"


def test_every_bench_of_the_folder_is_in_the_suite() -> None:
    there = {path.stem for path in BENCHES.glob("*.py")} - {"__init__"}
    assert {module for c in suite.configurations() for module in c.modules} == there
    names = [c.name for c in suite.configurations()]
    assert len(set(names)) == len(names)


def test_every_frame_has_a_bench_whose_sizes_the_lanes_do_not_divide() -> None:
    odd = set()
    for made in suite.configurations():
        if made.detector is None:
            continue
        spec, sizes = cases.find(made.detector).spec, made.parameters
        packed = sizes.get("Vectors", 1) == 2
        if made.top == "fusion":
            whole = spec.columns % int(str(sizes["GroupColumns"])) == 0
        else:
            whole = lanes.fits(spec, int(str(sizes["Lanes"])), packed)
        if not whole:
            odd.add(made.top)
    assert odd == {"passes_top", "stored_top", "unit_top", "fusion"}


def test_every_claim_of_a_bench_is_in_the_suite() -> None:
    for configuration in suite.configurations():
        paths = [BENCHES / f"{name}.py" for name in configuration.modules]
        lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
        claims = [lines[i + 1] for i, line in enumerate(lines) if line == "@claim"]
        named = tuple(line.removeprefix("async def ").split("(")[0] for line in claims)
        assert named == configuration.tests


def test_every_top_is_reset_and_its_streams_are_damaged_in_a_soak() -> None:
    every = suite.configurations()
    claims = {test for c in every for test in c.tests}
    random = {name for name in claims if name.startswith(("a_damaged_tlast", "a_reset_of_one"))}
    assert random == set(AT_RANDOM)
    detectors = {c.name: c.top for c in every if c.detector}
    for kind in ("resets", "damage"):
        chosen = [step for step in soak.steps() if step.name.startswith(kind)]
        assert {detectors[step.options[1]] for step in chosen} == set(detectors.values())
        assert {step.size for step in chosen} == {250}


def test_a_soak_has_reached_what_its_least_damaged_stream_has() -> None:
    step = next(step for step in soak.steps() if step.name.startswith("damage"))
    one = {"behind": 900, "integers": 7, "failure": "", "moments": {"h": 250, "y": 249}}
    counted = step.read({"tests": [one]})
    assert (counted.reached, counted.vectors, counted.differing) == (249, 900, 0)
    wrong = step.read({"tests": [one | {"failure": "pgd1.code[0]\nmore of it"}]})
    assert (wrong.failure, wrong.differing) == ("pgd1.code[0]", 1)


@pytest.mark.parametrize("tool", ["g++", "make", "perl"])
def test_a_missing_tool_is_one_line_and_status_2(tool: str, tmp_path: Path) -> None:
    for name in {"g++", "make", "perl"} - {tool}:
        (tmp_path / name).symlink_to("/bin/true")
    for module in ("verification.regress", "verification.selftest"):
        done = subprocess.run(
            [sys.executable, "-m", module],
            env={**os.environ, "PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: {tool} is not installed")
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("main", "arguments"),
    [
        (regress.main, ["--bench", "luck"]),
        (regress.main, ["--bench", "slicer", "--test", "nothing_at_all"]),
        (regress.main, ["--seed", "-1"]),
        (regress.main, ["--count", "0"]),
        (rtl_coverage.main, ["--seed", "-1"]),
        (rtl_coverage.main, ["--bench", "detector"]),
        (selftest.main, ["--kinds", "luck"]),
        (selftest.main, ["--count", "2"]),
        (soak.main, ["--only", "nothing"]),
        (soak.main, ["--seed", "-1"]),
    ],
)
def test_a_bad_option_is_one_line_and_status_2(
    main: object, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(main)
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_frames_are_cut_and_lengthened_with_one_tlast() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.integers(-15, 16, (SPEC.rows, SPEC.columns))
    frame = h_frame(SPEC, matrix)
    assert len(frame) == matrix.size // 8
    for _ in range(100):
        for broken in (short(frame, rng), long(frame, rng)):
            assert [beat.last for beat in broken] == [False] * (len(broken) - 1) + [True]
        assert 0 < len(short(frame, rng)) < len(frame) < len(long(frame, rng))
    assert y_frame(SPEC, matrix[:, 0], 64 + 5)[-1].user == 64 + 5


def test_unpack_is_the_inverse_of_pack() -> None:
    for bits in (2, 5, 9, 16, 31):
        q = stimuli.corners(bits)
        (word,) = pack(q, bits, q.size)
        np.testing.assert_array_equal(unpack(word, bits, q.size), q)


def test_integers_beyond_their_formats_are_sent_and_clamped() -> None:
    rng = np.random.default_rng(0)
    inputs = cases.find(DETECTOR).inputs(36, 0)
    sent = stimuli.beyond(rng, SPEC, inputs)
    assert int(sent.h.min()) == -128
    assert int(sent.index.max()) >= len(SPEC.snr)
    held = stimuli.clamped(SPEC, sent)
    assert SPEC.h_format.allows(held.h)
    assert SPEC.y_format.allows(held.y)
    assert int(held.index.max()) == len(SPEC.snr) - 1


def test_entries_beyond_the_format_of_their_own_matrix_are_sent_and_clamped() -> None:
    case = cases.find("stress-admm-box-8x4")
    spec = cast(AdmmSpec, case.spec)
    sent = stimuli.beyond(np.random.default_rng(0), spec, case.inputs(24, 0))
    assert np.all(sent.index == sent.index[:, :1])
    held = stimuli.clamped(spec, sent)
    matrices, before = split(spec, held.h), split(spec, sent.h)
    for part in spec.parts:
        assert part.format.allows(matrices[part.name])
        assert not part.format.allows(before[part.name])
    legal_in_f = np.abs(before["p"]) <= spec.formats.f.max
    assert np.any(legal_in_f & (before["p"] != matrices["p"]))


def test_the_requantizer_bench_holds_shifts_beyond_the_source_and_left_shifts() -> None:
    held = requantizers()
    assert any(case.shift > case.source for case in held)
    assert any(case.shift < 0 for case in held)
    assert any(case.shift == 0 for case in held)
    assert len(set(held)) == len(held)
    assert int(requantize(-8, 4, Format(4, 0))) == 0
