# SPDX-License-Identifier: Apache-2.0
"""Spec files made to break the reader: one line and status 2, in bounded memory and time."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixedpoint import golden as golden_main
from fixedpoint.detectors import library as spec
from fixedpoint.numbers.bank import LOUDEST_DB, SnrBank
from fixedpoint.spec import main as seal_main
from fixedpoint.stress import pgd as stress
from fixedpoint.support.reading import DEPTH, LARGEST, SPEC_BYTES, parse_json
from fixedpoint.support.schema import MOST_FAULTS, SpecError
from hls import emit

GOOD = (spec.SHIPPED / "pgd.json").read_text(encoding="utf-8")


def changed(path: str, value: object) -> dict[str, Any]:
    """The shipped PGD-Net with one entry replaced."""
    data: dict[str, Any] = json.loads(GOOD)
    *parents, last = path.split(".")
    entry = data
    for name in parents:
        entry = entry[name]
    entry[last] = value
    return data


def refused(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which all three commands that read a spec refuse this one."""
    before = path.read_bytes() if path.is_file() else None
    out = path.parent / "out"
    commands: list[Callable[[], int]] = [
        lambda: seal_main(["seal", str(path)]),
        lambda: golden_main.main(["--layer", "pgd1", "--spec", str(path), "--out", str(out)]),
        lambda: emit.main(["--spec", str(path), "--out", str(out)]),
    ]
    for command in commands:
        assert command() == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("error: spec ")
        assert printed.err.count("\n") == 1
        assert printed.err[:-1].isprintable()
        assert len(printed.err) < 8000
        assert not out.exists()
    assert (path.read_bytes() if path.is_file() else None) == before
    return printed.err


