# SPDX-License-Identifier: Apache-2.0
"""`.npz` files made to break the reader: one line and status 2, nothing inflated or unpickled."""

from __future__ import annotations

import io
import os
import resource
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixedpoint import golden as golden_main
from fixedpoint.support.archive import COMPLEX, REAL, read_arrays
from fixedpoint.support.reading import ARCHIVE_BYTES, MIB

KINDS = {"H": COMPLEX, "y": COMPLEX, "snr_db": REAL}
RNG = np.random.default_rng(0)
ARRAYS: dict[str, Any] = {
    "H": RNG.standard_normal((16, 16)) + 1j * RNG.standard_normal((16, 16)),
    "y": RNG.standard_normal((2, 16)) + 1j * RNG.standard_normal((2, 16)),
    "snr_db": np.array([10.0, 12.0]),
}


def member(array: object) -> bytes:
    """An array as numpy writes it."""
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), allow_pickle=True)
    return file.getvalue()


def headed(header: str | bytes, data: bytes = b"", version: bytes = b"\1\0") -> bytes:
    """A member with a header of one's own."""
    text = header.encode("latin-1") if isinstance(header, str) else header
    length = struct.pack("<H" if version == b"\1\0" else "<L", len(text))
    return b"\x93NUMPY" + version + length + text + data


