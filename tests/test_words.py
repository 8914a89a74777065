# SPDX-License-Identifier: Apache-2.0
"""The search of word lengths: ranges, moves, losses, the cost model, the descent."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bitfold.words import candidate, cost, descent, loss, ranges, search
from bitfold.words.__main__ import main, system_of
from bitfold.words.candidate import HIGH, LOW, Words
from bitfold.words.cost import Cost
from bitfold.words.descent import Tried
from bitfold.words.journal import Journal
from bitfold.words.search import Effort
from fixedpoint.detectors import library as specs
from fixedpoint.detectors import reformat
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.frame import Frame, frame

RATES = {Frame.PASSES: 0.15, Frame.STORED: 0.05, Frame.UNITS: 0.15}
"""That the shipped specs with the fewest formats reach."""
TINY = Effort(blocks=12, proof=12, samples=1)
OWN = [name for name in ("pgd-box", "admm-box", "hpd-16qam-2bit") if name in specs.shipped()]


@pytest.mark.parametrize("name", OWN)
def test_ranges_hold_what_wires_reach(name: str) -> None:
    spec = specs.load(name)
    draws = loss.drawn(spec, system_of(spec), 15.0, 4, np.random.default_rng(1))
    found = ranges.of(spec, draws.h, draws.y, draws.index)
    assert {part.name for part in spec.parts} | {"state"} <= set(found)
    assert found["state"][1] > 1
    for name, (end, most) in found.items():
        assert 0 < end <= most, name
    h = spec.parts[0].name
    assert found[h][1] == np.abs(draws.matrices[h]).max()


def test_a_move_takes_one_bit_off_either_end() -> None:
    words = Words({"a": 8, "b": 6}, {"a": 2})
    assert words.moves() == [("a", LOW), ("b", LOW), ("a", HIGH)]
    assert words.moved(("a", LOW)) == Words({"a": 7, "b": 6}, {"a": 2})
    assert words.moved(("a", HIGH)) == Words({"a": 7, "b": 6}, {"a": 1})


@pytest.mark.parametrize("name", ["pgd-box", "admm-box", "hpd-16qam-2bit"])
def test_given_words_are_the_spec_itself(name: str) -> None:
    spec = specs.load(name)
    names = [name for name in reformat.formats(spec) if "." not in name]
    assert candidate.given(spec, names).spec(spec).digest == spec.digest


def test_a_loss_grows_as_bits_go() -> None:
    spec = specs.load("admm-box")
    snrs = loss.around(spec, system_of(spec), 0.05, 1, 20)
    bench = loss.Bench.of(spec, system_of(spec), 0.05, snrs, 40, 1)
    fmt = spec.formats.front
    coarse = reformat.reformatted(spec, {"front": type(fmt)(fmt.bits - 4, fmt.frac - 4)})
    own, worse = bench.loss(spec, exact=True), bench.loss(coarse)
    assert own.low <= own.value <= own.high
    assert worse.value > own.value


def narrower(bits: Iterable[int]) -> list[specs.PgdSpec]:
    """A spec, and it with narrower residuals."""
    spec = specs.load_as(specs.PgdSpec, "pgd-box")
    fmt = type(spec.formats.residual)
    return [spec, *(reformat.reformatted(spec, {"residual": fmt(b, 4)}) for b in bits)]


def test_the_model_gives_back_what_its_guesses_say() -> None:
    made = narrower((6, 7, 9, 10))
    rows = [cost.features(each, 32) for each in made]
    assert rows[1]["sums"] != rows[2]["sums"] or rows[1]["lanes"] != rows[2]["lanes"]
    costs = [Cost(*(sum(guess * row[name] for name, guess in part.items()) + own
                    for part, own in ((cost.LUT, 700), (cost.MEMORY, 90), (cost.DSP, 0))))
             for row in rows]  # fmt: skip
    model = cost.fitted(made, costs, 32)
    for each, wanted in zip(made, costs, strict=True):
        for part in ("lut", "memory", "dsp"):
            assert getattr(model(each), part) == pytest.approx(getattr(wanted, part), rel=1e-6)


def test_the_model_follows_what_it_is_fitted_to_away_from_its_guesses() -> None:
    made = narrower((6, 7, 9, 10))
    rows = [cost.features(each, 32) for each in made]
    costs = [Cost(1.5 * row["lanes"] + 700, row["stored"], row["tiles"]) for row in rows]
    model = cost.fitted(made, costs, 32)
    spread = max(one.lut for one in costs) - min(one.lut for one in costs)
    assert spread > 50
    for each, wanted in zip(made, costs, strict=True):
        assert abs(model(each).lut - wanted.lut) < spread / 4


def test_what_no_synthesis_tells_apart_costs_what_was_guessed() -> None:
    """Of one synthesis alone, a narrower word is still the cheaper one."""
    spec = specs.load("pgd-box")
    narrow = reformat.reformatted(spec, {"residual": type(spec.formats.residual)(6, 4)})
    model = cost.fitted([spec], [Cost(2000, 500, 32)], 32)
    assert model(narrow).lut < model(spec).lut == pytest.approx(2000, rel=0.02)


def test_the_descent_stops_at_the_limit_with_the_cheapest() -> None:
    """A sum of what each bit costs and loses, whose best is known."""
    lost = {"a": {8: 0.0, 7: 0.01, 6: 0.2}, "b": {8: 0.0, 7: 0.05, 6: 0.09}}

    def attempt(words: Words) -> Tried | None:
        if any(bits not in lost[name] for name, bits in words.bits.items()):
            return None
        value = sum(lost[name][bits] for name, bits in words.bits.items())
        return Tried(words, value, 10.0 * sum(words.bits.values()))

    first = attempt(Words({"a": 8, "b": 8}, {}))
    assert first is not None
    steps = list(descent.descend(first, attempt, 0.1))
    assert steps[-1].words.bits == {"a": 7, "b": 6}
    assert steps[0].words.bits == {"a": 7, "b": 8}
    assert len(descent.front([first, *steps])) == 4


def test_a_torn_journal_goes_on_and_another_search_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert Journal(path, {"seed": 1}).once("a", lambda: [1, 2]) == [1, 2]
    with path.open("a") as file:
        file.write('["b", [3')
    again = Journal(path, {"seed": 1})
    assert again.once("a", lambda: pytest.fail("made twice")) == [1, 2]
    assert again.once("b", lambda: [4]) == [4]
    assert Journal(path, {"seed": 1}).found == {"a": [1, 2], "b": [4]}
    with pytest.raises(ValueError, match="another search"):
        Journal(path, {"seed": 2})


@functools.cache
def by_frame() -> dict[Frame, str]:
    """Of each frame of the hardware the shipped spec with the fewest formats."""
    found: dict[Frame, str] = {}
    for name in sorted(specs.shipped(), key=lambda n: (len(reformat.formats(specs.load(n))), n)):
        found.setdefault(frame(program(specs.load(name))), name)
    return found


def stand_in(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Synthesis stands aside: a core's area is counted in the widths that it is made of."""
    areas = SimpleNamespace(count=0)

    def synthesized(spec: specs.DetectorSpec, lanes: int) -> Cost:
        areas.count += 1
        row = cost.features(spec, lanes)
        logic = row["lanes"] + row["registers"] + row["tables"] / 64
        return Cost(logic, row["stored"], row["tiles"])

    monkeypatch.setattr(cost, "synthesized", synthesized)
    return areas


