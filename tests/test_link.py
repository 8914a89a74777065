# SPDX-License-Identifier: Apache-2.0
"""bitfold's detectors as blocks of Sionna, and the coded link."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from sionna.phy import config
from sionna.phy.channel import FlatFadingChannel
from sionna.phy.mapping import BinarySource, Mapper
from torch import Tensor

from fixedpoint.detector import Detector, InputWarning
from fixedpoint.detectors import library
from fixedpoint.stress.soft import softened
from model.link.__main__ import main
from model.link.blocks import BitfoldDetector
from model.link.coded import Code, Link, sweep
from model.link.detectors import entrants
from model.link.equal import equal_rows, of_one_size
from model.link.outcome import at_rate, bler, gain
from model.systems.system import SYSTEMS
from model.systems.text import system_of

SOFT = library.load("admm-box-soft")
SYSTEM = SYSTEMS["16x16-16qam"]


def sent(snr_db: float, batch: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Bits, y, h and the covariance of Sionna's own link."""
    config.device, config.seed = "cpu", 7
    bits = BinarySource()([*batch, 16, 4])
    x = Mapper("qam", 4)(bits).squeeze(-1)
    no = 16 / 10 ** (snr_db / 10)
    y, h = FlatFadingChannel(16, 16, return_channel=True)(x.reshape(-1, 16), no)
    s = (no * torch.eye(16, dtype=torch.complex64)).expand(*batch, 16, 16)
    return bits, y.reshape(*batch, 16), h.reshape(*batch, 16, 16), s


def test_llrs_are_those_of_the_golden_model() -> None:
    _, y, h, s = sent(14.0, (3, 20))
    block = BitfoldDetector(SOFT, gain=1.0)
    found = block(y, h, s)
    assert block.prepared == 60
    detection = Detector(SOFT).run(h.numpy() / 4, y.numpy() / 4, 14.0, symbol_energy=1.0,
                                   labels="38.211")  # fmt: skip
    assert detection.llr is not None
    np.testing.assert_array_equal(found.numpy(), detection.llr)
    hard = BitfoldDetector(SOFT, hard_out=True, gain=1.0)(y, h, s)
    np.testing.assert_array_equal(hard.numpy(), detection.bits)


def test_the_sign_and_the_labels_are_sionnas() -> None:
    bits, y, h, s = sent(26.0, (400,))
    for engine in ("golden", "twin"):
        llr = BitfoldDetector(SOFT, engine=engine)(y, h, s)
        assert ((llr > 0) != (bits > 0)).double().mean() < 0.01
    hard = BitfoldDetector(SOFT, hard_out=True)(y, h, s)
    assert (hard != bits).double().mean() < 0.01


def test_coloured_noise_is_whitened() -> None:
    """A known mixing of the antennas changes nothing but rounding."""
    _, y, h, s = sent(16.0, (200,))
    mix = torch.eye(16, dtype=torch.complex64) + 0.3 * torch.diag(torch.ones(15), -1)
    coloured = mix @ s @ mix.mH
    block = BitfoldDetector(SOFT, hard_out=True)
    plain = block(y, h, s)
    mixed = block((mix @ y[..., None])[..., 0], mix @ h, coloured)
    assert (plain != mixed).double().mean() < 0.002


def test_equal_channels_are_one_block() -> None:
    _, y, h, s = sent(16.0, (6, 5))
    shared = h[:, :1].expand(6, 5, 16, 16)
    block = BitfoldDetector(SOFT)
    together = block(y, shared, s)
    assert block.prepared == 6
    alone = torch.stack([block(y[i, j], shared[i, j], s[i, j]) for i in range(6) for j in range(5)])
    assert torch.equal(together.reshape(30, 16, 4), alone)


def test_places_of_equal_rows_cover_all_once() -> None:
    rows = np.array([[1, 2], [3, 4], [1, 2], [5, 6], [3, 4], [1, 2]])
    blocks = equal_rows(rows)
    assert [b.tolist() for b in blocks] == [[0, 2, 5], [1, 4], [3]]
    assert [b.shape for b in of_one_size(blocks)] == [(1, 1), (1, 2), (1, 3)]