def archive(path: Path, compression: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    """An archive of the good arrays, some of them replaced by other bytes."""
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, array in ARRAYS.items():
            file.writestr(f"{name}.npy", members.get(name, member(array)))
    return path


def refused(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The line with which the golden command refuses this input."""
    arguments = ["--layer", "pgd1", "--input", str(path), "--out", str(path.parent / "out")]
    assert golden_main.main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    assert printed.err[:-1].isprintable()
    assert len(printed.err) < 600
    assert not (path.parent / "out").exists()
    return printed.err


TYPES = ["<f2", "<f4", "<f8", ">f8", "i1", "<i2", ">i4", "<i8", "u1", "<u2", "<u4", "<u8"]


@pytest.mark.parametrize("dtype", [*TYPES, "<c8", ">c16"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_every_kind_of_number_are_read(tmp_path: Path, dtype: str, order: Any) -> None:
    arrays = {
        "H": np.asarray(np.arange(24).reshape(2, 3, 4), dtype=dtype, order=order),
        "y": np.zeros((0, 3), dtype=dtype),
        "snr_db": np.array(7, dtype="f4"),
    }
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "x.npz", beside=np.array(["x"]), **arrays)
        found = read_arrays(tmp_path / "x.npz", KINDS)
        assert list(found) == ["H", "y", "snr_db"]
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype
            assert found[name].shape == array.shape
            assert np.array_equal(found[name], array)


def test_a_header_of_version_2_is_read(tmp_path: Path) -> None:
    text = "{'descr': '<i2', 'fortran_order': True, 'shape': (3,)}\n"
    archive(tmp_path / "x.npz", y=headed(text, b"\1\0\2\0\3\0", b"\2\0"))
    assert read_arrays(tmp_path / "x.npz", KINDS)["y"].tolist() == [1, 2, 3]


class Trap:
    """Writes a file when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.mkdir, ("sprung",)  # type: ignore[return-value]


SHAPE = "{{'descr': '<f8', 'fortran_order': False, 'shape': ({}), }}\n"
MEMBERS: dict[str, tuple[str, bytes, str]] = {
    "strings": ("y", member(np.array([["1.0"] * 16])), "type '<U3', numbers"),
    "bytes": ("y", member(np.array([[b"1"] * 16])), "type '|S1', numbers"),
    "dates": ("snr_db", member(np.array(["2026-01-01"], "M8[D]")), "numbers of up to 64"),
    "spans of time": ("snr_db", member(np.array([10], "m8[s]")), "numbers of up to 64"),
    "booleans": ("snr_db", member(np.array([True])), "type '|b1', numbers of up to 64 bits"),
    "long doubles": ("y", member(np.zeros((1, 16), np.longdouble)), "numbers of up to 64 bits"),
    "records": ("y", member(np.zeros(2, "f8,f8")), "numbers of up to 64 bits"),
    "nothing": ("y", member(np.zeros(2, "V8")), "numbers of up to 64 bits"),
    "a pickled object": ("H", member(np.array([Trap()], dtype=object)), "type '|O', numbers"),
    "a complex SNR": ("snr_db", member(np.array([10 + 1j] * 2)), "complex128, real"),
    "a NaN": ("y", member(np.full((1, 16), np.nan)), "NaN, infinity"),
    "an infinite half": ("y", member(np.full((1, 16), np.inf, np.float16)), "NaN, infinity"),
    "an infinite imaginary part": ("H", member(np.full((16, 16), 1j * np.inf)), "NaN, infinity"),
    "1e300": ("H", member(np.full((32, 32), 1e300)), "beyond 2^100"),
    "an SNR of 1e300": ("snr_db", member(-1e300), "beyond 2^100"),
    "no array": ("H", b"P1\n1 1\n1", "not an array of numpy's format"),
    "an empty member": ("H", b"", "not an array of numpy's format"),
    "a cut magic": ("H", b"\x93NUM", "not an array of numpy's format"),
    "version 3": ("H", headed(SHAPE.format("2,"), version=b"\3\0"), "version 1 or 2"),
    "version 9": ("H", headed(SHAPE.format("2,"), version=b"\x09\0"), "version 1 or 2"),
    "a cut header": ("H", headed(SHAPE.format("2,"))[:40], "does not name descr"),
    "a cut length": ("H", b"\x93NUMPY\1\0\7", "unpack requires"),
    "a long header": ("H", headed(" " * 60_000), "header has 60000 bytes"),
    "a header of 4 GiB": ("H", b"\x93NUMPY\2\0\xff\xff\xff\xff", "header has 4294967295 bytes"),
    "a call": ("H", headed("__import__('os').mkdir('sprung')"), "does not name descr"),
    "a header to warn of": ("H", headed("(1)(2)\\d"), "does not name descr"),
    "a nested header": ("H", headed("(" * 4000), "does not name descr"),
    "escapes": ("H", headed("{'\x1b[2J\n': 1}"), "does not name descr"),
    "a key more": ("H", headed("{'descr': '<f8', 'fortran_order': False, 'x': 1, 'shape': (2,)}"),
                   "does not name descr"),
    "petabytes": ("H", headed(SHAPE.format("1125899906842624, 32")), "288230376151711744 bytes"),
    "beyond 64 bits": ("H", headed(SHAPE.format("9" * 30)), "is not one of up to 8 sizes"),
    "a negative size": ("H", headed(SHAPE.format("-1, 32")), "does not name descr"),
    "a product that wraps": ("H", headed(SHAPE.format("4294967296, 4294967296, 0")), "reshape"),
    "many dimensions": ("H", headed(SHAPE.format("1, " * 40)), "is not one of up to 8 sizes"),
    "too little data": ("y", headed(SHAPE.format("1, 32"), b"\0" * 255), "holds 255 bytes"),
    "too much data": ("y", headed(SHAPE.format("1, 32"), b"\0" * 257), "more than the 256 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", MEMBERS)
def test_a_hostile_array_is_one_line_and_status_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    array, data, message = MEMBERS[name]
    assert message in refused(archive(tmp_path / "x.npz", **{array: data}), capfd)
    assert not (tmp_path / "sprung").exists()


def test_a_crc_that_is_wrong_and_a_header_that_was_changed_are_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = archive(tmp_path / "x.npz").read_bytes()
    for old, new in (
        (b"(16, 16)", b"(16, 61)"),
        (b"False", b"(16, "),
        (b"), }", b"), <"),
        (b"<c16", b"<U16"),
    ):
        assert old in good
        (tmp_path / "x.npz").write_bytes(good.replace(old, new, 1))
        refused(tmp_path / "x.npz", capsys)
    at = good.index(b"shape") + 100
    (tmp_path / "x.npz").write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
    assert "CRC" in refused(tmp_path / "x.npz", capsys)


def test_a_name_of_a_member_is_not_printed_at_length(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(archive(tmp_path / "x.npz").read_bytes())
    struct.pack_into("<H", data, data.index(b"PK\3\4") + 26, 4000)  # the length of its name
    (tmp_path / "x.npz").write_bytes(data)
    assert "File name in directory" in refused(tmp_path / "x.npz", capsys)


def test_an_encrypted_member_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(archive(tmp_path / "x.npz").read_bytes())
    data[data.index(b"PK\3\4") + 6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "x.npz").write_bytes(data)
    assert "encrypted" in refused(tmp_path / "x.npz", capsys)


@pytest.mark.parametrize("method", [1, 6, 9, 95, 99])
def test_an_unknown_method_of_packing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], method: int
) -> None:
    data = bytearray(archive(tmp_path / "x.npz").read_bytes())
    struct.pack_into("<H", data, data.index(b"PK\3\4") + 8, method)
    struct.pack_into("<H", data, data.index(b"PK\1\2") + 10, method)
    (tmp_path / "x.npz").write_bytes(data)
    assert "compression" in refused(tmp_path / "x.npz", capsys)


def test_a_zip_bomb_is_refused_before_it_is_inflated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claimed = headed(SHAPE.format("1, 32"), b"\0" * 256)
    bomb = archive(tmp_path / "x.npz", zipfile.ZIP_DEFLATED, y=claimed + bytes(400 * MIB))
    assert bomb.stat().st_size < MIB
    tracemalloc.start()
    assert "more than the 256 bytes" in refused(bomb, capsys)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB
    header = headed(SHAPE.format(f"{400 * MIB // 256}, 32"))
    archive(bomb, zipfile.ZIP_DEFLATED, y=header + bytes(400 * MIB))
    tracemalloc.start()
    assert f"at most {ARCHIVE_BYTES - 4096} were expected" in refused(bomb, capsys)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB


def test_the_largest_input_is_read_in_less_than_1_gib(tmp_path: Path) -> None:
    rows = (ARCHIVE_BYTES - MIB) // 256
    header = headed(SHAPE.format(f"{rows}, 32"))
    archive(tmp_path / "x.npz", zipfile.ZIP_DEFLATED, y=header + bytes(rows * 256))
    code = (
        "import sys; from fixedpoint.support.archive import *\n"
        f"found = read_arrays(Path(sys.argv[1]), {KINDS!r}); print(found['y'].shape)"
    )

    def at_most_1_gib() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1024 * MIB, 1024 * MIB))

    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.npz")], check=True,
                          capture_output=True, text=True, preexec_fn=at_most_1_gib)  # fmt: skip
    assert done.stdout == f"({rows}, 32)\n"


