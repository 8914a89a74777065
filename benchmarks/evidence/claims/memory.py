# SPDX-License-Identifier: Apache-2.0
"""The KAQ paper's sentence about memory, with the bytes of `model.detectors.cost.memory`."""

from __future__ import annotations

from benchmarks.evidence.finding import FAILS, HOLDS, PARTLY, Finding, Found
from model.detectors.cost import memory

NETWORKS = ("PGD-Net", "ADMM-Net")


def storage(found: Found) -> Finding:
    """Quantized nets need less memory storage than full precision (§4; no number follows)."""
    rows = {(row.network, row.precision): row for row in memory.rows()}
    parts, smaller = [], []
    for network in NETWORKS:
        full, half, small = (rows[network, precision] for precision in memory.PRECISIONS)
        smaller += [small.total < full.total, small.parameters < full.parameters]
        parts.append(
            f"{network}: {small.total:,} bytes in INT8, {small.total / full.total:.2f} of FP32 "
            f"({full.total:,}), {small.total / half.total:.2f} of FP16 ({half.total:,}); the "
            f"trained constants alone {small.parameters} bytes against {full.parameters} in FP32, "
            f"for their banks of Δ and 1/Δ; a block's matrices {small.block:,} against "
            f"{full.block:,}"
        )
    text = (
        "bytes while one vector is detected, 16×16, 5 layers, exact: no interval and no seed "
        f"(`model/detectors/cost/memory.py`). {'; '.join(parts)}"
    )
    verdict = HOLDS if all(smaller) else PARTLY if any(smaller) else FAILS
    return Finding(str(storage.__doc__), text, verdict)


FINDINGS = (storage,)
