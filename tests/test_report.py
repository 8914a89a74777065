# SPDX-License-Identifier: Apache-2.0
"""The page of a build: what it shows is what the results hold, and what is missing is said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bitfold import report
from bitfold.report import compared, formats
from bitfold.report.found import Found
from bitfold.report.graph import Edge, edges
from bitfold.report.words import words
from fixedpoint import golden
from fixedpoint.detectors import library
from fixedpoint.detectors.registry import program
from fixedpoint.program.describe import lines
from fixedpoint.program.soft import NAME
from hls.cases import find

STAGES = ("train", "export", "golden", "evaluate", "csim", "native", "rtl", "area")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A build of which only the spec is there."""
    library.save(library.load("pgd"), tmp_path / "spec.json")
    (tmp_path / "results").mkdir()
    return tmp_path


def put(folder: Path, stage: str, record: object) -> None:
    (folder / "results" / f"{stage}.json").write_text(json.dumps(record), encoding="utf-8")


def test_what_was_not_run_is_named(bare: Path) -> None:
    text = report.page(bare)
    for stage in set(STAGES) - {"export"}:
        assert f"<code>bitfold {stage}</code>" in text, stage
    (bare / "spec.json").unlink()
    (bare / "system.toml").write_text('name = "x"\n', encoding="utf-8")
    assert "<code>bitfold export</code>" in report.page(bare)


def test_integers_that_differ_are_counted_and_marked(bare: Path) -> None:
    put(
        bare,
        "native",
        {"vectors": 7, "compared": {"a": 10, "b": 20}, "differing": {"a": 0, "b": 3}},
    )
    [view] = compared.views(Found(bare))
    assert (view.vectors, view.compared, view.differing) == (7, 30, 3)
    text = report.page(bare)
    assert re.search(r'class="bad">3 of\s+30 differ', text)


def test_what_units_send_is_among_the_hardware(bare: Path) -> None:
    run = {"vectors": 1, "compared": {"a": 1}, "differing": {"a": 0}, "lanes": 32, "slots": 12,
           "packed": True, "long_block_cycles": 80.25, "short_blocks_cycles": 81.0,
           "bound_cycles": 80.0, "bound_by": "products", "first_latency_cycles": 347,
           "fronthaul": {"width": 40, "up": 400, "down": 320}}  # fmt: skip
    put(bare, "rtl", run)
    rows = dict(compared.hardware(Found(bare)))
    assert rows["lanes"] == "32, two vectors a multiplier"
    assert rows["slots"] == "12 pairs of vectors in flight"
    assert rows["cycles a vector, one long block"] == "80.25"
    assert rows["fronthaul of a unit"].endswith("a vector 400 bits up and 320 down")
    put(bare, "rtl", run | {"fronthaul": None})
    assert "fronthaul of a unit" not in dict(compared.hardware(Found(bare)))


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [(0.05, 0.01, 0.09, "+0.050 dB (+0.010 to +0.090)"), (None, None, None, "does not reach"),
     (0.05, None, None, "too few errors")],
)  # fmt: skip
def test_a_loss_is_said_with_its_interval(
    bare: Path, value: float | None, low: float | None, high: float | None, said: str
) -> None:
    loss = {"rate": 0.01, "value": value, "low": low, "high": high}
    put(bare, "evaluate", {"losses": [loss]})
    [(rate, words)] = compared.losses(Found(bare))
    assert rate == 0.01
    assert said in words


def test_the_front_of_word_lengths_is_shown(bare: Path) -> None:
    def point(bits: int, cost: float, loss: float) -> dict[str, object]:
        return {"words": {"state": bits}, "lut": cost, "memory": 90, "dsp": 4, "cost": cost,
                "loss_db": loss, "low": loss - 0.01, "high": loss + 0.01}  # fmt: skip

    front = [point(12, 1500, 0.02), point(10, 1200, 0.08), point(8, 1000, 0.4)]
    front[2] |= {"yosys_lut": 1010, "yosys_memory": 80, "yosys_dsp": 5}
    put(bare, "words", {"given": point(16, 2000, 0.0), "front": front, "chosen": front[1],
                        "ber": 0.01, "limit_db": 0.1, "dsp_luts": 50, "lanes": 8})  # fmt: skip
    found = words(Found(bare))
    assert found is not None
    assert [row[0] for row in found.rows] == ["given", "front 1", "chosen", "front 3"]
    assert found.rows[2][1:] == ("1,200 + 90, 4", "–", "1,200", "+0.080 dB (+0.070 to +0.090)")
    assert "Word lengths" in report.page(bare)
    (bare / "words").mkdir()
    (bare / "results/words.json").rename(bare / "words/front.json")
    found = words(Found(bare))
    assert found is not None
    assert found.rows[3][2] == "1,010 + 80, 5"
    (bare / "words/front.json").unlink()
    assert "Word lengths" not in report.page(bare)


