# SPDX-License-Identifier: Apache-2.0
"""docs/fixedpoint.md is enough: PGD-Net recomputed from its lines, and tables read by its rule.

All that is used of the code is the golden model that is compared: formats and constants come from
the spec file's JSON, arithmetic is that of Python's integers.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.library import PgdSpec
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.receivers import family
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import pgd as stress
from tests import pgd_widths
from tests.conftest import channel_inputs, stress_inputs

PAGE = (Path(__file__).parent.parent / "docs" / "fixedpoint.md").read_text(encoding="utf-8")
PGD_LINES = """
    a    = H·x
    r    = R(a·Δ₋ − y)
    g    = Hᵀ·r
    u    = R(x·Δ₋ − η·g)
    v    = soft: u − t if u > t, u + t if u < −t, else 0; box: max(−t, min(t, u))
    x    = R(v·(1/Δ))
    bits = Gray bits of how many of the slicer's thresholds are ≤ v
"""
RULE_LINES = """
    q = floor(v·2^F + 1/2)
    q = max(−(2^(B−1) − 1), min(2^(B−1) − 1, q))
    a = R(v)
    entry = values[a + offset]
"""
Json = dict[str, Any]


class Number(NamedTuple):
    """An integer and its point: q · 2^-point."""

    q: int
    point: int

    def __mul__(self, other: Number) -> Number:  # type: ignore[override]
        return Number(self.q * other.q, self.point + other.point)

    def __add__(self, other: Number) -> Number:  # type: ignore[override]
        point = max(self.point, other.point)
        return Number((self.q << point - self.point) + (other.q << point - other.point), point)

    def __neg__(self) -> Number:
        return Number(-self.q, self.point)


def rounded(value: Number, fmt: Json) -> Number:
    """R(v) in integers."""
    s = value.point - fmt["frac"]
    q = value.q + (1 << s - 1) >> s if s > 0 else value.q << -s
    if fmt["signed"]:
        top = 2 ** (fmt["bits"] - 1) - 1
        return Number(max(-top, min(top, q)), fmt["frac"])
    return Number(max(0, min(2 ** fmt["bits"] - 1, q)), fmt["frac"])


def total(terms: list[Number]) -> Number:
    found = terms[0]
    for term in terms[1:]:
        found = found + term
    return found


def detect(data: Json, h: list[list[int]], y: list[int], i: int) -> list[dict[str, list[Any]]]:
    """Every wire of every layer of one vector, from a PGD-Net's spec file."""
    formats = data["formats"]
    matrix = [[Number(q, formats["h"]["frac"]) for q in row] for row in h]
    samples = [Number(q, formats["y"]["frac"]) for q in y]
    x, before = [Number(0, 0)] * data["columns"], Number(0, formats["step"]["frac"])
    rows, columns, found = range(data["rows"]), range(data["columns"]), []
    for layer in data["layers"]:
        eta = Number(layer["eta"], formats["eta"]["frac"])
        inverse = Number(layer["inverse"][i], formats["inverse"]["frac"])
        a = [total([matrix[m][n] * x[n] for n in columns]) for m in rows]
        r = [rounded(a[m] * before + -samples[m], formats["residual"]) for m in rows]
        g = [total([matrix[m][n] * r[m] for m in rows]) for n in columns]
        u = [rounded(x[n] * before + -(eta * g[n]), formats["state"]) for n in columns]
        v = [Number(prox(data["prox"], w.q, layer["threshold"]), w.point) for w in u]
        x = [rounded(w * inverse, formats["code"]) for w in v]
        before = Number(layer["step"][i], formats["step"]["frac"])
        places = [sum(threshold <= w.q for threshold in data["slicer"]) for w in v]
        wires = {"accumulator": a, "residual": r, "gradient": g, "update": u, "state": v, "code": x}
        bits = [gray(place, len(data["slicer"])) for place in places]
        found.append({name: [w.q for w in wire] for name, wire in wires.items()} | {"bits": bits})
    return found


def prox(kind: str, u: int, t: int) -> int:
    if kind == "box":
        return max(-t, min(t, u))
    if u > t:
        return u - t
    return u + t if u < -t else 0


def gray(place: int, thresholds: int) -> list[int]:
    """i ^ (i >> 1), first bit first."""
    code = place ^ (place >> 1)
    return [code >> k & 1 for k in reversed(range(thresholds.bit_length()))]


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("lines", [PGD_LINES, RULE_LINES])
def test_these_are_the_page_s_lines(lines: str) -> None:
    page = squeezed(PAGE)
    for line in squeezed(lines):
        assert any(other == line or other.startswith(f"{line} ") for other in page), line


