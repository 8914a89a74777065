# SPDX-License-Identifier: Apache-2.0
"""What a training that goes on from a spec is made of, checked when made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from fixedpoint.detectors import library, registry
from fixedpoint.numbers.bank import SnrBank
from fixedpoint.specs.detector import DetectorSpec
from model.own.graph_config import GraphConfig
from model.soft.draws import system_for
from model.systems.system import System


@dataclass(frozen=True)
class TuneConfig(GraphConfig):
    """A spec's constants and banks go on from where they are, in their formats.

    Entries besides those of the base class:

    Args:
        source: a shipped spec or a spec file, of any detector; its soft bits are left out.
        system: a text of `model.systems.text`, whose draws are taken; none: the spec's own.
        digest: the spec's, filled in where it is empty; a file that changed is refused.
    """

    source: str
    loss: str = "soft"
    soft_wire: str = "state"
    system: str = ""
    blocks: int = 72
    vectors: int = 8
    steps: int = 100
    float_epochs: int = 0
    epochs: int = 8
    learning_rate: float = 0.003
    clip: float = 5.0
    deep: float = 0.0
    balance: float = 0.0
    snr_low_db: float = -5.0
    snr_high_db: float = 30.0
    spread: float = 1.5
    validation: int = 500
    seed: int = 0
    digest: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        spec = library.load(self.source)
        if self.digest not in ("", spec.digest):
            raise ValueError(f"spec {self.source}: digest {spec.digest[:16]}..., but the training "
                             f"started from {self.digest[:16]}...: has its file changed?"
                             )  # fmt: skip
        object.__setattr__(self, "digest", spec.digest)
        if registry.network(self.spec) is not None:
            raise ValueError(f"spec {self.source}: a network computes its constants at run time; "
                             "by the graph only constants that a spec stores are trained"
                             )  # fmt: skip
        _ = self.receiver
        self.check_entries()

    @property
    def spec(self) -> DetectorSpec:
        """As in the base class: without soft bits."""
        return _bare(self.source, self.digest)

    @property
    def snr(self) -> SnrBank:
        """As in the base class."""
        return self.spec.snr

    @property
    def receiver(self) -> System | None:
        """As in the base class. Raises `ValueError` on a system that does not fit the spec."""
        return system_for(self.spec, self.system) if self.system else None


@lru_cache(maxsize=8)
def _bare(source: str, digest: str) -> DetectorSpec:
    """digest: the spec's, which tells a file from what it was before."""
    return library.load(source).replace(soft=None)