def test_clipped_shares_count_the_integers_of_a_wire() -> None:
    spec = library.load("pgd")
    row = {"wire": "pgd1.residual", "format": "s8.4", "headroom_bits": 0.5, "saturated_low": 3,
           "saturated_high": 5}  # fmt: skip
    [wire] = formats.wires(spec, [{"vectors": 100, "wires": [row]}])
    assert wire.clipped == pytest.approx(8 / (100 * spec.rows))
    assert wire.filled == pytest.approx(100 * 7.5 / 8)
    assert formats.worst([wire]) is wire


@pytest.mark.parametrize("name", library.shipped())
def test_shares_of_every_spec_are_shares_of_what_was_drawn(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ends of a converter's codes, of a ReLU and of soft bits are no clipping.

    PM-Net's slope of a stream that is known well ends at the steepest that its word holds: that is
    counted, and is not rare where antennas are many (docs/pm.md).
    """
    words = ["--spec", name, "--layer", "all", "--vectors", "20", "--out", str(tmp_path), "--json"]
    assert golden.main(words) == 0
    found = formats.wires(library.load(name), json.loads(capsys.readouterr().out))
    assert len(found) > 30
    assert all(0 <= wire.filled <= 100 for wire in found)
    often = {wire.name for wire in found if wire.clipped is not None and wire.clipped >= 0.5}
    assert all(re.fullmatch(r"pm\d+\.slope", wire) for wire in often)
    assert all(wire.clipped is None or 0 <= wire.clipped <= 1 for wire in found)
    matrices = {part.name for part in library.load(name).parts}
    few_bits = set() if library.load(name).y_format.signed else {"y"}
    soft = {wire.name for wire in found if NAME.fullmatch(wire.name.rpartition(".")[2])}
    assert {wire.name for wire in found if wire.clipped is None} == matrices | few_bits | soft


@pytest.mark.parametrize("name", library.shipped())
def test_every_wire_of_a_graph_is_reached(name: str) -> None:
    """But the first ones, which are made of what a vector brings alone."""
    made = program(library.load(name))
    shown, found = lines(made), edges(made)
    reached = {edge.end for edge in found}
    names = [line.formula for line in shown]
    for place, formula in enumerate(names):
        others = {line.wire for i, line in enumerate(shown) if i != place}
        used = set(re.findall(r"[a-z_]+", formula)) & others
        assert (place in reached) or not used, shown[place]
    assert all(0 <= edge.start < len(shown) for edge in found)


def test_what_comes_from_the_layer_before_is_dashed() -> None:
    made = program(find("admm-box").spec)
    place = {f"{line.stage}.{line.wire}": i for i, line in enumerate(lines(made))}
    found = edges(made)
    assert Edge(place["layer.difference"], place["layer.product"], True) in found
    assert Edge(place["front.estimate"], place["layer.estimate"], False) in found
    assert Edge(place["layer.product"], place["layer.estimate"], False) in found


def test_text_of_the_user_is_no_markup(bare: Path) -> None:
    (bare / "system.toml").write_text('name = "<script>alert(1)</script>"\n', encoding="utf-8")
    text = report.page(bare)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_page_needs_no_network_and_no_script(bare: Path) -> None:
    text = report.page(bare)
    assert not re.search(r"<script|<link[^>]+href=\"(?!data:)|src=|@import|url\((?!#)", text)


@pytest.mark.parametrize("data", ["{", "[1]", '"text"'])
def test_results_that_are_none_are_one_line(bare: Path, data: str) -> None:
    (bare / "results" / "native.json").write_text(data, encoding="utf-8")
    with pytest.raises(ValueError, match=r"native\.json"):
        report.write(bare)
    assert not (bare / report.FILE).exists()


@pytest.mark.parametrize("record", [{}, {"vectors": 1, "compared": 3}, {"compared": {"a": 1}}])
def test_results_of_another_version_are_one_line(bare: Path, record: object) -> None:
    put(bare, "native", record)
    with pytest.raises(ValueError, match="results of another bitfold"):
        report.page(bare)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither system\.toml nor spec\.json"):
        report.write(tmp_path)
    assert not list(tmp_path.iterdir())
