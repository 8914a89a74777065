# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.vectors import compare
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden


@pytest.fixture(scope="module")
def made() -> golden.Golden:
    detector = spec.load("pgd")
    return golden.run(detector, "pgd2", golden.draw(detector, 12, 5, None), 5)


@pytest.fixture
def path(made: golden.Golden, tmp_path: Path) -> Path:
    vectors.write(tmp_path / "v.vec", made.vectors())
    return tmp_path / "v.vec"


def test_what_is_written_is_read_back(made: golden.Golden, path: Path) -> None:
    again = vectors.read(path, made.spec)
    assert list(again.wires) == list(made.vectors().wires)
    for name, array in made.vectors().wires.items():
        assert np.array_equal(again.wires[name], array)
        assert again.formats[name] == made.vectors().formats[name]
    assert (again.layer, again.seed) == ("pgd2", 5)


def test_a_file_of_another_spec_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="was expected"):
        vectors.read(path, spec.load("pgd-box"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\nend\n", "\n", "short file"),
        ("bitfold-vectors 1", "bitfold-vectors 2", "first line"),
        ("\nseed 5", "\nsed 5", "header"),
        ("wire y", "wire z", "wire 'z' is unknown"),
        ("wire h s8.7", "wire h s2.7", "has the format s2.7, s8.7 expected"),
        ("vectors 12", "vectors 13", "has the shape"),
        ("\nend\n", "\nend\nmore\n", "text after"),
    ],
)
def test_a_broken_file_is_refused(
    path: Path, made: golden.Golden, old: str, new: str, message: str
) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        vectors.read(path, made.spec)


@pytest.mark.parametrize("word", ["1.5", "x", "0x10"])
def test_a_word_that_is_no_integer_is_named(path: Path, made: golden.Golden, word: str) -> None:
    lines = path.read_text().splitlines()
    lines[8] = " ".join([word, *lines[8].split()[1:]])
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match="is not an integer"):
        vectors.read(path, made.spec)


def put(path: Path, wire: str, word: str) -> None:
    """`word` for the first integer of a wire."""
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(f"wire {wire} ")) + 1
    lines[at] = " ".join([word, *lines[at].split()[1:]])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("wire", ["h", "y", "snr_index", "pgd1.accumulator", "pgd2.bits"])
@pytest.mark.parametrize(
    "word",
    ["1" + "0" * 20, "-1" + "0" * 20, "9" * 19, "9" * 5000, "-0", "+1", "007", "1_0", "٣", ""],
)
def test_an_integer_beyond_its_format_or_written_otherwise_is_refused(
    path: Path, made: golden.Golden, wire: str, word: str
) -> None:
    put(path, wire, word)
    with pytest.raises(ValueError, match=r"golden vectors \S+: ") as caught:
        vectors.read(path, made.spec)
    assert len(str(caught.value)) < 500


def test_an_snr_outside_the_bank_is_refused(path: Path, made: golden.Golden) -> None:
    put(path, "snr_index", "36")
    with pytest.raises(ValueError, match="SNR index 36 is outside the bank 0 to 35"):
        vectors.read(path, made.spec)


def test_a_header_of_another_layer_is_refused(path: Path, made: golden.Golden) -> None:
    text = path.read_text()
    for layer, message in (
        ("pgd1", r"wire 'pgd2\.accumulator' is unknown in a file of pgd1"),
        ("pgd3", r"wire pgd3\.accumulator is missing"),
        ("slicer", r"wire pgd3\.accumulator is missing"),
        ("pgd9", "layer 'pgd9' is unknown"),
        ("", "layer '' is unknown"),
        ("adc", "layer 'adc' is unknown"),
    ):
        path.write_text(text.replace("layer pgd2", f"layer {layer}", 1))
        with pytest.raises(ValueError, match=message):
            vectors.read(path, made.spec)


def test_a_wire_beside_those_of_the_layer_is_refused(path: Path, made: golden.Golden) -> None:
    text = path.read_text()
    for wire in ("pgd3.code", "pgd2.secret", "f", "../h"):
        path.write_text(text.replace("\nend\n", f"\nwire {wire} s8.0 1 12 1\n{'0 ' * 12}\nend\n"))
        with pytest.raises(ValueError, match=r"unknown in a file of pgd2|is not a wire's header"):
            vectors.read(path, made.spec)
    rows = "\n".join(["0"] * 12)
    path.write_text(text.replace("\nend\n", f"\nwire snr_index u6.0 1 12 1\n{rows}\nend\n"))
    with pytest.raises(ValueError, match="wire snr_index appears twice"):
        vectors.read(path, made.spec)