def assert_the_page_gives(made: PgdSpec, data: Json, inputs: Integers) -> None:
    golden = family.run(made, inputs.h, inputs.y, inputs.index)
    for g, b in np.ndindex(inputs.index.shape):
        vector = inputs.h[g].tolist(), inputs.y[g, b].tolist(), int(inputs.index[g, b])
        found = detect(data, *vector)
        assert len(found) == len(golden)
        for k, wires in enumerate(found):
            for wire, values in wires.items():
                assert values == getattr(golden[k], wire)[g, b].tolist(), (k, wire)


@pytest.mark.parametrize("name", ["pgd", "pgd-box"])
def test_the_page_and_a_shipped_spec_file_give_every_integer(name: str) -> None:
    made = spec.load_as(PgdSpec, name)
    data = json.loads((spec.SHIPPED / f"{name}.json").read_text())
    assert_the_page_gives(made, data, channel_inputs(made, 8, 3, 2))


@pytest.mark.parametrize(("prox_name", "rows"), [("soft", 16), ("box", 24)])
def test_the_page_gives_every_integer_at_the_ends_of_the_formats(
    tmp_path: Path, prox_name: str, rows: int
) -> None:
    made = stress.spec(prox_name, rows, 16)
    made.save(tmp_path / "spec.json")
    data = json.loads((tmp_path / "spec.json").read_text())
    assert_the_page_gives(made, data, stress_inputs(made, 8, 6, 4))


@pytest.mark.parametrize("name", ["pgd", "pgd-box"])
def test_the_page_s_formats_and_shifts_are_the_shipped_ones(name: str) -> None:
    made = spec.load_as(PgdSpec, name)
    shifts, wires = pgd_widths.shifts(made), family.wire_formats(made)
    rows = re.findall(r"^\| `(\w+)` \| (.+ = \d+.*) \| (s[\d.]+) \| (none|\d+) \|$", PAGE, re.M)
    assert [row[0] for row in rows] == ["accumulator", "residual", "gradient", "update", "code"]
    for wire, point, fmt, shift in rows:
        assert fmt == str(wires[wire])
        for constant, text in re.findall(r"`(\w+)` (s[\d.]+)", point):
            assert text == str(getattr(made.formats, constant))
        found = re.search(r" = (\d+)", point)
        assert found is not None
        dropped = int(found[1]) - wires[wire].frac
        assert shift == (str(dropped) if dropped else "none")
        if dropped:
            assert dropped == getattr(shifts, wire)
    assert f"shifted left by {shifts.y_align}" in rows[1][1]
    assert f"shifted left by {shifts.x_align}" in rows[3][1]


def entry(table: Json, value: Number) -> int:
    """table[v] of the page."""
    address = table["address"]
    offset = 2 ** (address["bits"] - 1) - 1 if address["signed"] else 0
    values: list[int] = table["values"]
    return values[rounded(value, address).q + offset]


def tables(made: DistributedSpec) -> dict[str, Lookup]:
    parts = [made, *([made.hyper] if isinstance(made, FpdSpec) and made.hyper else [])]
    found = {name: value for part in parts for name, value in vars(part).items()}
    return {name: value for name, value in found.items() if isinstance(value, Lookup)}


@pytest.mark.parametrize("name", [*spec.shipped("hpd"), *spec.shipped("fpd"), "stress"])
def test_every_table_is_read_by_the_page_s_rule(name: str) -> None:
    """Arguments of points from coarse to fine, over the whole table and beyond both ends."""
    made = (
        distributed_stress.spec("fpd") if name == "stress" else spec.load_as(DistributedSpec, name)
    )
    for table in tables(made).values():
        address = {
            "bits": table.address.bits, "frac": table.address.frac, "signed": table.address.signed
        }  # fmt: skip
        data = {"address": address, "values": list(table.values)}
        for finer in (-2, 0, 1, 3):
            point = table.address.frac + finer
            reach = int((table.address.max + 3) * 2.0**finer) + 2
            q = np.arange(-reach, reach + 1)
            expected = [entry(data, Number(int(one), point)) for one in q]
            assert table.read(q, point).tolist() == expected


def test_the_golden_detector_gives_the_page_s_bits() -> None:
    """From analog samples to bits: the last layer's, real part first."""
    detector = Detector.load("pgd")
    assert isinstance(detector.spec, PgdSpec)
    rng = np.random.default_rng(9)
    h = (rng.standard_normal((16, 16)) + 1j * rng.standard_normal((16, 16))) / np.sqrt(32)
    y = 3 * (rng.standard_normal((1, 16)) + 1j * rng.standard_normal((1, 16)))
    inputs = detector.quantize(h, y, 12.0)
    data = json.loads((spec.SHIPPED / "pgd.json").read_text())
    last = detect(data, inputs.h[0].tolist(), inputs.y[0, 0].tolist(), 17)[-1]["bits"]
    assert detector.run(h, y, 12.0).bits[0].tolist() == [
        [*last[n], *last[n + 16]] for n in range(16)
    ]
