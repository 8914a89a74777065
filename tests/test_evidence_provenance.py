# SPDX-License-Identifier: Apache-2.0
"""Numbers of another arithmetic, network or spec are noticed: no page is written from them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from benchmarks.evidence import __main__ as command
from benchmarks.evidence import arithmetic, provenance, repeat
from benchmarks.evidence.repeat import MOST_DETECTORS, counts, point_of
from benchmarks.evidence.studies import STUDIES, Study
from fixedpoint.support.files import write_text
from model import variants
from model.lab import report
from model.quant.quantizers import HalfUp
from model.recipes.families import BASE
from model.systems.system import SYSTEMS

SYSTEM, SNRS = SYSTEMS["16x16-16qam"], (10.0, 20.0)
STUDY: Study = next(study for study in STUDIES if study.name == "hpd-layers")
COMMITTED = command.OUT


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """No hash outlives a test that changed the arithmetic."""
    cached = arithmetic.of_spec, arithmetic.of_network, arithmetic._decisions
    yield
    for function in cached:
        function.cache_clear()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study in its quick form, as the command leaves it."""
    out = tmp_path_factory.mktemp("evidence")
    assert command.main(["--quick", "--only", STUDY.name, "--out", str(out), "--workers", "1"]) == 0
    return out


@pytest.fixture
def out(measured: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    (tmp_path / f"{STUDY.name}.json").write_bytes((measured / f"{STUDY.name}.json").read_bytes())
    return tmp_path


def spoil(out: Path, change: Any) -> None:
    path = out / f"{STUDY.name}.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def off_by_one(rounding: Callable[..., Any]) -> Callable[..., Any]:
    """`rounding`, wrong by one in one integer of its first call, and nowhere else."""
    calls = 0

    def changed(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        found = rounding(*arguments)
        if calls == 1:
            found = found.copy()
            found.flat[0] += 1 if found.flat[0] <= 0 else -1
        return found

    return changed


class OffByOne(HalfUp):
    """`HalfUp`, wrong by one in one integer of its first call, and nowhere else."""

    changed = 0

    def forward(self, x: Tensor) -> Tensor:
        found = super().forward(x).clone()
        if not OffByOne.changed:
            found.view(-1)[0] -= found.view(-1)[0].sign() or 1
        OffByOne.changed += 1
        return found


SPECS = [
    *(
        (name, "fixedpoint.program.views.golden.requantize")
        for name in ("pgd", "admm-kaq", "hpd-4qam-1bit", "fpd-16qam-2bit")
    ),
    ("fpd-16qam-2bit-hyper", "fixedpoint.program.views.golden.requantize_each"),
    ("fpd-16qam-2bit-hyper", "fixedpoint.detectors.hyper.rounded"),
]


@pytest.mark.parametrize(("spec", "function"), SPECS)
def test_one_changed_integer_of_a_golden_model_is_noticed(
    spec: str, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = arithmetic.of_spec(spec)
    arithmetic.of_spec.cache_clear()
    assert arithmetic.of_spec(spec) == before
    arithmetic.of_spec.cache_clear()
    module, _, name = function.rpartition(".")
    real = getattr(importlib.import_module(module), name)
    monkeypatch.setattr(function, off_by_one(real))
    assert arithmetic.of_spec(spec) != before


@pytest.mark.parametrize("spec", ["pgd", "admm-kaq", "hpd-4qam-1bit", "fpd-4qam-1bit"])
def test_one_changed_integer_of_a_fake_quantized_twin_is_noticed(
    spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = arithmetic.of_spec(spec)
    arithmetic.of_spec.cache_clear()
    monkeypatch.setattr(OffByOne, "changed", 0)
    monkeypatch.setattr("model.view.net.HalfUp", OffByOne)
    assert arithmetic.of_spec(spec) != before
    assert OffByOne.changed


@pytest.mark.parametrize("name", ["pgd-soft-int8-kaq", "admm-box-int8-kaq"])
def test_one_changed_integer_of_a_quantized_net_is_noticed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = arithmetic.of_network(name)
    arithmetic.of_network.cache_clear()
    assert arithmetic.of_network(name) == before
    arithmetic.of_network.cache_clear()
    monkeypatch.setattr(OffByOne, "changed", 0)
    monkeypatch.setattr("model.unfolded.nets.HalfUp", OffByOne)
    assert arithmetic.of_network(name) != before


def test_ties_that_round_down_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = arithmetic.of_spec("pgd")
    arithmetic.of_spec.cache_clear()
    half_up = importlib.import_module("fixedpoint.numbers.requantize").shift_right_half_up
    monkeypatch.setattr(
        "fixedpoint.numbers.requantize.shift_right_half_up", lambda q, shift: -half_up(-q, shift)
    )
    assert arithmetic.of_spec("pgd") != before


def test_other_decisions_of_a_reference_detector_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = arithmetic.of_detector("lmmse", SYSTEM, SNRS)
    arithmetic._decisions.cache_clear()
    monkeypatch.setattr("model.detectors.linear._seen", lambda gains, h: gains * 0.5)
    assert arithmetic.of_detector("lmmse", SYSTEM, SNRS) != before


def test_a_negative_zero_is_a_zero() -> None:
    same = arithmetic._digest({"x": np.array([1.0, 0.0])})
    assert arithmetic._digest({"x": np.array([1.0, -0.0])}) == same
    assert arithmetic._digest({"x": np.array([1.0, 1.0])}) != same


@pytest.mark.parametrize("text", ["lmmse", "pgd-box", "admm-soft", "kbest:k=4"])
def test_the_last_bits_of_a_float_are_not_hashed(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = arithmetic.of_detector(text, SYSTEM, SNRS)
    arithmetic._decisions.cache_clear()
    made = arithmetic.make(text, SYSTEM)
    monkeypatch.setattr(arithmetic, "make", lambda *_: lambda *drawn: made(*drawn) * (1 + 2.0**-44))
    assert arithmetic.of_detector(text, SYSTEM, SNRS) == before


def test_a_file_says_which_networks_and_specs_it_is_of() -> None:
    study = next(study for study in STUDIES if study.name == "admm-box")
    names = {path.name for text in study.labels for path in provenance._files(text, SYSTEM)}
    assert {"admm-kaq.json", "admm-box.json", "admm-box-int8-learned.safetensors"} <= names
    for study in STUDIES:
        for text in study.labels:
            assert all(path.is_file() for path in provenance._files(text, study.system))


def test_pages_are_written_from_numbers_of_today(out: Path) -> None:
    assert command.main(["--pages", "--out", str(out)]) == 0
    assert STUDY.title in (out / "README.md").read_text()


def test_another_arithmetic_makes_no_page(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arithmetic._decisions.cache_clear()
    monkeypatch.setattr("model.distributed.hpd.best_weight", lambda peak: 2.0)
    assert command.main(["--pages", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert "arithmetic of hpd, arithmetic of hpd:layers=20,stop=threshold" in error
    assert f"python -m benchmarks.evidence --only {STUDY.name}" in error
    assert not (out / "README.md").exists()
    assert command.main(["--repeat", "--only", STUDY.name, "--out", str(out)]) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.pop(provenance.KEY), "does not say what it was made from"),
        (lambda data: data[provenance.KEY]["arithmetic"].update(hpd="0"), "arithmetic of hpd"),
        (lambda data: data[provenance.KEY]["files"].update({"x.json": "0"}), "file x.json"),
        (lambda data: data.update({provenance.KEY: {}}), "arithmetic of hpd"),
    ],
)
def test_stale_numbers_make_no_page(
    change: Any, words: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(out, change)
    assert command.main(["--pages", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert f"--only {STUDY.name}" in error
    assert error.count("\n") == 1
    assert not (out / "README.md").exists()


def test_a_point_comes_out_again_to_the_bit(out: Path) -> None:
    assert (
        command.main(["--repeat", "--only", STUDY.name, "--out", str(out), "--workers", "1"]) == 0
    )


def test_one_error_more_or_less_is_a_difference(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (result,) = report.load(out / f"{STUDY.name}.json")
    snr, chosen = point_of(STUDY, result)
    place, i = result.plan.snr_db.index(snr), result.plan.detectors.index(chosen[0])

    def change(data: Any) -> None:
        data["results"][0]["counts"][place]["first"][0][i][i] += 1

    spoil(out, change)
    options = ["--repeat", "--only", STUDY.name, "--out", str(out), "--workers", "1"]
    assert command.main(options) == 1
    assert f"{chosen[0]} at {snr:g} dB" in capsys.readouterr().err
    spoil(out, lambda data: data.pop(provenance.KEY))
    assert command.main([*options, "--stamp"]) == 1
    assert provenance.stored(out / f"{STUDY.name}.json") is None


def test_a_stale_file_is_not_marked_as_todays(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(out, lambda data: data[provenance.KEY]["arithmetic"].update(hpd="0"))
    options = ["--repeat", "--stamp", "--only", STUDY.name, "--out", str(out)]
    assert command.main(options) == 2
    assert "is stale, changed since: arithmetic of hpd;" in capsys.readouterr().err


def test_what_is_not_there_is_no_success(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("hpd-figure-4", *provenance.PARTS):
        assert command.main(["--repeat", "--only", name, "--out", str(out)]) == 2
        assert f"{name}.json is missing" in capsys.readouterr().err


def test_times_are_not_marked(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_text(out / "latency.json", "{}")
    options = ["--repeat", "--stamp", "--only", "latency", "--out", str(out)]
    assert command.main(options) == 2
    assert "times don't come out again" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(options[1:])


def test_variants_are_marked_once_their_bases_came_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, bases = (
        tmp_path / "variants.json",
        [v for v in variants.plan(1) if v.factor == BASE and v.config.bits == repeat.BITS],
    )
    record: dict[str, Any] = {v.name: {"ber": [0.1]} for v in bases}
    write_text(path, json.dumps({"vectors": 2, "variants": record}))
    with pytest.raises(ValueError, match="holds no trained net"):
        repeat.again(path, True, 1, tmp_path)
    monkeypatch.setattr(repeat, "_trained", lambda variant, work: True)
    found = {"ber": [0.2]}
    monkeypatch.setattr(variants, "measure", lambda *_: found)
    lines = repeat.again(path, True, 1, tmp_path)
    assert [line.split()[3] for line in lines] == [f"{v.name}:" for v in bases]
    assert provenance.stored(path) is None
    found["ber"] = [0.1]
    assert not repeat.again(path, True, 1, tmp_path)
    provenance.check(path)


def test_variants_of_another_arithmetic_are_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def main(arguments: list[str]) -> int:
        folder = Path(arguments[1])
        path = folder / "variants.json"
        old = json.loads(path.read_text())["variants"] if path.exists() else {}
        write_text(path, json.dumps({"variants": old | {f"new {len(old)}": {}}}))
        write_text(folder / "variants.md", "table")
        return 0

    monkeypatch.setattr(variants, "main", main)
    monkeypatch.setattr(command, "TRAINED", tmp_path / "trained")
    path = tmp_path / "variants.json"
    write_text(path, json.dumps({provenance.KEY: {"files": {}}, "variants": {"old": {}}}))
    command.train_variants(tmp_path)
    assert list(json.loads(path.read_text())["variants"]) == ["new 0"]
    provenance.check(path)
    command.train_variants(tmp_path)
    assert list(json.loads(path.read_text())["variants"]) == ["new 0", "new 1"]


def test_what_was_not_marked_is_marked_once_it_came_out(out: Path) -> None:
    spoil(out, lambda data: data.pop(provenance.KEY))
    options = ["--repeat", "--only", STUDY.name, "--out", str(out), "--workers", "1"]
    assert command.main(options) == 2
    assert command.main([*options, "--stamp"]) == 0
    provenance.check(out / f"{STUDY.name}.json")


def test_every_committed_study_has_a_point_to_repeat() -> None:
    for study, path in provenance.committed(COMMITTED):
        (result,) = report.load(path)
        snr, chosen = point_of(study, result)
        assert 1 <= len(chosen) <= MOST_DETECTORS
        assert all(sum(counts(result.points[text, snr])) for text in chosen)
