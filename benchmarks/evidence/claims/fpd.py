# SPDX-License-Identifier: Apache-2.0
"""The HPD/FPD paper's claims about FPD-Net."""

from __future__ import annotations

from benchmarks.evidence import convergence
from benchmarks.evidence.finding import PARTLY, Finding, Found, compared
from benchmarks.evidence.paired import against
from model.recipes.registry import config_of

ONE_BIT, TWO_BITS = "hpd-figure-4", "hpd-figure-5"
EPOCHS = config_of("fpd-16qam-2bit").epochs
NET = f"one net (seed 0, {EPOCHS} epochs)"
"""What stands behind a row of FPD-Net: nothing here tells how far trainings differ."""


def fusion_one_bit(found: Found) -> Finding:
    """FPD-Net gains over HPD with 4-QAM and 1 bit (figure 4)."""
    return _fusion(str(fusion_one_bit.__doc__), found, ONE_BIT)


def fusion_two_bits(found: Found) -> Finding:
    """FPD-Net gains over HPD with 16-QAM and 2 bits (figure 5)."""
    return _fusion(str(fusion_two_bits.__doc__), found, TWO_BITS)


def _fusion(claim: str, found: Found, study: str) -> Finding:
    gain = compared(found, study, "fpd", "hpd")
    text = (
        f"{NET}, balanced loss, table; less HPD with κ = 1.5: {against(found, study, 'fpd', 'hpd')}"
    )
    return Finding(claim, text, gain.verdict)


def loss_one_bit(found: Found) -> Finding:
    """FPD-Net, trained by the squared error (41), gains over HPD (§IV-B, §V), 4-QAM and 1 bit."""
    return _letter(str(loss_one_bit.__doc__), found, "fpd-loss-4qam-1bit")


def loss_two_bits(found: Found) -> Finding:
    """FPD-Net, trained by the squared error (41), gains over HPD (§IV-B, §V), 16-QAM and 2 bits."""
    return _letter(str(loss_two_bits.__doc__), found, "fpd-loss-16qam-2bit")


def _letter(claim: str, found: Found, study: str) -> Finding:
    name = "fpd:loss=mse,theta=hyper"
    text = (
        "the shipped nets are not trained by (41): their loss divides each squared error by a "
        f"power of its SNR's mean. By (41) to the letter, {NET}, hyper-network; less HPD with "
        f"κ = 1.5: {against(found, study, name, 'hpd')}; less the net of our loss: "
        f"{against(found, study, name, 'fpd:theta=hyper')}"
    )
    return Finding(claim, text, compared(found, study, name, "hpd").verdict)


def adaptation_one_bit(found: Found) -> Finding:
    """The hyper-network adapts θ to H and y, which improves detection (§IV-B), 4-QAM and 1 bit."""
    return _adaptation(str(adaptation_one_bit.__doc__), found, ONE_BIT, "fine-tuned")


def adaptation_two_bits(found: Found) -> Finding:
    """The hyper-network adapts θ to H and y, which improves detection (§IV-B), 16-QAM, 2 bits."""
    return _adaptation(str(adaptation_two_bits.__doc__), found, TWO_BITS, "of means")


def _adaptation(claim: str, found: Found, study: str, table: str) -> Finding:
    """It holds where most comparisons are better and none is worse."""
    names = "fpd:theta=hyper", "fpd"
    gain = compared(found, study, *names)
    text = f"{NET}; less its frozen table ({table}): {against(found, study, *names)}"
    few = 2 * gain.better <= gain.count
    return Finding(claim, text, PARTLY if gain.better and few else gain.verdict)


FINDINGS = (
    fusion_one_bit,
    fusion_two_bits,
    loss_one_bit,
    loss_two_bits,
    adaptation_one_bit,
    adaptation_two_bits,
    *convergence.FINDINGS,
)