def test_an_archive_of_very_many_members_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as file:
        for i in range(3000):
            file.writestr(f"{i}.npy", b"")
    assert "list of members has more than" in refused(tmp_path / "x.npz", capsys)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as file:
        for i in range(70_000):
            file.writestr(f"{i}", b"")
    assert "list of members has more than" in refused(tmp_path / "x.npz", capsys)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_arrays_of_one_name_and_a_missing_array_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(archive(tmp_path / "x.npz"), "a") as file:
        file.writestr("H.npy", member(ARRAYS["H"]))
    assert "two arrays of one name" in refused(tmp_path / "x.npz", capsys)
    np.savez(tmp_path / "x.npz", H=ARRAYS["H"])
    assert "lacks y: H, y expected" in refused(tmp_path / "x.npz", capsys)


@pytest.mark.parametrize(
    "content", [b"", b"junk", b"PK\5\6" + b"\0" * 18, b"PK\5\6" + b"\xff" * 16 + b"\0\0"]
)
def test_what_is_no_archive_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    refused(tmp_path / "x.npz", capsys)


def test_devices_pipes_folders_and_huge_files_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        assert "not a regular file" in refused(path, capsys)
    assert golden_main.main(["--layer", "pgd1", "--input", "/dev/zero"]) == 2
    assert "not a regular file" in capsys.readouterr().err
    with (tmp_path / "huge.npz").open("wb") as file:
        file.truncate(1 << 40)
    assert "bytes, at most" in refused(tmp_path / "huge.npz", capsys)
