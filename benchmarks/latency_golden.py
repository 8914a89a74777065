# SPDX-License-Identifier: Apache-2.0
"""The INT8 kernels against their golden models, before they are timed: zero differing integers.

What is compared is what is timed, the same compiled functions, one vector a call and several: on
channel draws with the golden model's integers of H, F and P and with those that the kernel's own
preparation makes, and on extreme integers over the whole of their formats (`fixedpoint.stress`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.latency_library import SIZE, SPECS, Array, Floats, Library
from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import AdmmSpec, DetectorSpec
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import channel
from fixedpoint.stress import extreme
from fixedpoint.vectors.compare import Comparison, compare

Reals = NDArray[np.float64]
SEED = 7
BLOCKS = 2
"""At each entry of the SNR bank."""
VECTORS = 31
"""Of a block: 4 · 7 + 2 + 1, so that every width of the batch loop takes part."""
REPEAT = "python -m benchmarks.latency --quick --rounds 1"


class DiffersError(Exception):
    """A kernel is not its golden model: one line that names the first integer."""


@dataclass(frozen=True)
class Case:
    """What the golden model gets, and its last layer's state and code by name, (G, B, 32)."""

    name: str
    given: Integers
    expected: Mapping[str, IntArray]

    @classmethod
    def of(cls, name: str, spec: DetectorSpec, given: Integers) -> Case:
        """By `fixedpoint`'s int64 model."""
        wires = Detector(spec).wires(given.h, given.y, given.index)
        last = f"{spec.detector}{spec.depth}"
        expected = {wire: wires[wire] for wire in (f"{last}.state", f"{last}.code")}
        return cls(name, given, expected)


@dataclass(frozen=True)
class Drawn:
    """Fixed blocks at every SNR entry. h: (G, 32, 32); rho: (G,), ADMM-Net's; both of `channel`."""

    spec: DetectorSpec
    h: Floats
    rho: Reals
    channel: Case
    extreme: Case

    @classmethod
    def make(cls, network: str) -> Drawn:
        """ADMM-Net's blocks have one entry each, PGD-Net's mix them."""
        spec, rng = specs.load(SPECS[network]), np.random.default_rng(SEED)
        entries = np.repeat(spec.snr.snr_db, BLOCKS)
        snr = np.repeat(entries[:, None], VECTORS, axis=1)
        if not spec.one_snr_a_block:
            snr = rng.permuted(snr, axis=0)
        drawn = channel.draw(rng, spec.constellation, SIZE, SIZE, snr)
        h = drawn.h.astype(np.float32)
        given = Detector(spec).quantize(h, drawn.y, snr)
        ends = Integers(*extreme.vectors(spec, SEED, len(h), VECTORS))
        rho = penalty(spec, given.index[:, 0])
        cases = (
            Case.of("channel draws", spec, given),
            Case.of("extreme integers", spec, ends),
        )
        return cls(spec, h, rho, *cases)

    @property
    def vectors(self) -> int:
        """How many."""
        return self.channel.given.index.size + self.extreme.given.index.size


@dataclass(frozen=True)
class Checked:
    """One kernel's comparison.

    prepared: entries that its own preparation made of the drawn H; unlike: how many of them
    `fixedpoint` makes otherwise, which prepares in float64.
    """

    network: str
    variant: str
    vectors: int
    comparison: Comparison
    prepared: int
    unlike: int


def check(library: Library, network: str, drawn: Drawn) -> Checked:
    """Raises `DiffersError` at the first integer that differs."""
    given = drawn.channel.given
    pairs = list(zip(drawn.h, drawn.rho, strict=True))
    own = np.array([library.matrices(network, h, rho) for h, rho in pairs], dtype=np.int64)
    made = [library.prepare(network, h, rho) for h, rho in pairs]
    case = Case.of("its own preparation", drawn.spec, Integers(own, given.y, given.index))
    comparison = _compare(library, network, case, made, VECTORS)
    for case in (drawn.channel, drawn.extreme):
        blocks = [library.pack(network, h) for h in case.given.h]
        for together in (1, VECTORS):
            comparison += _compare(library, network, case, blocks, together)
    if not comparison.equal:
        raise DiffersError(str(comparison))
    unlike = int(np.count_nonzero(own != given.h))
    return Checked(network, library.variant, drawn.vectors, comparison, own.size, unlike)


def penalty(spec: DetectorSpec, index: IntArray) -> Reals:
    """ρ of ADMM-Net at entries of the bank; 0 of PGD-Net, which has none."""
    if not isinstance(spec, AdmmSpec):
        return np.zeros(index.shape)
    return spec.formats.rho.value(np.array(spec.rho)[index])


def _compare(
    library: Library, network: str, case: Case, blocks: Sequence[Array], together: int
) -> Comparison:
    """States and codes of all vectors, `together` of them a call, with those of the case."""
    found: dict[str, IntArray] = {name: np.empty_like(x) for name, x in case.expected.items()}
    state, code = found.values()
    for g, block in enumerate(blocks):
        for b in range(0, case.given.y.shape[1], together):
            part = g, slice(b, b + together)
            output = library.run(network, block, case.given.y[part], case.given.index[part])
            assert output.code is not None
            state[part], code[part] = output.state, output.code
    view = f"{network} {library.variant}, {case.name}, {together} a call"
    return compare(view, case.expected, found, seed=SEED, repeat=REPEAT)
