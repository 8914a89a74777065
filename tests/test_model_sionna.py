# SPDX-License-Identifier: Apache-2.0
"""The cross-check: bitfold's LMMSE and K-best against Sionna's on the same H and y."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from sionna.phy import config
from sionna.phy.channel import FlatFadingChannel
from sionna.phy.mapping import BinarySource, Mapper
from sionna.phy.mimo import KBestDetector, LinearDetector, lmmse_equalizer
from torch import Tensor

from model.systems.scene import convert
from model.systems.sionna import SionnaDetector, constellation
from model.systems.system import SYSTEMS, System

SYSTEM = SYSTEMS["16x16-16qam"]
BOUNDARY = 1e-5


class Link:
    """Sionna's own link in double precision: bits, channel outputs and the noise of one SNR."""

    def __init__(self, system: System, snr_db: float, vectors: int, seed: int) -> None:
        config.device, config.seed = "cpu", seed
        bits = 2 * system.constellation.bits
        self.sent: Tensor = BinarySource(precision="double")([vectors, system.nt, bits])
        x = Mapper("qam", bits, precision="double")(self.sent).squeeze(-1)
        self.no = system.nt / 10 ** (snr_db / 10)
        channel = FlatFadingChannel(system.nt, system.nr, return_channel=True, precision="double")
        self.y, self.h = channel(x, self.no)
        identity = torch.eye(system.nr, dtype=torch.complex128)
        self.s = (self.no * identity).expand(vectors, -1, -1)


def near_a_boundary(estimate: Tensor, levels: int, energy: float) -> Tensor:
    """Symbols with a coordinate within 1e-5 of a decision threshold of the grid ±1, ±3, …"""
    grid = torch.view_as_real(estimate) * energy**0.5
    thresholds = torch.arange(2 - levels, levels, 2, dtype=grid.dtype)
    return ((grid.unsqueeze(-1) - thresholds).abs() < BOUNDARY).any(dim=-1).any(dim=-1)