@pytest.mark.parametrize("name", by_frame().values())
def test_a_search_ends_in_a_spec_that_loses_little(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    areas, spec, said = stand_in(monkeypatch), specs.load(name), list[str]()
    how = {"loss_db": 0.4, "ber": RATES[frame(program(spec))], "effort": TINY}
    found = search(spec, system_of(spec), tmp_path, report=said.append, **how)
    assert specs.load(tmp_path / "spec.json").digest == found.spec.digest
    summary = json.loads((tmp_path / "front.json").read_text())
    assert summary == found.summary
    assert summary["chosen"]["loss_db"] <= 0.4
    assert summary["chosen"]["cost"] < max(each["cost"] for each in summary["front"])
    assert (tmp_path / "front.png").stat().st_size > 1000
    assert any("left" in line for line in said)
    named = {word for line in said if line.startswith("formats of ") for word in
             line.removeprefix("formats of ").split(", ")}  # fmt: skip
    stay = {line.partition(" stays as it is: ")[0] for line in said if " stays as it is: " in line}
    assert named | stay == set(reformat.formats(spec))
    assert not named & stay
    assert {each for each in reformat.formats(spec) if each.endswith(".address")} <= named
    if frame(program(spec)) is not Frame.PASSES:
        return
    counted = areas.count
    again = search(spec, system_of(spec), tmp_path, **how)
    assert (again.summary, areas.count) == (found.summary, counted)


def test_every_frame_is_searched() -> None:
    assert set(by_frame()) == set(Frame)


@pytest.mark.parametrize("name", [n for n in specs.shipped() if specs.load(n).table_formats])
def test_a_narrower_address_keeps_the_function_and_halves_the_table(name: str) -> None:
    spec = specs.load(name)
    refused = candidate.refused(spec, {})
    for entry, (address, output) in spec.table_formats.items():
        if address in refused:
            assert "nothing reads it" in refused[address]
            continue
        old = reformat.formats(spec)
        less = Words({address: old[address].bits - 1}, {})
        there = less.spec(spec)
        new = reformat.formats(there)[address]
        assert (new.bits, new.frac) == (old[address].bits - 1, old[address].frac - 1)
        assert reformat.formats(there)[output] == old[output]
        wide, narrow = (cost.features(each, 16)["tables"] for each in (spec, there))
        table, half = (getattr(each, entry, None) for each in (spec, there))
        if isinstance(table, Lookup) and isinstance(half, Lookup):
            assert narrow < wide
            last = min(half.address.max, table.address.max // 2)
            for q in range(-last, last + 1):
                assert half.values[q + half.address.max] == table.values[2 * q + table.address.max]


def test_what_stays_says_why() -> None:
    """A hyper-network's outputs bind the constants that it brings."""
    hypers = [name for name in specs.shipped() if "hyper" in name]
    assert hypers
    for name in (*by_frame().values(), hypers[0]):
        spec = specs.load(name)
        refused = candidate.refused(spec, {})
        assert all("\n" not in why for why in refused.values())
        tied, _ = spec.follow(reformat.formats(spec))
        assert {key for key, why in refused.items() if why.startswith("another")} == set(tied)
        hyper = {key for key, why in refused.items() if "hyper." in why}
        assert bool(hyper) == ("hyper" in name)


def test_a_rate_that_is_not_reached_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--spec", "pgd-box", "--out", str(tmp_path)]
    assert main([*arguments, "--ber", "0.9"]) == 2
    assert main([*arguments, "--lanes", "7"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert "ber 0.9" in errors[0]
    assert "lanes 7" in errors[1]
    assert len(errors) == 2


def test_formats_that_too_few_draws_found_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proof on other draws that finds more loss than the search had."""
    stand_in(monkeypatch)
    module = importlib.import_module("bitfold.words.search")
    monkeypatch.setattr(module._Search, "_proof", lambda *_: [0.5, 0.4, 0.6])
    spec = specs.load(by_frame()[Frame.PASSES])
    with pytest.raises(ValueError, match=r"loss_db 0.4: .* own, 0.500 dB at least; more draws"):
        search(spec, system_of(spec), tmp_path, loss_db=0.4, ber=0.15, effort=TINY)
