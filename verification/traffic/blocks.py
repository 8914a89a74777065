# SPDX-License-Identifier: Apache-2.0
"""Block numbers: how the streams carry them, and which vectors the hardware drops by them.

docs/rtl.md has the rule. Numbers are compared as serial numbers: the newer of two is ahead by less
than half the range.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.format import IntArray

BLOCK_BITS = 16
"""The default of each top, `BlockWidth`."""


def user(
    spec: DetectorSpec, index: ArrayLike, block: ArrayLike, bits: int = BLOCK_BITS
) -> IntArray:
    """TUSER of y and of x: the SNR index under the block's number, modulo 2^bits."""
    number = np.asarray(block, dtype=np.int64) % (1 << bits)
    return number << spec.snr.index_bits | np.asarray(index, dtype=np.int64)
