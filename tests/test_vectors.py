from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fixedpoint import compare, golden, spec, vectors


@pytest.fixture(scope="module")
def made() -> golden.Golden:
    detector = spec.load("pgd")
    return golden.run(detector, "pgd2", golden.draw(detector, 12, 5, None), 5)


@pytest.fixture
def path(made: golden.Golden, tmp_path: Path) -> Path:
    vectors.write(tmp_path / "v.vec", made.vectors())
    return tmp_path / "v.vec"


def test_what_is_written_is_read_back(made: golden.Golden, path: Path) -> None:
    again = vectors.read(path, made.spec.digest)
    assert list(again.wires) == list(made.vectors().wires)
    for name, array in made.vectors().wires.items():
        assert np.array_equal(again.wires[name], array)
        assert again.formats[name] == made.vectors().formats[name]
    assert (again.layer, again.seed) == ("pgd2", 5)


def test_another_digest_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="was expected"):
        vectors.read(path, "0" * 64)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\nend\n", "\n", "short file"),
        ("bitfold-vectors 1", "bitfold-vectors 2", "first line"),
        ("\nseed 5", "\nsed 5", "header"),
        ("wire y", "wire z", "wire y is missing"),
        ("wire h s8.7", "wire h s2.7", "outside s2.7"),
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
        vectors.read(path, made.spec.digest)


@pytest.mark.parametrize("word", ["1.5", "x", "0x10"])
def test_a_word_that_is_no_integer_is_named(path: Path, made: golden.Golden, word: str) -> None:
    lines = path.read_text().splitlines()
    lines[8] = " ".join([word, *lines[8].split()[1:]])
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match="is not an integer"):
        vectors.read(path, made.spec.digest)


def test_a_line_too_few_is_noticed(path: Path, made: golden.Golden) -> None:
    lines = path.read_text().splitlines()
    del lines[8]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=r"integer|header"):
        vectors.read(path, made.spec.digest)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_no_file_and_an_empty_file_fail(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "v.vec"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="golden vectors"):
        vectors.read(path, "0" * 64)


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
    assert not outcome({"a": np.zeros((0, 3, 2))}, {"a": np.zeros((0, 3, 2))}).equal


def test_a_wire_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no wire a"):
        outcome({"a": np.zeros((1, 1, 1))}, {})
    with pytest.raises(ValueError, match="has the shape"):
        outcome({"a": np.zeros((1, 1, 1))}, {"a": np.zeros((1, 1, 2))})


def test_comparisons_add_up() -> None:
    wires = {"a": np.zeros((1, 2, 3), int)}
    bad = {"a": np.ones((1, 2, 3), int)}
    total = outcome(wires, wires) + outcome(wires, bad)
    assert (total.total, total.differing["a"], total.equal) == (12, 6, False)
