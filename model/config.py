"""What a training of PGD-Net is made of, checked when made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from fixedpoint import spec as specs
from fixedpoint.spec import DetectorSpec
from model.mmd import OVER, Bandwidths
from model.pgd import PROXES
from model.steps import STEPS

QUANTIZERS = ("float", *STEPS)
MMD_FORMS = ("none", *Bandwidths.FORMS)


@dataclass(frozen=True)
class TrainConfig:
    """Algorithm 1 under the paper's protocol, which is the default.

    `spec` gives sizes, formats, modulation and SNR bank (its trained constants are not used).
    `float_epochs` train the full-precision net, `epochs` the quantized one; `quantizer="float"`
    ends after the first. `threshold` is the first λ; a box starts at the constellation's peak.
    `last_eta_max` bounds η of the last layer in the quantized stage, besides η's format: that layer
    passes the residual's rounding, times η, straight to the decision.
    `start` and `teacher` are checkpoints of float nets: `start` replaces the first stage, `teacher`
    the net whose activations the MMD loss is measured against. Raises `ValueError`.
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

    def __post_init__(self) -> None:
        _one_of("prox", self.prox, tuple(PROXES))
        _one_of("quantizer", self.quantizer, QUANTIZERS)
        _one_of("mmd", self.mmd, MMD_FORMS)
        _one_of("mmd-over", self.mmd_over, OVER)
        for name in ("layers", "samples", "validation", "batch", "halve_every", "float_epochs"):
            _at_least(name, getattr(self, name), 1)
        _at_least("epochs", self.epochs, 1)
        _at_least("seed", self.seed, 0)
        for name in ("eta", "last_eta_max", "threshold", "learning_rate"):
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise ValueError(f"{name} {value} is not a positive number")
        if not 0 <= self.epsilon < float("inf"):
            raise ValueError(f"epsilon {self.epsilon} is not a number >= 0")
        if (self.mmd == "none") != (self.epsilon == 0):
            raise ValueError(
                f"mmd {self.mmd} with epsilon {self.epsilon}: "
                "the MMD loss needs a form and epsilon > 0"
            )
        if self.quantizer == "float" and (self.mmd != "none" or self.start):
            raise ValueError("quantizer float takes neither an MMD loss nor a start")
        if not self.snr_low_db <= self.snr_high_db:
            raise ValueError(f"snr {self.snr_low_db} to {self.snr_high_db} dB is not a range")
        self.template.snr.index([self.snr_low_db, self.snr_high_db])

    @property
    def template(self) -> DetectorSpec:
        """The spec whose sizes and formats are trained for."""
        return specs.load(self.spec)

    def to_json(self) -> dict[str, Any]:
        """The entries as a dictionary that JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TrainConfig:
        """The inverse of `to_json`; `ValueError` names entries that are unknown."""
        unknown = sorted(set(data) - {field.name for field in dataclasses.fields(cls)})
        if unknown:
            raise ValueError(f"training configuration: unknown entries {', '.join(unknown)}")
        return cls(**data)


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} {value!r} is not one of {', '.join(choices)}")


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} {value} is below {least}")
