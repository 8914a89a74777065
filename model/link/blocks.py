# SPDX-License-Identifier: Apache-2.0
"""A bitfold detector as a block of Sionna: what its own MIMO detectors take, and give.

detector = BitfoldDetector("my.json")
llr = detector(y, h, s)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fixedpoint.detectors import library as specs
from fixedpoint.specs.detector import DetectorSpec
from model.link.convention import OUTSIDE, converted, held
from model.link.engines import RunIntegers, engine_of
from model.link.equal import equal_rows, of_one_size

try:
    from sionna.phy import Block
except ImportError as error:
    raise ValueError(f"this needs Sionna, pip install sionna-no-rt: {error}") from error


class BitfoldDetector(Block):
    """Detects as `sionna.phy.mimo.LinearDetector` is called, with the labels of TS 38.211.

    Vectors whose H, noise and SNR entry are equal are one coherence block: its matrices are
    prepared once. Gradients don't pass.

    Args:
        spec: a shipped spec by its name, a spec file, or a spec.
        output: `bit`; a detector has no logits of symbols.
        hard_out: decisions 0 and 1 instead of LLRs, log p(1)/p(0).
        gain: E|h|² of a complex entry, 1 in Sionna's channels; None for that of each matrix itself,
            as a gain control does it for a coherence block.
        outside: what is done with an SNR outside the spec's bank: `clamp`, with one warning a
            call, or `error`.
        engine: `golden` integers, the float `twin`, or what runs the spec's integers as
            `Detector.run_integers` does: `hls.builds.native.Native.build(spec).run`.
        precision, device: as of Sionna's blocks.

    Input: y (…, Nr) complex, h (…, Nr, Nt) complex, s (…, Nr, Nr) complex, the covariance of noise
    and interference, which whitens y and h. Output: (…, Nt, bits), real.

    prepared: how many coherence blocks the last call had.

    Raises `ValueError`, one line, on a spec without soft bits where LLRs are asked for, on other
    shapes, and on a noise variance that is not above 0.
    """

    def __init__(
        self,
        spec: str | Path | DetectorSpec,
        output: str = "bit",
        hard_out: bool = False,
        *,
        gain: float | None = None,
        outside: str = "clamp",
        engine: str | RunIntegers = "golden",
        precision: Any = None,
        device: Any = None,
    ) -> None:
        super().__init__(precision=precision, device=device)
        self.spec = spec if isinstance(spec, DetectorSpec) else specs.load(spec)
        if output != "bit":
            raise ValueError(f"output {output!r}: 'bit' was expected, there are no logits")
        if outside not in OUTSIDE:
            raise ValueError(f"outside {outside!r} is not one of {', '.join(OUTSIDE)}")
        if gain is not None and not 0 < gain < float("inf"):
            raise ValueError(f"gain {gain}: E|h|², a number above 0, was expected")
        if not hard_out and self.spec.soft is None:
            raise ValueError(f"spec {self.spec.name} has no soft bits: hard_out=True, or a spec "
                             "with some, was expected")  # fmt: skip
        self.hard_out, self.gain, self.outside = hard_out, gain, outside
        self.engine = engine_of(self.spec, engine)
        self.prepared = 0

    @property
    def streams(self) -> int:
        """Nt."""
        return self.spec.columns // 2

    @property
    def antennas(self) -> int:
        """Nr."""
        return self.spec.rows // 2

    def call(self, y: Tensor, h: Tensor, s: Tensor) -> Tensor:
        """See the class."""
        batch = self._batch(y, h, s)
        m, n, bits = self.antennas, self.streams, 2 * self.spec.constellation.bits
        covariance = s.expand(*batch, m, m)
        vectors = converted(
            self.spec,
            _array(y).reshape(-1, m),
            _array(h.expand(*batch, m, n)).reshape(-1, m, n),
            _array(covariance).reshape(-1, m, m),
            self.gain,
        )
        snr_db = held(self.spec, vectors.snr_db, self.outside)
        key = np.concatenate(
            [vectors.h.reshape(len(snr_db), -1), self.spec.snr.index(snr_db)[:, None]], axis=1
        )
        blocks = equal_rows(key)
        self.prepared = len(blocks)
        out = np.empty((len(snr_db), n, bits))
        for at in of_one_size(blocks):
            found = self.engine(vectors.h[at[:, 0]], vectors.y[at], snr_db[at])
            values = found.hard if self.hard_out else found.llr
            out[at] = values
        return torch.as_tensor(out, dtype=self.dtype, device=y.device).reshape(*batch, n, bits)

    def _batch(self, y: Tensor, h: Tensor, s: Tensor) -> tuple[int, ...]:
        """y's leading dimensions. `ValueError` unless all shapes fit them and the spec."""
        m, n = self.antennas, self.streams
        batch = tuple(y.shape[:-1])
        for name, given, last in (("y", y, (m,)), ("h", h, (m, n)), ("s", s, (m, m))):
            if tuple(given.shape[-len(last) :]) != last or not _fits(given, last, batch):
                expected = ", ".join(map(str, (*batch, *last) if name != "y" else ("…", *last)))
                raise ValueError(f"{name} has the shape {tuple(given.shape)}, ({expected}) was "
                                 f"expected for spec {self.spec.name}")  # fmt: skip
        return batch


def _fits(given: Tensor, last: tuple[int, ...], batch: tuple[int, ...]) -> bool:
    """Whether the leading dimensions broadcast to the batch."""
    leading = tuple(given.shape[: given.dim() - len(last)])
    try:
        return bool(torch.broadcast_shapes(leading, batch) == torch.Size(batch))
    except RuntimeError:
        return False


def _array(values: Tensor) -> Any:
    return values.detach().cpu().to(torch.complex128).numpy()
