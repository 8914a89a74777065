# SPDX-License-Identifier: Apache-2.0
"""Integer HPD and FPD-Net in the lab: codes from levels, errors counted, the dB that they lose."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch

from fixedpoint.detectors import library as specs
from fixedpoint.numbers.bank import SnrBank
from fixedpoint.receivers import family
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.stress import distributed as distributed_stress
from model import evaluate
from model.detectors import catalog
from model.distributed.unit_specs import adc_of
from model.lab.intervals import Interval
from model.lab.loss import crossing, losses
from model.lab.plan import Plan
from model.lab.result import Result
from model.lab.sweep import sweep
from model.systems.scene import scene
from model.systems.system import SYSTEMS
from model.unfolded.accuracy import sliced_errors
from tests.distributed_specs import averaging

SYSTEM_OF = {"4qam-1bit": SYSTEMS["64x8-4qam-1bit"], "16qam-2bit": SYSTEMS["64x8-16qam-2bit"]}
CASES = [(detector, end) for detector in ("hpd", "fpd") for end in SYSTEM_OF]


@pytest.mark.parametrize("quantizer", ["lloyd-max", "uniform"])
@pytest.mark.parametrize("bits", [1, 2, 3, 4])
def test_the_spec_gives_a_level_of_the_lab_its_code_again(bits: int, quantizer: str) -> None:
    system = dataclasses.replace(
        SYSTEMS["64x8-16qam-2bit"], adc_bits=bits, quantizer=quantizer, vectors=4
    )
    bank, codes = SnrBank(-5, 30), set()
    converter = adc_of(system, bank, 10)
    for snr_db in (-5.0, 2.5, 12.4, 30.0):
        drawn = scene(system, snr_db, 20, np.random.default_rng(1))
        index = np.full((20, 4), bank.index(snr_db))
        found = converter.convert(drawn.received.y.numpy(), index)
        # The cells of the lab, counted from below: as many as there are open ones to the left.
        lows = np.unique(drawn.received.low.numpy())
        assert np.array_equal(found, np.searchsorted(lows, drawn.received.low.numpy()))
        codes |= set(found.flat)
    assert codes == set(range(2**bits))


@pytest.mark.parametrize(("detector", "end"), CASES)
def test_golden_counts_the_errors_of_the_reference_model(detector: str, end: str) -> None:
    spec = specs.load_as(specs.CLASSES[detector], f"{detector}-{end}")
    assert isinstance(spec, DistributedSpec)
    name, system, snr_db = f"golden:spec={spec.name}", SYSTEM_OF[end], 4.0
    plan = Plan(system, (name,), (snr_db,), seed=9, errors=1, max_vectors=200)
    point = sweep(plan, workers=1).points[name, snr_db]
    drawn = scene(system, snr_db, 200, np.random.Generator(np.random.SFC64([9, 1_004_000, 0])))
    low = drawn.received.low.numpy()
    codes = np.searchsorted(np.unique(low), low)
    index = np.full((200, 1), 9)
    wires = family.run(spec, spec.h_format.quantize(drawn.h.numpy()), codes, index)[-1]
    state = wires.state * spec.state_format.step
    wrong = sliced_errors(state, drawn.x.numpy(), spec.constellation)
    assert point.ber.errors == wrong.sum() > 0


@pytest.mark.parametrize(("detector", "end"), CASES)
def test_the_shipped_integers_lose_little_to_their_float_twins(detector: str, end: str) -> None:
    """Coarse: 2,000 vectors near a BER of 1e-2; the loss itself needs the whole command."""
    golden, twin = (f"{kind}:spec={detector}-{end}" for kind in ("golden", "twin"))
    snr_db = {"4qam-1bit": 2.0, "16qam-2bit": 8.0}[end]
    plan = Plan(SYSTEM_OF[end], (golden, twin, detector), (snr_db,), errors=10**6,
                max_vectors=2000)  # fmt: skip
    result = sweep(plan, workers=1)
    assert 5e-3 < result.points[twin, snr_db].ber.value < 2e-2
    for other in (twin, detector):
        assert abs(result.difference(golden, other, snr_db).value) < 1e-3


def test_a_curve_crosses_a_rate_between_its_points() -> None:
    snrs, ber = (0.0, 2.0, 4.0), (1e-1, 1e-3, 1e-4)
    assert crossing(1e-2, snrs, ber) == pytest.approx(1.0)
    assert crossing(1e-3, snrs, ber) == pytest.approx(2.0)
    assert crossing(10**-3.5, snrs, ber) == pytest.approx(3.0)
    assert crossing(1e-1, snrs, ber) == pytest.approx(0.0)
    assert crossing(1e-5, snrs, ber) is None
    assert crossing(0.5, snrs, ber) is None
    assert crossing(1e-2, (0.0, 2.0), (1e-1, 0.0)) is None


def shifted(shift: float, half: float) -> Result:
    """A result with BER 10^(−SNR/4) for `b` and the same `shift` dB later for `a`."""
    snrs = tuple(float(snr) for snr in range(0, 21, 2))
    rate = {"b": lambda snr: 10 ** (-snr / 4), "a": lambda snr: 10 ** (-(snr - shift) / 4)}

    def difference(a: str, b: str, snr: float) -> Interval:
        value = rate[a](snr) - rate[b](snr)
        return Interval(value, value - half * rate[b](snr), value + half * rate[b](snr))

    points = {
        (name, snr): SimpleNamespace(ber=SimpleNamespace(value=curve(snr)))
        for name, curve in rate.items()
        for snr in snrs
    }
    made: Any = SimpleNamespace(
        plan=SimpleNamespace(snr_db=snrs[::-1]), points=points, difference=difference
    )
    return cast(Result, made)


@pytest.mark.parametrize("shift", [-0.3, 0.0, 0.05, 1.0])
def test_a_curve_that_is_moved_by_some_db_loses_them(shift: float) -> None:
    found = losses(shifted(shift, 0.1), "a", "b")
    assert [loss.rate for loss in found] == [1e-2, 1e-3]
    for loss in found:
        assert loss.value == pytest.approx(shift, abs=1e-9)
        assert loss.low is not None
        assert loss.high is not None
        assert loss.low < shift < loss.high
        assert loss.high - shift == pytest.approx(4 * np.log10(1 + 0.1 * 10 ** (-shift / 4)))


def test_what_cannot_be_told_is_said() -> None:
    unknown, wide = losses(shifted(30.0, 0.1), "a", "b")[1], losses(shifted(0.0, 1.0), "a", "b")[1]
    assert str(unknown) == "at BER 0.001 a loses to b: unknown, a curve does not cross it"
    assert str(wide).endswith("+0.000 dB, too few errors for limits")


def test_a_spec_is_evaluated_in_its_system(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.json"
    options = [
        "--spec",
        "fpd-4qam-1bit",
        "--snr",
        "0:6:3",
        "--max-vectors",
        "500",
        "--workers",
        "1",
    ]
    assert evaluate.main([*options, "--json", str(out)]) == 0
    shown, data = capsys.readouterr().out, json.loads(out.read_text())
    assert shown.startswith("64×8 qpsk, 1-bit lloyd-max (statistics AGC), units 4")
    names = ("golden:spec=fpd-4qam-1bit", "twin:spec=fpd-4qam-1bit", "fpd")
    assert tuple(data["results"][0]["plan"]["detectors"]) == names
    assert [d["detector"] for d in data["results"][0]["differences"]] == [names[0], names[2]] * 3
    assert [(e["against"], e["rate"]) for e in data["losses"]] == [
        (other, rate) for other in names[1:] for rate in (1e-2, 1e-3)
    ]
    value = data["losses"][0]["value"]
    assert abs(value) < 1
    assert f"at BER 0.01 {names[0]} loses to {names[1]}: {value:+.3f} dB" in shown


def test_pgd_specs_are_evaluated_too(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--spec", "pgd", "--snr", "5", "--max-vectors", "100", "--workers", "1"]
    assert evaluate.main(options) == 0
    assert "golden:spec=pgd loses to twin:spec=pgd: unknown" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--spec", "nothing"], "no such file"),
        (["--spec", "hpd-4qam-1bit", "--system", "16x16-16qam"], "--system with --spec"),
        (["--spec", "hpd-4qam-1bit", "--detectors", "zf"], "--detectors with --spec"),
        (["--spec", "hpd-4qam-1bit", "--against", "hpd"], "--against with --spec"),
        (["--spec", "hpd-4qam-1bit", "--snr", "31"], "snr_db 31.0 is outside the bank"),
        (["--spec", "hpd-4qam-1bit", "--snr", ""], "'' is not a number"),
        (["--spec", "hpd-4qam-1bit", "--units", "2"], "units 2 does not fit, 4 was expected"),
        (["--spec", "hpd-4qam-1bit", "--adc-bits", "2"], "adc_bits 2 does not fit, 1"),
        (["--spec", "hpd-16qam-2bit", "--quantizer", "uniform"], "quantizer 'uniform' does not"),
        (["--spec", "hpd-16qam-2bit", "--channel-gain", "0.5"], "channel gain 0.5 does not fit, 1"),
    ],
)
def test_bad_options_exit_2_with_one_line(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main([*options, "--max-vectors", "10", "--workers", "1"]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


def test_a_spec_of_any_size_brings_its_system(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "small.json"
    averaging(distributed_stress.spec("hpd", rows=24, columns=4, units=3, bits=3)).save(path)
    options = ["--spec", str(path), "--snr", "10", "--max-vectors", "200", "--workers", "1"]
    assert evaluate.main(options) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("12×2 16qam, 3-bit uniform (statistics AGC), units 3"), shown[:80]
    assert f"golden:spec={path}" in shown


def test_estimates_have_the_dtype_of_the_channel() -> None:
    system = SYSTEM_OF["4qam-1bit"]
    drawn = scene(system, 5.0, 2, np.random.default_rng(0))
    for kind in ("golden", "twin"):
        made = catalog.make(f"{kind}:spec=hpd-4qam-1bit", system)
        assert made(drawn.received, drawn.h.float(), drawn.noise).dtype == torch.float32
