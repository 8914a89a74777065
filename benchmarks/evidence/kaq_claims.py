"""The claims of the KAQ paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.evidence.finding import FAILS, HOLDS, PARTLY, Finding, Found, ber, compared
from model import shipped

PGD, ADMM, BOX = "kaq-figure-4-pgd", "kaq-figure-4-admm", "admm-box"
CLAIMED = 0.8
"""INT8 latency over that of full precision."""
FP16 = "pgd-soft:precision=fp16"


def driven(found: Found) -> Finding:
    """Adjusting Δ by the SNR lowers the BER of the quantized net (§4.1)."""
    texts, better = [], []
    for family, name in (("pgd", "PGD, soft"), ("admm", "ADMM, box")):
        for bits in (8, 4):
            a, b = _means(found, family, "base", bits), _means(found, family, "learned", bits)
            texts.append(f"{name}, {bits} bits: {_seeds(a)} SNR-driven, {_seeds(b)} learned")
            better.append(max(a) < min(b))
    verdict = HOLDS if all(better) else PARTLY if any(better) else FAILS
    text = "mean BER over 0 … 25 dB, range over seeds: " + "; ".join(texts)
    return Finding(str(driven.__doc__), text, verdict)


def matched(found: Found) -> Finding:
    """The KDE-MMD loss does better than the squared error alone (§3.2, §4.1)."""
    texts, better = [], []
    for family, name in (("pgd", "PGD, soft"), ("admm", "ADMM, box")):
        for bits in (8, 4):
            plain = _means(found, family, "base", bits)
            free, kde = (_means(found, family, f"mmd-{form}", bits) for form in ("free", "kde"))
            texts.append(
                f"{name}, {bits} bits: {_seeds(plain)} without, {_seeds(free)} as published, "
                f"{_seeds(kde)} well-posed"
            )
            better += [max(free) < min(plain), max(kde) < min(plain)]
    verdict = HOLDS if all(better) else PARTLY if any(better) else FAILS
    text = "mean BER over 0 … 25 dB, range over seeds, ε = 1: " + "; ".join(texts)
    return Finding(str(matched.__doc__), text, verdict)


def near_fp16(found: Found) -> Finding:
    """INT8 KAQ is nearly as good as the FP16 PGD-Net (figure 4)."""
    gain = compared(found, PGD, "pgd-soft-int8-kaq", FP16)
    fair = compared(found, PGD, "pgd-soft-int8-kaq", "pgd-snr-box")
    text = (
        f"less FP16: {gain.text}: better than its own float net, because saturation at ±127Δ is "
        f"the box that a soft threshold lacks. Less the float net that has an SNR-driven box, "
        f"trained as long: {fair.text}"
    )
    return Finding(str(near_fp16.__doc__), text, HOLDS if not gain.worse else PARTLY)


def beats_qat(found: Found) -> Finding:
    """KAQ is significantly better than QAT with the squared error (figure 4, PGD-Net)."""
    gain = compared(found, PGD, "pgd-soft-int8-kaq", "pgd-soft-int8-qat")
    text = f"less QAT with one learned Δ a layer: {gain.text}"
    return Finding(str(beats_qat.__doc__), text, gain.verdict)


def beats_qat_admm(found: Found) -> Finding:
    """KAQ converges to a higher accuracy than QAT on ADMM-Net (figure 5)."""
    gain = compared(found, ADMM, "admm-soft-int8-kaq", "admm-soft-int8-qat")
    return Finding(str(beats_qat_admm.__doc__), f"after 50 epochs: {gain.text}", gain.verdict)


def after_training(found: Found) -> Finding:
    """Quantization after training (PTQ) loses much accuracy on small nets (§1)."""
    texts, loses = [], []
    for family, name in (("pgd", "PGD, soft"), ("admm", "ADMM, box")):
        for bits in (8, 4):
            best = min(np.mean(_means(found, family, f"ptq-{d}", bits)) for d in ("max", "mse"))
            trained = float(np.mean(_means(found, family, "learned", bits)))
            texts.append(f"{name}, {bits} bits: {best:.4f} PTQ, {trained:.4f} QAT, learned Δ")
            loses.append(best > 1.02 * trained)
    verdict = HOLDS if all(loses) else PARTLY if any(loses) else FAILS
    text = "mean BER over 0 … 25 dB, the better Δ of two: " + "; ".join(texts)
    return Finding(str(after_training.__doc__), text, verdict)


def falling(found: Found) -> Finding:
    """Δ falls in noise (§3.3: eq. (15) "reduces quantization step-sizes under high noise")."""
    texts, falls = [], []
    for name in ("pgd-soft-int8-kaq", "admm-soft-int8-kaq", "admm-box-int8-snr"):
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
    for family, name in (("pgd", "PGD, soft"), ("admm", "ADMM, box")):
        for bits in (8, 3):
            coded, wide = _means(found, family, "base", bits), _means(found, family, "wide", bits)
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
    near_fp16,
    beats_qat,
    beats_qat_admm,
    after_training,
    falling,
    faster,
    last_layer,
)


def _means(found: Found, family: str, factor: str, bits: int) -> list[float]:
    """Mean BER over the SNRs of every seed. Raises `KeyError` if nobody trained it."""
    variants: dict[str, Any] = (found.variants or {}).get("variants", {})
    wanted = f"{family}-{factor}-{bits}bit-seed"
    means = [
        float(np.mean(v[v["decided"]]["ber"]))
        for k, v in variants.items()
        if k[: len(wanted)] == wanted
    ]
    if not means:
        raise KeyError(wanted)
    return means


def _seeds(means: list[float]) -> str:
    return f"{min(means):.4f}" if len(means) == 1 else f"{min(means):.4f} to {max(means):.4f}"
