# SPDX-License-Identifier: Apache-2.0
"""The sweeps behind docs/results: which detectors, where, and how long."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from model.lab.plan import Plan
from model.systems.system import SYSTEMS, System

SEED = 2026
MOST_BITS = 12_000_000
"""Bits of a point at most: 1000 errors at a BER of 10⁻⁴, 100 at 10⁻⁵, with a margin."""
QUICK_VECTORS, QUICK_ERRORS = 1000, 50

KAQ = SYSTEMS["16x16-16qam"]
ONE_BIT = SYSTEMS["64x8-4qam-1bit"]
TWO_BITS = SYSTEMS["64x8-16qam-2bit"]
CENTRAL = dataclasses.replace(ONE_BIT, units=1)
NAMED_SYSTEMS = {
    "64x8-4qam-1bit-central": CENTRAL,
    "16x16-16qam-imperfect": dataclasses.replace(KAQ, csi_error=0.05),
    "16x16-16qam-correlated": dataclasses.replace(
        KAQ, receive_correlation=0.7, transmit_correlation=0.7
    ),
    **SYSTEMS,
}
KAQ_SNRS = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
HPD_SNRS = (0.0, 2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0)

KBEST = {f"kbest:k={k}": f"K-best, K = {k}" for k in (4, 8, 16)}
FEW_VECTORS = {"kbest": 20_000}
"""K-best makes hardly an error at high SNR: it ends where the others have as many vectors."""
RIVALS = {
    "golden:spec=admm-box": "integers of admm-box",
    "golden:spec=admm-kaq": "integers of admm-kaq",
    "golden:spec=pgd": "integers of pgd",
    **KBEST,
    "lmmse": "LMMSE",
}
RIVAL_PAIRS = tuple(("golden:spec=admm-box", name) for name in (*KBEST, "lmmse"))

DISTRIBUTED = {
    "bmmse": "BMMSE, centralized",
    "cg": "CG",
    "dadmm": "ADMM",
    "dadmm:prior=box": "ADMM with box",
    "hpd:kappa=1": "HPD, κ = 1 (the paper's letter)",
    "hpd": "HPD, κ = 1.5",
    "fpd": "FPD-Net, frozen table",
    "fpd:theta=hyper": "FPD-Net, hyper-network",
}
DISTRIBUTED_PAIRS = (
    ("hpd:kappa=1", "bmmse"),
    ("hpd", "bmmse"),
    ("fpd", "hpd"),
    ("fpd:theta=hyper", "fpd"),
)

DISTRIBUTED_PANELS = {
    "Not learned": ("cg", "dadmm", "dadmm:prior=box", "hpd:kappa=1", "hpd"),
    "Learned": ("hpd:kappa=1", "hpd", "fpd", "fpd:theta=hyper"),
}

LOSSES = {
    "fpd": "balanced loss, table",
    "fpd:loss=mse": "loss (41), table",
    "fpd:theta=hyper": "balanced loss, hyper-network",
    "fpd:loss=mse,theta=hyper": "loss (41), hyper-network",
    "hpd": "HPD, κ = 1.5",
}
LOSS_PAIRS = (
    ("fpd:loss=mse", "fpd"),
    ("fpd:loss=mse,theta=hyper", "fpd:theta=hyper"),
    ("fpd:loss=mse", "hpd"),
    ("fpd:loss=mse,theta=hyper", "hpd"),
)
LOSS_SNRS = (0.0, 5.0, 10.0, 15.0, 20.0)
LOSS_VECTORS = {
    "fpd": 200_000,
    "hpd": 200_000,
    "fpd:theta=hyper": 60_000,
    "fpd:loss=mse,theta=hyper": 60_000,
}

LAYERED = {
    **{f"hpd:kappa=1,layers={k}": f"HPD, κ = 1, {k}" for k in range(1, 9)},
    **{f"hpd:layers={k}": f"HPD, κ = 1.5, {k}" for k in range(1, 9)},
    **{f"fpd:after={k}": f"FPD-Net, {k}" for k in range(1, 6)},
}
"""HPD stopped after k layers is the state of a longer one, whose γᵗ does not know L either."""
LAYERED_VECTORS = {"hpd": 20_000, "fpd": 20_000}


@dataclass(frozen=True)
class Study:
    """One sweep and its figure.

    `labels`: the detectors by what a reader calls them, in the legend's order. `pairs`: detectors
    whose difference is told. `limits`, `min_vectors`: as in `Plan`. `slow`: detectors left out of
    the quick form, which CI runs, because a vector costs them milliseconds. `panels`: the title of
    a panel and the detectors that it draws beside the grey references; empty: one panel for all.
    """

    name: str
    title: str
    system: System
    labels: Mapping[str, str]
    snr_db: tuple[float, ...]
    min_vectors: int = 2000
    limits: Mapping[str, int] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    slow: tuple[str, ...] = ()
    panels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def plan(self, quick: bool) -> Plan:
        """The sweep; the quick form has few vectors and says nothing about accuracy."""
        detectors = tuple(self.labels)
        if not quick:
            most = MOST_BITS // self.system.bits
            return Plan(
                self.system, detectors, self.snr_db, SEED,
                max_vectors=most, min_vectors=self.min_vectors, limits=dict(self.limits),
            )  # fmt: skip
        kept = tuple(name for name in detectors if name not in self.slow)
        return Plan(
            self.system, kept, self.snr_db[::2], SEED,
            errors=QUICK_ERRORS, max_vectors=QUICK_VECTORS, min_vectors=QUICK_VECTORS,
        )  # fmt: skip


STUDIES = (
    Study(
        "awgn-bounds",
        "LMMSE, K-best and ML, 16×16, 16-QAM",
        KAQ,
        {"lmmse": "LMMSE", "kbest": "K-best, K = 64", "ml": "ML (sphere decoder)"},
        (16.0, 17.0, 17.5, 18.0, 18.5, 20.0, 22.0, 28.0, 30.0, 32.0),
        min_vectors=20_000,
        limits={"ml": 60_000, "kbest": 60_000},
        slow=("ml", "kbest"),
    ),
    Study(
        "one-bit-bounds",
        "BMMSE and 1-bit ML, 64×8, 4-QAM, 1 bit, all antennas in one place",
        CENTRAL,
        {"bmmse": "BMMSE", "logistic-ml": "minimiser of eq. (4)", "1bit-ml": "1-bit ML"},
        (0.0, 2.0, 4.0, 6.0, 8.0, 10.0),
        limits={"1bit-ml": 60_000, "logistic-ml": 60_000},
        slow=("1bit-ml", "logistic-ml"),
    ),
    Study(
        "kaq-figure-4-pgd",
        "PGD-Net, 16×16, 16-QAM (KAQ paper, figure 4)",
        KAQ,
        {
            "pgd-soft": "FP32",
            "pgd-soft:precision=fp16": "FP16",
            "pgd-soft-int8-qat": "INT8 QAT",
            "pgd-soft-int8-kaq": "INT8 KAQ",
            "golden:spec=pgd": "INT8 KAQ, integers of pgd",
            "twin:spec=pgd": "float twin of pgd",
            "golden:spec=pgd-box": "integers of pgd-box",
            "pgd-box": "FP32 + box",
            "pgd-snr-box": "FP32 + SNR-driven box",
            **KBEST,
            "lmmse": "LMMSE",
        },
        KAQ_SNRS,
        min_vectors=20_000,
        limits=FEW_VECTORS,
        pairs=(
            ("pgd-soft:precision=fp16", "pgd-soft"),
            ("pgd-soft-int8-kaq", "pgd-soft-int8-qat"),
            ("pgd-soft-int8-kaq", "pgd-soft:precision=fp16"),
            ("pgd-soft-int8-kaq", "pgd-box"),
            ("pgd-soft-int8-kaq", "pgd-snr-box"),
            ("golden:spec=pgd", "twin:spec=pgd"),
        ),
        panels={
            "Precision, soft threshold": (
                "pgd-soft",
                "pgd-soft:precision=fp16",
                "pgd-soft-int8-qat",
                "pgd-soft-int8-kaq",
            ),
            "Soft threshold and box": (
                "golden:spec=pgd",
                "twin:spec=pgd",
                "golden:spec=pgd-box",
                "pgd-box",
                "pgd-snr-box",
            ),
            "Against K-best": ("golden:spec=pgd", "pgd-box", *KBEST),
        },
    ),
    Study(
        "kaq-figure-4-admm",
        "ADMM-Net, 16×16, 16-QAM",
        KAQ,
        {
            "admm-soft": "FP32, soft threshold, as published",
            "admm-soft:precision=fp16": "FP16, soft threshold",
            "admm-soft-int8-qat": "INT8 QAT, soft",
            "admm-soft-int8-qat:twin=yes": "float twin of INT8 QAT",
            "admm-soft-int8-kaq": "INT8 KAQ, soft",
            "admm-soft-int8-kaq:twin=yes": "float twin of INT8 KAQ",
            "admm-exact-box": "FP32 + box, ρ a layer",
            "admm-exact-snr-box": "FP32 + SNR-driven box, ρ a layer",
            "admm-linearised-soft": "FP32, linearised, soft",
            "admm-shared-soft": "FP32, soft, ρ = a/SNR + c",
            "golden:spec=admm": "integers of admm: soft, one ρ",
            **KBEST,
            "lmmse": "LMMSE",
        },
        KAQ_SNRS,
        min_vectors=20_000,
        limits=FEW_VECTORS,
        pairs=(
            ("admm-soft-int8-kaq", "admm-soft-int8-qat"),
            ("admm-soft-int8-kaq", "admm-soft:precision=fp16"),
            ("admm-soft-int8-kaq", "admm-exact-snr-box"),
            ("admm-soft-int8-qat", "admm-soft-int8-qat:twin=yes"),
            ("admm-soft-int8-kaq", "admm-soft-int8-kaq:twin=yes"),
        ),
        panels={
            "Precision, soft threshold": (
                "admm-soft",
                "admm-soft:precision=fp16",
                "admm-soft-int8-qat",
                "admm-soft-int8-qat:twin=yes",
                "admm-soft-int8-kaq",
                "admm-soft-int8-kaq:twin=yes",
            ),
            "Thresholds and ρ": (
                "admm-soft",
                "admm-exact-box",
                "admm-exact-snr-box",
                "admm-linearised-soft",
                "admm-shared-soft",
                "golden:spec=admm",
            ),
            "Against K-best": (
                "admm-soft-int8-kaq",
                "admm-exact-snr-box",
                "golden:spec=admm",
                *KBEST,
            ),
        },
    ),
    Study(
        "admm-box",
        "ADMM-Net with box and ρ = a/SNR + c, 16×16, 16-QAM",
        KAQ,
        {
            "admm-box": "FP32, box",
            "admm-box-longer": "FP32, box, trained as long as INT8",
            "admm-snr-box": "FP32, SNR-driven box, as long",
            "admm-box-int8-learned": "INT8, learned Δ",
            "admm-box-int8-learned:twin=yes": "float twin of the learned Δ",
            "admm-box-int8-snr": "INT8, SNR-driven Δ",
            "admm-box-int8-snr:twin=yes": "float twin of the SNR-driven Δ",
            "golden:spec=admm-box": "integers of admm-box",
            "golden:spec=admm-kaq": "integers of admm-kaq",
            "twin:spec=admm-kaq": "float twin of admm-kaq",
            **KBEST,
            "lmmse": "LMMSE",
        },
        (*KAQ_SNRS, 30.0),
        min_vectors=20_000,
        limits=FEW_VECTORS,
        pairs=(
            ("admm-box-int8-learned", "admm-box-int8-learned:twin=yes"),
            ("admm-box-int8-snr", "admm-box-int8-snr:twin=yes"),
            ("admm-box-int8-learned", "admm-box-longer"),
            ("admm-box-int8-snr", "admm-snr-box"),
            ("admm-box-int8-snr", "admm-box-int8-learned"),
            ("golden:spec=admm-kaq", "golden:spec=admm-box"),
            ("golden:spec=admm-kaq", "twin:spec=admm-kaq"),
            ("golden:spec=admm-kaq", "admm-box-longer"),
        ),
        panels={
            "FP32 and INT8": (
                "admm-box",
                "admm-box-longer",
                "admm-snr-box",
                "admm-box-int8-learned",
                "admm-box-int8-snr",
            ),
            "INT8 and float twins": (
                "admm-box-int8-learned",
                "admm-box-int8-learned:twin=yes",
                "admm-box-int8-snr",
                "admm-box-int8-snr:twin=yes",
                "golden:spec=admm-kaq",
                "twin:spec=admm-kaq",
            ),
            "Against K-best": (
                "admm-box-longer",
                "golden:spec=admm-box",
                "golden:spec=admm-kaq",
                *KBEST,
            ),
        },
    ),
    Study(
        "imperfect-h",
        "16×16, 16-QAM, an imperfect H: E|ΔH|² is .05 of H's power",
        NAMED_SYSTEMS["16x16-16qam-imperfect"],
        RIVALS,
        (10.0, 15.0, 20.0, 25.0),
        min_vectors=20_000,
        limits=FEW_VECTORS,
        pairs=RIVAL_PAIRS,
    ),
    Study(
        "correlated",
        "16×16, 16-QAM, correlation .7 at both ends, H known",
        NAMED_SYSTEMS["16x16-16qam-correlated"],
        RIVALS,
        (15.0, 20.0, 25.0, 30.0),
        min_vectors=20_000,
        limits=FEW_VECTORS,
        pairs=RIVAL_PAIRS,
    ),
    Study(
        "hpd-figure-4",
        "64×8, 4-QAM, 1 bit, four units (HPD/FPD paper, figure 4)",
        ONE_BIT,
        DISTRIBUTED | {"1bit-ml": "1-bit ML"},
        HPD_SNRS,
        min_vectors=20_000,
        limits={"1bit-ml": 60_000, "fpd:theta=hyper": 100_000},
        slow=("1bit-ml",),
        pairs=DISTRIBUTED_PAIRS,
        panels=DISTRIBUTED_PANELS,
    ),
    Study(
        "hpd-figure-5",
        "64×8, 16-QAM, 2 bits, four units (HPD/FPD paper, figure 5)",
        TWO_BITS,
        DISTRIBUTED | {"few-bit-ml": "2-bit ML"},
        HPD_SNRS,
        min_vectors=20_000,
        limits={"fpd:theta=hyper": 50_000, "few-bit-ml": 20_000},
        slow=("few-bit-ml",),
        pairs=DISTRIBUTED_PAIRS,
        panels=DISTRIBUTED_PANELS,
    ),
    Study(
        "hpd-layers",
        "HPD by the number of its layers, 64×8, 16-QAM, 2 bits",
        TWO_BITS,
        {
            "hpd:layers=3": "L = 3",
            "hpd": "L = 5",
            "hpd:layers=6": "L = 6",
            "hpd:layers=8": "L = 8",
            "hpd:layers=20,stop=threshold": "the threshold of (13)",
        },
        (5.0, 10.0),
        min_vectors=10_000,
    ),
    Study(
        "fpd-loss-4qam-1bit",
        "FPD-Net by the loss (41) and by ours, 64×8, 4-QAM, 1 bit",
        ONE_BIT,
        LOSSES,
        LOSS_SNRS,
        min_vectors=20_000,
        limits=LOSS_VECTORS,
        pairs=LOSS_PAIRS,
    ),
    Study(
        "fpd-loss-16qam-2bit",
        "FPD-Net by the loss (41) and by ours, 64×8, 16-QAM, 2 bits",
        TWO_BITS,
        LOSSES,
        LOSS_SNRS,
        min_vectors=20_000,
        limits=LOSS_VECTORS,
        pairs=LOSS_PAIRS,
    ),
    Study(
        "convergence-4qam-1bit",
        "BER after 1 … 8 layers of HPD, 1 … 5 of FPD-Net, 64×8, 4-QAM, 1 bit",
        ONE_BIT,
        LAYERED,
        (5.0, 7.5),
        min_vectors=20_000,
        limits=LAYERED_VECTORS,
    ),
    Study(
        "convergence-16qam-2bit",
        "BER after 1 … 8 layers of HPD, 1 … 5 of FPD-Net, 64×8, 16-QAM, 2 bits",
        TWO_BITS,
        LAYERED,
        (10.0, 12.5),
        min_vectors=20_000,
        limits=LAYERED_VECTORS,
    ),
)