def test_a_wire_less_than_those_of_the_layer_is_refused(path: Path, made: golden.Golden) -> None:
    head, *wires = path.read_text().removesuffix("end\n").split("wire ")
    assert len(wires) == len(made.vectors().wires)
    for i, name in enumerate(made.vectors().wires):
        path.write_text("wire ".join([head, *wires[:i], *wires[i + 1 :]]) + "end\n")
        with pytest.raises(ValueError, match=f"wire {name} is missing"):
            vectors.read(path, made.spec)


@pytest.mark.parametrize("shape", ["1000000000000000 12 32", "1 12 999999999999999999", "0 0 32"])
def test_a_shape_of_petabytes_is_refused(path: Path, made: golden.Golden, shape: str) -> None:
    blocks, vectors_of, _ = shape.split()
    text = path.read_text().replace("blocks 1\n", f"blocks {blocks}\n")
    text = text.replace("vectors 12\n", f"vectors {vectors_of}\n")
    path.write_text(text.replace("wire y s12.7 1 12 32", f"wire y s12.7 {shape}"))
    with pytest.raises(ValueError, match=r"shape|no vectors"):
        vectors.read(path, made.spec)


def test_a_device_a_long_line_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    detector = spec.load("pgd")
    with pytest.raises(ValueError, match="not a regular file"):
        vectors.read(Path("/dev/zero"), detector)
    (tmp_path / "line.vec").write_bytes(b"1" * 10_000_000)
    with pytest.raises(ValueError, match="line 1 has more than"):
        vectors.read(tmp_path / "line.vec", detector)
    with (tmp_path / "huge.vec").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ValueError, match="bytes, at most"):
        vectors.read(tmp_path / "huge.vec", detector)


@pytest.mark.parametrize("name", spec.shipped())
def test_a_file_holds_the_wires_of_its_layer_and_no_others(name: str) -> None:
    detector = spec.load(name)
    stimulus = golden.draw(detector, 2, 0, 10.0)
    layers = golden.layer_names(detector)
    for one in golden.run_layers(detector, layers, stimulus, 0):
        full, expected = one.vectors(), vectors.layout(detector, one.layer)
        assert list(full.wires) == list(expected)
        for wire, (fmt, shape) in expected.items():
            leading = full.wires[wire].shape[: full.wires[wire].ndim - len(shape)]
            assert full.wires[wire].shape == (*leading, *shape)
            assert leading == ((1,) if vectors.of_block(wire) else (1, 2))
            assert full.formats[wire] == fmt


def test_a_line_too_few_is_noticed(path: Path, made: golden.Golden) -> None:
    lines = path.read_text().splitlines()
    del lines[8]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=r"integer|header"):
        vectors.read(path, made.spec)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_no_file_and_an_empty_file_fail(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "v.vec"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="golden vectors"):
        vectors.read(path, spec.load("pgd"))


def outcome(golden_wires: dict, other: dict) -> compare.Comparison:
    return compare.compare("view", golden_wires, other, seed=3, repeat="see {vector}")


def test_equal_wires_compare_equal_and_are_counted() -> None:
    wires = {"a": np.arange(12).reshape(2, 3, 2)}
    result = outcome(wires, {"a": wires["a"].copy()})
    assert result.equal
    assert result.compared == {"a": 12}


def test_one_flipped_bit_is_found_and_located() -> None:
    wires = {"a": np.arange(12).reshape(2, 3, 2), "b": np.zeros((2, 3, 1), int)}
    other = {"a": wires["a"].copy(), "b": wires["b"].copy()}
    other["a"][1, 1, 0] ^= 4
    result = outcome(wires, other)
    assert not result.equal
    assert str(result.first) == (
        "view: seed 3, vector 4, wire a[0]: 12, the golden model has 8; repeat with: see 4"
    )


def test_nothing_compared_is_a_failure() -> None:
    assert not outcome({}, {}).equal
    assert not outcome({"a": np.zeros((0, 3, 2), int)}, {"a": np.zeros((0, 3, 2), int)}).equal


def test_a_wire_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no wire a"):
        outcome({"a": np.zeros((1, 1, 1), int)}, {})
    with pytest.raises(ValueError, match="has the shape"):
        outcome({"a": np.zeros((1, 1, 1), int)}, {"a": np.zeros((1, 1, 2), int)})


def test_comparisons_add_up() -> None:
    wires = {"a": np.zeros((1, 2, 3), int)}
    bad = {"a": np.ones((1, 2, 3), int)}
    total = outcome(wires, wires) + outcome(wires, bad)
    assert (total.total, total.differing["a"], total.equal) == (12, 6, False)
