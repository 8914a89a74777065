# SPDX-License-Identifier: Apache-2.0
"""Results as text, CSV and JSON."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Sequence
from pathlib import Path

from fixedpoint.support.files import write_text
from fixedpoint.support.reading import RESULT_BYTES, brief, read_json
from model.detectors.recorded import Recorded
from model.detectors.recorded import to_json as to_plain
from model.lab.loss import Loss
from model.lab.plan import describe
from model.lab.result import Point, Rate, Result, row
from model.store.entries import object_of

HEAD = ("SNR dB", "detector", "BER", "interval", "SER", "VER", "errors", "vectors")


def table(result: Result, against: str | None = None) -> str:
    """A line for each point; rates without errors as upper bounds. VER: vector-error rate.

    `against`: a detector of the plan; every other one's BER less its own is added, paired.
    """
    rows: list[tuple[str, ...]] = [
        HEAD if against is None else (*HEAD, f"BER − {against} (paired)")
    ]
    for point in result.points.values():
        cells = _cells(point)
        if against is not None:
            cells = (*cells, _difference(result, point, against))
        rows.append(cells)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(_aligned(cell, i, width) for i, (cell, width)
                       in enumerate(zip(cells, widths, strict=True))).rstrip()
             for cells in rows]  # fmt: skip
    return "\n".join([_title(result), *lines, *result.flags])


def to_csv(results: Sequence[Result]) -> str:
    """A record for each point, its system's entries first."""
    records = [
        {**r.plan.system.to_json(), "seed": r.plan.seed, "confidence": r.confidence, **row(point)}
        for r in results
        for point in r.points.values()
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def to_json(
    results: Sequence[Result],
    against: str | None = None,
    losses: Sequence[Loss] = (),
    recorded: Sequence[Sequence[Recorded]] = (),
) -> str:
    """What `load` reads again; paired differences to a detector and losses in dB for readers.

    `recorded`: of each result's file of channels, what its detectors made of the vectors there.
    """
    entries = []
    for place, result in enumerate(results):
        entries.append(result.to_json())
        if recorded and recorded[place]:
            entries[-1]["recorded"] = to_plain(recorded[place])
        if against is not None:
            entries[-1]["differences"] = [
                {"detector": detector, "against": against, "snr_db": snr,
                 **result.difference(detector, against, snr)._asdict()}
                for detector, snr in result.points if detector != against
            ]  # fmt: skip
    found = {"losses": [dataclasses.asdict(loss) for loss in losses]} if losses else {}
    return json.dumps({"results": entries, **found}, indent=1, allow_nan=False) + "\n"


def save(results: Sequence[Result], path: Path) -> None:
    """Write results as JSON, whole or not at all."""
    write_text(path, to_json(results))


def load(path: Path) -> list[Result]:
    """The results of a JSON file. Raises `ValueError` if it holds none."""
    try:
        entries = object_of(read_json(path, RESULT_BYTES), "file").get("results")
        if not isinstance(entries, list):
            raise ValueError(f"results: {brief(entries)} is not a list")
        return [Result.from_json(entry) for entry in entries]
    except FileNotFoundError:
        raise ValueError(f"{path} does not hold results of a sweep: no such file") from None
    except ValueError as error:
        raise ValueError(f"{path} does not hold results of a sweep: {error}") from None


def _title(result: Result) -> str:
    plan = result.plan
    return (f"{describe(plan.system)}; seed {plan.seed}, {result.confidence:.0%} intervals over "
            "independent coherence blocks")  # fmt: skip


def _cells(point: Point) -> tuple[str, ...]:
    return (f"{point.snr_db:g}", point.detector, _number(point.ber),
            f"{point.ber.low:.2e} to {point.ber.high:.2e}", _number(point.ser), _number(point.ver),
            str(point.ber.errors), str(point.vectors))  # fmt: skip


def _number(rate: Rate) -> str:
    return f"{rate.value:.3e}" if rate.errors else f"< {rate.high:.1e}"


def _difference(result: Result, point: Point, against: str) -> str:
    if point.detector == against:
        return ""
    d = result.difference(point.detector, against, point.snr_db)
    return f"{d.value:+.2e} ({d.low:+.2e} to {d.high:+.2e})"


def _aligned(cell: str, column: int, width: int) -> str:
    return cell.ljust(width) if HEAD[column : column + 1] == ("detector",) else cell.rjust(width)