def test_an_snr_outside_is_clamped_with_one_warning_or_refused() -> None:
    _, y, h, s = sent(50.0, (9,))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        BitfoldDetector(SOFT, gain=1.0)(y, h, s)
    (one,) = caught
    assert issubclass(one.category, InputWarning)
    assert "9 of 9 vectors have SNRs outside the bank -5 to 30 dB" in str(one.message)
    with pytest.raises(ValueError, match="9 of 9 vectors have SNRs outside"):
        BitfoldDetector(SOFT, gain=1.0, outside="error")(y, h, s)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"output": "symbol"}, "'bit' was expected"),
     ({"outside": "drop"}, "not one of clamp, error"),
     ({"gain": 0.0}, "a number above 0"),
     ({"engine": "fast"}, "engine 'fast' is not golden, twin")],
)  # fmt: skip
def test_wrong_options_are_one_line(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        BitfoldDetector(SOFT, **arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_spec_without_soft_bits_has_decisions_alone() -> None:
    spec = SOFT.replace(soft=None)
    with pytest.raises(ValueError, match="no soft bits: hard_out=True"):
        BitfoldDetector(spec)
    _, y, h, s = sent(20.0, (5,))
    assert BitfoldDetector(spec, hard_out=True)(y, h, s).shape == (5, 16, 4)


def test_wrong_inputs_are_one_line() -> None:
    _, y, h, s = sent(20.0, (5,))
    block = BitfoldDetector(SOFT)
    for given, said in (
        ((y[:, :8], h, s), "y has the shape"),
        ((y, h[..., :4], s), "h has the shape"),
        ((y, h[:3], s), "h has the shape"),
        ((y, h, s[..., :8, :8]), "s has the shape"),
        ((y, h, 0 * s), "no: the noise of 5 of 5 vectors has the variance 0"),
        ((y, 0 * h, s), "H is 0 in 5 of 5 vectors"),
        ((y, h * float("nan"), s), "h is not finite in 5 of 5 vectors"),
        ((y * float("inf"), h, s), "y is not finite in 5 of 5 vectors"),
    ):
        with pytest.raises(ValueError, match=said):
            block(*given)


def test_every_detector_with_soft_bits_has_a_twin_that_agrees() -> None:
    """Stress specs: the integers' decisions and ratios follow the twin's, at the widths they have.

    The signs of large ratios agree.
    """
    rng, seen = np.random.default_rng(3), 0
    for spec in (SOFT, softened(library.load("pgd-box"))):
        m = spec.columns // 2
        h = torch.tensor(rng.normal(size=(50, m, m, 2)) @ [1, 1j] / 2**0.5)
        x = Mapper("qam", 4, precision="double")(
            torch.tensor(rng.integers(0, 2, (50, m * 4)), dtype=torch.double)
        )
        y = (h @ x[..., None])[..., 0]
        s = (0.01 * m * torch.eye(m, dtype=torch.complex128)).expand(50, m, m)
        golden, twin = (BitfoldDetector(spec, engine=e)(y, h, s) for e in ("golden", "twin"))
        large = (twin.abs() > 4) & (golden != 0)
        assert large.sum() > 100
        assert ((golden > 0) == (twin > 0))[large].double().mean() > 0.95
        seen += 1
    assert seen == 2


def test_coded_words_are_paired_and_decoded() -> None:
    """Good SNR: none is wrong; bad: all; the same seed gives the same words."""
    link = Link(Code(SYSTEM, 0.5, 512), seed=1)
    chosen = entrants(["lmmse", "golden", "hard"], SYSTEM, [SOFT])
    found = sweep(link, chosen, (2.0, 24.0), 6)
    assert list(found) == ["lmmse", "golden admm-box-soft", "hard admm-box-soft"]
    for wrong in found.values():
        assert wrong[0].all()
        assert not wrong[1].any()
    again = sweep(Link(Code(SYSTEM, 0.5, 512), seed=1), chosen[:1], (13.0,), 6)
    more = sweep(Link(Code(SYSTEM, 0.5, 512), seed=1), chosen[:1], (13.0,), 6)
    np.testing.assert_array_equal(again["lmmse"], more["lmmse"])


def test_words_see_the_system_s_correlation() -> None:
    """Neighbouring antennas of one side have correlation ρ, and each entry keeps its variance."""
    system = system_of("16x16-16qam:receive_correlation=0.8,transmit_correlation=0.3")
    h = Link(Code(system, 0.5, 1024), seed=1).draw(0, 20).h.numpy()
    for rho, one, other in ((0.8, h[:, :-1], h[:, 1:]), (0.3, h[:, :, :-1], h[:, :, 1:])):
        assert np.mean(one * other.conj()).real == pytest.approx(rho, abs=0.02)
    assert np.mean(np.abs(h) ** 2) == pytest.approx(1, abs=0.02)
    plain = Link(Code(SYSTEM, 0.5, 1024), seed=1).draw(0, 20)
    assert abs(np.mean((plain.h[:, :-1] * plain.h[:, 1:].conj()).numpy())) < 0.02


def test_a_point_without_errors_counts_as_half_an_error() -> None:
    wrong = np.zeros((2, 10, 5), bool)
    wrong[0, :, 0] = True
    snr = at_rate(0.1, (10.0, 12.0), wrong)
    assert snr == pytest.approx(10 + 2 * np.log(2) / np.log(0.2 / (0.5 / 50)))
    assert at_rate(0.005, (10.0, 12.0), wrong) is None


def test_sionnas_detectors_take_part() -> None:
    link = Link(Code(SYSTEM, 0.5, 256), seed=1)
    found = sweep(link, entrants(["lmmse-hard", "kbest:16", "ep:3"], SYSTEM, []), (28.0,), 3)
    assert {name: wrong.sum() for name, wrong in found.items()} == {
        "lmmse-hard": 0, "kbest:16": 0, "ep:3": 0}  # fmt: skip


def test_decibels_between_curves_have_limits() -> None:
    rng = np.random.default_rng(0)
    hardness = rng.normal(14, 1, 2000)
    snr_db = (12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0)
    curve = {name: np.array([hardness + shift + rng.normal(0, 0.5, 2000) > snr for snr in snr_db])
             for name, shift in (("theirs", 0.0), ("ours", -1.0))}  # fmt: skip
    found = gain("ours", "theirs", 0.1, snr_db, curve)
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(1.0, abs=0.15)
    assert found.low < found.value < found.high
    assert found.high - found.low < 0.4
    assert gain("ours", "theirs", 1e-9, snr_db, curve).value is None
    rate = bler(np.array([True] + 99 * [False]))
    assert rate == pytest.approx((0.01, 0.00177, 0.05449), abs=1e-4)


def test_the_command_writes_what_it_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "coded.json"
    argv = ["coded", "--spec", "admm-box-soft", "--detectors", "lmmse", "golden", "--snr", "4,20",
            "--words", "4", "--length", "256", "--json", str(out)]  # fmt: skip
    assert main(argv) == 0
    assert "golden admm-box-soft" in capsys.readouterr().out
    found = json.loads(out.read_text())
    assert [point["value"] for point in found["bler"]["lmmse"]] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("options", "said"),
    [([], "nothing says which system"),
     (["--system", "16x16-16qam", "--detectors", "golden"], "--spec was expected beside it"),
     (["--system", "16x16-16qam", "--detectors", "kbest:x"], "kbest:NUMBER"),
     (["--system", "16x16-16qam", "--detectors", "ml"], "is not one of"),
     (["--spec", "admm-box-soft", "--system", "64x8-16qam"], "two systems"),
     (["--system", "8x8-16qam:csi_error=0.1"], "H and SNR known exactly"),
     (["--system", "8x8-16qam:channel=rician,rician_k_db=3"], "channel iid or kronecker"),
     (["--spec", "admm-box-soft", "--rate", "1.5"], "rate 1.5"),
     (["--spec", "admm-box-soft", "--words", "0"], "0 words"),
     (["--spec", "admm-box-soft", "--outside", "x"], "outside 'x'")],
)  # fmt: skip
def test_mistakes_are_one_line(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["coded", *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
