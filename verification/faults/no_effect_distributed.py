# SPDX-License-Identifier: Apache-2.0
"""Why a fault in HPD or FPD-Net cannot change an integer.

A flipped bit of a table that no state reads. As in `no_effect.py`, computed from the spec and asked
only about a fault that nothing noticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.receivers import distributed
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from verification.faults.mutate import Mutation


def reason(spec: HpdSpec | FpdSpec, mutation: Mutation) -> str | None:
    """A short proof that the fault has no effect in any comparison of this spec, or None."""
    entry = re.fullmatch(r"(\w+)\[(\d+)\]", mutation.name)
    if mutation.kind != "mem" or entry is None:
        return None
    for name, table, first, read in _tables(spec):
        at = int(entry.group(2)) - first
        if name == entry.group(1) and 0 <= at < 1 << table.address.bits:
            # Entries lie in the order of the address's bits.
            address = at - (at >> table.address.bits - 1 << table.address.bits)
            if not np.any(read == address):
                return f"no state of the spec leads to address {address} of {name}"
    return None


def _tables(spec: HpdSpec | FpdSpec) -> Iterator[tuple[str, Lookup, int, IntArray]]:
    """Name, table, its first entry in the file, and every address that any state reads.

    The sigmoid's are not among them: it is read at sums of products.
    """
    x = spec.state_format
    states = np.arange(x.min, x.max + 1)
    distance = states - distributed.nearest(spec, states)
    if isinstance(spec, HpdSpec):
        yield "pull", spec.pull, 0, spec.pull.index(distance, x.frac)
        return
    for k in range(spec.depth):
        table = spec.cosine(k)
        yield "cosine", table, k << table.address.bits, table.index(distance, x.frac)
    differences = states[:, None] - np.array(distributed.points(spec))
    for name in ("quartic", "gaussian"):
        lookup: Lookup = getattr(spec, name)
        frac = x.frac + getattr(spec.formats, f"{name}_scale").frac
        scales = [getattr(layer, f"{name}_scale") for layer in spec.layers]
        read = [lookup.index(differences * scale, frac) for scale in scales]
        yield name, lookup, 0, np.concatenate(read)