@pytest.mark.parametrize("snr_db", [0.0, 17.0, 30.0])
@pytest.mark.parametrize("modulation", ["qpsk", "16qam", "64qam"])
def test_lmmse_decides_as_sionnas(modulation: str, snr_db: float) -> None:
    """32,000 symbols a case; one near a boundary may differ, and there are a handful of them."""
    system = System(nt=16, nr=16, modulation=modulation)
    link = Link(system, snr_db, 2000, seed=1)
    bits = 2 * system.constellation.bits
    theirs = LinearDetector("lmmse", "bit", "maxlog", "qam", bits, hard_out=True,
                            precision="double")(link.y, link.h, link.s)  # fmt: skip
    ours = SionnaDetector("lmmse", system)(link.y, link.h, link.no)
    m = system.constellation
    near = near_a_boundary(ours.estimate, m.levels, m.symbol_energy)
    differ = (ours.bits != theirs).any(dim=-1)
    assert not (differ & ~near).any()
    assert near.sum() <= 20
    equalized, _ = lmmse_equalizer(link.y, link.h, link.s, precision="double")
    torch.testing.assert_close(ours.estimate, equalized, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("snr_db", [10.0, 17.0, 22.0])
@pytest.mark.parametrize("k", [4, 16])
def test_k_best_decides_as_sionnas(k: int, snr_db: float) -> None:
    """Decision for decision, on the complex lattice with columns by falling norm.

    Sionna's real-valued search can't be compared: its PAM points are scaled by a standard
    deviation with n − 1 in the denominator (Sionna 2.2: ±.274 for ±.316 in 16-QAM), and the
    columns of the real form have equal norms in pairs, whose order is left to rounding.
    """
    link = Link(SYSTEM, snr_db, 120, seed=2)
    theirs = KBestDetector("symbol", 16, k, "qam", 4, hard_out=True, precision="double")
    name = f"kbest:k={k},order=norm,qr=plain,lattice=complex"
    ours = SionnaDetector(name, SYSTEM)(link.y, link.h, link.no)
    assert torch.equal(ours.symbol, theirs(link.y, link.h, link.s))


def test_bits_are_the_labels_that_sionna_sent() -> None:
    """Without noise every detector returns what the source drew."""
    for modulation in ("qpsk", "16qam", "64qam"):
        system = System(nt=2, nr=4, modulation=modulation)
        link = Link(system, 200.0, 500, seed=3)
        for name in ("zf", "ml", "kbest"):
            found = SionnaDetector(name, system)(link.y, link.h, link.no)
            assert torch.equal(found.bits.double(), link.sent), (modulation, name)


def test_channel_outputs_become_those_of_the_system() -> None:
    """The detector gets H of the system's gain, y of its scale and the real noise variance."""
    system = System(nt=3, nr=4, modulation="16qam", channel_gain=2.5)
    link = Link(system, 9.0, 4000, seed=4)
    adapter = SionnaDetector("zf", system)
    seen = []

    def spy(received: object, h: Tensor, noise: Tensor) -> Tensor:
        seen.append((received.y, h, noise))  # type: ignore[attr-defined]
        return torch.zeros(*noise.shape, system.columns, dtype=h.dtype)

    adapter.detector = spy
    adapter(link.y, link.h, link.no)
    y, h, noise = seen[0]
    assert h.square().mean() == pytest.approx(2.5 / 2, rel=0.02)
    np.testing.assert_allclose(noise.numpy(), system.noise_variance(9.0))
    power = system.signal_variance + system.noise_variance(9.0)
    assert y.square().mean() == pytest.approx(power, rel=0.03)


def test_few_bit_systems_quantize_sionnas_samples() -> None:
    """1-bit LMMSE of the levels equals a hand-made chain, and loses to the samples themselves."""
    fine = System(nt=2, nr=16, modulation="qpsk", channel_gain=1.0)
    coarse = System(nt=2, nr=16, modulation="qpsk", channel_gain=1.0, adc_bits=1)
    link = Link(fine, -5.0, 2000, seed=5)
    found = [SionnaDetector("lmmse", s)(link.y, link.h, link.no).bits for s in (fine, coarse)]
    wrong = [(bits != link.sent).sum() for bits in found]
    assert 0 < wrong[0] < wrong[1]
    y = torch.cat([link.y.real, link.y.imag], dim=-1).unsqueeze(1) * 2**0.5
    deviation = torch.full((2000, 1), (2 + link.no) ** 0.5, dtype=torch.double)
    level = convert(coarse, y, deviation).y[:, 0] / 2**0.5
    samples = torch.complex(level[:, :16], level[:, 16:])
    by_hand = SionnaDetector("lmmse", fine)(samples, link.h, link.no)
    assert torch.equal(by_hand.bits, found[1])


def test_batch_dimensions_and_a_noise_for_each_vector() -> None:
    system = System(nt=2, nr=4, modulation="qpsk")
    link = Link(system, 6.0, 12, seed=6)
    adapter = SionnaDetector("lmmse", system)
    noises = torch.linspace(0.1, 1.0, 12, dtype=torch.double)
    whole = adapter(link.y.view(3, 4, 4), link.h.view(3, 4, 4, 2), noises.view(3, 4))
    assert whole.symbol.shape == (3, 4, 2)
    assert whole.bits.shape == (3, 4, 2, 2)
    for i in range(12):
        alone = adapter(link.y[i], link.h[i], float(noises[i]))
        torch.testing.assert_close(whole.estimate.view(12, 2)[i], alone.estimate)


def test_shapes_that_do_not_fit_are_refused() -> None:
    adapter = SionnaDetector("lmmse", System(nt=2, nr=4, modulation="qpsk"))
    y, h = torch.zeros(5, 3, dtype=torch.complex128), torch.zeros(5, 3, 2, dtype=torch.complex128)
    with pytest.raises(ValueError, match=r"y \(5, 3\) and h \(5, 3, 2\) are not"):
        adapter(y, h, 0.1)


def test_a_missing_sionna_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sionna.phy.mapping", None)
    with pytest.raises(ValueError, match="needs Sionna, pip install sionna-no-rt") as caught:
        constellation(4)
    assert "\n" not in str(caught.value)
