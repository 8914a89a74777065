# SPDX-License-Identifier: Apache-2.0
"""The claims of the KAQ paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.evidence.finding import (
    FAILS,
    HOLDS,
    PARTLY,
    Finding,
    Found,
    ber,
    compared,
    mean_difference,
)
from benchmarks.evidence.trained import NETS, SEEDED, Test, means, tested
from model.store import shipped

PGD, ADMM, BOX = "kaq-figure-4-pgd", "kaq-figure-4-admm", "admm-box"
CLAIMED = 0.8
"""INT8 latency over that of full precision."""
FP16 = "pgd-soft:precision=fp16"


def driven(found: Found) -> Finding:
    """Adjusting Δ by the SNR lowers the BER of the quantized net (§4.1)."""
    # of the base, which is SNR-driven, less the learned Δ: the variant's difference turned round
    tests = [
        Test(f"{NETS[family]}, {bits} bits", family, "learned", bits, turned=True)
        for family, bits in SEEDED
    ]
    tests.append(Test("ADMM-Net, Algorithm 1 whole, 8 bits", "kaq", "learned", 8, turned=True))
    text, verdict = tested(found, tests)
    box = compared(found, BOX, "admm-box-int8-snr", "admm-box-int8-learned")
    return Finding(
        str(driven.__doc__),
        f"SNR-driven less learned Δ, {text}. With a wide last layer, which leaves α of that layer "
        f"untrained, `admm-box-int8-snr` less `admm-box-int8-learned`, one seed, 12 epochs, "
        f"{box.count} comparisons: {box.text}",
        PARTLY if verdict == HOLDS and box.better < box.count else verdict,
    )


def matched(found: Found) -> Finding:
    """The KDE-MMD loss does better than the squared error alone (§3.2, §4.1)."""
    forms = {"mmd-free": "three free σ, as published", "mmd-kde": "σ of the KDE"}
    tests = [
        Test(f"{NETS[family]}, {bits} bits, {form}", family, factor, bits)
        for family, bits in SEEDED
        for factor, form in forms.items()
    ]
    tests.append(
        Test("ADMM-Net, Algorithm 1 whole, 8 bits, σ learned within a factor of 2 of the KDE's",
             "kaq", "no-mmd", 8, turned=True)
    )  # fmt: skip
    text, verdict = tested(found, tests)
    return Finding(str(matched.__doc__), f"with the MMD loss (ε = 1) less without, {text}", verdict)


def whole(found: Found) -> Finding:
    """KAQ makes INT8 ADMM-Nets that deploy better than other quantized training (§1, §4)."""
    tests = [
        Test("`admm-kaq` less `admm-box`", "kaq", "admm-box", 8, turned=True),
        Test("less the same without the MMD loss", "kaq", "no-mmd", 8, turned=True),
        Test("less the same with a learned Δ", "kaq", "learned", 8, turned=True),
    ]
    text, verdict = tested(found, tests)
    spec = compared(found, BOX, "golden:spec=admm-kaq", "golden:spec=admm-box")
    share = _share(shipped.log("admm-box-int8-kaq"))
    return Finding(
        str(whole.__doc__),
        f"Algorithm 1 whole, with box and ρ = a/SNR + c; {text}. The MMD term is {share:.2%} of "
        f"the loss in the last epoch. Integers of the two specs (seed 0), {spec.count} "
        f"comparisons: {spec.text}",
        verdict,
    )


def near_fp16(found: Found) -> Finding:
    """INT8 KAQ is nearly as good as the FP16 PGD-Net (figure 4)."""
    gain = compared(found, PGD, "pgd-soft-int8-kaq", FP16)
    fair = compared(found, PGD, "pgd-soft-int8-kaq", "pgd-snr-box")
    text = (
        f"one seed, 50 + 50 epochs, {gain.count} comparisons each; less FP16: {gain.text}: better "
        f"than its own float net, because saturation at ±127Δ is the box that a soft threshold "
        f"lacks. Less the float net that has an SNR-driven box, trained as long: {fair.text}"
    )
    return Finding(str(near_fp16.__doc__), text, HOLDS if not gain.worse else PARTLY)


def beats_qat(found: Found) -> Finding:
    """KAQ is significantly better than QAT with the squared error (figure 4, PGD-Net)."""
    names = "pgd-soft-int8-kaq", "pgd-soft-int8-qat"
    gain = compared(found, PGD, *names)
    mean, half = mean_difference(found, PGD, *names)
    text = (
        f"less QAT with one learned Δ a layer, one seed, 50 + 50 epochs, {gain.count} comparisons: "
        f"{gain.text}. Mean over 0 … 25 dB: {mean:+.4f} ± {half:.4f}, "
        f"{'worse' if mean > half else 'better' if mean < -half else 'no difference seen'}"
    )
    return Finding(str(beats_qat.__doc__), text, gain.verdict)


def beats_qat_admm(found: Found) -> Finding:
    """KAQ converges to a higher accuracy than QAT on ADMM-Net (figure 5)."""
    gain = compared(found, ADMM, "admm-soft-int8-kaq", "admm-soft-int8-qat")
    text = (
        f"one seed, 50 + 50 epochs, soft threshold and one ρ a layer, which no spec can hold, "
        f"{gain.count} comparisons: {gain.text}"
    )
    return Finding(str(beats_qat_admm.__doc__), text, gain.verdict)


def after_training(found: Found) -> Finding:
    """Quantization after training (PTQ) loses much accuracy on small nets (§1)."""
    texts, loses = [], []
    for family, name in NETS.items():
        for bits in (8, 4):
            best = min(np.mean(means(found, family, f"ptq-{d}", bits)) for d in ("max", "mse"))
            trained = float(np.mean(means(found, family, "learned", bits)))
            texts.append(f"{name}, {bits} bits: {best:.4f} PTQ, {trained:.4f} QAT, learned Δ")
            loses.append(best > 1.02 * trained)
    verdict = HOLDS if all(loses) else PARTLY if any(loses) else FAILS
    text = "mean BER over 0 … 25 dB, the better Δ of two: " + "; ".join(texts)
    return Finding(str(after_training.__doc__), text, verdict)


def falling(found: Found) -> Finding:
    """Δ falls in noise (§3.3: eq. (15) "reduces quantization step-sizes under high noise")."""
    texts, falls = [], []
    for name in ("pgd-soft-int8-kaq", "admm-soft-int8-kaq", "admm-box-int8-snr",
                 "admm-box-int8-kaq"):  # fmt: skip
        net = shipped.checkpoint_of(name)
        alphas = [float(t) for key, t in sorted(net.part("net").items()) if key.endswith("alpha")]
        texts.append(f"{name}: " + ", ".join(f"{a:+.4f}" for a in alphas))
        falls += [alpha < 0 for alpha in alphas]
    text = "Δ = α·SNR^-½ + γ falls in noise only if α < 0. Trained α by layer: " + "; ".join(texts)
    verdict = HOLDS if all(falls) else PARTLY if any(falls) else FAILS
    return Finding(str(falling.__doc__), text, verdict)


def useful(found: Found) -> Finding:
    """PGD-Net and ADMM-Net with a soft threshold are apt detectors for 16×16 16-QAM (§2, §4)."""
    names = {"PGD-Net, FP32": (PGD, "pgd-soft"), "ADMM-Net, FP32": (ADMM, "admm-soft")}
    names |= {"LMMSE": (PGD, "lmmse"), "ADMM-Net with box and ρ = a/SNR + c": (BOX, "admm-box")}
    parts = [f"{label} {ber(found, *where, 25.0)}" for label, where in names.items()]
    text = "BER at 25 dB: " + ", ".join(parts) + ". QAM is not sparse: training drives λ to 0"
    points = {
        label: found.results[study].points[name, 25.0] for label, (study, name) in names.items()
    }
    linear = points["LMMSE"].ber
    apt = all(points[f"{net}, FP32"].ber.high < linear.low for net in ("PGD-Net", "ADMM-Net"))
    return Finding(str(useful.__doc__), text, HOLDS if apt else FAILS)


def last_layer(found: Found) -> Finding:
    """Every layer's output is quantized, the last one's too (eq. (16))."""
    texts = []
    for family, name in NETS.items():
        for bits in (8, 3):
            coded, wide = means(found, family, "base", bits), means(found, family, "wide", bits)
            texts.append(
                f"{name}, {bits} bits: {np.mean(coded):.4f} coded, {np.mean(wide):.4f} wide"
            )
    text = "mean BER over 0 … 25 dB: " + "; ".join(texts)
    text += ". Not a claim that can fail: the state is there to be sliced, which costs nothing"
    return Finding(str(last_layer.__doc__), text, "a choice")


def faster(found: Found) -> Finding:
    """INT8 has 20% less latency than full precision (figure 6)."""
    if not found.latency:
        raise KeyError("latency")
    texts, ratios = [], []
    for row in found.latency["rows"]:
        if row["variant"].startswith("int8") and row.get("cache") == "hot":
            ratios.append((row["ratio_low"], row["ratio_high"]))
            texts.append(
                f"{row['network']}, {row['variant']}, batch {row['batch']}: {row['ratio']:.2f} "
                f"({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
            )
    fast = [high <= CLAIMED for _, high in ratios]
    verdict = HOLDS if all(fast) else PARTLY if any(fast) else FAILS
    text = "compiled C++, CPU time to that of FP32, H prepared: " + "; ".join(texts)
    return Finding(str(faster.__doc__), text, verdict)


FINDINGS = (
    useful,
    driven,
    matched,
    whole,
    near_fp16,
    beats_qat,
    beats_qat_admm,
    after_training,
    falling,
    faster,
    last_layer,
)


def _share(log: Sequence[Mapping[str, Any]]) -> float:
    """The MMD term's share of the loss in the last epoch of a training."""
    last = log[-1]
    return float(last["mmd"] / last["loss"])
