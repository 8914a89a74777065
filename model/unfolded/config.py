# SPDX-License-Identifier: Apache-2.0
"""What a training of PGD-Net or ADMM-Net is made of, checked when made."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import PgdSpec
from fixedpoint.numbers.format import Format
from model.quant.steps import STEPS
from model.store.config import LARGEST_SEED, Config
from model.systems.system import System
from model.systems.text import bank_of, kept
from model.unfolded.admm_constants import FORMS
from model.unfolded.mmd import OVER, Bandwidths
from model.unfolded.prox import PROXES
from model.unfolded.template import template_of

NETWORKS = ("pgd", "admm")
QUANTIZERS = ("float", *STEPS)
MMD_FORMS = ("none", *Bandwidths.FORMS)
LAST = ("quantized", "wide")
INITIAL = ("max", "mse")
CHOICES = {
    "network": NETWORKS,
    "form": FORMS,
    "prox": tuple(PROXES),
    "quantizer": QUANTIZERS,
    "last": LAST,
    "initial": INITIAL,
    "mmd": MMD_FORMS,
    "mmd_over": OVER,
}
"""The entries that are one of a few words."""
MOST = 10**8
BANK = "-5:30"


@dataclass(frozen=True)
class TrainConfig(Config):
    """Algorithm 1 under the paper's protocol, which is the default.

    `spec` gives sizes, formats, modulation and SNR bank (its trained constants are not used); with
    `system`, a text of `model.systems.text`, the spec's formats are made fit for that
    (`model.unfolded.template`), `bank` is its SNR bank, and draws are the system's.
    `form` and the first `rho` are those of ADMM-Net. `float_epochs` train the full-precision net,
    `epochs` the quantized one; `quantizer="float"` ends after the first. `epochs` = 0 quantizes the
    trained net and no more (PTQ). `threshold` is the first λ; a box starts at the constellation's
    peak. Codes have `bits` bits, Δ starts from max|x|, eq. (10), or from the least squared error
    (`initial`); the last layer's code enters the loss, or (`last` = wide) the state before it.
    `last_eta_max` bounds η of the last layer in the quantized stage, besides η's format: that layer
    passes the residual's rounding, times η, straight to the decision.
    `balance`: a vector's squared error is divided by the running mean of its SNR's to this power
    (`model.store.balance`); 0, the paper's loss, trains the low SNRs, where the errors are.
    `start` and `teacher` are float nets, shipped ones by name or checkpoints by path: `start`
    replaces the first stage (of a float training: its initial constants), `teacher` the net whose
    activations the MMD loss is measured against. Raises `ValueError`.
    """

    spec: str = "pgd"
    prox: str = "soft"
    quantizer: str = "snr"
    mmd: str = "none"
    mmd_over: str = "coordinates"
    epsilon: float = 0.0
    layers: int = 5
    eta: float = 0.1
    last_eta_max: float = 0.5
    threshold: float = 0.05
    samples: int = 50_000
    validation: int = 6144
    snr_low_db: float = 0.0
    snr_high_db: float = 25.0
    batch: int = 128
    learning_rate: float = 1e-3
    halve_every: int = 10
    float_epochs: int = 50
    epochs: int = 50
    seed: int = 0
    start: str = ""
    teacher: str = ""
    network: str = "pgd"
    form: str = "exact"
    rho: float = 0.1
    bits: int = 8
    initial: str = "max"
    last: str = "quantized"
    system: str = ""
    bank: str = BANK
    balance: float = 0.0

    subject = "training configuration"
    choices = CHOICES
    later = ("system", "bank", "balance")
    ranges: ClassVar[Mapping[str, tuple[int, int]]] = {
        "layers": (1, 100),
        "samples": (1, MOST),
        "validation": (1, MOST),
        "batch": (1, MOST),
        "halve_every": (1, MOST),
        "float_epochs": (1, 10**6),
        "epochs": (0, 10**6),
        "bits": (2, 32),
        "seed": (0, LARGEST_SEED),
    }
    positive = ("eta", "last_eta_max", "threshold", "learning_rate", "rho")
    shares = ("balance",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.epsilon < float("inf"):
            raise ValueError(f"epsilon {self.epsilon} is not a number >= 0")
        if (self.mmd == "none") != (self.epsilon == 0):
            raise ValueError(
                f"mmd {self.mmd} with epsilon {self.epsilon}: "
                "the MMD loss needs a form and epsilon > 0"
            )
        if self.quantizer == "float" and self.mmd != "none":
            raise ValueError("quantizer float takes no MMD loss")
        if self.form == "linearised" and self.quantizer != "float":
            raise ValueError(
                "form linearised has no matrices to quantize: quantizer float expected"
            )
        if not self.snr_low_db <= self.snr_high_db:
            raise ValueError(f"snr {self.snr_low_db} to {self.snr_high_db} dB is not a range")
        self._check_system()
        self.template.snr.index([self.snr_low_db, self.snr_high_db])

    def _check_system(self) -> None:
        if not self.system:
            if self.bank != BANK:
                raise ValueError(f"bank {self.bank} without a system: the spec {self.spec} has one")
            return
        system = kept(self.system)
        if system.adc_bits:
            raise ValueError(f"system {self.system}: adc_bits {system.adc_bits}, but the net has a "
                             "converter of its own, 0 (unquantized) was expected")  # fmt: skip
        if not math.isclose(system.gain * system.nr, 1):
            raise ValueError(f"system {self.system}: channel_gain {system.gain:g}, 1/nr was "
                             "expected (0 stands for it)")  # fmt: skip

    @property
    def receiver(self) -> System:
        """The system that is trained for."""
        if self.system:
            return kept(self.system)
        of = self.template
        return System(nt=of.columns // 2, nr=of.rows // 2, modulation=of.modulation)

    @property
    def template(self) -> PgdSpec:
        """The spec whose sizes and formats are trained for."""
        if not self.system:
            return specs.load_as(PgdSpec, self.spec)
        return _template(self.spec, self.system, self.bank)

    @property
    def end(self) -> tuple[str, int]:
        """The last stage, and how many epochs it has."""
        floats = self.quantizer == "float"
        return ("float", self.float_epochs) if floats else ("quantized", self.epochs)

    @property
    def gram(self) -> bool:
        """Whether the net takes H as estimated, with its Gram matrix."""
        return self.network == "admm"

    @property
    def code(self) -> Format:
        """The format of a layer's codes, in units of Δ."""
        return Format(self.bits, 0)


@functools.lru_cache(maxsize=16)
def _template(spec: str, system: str, bank: str) -> PgdSpec:
    return template_of(specs.load_as(PgdSpec, spec), kept(system), bank_of(bank))