NAMES = [
    "../../../elsewhere/TRAV", "/tmp/absolute", "a/b", "..", ".", ".hidden", "-option", "_", "",
    "nul\0", "new\nline", "new\n", "\x1b[31mred", "blank name", "α", "a" * 101, "a\\b", "C:x",
    "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_that_could_leave_its_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "x.json").write_text(json.dumps(changed("name", name)))
    assert "name: " in refused(tmp_path / "x.json", capsys)
    with pytest.raises(SpecError, match="letters, digits"):
        stress.spec("soft", 8, 4).replace(name=name)


@pytest.mark.parametrize("name", ["a", "9", "pgd-box_2.1", "A" * 100])
def test_a_name_of_letters_digits_dots_and_dashes_is_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.json").write_text(json.dumps(changed("name", name)))
    assert spec.seal(tmp_path / "x.json").name == name


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[2J", "x" * 1001, "\u2028"], ids=ascii)
def test_a_provenance_of_other_than_one_printable_line_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "x.json").write_text(json.dumps(changed("provenance", text)))
    assert "printable characters" in refused(tmp_path / "x.json", capsys)


DEEP = "[" * 10_000 + "]" * 10_000
TEXTS = {
    "lists 10,000 deep": (DEEP, f"nested more than {DEPTH} deep"),
    "objects 10,000 deep": ('{"a":' * 10_000 + "1" + "}" * 10_000, "nested more than"),
    "never closed": ("[" * 100_000, "nested more than"),
    "deep within an entry": (GOOD.replace("32", DEEP, 1), "nested more than"),
    "an SNR of 10^400": (json.dumps(changed("snr.last_db", 10**400)), "is beyond"),
    "an SNR of 10^30": (json.dumps(changed("snr.last_db", 10**30)), "is beyond"),
    "a bank of 10^18": (json.dumps(changed("snr.last_db", 10**18)), "is outside -200 to 200"),
    "an integer of 5,000 digits": (GOOD.replace("32", "9" * 5000, 1), "is beyond"),
    "a negative one": (GOOD.replace("32", "-" + "9" * 5000, 1), "is beyond"),
    "a number of 5,000 digits": (GOOD.replace("32", "0." + "9" * 5000, 1), "is beyond"),
    "1e999": (GOOD.replace("32", "1e999", 1), "the number 1e999 is beyond a float64"),
    "NaN": (GOOD.replace("32", "NaN", 1), "NaN is not a number"),
    "Infinity": (GOOD.replace("32", "-Infinity", 1), "-Infinity is not a number"),
    "a key twice": (GOOD.replace('"rows"', '"name": "b", "rows"'), "the key 'name' appears twice"),
    "an inner key twice": (
        GOOD.replace('"first_db"', '"last_db": 9, "first_db"'), "the key 'last_db' appears twice",
    ),
    "a string": (GOOD.replace("32", '"32"', 1), "'32' is not an integer"),
    "a date": (GOOD.replace("32", '"2026-01-01"', 1), "'2026-01-01' is not an integer"),
    "a boolean": (GOOD.replace("32", "true", 1), "True is not an integer"),
    "a real number": (GOOD.replace("32", "32.0", 1), "32.0 is not an integer"),
    "null": (GOOD.replace("32", "null", 1), "None is not an integer"),
    "an integer for a boolean": (GOOD.replace("true", "1", 1), "1 is not true or false"),
    "no object": ('"pgd"', "not a JSON object"),
    "a mark of byte order": ("\ufeff" + GOOD, "BOM"),
    "escapes in a key": (GOOD.replace('"rows"', r'"\u001b[2J\n": 1, "rows"'), "unknown entry"),
    "escapes in a detector": (json.dumps(changed("detector", "\x1b[2J")), "detector: "),
    "escapes in a digest": (json.dumps(changed("digest", "\x1b[2J" * 99)), "digest: "),
    "escapes in a prox": (json.dumps(changed("prox", "\x1b\n" * 99)), "prox: "),
    "an empty file": ("", "not readable as JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_spec_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    text, message = TEXTS[name]
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    if name == "escapes in a digest":  # which `seal` does not read
        with pytest.raises(SpecError, match="digest: "):
            spec.load(tmp_path / "x.json")
        return
    assert message in refused(tmp_path / "x.json", capsys)


def test_brackets_and_quotes_within_strings_nest_nothing() -> None:
    texts = ["[" * 99, '"' * 9, "\\" * 7, '\\"[[[[[[[[[[[[[[[[[[[[', "]}{["]
    assert parse_json(json.dumps(texts).encode()) == texts
    nested: object = 7
    for _ in range(DEPTH):
        nested = [nested]
    assert parse_json(json.dumps(nested).encode()) == nested
    with pytest.raises(ValueError, match="nested more than"):
        parse_json(json.dumps([nested]).encode())


def test_integers_up_to_64_bits_are_read() -> None:
    assert parse_json(f"[{LARGEST}, -{LARGEST}, 0, -0]".encode()) == [LARGEST, -LARGEST, 0, 0]
    for word in (f"{LARGEST + 1}", f"-{LARGEST + 1}"):
        with pytest.raises(ValueError, match=f"the integer {word} is beyond"):
            parse_json(word.encode())


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_a_device_is_no_spec(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert seal_main(["seal", name]) == 2
    assert "not a regular file" in capsys.readouterr().err


def test_a_folder_and_a_pipe_are_no_specs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        asked = threading.Thread(target=lambda at=path: seal_main(["seal", str(at)]), daemon=True)
        asked.start()
        asked.join(timeout=20)
        assert not asked.is_alive(), "the reader waits for a writer"
        assert "not a regular file" in capsys.readouterr().err


def test_paths_that_cannot_be_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("nul\0byte.json", "x" * 5000):
        assert seal_main(["seal", path]) == 2
        error = capsys.readouterr().err
        assert "cannot be read" in error or "null byte" in error
        assert error.count("\n") == 1


def test_a_huge_file_is_refused_unread(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert seal_main(["seal", str(path)]) == 2
    assert f"at most {SPEC_BYTES} were expected" in capsys.readouterr().err


def test_a_spec_of_many_faults_is_not_read_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(changed("layers", [{}] * 300_000), separators=(",", ":")))
    assert "and 8" in refused(path, capsys)
    with pytest.raises(SpecError) as caught:
        spec.load(path)
    assert MOST_FAULTS < len(caught.value.faults) < MOST_FAULTS + 20


def test_a_bank_lies_within_200_db() -> None:
    assert len(SnrBank(-LOUDEST_DB, LOUDEST_DB)) == 401
    for ends in ((0, 201), (-201, 0), (10**400, 10**400)):
        with pytest.raises(ValueError, match="is outside -200 to 200"):
            SnrBank(*ends)
