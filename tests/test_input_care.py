# SPDX-License-Identifier: Apache-2.0
"""Inputs of another scale are named, brought to the spec's, and given an SNR and other labels."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sionna.phy.mapping import Constellation

from fixedpoint import Detector, InputWarning
from fixedpoint import golden as golden_main
from fixedpoint.detectors import library
from fixedpoint.numbers import labels
from fixedpoint.numbers.modulation import MODULATIONS

NAMES = ("admm-box", "pgd", "hpd-16qam-2bit", "fpd-4qam-1bit")


def link(
    name: str,
    gain: float | None = None,
    unit: bool = False,
    snr_db: float = 20.0,
    blocks: int = 40,
    vectors: int = 4,
    seed: int = 0,
) -> tuple[Detector, Any, Any, Any]:
    """A detector with complex H (G, Nr, Nt), y (G, B, Nr) and x (G, B, Nt).

    gain: E|h|² of an entry, or the spec's; unit: of symbols of unit energy.
    """
    detector, rng = Detector.load(name), np.random.default_rng(seed)
    spec = detector.spec
    nr, nt, m = spec.rows // 2, spec.columns // 2, spec.constellation
    gain = spec.entry_variance if gain is None else gain

    def normal(*shape: int) -> Any:
        return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)

    h = normal(blocks, nr, nt) * np.sqrt(gain / 2)
    parts = m.modulate(rng.integers(0, m.levels, (2, blocks, vectors, nt)))
    energy = 1.0 if unit else m.symbol_energy
    x = (parts[0] + 1j * parts[1]) * np.sqrt(energy / m.symbol_energy)
    noise = normal(blocks, vectors, nr) * np.sqrt(nt * energy * gain / 10 ** (snr_db / 10) / 2)
    return detector, h, np.einsum("gmn,gbn->gbm", h, x) + noise, x


def said(detector: Detector, h: Any, y: Any, snr_db: float = 20.0, **options: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        detector.run(h, y, snr_db, **options)
    return [str(w.message) for w in caught if w.category is InputWarning]


@pytest.mark.parametrize("name", library.shipped())
@pytest.mark.parametrize("snr_db", [-5.0, 10.0, 30.0])
def test_inputs_of_the_spec_s_own_scale_are_named_nothing(name: str, snr_db: float) -> None:
    for blocks, vectors in ((1, 1), (1, 40), (40, 1), (10, 8)):
        detector, h, y, _ = link(name, snr_db=snr_db, blocks=blocks, vectors=vectors)
        assert said(detector, h, y, snr_db) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_h_of_another_scale_is_named_once_with_its_factor(name: str) -> None:
    expected = library.load(name).entry_variance
    for factor in (4.0, 0.25):
        detector, h, y, _ = link(name, expected * factor**2)
        (line,) = said(detector, h, y)
        verb = "divide" if factor > 1 else "multiply"
        assert f"{verb} H and y by 4 (" in line
        assert f"this spec expects {'1/16' if expected < 1 else '1'}:" in line
        with pytest.warns(InputWarning, match="H and y by 4"):
            detector.quantize(h, y, 20.0)
        assert said(detector, h, y, normalise=True) == []


@pytest.mark.parametrize("scale", [0.0, 1e-320, 1e-200, 1e-120, 1e120, 1e200, 1e300])
def test_absurd_scales_end_in_a_line_or_none(scale: float) -> None:
    detector, h, y, _ = link("pgd", blocks=3)
    for one, other in ((h * scale, y), (h, y * scale), (h * scale, y * scale)):
        with np.errstate(all="raise"):
            lines = said(detector, one, other)
        assert len(lines) <= 1
        if scale > 1:
            assert lines


def test_clipped_shares_are_named() -> None:
    detector, h, y, _ = link("pgd", 1.0)
    (line,) = said(detector, h, y)
    assert line.startswith("15.")
    assert "of the entries of H were clipped; " in line
    assert "of the entries of y were clipped; H has E|h|² = 0.99," in line


@pytest.mark.parametrize("name", NAMES)
def test_symbols_of_unit_energy_are_told_from_the_power_of_y(name: str) -> None:
    detector, h, y, _ = link(name, unit=True)
    factor = np.sqrt(detector.spec.constellation.symbol_energy)
    (line,) = said(detector, h, y)
    assert line.startswith("y is as of symbols of unit energy")
    assert f"multiply y by {factor:.3g} (" in line
    assert said(detector, h, y, symbol_energy=1.0) == []


def test_a_power_that_fits_nothing_is_named_without_a_cause() -> None:
    detector, h, y, _ = link("pgd")
    (line,) = said(detector, h, y / 50)
    assert "times the power that H, the SNR and coordinates ±1, ±3, … give" in line


def test_a_wrong_scale_costs_what_the_options_give_back() -> None:
    """20 dB: .12 of the bits with H of CN(0, 1), .27 with unit energy, .02 as they should be."""
    rates = {}
    for case, (gain, unit) in {"right": (None, False), "gain": (1.0, False),
                               "unit": (None, True)}.items():  # fmt: skip
        detector, h, y, x = link("admm-box", gain, unit, blocks=400, vectors=2)
        m = detector.spec.constellation
        grid = x * np.sqrt(m.symbol_energy) if unit else x
        parts = (np.stack([grid.real, grid.imag], axis=-1) + m.peak) / 2
        sent = m.gray(np.rint(parts).astype(np.int64)).reshape(*x.shape, -1)
        energy = 1.0 if unit else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)
            found = detector.run(h, y, 20.0)
        cared = detector.run(h, y, 20.0, normalise=True, symbol_energy=energy)
        rates[case] = [float(np.mean(one.bits != sent)) for one in (found, cared)]
        # E|h|² over 400 draws is within a few thousandths of the one that they have
        assert cared.scale == pytest.approx(0.25 if gain else 1.0, rel=0.02)
        assert found.scale == 1.0
    assert rates["right"][0] == pytest.approx(0.0227, abs=0.006)
    assert rates["gain"][0] > 0.08
    assert rates["unit"][0] > 0.2
    for before, after in rates.values():
        assert after == pytest.approx(rates["right"][0], abs=0.004)
        assert after <= before + 0.004


@pytest.mark.parametrize(("name", "within"), [("admm-box", 1.5), ("hpd-16qam-2bit", 0.3)])
@pytest.mark.parametrize("snr_db", [-3.0, 5.0, 15.0, 25.0])
def test_without_an_snr_it_is_estimated(name: str, within: float, snr_db: float) -> None:
    """200 vectors: as many antennas as users within 1.5 dB, 64 of 8 users within 0.3 dB."""
    for blocks, vectors in ((200, 1), (10, 20), (1, 200)):
        detector, h, y, _ = link(name, snr_db=snr_db, blocks=blocks, vectors=vectors)
        found = detector.run(h, y)
        assert found.snr_db == pytest.approx(snr_db, abs=within)
        expected = detector.run(h, y, found.snr_db)
        assert expected.snr_db is None
        assert np.array_equal(found.state, expected.state)
        index = detector.quantize(h, y).index
        assert (index == detector.spec.snr.index(found.snr_db)).all()


def test_an_estimate_stays_within_the_bank_and_needs_samples() -> None:
    detector, h, y, _ = link("pgd", snr_db=60.0)
    assert detector.run(h, y).snr_db == pytest.approx(30.0, abs=0.5)
    with pytest.raises(ValueError, match="no SNR can be estimated"):
        detector.run(h, 0 * y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "38.212"}, "labels '38.212' are not one of gray, 38.211"),
        ({"symbol_energy": 0.0}, "symbol energy 0.0"),
        ({"symbol_energy": float("nan")}, "symbol energy nan"),
    ],
)
def test_other_options_are_refused(options: dict[str, Any], message: str) -> None:
    detector, h, y, _ = link("pgd", blocks=2)
    with pytest.raises(ValueError, match=message):
        detector.run(h, y, 10.0, **options)
    with pytest.raises(ValueError, match="cannot be normalised"):
        detector.run(0 * h, y, 10.0, normalise=True)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_labels_are_those_of_sionna_s_points(bits: int) -> None:
    m = next(one for one in MODULATIONS.values() if one.bits == bits)
    points = Constellation("qam", 2 * bits, precision="double", device="cpu").points.numpy()
    parts = np.stack([points.real, points.imag], axis=-1) * np.sqrt(m.symbol_energy)
    gray = m.gray(np.rint((parts + m.peak) / 2).astype(np.int64)).reshape(-1, 2 * bits)
    theirs = (np.arange(len(points))[:, None] >> np.arange(2 * bits - 1, -1, -1)) & 1
    assert np.array_equal(labels.of_38_211(gray), theirs)
    assert np.array_equal(labels.to_gray(theirs), gray)


def command(tmp_path: Path, *options: str, **arrays: Any) -> int:
    np.savez(tmp_path / "in.npz", **arrays)
    return golden_main.main(["--layer", "admm5", "--spec", "admm-box", "--json", "--input",
                             str(tmp_path / "in.npz"), "--out", str(tmp_path / "out"),
                             *options])  # fmt: skip


def test_golden_says_what_is_odd_and_counts_the_errors_of_x(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    detector, h, y, x = link("admm-box", 1.0, True, blocks=60, vectors=2)
    energy = ("--symbol-energy", "1")
    assert command(tmp_path, *energy, H=h, y=y, x=x, snr_db=20.0) == 0
    wrong = capsys.readouterr()
    assert len(wrong.err.splitlines()) == 1
    assert "divide H and y by 4" in wrong.err
    assert command(tmp_path, "--normalise", *energy, H=h, y=y, x=x) == 0
    right = capsys.readouterr()
    assert "H and y were multiplied by 0.2" in right.err
    assert "SNR estimated as" in right.err
    assert "warning" not in right.err
    found = json.loads(right.out)["bit_error_rate"]
    run = detector.run(h, y, normalise=True, symbol_energy=1.0)
    m = detector.spec.constellation
    parts = np.stack([x.real, x.imag], axis=-1) * np.sqrt(m.symbol_energy)
    sent = m.gray(np.rint((parts + m.peak) / 2).astype(np.int64)).reshape(*x.shape, -1)
    assert found == pytest.approx(float(np.mean(run.bits != sent)), abs=1e-12)
    assert found < 0.05 < json.loads(wrong.out)["bit_error_rate"]
    nr = detector.run(h, y, normalise=True, symbol_energy=1.0, labels="38.211")
    assert np.array_equal(nr.bits, labels.of_38_211(run.bits))
    assert command(tmp_path, "--normalise", *energy, "--labels", "38.211", H=h, y=y,
                   bits=labels.of_38_211(sent)) == 0  # fmt: skip
    assert json.loads(capsys.readouterr().out)["bit_error_rate"] == pytest.approx(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": 0.5}, "x holds a coordinate 0.5"),
        ({"x": None}, "x has the shape (2, 3), (40, 4, 32) was expected"),
        ({"bits": None}, "bits has the shape (2, 3), (40, 4, 16, 4) was expected"),
    ],
)
def test_what_was_sent_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], message: str
) -> None:
    _, h, y, x = link("admm-box")
    (name, value), = change.items()  # fmt: skip
    array = np.zeros((2, 3)) if value is None else np.full_like(x, value)
    assert command(tmp_path, H=h, y=y, snr_db=20.0, **{name: array}) == 2
    assert message in capsys.readouterr().err


def test_options_of_an_input_need_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert golden_main.main(["--layer", "pgd1", "--normalise"]) == 2
    assert "are of --input" in capsys.readouterr().err
